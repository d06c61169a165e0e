#ifndef QIPU_TESTS_GRAPH_ANALYTICS_SAME_H_
#define QIPU_TESTS_GRAPH_ANALYTICS_SAME_H_

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "graph/analytics.h"
#include "tests/graph/fresh_store.h"

/// Compares the arrays of a graph with the snapshot that they are of, value by value.
namespace qipu::graph {

// `step`: only every so many vertices are compared.
inline void ExpectSameEdges(const Analytics& arrays, const Snapshot& snapshot, uint64_t step = 1) {
  for (uint32_t type = 0; type < snapshot.catalog().edge_types.size(); ++type) {
    for (const Direction direction : {Direction::kOut, Direction::kIn}) {
      const auto adjacency = arrays.Neighbours({type}, direction);
      ASSERT_TRUE(adjacency.ok()) << MessageOf(adjacency);
      for (uint64_t v = 0; v < snapshot.vertex_id_bound() + 70; v += step) {
        const auto others = (*adjacency)->Of({v}), ranks = (*adjacency)->RanksOf({v});
        std::vector<Neighbour> list;
        for (size_t i = 0; i < others.size(); ++i) {
          list.push_back({{others[i]}, ranks.empty() ? 0 : ranks[i]});
        }
        ASSERT_EQ(list, *snapshot.Neighbours({v}, {type}, direction))
            << "type " << type << " of " << v;
      }
    }
  }
}

inline bool IsInBounds(const ColumnChunk& chunk, uint32_t row) {
  const auto within = [&chunk](int64_t value) { return chunk.min <= value && value <= chunk.max; };
  switch (chunk.type) {
    case ColumnType::kNull:
      return false;
    case ColumnType::kBool:
      return within(chunk.bools()[row]);
    case ColumnType::kInt:
      return within(chunk.ints()[row]);
    case ColumnType::kDate:
      return within(chunk.days()[row]);
    case ColumnType::kFloat:
      return !(chunk.floats()[row] < chunk.float_min || chunk.floats()[row] > chunk.float_max);
    case ColumnType::kString:
    case ColumnType::kMixed:
      return within(chunk.codes()[row]);
  }
  return false;
}

inline void ExpectInDictionary(const ColumnChunk& chunk, uint32_t row) {
  if (chunk.type != ColumnType::kString && chunk.type != ColumnType::kMixed) return;
  const Value value = chunk.At(row);
  EXPECT_EQ(chunk.dictionary->Find(value), chunk.codes()[row]);
  const std::string* text = value.AsString();
  EXPECT_EQ(chunk.dictionary->Text(chunk.codes()[row]), text == nullptr ? "" : *text);
}

inline void ExpectSameColumn(const Analytics& arrays, const Snapshot& snapshot, LabelId label,
                             PropertyId property, uint64_t step) {
  const Table& table = **arrays.VerticesOf(label);
  const auto column = arrays.Values(label, property);
  ASSERT_TRUE(column.ok()) << MessageOf(column);
  ASSERT_EQ((*column)->chunks().size(), table.chunks().size());
  for (size_t c = 0; c < table.chunks().size(); ++c) {
    const TableChunk& rows = table.chunks()[c];
    const ColumnChunk& chunk = (*column)->chunks()[c];
    ASSERT_EQ(chunk.size, rows.vertices.size());
    uint32_t nulls = 0;
    for (uint32_t row = 0; row < chunk.size; ++row) {
      if (chunk.IsNull(row)) ++nulls;
      if (!rows.IsLive(row) || row % step != 0) continue;
      const auto vertex = *snapshot.GetVertex({rows.vertices[row]});
      const Value* value = vertex->Find(property);
      ASSERT_EQ(chunk.At(row), value == nullptr ? Value() : *value);
      if (value == nullptr) continue;
      EXPECT_TRUE(IsInBounds(chunk, row));
      ExpectInDictionary(chunk, row);
    }
    EXPECT_EQ(nulls, chunk.null_count);
  }
}

inline void ExpectSameVertices(const Analytics& arrays, const Snapshot& snapshot,
                               uint64_t step = 1) {
  for (uint32_t label = 0; label < snapshot.catalog().labels.size(); ++label) {
    const auto table = arrays.VerticesOf({label});
    ASSERT_TRUE(table.ok()) << MessageOf(table);
    std::set<VertexId> found;
    for (uint32_t c = 0; c < (*table)->chunks().size(); ++c) {
      const TableChunk& chunk = (*table)->chunks()[c];
      for (uint32_t row = 0; row < chunk.vertices.size(); ++row) {
        if (!chunk.IsLive(row)) continue;
        const VertexId vertex{chunk.vertices[row]};
        EXPECT_TRUE(found.insert(vertex).second);
        const auto at = (*table)->Find(vertex);
        ASSERT_TRUE(at && at->chunk == c && at->row == row);
      }
    }
    const auto want = *snapshot.VerticesOf({label});
    ASSERT_EQ(std::vector<VertexId>(found.begin(), found.end()), want);
    EXPECT_EQ((*table)->size(), want.size());
    for (uint64_t v = 0; v < snapshot.vertex_id_bound() + 70; ++v) {
      ASSERT_EQ((*table)->Has({v}), found.count({v}) == 1);
    }
    for (uint32_t property = 0; property < snapshot.catalog().properties.size(); ++property) {
      ExpectSameColumn(arrays, snapshot, {label}, {property}, step);
    }
  }
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_ANALYTICS_SAME_H_
