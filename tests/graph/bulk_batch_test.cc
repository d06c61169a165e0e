#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <thread>

#include "graph/verify.h"
#include "tests/graph/bulk_plan.h"
#include "tests/graph/dump.h"
#include "tests/graph/faulty_files.h"

namespace qipu::graph {
namespace {

/// As Fill, by batches that other threads make while this one adds them.
void FillByBatches(BulkLoad& load, const Plan& plan) {
  constexpr int kBatchFirms = 64, kBatches = 32;
  const LabelId firm = load.Label("Firm"), maker = load.Label("Maker"), city = load.Label("City");
  const PropertyId code = load.Property("code");
  const EdgeTypeId knows = load.EdgeType("KNOWS"), in = load.EdgeType("IN");
  std::vector<Properties> firms;  // here: names are interned by this thread
  for (int i = 0; i < plan.firms; ++i) firms.push_back(FirmProperties(load, plan.first_firm + i));
  EdgeProperties(load, 1);
  std::vector<VertexBatch> batches;
  for (int i = 0; i < kBatches; ++i) batches.emplace_back(load);
  std::atomic<int> made = 0;
  std::thread maker_thread([&] {
    for (int i = 0; i < plan.firms; ++i) {
      const int batch = i / kBatchFirms;
      EXPECT_OK(batches[batch].Add({{i % 2 == 0 ? firm : maker}}, firms[i]));
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

// One large enough to be sent as it is, after vertices that wait to be sent.
TEST(BulkBatch, LargeOnesComeInTheirPlace) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId firm = load.Label("Firm");
  const PropertyId id = load.Property("id"), name = load.Property("name");
  const auto properties = [&](int i) {
    return Properties{{id, Value("f" + std::to_string(i))}, {name, Value(std::string(500, 'n'))}};
  };
  EXPECT_OK(load.AddVertex({{firm}}, properties(0)));
  VertexBatch batch(load);
  for (int i = 1; i < 1000; ++i) EXPECT_OK(batch.Add({{firm}}, properties(i)));
  EXPECT_EQ(*load.AddVertices(batch), VertexId{1});
  EXPECT_OK(load.AddVertex({{firm}}, properties(1000)));
  EXPECT_OK(load.Publish());
  EXPECT_EQ(*store->TakeSnapshot().FindVertex(firm, "f1000"), VertexId{1000});
  EXPECT_EQ(*store->TakeSnapshot().FindVertex(firm, "f500"), VertexId{500});
  EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
}

TEST(BulkBatch, AVertexWithTwoKeysLeavesNoneWhenOneIsRefused) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId city = load.Label("City"), firm = load.Label("Firm");
  const PropertyId code = load.Property("code"), id = load.Property("id");
  const auto both = [&](const char* code_text, const char* id_text) {
    return Properties{{id, Value(id_text)}, {code, Value(code_text)}};
  };
  VertexBatch batch(load);
  EXPECT_OK(batch.Add({{city, firm}}, both("1", "a")));
  for (const auto& refused : {both("2", ""), both("", "b")}) {
    EXPECT_FAILS(batch.Add({{city, firm}}, refused), ErrorCode::kInvalidArgument, "key of a");
  }
  EXPECT_OK(load.AddVertices(batch));
  EXPECT_OK(batch.Add({{city, firm}}, both("1", "b")));
  EXPECT_FAILS(load.AddVertices(batch), ErrorCode::kAlreadyExists, "City with key '1'");
  EXPECT_OK(batch.Add({{city, firm}}, both("2", "a")));
  EXPECT_FAILS(load.AddVertices(batch), ErrorCode::kAlreadyExists, "Firm with key 'a'");
  EXPECT_OK(batch.Add({{city, firm}}, both("2", "b")));
  EXPECT_EQ(*load.AddVertices(batch), VertexId{1});
  EXPECT_OK(load.Publish());
  EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
}

TEST(BulkBatch, EdgesKeepRankAndProperties) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const EdgeTypeId near = load.EdgeType("NEAR");
  const PropertyId x = load.Property("x"), y = load.Property("y");
  const VertexId a = *load.AddVertex({}, {});
  EdgeBatch edges(load);
  EXPECT_OK(edges.Add({a, near, a, 7}, {{x, Value("ranked")}}));
  EXPECT_OK(edges.Add({a, near, a}, {{y, Value(2.0)}, {x, Value()}}));  // in the order they came
  EXPECT_OK(load.AddEdges(edges));
  EXPECT_OK(load.Publish());
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ((*snapshot.EdgeProperties({a, near, a, 7})), (Properties{{x, Value("ranked")}}));
  EXPECT_EQ((*snapshot.EdgeProperties({a, near, a, 0})), (Properties{{y, Value(2.0)}}));
  EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
}

// What could not be written for an index can't be left out: nothing is published after it.
// Keys asked for in the order of their vertices lie side by side in memory, but for where a new
// piece of it begins.
TEST(BulkBatch, KeysAreFoundInOrderAndInNone) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  auto load = *store->BeginLoad({});
  const LabelId firm = load.Label("Firm"), city = load.Label("City");
  const PropertyId id = load.Property("id"), code = load.Property("code");
  constexpr uint64_t kKeys = 6000;  // of 1,000 bytes: more than one piece
  std::vector<std::string> texts;
  std::vector<std::string_view> keys;
  for (uint64_t i = 0; i < kKeys; ++i) texts.push_back(std::to_string(i) + std::string(996, 'k'));
  for (const std::string& text : texts) {
    EXPECT_OK(load.AddVertex({{firm}}, {{id, Value(text)}}));
    EXPECT_OK(load.AddVertex({{city}}, {{code, Value(text)}}));
  }
  for (uint64_t i = 0; i < kKeys; ++i) keys.insert(keys.end(), 1 + i % 2, texts[i]);
  keys.push_back("none");
  keys.insert(keys.end(), texts.rbegin(), texts.rend());
  std::vector<VertexId> found(keys.size());
  for (const LabelId label : {firm, city}) {
    EXPECT_OK(load.FindVertices(label, keys, found));
    size_t wrong = 0;
    for (size_t i = 0; i < keys.size(); ++i) {
      const uint64_t number =
          keys[i] == "none" ? 0 : std::stoull(std::string(keys[i].substr(0, 6)));
      const VertexId wanted{2 * number + (label == city ? 1 : 0)};
      if (found[i] != (keys[i] == "none" ? BulkLoad::kAbsent : wanted)) ++wrong;
    }
    EXPECT_EQ(wrong, 0u);
  }
  EXPECT_OK(load.Publish());
  EXPECT_FAILS(load.FindVertices(firm, keys, found), ErrorCode::kInvalidArgument, "published");
  EXPECT_FAILS(load.AddVertex({{firm}}, {{id, Value("new")}}), ErrorCode::kInvalidArgument,
               "published");
  EXPECT_FAILS(load.AddEdge({0}, load.EdgeType("NEAR"), {2}, {}), ErrorCode::kInvalidArgument,
               "published");
}

TEST(BulkBatch, AfterAFailingDiskNothingIsPublished) {
  FreshDirectory directory;
  {
    const auto store = MakeStore(directory.path());
    EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kText));
  }
  const auto files = std::make_shared<FaultyFileSystem>(1 << 20);
  {
    const auto store = OpenStore(directory.path(), {.files = files});
    auto load = *store->BeginLoad({.memory_bytes = 1});
    const LabelId firm = load.Label("Firm");
    const PropertyId id = load.Property("id"), name = load.Property("name");
    std::optional<Error> failed;
    files->Allow(0);
    for (int i = 0; i < 200000 && !failed; ++i) {
      const std::string text = std::to_string(i);
      const auto added = load.AddVertex(
          {{firm}}, {{id, Value(text)}, {name, Value("firm " + text + " of many words " + text)}});
      if (!added.ok()) failed = added.error();
    }
    ASSERT_TRUE(failed) << "the index was to exceed its memory";
    EXPECT_EQ(failed->code, ErrorCode::kIo);
    files->Allow(1 << 20);
    EXPECT_FAILS(load.AddVertex({}, {}), ErrorCode::kIo, "");
    EXPECT_FAILS(load.Publish(), ErrorCode::kIo, "");
  }
  EXPECT_EQ(*OpenStore(directory.path())->TakeSnapshot().CountVertices(), 0u);
  EXPECT_TRUE(Verify(directory.path(), {}, {})->clean());
}

}  // namespace
}  // namespace qipu::graph
