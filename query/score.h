#ifndef QIPU_QUERY_SCORE_H_
#define QIPU_QUERY_SCORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"
#include "query/table.h"

namespace qipu::query {

/// One value per unit, in the order of the units. NaN = missing, stays NaN.
using Column = std::vector<double>;

/// Whether more or less of an indicator is better.
enum class Sense { kUp, kDown };

enum class Aggregation { kArithmetic, kGeometric, kHarmonic };
std::string_view AggregationName(Aggregation how);

/// A table of text as read from a file; an empty cell is missing.
struct DataTable {
  std::string file;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`
  std::vector<uint64_t> lines;                 ///< where each row starts
};

struct IndicatorInfo {
  std::string id, name, name_zh, unit, source, rationale;
  Sense sense = Sense::kUp;
};

/// A company behind a graph indicator of the explained unit.
struct Evidence {
  std::string id, name;
};

/// The steps of one indicator; every column keeps the order of the units.
struct IndicatorSteps {
  IndicatorInfo info;
  Column numerator, denominator;     ///< denominator: empty when there is none
  Column raw;                        ///< numerator / denominator * scale
  std::vector<const char*> imputed;  ///< per unit: "", "mean", "median", "group mean"
  Column filled;                     ///< raw after the missing rule
  std::vector<const char*> treated_by;
  Column treated;
  std::string normalisation;
  Column normalised;
  Column weights;  ///< effective: product of the shares down the tree, missing left out
  /// Weight times normalised value under arithmetic means: they sum to the score in the order of
  /// the indicators, exactly. Through a geometric mean with value V a child c counts its part of
  /// the logarithm, w ln(c) / ln(V), of V. Missing below a harmonic mean, which has no such parts.
  Column contributions;
  std::vector<Evidence> evidence;  ///< of ScoreInputs::explain
};

struct ScoreNode {
  std::string id, name, name_zh;
  int parent = -1;
  double weight = 1;
  Aggregation how = Aggregation::kArithmetic;
  int indicator = -1;  ///< >= 0: a leaf
  Column values;
};

/// Where a unit stands in the draws of the robustness run. Missing for an unranked unit.
struct RankInterval {
  int low = 0, median = 0, high = 0;  ///< 5 %, 50 %, 95 % of the ranks (least rank that reaches it)
  double top = 0;                     ///< share of the draws with a rank <= top
};

struct ScoreResult {
  std::string method_name, method_name_zh, method_hash;
  std::optional<graph::Date> as_of;  ///< null: by all that is known
  std::vector<std::string> codes, names, parents;
  std::vector<IndicatorSteps> indicators;
  std::vector<ScoreNode> nodes;  ///< node 0 is the score
  std::vector<int> ranks;        ///< 1 = best; 0 = no score
  std::vector<RankInterval> intervals;
  int draws = 0, excluded_choices = 0;
  int top = 15;
  int quadrant_x = -1, quadrant_y = -1;  ///< nodes, -1 when the method names none
  double cut_x = 0, cut_y = 0;
  std::vector<std::string> quadrants;  ///< "high potential, low level" and the like
  Column coupling;                     ///< coupling coordination degree D; empty when not asked
  std::vector<std::string> notes;      ///< what was reported instead of done silently
};

struct ScoreInputs {
  const graph::Snapshot* snapshot = nullptr;
  const DataTable* data = nullptr;
  std::optional<int> draws{};          ///< instead of the method's
  std::optional<graph::Date> as_of{};  ///< instead of the method's
  std::string explain{};               ///< code of a unit whose companies to keep
};

struct Method;

/// A score method as a file declares it (schemas/meta/method.schema.json), read and checked.
class ScoreMethod {
 public:
  /// Errors: kInvalidArgument with file, line and key; kNotFound, kIo.
  static Result<ScoreMethod> Load(const std::string& path);
  static Result<ScoreMethod> Parse(std::string_view text, const std::string& file);
  ScoreMethod(ScoreMethod&&) noexcept;
  ScoreMethod& operator=(ScoreMethod&&) noexcept;
  ~ScoreMethod();

  bool needs_graph() const;
  bool needs_data() const;

  /// Derive, impute, treat, normalise, aggregate, rank, and draw for the intervals. The same
  /// bytes for the same method and inputs.
  /// Errors: kInvalidArgument naming the unit, indicator, file and line at fault.
  Result<ScoreResult> Run(const ScoreInputs& inputs) const;

 private:
  explicit ScoreMethod(std::unique_ptr<const Method> method);
  std::unique_ptr<const Method> method_;
};

/// One row per ranked unit, best first, at most `top`: rank, rank_low, rank_high, p_top, code,
/// name, parent, score, the nodes below it, quadrant, and a column per indicator's contribution.
Table RankingTable(const ScoreResult& result, size_t top);
/// One row per indicator of the unit: every step from raw value to contribution.
Result<Table> ExplainUnit(const ScoreResult& result, const std::string& code);
/// One row per step of one indicator, then one per company behind it.
Result<Table> ExplainIndicator(const ScoreResult& result, const std::string& code,
                               const std::string& indicator);

inline constexpr int kDrawsMax = 1'000'000;

}  // namespace qipu::query

#endif  // QIPU_QUERY_SCORE_H_
