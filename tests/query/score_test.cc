#include "query/score.h"

#include "query/score/score.h"
#include "tests/query/landscape_fixture.h"

namespace qipu::query {
namespace {

using graph::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string TextOf(const Cell& cell) { return std::get<Value>(cell.value).ToString(); }

DataTable Data(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows) {
  DataTable table{"figures.csv", std::move(columns), std::move(rows), {}};
  for (size_t row = 0; row < table.rows.size(); ++row) table.lines.push_back(row + 2);
  return table;
}

std::string FromData(const std::string& more) {
  return R"({"score": 1, "units": {"column": "code"}, "indicators": {
      "a": {"direction": "up", "from": {"column": "a"}},
      "b": {"direction": "down", "from": {"column": "b"}}},
    "tree": {"score": {"children": {"a": 1, "b": 3}}})" +
         more + "}";
}

ScoreResult ScoreOf(const std::string& text, const ScoreInputs& inputs) {
  const auto method = ScoreMethod::Parse(text, "m.json");
  EXPECT_OK(method);
  auto result = method->Run(inputs);
  EXPECT_OK(result);
  return *result;
}

TEST(ScoreMethod, RanksRowsOfATable) {
  const DataTable data =
      Data({"code", "a", "b"}, {{"x", "1", "10"}, {"y", "3", "30"}, {"z", "2", ""}});
  const ScoreResult result = ScoreOf(FromData(""), {.data = &data});
  // x: a 0, b 100; y: a 100, b 0; z: a 50, b missing.
  EXPECT_THAT(result.nodes[0].values, ElementsAre(75, 25, 50));
  EXPECT_THAT(result.ranks, ElementsAre(1, 3, 2));
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("'b': missing for 1 of 3 units")));
  const Table table = RankingTable(result, 2);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].size(), table.columns.size());
  EXPECT_EQ(TextOf(table.rows[0][4]), "x");
  EXPECT_EQ(TextOf(table.rows[0][1]), "") << "no draws, no interval";
}

TEST(ScoreMethod, ExplainsEveryStep) {
  const DataTable data = Data({"code", "a", "b"}, {{"x", "1", "10"}, {"y", "3", "30"}});
  const ScoreResult result = ScoreOf(FromData(""), {.data = &data});
  const auto unit = ExplainUnit(result, "x");
  EXPECT_OK(unit);
  ASSERT_EQ(unit->rows.size(), 3u) << "two indicators and the sum";
  for (const auto& row : unit->rows) EXPECT_EQ(row.size(), unit->columns.size());
  EXPECT_EQ(TextOf(unit->rows[1].back()), TextOf(unit->rows[2].back()));
  const auto indicator = ExplainIndicator(result, "x", "b");
  EXPECT_OK(indicator);
  EXPECT_EQ(TextOf(indicator->rows[5][2]), "minmax, less is better");
  EXPECT_FAILS(ExplainUnit(result, "w"), ErrorCode::kInvalidArgument, "'w' is no unit");
  EXPECT_FAILS(ExplainIndicator(result, "x", "c"), ErrorCode::kInvalidArgument, "no indicator 'c'");
}

TEST(ScoreMethod, MissingRules) {
  const DataTable data = Data({"code", "a", "b", "g"},
                              {{"x", "1", "10", "m"}, {"y", "3", "", "m"}, {"z", "2", "50", "n"}});
  const auto with = [](const char* rule) {
    std::string text = FromData(std::string(R"(, "missing": ")") + rule + '"');
    return text.replace(text.find(R"("code"})"), 7, R"("code", "group": "g"})");
  };
  EXPECT_THAT(ScoreOf(with("mean"), {.data = &data}).indicators[1].filled, ElementsAre(10, 30, 50));
  EXPECT_THAT(ScoreOf(with("group_mean"), {.data = &data}).indicators[1].filled,
              ElementsAre(10, 10, 50));
  EXPECT_STREQ(ScoreOf(with("median"), {.data = &data}).indicators[1].imputed[1], "median");
  const ScoreResult without = ScoreOf(with("exclude"), {.data = &data});
  EXPECT_THAT(without.codes, ElementsAre("x", "z"));
  EXPECT_THAT(without.notes, ElementsAre(HasSubstr("unit y is left out: indicator 'b'")));
}

TEST(ScoreMethod, AConstantIndicatorIsLeftOutAloud) {
  const DataTable data = Data({"code", "a", "b"}, {{"x", "1", "5"}, {"y", "3", "5"}});
  const ScoreResult result = ScoreOf(FromData(""), {.data = &data});
  EXPECT_THAT(result.ranks, ElementsAre(2, 1));
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("'b' tells no unit from another")));
}

TEST(ScoreMethod, IntervalsAndQuadrants) {
  const DataTable data = Data({"code", "a", "b"},
                              {{"x", "9", "1"}, {"y", "5", "5"}, {"z", "1", "9"}, {"w", "8", "8"}});
  const std::string text = R"({"score": 1, "units": {"column": "code"},
    "normalise": {"method": "minmax", "range": [1, 100]},
    "indicators": {"a": {"direction": "up", "from": {"column": "a"}},
                   "b": {"direction": "down", "from": {"column": "b"}}},
    "tree": {"score": {"children": {"p": {"children": {"a": 1}}, "l": {"children": {"b": 1}}}}},
    "quadrant": {"x": "l", "y": "p", "coupling": true},
    "robustness": {"draws": 200, "seed": 3, "top": 1, "weights": 0.5, "drop_one": true,
                   "normalise": [{"method": "minmax", "range": [1, 100]}, "zscore"],
                   "aggregate": ["arithmetic", "geometric"]}})";
  const ScoreResult result = ScoreOf(text, {.data = &data});
  EXPECT_EQ(result.draws, 200);
  EXPECT_EQ(result.excluded_choices, 1) << "z-scores have no geometric mean";
  EXPECT_EQ(result.intervals[0].low, 1) << "x is best in both";
  EXPECT_EQ(result.intervals[0].high, 1);
  EXPECT_EQ(result.intervals[0].top, 1);
  EXPECT_EQ(result.intervals[2].low, 4) << "z is last in both";
  EXPECT_LT(result.intervals[3].low, result.intervals[3].high) << "y and w trade places";
  EXPECT_EQ(result.quadrants[0], "high p, high l");
  EXPECT_EQ(result.quadrants[3], "high p, low l");
  EXPECT_DOUBLE_EQ(result.coupling[0], 1);
  const ScoreResult none = ScoreOf(text, {.data = &data, .draws = 0});
  EXPECT_EQ(none.intervals[0].low, 0);
}

TEST(DrawUniform, IsTheSameEverywhere) {
  // SplitMix64 with seed 0: its first output, 0xe220a8397b1dcdaf, over 2^64 cut to 53 bits.
  EXPECT_EQ(DrawUniform(0, 0, 0), static_cast<double>(0xe220a8397b1dcdafu >> 11) * 0x1p-53);
  EXPECT_NE(DrawUniform(0, 0, 1), DrawUniform(0, 1, 0));
  double sum = 0;
  for (uint64_t draw = 0; draw < 10'000; ++draw) sum += DrawUniform(5, draw, 3);
  EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
}

TEST(ScoreMethod, BadFilesAreNamedByLineAndKey) {
  const struct {
    const char* name;
    const char* text;
    const char* message;
  } cases[] = {
      {"version", R"({"score": 2})", "m.json:1: key 'score'"},
      {"unknown key", "{\"score\": 1,\n\"indicator\": {}}", "did you mean 'indicators'"},
      {"no units", R"({"score": 1, "units": {}})", "needs 'level'"},
      {"graph source of data units",
       R"({"score": 1, "units": {"column": "c"}, "indicators": {"a": {"direction": "up",
           "from": {"property": "x"}}}, "tree": {"s": {"children": {"a": 1}}}})",
       "the units must too"},
      {"method", R"({"score": 1, "units": {"column": "c"}, "normalise": "min_max"})",
       "did you mean 'minmax'?"},
      {"stray parameter",
       R"({"score": 1, "units": {"column": "c"}, "normalise": {"method": "zscore", "range": [0, 1]}})",
       "range"},
      {"goalposts without posts",
       R"({"score": 1, "units": {"column": "c"}, "normalise": "goalposts"})", "needs parameters"},
      {"leaf nobody knows",
       R"({"score": 1, "units": {"column": "c"}, "indicators": {"gdp": {"direction": "up",
           "from": {"column": "x"}}}, "tree": {"s": {"children": {"gpd": 1}}}})",
       "did you mean 'gdp'?"},
      {"indicator without a place",
       R"({"score": 1, "units": {"column": "c"}, "indicators": {
           "a": {"direction": "up", "from": {"column": "x"}},
           "b": {"direction": "up", "from": {"column": "x"}}}, "tree": {"s": {"children": {"a": 1}}}})",
       "indicator 'b' has no place in the tree"},
      {"weight", R"({"score": 1, "units": {"column": "c"}, "indicators": {
           "a": {"direction": "up", "from": {"column": "x"}}}, "tree": {"s": {"children": {"a": 0}}}})",
       "key 'tree.s.children.a'"},
      {"quadrant", R"({"score": 1, "units": {"column": "c"}, "indicators": {
           "a": {"direction": "up", "from": {"column": "x"}}}, "tree": {"s": {"children": {"a": 1}}},
           "quadrant": {"x": "s", "y": "t"}})",
       "key 'quadrant.y'"},
      {"density without basis", R"({"score": 1, "units": {"level": "district"}, "indicators": {
           "a": {"direction": "up", "from": {"density": "density"}}}, "tree": {}})",
       "needs 'per'"},
      {"level", R"({"score": 1, "units": {"level": "distrct"}})", "did you mean 'district'?"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FAILS(ScoreMethod::Parse(c.text, "m.json"), ErrorCode::kInvalidArgument, c.message);
    EXPECT_FAILS(ScoreMethod::Parse(c.text, "m.json"), ErrorCode::kInvalidArgument, "m.json:");
  }
}

TEST(ScoreMethod, BadDataIsNamedByLine) {
  const auto method = ScoreMethod::Parse(FromData(""), "m.json");
  ASSERT_TRUE(method.ok());
  const struct {
    const char* name;
    DataTable data;
    const char* message;
  } cases[] = {
      {"text", Data({"code", "a", "b"}, {{"x", "1", "2"}, {"y", "n/a", "2"}}),
       "figures.csv:3: column 'a': 'n/a' is no number"},
      {"twice", Data({"code", "a", "b"}, {{"x", "1", "2"}, {"x", "1", "2"}}),
       "figures.csv:3: unit 'x' was already given in line 2"},
      {"no code", Data({"code", "a", "b"}, {{"", "1", "2"}}), "figures.csv:2: "},
      {"column", Data({"code", "a", "bb"}, {{"x", "1", "2"}}),
       "no column 'b', which m.json names in 'indicators.b'"},
      {"empty", Data({"code", "a", "b"}, {}), "no unit"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FAILS(method->Run({.data = &c.data}), ErrorCode::kInvalidArgument, c.message);
  }
  EXPECT_FAILS(method->Run({}), ErrorCode::kInvalidArgument, "--data");
  const auto geometric = ScoreMethod::Parse(
      R"({"score": 1, "units": {"column": "code"}, "indicators": {
          "a": {"direction": "up", "from": {"column": "a"}}},
          "tree": {"s": {"aggregate": "geometric", "children": {"a": 1}}}})",
      "m.json");
  const DataTable data = Data({"code", "a"}, {{"x", "1"}, {"y", "2"}});
  EXPECT_FAILS(geometric->Run({.data = &data}), ErrorCode::kInvalidArgument,
               "indicator 'a' of unit x is 0");
}

class GraphScoreTest : public testing::Test {
 protected:
  void SetUp() override {
    AddRegionsAndChain(t_);
    t_.Company({"c:1",
                {"DeviceSupplier"},
                {"310101"},
                {"chip", "servo"},
                {{"name", Value("One")}, {"registered_capital_cny", Value(50.0)}}});
    t_.Company({"c:2", {"DeviceSupplier"}, {"310101"}, {}, {{"name", Value("Two")}}});
    t_.Company({"c:3", {"SoftwareVendor"}, {"440301"}, {"cad"}, {{"name", Value("Three")}}});
  }
  TestLandscape t_;
};

constexpr char kGraphMethod[] = R"({"score": 1,
  "units": {"level": "district", "parent_where": {"gdp_cny": {"min": 1e11}}, "group": "parent"},
  "indicators": {
    "devices": {"direction": "up", "from": {"density": "density", "role": "device_supplier",
                                            "per": "km2"}},
    "capital": {"direction": "up", "from": {"density": "size", "role": "device_supplier",
                                            "size": "registered_capital_cny"}},
    "breadth": {"direction": "up", "from": {"coverage": "breadth", "chain": "robots"}},
    "people": {"direction": "up", "from": {"property": "population", "divide_by": "area_km2"},
               "scale": 0.001},
    "asked": {"direction": "down", "from": {"query":
        "MATCH (c:Company)-[:LOCATED_IN]->(d:District) RETURN d.code AS code, count(c) AS value"}},
    "city": {"direction": "up", "from": {"property": "gdp_cny", "of": "city"}}},
  "tree": {"score": {"children": {"devices": 1, "capital": 1, "breadth": 1, "people": 1,
                                  "city": 1, "asked": 1}}}})";

TEST_F(GraphScoreTest, AgreesWithTheMetricsItUses) {
  const graph::Snapshot snapshot = t_.Commit();
  const ScoreResult result = ScoreOf(kGraphMethod, {.snapshot = &snapshot, .explain = "310101"});
  EXPECT_THAT(result.codes, ElementsAre("310101", "310102", "440301"));
  EXPECT_THAT(result.parents, ElementsAre("Big", "Big", "Town"));
  const auto& steps = result.indicators;
  EXPECT_THAT(steps[0].raw, ElementsAre(2 / 20.0, 0, 0)) << "none there is 0, not missing";
  EXPECT_THAT(steps[1].raw, ElementsAre(50, 0, 0));
  EXPECT_THAT(steps[2].raw, ElementsAre(3.0 / 8, 0, 2.0 / 8));
  EXPECT_EQ(steps[3].raw[0], 500'000 / 20.0 * 0.001);
  EXPECT_TRUE(std::isnan(steps[3].raw[1])) << "no population";
  EXPECT_EQ(steps[4].raw[0], 2);
  EXPECT_TRUE(std::isnan(steps[4].raw[1])) << "the query has no row for it";
  EXPECT_THAT(steps[5].raw, ElementsAre(4e12, 4e12, 3e11));
  const auto coverage = ComputeCoverage(snapshot, {.chain = "robots"});
  EXPECT_EQ(coverage->rows[0].breadth, steps[2].raw[0]);
  ASSERT_EQ(steps[0].evidence.size(), 2u);
  EXPECT_EQ(steps[0].evidence[1].name, "Two");
  ASSERT_EQ(steps[2].evidence.size(), 1u) << "who offers anything of the chain";
  EXPECT_EQ(steps[2].evidence[0].id, "c:1");
  const auto explained = ExplainIndicator(result, "310101", "devices");
  EXPECT_OK(explained);
  EXPECT_EQ(TextOf(explained->rows.back()[2]), "c:2 Two");
}

TEST_F(GraphScoreTest, ConditionsChooseTheUnits) {
  const graph::Snapshot snapshot = t_.Commit();
  std::string text = kGraphMethod;
  text.replace(text.find("1e11"), 4, "1e12");
  EXPECT_THAT(ScoreOf(text, {.snapshot = &snapshot}).codes, ElementsAre("310101", "310102"));
  text.replace(text.find("1e12"), 4, "1e15");
  const auto method = ScoreMethod::Parse(text, "m.json");
  EXPECT_FAILS(method->Run({.snapshot = &snapshot}), ErrorCode::kInvalidArgument,
               "no region in force meets the conditions");
  EXPECT_FAILS(method->Run({}), ErrorCode::kInvalidArgument, "--db");
  text.replace(text.find("1e15"), 4, "1e11");
  text.replace(text.find("area_km2"), 8, "area_km3");
  EXPECT_FAILS(ScoreMethod::Parse(text, "m.json")->Run({.snapshot = &snapshot}),
               ErrorCode::kInvalidArgument, "did you mean 'area_km2'?");
  text.replace(text.find("area_km3"), 8, "area_km2");
  text.replace(text.find("d.code AS code"), 14, "d.name AS name");
  EXPECT_FAILS(ScoreMethod::Parse(text, "m.json")->Run({.snapshot = &snapshot}),
               ErrorCode::kInvalidArgument, "indicator 'asked': the query must return");
}

TEST(ScoreMethod, TheFirstStudyIsRead) {
  const auto method = ScoreMethod::Load(std::string(QIPU_SOURCE_DIR) +
                                        "/schemas/methods/smart-manufacturing-district.json");
  EXPECT_OK(method);
  EXPECT_TRUE(method->needs_graph());
  EXPECT_FALSE(method->needs_data());
  EXPECT_FAILS(ScoreMethod::Load("absent.json"), ErrorCode::kNotFound, "absent.json");
}

}  // namespace
}  // namespace qipu::query
