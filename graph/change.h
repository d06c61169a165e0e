#ifndef QIPU_GRAPH_CHANGE_H_
#define QIPU_GRAPH_CHANGE_H_

#include <cstdint>
#include <vector>

#include "graph/ids.h"

namespace qipu::graph {

/// What a commit did to a vertex or edge. DO NOT RENUMBER: these numbers are on disk.
enum class Step : uint8_t { kChanged = 0, kCreated = 1, kDeleted = 2 };

struct VertexStep {
  VertexId vertex;
  Step step;
  friend bool operator==(const VertexStep&, const VertexStep&) = default;
};

struct EdgeStep {
  EdgeRef edge;
  Step step;
  friend bool operator==(const EdgeStep&, const EdgeStep&) = default;
};

/// One entry of the change log: what one commit or one bulk load did. Its epoch is a stable cursor:
/// who has seen the graph up to it goes on after it.
struct Change {
  uint64_t epoch = 0;
  /// Ascending. A vertex is changed when its labels or properties are; its edges stand below.
  std::vector<VertexStep> vertices = {};
  std::vector<EdgeStep> edges = {};  ///< ascending
  uint64_t ledger_entries = 0;

  /// Of a bulk load: it made the vertices from `first_loaded` up to, not including, `loaded_bound`,
  /// and `loaded_edges` edges, all of which have an end among those or among `loaded_ends`.
  VertexId first_loaded = {}, loaded_bound = {};
  uint64_t loaded_edges = 0;
  std::vector<VertexId> loaded_ends = {};  ///< older vertices that got edges, ascending

  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_CHANGE_H_
