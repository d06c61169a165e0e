#ifndef QIPU_QUERY_SCORE_SCORE_H_
#define QIPU_QUERY_SCORE_SCORE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/json.h"
#include "graph/status.h"
#include "query/coverage.h"
#include "query/density.h"
#include "query/score.h"

namespace qipu::query {

// ---- Columns of numbers: one value per unit, order kept, NaN = missing. ----

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Skewness G1 and excess kurtosis G2, the adjusted Fisher-Pearson forms (e1071 type 2), over the
/// values that are there. Missing when there are fewer than 4, or all are equal.
struct Shape {
  double skewness = kMissing, kurtosis = kMissing;
};
Shape ShapeOf(const Column& column);

/// R's quantile type 7 (linear interpolation) over the values that are there; missing for none.
double Quantile(const Column& column, double probability);
double Mean(const Column& column);

// ---- Outliers ----

enum class LogRule {
  kNone,
  kShift,     ///< ln(x - min + 0.01 (max - min)) (COINr log_CT)
  kMirrored,  ///< kShift for G1 >= 0, else -ln(max - x + 0.01 (max - min)) (COINr log_CT_plus)
};

/// A column passes when |G1| < skewness or G2 < kurtosis. One that fails is winsorised: while it
/// fails and fewer than `winsorise_max` points are treated, the points equal to the maximum (when
/// G1 >= 0, else the minimum) take the next value. One that still fails is put back and logged.
/// Source: COINr's Treat, after the OECD/JRC Handbook 2008, step 5.
struct OutlierRule {
  double skewness = 2, kurtosis = 3.5;
  int winsorise_max = 5;
  LogRule log = LogRule::kShift;
};

struct Treated {
  Column values;
  std::vector<const char*> rules;  ///< per value: "", "winsorised high", "winsorised low", "log"
};
/// Columns without a shape (see ShapeOf) come back as they are.
Treated TreatOutliers(const Column& column, const OutlierRule& rule);

// ---- Normalisation ----

enum class NormaliseMethod {
  kMinMax,
  kZScore,
  kRank,
  kBorda,
  kPercentile,
  kGoalposts,
  kDistanceToMaximum,
  kDistanceToReference,
  kDistanceToTarget,
};

/// All parameters are in the raw unit of the indicator. Methods whose plain result lies in 0..1
/// map it to low..high; z-scores get `mean` and `sd`; ranks stay ranks.
struct Normalisation {
  NormaliseMethod method = NormaliseMethod::kMinMax;
  double low = 0, high = 100;
  double mean = 0, sd = 1;
  double lower = 0, upper = 1;  ///< goalposts
  double target = 1;
  bool clip = false;      ///< goalposts: to 0..1; target: at most 1
  std::string reference;  ///< the unit that counts as 1
  std::string text;       ///< as written in the file, for messages
};

/// Direction first: x times -1 when less is better. Over the values that are there:
///   minmax      (x - min) / (max - min)                zscore    (x - mean) / sd, n - 1
///   rank        ascending, ties min                    borda     rank - 1
///   percentile  (rank - 1) / (n - 1)                   goalposts (x - lower) / (upper - lower)
///   distance to maximum    1 - (max - x) / (max - min)
///   distance to reference  1 - (ref - x) / (ref - min)
///   distance to target     (x - min) / (target - min)
/// `reference` is the row of the reference unit (used by that method only).
/// Null when the divisor is 0 or missing: a constant column, a reference at the minimum.
/// Source: OECD/JRC Handbook 2008, step 5; COINr.
std::optional<Column> Normalise(const Column& column, Sense sense, const Normalisation& how,
                                size_t reference);

// ---- Aggregation ----

/// Per unit the weighted mean of the children that are there, their weights rescaled to 1; missing
/// when their number is below `min_share` of all (strict), or there is none, or a geometric or
/// harmonic mean meets a value <= 0. `weights`: one per child, > 0.
Column Aggregate(const std::vector<const Column*>& children, const std::vector<double>& weights,
                 Aggregation how, double min_share);

/// A tree of means. Node 0 is the root; a child stands behind its parent.
struct TreeNode {
  std::string id, name, name_zh;
  double weight = 1;  ///< within its parent; > 0
  Aggregation how = Aggregation::kArithmetic;
  double min_share = 0;
  int parent = -1;
  int indicator = -1;  ///< >= 0: a leaf
  std::vector<int> children;
};
using Tree = std::vector<TreeNode>;

/// What a draw changes of the tree.
struct TreeVariant {
  std::vector<double> weights;     ///< per node
  std::optional<Aggregation> how;  ///< for every node instead of its own
  int dropped = -1;                ///< an indicator left out
};

/// The value of every inner node (outer index) for every unit; leaves stay empty.
/// `normalised`: one column per indicator.
std::vector<Column> EvaluateTree(const Tree& tree, const std::vector<const Column*>& normalised,
                                 const TreeVariant& variant);
TreeVariant Nominal(const Tree& tree);

/// Per unit the weight (contribution) of each indicator: see ScoreResult::weights, contributions.
struct Decomposition {
  std::vector<Column> weights, contributions;  ///< [indicator][unit]
};
Decomposition Decompose(const Tree& tree, const std::vector<Column>& normalised,
                        const std::vector<Column>& nodes);

/// 1 = greatest; ties take the least rank; 0 = missing. Scores are compared on a grid of 1e-10 of
/// the greatest absolute score, so that rounding noise splits no tie.
std::vector<int> RankDescending(const Column& scores);

// ---- The method file ----

enum class MissingRule { kKeep, kMean, kMedian, kGroupMean, kExclude };

struct PropertySource {
  std::string property, divide_by;
  std::optional<RegionLevel> of;  ///< the unit itself, or the region of that level it lies in
};
struct DensitySource {
  DensityOptions options;
  std::string column;  ///< one of DensityValueNames()
};
struct CoverageSource {
  CoverageOptions options;
  std::string column;  ///< one of CoverageValueNames()
};
struct ColumnSource {
  std::string column, divide_by;
};
/// openCypher that answers columns `code` and `value`; units without a row are missing.
struct QuerySource {
  std::string text;
};
using Source =
    std::variant<PropertySource, DensitySource, CoverageSource, QuerySource, ColumnSource>;

struct IndicatorMethod {
  IndicatorInfo info;
  Source source;
  double scale = 1;
  MissingRule missing = MissingRule::kKeep;
  std::optional<OutlierRule> outliers;
  bool own_outliers = false;  ///< robustness leaves it alone
  Normalisation normalise;
  bool own_normalise = false;
};

struct Robustness {
  int draws = 0;
  uint64_t seed = 1;
  double weights = 0;  ///< each weight is multiplied by a number within 1 -+ this
  std::vector<Normalisation> normalise;
  std::vector<Aggregation> aggregate;
  std::vector<std::optional<OutlierRule>> outliers;
  bool drop_one = false;
};

/// A property equals a value, or lies within bounds.
struct Condition {
  std::string property;
  graph::Value equals;  ///< null: bounds
  std::optional<double> min, max;
};

enum class QuadrantCut { kMedian, kMean };

struct Method {
  std::string file, name, name_zh, text;
  std::optional<RegionLevel> level;  ///< of units from the graph; null: units are rows of the data
  std::vector<Condition> where, parent_where;  ///< on the region, on the one it is part of
  /// Columns of the data. For units from the graph only the code is used, to find a unit's row.
  std::string code_column, name_column, parent_column;
  std::string group;  ///< column of the data, property of the region, or `parent`
  std::optional<graph::Date> as_of;
  std::vector<IndicatorMethod> indicators;
  Tree tree;
  int quadrant_x = -1, quadrant_y = -1;  ///< nodes
  QuadrantCut quadrant_cut = QuadrantCut::kMedian;
  double coupling_full = 0;  ///< the node value that counts as 1 in the coupling degree
  bool coupling = false;
  int top = 15;
  Robustness robustness;
};

// Parts of ParseMethod, in sources.cc.
/// Leaves `into` alone when the key is absent.
Status ReadString(const graph::JsonNode& node, std::string_view key, std::string& into);
/// `name` is none of `known`: lists them, with 'did you mean'.
Error NoneOf(const graph::JsonNode& node, const std::string& name,
             const std::vector<std::string>& known);
Status ParseUnits(const graph::JsonNode& root, Method& method);
/// `method`: its units are known already.
Result<Source> ParseSource(const graph::JsonNode& node, const Method& method);

// ---- derive.cc: values of the indicators.

/// The units and the raw values of the indicators.
struct Derived {
  std::vector<std::string> codes, names, parents, groups;
  std::vector<IndicatorSteps> indicators;  ///< info, numerator, denominator, raw, evidence
  std::vector<std::string> notes;
};
/// The day asked for, else the method's.
std::optional<graph::Date> AsOf(const Method& method, const ScoreInputs& inputs);
Result<Derived> Derive(const Method& method, const ScoreInputs& inputs);

/// The measures of a region that an indicator may name, and their values; missing for null.
std::vector<std::string> DensityValueNames();
double DensityValue(const DensityRow& row, std::string_view name);
std::vector<std::string> CoverageValueNames();
double CoverageValue(const CoverageRow& row, std::string_view name);

// ---- steps.cc: from raw values to scores.

/// Applies the missing rules; takes units out where a rule says so.
void FillMissing(const Method& method, Derived& derived);
/// The row of the unit that a normalisation refers to; 0 when it refers to none.
Result<size_t> ReferenceRow(const Derived& derived, const Normalisation& how);
/// Outliers, normalisation. A column without spread is left out, with a note.
Status NormaliseAll(const Method& method, Derived& derived);
/// Geometric and harmonic means want values above 0. Errors: the first that is not, by name.
Status CheckPositive(const Method& method, const Derived& derived);

// ---- robustness.cc

/// Numbers in [0, 1) that depend on nothing but (seed, draw, index): SplitMix64 of the counter
/// draw * 2^20 + index (Steele, Lea & Flood 2014), its upper 53 bits over 2^53.
double DrawUniform(uint64_t seed, uint64_t draw, uint32_t index);

struct RankDraws {
  std::vector<RankInterval> intervals;
  int excluded_choices = 0;
};
/// Draws weights, choices and left out indicators, and ranks each time.
/// Errors: kInvalidArgument when no combination of the choices is possible.
/// Cost: draws times units times (indicators + log units).
Result<RankDraws> DrawRanks(const Method& method, const Derived& derived, int draws);

/// D = sqrt(C T), C = 2 sqrt(x y) / (x + y), T = (x + y) / 2; x, y in 0..1. Missing for a negative
/// one; 0 when both are 0.
double CouplingCoordination(double x, double y);

/// Reads a method file. Errors: kInvalidArgument with file, line, key and 'did you mean'.
Result<Method> ParseMethod(std::string_view text, const std::string& file);

}  // namespace qipu::query

#endif  // QIPU_QUERY_SCORE_SCORE_H_
