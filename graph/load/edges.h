#ifndef QIPU_GRAPH_LOAD_EDGES_H_
#define QIPU_GRAPH_LOAD_EDGES_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/element.h"
#include "graph/load/large_array.h"
#include "graph/rocks/database.h"

/// The external sort of a load's edges.
namespace qipu::graph::load {

/// An edge in 16 bytes: a load moves each of them several times.
class LoadEdge {
 public:
  static constexpr uint64_t kVertexMax = (uint64_t{1} << 40) - 1;
  static constexpr uint32_t kTypeMax = UINT16_MAX;
  /// In the number of the properties, see ranked().
  static constexpr uint32_t kRanked = uint32_t{1} << 31;

  LoadEdge() = default;
  /// `properties`: their number, from 1 on; 0: none. REQUIRES: neither maximum is exceeded.
  LoadEdge(uint64_t source, uint32_t type, uint64_t target, uint32_t properties)
      : source_(source << 24 | uint64_t{type} << 8 | properties >> 24),
        target_(target << 24 | (properties & kLow)) {}
  uint64_t source() const { return source_ >> 24; }
  uint64_t target() const { return target_ >> 24; }
  /// Its properties' record begins with the lowest rank that the edge may get.
  bool ranked() const { return (properties() & kRanked) != 0; }
  uint32_t type() const { return source_ >> 8 & UINT16_MAX; }
  uint32_t properties() const {
    return static_cast<uint32_t>((source_ & UINT8_MAX) << 24 | (target_ & kLow));
  }

 private:
  static constexpr uint32_t kLow = (1u << 24) - 1;
  uint64_t source_;  // vertex (40 bits), type (16), number of the properties (upper 8)
  uint64_t target_;  // vertex, number of the properties (lower 24)
};

/// Edges as they came.
class EdgePile {
 public:
  void Add(const LoadEdge& edge);
  void Clear();
  size_t size() const { return size_; }
  const LoadEdge& operator[](size_t at) const {
    return chunks_[at / kChunkEdges][at % kChunkEdges];
  }
  /// Calls `use(edge)` for all of them.
  template <class Use>
  void ForEach(Use use) const {
    for (size_t begin = 0; begin < size_; begin += kChunkEdges) {
      const LoadEdge* const edges = chunks_[begin / kChunkEdges].data();
      std::for_each(edges, edges + std::min(kChunkEdges, size_ - begin), use);
    }
  }
  uint64_t source_max() const { return source_max_; }
  uint64_t target_max() const { return target_max_; }

 private:
  static constexpr size_t kChunkEdges = size_t{1} << 18;  // 4 MiB
  std::vector<LargeArray<LoadEdge>> chunks_;              // all full but the last
  size_t size_ = 0;
  uint64_t source_max_ = 0, target_max_ = 0;
};

/// A pile's edges by (source, type, target) or, for Direction::kIn, (target, type, source); of
/// parallel ones those without properties first, then the others in the order in which they came,
/// those with a lowest rank last.
/// Memory: 4 bytes an edge and 4 for each id up to the greatest.
class EdgeOrder {
 public:
  /// REQUIRES: the pile stays as it is. Cost: O(edges + greatest id).
  EdgeOrder(const EdgePile& pile, Direction direction);
  /// The next ones, those of one end or of several; valid until the next call; empty at the end.
  std::span<const LoadEdge> NextGroup();

 private:
  const EdgePile& pile_;
  const Direction direction_;
  LargeArray<uint32_t> positions_;   // in the pile, by end
  LargeArray<uint32_t> group_ends_;  // in the positions
  size_t group_ = 0, next_ = 0;
  std::vector<LoadEdge> edges_;  // of the last group
};

/// A sorted part of the edges on disk.
struct EdgeRun {
  std::unique_ptr<rocks::SpillFile> file;
  uint64_t offset = 0;  // of what is not in `edges` yet
  std::vector<LoadEdge> edges;
  size_t next = 0;
};

/// All edges of a load in the order of EdgeOrder.
class SortedEdges {
 public:
  SortedEdges(const EdgePile& pile, Direction direction);
  SortedEdges(std::vector<EdgeRun> runs, Direction direction);
  /// False at the end or on an error.
  bool Next(LoadEdge& edge);
  const Status& status() const { return status_; }

 private:
  bool NextOfRuns(LoadEdge& edge);
  Status Refill(EdgeRun& run);
  void SiftTop();

  const Direction direction_;
  std::optional<EdgeOrder> order_;  // when nothing was spilled
  std::span<const LoadEdge> group_;
  size_t next_ = 0;
  std::vector<EdgeRun> runs_;
  struct Head {
    LoadEdge edge;
    uint32_t run;
  };
  std::vector<Head> heads_;  // the next edge of each run: a heap, the first of them on top
  Status status_ = Ok{};
};

/// Takes edges and gives them in the order of both directions. What exceeds memory waits in runs
/// on disk.
class EdgeSorter {
 public:
  EdgeSorter(std::shared_ptr<rocksdb::FileSystem> files, std::string path_prefix,
             uint64_t memory_bytes);
  /// From the next edge on.
  void SetMemory(uint64_t bytes);
  Status Add(const LoadEdge& edge);
  Status EndAdding();
  /// Once for each direction; a thread may read each. REQUIRES: EndAdding() was called.
  SortedEdges Sorted(Direction direction);

 private:
  Status Spill();
  Status SpillBy(Direction direction);
  std::vector<EdgeRun>& RunsOf(Direction direction) {
    return direction == Direction::kOut ? out_runs_ : in_runs_;
  }

  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::string path_prefix_;
  size_t edges_max_ = 0;
  EdgePile pile_;
  std::vector<EdgeRun> out_runs_, in_runs_;
};

}  // namespace qipu::graph::load

#endif  // QIPU_GRAPH_LOAD_EDGES_H_
