#ifndef QIPU_TESTS_GRAPH_NOTES_H_
#define QIPU_TESTS_GRAPH_NOTES_H_

#include <gtest/gtest.h>

#include <vector>

#include "tests/graph/fresh_store.h"

namespace qipu::graph {

inline std::vector<uint64_t> Ids(const Result<std::vector<VertexId>>& vertices) {
  EXPECT_OK(vertices);
  std::vector<uint64_t> ids;
  if (!vertices.ok()) return ids;
  for (const VertexId vertex : *vertices) ids.push_back(vertex.value);
  return ids;
}

/// Vertices 0, 1, ... with label `Stray` and these values of `note`.
inline void AddNotes(Store& store, const std::vector<Value>& values) {
  Transaction t = store.Begin();
  for (const Value& value : values) {
    const VertexId vertex = t.CreateVertex();
    EXPECT_OK(t.AddLabel(vertex, t.Label("Stray")));
    EXPECT_OK(t.SetProperty(vertex, t.Property("note"), value));
  }
  EXPECT_OK(t.Commit());
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_NOTES_H_
