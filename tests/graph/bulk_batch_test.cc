#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "graph/verify.h"
#include "tests/graph/bulk_plan.h"
#include "tests/graph/dump.h"

namespace qipu::graph {
namespace {

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

TEST(BulkBatch, MakeTheSameGraph) {
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
TEST(BulkBatch, EndBeforeWhatIsRefused) {
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

}  // namespace
}  // namespace qipu::graph
