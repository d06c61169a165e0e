#include "graph/snapshot.h"

#include <gmock/gmock.h>

#include "graph/csr.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<VertexId> Walk(VertexCursor cursor) {
  std::vector<VertexId> ids;
  while (cursor.Next()) {
    EXPECT_EQ(cursor.id(), cursor.vertex().id);
    ids.push_back(cursor.id());
  }
  EXPECT_OK(cursor.status());
  EXPECT_FALSE(cursor.Next());
  return ids;
}

// Ids cross the border of a row of `labels`, with gaps short enough to step over and long ones.
TEST(Snapshot, ScansFollowIdOrderOverGapsAndRows) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  constexpr uint64_t kVertices = 70000;
  std::vector<VertexId> marked, all;
  Transaction t = store->Begin();
  const LabelId mark = t.Label("Mark");
  for (uint64_t i = 0; i < kVertices; ++i) {
    const VertexId id = t.CreateVertex();
    all.push_back(id);
    if (i % 5 != 0 && i % 1000 != 7) continue;
    if (i > 20000 && i < 30000) continue;
    EXPECT_OK(t.AddLabel(id, mark));
    marked.push_back(id);
  }
  EXPECT_OK(t.Commit());
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(Walk(snapshot.ScanVertices()), all);
  EXPECT_EQ(Walk(snapshot.ScanLabel(mark)), marked);
  EXPECT_EQ(*snapshot.VerticesOf(mark), marked);
  EXPECT_EQ(*snapshot.CountVertices(mark), marked.size());
  EXPECT_EQ(Walk(snapshot.ScanLabel(LabelId{999})).size(), 0u);
}

TEST(Snapshot, MovedStoreStateOutlivesTheTransaction) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Snapshot first = store->TakeSnapshot();
  {
    Transaction t = store->Begin();
    t.CreateVertex();
    EXPECT_OK(t.Commit());
  }
  Snapshot second = store->TakeSnapshot();
  EXPECT_EQ(*first.CountVertices(), 0u);
  first = std::move(second);
  EXPECT_EQ(*first.CountVertices(), 1u);
}

TEST(Csr, HoldsTheInducedSubgraphBothWays) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Transaction t = store->Begin();
  for (int i = 0; i < 6; ++i) t.CreateVertex();
  const EdgeTypeId feeds = t.EdgeType("FEEDS");
  for (const auto& [from, to] : std::vector<std::pair<uint64_t, uint64_t>>{
           {1, 3}, {1, 3}, {1, 5}, {3, 5}, {5, 5}, {3, 0}, {0, 1}, {4, 5}}) {
    EXPECT_OK(t.CreateEdge({from}, feeds, {to}, {}));
  }
  EXPECT_OK(t.Commit());
  const auto csr = Csr::Build(store->TakeSnapshot(), feeds, {{1}, {3}, {5}});
  ASSERT_TRUE(csr.ok());
  EXPECT_EQ(csr->size(), 3u);
  EXPECT_EQ(csr->edge_count(), 5u);
  EXPECT_THAT(csr->Out(0), ElementsAre(1, 1, 2));
  EXPECT_THAT(csr->Out(1), ElementsAre(2));
  EXPECT_THAT(csr->Out(2), ElementsAre(2));
  EXPECT_THAT(csr->In(2), ElementsAre(0, 1, 2));
  EXPECT_THAT(csr->In(1), ElementsAre(0, 0));
  EXPECT_EQ(csr->In(0).size(), 0u);
  EXPECT_EQ(csr->FirstOutEdge(1), 3u);
  EXPECT_EQ(csr->Local({5}), 2u);
  EXPECT_FALSE(csr->Local({4}).has_value());
  EXPECT_EQ(csr->vertex(1), VertexId{3});
  EXPECT_EQ(Csr::Build(store->TakeSnapshot(), feeds, {})->size(), 0u);
}

}  // namespace
}  // namespace qipu::graph
