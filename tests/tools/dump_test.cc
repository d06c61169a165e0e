#include "ingest/dump.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "graph/verify.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"
#include "tests/tools/text_of.h"
#include "tools/export/export.h"

namespace qipu::tools {
namespace {

using graph::Value;

std::unique_ptr<graph::Store> LoadedFrom(const std::string& folder, const std::string& directory) {
  auto store = graph::MakeStore(directory);
  EXPECT_OK(ingest::LoadDump(*store, folder, nullptr));
  return store;
}

TEST(Dump, GivesTheSameGraphBack) {
  const Value values[] = {
      Value(true),
      Value(false),
      Value(int64_t{0}),
      Value(std::numeric_limits<int64_t>::min()),
      Value(std::numeric_limits<int64_t>::max()),
      Value(1.0),
      Value(-0.0),
      Value(0.1),
      Value(1e300),
      Value(5e-324),
      Value(std::nan("")),
      Value(std::numeric_limits<double>::infinity()),
      Value(-std::numeric_limits<double>::infinity()),
      Value(""),
      Value(" a \"quoted\"\n\t text\\ "),
      Value(std::string("a\0b\x01\x1f", 5)),
      Value("\u2028\u00a0"),
      Value("2018-05-04"),
      Value("企谱"),
      Value(graph::Date{-20000}),
      Value(*graph::Date::FromCivil(2018, 5, 4)),
      Value(Value::List{}),
      Value(Value::List{Value("a"), Value(int64_t{1}), Value(graph::Date{3}),
                        Value(Value::List{Value(true)})}),
      Value(Value::List{Value(), Value(std::nan("")), Value(2.0), Value(Value::List{Value()})}),
  };
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  graph::Transaction t = store->Begin();
  const auto firm = t.MergeVertex(t.Label("Maker"), "a");
  const auto bare = t.CreateVertex();
  EXPECT_OK(firm);
  int number = 0;
  for (const Value& value : values) {
    const auto property = t.Property("p" + std::to_string(++number));
    EXPECT_OK(t.SetProperty(bare, property, value));
    EXPECT_OK(
        t.PutEdge({*firm, t.EdgeType("T" + std::to_string(number)), bare, 0}, {{property, value}}));
  }
  EXPECT_OK(t.CreateEdge(bare, t.EdgeType("NEAR"), bare, {}));
  EXPECT_OK(t.CreateEdge(bare, t.EdgeType("NEAR"), bare, {{t.Property("p1"), Value(1.5)}}));
  EXPECT_OK(t.Commit());

  EXPECT_OK(ExportNdjson(store->TakeSnapshot(), directory.File("dump")));
  const auto copy = LoadedFrom(directory.File("dump"), directory.File("copy"));
  EXPECT_OK(ExportNdjson(copy->TakeSnapshot(), directory.File("again")));
  for (const char* name : {"/vertices.ndjson", "/edges.ndjson", "/schema.json"}) {
    EXPECT_EQ(TextOf(directory.File("again") + name), TextOf(directory.File("dump") + name));
  }
  const graph::Snapshot read = copy->TakeSnapshot();
  int at = 0;
  for (const Value& value : values) {  // types as well, which the text shows only to who looks
    const auto property = *read.catalog().FindProperty("p" + std::to_string(++at));
    const auto row = *read.GetVertex({1});
    ASSERT_TRUE(row && row->Find(property) != nullptr);
    EXPECT_EQ(row->Find(property)->type(), value.type()) << at;
  }
  EXPECT_TRUE(std::filesystem::exists(directory.File("dump/schema.json")));
}

// Ranks with gaps, the properties on any of the parallel edges.
TEST(Dump, KeepsTheRanksOfEdges) {
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  graph::Transaction t = store->Begin();
  const auto knows = t.EdgeType("KNOWS");
  const auto note = t.Property("note");
  const auto a = *t.MergeVertex(t.Label("Firm"), "a"), b = *t.MergeVertex(t.Label("Firm"), "b");
  for (uint32_t rank = 0; rank < 8; ++rank) {
    const bool noted = rank % 3 == 0;
    const auto properties =
        noted ? graph::Properties{{note, Value(int64_t{rank})}} : graph::Properties();
    EXPECT_EQ(t.CreateEdge(a, knows, b, properties)->rank, rank);
    EXPECT_EQ(t.CreateEdge(b, knows, b, properties)->rank, rank);
  }
  for (const uint32_t rank : {0u, 2u, 3u, 5u}) EXPECT_OK(t.DeleteEdge({a, knows, b, rank}));
  EXPECT_OK(t.PutEdge({b, knows, a, UINT32_MAX}, {}));
  EXPECT_OK(t.Commit());
  EXPECT_OK(ExportNdjson(store->TakeSnapshot(), directory.File("dump")));
  const auto copy = LoadedFrom(directory.File("dump"), directory.File("copy"));
  EXPECT_EQ(graph::DumpOf(copy->TakeSnapshot()), graph::DumpOf(store->TakeSnapshot()));
  EXPECT_TRUE(graph::Verify(directory.File("db"), {}, {})->clean());
}

TEST(Dump, RefusesFilesThatWereCut) {
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  graph::Transaction t = store->Begin();
  for (const char* key : {"a", "b", "c"}) EXPECT_OK(t.MergeVertex(t.Label("Firm"), key));
  EXPECT_OK(t.Commit());
  const std::string dump = directory.File("dump");
  EXPECT_OK(ExportNdjson(store->TakeSnapshot(), dump));
  const std::string text = TextOf(dump + "/vertices.ndjson");
  std::ofstream(dump + "/vertices.ndjson", std::ios::binary) << text.substr(0, text.find('\n') + 1);
  const auto copy = graph::MakeStore(directory.File("copy"));
  EXPECT_FAILS(ingest::LoadDump(*copy, dump, nullptr), ErrorCode::kInvalidArgument,
               "vertices.ndjson: is not what the export wrote, 3 lines");
  EXPECT_EQ(*copy->TakeSnapshot().CountVertices(), 0u);
  std::filesystem::remove(dump + "/dump.json");
  EXPECT_OK(ingest::LoadDump(*copy, dump, nullptr));
  EXPECT_EQ(*copy->TakeSnapshot().CountVertices(), 1u);
  EXPECT_FAILS(ingest::LoadDump(*copy, dump, nullptr), ErrorCode::kAlreadyExists,
               "a dump is for a new database");
}

TEST(Dump, KeepsTheSchemaClosed) {
  for (const char* text : {R"({"labels": {"A": {"key": "k"}}})",
                           R"({"closed": false, "labels": {"A": {"key": "k"}}})"}) {
    graph::FreshDirectory directory;
    auto schema = *graph::Schema::Parse(text, "a.json");
    schema.set_closed(true);
    const auto store = graph::MakeStore(directory.File("db"), schema);
    EXPECT_OK(ExportNdjson(store->TakeSnapshot(), directory.File("dump")));
    const auto again =
        graph::Schema::Parse(TextOf(directory.File("dump/schema.json")), "schema.json");
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_TRUE(again->closed());
  }
}

TEST(Dump, ClosesTheGapsOfDeletedVertices) {
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  for (const char* key : {"a", "b", "c"}) {
    graph::Transaction t = store->Begin();
    EXPECT_OK(t.MergeVertex(t.Label("Firm"), key));
    EXPECT_OK(t.Commit());
  }
  graph::Transaction t = store->Begin();
  EXPECT_OK(t.PutEdge({{0}, t.EdgeType("KNOWS"), {2}, 0}, {}));
  EXPECT_OK(t.DeleteVertex({1}, graph::DetachEdges::kNo));
  EXPECT_OK(t.Commit());
  EXPECT_OK(ExportNdjson(store->TakeSnapshot(), directory.File("dump")));
  const auto copy = LoadedFrom(directory.File("dump"), directory.File("copy"));
  const graph::Snapshot snapshot = copy->TakeSnapshot();
  EXPECT_EQ(*snapshot.CountVertices(), 2u);
  const auto c = *snapshot.FindVertex(*snapshot.catalog().FindLabel("Firm"), "c");
  EXPECT_EQ(
      *snapshot.Neighbours({0}, *snapshot.catalog().FindEdgeType("KNOWS"), graph::Direction::kOut),
      std::vector<graph::Neighbour>{{*c}});
}

TEST(Dump, NamesTheLineThatIsWrongAndLoadsNothing) {
  const std::string good = R"({"id":3,"labels":["Firm"],"properties":{"id":"a"}})"
                           "\n";
  const struct {
    const char *name, *vertices, *edges, *told;
  } cases[] = {
      {"no JSON", "{\"id\":9,", "", "vertices.ndjson:2:"},
      {"a blank line", "\n", "", "vertices.ndjson:2:"},
      {"an unknown member", R"({"id":9,"label":[],"properties":{}})", "", "did you mean 'labels'"},
      {"a member is missing", R"({"id":9,"labels":[]})", "", "properties"},
      {"an id twice", R"({"id":3,"labels":[],"properties":{}})", "", "must be greater"},
      {"an id below zero", R"({"id":-3,"labels":[],"properties":{}})", "", "must not be negative"},
      {"a null", R"({"id":9,"labels":[],"properties":{"x":null}})", "", "null is no value"},
      {"a date that is none", R"({"id":9,"labels":[],"properties":{"x":{"$date":"2018-02-30"}}})",
       "", "is no date"},
      {"a number that is none", R"({"id":9,"labels":[],"properties":{"x":{"$numberDouble":"1"}}})",
       "", "is none of NaN"},
      {"an object", R"({"id":9,"labels":[],"properties":{"x":{"y":1}}})", "", "'properties.x"},
      {"a key twice", R"({"id":9,"labels":["Firm"],"properties":{"id":"a"}})", "",
       "vertices.ndjson:2:"},
      {"what the schema forbids", R"({"id":9,"labels":["Firm"],"properties":{"staff":"x"}})", "",
       "staff"},
      {"an edge from nowhere", "", R"({"type":"KNOWS","from":4,"to":3,"rank":0,"properties":{}})",
       "has no vertex 4"},
      {"an edge that the schema forbids", "",
       R"({"type":"IN","from":3,"to":3,"rank":0,"properties":{}})", "edges.ndjson:1:"},
      {"an edge without a type", "", R"({"from":3,"to":3,"rank":0,"properties":{}})", "type"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    graph::FreshDirectory directory;
    std::ofstream(directory.File("vertices.ndjson")) << good << c.vertices;
    std::ofstream(directory.File("edges.ndjson")) << c.edges;
    const auto store = graph::MakeStore(directory.File("db"));
    const auto loaded = ingest::LoadDump(*store, directory.path(), nullptr);
    ASSERT_FALSE(loaded.ok());
    EXPECT_THAT(loaded.error().message, testing::HasSubstr(c.told));
    EXPECT_THAT(loaded.error().message, testing::HasSubstr(".ndjson:"));
    EXPECT_EQ(*store->TakeSnapshot().CountVertices(), 0u);
  }
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  EXPECT_FAILS(ingest::LoadDump(*store, directory.File("none"), nullptr), ErrorCode::kNotFound,
               "export --as ndjson");
}

}  // namespace
}  // namespace qipu::tools
