// The whole way of a score on the ASEM data, against 19 pipelines of another engine and every draw
// of its Monte Carlo run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "query/score/score.h"
#include "tests/query/reference.h"

namespace qipu::query {
namespace {

constexpr char kMeta[] = "asem/input/iMeta.csv";

struct Case {
  const char* folder;
  const char* normalise;  ///< "goalposts" and "targets" stand for the parameters of the case
  const char* aggregate = "arithmetic";
  const char* root = nullptr;      ///< the mean of the root when it is another
  const char* outliers = nullptr;  ///< with denominators and imputation by group
  double min_share = 0;
  bool weights = false;  ///< those of the case
};

const Case kCases[] = {
    {"raw__minmax_0_100__amean", R"({"method": "minmax", "range": [0, 100]})"},
    {"raw__minmax_1_100__amean", R"({"method": "minmax", "range": [1, 100]})"},
    {"raw__zscore_0_1__amean", R"("zscore")"},
    {"raw__rank_min__amean", R"("rank")"},
    {"raw__borda_min__amean", R"("borda")"},
    {"raw__prank_min__amean", R"({"method": "percentile", "range": [0, 1]})"},
    {"raw__dist2max__amean", R"({"method": "distance_to_maximum", "range": [0, 1]})"},
    {"raw__dist2ref_DEU__amean",
     R"({"method": "distance_to_reference", "range": [0, 1], "reference": "DEU"})"},
    {"raw__dist2targ__amean", "targets"},
    {"raw__dist2targ_cap__amean", "capped targets"},
    {"raw__goalposts__amean", "goalposts"},
    {"raw__minmax_1_100__gmean", R"({"method": "minmax", "range": [1, 100]})", "geometric"},
    {"raw__minmax_1_100__amean_amean_gmean", R"({"method": "minmax", "range": [1, 100]})",
     "arithmetic", "geometric"},
    {.folder = "raw__minmax_0_100__amean__datthresh_0.5",
     .normalise = R"("minmax")",
     .min_share = 0.5},
    {.folder = "raw__minmax_0_100__amean__datthresh_1", .normalise = R"("minmax")", .min_share = 1},
    {.folder = "raw__minmax_0_100__amean__customw", .normalise = R"("minmax")", .weights = true},
    {"full_default", R"("minmax")", "arithmetic", nullptr, R"({})"},
    {"full__minmax_1_100__gmean", R"({"method": "minmax", "range": [1, 100]})", "geometric",
     nullptr, R"({})"},
    {"full__rank_min__amean", R"("rank")", "arithmetic", nullptr, R"({})"},
    {"full__zscore_0_1__amean", R"("zscore")", "arithmetic", nullptr, R"({})"},
    {"treat_win1_logCT", R"("minmax")", "arithmetic", nullptr, R"({"winsorise_max": 1})"},
    {"treat_win1_logCTplus", R"("minmax")", "arithmetic", nullptr,
     R"({"winsorise_max": 1, "log": "mirrored"})"},
    {"treat_winsorise_only", R"("minmax")", "arithmetic", nullptr, R"({"log": "none"})"},
};

/// Rows of iMeta by code: column name -> text.
std::vector<std::map<std::string, std::string>> ReadMeta() {
  const DataTable table = ReadReference(kMeta);
  std::vector<std::map<std::string, std::string>> rows;
  for (const auto& cells : table.rows) {
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < cells.size(); ++i) row[table.columns[i]] = cells[i];
  }
  return rows;
}

/// Writes the method file of a case.
class MethodWriter {
 public:
  explicit MethodWriter(const Case& c) : case_(c), meta_(ReadMeta()) {
    if (!c.weights) return;
    const DataTable table = ReadReference("asem/cases/" + std::string(c.folder) + "/weights.csv");
    for (const auto& row : table.rows) weights_[row[0]] = row[2];
  }

  std::string Write() {
    std::ostringstream out;
    out << R"({"score": 1, "units": {"column": "uCode", "name": "uName", "group": )"
        << R"("EurAsia_group"}, "min_share": )" << case_.min_share;
    const std::string normalise = case_.normalise;
    if (normalise[0] == '{' || normalise[0] == '"') out << R"(, "normalise": )" << normalise;
    if (case_.outliers != nullptr) {
      out << R"(, "missing": "group_mean", "outliers": )" << case_.outliers;
    }
    out << R"(, "indicators": {)" << Indicators() << R"(}, "tree": {"Index": )" << Node("Index")
        << "}}";
    return out.str();
  }

 private:
  std::string Indicators() {
    std::string list;
    for (const auto& row : meta_) {
      if (row.at("Type") != "Indicator") continue;
      const std::string& code = row.at("iCode");
      list += (list.empty() ? "\"" : ", \"") + code + R"(": {"direction": ")" +
              (row.at("Direction") == "1" ? "up" : "down") + R"(", "from": {"column": ")" + code +
              '"';
      if (case_.outliers != nullptr && !row.at("Denominator").empty()) {
        list += R"(, "divide_by": ")" + row.at("Denominator") + '"';
      }
      list += "}" + Own(code, row.at("Target")) + "}";
    }
    return list;
  }

  std::string Own(const std::string& code, const std::string& target) {
    const std::string_view how = case_.normalise;
    const std::string folder = "asem/cases/" + std::string(case_.folder);
    if (how == "goalposts") {
      const DataTable posts = ReadReference(folder + "/goalposts.csv");
      for (const auto& row : posts.rows) {
        if (row[0] != code) continue;
        return R"(, "normalise": {"method": "goalposts", "lower": )" + row[2] + R"(, "upper": )" +
               row[3] + "}";
      }
    }
    if (how.ends_with("targets")) {
      return R"(, "normalise": {"method": "distance_to_target", "range": [0, 1], "target": )" +
             target + (how == "capped targets" ? R"(, "clip": true})" : "}");
    }
    return "";
  }

  std::string Node(const std::string& code) {
    const bool root = code == "Index";
    const char* how = root && case_.root != nullptr ? case_.root : case_.aggregate;
    std::string text = std::string(R"({"aggregate": ")") + how + R"(", "weight": )" + Weight(code) +
                       R"(, "children": {)";
    bool first = true;
    for (const auto& row : meta_) {
      if (row.at("Parent") != code) continue;
      const std::string& child = row.at("iCode");
      text += std::string(first ? "\"" : ", \"") + child +
              "\": " + (row.at("Type") == "Indicator" ? Weight(child) : Node(child));
      first = false;
    }
    return text + "}}";
  }

  std::string Weight(const std::string& code) {
    return weights_.count(code) ? weights_[code] : "1";
  }

  Case case_;
  std::vector<std::map<std::string, std::string>> meta_;
  std::map<std::string, std::string> weights_;
};

void ExpectColumn(const ScoreResult& result, const Column& got,
                  const std::map<std::string, double>& want) {
  ASSERT_EQ(want.size(), result.codes.size());
  for (size_t u = 0; u < got.size(); ++u) {
    const double expected = want.at(result.codes[u]);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(got[u])) << result.codes[u];
    } else {
      EXPECT_NEAR(got[u], expected, 1e-9 * std::max(1.0, std::abs(expected))) << result.codes[u];
    }
  }
}

TEST(Asem, AgreesWithEveryPipeline) {
  QIPU_NEEDS_REFERENCE(kMeta);
  const DataTable data = ReadReference("asem/input/iData.csv");
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.folder);
    const std::string folder = "asem/cases/" + std::string(c.folder);
    const auto method = ScoreMethod::Parse(MethodWriter(c).Write(), "asem.json");
    ASSERT_TRUE(method.ok()) << method.error().message;
    const auto result = method->Run({.snapshot = nullptr, .data = &data});
    ASSERT_TRUE(result.ok()) << result.error().message;
    const DataTable aggregated = ReadReference(folder + "/aggregated.csv");
    const DataTable normalised = ReadReference(folder + "/normalised.csv");
    const DataTable ranks = ReadReference(folder + "/ranks.csv");
    for (const ScoreNode& node : result->nodes) {
      SCOPED_TRACE(node.id);
      ExpectColumn(*result, node.values,
                   ByFirstColumn(node.indicator < 0 ? aggregated : normalised, node.id));
      if (node.indicator >= 0) continue;
      const std::vector<int> got = RankDescending(node.values);
      const auto want = ByFirstColumn(ranks, node.id);
      for (size_t u = 0; u < got.size(); ++u) {
        const double rank = want.at(result->codes[u]);
        EXPECT_EQ(got[u], std::isnan(rank) ? 0 : static_cast<int>(rank)) << result->codes[u];
      }
    }
  }
}

TEST(Asem, ContributionsSumToTheScore) {
  QIPU_NEEDS_REFERENCE(kMeta);
  const DataTable data = ReadReference("asem/input/iData.csv");
  const auto method = ScoreMethod::Parse(MethodWriter(kCases[0]).Write(), "asem.json");
  ASSERT_TRUE(method.ok());
  const auto result = method->Run({.snapshot = nullptr, .data = &data});
  ASSERT_TRUE(result.ok());
  for (size_t u = 0; u < result->codes.size(); ++u) {
    double sum = 0;
    for (const IndicatorSteps& steps : result->indicators) {
      if (!std::isnan(steps.contributions[u])) sum += steps.contributions[u];
    }
    EXPECT_EQ(sum, result->nodes[0].values[u]) << "to the bit, also with missing values";
  }
}

// Sets the weights of a replayed draw.
TreeVariant ReplayWeights(const Tree& tree, const DataTable& sets, const std::string& set) {
  TreeVariant variant = Nominal(tree);
  for (const auto& row : sets.rows) {
    if (row[0] != set) continue;
    for (size_t n = 0; n < tree.size(); ++n) {
      if (tree[n].id == row[1]) variant.weights[n] = std::stod(row[3]);
    }
  }
  return variant;
}

TEST(Asem, ReplaysEveryDrawOfTheMonteCarloRun) {
  QIPU_NEEDS_REFERENCE(kMeta);
  const std::string folder = "asem/sensitivity/ua_vignette_1000/";
  const DataTable data = ReadReference("asem/input/iData.csv");
  const DataTable parameters = ReadReference(folder + "parameters.csv");
  const DataTable sets = ReadReference(folder + "weight_sets.csv");
  const DataTable scores = ReadReference(folder + "scores.csv");
  const auto method =
      ParseMethod(MethodWriter({"", R"("minmax")", "arithmetic", nullptr, "{}"}).Write(), "m.json");
  ASSERT_TRUE(method.ok()) << method.error().message;
  auto derived = Derive(*method, {.snapshot = nullptr, .data = &data});
  ASSERT_TRUE(derived.ok());
  FillMissing(*method, *derived);
  std::map<std::string, std::vector<Column>> cache;
  int replayed = 0;
  for (const auto& draw : parameters.rows) {
    SCOPED_TRACE("draw " + draw[0]);
    auto& columns = cache[draw[1] + draw[2]];
    if (columns.empty()) {
      OutlierRule rule;
      rule.winsorise_max = std::stoi(draw[1]);
      Normalisation how;
      how.low = 1;
      how.mean = 10;
      how.sd = 2;
      if (draw[2] == "n_zscore") how.method = NormaliseMethod::kZScore;
      for (size_t i = 0; i < derived->indicators.size(); ++i) {
        const Column treated = TreatOutliers(derived->indicators[i].filled, rule).values;
        columns.push_back(*Normalise(treated, method->indicators[i].info.sense, how, 0));
      }
    }
    std::vector<const Column*> normalised;
    for (const Column& column : columns) normalised.push_back(&column);
    TreeVariant variant = ReplayWeights(method->tree, sets, draw[3]);
    if (draw[4] == "a_gmean") variant.how = Aggregation::kGeometric;
    const Column got = EvaluateTree(method->tree, normalised, variant)[0];
    const auto want = ByFirstColumn(scores, "r_" + draw[0]);
    for (size_t u = 0; u < got.size(); ++u) {
      const double expected = want.at(derived->codes[u]);
      if (std::isnan(expected)) continue;  // a draw that the other engine could not do
      ASSERT_NEAR(got[u], expected, 1e-9 * expected) << derived->codes[u];
      ++replayed;
    }
  }
  EXPECT_GT(replayed, 900 * 51);
}

TEST(Asem, AFreshRunAgreesWithTheStatisticsOfTheRanks) {
  QIPU_NEEDS_REFERENCE(kMeta);
  const DataTable data = ReadReference("asem/input/iData.csv");
  std::string text =
      MethodWriter({"", R"({"method": "minmax", "range": [1, 100]})", "arithmetic", nullptr, "{}"})
          .Write();
  text.back() = ',';
  text += R"("robustness": {"draws": 1000, "seed": 1, "weights": 0.25,
      "normalise": [{"method": "minmax", "range": [1, 100]},
                    {"method": "zscore", "mean": 10, "sd": 2}],
      "aggregate": ["arithmetic", "geometric"],
      "outliers": [{"winsorise_max": 1}, {"winsorise_max": 2}, {"winsorise_max": 3},
                   {"winsorise_max": 4}, {"winsorise_max": 5}]}})";
  const auto method = ScoreMethod::Parse(text, "asem.json");
  ASSERT_TRUE(method.ok()) << method.error().message;
  const auto result = method->Run({.snapshot = nullptr, .data = &data});
  ASSERT_TRUE(result.ok()) << result.error().message;
  const DataTable stats = ReadReference("asem/sensitivity/ua_vignette_1000/rank_stats.csv");
  const auto median = ByFirstColumn(stats, "Median"), low = ByFirstColumn(stats, "Q5"),
             high = ByFirstColumn(stats, "Q95");
  // Here the weights of single indicators vary too, so that some intervals are a rank wider.
  for (size_t u = 0; u < result->codes.size(); ++u) {
    const RankInterval& interval = result->intervals[u];
    EXPECT_NEAR(interval.median, median.at(result->codes[u]), 1.5) << result->codes[u];
    EXPECT_NEAR(interval.low, low.at(result->codes[u]), 3) << result->codes[u];
    EXPECT_NEAR(interval.high, high.at(result->codes[u]), 3) << result->codes[u];
  }
  const auto again = method->Run({.snapshot = nullptr, .data = &data});
  for (size_t u = 0; u < result->codes.size(); ++u) {
    EXPECT_EQ(again->intervals[u].low, result->intervals[u].low);
    EXPECT_EQ(again->intervals[u].top, result->intervals[u].top);
  }
}

TEST(TechnologyAchievement, GoalpostsGiveThePublishedRanks) {
  QIPU_NEEDS_REFERENCE("oecd_tai/raw.csv");
  const DataTable data = ReadReference("oecd_tai/raw.csv");
  const DataTable posts = ReadReference("oecd_tai/goalposts.csv");
  std::string indicators, children;
  for (const auto& row : posts.rows) {
    indicators += (indicators.empty() ? "\"" : ", \"") + row[0] +
                  R"(": {"direction": "up", "from": {"column": ")" + row[0] +
                  R"("}, "normalise": {"method": "goalposts", "range": [0, 1], "clip": true, )" +
                  R"("lower": )" + row[1] + R"(, "upper": )" + row[2] + "}}";
    children += (children.empty() ? "\"" : ", \"") + row[0] + "\": 1";
  }
  const auto method = ScoreMethod::Parse(
      R"({"score": 1, "units": {"column": "country"}, "indicators": {)" + indicators +
          R"(}, "tree": {"TAI": {"children": {)" + children + "}}}}",
      "tai.json");
  ASSERT_TRUE(method.ok()) << method.error().message;
  const auto result = method->Run({.snapshot = nullptr, .data = &data});
  ASSERT_TRUE(result.ok()) << result.error().message;
  ExpectColumn(*result, result->nodes[0].values,
               ByFirstColumn(ReadReference("oecd_tai/expected_scores.csv"), "EW_goalposts"));
  const auto published = ByFirstColumn(ReadReference("oecd_tai/published_ranks.csv"), "EW");
  for (size_t u = 0; u < result->codes.size(); ++u) {
    EXPECT_EQ(result->ranks[u], static_cast<int>(published.at(result->codes[u])));
  }
}

TEST(CouplingCoordination, AgreesWithThePublishedYears) {
  constexpr char kFile[] = "coupling_coordination/ccd.csv";
  QIPU_NEEDS_REFERENCE(kFile);
  const DataTable table = ReadReference(kFile);
  const auto x = ByFirstColumn(table, "U1"), y = ByFirstColumn(table, "U2"),
             d = ByFirstColumn(table, "D"), published = ByFirstColumn(table, "D_published");
  for (const auto& [year, value] : d) {
    EXPECT_NEAR(CouplingCoordination(x.at(year), y.at(year)), value, 1e-12);
    EXPECT_NEAR(CouplingCoordination(x.at(year), y.at(year)), published.at(year), 0.0011);
  }
  EXPECT_EQ(CouplingCoordination(0, 0), 0);
}

}  // namespace
}  // namespace qipu::query
