#include <gmock/gmock.h>

#include <array>
#include <thread>

#include "graph/bulk_load.h"
#include "tests/graph/fresh_store.h"

/// Vertices with so many edges that a reader keeps them for the next one.
namespace qipu::graph {
namespace {

using testing::IsEmpty;

constexpr int64_t kEdges = 1000, kHubs = 2;

/// The edges of hub 0 and 1 lead to all others: every other one has a weight, as a commit or a load
/// (the later half) has written it.
class HubTest : public testing::Test {
 protected:
  HubTest() {
    Transaction t = store_->Begin();
    type_ = t.EdgeType("LEADS");
    weight_ = t.Property("weight");
    for (int64_t i = 0; i < kHubs + kEdges; ++i) t.CreateVertex();
    for (int64_t i = 0; i < kEdges / 2; ++i) {
      for (int64_t hub = 0; hub < kHubs; ++hub) EXPECT_OK(t.PutEdge(Edge(hub, i), Made(hub, i)));
    }
    EXPECT_OK(t.Commit());
    auto load = *store_->BeginLoad({});
    const EdgeTypeId type = load.EdgeType("LEADS");
    const PropertyId weight = load.Property("weight");
    EXPECT_TRUE(type == type_ && weight == weight_);
    for (int64_t i = kEdges / 2; i < kEdges; ++i) {
      for (int64_t hub = 0; hub < kHubs; ++hub) {
        EXPECT_OK(load.AddEdge(Edge(hub, i).source, type, Edge(hub, i).target, Made(hub, i)));
      }
    }
    EXPECT_OK(load.Publish());
  }

  EdgeRef Edge(int64_t hub, int64_t number) const {
    return {VertexId{static_cast<uint64_t>(hub)}, type_,
            VertexId{static_cast<uint64_t>(kHubs + number)}};
  }
  Properties Made(int64_t hub, int64_t number) const {
    if (number % 2 == 1) return {};
    return {{weight_, Value(hub * kEdges + number)}};
  }
  /// How many edges of both hubs, read in turns, have other properties than were written.
  int64_t Wrong(const Snapshot& snapshot) const {
    int64_t wrong = 0;
    for (int64_t i = 0; i < kEdges; ++i) {
      for (int64_t hub = 0; hub < kHubs; ++hub) {
        if (*snapshot.EdgeProperties(Edge(hub, i)) != Made(hub, i)) ++wrong;
      }
    }
    return wrong;
  }

  FreshDirectory directory_;
  const std::unique_ptr<Store> store_ = MakeStore(directory_.path());
  EdgeTypeId type_;
  PropertyId weight_;
};

TEST_F(HubTest, EachEdgeHasItsOwnProperties) {
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_EQ(Wrong(snapshot), 0);
  EXPECT_THAT(*snapshot.EdgeProperties(Edge(0, kEdges)), IsEmpty());  // there is none
  EdgeRef parallel = Edge(0, 4);
  parallel.rank = 1;
  EXPECT_THAT(*snapshot.EdgeProperties(parallel), IsEmpty());
  EdgeRef other_type = Edge(0, 4);
  other_type.type = EdgeTypeId{type_.value + 1};
  EXPECT_THAT(*snapshot.EdgeProperties(other_type), IsEmpty());
}

TEST_F(HubTest, EachSnapshotShowsThoseOfItsCommit) {
  const Snapshot before = store_->TakeSnapshot();
  EXPECT_EQ(Wrong(before), 0);
  Transaction t = store_->Begin();
  EXPECT_EQ(*t.EdgeProperties(Edge(1, 8)), Made(1, 8));
  EXPECT_OK(t.PutEdge(Edge(1, 8), {{weight_, Value("changed")}}));
  EXPECT_OK(t.PutEdge(Edge(1, 10), {}));
  EXPECT_OK(t.PutEdge(Edge(1, 11), {{weight_, Value("new")}}));
  EXPECT_OK(t.DeleteEdge(Edge(1, 12)));
  const auto summary = t.Commit();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(*summary, (CommitSummary{.edges_changed = 3, .edges_deleted = 1}));
  const Snapshot after = store_->TakeSnapshot();
  EXPECT_EQ((*after.EdgeProperties(Edge(1, 8)))[0].value, Value("changed"));
  EXPECT_THAT(*after.EdgeProperties(Edge(1, 10)), IsEmpty());
  EXPECT_EQ((*after.EdgeProperties(Edge(1, 11)))[0].value, Value("new"));
  EXPECT_THAT(*after.EdgeProperties(Edge(1, 12)), IsEmpty());
  EXPECT_EQ(Wrong(after), 4);
  EXPECT_EQ(Wrong(before), 0);
}

TEST_F(HubTest, ChangesOfOneEdgeFollowEachOther) {
  Transaction t = store_->Begin();
  const Properties changed{{weight_, Value("changed")}};
  EXPECT_OK(t.PutEdge(Edge(0, 2), changed));
  EXPECT_OK(t.DeleteVertex(Edge(0, 2).target, DetachEdges::kYes));  // takes the edges of both hubs
  EXPECT_OK(t.DeleteEdge(Edge(0, 4)));
  EXPECT_OK(t.PutEdge(Edge(0, 4), {}));
  EXPECT_OK(t.DeleteEdge(Edge(0, 6)));
  EXPECT_OK(t.PutEdge(Edge(0, 6), Made(0, 6)));  // as it was
  EXPECT_OK(t.PutEdge(Edge(0, 8), changed));
  EXPECT_OK(t.DeleteEdge(Edge(0, 8)));
  EXPECT_OK(t.DeleteEdge(Edge(0, 10)));
  const auto summary = t.Commit();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(*summary,
            (CommitSummary{.vertices_deleted = 1, .edges_changed = 1, .edges_deleted = 4}));
  Transaction u = store_->Begin();
  EXPECT_OK(u.PutEdge(Edge(0, 10), changed));
  EXPECT_OK(u.Commit());
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_THAT(*snapshot.EdgeProperties(Edge(0, 2)), IsEmpty());
  EXPECT_THAT(*snapshot.EdgeProperties(Edge(1, 2)), IsEmpty());
  EXPECT_THAT(*snapshot.EdgeProperties(Edge(0, 4)), IsEmpty());
  EXPECT_EQ(*snapshot.EdgeProperties(Edge(0, 6)), Made(0, 6));
  EXPECT_THAT(*snapshot.EdgeProperties(Edge(0, 8)), IsEmpty());
  EXPECT_EQ(*snapshot.EdgeProperties(Edge(0, 10)), changed);
  EXPECT_EQ(*snapshot.CountEdges(type_), uint64_t{2 * kEdges - 3});
}

TEST_F(HubTest, ReadersOfTwoHubsDoNotMixThemUp) {
  const Snapshot snapshot = store_->TakeSnapshot();
  std::array<int64_t, 4> wrong;
  std::vector<std::thread> readers;
  for (int64_t& result : wrong) readers.emplace_back([&] { result = Wrong(snapshot); });
  for (std::thread& reader : readers) reader.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace
}  // namespace qipu::graph
