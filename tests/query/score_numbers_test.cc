// The pure numeric steps of a score: statistics, outliers, normalisation, aggregation.
#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "query/score/score.h"
#include "tests/query/reference.h"

namespace qipu::query {
namespace {

using ::testing::ElementsAre;

constexpr char kVectors[] = "vectors/normalise_treat_vectors.json";

void ExpectNear(const Column& got, const Column& want, double tolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    SCOPED_TRACE(i);
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got[i]));
    } else {
      EXPECT_NEAR(got[i], want[i], tolerance * std::max(1.0, std::abs(want[i])));
    }
  }
}

Normalisation Named(NormaliseMethod method, double low, double high) {
  Normalisation how;
  how.method = method;
  how.low = low;
  how.high = high;
  return how;
}
Normalisation ZScore(double mean, double sd) {
  Normalisation how;
  how.method = NormaliseMethod::kZScore;
  how.mean = mean;
  how.sd = sd;
  return how;
}

TEST(Normalise, AgreesWithTheReferenceVectors) {
  QIPU_NEEDS_REFERENCE(kVectors);
  const struct {
    const char* name;
    Normalisation how;
  } methods[] = {
      {"minmax_0_100", Named(NormaliseMethod::kMinMax, 0, 100)},
      {"minmax_1_100", Named(NormaliseMethod::kMinMax, 1, 100)},
      {"zscore_0_1", ZScore(0, 1)},
      {"zscore_100_15", ZScore(100, 15)},
      {"rank_min", Named(NormaliseMethod::kRank, 0, 1)},
      {"borda_min", Named(NormaliseMethod::kBorda, 0, 1)},
      {"prank_min", Named(NormaliseMethod::kPercentile, 0, 1)},
      {"dist2max", Named(NormaliseMethod::kDistanceToMaximum, 0, 1)},
  };
  const auto document = graph::JsonDocument::Load(ReferencePath(kVectors));
  ASSERT_TRUE(document.ok());
  int compared = 0;
  for (const auto& [name, vector] : **document->root().Object()) {
    if (!vector.is_object()) continue;
    const Column x = Numbers(*vector.Find("x"));
    for (const auto& [direction, sense] :
         {std::pair("direction_1", Sense::kUp), std::pair("direction_-1", Sense::kDown)}) {
      for (const auto& method : methods) {
        SCOPED_TRACE(name + " " + direction + " " + method.name);
        const graph::JsonNode* want = vector.Find(direction)->Find(method.name);
        ASSERT_NE(want, nullptr);
        const auto got = Normalise(x, sense, method.how, 0);
        ASSERT_TRUE(got.has_value());
        ExpectNear(*got, Numbers(*want), 1e-12);
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 7 * 2 * 8);
}

TEST(Normalise, HandlesGoalpostsTargetsAndReferences) {
  Normalisation posts = Named(NormaliseMethod::kGoalposts, 0, 100);
  posts.lower = 10;
  posts.upper = 30;
  Normalisation clipped = posts;
  clipped.clip = true;
  Normalisation target = Named(NormaliseMethod::kDistanceToTarget, 0, 1);
  target.target = 20;
  Normalisation capped = target;
  capped.clip = true;
  const Normalisation reference = Named(NormaliseMethod::kDistanceToReference, 0, 1);
  const struct {
    const char* name;
    Normalisation how;
    Sense sense;
    Column values, want;
  } cases[] = {
      {"goalposts", posts, Sense::kUp, {10, 20, 40}, {0, 50, 150}},
      {"goalposts, less is better", posts, Sense::kDown, {10, 20, 40}, {100, 50, -50}},
      {"goalposts clipped", clipped, Sense::kUp, {0, 20, 40}, {0, 50, 100}},
      {"target", target, Sense::kUp, {10, 15, 30}, {0, 0.5, 2}},
      {"target capped", capped, Sense::kUp, {10, 15, 30}, {0, 0.5, 1}},
      {"target, less is better", target, Sense::kDown, {40, 30, 20}, {0, 0.5, 1}},
      {"reference is the second unit", reference, Sense::kUp, {0, 4, 6}, {0, 1, 1.5}},
      {"a gap stays a gap", reference, Sense::kUp, {0, 4, kMissing}, {0, 1, kMissing}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = Normalise(c.values, c.sense, c.how, 1);
    ASSERT_TRUE(got.has_value());
    ExpectNear(*got, c.want, 1e-15);
  }
}

TEST(Normalise, RefusesWhatHasNoSpread) {
  const struct {
    const char* name;
    NormaliseMethod method;
    Column values;
  } cases[] = {
      {"constant, min-max", NormaliseMethod::kMinMax, {3, 3, 3}},
      {"constant, z-score", NormaliseMethod::kZScore, {3, 3, 3}},
      {"one value", NormaliseMethod::kMinMax, {3, kMissing}},
      {"no value", NormaliseMethod::kMinMax, {kMissing, kMissing}},
      {"one value has no percentile", NormaliseMethod::kPercentile, {3, kMissing}},
      {"reference at the minimum", NormaliseMethod::kDistanceToReference, {3, 1}},
      {"reference missing", NormaliseMethod::kDistanceToReference, {3, kMissing}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(Normalise(c.values, Sense::kUp, Named(c.method, 0, 1), 1).has_value());
  }
}

TEST(Shape, AgreesWithTheReferenceVectors) {
  QIPU_NEEDS_REFERENCE(kVectors);
  const auto document = graph::JsonDocument::Load(ReferencePath(kVectors));
  ASSERT_TRUE(document.ok());
  for (const auto& [name, vector] : **document->root().Object()) {
    if (!vector.is_object()) continue;
    SCOPED_TRACE(name);
    const Column x = Numbers(*vector.Find("x"));
    const graph::JsonNode& stats = *vector.Find("stats");
    const Shape shape = ShapeOf(x);
    EXPECT_NEAR(shape.skewness, *stats.Find("skew_G1")->Number(), 1e-12);
    EXPECT_NEAR(shape.kurtosis, *stats.Find("kurt_G2_excess")->Number(), 1e-11);
    EXPECT_NEAR(Mean(x), *stats.Find("mean")->Number(), 1e-12);
    const Column quantiles = Numbers(*vector.Find("quantile_type7_0.05_0.25_0.5_0.75_0.95"));
    const double probabilities[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    for (size_t i = 0; i < quantiles.size(); ++i) {
      EXPECT_NEAR(Quantile(x, probabilities[i]), quantiles[i], 1e-12);
    }
  }
}

TEST(TreatOutliers, AgreesWithTheReferenceVectors) {
  QIPU_NEEDS_REFERENCE(kVectors);
  const auto document = graph::JsonDocument::Load(ReferencePath(kVectors));
  ASSERT_TRUE(document.ok());
  for (const auto& [name, vector] : **document->root().Object()) {
    if (!vector.is_object()) continue;
    const Column x = Numbers(*vector.Find("x"));
    for (int most : {1, 2, 5}) {
      const graph::JsonNode* want = vector.Find("winsorise_max" + std::to_string(most));
      if (want == nullptr) continue;
      SCOPED_TRACE(name + " " + std::to_string(most));
      const OutlierRule rule{.winsorise_max = most, .log = LogRule::kNone};
      const Treated got = TreatOutliers(x, rule);
      ExpectNear(got.values, Numbers(*want->Find("x")), 1e-12);
      int64_t treated = 0;
      for (const char* text : got.rules) treated += *text != '\0';
      EXPECT_EQ(treated, *want->Find("nwin")->Int());
    }
    // Nothing may be winsorised, and no column passes: the logarithm is all that is left.
    const OutlierRule log{.skewness = 0, .kurtosis = -100, .winsorise_max = 0};
    SCOPED_TRACE(name);
    ExpectNear(TreatOutliers(x, log).values, Numbers(*vector.Find("log_CT")), 1e-12);
    OutlierRule mirrored = log;
    mirrored.log = LogRule::kMirrored;
    ExpectNear(TreatOutliers(x, mirrored).values, Numbers(*vector.Find("log_CT_plus")), 1e-12);
  }
}

TEST(TreatOutliers, LeavesColumnsWithoutShapeAlone) {
  for (const Column& column : {Column{}, Column{1, 2, 3}, Column{5, 5, 5, 5, 5}}) {
    const Treated treated = TreatOutliers(column, OutlierRule{});
    ExpectNear(treated.values, column, 0);
  }
  // Two different values, one of them once: winsorising makes it constant, the log saves it.
  const Treated treated = TreatOutliers({0, 0, 0, 0, 0, 0, 9}, OutlierRule{});
  EXPECT_GT(treated.values[6], treated.values[0]);
}

TEST(Aggregate, AgreesWithTheReferenceVectors) {
  constexpr char kFile[] = "vectors/aggregate_vectors.json";
  QIPU_NEEDS_REFERENCE(kFile);
  const auto document = graph::JsonDocument::Load(ReferencePath(kFile));
  ASSERT_TRUE(document.ok());
  for (const auto& [name, vector] : **document->root().Find("cases")->Object()) {
    SCOPED_TRACE(name);
    std::vector<Column> columns;
    for (double x : Numbers(*vector.Find("x"))) columns.push_back({x});
    std::vector<const Column*> children;
    for (const Column& column : columns) children.push_back(&column);
    const std::vector<double> weights = Numbers(*vector.Find("w"));
    for (const auto& [key, how] :
         {std::pair("amean", Aggregation::kArithmetic), std::pair("gmean", Aggregation::kGeometric),
          std::pair("hmean", Aggregation::kHarmonic)}) {
      EXPECT_NEAR(Aggregate(children, weights, how, 0)[0], *vector.Find(key)->Number(), 1e-12);
    }
  }
}

TEST(Aggregate, KeepsMissingWhenTooLittleIsThere) {
  const Column a{1, 1, kMissing, 0}, b{3, kMissing, kMissing, 4};
  const std::vector<const Column*> children{&a, &b};
  const std::vector<double> weights{1, 1};
  ExpectNear(Aggregate(children, weights, Aggregation::kArithmetic, 0), {2, 1, kMissing, 2}, 0);
  ExpectNear(Aggregate(children, weights, Aggregation::kArithmetic, 0.6),
             {2, kMissing, kMissing, 2}, 0);
  ExpectNear(Aggregate(children, weights, Aggregation::kArithmetic, 0.5), {2, 1, kMissing, 2}, 0);
  const Column geometric = Aggregate(children, weights, Aggregation::kGeometric, 0);
  EXPECT_NEAR(geometric[0], std::sqrt(3.0), 1e-15);
  EXPECT_TRUE(std::isnan(geometric[3])) << "a geometric mean of 0 is no score";
}

TEST(RankDescending, TiesTakeTheLeastRankAndNoiseSplitsNone) {
  EXPECT_THAT(RankDescending({2, 5, kMissing, 5, 1}), ElementsAre(3, 1, 0, 1, 4));
  EXPECT_THAT(RankDescending({0.1 + 0.2, 0.3, 0.4}), ElementsAre(2, 2, 1));
  EXPECT_THAT(RankDescending({0, 0}), ElementsAre(1, 1));
  EXPECT_THAT(RankDescending({}), ElementsAre());
  EXPECT_THAT(RankDescending({-1, -2}), ElementsAre(1, 2));
}

Tree TwoLevels(Aggregation root) {
  Tree tree(5);
  tree[0].how = root;
  tree[0].children = {1, 4};
  tree[1].parent = 0;
  tree[1].weight = 3;
  tree[1].children = {2, 3};
  tree[2].parent = tree[3].parent = 1;
  tree[2].indicator = 0;
  tree[3].indicator = 1;
  tree[3].weight = 2;
  tree[4].parent = 0;
  tree[4].indicator = 2;
  return tree;
}

TEST(Decompose, PartsSumToTheScore) {
  const std::vector<Column> normalised{{10, 40, kMissing}, {70, 20, 30}, {50, kMissing, 90}};
  std::vector<const Column*> columns;
  for (const Column& column : normalised) columns.push_back(&column);
  for (Aggregation how : {Aggregation::kArithmetic, Aggregation::kGeometric}) {
    SCOPED_TRACE(AggregationName(how));
    const Tree tree = TwoLevels(how);
    const auto nodes = EvaluateTree(tree, columns, Nominal(tree));
    const Decomposition parts = Decompose(tree, normalised, nodes);
    for (size_t u = 0; u < 3; ++u) {
      double weights = 0, sum = 0;
      for (size_t i = 0; i < 3; ++i) {
        if (std::isnan(normalised[i][u])) {
          EXPECT_TRUE(std::isnan(parts.weights[i][u]));
          continue;
        }
        weights += parts.weights[i][u];
        sum += parts.contributions[i][u];
      }
      EXPECT_NEAR(weights, 1, 1e-15);
      EXPECT_NEAR(sum, nodes[0][u], 1e-12);
    }
  }
  const Tree tree = TwoLevels(Aggregation::kArithmetic);
  const auto nodes = EvaluateTree(tree, columns, Nominal(tree));
  EXPECT_NEAR(nodes[0][0], 0.75 * (10 + 2 * 70) / 3.0 + 0.25 * 50, 1e-12);
  EXPECT_NEAR(Decompose(tree, normalised, nodes).contributions[1][0], 0.75 * 2 / 3 * 70, 1e-12);
}

TEST(Decompose, HasNoPartsBelowAHarmonicMean) {
  const std::vector<Column> normalised{{10}, {70}, {50}};
  std::vector<const Column*> columns;
  for (const Column& column : normalised) columns.push_back(&column);
  const Tree tree = TwoLevels(Aggregation::kHarmonic);
  const auto nodes = EvaluateTree(tree, columns, Nominal(tree));
  EXPECT_NEAR(nodes[0][0], 50, 1e-12);
  const Decomposition parts = Decompose(tree, normalised, nodes);
  EXPECT_NEAR(parts.weights[2][0], 0.25, 1e-15);
  EXPECT_TRUE(std::isnan(parts.contributions[2][0]));
}

}  // namespace
}  // namespace qipu::query
