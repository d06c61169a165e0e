#ifndef QIPU_GRAPH_CSR_H_
#define QIPU_GRAPH_CSR_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "graph/ids.h"
#include "graph/snapshot.h"
#include "graph/status.h"

namespace qipu::graph {

/// The subgraph that some vertices induce through the edges of one type, as compressed sparse rows
/// in both directions over local numbers 0..size()-1. Parallel edges appear once each.
/// Memory: 4 bytes per edge and direction, 16 per vertex.
class Csr {
 public:
  /// `vertices` ascending without repetition; local number i is vertices[i].
  /// Cost: one point read per vertex. Errors: kIo, kCorruption.
  static Result<Csr> Build(const Snapshot& snapshot, EdgeTypeId type,
                           std::vector<VertexId> vertices);

  uint32_t size() const { return static_cast<uint32_t>(vertices_.size()); }
  uint64_t edge_count() const { return out_targets_.size(); }
  VertexId vertex(uint32_t local) const { return vertices_[local]; }
  std::optional<uint32_t> Local(VertexId vertex) const;
  /// Local numbers of the targets (sources) of the edges at `local`, ascending.
  std::span<const uint32_t> Out(uint32_t local) const;
  std::span<const uint32_t> In(uint32_t local) const;
  /// The edges are numbered 0..edge_count()-1 in the order of (source, target); the first edge out
  /// of `local` has this number.
  uint64_t FirstOutEdge(uint32_t local) const { return out_offsets_[local]; }

 private:
  std::vector<VertexId> vertices_;
  std::vector<uint64_t> out_offsets_, in_offsets_;
  std::vector<uint32_t> out_targets_, in_sources_;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_CSR_H_
