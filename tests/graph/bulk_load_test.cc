#include "graph/bulk_load.h"

#include <gmock/gmock.h>

#include <fstream>

#include "graph/verify.h"
#include "tests/graph/bulk_plan.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

void Commit(Store& store, const Plan& plan) {
  Transaction t = store.Begin();
  const LabelId firm = t.Label("Firm"), maker = t.Label("Maker"), city = t.Label("City");
  for (int i = plan.first_firm; i < plan.first_firm + plan.firms; ++i) {
    const VertexId vertex = *t.MergeVertex(i % 2 == 0 ? firm : maker, "f" + std::to_string(i));
    for (const Property& p : FirmProperties(t, i)) EXPECT_OK(t.SetProperty(vertex, p.id, p.value));
  }
  for (int i = 0; i < plan.cities; ++i) EXPECT_OK(t.MergeVertex(city, "c" + std::to_string(i)));
  for (const Plan::Edge& edge : plan.edges) {
    EXPECT_OK(t.CreateEdge(
        **t.FindVertex(firm, edge.from), t.EdgeType(edge.to_city ? "IN" : "KNOWS"),
        **t.FindVertex(edge.to_city ? city : firm, edge.to), EdgeProperties(t, edge.share)));
  }
  EXPECT_OK(t.Commit());
}

// Parallel edges get their ranks in the order in which they came, so also properties agree.
TEST(BulkLoad, IsTheSameGraphAsCommitsMake) {
  const struct {
    const char* name;
    std::vector<Plan> plans;
  } cases[] = {
      {"into an empty database", {Plan::Random(0, 1000, 5, 5000, 1)}},
      {"on top of another load",
       {Plan::Random(0, 500, 5, 2000, 2), Plan::Random(500, 500, 0, 4000, 3)}},
      {"edges only, between old vertices",
       {Plan::Random(0, 100, 5, 500, 4), Plan::Random(100, 0, 0, 500, 5)}},
      {"vertices only", {Plan::Random(0, 100, 5, 0, 6)}},
      {"beyond one row of a label", {Plan::Random(0, 70000, 5, 100, 7)}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    FreshDirectory loaded, committed, mixed;
    const auto a = MakeStore(loaded.path()), b = MakeStore(committed.path());
    const auto m = MakeStore(mixed.path());
    for (size_t i = 0; i < c.plans.size(); ++i) {
      Load(*a, c.plans[i]);
      Commit(*b, c.plans[i]);
      if (i == 0) {
        Commit(*m, c.plans[i]);
      } else {
        Load(*m, c.plans[i]);
      }
    }
    const std::string want = DumpOf(b->TakeSnapshot());
    EXPECT_EQ(DumpOf(a->TakeSnapshot()), want);
    EXPECT_EQ(DumpOf(m->TakeSnapshot()), want);
  }
}

TEST(BulkLoad, IsTheSameWhenEdgesExceedMemory) {
  const Plan plan = Plan::Random(0, 300, 5, 150000, 8);
  FreshDirectory ample, scarce;
  const auto a = MakeStore(ample.path()), b = MakeStore(scarce.path());
  Load(*a, plan, uint64_t{64} << 20);
  Load(*b, plan, 0);  // the least that it works with: two runs and more for each direction
  EXPECT_EQ(DumpOf(a->TakeSnapshot()), DumpOf(b->TakeSnapshot()));
}

TEST(BulkLoad, SurvivesReopeningAndGoesOn) {
  FreshDirectory directory, other;
  const Plan plan = Plan::Random(0, 100, 5, 1000, 1), more = Plan::Random(100, 50, 0, 300, 2);
  {
    const auto store = MakeStore(directory.path());
    const CommitSummary summary = Load(*store, plan);
    EXPECT_EQ(summary.vertices_created, 105u);
    EXPECT_EQ(summary.edges_created, 1000u);
    Commit(*store, more);
  }
  const auto store = OpenStore(directory.path());
  const auto want = MakeStore(other.path());
  Commit(*want, plan);
  Commit(*want, more);
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(DumpOf(snapshot), DumpOf(want->TakeSnapshot()));
  EXPECT_EQ(snapshot.epoch(), 2u);
  EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
}

TEST(BulkLoad, IsInTheChangeLog) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Commit(*store, {0, 3, 2, {}});
  Load(*store, {3, 2, 0, {{"f3", "f0", false, 0}, {"f4", "c1", true, 1}, {"f0", "f1", false, 0}}});
  const Snapshot snapshot = store->TakeSnapshot();
  ChangeCursor cursor = snapshot.ScanChanges(1);
  ASSERT_TRUE(cursor.Next());
  Change want;
  want.epoch = 2;
  want.first_loaded = {5};
  want.loaded_bound = {7};
  want.loaded_edges = 3;
  want.loaded_ends = {{0}, {1}, {4}};
  EXPECT_EQ(cursor.change(), want);
  EXPECT_FALSE(cursor.Next());
  EXPECT_OK(cursor.status());
}

TEST(BulkLoad, NothingShowsBeforePublishOrWithoutIt) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  const std::string before = DumpOf(store->TakeSnapshot());
  {
    auto load = *store->BeginLoad({});
    Fill(load, Plan::Random(0, 100, 5, 1000, 1));
    EXPECT_EQ(DumpOf(store->TakeSnapshot()), before);
    EXPECT_TRUE(std::filesystem::exists(directory.File("staging")));
  }
  EXPECT_EQ(DumpOf(store->TakeSnapshot()), before);
  EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
  auto nothing = *store->BeginLoad({});
  EXPECT_EQ(*nothing.Publish(), CommitSummary());
  EXPECT_FAILS(nothing.Publish(), ErrorCode::kInvalidArgument, "published already");
  EXPECT_EQ(store->TakeSnapshot().epoch(), 0u);
}

// In memory and through runs: those without properties first, then those with, then those that ask
// for a rank, which never get a lower one or one that is taken.
TEST(BulkLoad, GivesEdgesTheRanksTheyAskFor) {
  for (const uint64_t memory : {uint64_t{1}, uint64_t{1} << 24}) {
    FreshDirectory directory;
    const auto store = MakeStore(directory.path());
    auto load = *store->BeginLoad({.memory_bytes = memory});
    const EdgeTypeId knows = load.EdgeType("KNOWS");
    const PropertyId x = load.Property("x");
    const VertexId a = *load.AddVertex({}, {}), b = *load.AddVertex({}, {});
    EXPECT_OK(load.AddEdge(a, knows, b, {{x, Value("ranked")}}, 4));
    EXPECT_OK(load.AddEdge(a, knows, b, {{x, Value("plain")}}));
    EXPECT_OK(load.AddEdge(a, knows, b, {}));
    EXPECT_OK(load.AddEdge(a, knows, b, {}, 9));
    EXPECT_OK(load.AddEdge(a, knows, b, {}, 9));
    EXPECT_OK(load.AddEdge(b, knows, a, {}, 2));
    EXPECT_OK(load.Publish());
    const Snapshot snapshot = store->TakeSnapshot();
    const std::vector<Neighbour> wanted = {{b, 0}, {b, 1}, {b, 4}, {b, 9}, {b, 10}};
    EXPECT_EQ(*snapshot.Neighbours(a, knows, Direction::kOut), wanted);
    EXPECT_EQ(*snapshot.Neighbours(b, knows, Direction::kOut), (std::vector<Neighbour>{{a, 2}}));
    EXPECT_EQ((*snapshot.EdgeProperties({a, knows, b, 4}))[0].value, Value("ranked"));
    EXPECT_EQ((*snapshot.EdgeProperties({a, knows, b, 1}))[0].value, Value("plain"));
    EXPECT_TRUE(snapshot.EdgeProperties({a, knows, b, 9})->empty());
    EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
  }
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const VertexId a = *load.AddVertex({}, {});
  EXPECT_OK(load.AddEdge(a, load.EdgeType("KNOWS"), a, {}, UINT32_MAX));
  EXPECT_OK(load.AddEdge(a, load.EdgeType("KNOWS"), a, {}, UINT32_MAX));
  EXPECT_FAILS(load.Publish(), ErrorCode::kInvalidArgument, "no rank is left");
}

// The greatest rank is taken by an older edge.
TEST(BulkLoad, NoRankComesAfterTheGreatest) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  {
    Transaction t = store->Begin();
    const VertexId a = t.CreateVertex();
    EXPECT_OK(t.PutEdge({a, t.EdgeType("NEAR"), a, UINT32_MAX}, {}));
    EXPECT_OK(t.Commit());
  }
  Transaction t = store->Begin();
  EXPECT_FAILS(t.CreateEdge({0}, t.EdgeType("NEAR"), {0}, {}), ErrorCode::kInvalidArgument,
               "no rank is left");
  auto load = *store->BeginLoad({});
  EXPECT_OK(load.AddEdge({0}, load.EdgeType("NEAR"), {0}, {}));
  EXPECT_FAILS(load.Publish(), ErrorCode::kInvalidArgument, "no rank is left");
}

// Who skips a refused vertex publishes none of its keys.
TEST(BulkLoad, ARefusedVertexLeavesNoKey) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId city = load.Label("City"), province = load.Label("Province");
  const PropertyId code = load.Property("code");
  EXPECT_OK(load.AddVertex({{province}}, {{code, Value("1")}}));
  EXPECT_FAILS(load.AddVertex({{city, province}}, {{code, Value("1")}}), ErrorCode::kAlreadyExists,
               "Province with key '1'");
  EXPECT_OK(load.AddVertex({{city, province}}, {{code, Value("2")}}));
  EXPECT_OK(load.Publish());
  EXPECT_FALSE(store->TakeSnapshot().FindVertex(city, "1")->has_value());
  EXPECT_EQ(*store->TakeSnapshot().FindVertex(city, "2"), VertexId{1});
  EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
}

TEST(BulkLoad, WhatAKilledLoadLeftGoesWhenTheDatabaseIsOpened) {
  FreshDirectory directory;
  MakeStore(directory.path());
  std::filesystem::create_directory(directory.File("staging"));
  std::ofstream(directory.File("staging/vertices0.sst")) << "half a table";
  EXPECT_OK(Store::Open(directory.path(), {.access = Access::kReadOnly}));
  EXPECT_TRUE(std::filesystem::exists(directory.File("staging")));
  EXPECT_NE(OpenStore(directory.path()), nullptr);
  EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
}

TEST(BulkLoad, ChecksKeysAcrossOldAndNew) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Commit(*store, {0, 3, 2, {}});
  const std::string before = DumpOf(store->TakeSnapshot());
  {
    auto load = *store->BeginLoad({});
    const LabelId firm = load.Label("Firm");
    EXPECT_OK(load.AddVertex({{firm}}, FirmProperties(load, 9)));
    EXPECT_FAILS(load.AddVertex({{load.Label("Maker")}}, FirmProperties(load, 9)),
                 ErrorCode::kAlreadyExists, "two vertices of this load are a Firm with key 'f9'");
    // The same text is another key where another label files it.
    EXPECT_OK(load.AddVertex({{load.Label("City")}}, {{load.Property("code"), Value("f9")}}));
    EXPECT_OK(load.Publish());
  }
  EXPECT_NE(DumpOf(store->TakeSnapshot()), before);
  const std::string after = DumpOf(store->TakeSnapshot());
  {
    auto load = *store->BeginLoad({});
    EXPECT_OK(load.AddVertex({{load.Label("Firm")}}, FirmProperties(load, 10)));
    EXPECT_OK(load.AddVertex({{load.Label("Firm")}}, FirmProperties(load, 2)));
    EXPECT_FAILS(load.Publish(), ErrorCode::kAlreadyExists,
                 "a Firm with key 'f2' in the database already");
  }
  EXPECT_EQ(DumpOf(store->TakeSnapshot()), after);
  Commit(*store, {20, 1, 0, {}});  // the store still takes commits
}

TEST(BulkLoad, FindsKeysOfTheLoadAndOfTheDatabase) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Commit(*store, {0, 2, 0, {}});
  auto load = *store->BeginLoad({});
  EXPECT_OK(load.AddVertex({{load.Label("Maker")}}, FirmProperties(load, 5)));
  const std::vector<std::string_view> keys = {"f5", "f0", "nobody", "f1"};
  std::vector<VertexId> found(keys.size());
  EXPECT_OK(load.FindVertices(load.Label("Firm"), keys, found));
  EXPECT_THAT(found,
              testing::ElementsAre(VertexId{2}, VertexId{0}, BulkLoad::kAbsent, VertexId{1}));
  EXPECT_OK(load.FindVertices(load.Label("Maker"), keys, found));  // f0 is a plain firm
  EXPECT_THAT(found,
              testing::ElementsAre(VertexId{2}, BulkLoad::kAbsent, BulkLoad::kAbsent, VertexId{1}));
  EXPECT_EQ(*load.FindVertex(load.Label("Firm"), "f5"), VertexId{2});
  EXPECT_EQ(*load.FindVertex(load.Label("Firm"), "f6"), std::nullopt);
}

TEST(BulkLoad, HoldsToTheSchema) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId firm = load.Label("Firm"), licence = load.Label("Licence");
  const VertexId aster = *load.AddVertex({{firm}}, FirmProperties(load, 1));
  const VertexId city = *load.AddVertex({{load.Label("City")}}, {});
  const auto with = [&](const char* name, Value value) {
    return Properties{{load.Property(name), std::move(value)}};
  };
  EXPECT_FAILS(load.AddVertex({{firm}}, with("staff", Value("many"))), ErrorCode::kInvalidArgument,
               "'staff' of a Firm must be int, not string");
  EXPECT_FAILS(load.AddVertex({{firm}}, with("id", Value(""))), ErrorCode::kInvalidArgument,
               "key of a Firm");
  EXPECT_FAILS(load.AddVertex({{firm}}, with("id", Value(std::string(2000, 'x')))),
               ErrorCode::kInvalidArgument, "key of a Firm");
  EXPECT_FAILS(load.AddVertex({{licence}}, with("no", Value("1"))), ErrorCode::kInvalidArgument,
               "lacks the required property 'until'");
  EXPECT_FAILS(load.AddEdge(city, load.EdgeType("IN"), aster, {}), ErrorCode::kInvalidArgument,
               "allows no IN");
  EXPECT_FAILS(load.AddEdge(aster, load.EdgeType("OWNS"), city, {}), ErrorCode::kInvalidArgument,
               "lacks the required property 'share'");
  EXPECT_FAILS(load.AddEdge(aster, load.EdgeType("IN"), {99}, {}), ErrorCode::kNotFound,
               "no vertex 99");
  EXPECT_OK(load.AddEdge(aster, load.EdgeType("IN"), city, with("share", Value(0.5))));
  EXPECT_EQ(load.Publish()->edges_created, 1u);
}

TEST(BulkLoad, ReaderCannotLoad) {
  FreshDirectory directory;
  MakeStore(directory.path());
  const auto reader = OpenStore(directory.path(), {.access = Access::kReadOnly});
  EXPECT_FAILS(reader->BeginLoad({}), ErrorCode::kInvalidArgument, "reading only");
}

}  // namespace
}  // namespace qipu::graph
