#include "graph/transaction.h"

#include <gmock/gmock.h>

#include "graph/snapshot.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TransactionTest : public testing::Test {
 protected:
  /// Two firms, one of them a maker, in a city that is a province too.
  CommitSummary Seed() {
    Transaction t = store_->Begin();
    const VertexId aster = *t.MergeVertex(firm_, "aster");
    const VertexId birch = *t.MergeVertex(maker_, "birch");
    const VertexId city = *t.MergeVertex(city_, "310000");
    EXPECT_OK(t.AddLabel(city, province_));
    EXPECT_OK(t.SetProperty(aster, name_, Value("Aster")));
    EXPECT_OK(t.PutEdge({aster, in_, city}, {{share_, Value(0.5)}}));
    EXPECT_OK(t.PutEdge({birch, in_, city}, {}));
    EXPECT_OK(t.PutEdge({aster, owns_, birch}, {{share_, Value(0.25)}}));
    t.PutLedger("run/1", "first");
    auto summary = t.Commit();
    EXPECT_OK(summary);
    return *summary;
  }
  LabelId Label(const char* name) { return *store_->TakeSnapshot().catalog().FindLabel(name); }
  PropertyId Property(const char* name) {
    return *store_->TakeSnapshot().catalog().FindProperty(name);
  }
  EdgeTypeId Type(const char* name) { return *store_->TakeSnapshot().catalog().FindEdgeType(name); }

  FreshDirectory directory_;
  std::unique_ptr<Store> store_ = MakeStore(directory_.path());
  const LabelId firm_ = Label("Firm"), maker_ = Label("Maker"), city_ = Label("City"),
                province_ = Label("Province"), licence_ = Label("Licence");
  const PropertyId name_ = Property("name"), share_ = Property("share"), id_ = Property("id"),
                   capital_ = Property("capital"), staff_ = Property("staff"),
                   code_ = Property("code"), until_ = Property("until");
  const EdgeTypeId in_ = Type("IN"), owns_ = Type("OWNS");
};

std::vector<VertexId> EndsOf(const Result<std::vector<Neighbour>>& neighbours) {
  EXPECT_OK(neighbours);
  std::vector<VertexId> ends;
  for (const Neighbour& neighbour : *neighbours) ends.push_back(neighbour.vertex);
  return ends;
}

TEST_F(TransactionTest, CommitSaysWhatItMadeAndKeepsExactCounts) {
  const CommitSummary summary = Seed();
  EXPECT_EQ(summary.vertices_created, 3u);
  EXPECT_EQ(summary.edges_created, 3u);
  EXPECT_EQ(summary.ledger_entries, 1u);
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_EQ(snapshot.epoch(), 1u);
  EXPECT_EQ(snapshot.vertex_id_bound(), 3u);
  EXPECT_EQ(*snapshot.CountVertices(), 3u);
  EXPECT_EQ(*snapshot.CountVertices(firm_), 2u);
  EXPECT_EQ(*snapshot.CountVertices(maker_), 1u);
  EXPECT_EQ(*snapshot.CountVertices(province_), 1u);
  EXPECT_EQ(*snapshot.CountEdges(), 3u);
  EXPECT_EQ(*snapshot.CountEdges(in_), 2u);
  EXPECT_EQ(*snapshot.GetLedger("run/1"), "first");
}

TEST_F(TransactionTest, SameRowsAgainWriteNothing) {
  Seed();
  EXPECT_EQ(Seed(), CommitSummary());
  EXPECT_EQ(store_->TakeSnapshot().epoch(), 1u);
}

TEST_F(TransactionTest, KeysFindVerticesByEachLabel) {
  Seed();
  const Snapshot snapshot = store_->TakeSnapshot();
  const struct {
    const char* name;
    LabelId label;
    const char* key;
    std::optional<VertexId> want;
  } cases[] = {
      {"own label", firm_, "aster", VertexId{0}},
      {"base label of a refined one", firm_, "birch", VertexId{1}},
      {"refining label", maker_, "birch", VertexId{1}},
      {"firm that is no maker", maker_, "aster", std::nullopt},
      {"first of two keyed labels", city_, "310000", VertexId{2}},
      {"second of two keyed labels", province_, "310000", VertexId{2}},
      {"absent key", city_, "110000", std::nullopt},
      {"key of another label", city_, "aster", std::nullopt},
  };
  Transaction t = store_->Begin();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(*snapshot.FindVertex(c.label, c.key), c.want);
    EXPECT_EQ(*t.FindVertex(c.label, c.key), c.want);
  }
}

TEST_F(TransactionTest, EdgesCanBeFollowedBothWays) {
  Seed();
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_THAT(EndsOf(snapshot.Neighbours({2}, in_, Direction::kIn)),
              ElementsAre(VertexId{0}, VertexId{1}));
  EXPECT_THAT(EndsOf(snapshot.Neighbours({0}, in_, Direction::kOut)), ElementsAre(VertexId{2}));
  EXPECT_THAT(EndsOf(snapshot.Neighbours({0}, in_, Direction::kIn)), IsEmpty());
  EXPECT_THAT(*snapshot.EdgeTypesAt({0}, Direction::kOut), ElementsAre(in_, owns_));
  EXPECT_THAT(*snapshot.EdgeProperties({{0}, in_, {2}}),
              ElementsAre(graph::Property{share_, Value(0.5)}));
  EXPECT_THAT(*snapshot.EdgeProperties({{1}, in_, {2}}), IsEmpty());
}

}  // namespace
}  // namespace qipu::graph
