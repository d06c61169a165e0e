#ifndef QIPU_TESTS_GRAPH_DUMP_H_
#define QIPU_TESTS_GRAPH_DUMP_H_

#include <gtest/gtest.h>

#include <string>

#include "graph/snapshot.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {

inline void DumpProperties(const Snapshot& snapshot, const Properties& properties,
                           std::string& out) {
  for (const auto& [id, value] : properties) {
    out += ' ' + snapshot.catalog().NameOf(id) + '=' + value.ToString();
  }
}

inline void DumpEdges(const Snapshot& snapshot, VertexId vertex, Direction direction,
                      std::string& out) {
  const std::vector<EdgeTypeId> types = *snapshot.EdgeTypesAt(vertex, direction);
  for (const EdgeTypeId type : types) {
    const std::vector<Neighbour> others = *snapshot.Neighbours(vertex, type, direction);
    for (const Neighbour& other : others) {
      out += direction == Direction::kOut ? "  -" : "  <";
      out += snapshot.catalog().NameOf(type) + ' ' + std::to_string(other.vertex.value) + '/' +
             std::to_string(other.rank);
      if (direction == Direction::kOut) {
        DumpProperties(snapshot, *snapshot.EdgeProperties({vertex, type, other.vertex, other.rank}),
                       out);
      }
      out += '\n';
    }
  }
}

/// All that a snapshot holds, as text: two equal texts are two equal graphs, ids included.
inline std::string DumpOf(const Snapshot& snapshot) {
  const Catalog& catalog = snapshot.catalog();
  std::string out = std::to_string(*snapshot.CountVertices()) + " vertices " +
                    std::to_string(*snapshot.CountEdges()) + " edges\n";
  for (uint32_t label = 0; label < catalog.labels.size(); ++label) {
    const auto vertices = *snapshot.VerticesOf({label});
    EXPECT_EQ(vertices.size(), *snapshot.CountVertices(LabelId{label}));
    if (vertices.empty()) continue;
    out += catalog.labels.NameOf(label) + ':';
    for (const VertexId vertex : vertices) out += ' ' + std::to_string(vertex.value);
    out += '\n';
  }
  for (uint32_t type = 0; type < catalog.edge_types.size(); ++type) {
    const uint64_t count = *snapshot.CountEdges(EdgeTypeId{type});
    if (count > 0) out += catalog.edge_types.NameOf(type) + ": " + std::to_string(count) + '\n';
  }
  VertexCursor cursor = snapshot.ScanVertices();
  while (cursor.Next()) {
    const Vertex& vertex = cursor.vertex();
    out += std::to_string(vertex.id.value);
    for (const LabelId label : vertex.labels) out += ':' + catalog.NameOf(label);
    DumpProperties(snapshot, vertex.properties, out);
    out += '\n';
    DumpEdges(snapshot, vertex.id, Direction::kOut, out);
    DumpEdges(snapshot, vertex.id, Direction::kIn, out);
  }
  EXPECT_OK(cursor.status());
  return out;
}

/// The same of the database in `directory`; "" when it can't be opened.
inline std::string DumpAt(const std::string& directory) {
  const auto store = OpenStore(directory, {.access = Access::kReadOnly});
  return store == nullptr ? "" : DumpOf(store->TakeSnapshot());
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_DUMP_H_
