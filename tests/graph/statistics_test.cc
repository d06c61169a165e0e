#include "graph/statistics.h"

#include <gmock/gmock.h>

#include <numeric>

#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

TEST(MeasureSizes, CountsBytesByLabelTypeAndFamily) {
  FreshDirectory directory;
  {
    const auto store = MakeStore(directory.path());
    Transaction t = store->Begin();
    EXPECT_OK(t.MergeVertex(t.Label("Maker"), "a"));  // vertex 0: Firm and Maker
    EXPECT_OK(t.MergeVertex(t.Label("City"), "c"));
    EXPECT_OK(t.PutEdge({{0}, t.EdgeType("IN"), {1}}, {{t.Property("share"), Value(int64_t{1})}}));
    EXPECT_OK(t.PutEdge({{0}, t.EdgeType("NEAR"), {0}}, {}));
    EXPECT_OK(t.Commit());
  }
  const auto sizes = MeasureSizes(directory.path(), {});
  EXPECT_OK(sizes);
  const auto store = OpenStore(directory.path());
  const Snapshot snapshot = store->TakeSnapshot();
  const auto of = [&](const char* label) {
    return sizes->label_bytes[snapshot.catalog().FindLabel(label)->value];
  };
  EXPECT_GT(of("City"), 8u);
  EXPECT_EQ(of("Firm"), of("Maker"));
  EXPECT_EQ(of("Province"), 0u);
  EXPECT_EQ(sizes->vertex_bytes, of("Firm") + of("City"));
  // Two rows of lists: a key of 8 and a tag, then type, size and an entry; the properties: size of
  // all, own size, count, step, tag and value. The loop is in the first row, too, whose entry alone
  // is counted for it, and has one of its own.
  const uint64_t in = snapshot.catalog().FindEdgeType("IN")->value;
  const uint64_t near = snapshot.catalog().FindEdgeType("NEAR")->value;
  EXPECT_LT(in, near);
  EXPECT_EQ(sizes->type_bytes[in], 2 * (8 + 1 + 3) + 2 + 4 + 2u);
  EXPECT_EQ(sizes->type_bytes[near], 1 + 8 + 1 + 3u);
  EXPECT_EQ(sizes->edge_bytes, sizes->type_bytes[in] + sizes->type_bytes[near]);
  ASSERT_EQ(sizes->families.size(), 10u);
  for (const Sizes::Family& family : sizes->families) {
    const bool empty =
        family.name == "ledger" || family.name == "indexes" || family.name == "postings";
    if (empty) continue;
    EXPECT_GT(family.bytes, 0u) << family.name;
    EXPECT_GT(family.rows, 0u) << family.name;
  }
}

TEST(MeasureSizes, NeedsADatabase) {
  FreshDirectory directory;
  EXPECT_FAILS(MeasureSizes(directory.File("none"), {}), ErrorCode::kNotFound, "qipu init");
}

}  // namespace
}  // namespace qipu::graph
