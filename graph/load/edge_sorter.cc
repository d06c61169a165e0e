#include <algorithm>
#include <numeric>
#include <thread>
#include <tuple>

#include "graph/load/edges.h"

namespace qipu::graph::load {
namespace {

constexpr size_t kBlockEdges = size_t{1} << 16;  // read from and written to a run at once

std::string_view BytesOf(std::span<const LoadEdge> edges) {
  return {reinterpret_cast<const char*>(edges.data()), edges.size_bytes()};
}

uint64_t EndOf(const LoadEdge& edge, Direction direction) {
  return direction == Direction::kOut ? edge.source() : edge.target();
}

bool IsBefore(const LoadEdge& a, const LoadEdge& b, Direction direction) {
  const auto order = [direction](const LoadEdge& edge) {
    const bool out = direction == Direction::kOut;
    return std::tuple(EndOf(edge, direction), edge.type(), out ? edge.target() : edge.source(),
                      edge.properties());
  };
  return order(a) < order(b);
}

}  // namespace

void EdgePile::Add(const LoadEdge& edge) {
  const size_t at = size_ % kChunkEdges;
  if (at == 0) chunks_.emplace_back(kChunkEdges);
  chunks_.back()[at] = edge;
  ++size_;
  source_max_ = std::max(source_max_, edge.source());
  target_max_ = std::max(target_max_, edge.target());
}

void EdgePile::Clear() {
  chunks_.clear();
  size_ = 0;
  source_max_ = target_max_ = 0;
}

/// By counting: ids are dense, so each gets as many places as it has edges.
EdgeOrder::EdgeOrder(const EdgePile& pile, Direction direction)
    : pile_(pile), direction_(direction), positions_(pile.size()) {
  constexpr uint64_t kPlacesPerEdge = 8;  // beyond it counting costs more than comparing
  const uint64_t end_max = direction == Direction::kOut ? pile.source_max() : pile.target_max();
  const auto size = static_cast<uint32_t>(pile.size());
  if (end_max / kPlacesPerEdge >= size) {
    std::iota(positions_.begin(), positions_.end(), 0);
    group_ends_ = LargeArray<uint32_t>(1);
    group_ends_[0] = size;
    return;
  }
  group_ends_ = LargeArray<uint32_t>(end_max + 1);
  std::fill(group_ends_.begin(), group_ends_.end(), 0u);
  pile.ForEach([&](const LoadEdge& edge) { ++group_ends_[EndOf(edge, direction)]; });
  std::exclusive_scan(group_ends_.begin(), group_ends_.end(), group_ends_.begin(), 0u);
  // Begins at first; each ends where its last edge has been put.
  uint32_t at = 0;
  pile.ForEach(
      [&](const LoadEdge& edge) { positions_[group_ends_[EndOf(edge, direction)]++] = at++; });
}

std::span<const LoadEdge> EdgeOrder::NextGroup() {
  constexpr size_t kAhead = 32;  // reads of memory under way
  edges_.clear();
  while (edges_.empty() && group_ < group_ends_.size()) {
    for (const size_t end = group_ends_[group_++]; next_ < end; ++next_) {
      if (next_ + kAhead < pile_.size()) __builtin_prefetch(&pile_[positions_[next_ + kAhead]]);
      edges_.push_back(pile_[positions_[next_]]);
    }
  }
  const auto before = [this](const LoadEdge& a, const LoadEdge& b) {
    return IsBefore(a, b, direction_);
  };
  // Edges mostly come in the order of one end, so that the lists of the other need no sorting.
  if (!std::is_sorted(edges_.begin(), edges_.end(), before)) {
    std::sort(edges_.begin(), edges_.end(), before);
  }
  return edges_;
}

SortedEdges::SortedEdges(const EdgePile& pile, Direction direction)
    : direction_(direction), order_(std::in_place, pile, direction) {}

SortedEdges::SortedEdges(std::vector<EdgeRun> runs, Direction direction)
    : direction_(direction), runs_(std::move(runs)) {
  for (uint32_t i = 0; i < runs_.size() && status_.ok(); ++i) {
    status_ = Refill(runs_[i]);
    if (!runs_[i].edges.empty()) heads_.push_back({runs_[i].edges.front(), i});
  }
  std::sort(heads_.begin(), heads_.end(), [direction](const Head& a, const Head& b) {
    return IsBefore(a.edge, b.edge, direction);
  });
}

Status SortedEdges::Refill(EdgeRun& run) {
  const uint64_t left = (run.file->bytes() - run.offset) / sizeof(LoadEdge);
  run.edges.resize(std::min<uint64_t>(left, kBlockEdges));
  run.next = 0;
  if (run.edges.empty()) return Ok{};
  const size_t bytes = run.edges.size() * sizeof(LoadEdge);
  QIPU_TRY(run.file->Read(run.offset, bytes, reinterpret_cast<char*>(run.edges.data())));
  run.offset += bytes;
  return Ok{};
}

/// Puts a new top of the heap where it belongs.
void SortedEdges::SiftTop() {
  const Head top = heads_.front();
  size_t at = 0;
  for (size_t child = 1; child < heads_.size(); child = 2 * at + 1) {
    const bool has_right = child + 1 < heads_.size();
    if (has_right && IsBefore(heads_[child + 1].edge, heads_[child].edge, direction_)) ++child;
    if (!IsBefore(heads_[child].edge, top.edge, direction_)) break;
    heads_[at] = heads_[child];
    at = child;
  }
  heads_[at] = top;
}

bool SortedEdges::Next(LoadEdge& edge) {
  if (!order_) return NextOfRuns(edge);
  if (next_ == group_.size()) {
    group_ = order_->NextGroup();
    next_ = 0;
    if (group_.empty()) return false;
  }
  edge = group_[next_++];
  return true;
}

bool SortedEdges::NextOfRuns(LoadEdge& edge) {
  if (heads_.empty() || !status_.ok()) return false;
  edge = heads_.front().edge;
  EdgeRun& run = runs_[heads_.front().run];
  if (++run.next == run.edges.size()) status_ = Refill(run);
  if (!status_.ok()) return false;
  if (run.edges.empty()) {
    heads_.front() = heads_.back();
    heads_.pop_back();
    if (heads_.empty()) return true;
  } else {
    heads_.front().edge = run.edges[run.next];
  }
  SiftTop();
  return true;
}

EdgeSorter::EdgeSorter(std::shared_ptr<rocksdb::FileSystem> files, std::string path_prefix,
                       uint64_t memory_bytes)
    : files_(std::move(files)), path_prefix_(std::move(path_prefix)) {
  SetMemory(memory_bytes);
}

void EdgeSorter::SetMemory(uint64_t bytes) {
  constexpr size_t kEdgeBytes = sizeof(LoadEdge) + 2 * sizeof(uint32_t);  // with both orders
  edges_max_ = std::clamp<size_t>(bytes / kEdgeBytes, kBlockEdges, UINT32_MAX);
}

Status EdgeSorter::Add(const LoadEdge& edge) {
  if (pile_.size() >= edges_max_) QIPU_TRY(Spill());
  pile_.Add(edge);
  return Ok{};
}

Status EdgeSorter::EndAdding() {
  return out_runs_.empty() || pile_.size() == 0 ? Status(Ok{}) : Spill();
}

SortedEdges EdgeSorter::Sorted(Direction direction) {
  std::vector<EdgeRun>& runs = RunsOf(direction);
  if (runs.empty()) return SortedEdges(pile_, direction);
  return SortedEdges(std::move(runs), direction);
}

Status EdgeSorter::Spill() {
  Status in = Ok{};
  std::thread beside([&] { in = SpillBy(Direction::kIn); });
  Status out = SpillBy(Direction::kOut);
  beside.join();
  pile_.Clear();
  QIPU_TRY(std::move(in));
  return out;
}

Status EdgeSorter::SpillBy(Direction direction) {
  std::vector<EdgeRun>& runs = RunsOf(direction);
  EdgeRun& run = runs.emplace_back();
  run.file = QIPU_TRY(rocks::SpillFile::Make(
      files_, path_prefix_ + (direction == Direction::kOut ? "out_" : "in_") +
                  std::to_string(runs.size()) + ".run"));
  EdgeOrder order(pile_, direction);
  std::vector<LoadEdge> block;
  for (auto group = order.NextGroup(); !group.empty(); group = order.NextGroup()) {
    block.insert(block.end(), group.begin(), group.end());
    if (block.size() < kBlockEdges) continue;
    QIPU_TRY(run.file->Append(BytesOf(block)));
    block.clear();
  }
  QIPU_TRY(run.file->Append(BytesOf(block)));
  return run.file->EndWriting();
}

}  // namespace qipu::graph::load
