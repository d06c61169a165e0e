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

TEST_F(TransactionTest, SeesItsOwnChangesAndNobodyElseDoes) {
  Seed();
  const Snapshot before = store_->TakeSnapshot();
  Transaction t = store_->Begin();
  const VertexId cedar = *t.MergeVertex(firm_, "cedar");
  EXPECT_OK(t.SetProperty(cedar, t.Property("brand new"), Value("x")));
  EXPECT_OK(t.PutEdge({cedar, in_, {2}}, {}));
  EXPECT_OK(t.DeleteEdge({{0}, in_, {2}}));
  t.PutLedger("run/2", "second");
  EXPECT_THAT(EndsOf(t.Neighbours({2}, in_, Direction::kIn)), ElementsAre(VertexId{1}, cedar));
  EXPECT_THAT(EndsOf(t.Neighbours(cedar, in_, Direction::kOut)), ElementsAre(VertexId{2}));
  EXPECT_EQ(*t.GetLedger("run/2"), "second");
  EXPECT_EQ(*t.GetLedger("run/1"), "first");
  EXPECT_THAT(EndsOf(store_->TakeSnapshot().Neighbours({2}, in_, Direction::kIn)),
              ElementsAre(VertexId{0}, VertexId{1}));
  EXPECT_OK(t.Commit());
  EXPECT_THAT(EndsOf(before.Neighbours({2}, in_, Direction::kIn)),
              ElementsAre(VertexId{0}, VertexId{1}));
  EXPECT_FALSE(before.catalog().FindProperty("brand new").has_value());
  EXPECT_FALSE((*before.FindVertex(firm_, "cedar")).has_value());
  EXPECT_EQ(*before.CountEdges(), 3u);
  const Snapshot after = store_->TakeSnapshot();
  EXPECT_THAT(EndsOf(after.Neighbours({2}, in_, Direction::kIn)), ElementsAre(VertexId{1}, cedar));
  EXPECT_TRUE(after.catalog().FindProperty("brand new").has_value());
  EXPECT_EQ(after.epoch(), 2u);
}

TEST_F(TransactionTest, DroppedTransactionLeavesNoTrace) {
  Seed();
  {
    Transaction t = store_->Begin();
    EXPECT_OK(t.MergeVertex(firm_, "cedar"));
    EXPECT_OK(t.DeleteVertex({0}, DetachEdges::kYes));
  }
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_EQ(snapshot.epoch(), 1u);
  EXPECT_EQ(snapshot.vertex_id_bound(), 3u);
  EXPECT_TRUE((*snapshot.GetVertex({0})).has_value());
}

TEST_F(TransactionTest, DeletedVertexIsGoneEverywhere) {
  Seed();
  Transaction t = store_->Begin();
  EXPECT_FAILS(t.DeleteVertex({1}, DetachEdges::kNo), ErrorCode::kInvalidArgument, "edges");
  EXPECT_OK(t.DeleteVertex({1}, DetachEdges::kYes));
  EXPECT_FAILS(t.SetProperty({1}, name_, Value("x")), ErrorCode::kNotFound, "no vertex 1");
  const auto summary = t.Commit();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->vertices_deleted, 1u);
  EXPECT_EQ(summary->edges_deleted, 2u);
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_FALSE((*snapshot.GetVertex({1})).has_value());
  EXPECT_FALSE((*snapshot.FindVertex(firm_, "birch")).has_value());
  EXPECT_THAT(*snapshot.VerticesOf(firm_), ElementsAre(VertexId{0}));
  EXPECT_THAT(*snapshot.VerticesOf(maker_), IsEmpty());
  EXPECT_THAT(*snapshot.EdgeTypesAt({1}, Direction::kIn), IsEmpty());
  EXPECT_THAT(*snapshot.EdgeTypesAt({0}, Direction::kOut), ElementsAre(in_));
  EXPECT_THAT(EndsOf(snapshot.Neighbours({2}, in_, Direction::kIn)), ElementsAre(VertexId{0}));
  EXPECT_THAT(*snapshot.EdgeProperties({{0}, owns_, {1}}), IsEmpty());
  EXPECT_EQ(*snapshot.CountVertices(firm_), 1u);
  EXPECT_EQ(*snapshot.CountVertices(maker_), 0u);
  EXPECT_EQ(*snapshot.CountEdges(), 1u);
  EXPECT_EQ(*snapshot.CountEdges(owns_), 0u);
  Transaction again = store_->Begin();
  EXPECT_EQ(*again.MergeVertex(maker_, "birch"), VertexId{3});  // ids are never used twice
}

TEST_F(TransactionTest, SelfLoopsAndParallelEdgesAreTheirOwn) {
  Seed();
  Transaction t = store_->Begin();
  const Properties share{{share_, Value(0.5)}};
  EXPECT_EQ(t.CreateEdge({0}, owns_, {1}, share)->rank, 1u);
  EXPECT_EQ(t.CreateEdge({0}, owns_, {0}, share)->rank, 0u);
  EXPECT_EQ(t.CreateEdge({0}, owns_, {0}, share)->rank, 1u);
  EXPECT_OK(t.Commit());
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_EQ(*snapshot.CountEdges(owns_), 4u);
  EXPECT_THAT(EndsOf(snapshot.Neighbours({0}, owns_, Direction::kOut)),
              ElementsAre(VertexId{0}, VertexId{0}, VertexId{1}, VertexId{1}));
  EXPECT_THAT(EndsOf(snapshot.Neighbours({0}, owns_, Direction::kIn)),
              ElementsAre(VertexId{0}, VertexId{0}));
  Transaction gone = store_->Begin();
  EXPECT_OK(gone.DeleteVertex({0}, DetachEdges::kYes));
  EXPECT_EQ(gone.Commit()->edges_deleted, 5u);
  EXPECT_EQ(*store_->TakeSnapshot().CountEdges(), 1u);
  EXPECT_EQ(*store_->TakeSnapshot().CountEdges(owns_), 0u);
}

TEST_F(TransactionTest, EdgePropertiesAreReplacedAsAWhole) {
  Seed();
  Transaction t = store_->Begin();
  EXPECT_OK(t.PutEdge({{0}, in_, {2}}, {}));
  EXPECT_OK(t.PutEdge({{1}, in_, {2}}, {{share_, Value(int64_t{1})}}));
  const auto summary = t.Commit();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(*summary, (CommitSummary{.edges_changed = 2}));
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_THAT(*snapshot.EdgeProperties({{0}, in_, {2}}), IsEmpty());
  EXPECT_EQ((*snapshot.EdgeProperties({{1}, in_, {2}}))[0].value, Value(int64_t{1}));
}

TEST_F(TransactionTest, LabelsBringAndTakeTheirKeys) {
  Seed();
  Transaction t = store_->Begin();
  EXPECT_OK(t.AddLabel({0}, maker_));
  EXPECT_EQ(*t.FindVertex(maker_, "aster"), VertexId{0});
  EXPECT_FAILS(t.RemoveLabel({1}, firm_), ErrorCode::kInvalidArgument, "refines Firm");
  EXPECT_OK(t.RemoveLabel({1}, maker_));
  EXPECT_FALSE((*t.FindVertex(maker_, "birch")).has_value());
  EXPECT_EQ(*t.FindVertex(firm_, "birch"), VertexId{1});
  EXPECT_OK(t.RemoveLabel({2}, province_));
  EXPECT_FALSE((*t.FindVertex(province_, "310000")).has_value());
  const VertexId other = *t.MergeVertex(province_, "310000");
  EXPECT_FAILS(t.AddLabel(other, city_), ErrorCode::kAlreadyExists, "vertex 2");
  EXPECT_OK(t.Commit());
  const Snapshot snapshot = store_->TakeSnapshot();
  EXPECT_THAT(*snapshot.VerticesOf(maker_), ElementsAre(VertexId{0}));
  EXPECT_EQ(*snapshot.CountVertices(maker_), 1u);
  EXPECT_EQ(*snapshot.FindVertex(province_, "310000"), other);
  EXPECT_EQ(*snapshot.FindVertex(city_, "310000"), VertexId{2});
}

TEST_F(TransactionTest, SettingAKeyLaterFilesItUnderAllLabels) {
  Seed();
  Transaction t = store_->Begin();
  const VertexId place = t.CreateVertex();
  EXPECT_OK(t.AddLabel(place, city_));
  EXPECT_OK(t.AddLabel(place, province_));
  EXPECT_FAILS(t.SetProperty(place, code_, Value("310000")), ErrorCode::kAlreadyExists, "310000");
  EXPECT_FAILS(t.SetProperty(place, code_, Value(int64_t{5})), ErrorCode::kInvalidArgument, "code");
  EXPECT_OK(t.SetProperty(place, code_, Value("110000")));
  EXPECT_EQ(*t.FindVertex(city_, "110000"), place);
  EXPECT_EQ(*t.FindVertex(province_, "110000"), place);
  EXPECT_FAILS(t.SetProperty(place, code_, Value("120000")), ErrorCode::kInvalidArgument,
               "can't be changed");
  EXPECT_FAILS(t.SetProperty(place, code_, Value()), ErrorCode::kInvalidArgument,
               "can't be changed");
  EXPECT_OK(t.SetProperty(place, code_, Value("110000")));
}

TEST_F(TransactionTest, SchemaForbids) {
  Seed();
  Transaction t = store_->Begin();
  const LabelId stray = t.Label("Stray");
  Value deep(Value::List{});
  for (int i = 0; i < 20; ++i) deep = Value(Value::List{deep});
  const std::string long_key(kKeyBytesMax + 1, 'k');
  EXPECT_FAILS(t.MergeVertex(stray, "x"), ErrorCode::kInvalidArgument, "Stray has no key");
  EXPECT_FAILS(t.MergeVertex(firm_, ""), ErrorCode::kInvalidArgument, "0 bytes");
  EXPECT_FAILS(t.MergeVertex(firm_, long_key), ErrorCode::kInvalidArgument, "1025 bytes");
  EXPECT_FAILS(t.SetProperty({0}, staff_, Value("many")), ErrorCode::kInvalidArgument,
               "'staff' of a Firm must be int, not string");
  EXPECT_OK(t.SetProperty({0}, capital_, Value(int64_t{5})));
  EXPECT_FAILS(t.SetProperty({0}, t.Property("deep"), deep), ErrorCode::kInvalidArgument, "nests");
  EXPECT_FAILS(t.PutEdge({{2}, in_, {0}}, {}), ErrorCode::kInvalidArgument, "allows no IN");
  EXPECT_FAILS(t.PutEdge({{0}, in_, {77}}, {}), ErrorCode::kNotFound, "no vertex 77");
  EXPECT_FAILS(t.PutEdge({{0}, in_, {2}}, {{share_, Value("half")}}), ErrorCode::kInvalidArgument,
               "'share' of IN must be float, not string");
  EXPECT_FAILS(t.DeleteEdge({{1}, owns_, {0}}), ErrorCode::kNotFound, "no OWNS");
  const VertexId odd = t.CreateVertex();
  EXPECT_OK(t.SetProperty(odd, staff_, Value("many")));
  EXPECT_FAILS(t.AddLabel(odd, firm_), ErrorCode::kInvalidArgument,
               "'staff' of a Firm must be int");
}

TEST_F(TransactionTest, RequiredPropertiesAreCheckedAtCommit) {
  Seed();
  {
    Transaction t = store_->Begin();
    EXPECT_OK(t.MergeVertex(licence_, "L-1"));
    EXPECT_FAILS(t.Commit(), ErrorCode::kInvalidArgument,
                 "a Licence with key 'L-1' lacks the required property 'until'");
  }
  {
    Transaction t = store_->Begin();
    EXPECT_OK(t.PutEdge({{1}, owns_, {0}}, {}));
    EXPECT_FAILS(t.Commit(), ErrorCode::kInvalidArgument, "OWNS");
  }
  EXPECT_EQ(store_->TakeSnapshot().epoch(), 1u);
  Transaction t = store_->Begin();
  const VertexId licence = *t.MergeVertex(licence_, "L-1");
  EXPECT_OK(t.SetProperty(licence, until_, Value(Date{100})));
  EXPECT_OK(t.Commit());
  EXPECT_FAILS(t.Commit(), ErrorCode::kInvalidArgument, "committed already");
}

TEST_F(TransactionTest, LedgerIsOrderedAndDeletes) {
  Transaction t = store_->Begin();
  for (const char* key : {"b/2", "a/1", "b/1", "c"}) t.PutLedger(key, std::string("v") + key);
  EXPECT_EQ(t.Commit()->ledger_entries, 4u);
  Transaction second = store_->Begin();
  second.DeleteLedger("b/1");
  second.DeleteLedger("never there");
  second.PutLedger("c", "vc");
  EXPECT_FALSE((*second.GetLedger("b/1")).has_value());
  EXPECT_EQ(second.Commit()->ledger_entries, 1u);
  const Snapshot snapshot = store_->TakeSnapshot();
  LedgerCursor cursor = snapshot.ScanLedger("b/");
  ASSERT_TRUE(cursor.Next());
  EXPECT_EQ(cursor.key(), "b/2");
  EXPECT_EQ(cursor.value(), "vb/2");
  EXPECT_FALSE(cursor.Next());
  EXPECT_FALSE(cursor.Next());
  EXPECT_OK(cursor.status());
}

TEST_F(TransactionTest, MergedTwiceInOneTransactionIsOneVertex) {
  Transaction t = store_->Begin();
  const VertexId first = *t.MergeVertex(firm_, "x");
  EXPECT_EQ(*t.MergeVertex(maker_, "x"), first);
  EXPECT_OK(t.DeleteVertex(first, DetachEdges::kNo));
  EXPECT_FALSE((*t.FindVertex(firm_, "x")).has_value());
  EXPECT_EQ(*t.Commit(), CommitSummary());
  EXPECT_EQ(store_->TakeSnapshot().epoch(), 0u);
}

TEST_F(TransactionTest, PrefetchedKeysAnswerAsOthersDo) {
  Seed();
  Transaction t = store_->Begin();
  const VertexId cedar = *t.MergeVertex(firm_, "cedar");
  const std::vector<std::string_view> keys = {"birch", "dogwood", "aster",
                                              "birch", "cedar",   "dogwood"};
  EXPECT_OK(t.PrefetchKeys(firm_, keys));
  EXPECT_OK(t.PrefetchKeys(maker_, keys));  // filed as those of firms
  EXPECT_OK(t.PrefetchKeys(firm_, {}));
  const Snapshot before = store_->TakeSnapshot();
  for (const char* key : {"aster", "birch"}) {
    EXPECT_EQ(*t.FindVertex(firm_, key), *before.FindVertex(firm_, key)) << key;
    EXPECT_TRUE(t.FindVertex(firm_, key)->has_value()) << key;
  }
  EXPECT_EQ(**t.FindVertex(firm_, "cedar"), cedar);
  EXPECT_FALSE(t.FindVertex(firm_, "dogwood")->has_value());
  EXPECT_FALSE(t.FindVertex(maker_, "aster")->has_value());
  EXPECT_FALSE(t.FindVertex(city_, "aster")->has_value());
  const VertexId dogwood = *t.MergeVertex(firm_, "dogwood");
  EXPECT_EQ(*t.MergeVertex(firm_, "dogwood"), dogwood);
  EXPECT_EQ(t.Commit()->vertices_created, 2u);
  EXPECT_EQ(**store_->TakeSnapshot().FindVertex(firm_, "dogwood"), dogwood);
}

TEST(ClosedSchema, RefusesUndeclaredNames) {
  FreshDirectory directory;
  Schema schema = FirmSchema();
  schema.set_closed(true);
  const auto store = MakeStore(directory.path(), schema);
  EXPECT_TRUE(store->TakeSnapshot().schema().closed());
  Transaction t = store->Begin();
  const VertexId firm = *t.MergeVertex(t.Label("Firm"), "a");
  EXPECT_OK(t.SetProperty(firm, t.Property("name"), Value("x")));
  EXPECT_FAILS(t.SetProperty(firm, t.Property("colour"), Value("x")), ErrorCode::kInvalidArgument,
               "declares no property 'colour'");
  EXPECT_FAILS(t.AddLabel(firm, t.Label("Stray")), ErrorCode::kInvalidArgument, "'Stray'");
  EXPECT_FAILS(t.PutEdge({firm, t.EdgeType("LIKES"), firm}, {}), ErrorCode::kInvalidArgument,
               "'LIKES'");
}

}  // namespace
}  // namespace qipu::graph
