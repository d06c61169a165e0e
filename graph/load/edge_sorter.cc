#include <algorithm>
#include <tuple>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

constexpr size_t kChunkEdges = size_t{1} << 16;   // 1.5 MiB
constexpr size_t kRefillEdges = size_t{1} << 16;  // for each run

std::string_view BytesOf(std::span<const LoadEdge> edges) {
  return {reinterpret_cast<const char*>(edges.data()), edges.size_bytes()};
}

}  // namespace

EdgeSorter::EdgeSorter(Direction direction, std::shared_ptr<rocksdb::FileSystem> files,
                       std::string path_prefix, uint64_t memory_bytes)
    : direction_(direction),
      files_(std::move(files)),
      path_prefix_(std::move(path_prefix)),
      // Half of it for the edges as they come, half for the sorted ones.
      edges_max_(std::max<size_t>(memory_bytes / 2 / sizeof(LoadEdge), kChunkEdges)) {}

bool EdgeSorter::IsBefore(const LoadEdge& a, const LoadEdge& b) const {
  return direction_ == Direction::kOut ? std::tie(a.source, a.type, a.target, a.properties) <
                                             std::tie(b.source, b.type, b.target, b.properties)
                                       : std::tie(a.target, a.type, a.source, a.properties) <
                                             std::tie(b.target, b.type, b.source, b.properties);
}

Status EdgeSorter::Add(const LoadEdge& edge) {
  if (count_ == edges_max_) QIPU_TRY(Spill());
  const size_t at = count_ % kChunkEdges;
  if (at == 0) chunks_.push_back(std::make_unique_for_overwrite<LoadEdge[]>(kChunkEdges));
  chunks_.back()[at] = edge;
  ++count_;
  major_max_ = std::max(major_max_, MajorOf(edge));
  return Ok{};
}

void EdgeSorter::SortMinor(std::span<LoadEdge> edges) const {
  const auto before = [this](const LoadEdge& a, const LoadEdge& b) { return IsBefore(a, b); };
  // Edges mostly come in the order of one end, so that the lists of the other need no sorting.
  if (!std::is_sorted(edges.begin(), edges.end(), before)) {
    std::sort(edges.begin(), edges.end(), before);
  }
}

/// By counting: ids are dense, so each gets as many places as it has edges.
std::vector<LoadEdge> EdgeSorter::TakeByMajor() {
  std::vector<uint64_t> places(major_max_ + 2);
  for (size_t i = 0; i < count_; ++i) {
    ++places[MajorOf(chunks_[i / kChunkEdges][i % kChunkEdges]) + 1];
  }
  for (size_t i = 1; i < places.size(); ++i) places[i] += places[i - 1];
  std::vector<LoadEdge> sorted(count_);
  for (size_t i = 0; i < count_; ++i) {
    const LoadEdge& edge = chunks_[i / kChunkEdges][i % kChunkEdges];
    sorted[places[MajorOf(edge)]++] = edge;
    if (i % kChunkEdges == kChunkEdges - 1) chunks_[i / kChunkEdges].reset();
  }
  for (size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && MajorOf(sorted[end]) == MajorOf(sorted[begin])) ++end;
    SortMinor(std::span(sorted).subspan(begin, end - begin));
  }
  return sorted;
}

std::vector<LoadEdge> EdgeSorter::TakeSorted() {
  constexpr uint64_t kPlacesPerEdge = 8;  // beyond it counting costs more than comparing
  std::vector<LoadEdge> sorted;
  if (count_ > major_max_ / kPlacesPerEdge) {
    sorted = TakeByMajor();
  } else {
    sorted.reserve(count_);
    for (size_t i = 0; i < count_; ++i) {
      sorted.push_back(chunks_[i / kChunkEdges][i % kChunkEdges]);
    }
    SortMinor(sorted);
  }
  chunks_.clear();
  count_ = 0;
  return sorted;
}

Status EdgeSorter::Spill() {
  const std::vector<LoadEdge> sorted = TakeSorted();
  Run& run = runs_.emplace_back();
  run.file = QIPU_TRY(
      rocks::SpillFile::Make(files_, path_prefix_ + std::to_string(runs_.size()) + ".run"));
  QIPU_TRY(run.file->Append(BytesOf(sorted)));
  return run.file->EndWriting();
}

Status EdgeSorter::Refill(Run& run) {
  const uint64_t left = (run.file->bytes() - run.offset) / sizeof(LoadEdge);
  run.edges.resize(std::min<uint64_t>(left, kRefillEdges));
  run.next = 0;
  if (run.edges.empty()) return Ok{};
  const size_t bytes = run.edges.size() * sizeof(LoadEdge);
  QIPU_TRY(run.file->Read(run.offset, bytes, reinterpret_cast<char*>(run.edges.data())));
  run.offset += bytes;
  return Ok{};
}

/// The order of the heap: its top is the run whose next edge is the first.
bool EdgeSorter::Later(uint32_t a, uint32_t b) const {
  return IsBefore(runs_[b].edges[runs_[b].next], runs_[a].edges[runs_[a].next]);
}

Status EdgeSorter::Sort() {
  if (runs_.empty()) {
    sorted_ = TakeSorted();
    return Ok{};
  }
  if (count_ > 0) QIPU_TRY(Spill());
  for (uint32_t i = 0; i < runs_.size(); ++i) {
    QIPU_TRY(Refill(runs_[i]));
    heap_.push_back(i);
  }
  std::make_heap(heap_.begin(), heap_.end(),
                 [this](uint32_t a, uint32_t b) { return Later(a, b); });
  return Ok{};
}

bool EdgeSorter::Next(LoadEdge& edge) {
  if (runs_.empty()) {
    if (next_ == sorted_.size()) return false;
    edge = sorted_[next_++];
    return true;
  }
  if (heap_.empty() || !status_.ok()) return false;
  const auto later = [this](uint32_t a, uint32_t b) { return Later(a, b); };
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Run& run = runs_[heap_.back()];
  edge = run.edges[run.next++];
  if (run.next == run.edges.size()) status_ = Refill(run);
  if (!status_.ok()) return false;
  if (run.edges.empty()) {
    heap_.pop_back();
  } else {
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  return true;
}

}  // namespace qipu::graph::load
