#include "query/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/query/fixture.h"

namespace qipu::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TestGraph::Make();
    ASSERT_TRUE(made.ok()) << made.error().message;
    graph_ = std::move(*made);
    const Status created = graph_->Create(
        "CREATE (a:Firm {id: 'f:1', name: 'Aster'})-[:OWNS {share: 51}]->(:Firm {id: 'f:2'})");
    ASSERT_TRUE(created.ok()) << created.error().message;
  }
  Result<QueryResult> Ask(std::string_view text, const Parameters& parameters = {}) {
    return query::Run(graph_->TakeSnapshot(), text, parameters);
  }
  std::string One(std::string_view text, const Parameters& parameters = {}) {
    const auto result = Ask(text, parameters);
    if (!result.ok()) return result.error().message;
    return result->table.rows.empty() ? "no row" : CellText(result->table.rows[0][0]);
  }
  std::unique_ptr<TestGraph> graph_;
};

TEST_F(EngineTest, TakesParameters) {
  const Cell list{CellList{Cell{graph::Value(int64_t{1})}, Cell{graph::Value("x")}}};
  const Cell map{CellMap{{"b", Cell{graph::Value(true)}}, {"a", Cell{graph::Value(2.5)}}}};
  EXPECT_EQ(One("MATCH (f:Firm {id: $id}) RETURN f.name", {{"id", Cell{graph::Value("f:1")}}}),
            "Aster");
  EXPECT_EQ(One("RETURN $l[1] + $m.a", {{"l", list}, {"m", map}}), "x2.5");
  EXPECT_EQ(One("UNWIND [1, 2, 3] AS x RETURN x ORDER BY x SKIP $`n m`",
                {{"n m", Cell{graph::Value(int64_t{2})}}}),
            "3");
  EXPECT_EQ(One("RETURN 1", {{"unused", list}}), "1");
}

TEST_F(EngineTest, RefusesParameters) {
  EXPECT_EQ(One("RETURN $name", {{"nmae", Cell{graph::Value()}}}),
            "the query needs a value for $name; 'nmae' is given instead");
  EXPECT_THAT(One("RETURN 1 LIMIT $n", {{"n", Cell{graph::Value("x")}}}),
              HasSubstr("SKIP and LIMIT take an INTEGER"));
  EXPECT_THAT(One("RETURN $v", {{"v", Cell{VertexCell{}}}}), HasSubstr("a plain value"));
}

TEST_F(EngineTest, NoticesNamesTheDatabaseDoesNotHave) {
  EXPECT_THAT(Ask("MATCH (f:Frim)-[:OWN]->(g) WHERE f.nmae = 1 RETURN f")->notices,
              ElementsAre("no label 'Frim' in this database; did you mean 'Firm'?",
                          "no relationship type 'OWN' in this database; did you mean 'OWNS'?",
                          "no property 'nmae' in this database; did you mean 'name'?"));
  EXPECT_THAT(Ask("MATCH (f:Firm)-[:OWNS]->(g) WHERE f.name = 1 RETURN f")->notices, IsEmpty());
  EXPECT_THAT(Ask("WITH {other: 1} AS m RETURN m.other")->notices, IsEmpty());
}

TEST_F(EngineTest, PreparedRunsAgain) {
  const graph::Snapshot snapshot = graph_->TakeSnapshot();
  const auto prepared = Prepare(snapshot, "MATCH (f:Firm) WHERE f.id > $from RETURN f.id");
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ(prepared->Run({{"from", Cell{graph::Value("f:0")}}})->table.rows.size(), 2u);
  EXPECT_EQ(prepared->Run({{"from", Cell{graph::Value("f:1")}}})->table.rows.size(), 1u);
}

TEST_F(EngineTest, SeesItsSnapshotOnly) {
  const graph::Snapshot before = graph_->TakeSnapshot();
  ASSERT_TRUE(graph_->Create("CREATE (:Firm {id: 'f:3'})").ok());
  EXPECT_EQ(CellText(query::Run(before, "MATCH (f:Firm) RETURN count(f.id)", {})->table.rows[0][0]),
            "2");
  EXPECT_EQ(One("MATCH (f:Firm) RETURN count(f.id)"), "3");
}

TEST_F(EngineTest, ProfilesRows) {
  const graph::Snapshot snapshot = graph_->TakeSnapshot();
  const auto prepared = Prepare(snapshot, "MATCH (f:Firm) WHERE f.name = 'Aster' RETURN f.name");
  const auto profile = prepared->Profile({});
  ASSERT_TRUE(profile.ok());
  EXPECT_THAT(*profile, HasSubstr("ScanLabel f:Firm  (estimated 2, rows 2,"));
  EXPECT_THAT(*profile, HasSubstr("Filter f.name = 'Aster'  (estimated 1, rows 1,"));
}

TEST_F(EngineTest, RefusesWhatHoldsTooMuch) {
  const graph::Snapshot snapshot = graph_->TakeSnapshot();
  RunLimits limits;
  limits.bytes_held_max = uint64_t{1} << 20;
  for (const char* end : {"RETURN collect(x)", "RETURN x", "RETURN x, count(*)",
                          "WITH DISTINCT x RETURN count(x)", "RETURN -x AS y ORDER BY y"}) {
    SCOPED_TRACE(end);
    const auto prepared = Prepare(snapshot, std::string("UNWIND range(1, $n) AS x ") + end);
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    EXPECT_TRUE(prepared->Run({{"n", Cell{graph::Value(int64_t{1000})}}}, limits).ok());
    const auto result = prepared->Run({{"n", Cell{graph::Value(int64_t{100'000})}}}, limits);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kRefused);
    EXPECT_THAT(result.error().message, HasSubstr("more than 1 MiB in memory; take fewer rows"));
  }
  const auto top = Prepare(snapshot, "UNWIND range(1, 100000) AS x RETURN x ORDER BY -x LIMIT 3");
  EXPECT_TRUE(top->Run({}, limits).ok());
}

TEST_F(EngineTest, WritesCellsAsJson) {
  const struct {
    const char* query;
    const char* want;
  } cases[] = {
      {"RETURN null", "null"},
      {"RETURN true", "true"},
      {"RETURN 1.0", "1.0"},
      {"RETURN 0.0 / 0.0", "null"},
      {"RETURN 1.0 / 0", "null"},
      {"RETURN date('2024-01-02')", "\"2024-01-02\""},
      {"RETURN 'a\"企\\n'", "\"a\\\"企\\n\""},
      {"RETURN [1, null, {b: 'x', a: []}]", "[1,null,{\"a\":[],\"b\":\"x\"}]"},
      {"MATCH (f:Firm {id: 'f:1'}) RETURN f",
       "{\"id\":0,\"labels\":[\"Firm\"],\"properties\":{\"id\":\"f:1\",\"name\":\"Aster\"}}"},
      {"MATCH ()-[r]->() RETURN r",
       "{\"source\":0,\"type\":\"OWNS\",\"target\":1,\"rank\":0,\"properties\":{\"share\":51}}"},
      {"MATCH p = (:Firm {id: 'f:2'}) RETURN p",
       "{\"vertices\":[{\"id\":1,\"labels\":[\"Firm\"],\"properties\":{\"id\":\"f:2\"}}],"
       "\"edges\":[]}"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    const auto result = Ask(c.query);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(CellJson(result->table.rows[0][0]), c.want);
  }
}

TEST(FunctionTable, NamesEveryFunctionOnce) {
  const Table table = FunctionTable();
  std::set<std::string> names;
  for (const auto& row : table.rows) {
    EXPECT_TRUE(names.insert(CellText(row[0])).second) << CellText(row[0]);
    EXPECT_THAT(CellText(row[1]), HasSubstr("->"));
  }
  EXPECT_TRUE(names.contains("toUpper") && names.contains("collect"));
}

}  // namespace
}  // namespace qipu::query
