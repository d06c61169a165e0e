#include <algorithm>
#include <cstring>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

constexpr uint64_t kMemoryMin = uint64_t{1} << 16;
constexpr size_t kWindowBytes = size_t{1} << 18;  // of each run; a row is far below

void AppendSized(std::string& out, std::string_view row) {
  const auto size = static_cast<uint32_t>(row.size());
  char bytes[sizeof size];
  std::memcpy(bytes, &size, sizeof size);
  out.append(bytes, sizeof size).append(row);
}

uint32_t SizeAt(std::string_view bytes, size_t at) {
  uint32_t size = 0;
  std::memcpy(&size, bytes.data() + at, sizeof size);
  return size;
}

}  // namespace

RowSorter::RowSorter(std::shared_ptr<rocksdb::FileSystem> files, std::string path_prefix,
                     uint64_t memory_bytes)
    : files_(std::move(files)),
      path_prefix_(std::move(path_prefix)),
      memory_bytes_(std::max(memory_bytes, kMemoryMin)) {}

std::string_view RowSorter::RowAt(uint64_t offset) const {
  return std::string_view(bytes_).substr(offset + sizeof(uint32_t), SizeAt(bytes_, offset));
}

Status RowSorter::Add(std::string_view row) {
  offsets_.push_back(bytes_.size());
  AppendSized(bytes_, row);
  return bytes_.size() + offsets_.size() * sizeof(uint64_t) >= memory_bytes_ ? Spill()
                                                                             : Status(Ok{});
}

void RowSorter::SortInMemory() {
  std::sort(offsets_.begin(), offsets_.end(),
            [this](uint64_t a, uint64_t b) { return RowAt(a) < RowAt(b); });
}

Status RowSorter::Spill() {
  SortInMemory();
  Run& run = runs_.emplace_back();
  run.file = QIPU_TRY(
      rocks::SpillFile::Make(files_, path_prefix_ + std::to_string(runs_.size()) + ".run"));
  std::string block;
  for (const uint64_t offset : offsets_) {
    AppendSized(block, RowAt(offset));
    if (block.size() < kWindowBytes) continue;
    QIPU_TRY(run.file->Append(block));
    block.clear();
  }
  QIPU_TRY(run.file->Append(block));
  bytes_.clear();
  offsets_.clear();
  return run.file->EndWriting();
}

/// Steps to the next row of the run; its `row` is empty at the end.
Status RowSorter::Step(Run& run) {
  const auto whole = [&run] {
    const size_t left = run.window.size() - run.at;
    return left >= sizeof(uint32_t) && left >= sizeof(uint32_t) + SizeAt(run.window, run.at);
  };
  run.row = {};
  if (!whole()) {
    run.window.erase(0, run.at);
    run.at = 0;
    const size_t kept = run.window.size();
    const size_t more = std::min<uint64_t>(kWindowBytes, run.file->bytes() - run.offset);
    if (kept + more == 0) return Ok{};
    run.window.resize(kept + more);
    QIPU_TRY(run.file->Read(run.offset, more, run.window.data() + kept));
    run.offset += more;
    if (!whole()) return IoError(path_prefix_ + "*.run: cut short; make room and load again");
  }
  const uint32_t size = SizeAt(run.window, run.at);
  run.row = std::string_view(run.window).substr(run.at + sizeof size, size);
  run.at += sizeof size + size;
  return Ok{};
}

Status RowSorter::Sort() {
  if (runs_.empty()) {
    SortInMemory();
    return Ok{};
  }
  if (!offsets_.empty()) QIPU_TRY(Spill());
  bytes_ = {};
  offsets_ = {};
  for (Run& run : runs_) {
    QIPU_TRY(Step(run));
    heap_.push_back(&run);
  }
  std::make_heap(heap_.begin(), heap_.end(), Later);
  return Ok{};
}

bool RowSorter::Next(std::string& row) {
  if (runs_.empty()) {
    if (next_ == offsets_.size()) return false;
    row = RowAt(offsets_[next_++]);
    return true;
  }
  if (heap_.empty() || !status_.ok()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Later);
  Run& run = *heap_.back();
  row = run.row;
  status_ = Step(run);
  if (run.row.empty()) {
    heap_.pop_back();
  } else {
    std::push_heap(heap_.begin(), heap_.end(), Later);
  }
  return status_.ok();
}

}  // namespace qipu::graph::load
