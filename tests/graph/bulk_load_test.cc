#include "graph/bulk_load.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <random>
#include <thread>

#include "graph/verify.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

/// A graph to build in two ways: firms and cities, edges between them with and without properties,
/// some of them parallel and some loops.
struct Plan {
  struct Edge {
    std::string from, to;
    bool to_city;
    int share;  // 0: no property
  };
  int first_firm = 0, firms = 0, cities = 0;
  std::vector<Edge> edges;

  /// Edges also lead to and from the firms below `first_firm`.
  static Plan Random(int first_firm, int firms, int cities, int edges, uint32_t seed) {
    Plan plan{first_firm, firms, cities, {}};
    std::mt19937 random(seed);
    const auto firm = [&] {
      const double skewed = std::pow(static_cast<double>(random()) / 4294967296.0, 3);
      return "f" + std::to_string(static_cast<int>(skewed * (first_firm + firms)));
    };
    for (int i = 0; i < edges; ++i) {
      const bool to_city = random() % 3 == 0;
      Edge edge{firm(), to_city ? "c" + std::to_string(random() % 5) : firm(), to_city, 0};
      // Between the same two all have the property or none has: the order then is that of coming.
      const bool has_share = std::hash<std::string>()(edge.from + edge.to) % 4 != 0;
      if (has_share) edge.share = 1 + static_cast<int>(random() % 3);
      plan.edges.push_back(std::move(edge));
    }
    return plan;
  }
};

template <class Names>
Properties FirmProperties(Names& names, int number) {
  Properties properties;
  SetProperty(properties, names.Property("id"), Value("f" + std::to_string(number)));
  if (number % 3 != 0) SetProperty(properties, names.Property("staff"), Value(int64_t{number}));
  if (number % 7 == 0) {
    SetProperty(properties, names.Property("tags"), Value(Value::List{Value("a"), Value(1.5)}));
  }
  return properties;
}

template <class Names>
Properties EdgeProperties(Names& names, int share) {
  if (share == 0) return {};
  return {{names.Property("share"), Value(int64_t{share})}};
}

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

void Fill(BulkLoad& load, const Plan& plan) {
  const LabelId firm = load.Label("Firm"), maker = load.Label("Maker"), city = load.Label("City");
  for (int i = plan.first_firm; i < plan.first_firm + plan.firms; ++i) {
    EXPECT_OK(load.AddVertex({{i % 2 == 0 ? firm : maker}}, FirmProperties(load, i)));
  }
  for (int i = 0; i < plan.cities; ++i) {
    EXPECT_OK(load.AddVertex({{city}}, {{load.Property("code"), Value("c" + std::to_string(i))}}));
  }
  for (const Plan::Edge& edge : plan.edges) {
    EXPECT_OK(load.AddEdge(
        **load.FindVertex(firm, edge.from), load.EdgeType(edge.to_city ? "IN" : "KNOWS"),
        **load.FindVertex(edge.to_city ? city : firm, edge.to), EdgeProperties(load, edge.share)));
  }
}

CommitSummary Load(Store& store, const Plan& plan, uint64_t memory_bytes = 1 << 20) {
  auto load = store.BeginLoad({.memory_bytes = memory_bytes});
  EXPECT_OK(load);
  Fill(*load, plan);
  const auto summary = load->Publish();
  EXPECT_OK(summary);
  return *summary;
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

/// As Fill, by batches that other threads make while this one adds them.
void FillByBatches(BulkLoad& load, const Plan& plan) {
  constexpr int kBatchFirms = 64, kBatches = 32;
  const LabelId firm = load.Label("Firm"), maker = load.Label("Maker"), city = load.Label("City");
  const PropertyId code = load.Property("code");
  const EdgeTypeId knows = load.EdgeType("KNOWS"), in = load.EdgeType("IN");
  FirmProperties(load, 14), EdgeProperties(load, 1);  // interns their names
  std::vector<VertexBatch> batches;
  for (int i = 0; i < kBatches; ++i) batches.emplace_back(load);
  std::atomic<int> made = 0;
  std::thread maker_thread([&] {
    for (int i = plan.first_firm; i < plan.first_firm + plan.firms; ++i) {
      const int batch = (i - plan.first_firm) / kBatchFirms;
      EXPECT_OK(batches[batch].Add({{i % 2 == 0 ? firm : maker}}, FirmProperties(load, i)));
      made = batch;
    }
    made = kBatches;
  });
  for (int i = 0; i < kBatches; ++i) {
    while (made <= i) std::this_thread::yield();
    EXPECT_OK(load.AddVertices(batches[i]));
    EXPECT_EQ(batches[i].size(), 0u);
  }
  maker_thread.join();
  for (int i = 0; i < plan.cities; ++i) {
    EXPECT_OK(batches[0].Add({{city}}, {{code, Value("c" + std::to_string(i))}}));
  }
  EXPECT_OK(load.AddVertices(batches[0]));
  EdgeBatch edges(load);
  for (const Plan::Edge& edge : plan.edges) {
    EXPECT_OK(edges.Add({**load.FindVertex(firm, edge.from), edge.to_city ? in : knows,
                         **load.FindVertex(edge.to_city ? city : firm, edge.to)},
                        EdgeProperties(load, edge.share)));
    if (edges.size() == 100) EXPECT_OK(load.AddEdges(edges));
  }
  EXPECT_OK(load.AddEdges(edges));
  EXPECT_EQ(edges.size(), 0u);
}

TEST(BulkLoad, BatchesMakeTheSameGraph) {
  const Plan plan = Plan::Random(0, 2000, 5, 3000, 11);
  for (const bool indexed : {false, true}) {
    FreshDirectory one_by_one, batched;
    const auto a = MakeStore(one_by_one.path()), b = MakeStore(batched.path());
    for (const auto& store : {a.get(), b.get()}) {
      if (indexed) EXPECT_OK(store->MakeIndex("Firm", "staff", IndexKind::kValue));
    }
    Load(*a, plan);
    auto load = *b->BeginLoad({});
    FillByBatches(load, plan);
    EXPECT_OK(load.Publish());
    EXPECT_EQ(DumpOf(b->TakeSnapshot()), DumpOf(a->TakeSnapshot()));
    EXPECT_TRUE(Verify(batched.path(), {}, {})->clean());
  }
}

// What comes before the one that is refused is there, it and what comes after it is not.
TEST(BulkLoad, BatchesEndBeforeWhatIsRefused) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId city = load.Label("City");
  const PropertyId code = load.Property("code");
  const EdgeTypeId in = load.EdgeType("NEAR");
  VertexBatch cities(load);
  for (const char* name : {"a", "b", "a", "c"}) {
    EXPECT_OK(cities.Add({{city}}, {{code, Value(name)}}));
  }
  EXPECT_FAILS(cities.Add({{city}}, {{code, Value("")}}), ErrorCode::kInvalidArgument, "key of");
  EXPECT_EQ(cities.size(), 4u);
  EXPECT_FAILS(load.AddVertices(cities), ErrorCode::kAlreadyExists, "City with key 'a'");
  EXPECT_EQ(cities.size(), 0u);
  EXPECT_OK(cities.Add({{city}}, {{code, Value("c")}}));
  EXPECT_EQ(*load.AddVertices(cities), VertexId{2});
  EdgeBatch edges(load);
  for (const uint64_t to : {1, 7, 2}) EXPECT_OK(edges.Add({{0}, in, {to}}, {}));
  EXPECT_FAILS(load.AddEdges(edges), ErrorCode::kNotFound, "no vertex 7");
  EXPECT_EQ(edges.size(), 0u);
  EXPECT_OK(load.Publish());
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(*snapshot.CountVertices(), 3u);
  EXPECT_EQ(*snapshot.Neighbours({0}, in, Direction::kOut), (std::vector<Neighbour>{{{1}, 0}}));
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
