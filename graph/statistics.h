#ifndef QIPU_GRAPH_STATISTICS_H_
#define QIPU_GRAPH_STATISTICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"

namespace qipu::graph {

/// How many bytes a database takes, and what for.
struct Sizes {
  struct Family {
    std::string name;
    uint64_t rows = 0;   ///< an estimate
    uint64_t bytes = 0;  ///< of its tables on disk, compressed
  };
  std::vector<Family> families;
  /// Of the rows as they are written, before compression. By label: the rows of its vertices; a
  /// vertex counts at each of its labels. By edge type: its lists in both directions and its
  /// properties.
  std::vector<uint64_t> label_bytes, type_bytes;
  uint64_t vertex_bytes = 0, edge_bytes = 0;
};

/// Cost: reads every vertex and edge once. Errors: as Store::Open's, kCorruption, kIo.
Result<Sizes> MeasureSizes(const std::string& directory, const StoreOptions& options);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_STATISTICS_H_
