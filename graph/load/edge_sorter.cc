#include <algorithm>
#include <tuple>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

constexpr size_t kRefillEdges = size_t{1} << 16;  // 1.5 MiB for each run

std::string_view BytesOf(std::span<const LoadEdge> edges) {
  return {reinterpret_cast<const char*>(edges.data()), edges.size_bytes()};
}

}  // namespace

EdgeSorter::EdgeSorter(Direction direction, std::shared_ptr<rocksdb::FileSystem> files,
                       std::string path_prefix, uint64_t memory_bytes)
    : direction_(direction),
      files_(std::move(files)),
      path_prefix_(std::move(path_prefix)),
      edges_max_(std::max<size_t>(memory_bytes / sizeof(LoadEdge), kRefillEdges)) {}

bool EdgeSorter::IsBefore(const LoadEdge& a, const LoadEdge& b) const {
  return direction_ == Direction::kOut ? std::tie(a.source, a.type, a.target, a.properties) <
                                             std::tie(b.source, b.type, b.target, b.properties)
                                       : std::tie(a.target, a.type, a.source, a.properties) <
                                             std::tie(b.target, b.type, b.source, b.properties);
}

Status EdgeSorter::Add(const LoadEdge& edge) {
  if (edges_.size() == edges_max_) QIPU_TRY(Spill());
  if (edges_.size() == edges_.capacity()) {
    // Doubling, but never past the limit.
    edges_.reserve(std::min(edges_max_, std::max(kRefillEdges, 2 * edges_.capacity())));
  }
  edges_.push_back(edge);
  return Ok{};
}

Status EdgeSorter::Spill() {
  std::sort(edges_.begin(), edges_.end(),
            [this](const LoadEdge& a, const LoadEdge& b) { return IsBefore(a, b); });
  Run& run = runs_.emplace_back();
  run.file = QIPU_TRY(
      rocks::SpillFile::Make(files_, path_prefix_ + std::to_string(runs_.size()) + ".run"));
  QIPU_TRY(run.file->Append(BytesOf(edges_)));
  edges_.clear();
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
    std::sort(edges_.begin(), edges_.end(),
              [this](const LoadEdge& a, const LoadEdge& b) { return IsBefore(a, b); });
    return Ok{};
  }
  if (!edges_.empty()) QIPU_TRY(Spill());
  edges_ = {};
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
    if (next_ == edges_.size()) return false;
    edge = edges_[next_++];
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
