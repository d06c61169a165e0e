#include <algorithm>
#include <cmath>
#include <numeric>

#include "query/metrics/metrics.h"
#include "query/score/score.h"

namespace qipu::query {
namespace {

using Row = std::vector<Cell>;

Result<size_t> UnitAt(const ScoreResult& result, const std::string& code) {
  const auto at = std::find(result.codes.begin(), result.codes.end(), code);
  if (at != result.codes.end()) return static_cast<size_t>(at - result.codes.begin());
  const std::string near = graph::NearestName(code, result.codes);
  return InvalidArgument("'" + code + "' is no unit of this score" +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Result<const IndicatorSteps*> StepsOf(const ScoreResult& result, const std::string& id) {
  std::vector<std::string> known;
  for (const IndicatorSteps& steps : result.indicators) {
    if (steps.info.id == id) return &steps;
    known.push_back(steps.info.id);
  }
  const std::string near = graph::NearestName(id, known);
  return InvalidArgument("no indicator '" + id + "' in this score" +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

std::optional<double> Denominator(const IndicatorSteps& steps, size_t unit) {
  return steps.denominator.empty() ? std::nullopt : std::optional(steps.denominator[unit]);
}

/// A step of the way from a source to a contribution.
Row Step(const char* step, const std::optional<double>& value, std::string_view note) {
  Row row;
  row.push_back(TextCell(step));
  row.push_back(NumberCell(value));
  row.push_back(TextCell(note));
  return row;
}

}  // namespace

Table RankingTable(const ScoreResult& result, size_t top) {
  Table table;
  table.columns = {"rank", "rank_low", "rank_high", "p_top", "code", "name", "parent"};
  for (const ScoreNode& node : result.nodes) {
    if (node.indicator < 0) table.columns.push_back(node.id);
  }
  if (result.quadrant_x >= 0) table.columns.push_back("quadrant");
  if (!result.coupling.empty()) table.columns.push_back("coupling");
  for (const IndicatorSteps& steps : result.indicators) table.columns.push_back(steps.info.id);

  std::vector<size_t> order(result.codes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t u) { return result.ranks[u] == 0; });
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return result.ranks[a] != result.ranks[b] ? result.ranks[a] < result.ranks[b]
                                              : result.codes[a] < result.codes[b];
  });
  if (order.size() > top) order.resize(top);
  for (size_t u : order) {
    Row row;
    row.push_back(CountCell(result.ranks[u]));
    const RankInterval& interval = result.intervals[u];
    if (interval.low > 0) {
      row.push_back(CountCell(interval.low));
      row.push_back(CountCell(interval.high));
      row.push_back(NumberCell(interval.top));
    } else {
      row.resize(row.size() + 3);  // no draws, no interval
    }
    for (const auto* texts : {&result.codes, &result.names, &result.parents}) {
      row.push_back(TextCell((*texts)[u]));
    }
    for (const ScoreNode& node : result.nodes) {
      if (node.indicator < 0) row.push_back(NumberCell(node.values[u]));
    }
    if (result.quadrant_x >= 0) row.push_back(TextCell(result.quadrants[u]));
    if (!result.coupling.empty()) row.push_back(NumberCell(result.coupling[u]));
    for (const IndicatorSteps& steps : result.indicators) {
      row.push_back(NumberCell(steps.contributions[u]));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Result<Table> ExplainUnit(const ScoreResult& result, const std::string& code) {
  const size_t unit = QIPU_TRY(UnitAt(result, code));
  Table table;
  table.columns = {"indicator",   "name",       "unit",    "numerator",
                   "denominator", "raw",        "imputed", "treated_by",
                   "treated",     "normalised", "weight",  "contribution"};
  for (const IndicatorSteps& steps : result.indicators) {
    Row row;
    for (const std::string& text : {steps.info.id, steps.info.name, steps.info.unit}) {
      row.push_back(TextCell(text));
    }
    row.push_back(NumberCell(steps.numerator[unit]));
    row.push_back(NumberCell(Denominator(steps, unit)));
    row.push_back(NumberCell(steps.raw[unit]));
    row.push_back(TextCell(steps.imputed[unit]));
    row.push_back(TextCell(steps.treated_by[unit]));
    row.push_back(NumberCell(steps.treated[unit]));
    row.push_back(NumberCell(steps.normalised[unit]));
    row.push_back(NumberCell(steps.weights[unit]));
    row.push_back(NumberCell(steps.contributions[unit]));
    table.rows.push_back(std::move(row));
  }
  Row total(table.columns.size());
  total[0] = TextCell(result.nodes[0].id);
  total[1] = TextCell(result.nodes[0].name);
  total.back() = NumberCell(result.nodes[0].values[unit]);
  table.rows.push_back(std::move(total));
  return table;
}

Result<Table> ExplainIndicator(const ScoreResult& result, const std::string& code,
                               const std::string& indicator) {
  const size_t unit = QIPU_TRY(UnitAt(result, code));
  const IndicatorSteps& steps = *QIPU_TRY(StepsOf(result, indicator));
  Table table;
  table.columns = {"step", "value", "note"};
  table.rows.push_back(Step("numerator", steps.numerator[unit], steps.info.source));
  table.rows.push_back(Step("denominator", Denominator(steps, unit), ""));
  table.rows.push_back(Step("raw", steps.raw[unit], steps.info.unit));
  table.rows.push_back(Step("filled", steps.filled[unit], steps.imputed[unit]));
  table.rows.push_back(Step("treated", steps.treated[unit], steps.treated_by[unit]));
  const std::string sense =
      steps.info.sense == Sense::kUp ? ", more is better" : ", less is better";
  table.rows.push_back(Step("normalised", steps.normalised[unit], steps.normalisation + sense));
  table.rows.push_back(Step("weight", steps.weights[unit], "effective"));
  table.rows.push_back(Step("contribution", steps.contributions[unit], "of the score"));
  for (const Evidence& evidence : steps.evidence) {
    table.rows.push_back(Step("company", std::nullopt, evidence.id + " " + evidence.name));
  }
  return table;
}

std::vector<std::string> DensityValueNames() {
  return {"companies", "density", "size", "size_density", "share", "location_quotient", "size_hhi"};
}

double DensityValue(const DensityRow& row, std::string_view name) {
  if (name == "companies") return static_cast<double>(row.companies);
  if (name == "density") return row.density.value_or(kMissing);
  if (name == "size") return row.size.value_or(kMissing);
  if (name == "size_density") return row.size_density.value_or(kMissing);
  if (name == "share") return row.share.value_or(kMissing);
  if (name == "location_quotient") return row.location_quotient.value_or(kMissing);
  return row.size_hhi.value_or(kMissing);
}

std::vector<std::string> CoverageValueNames() {
  return {"companies",
          "present",
          "breadth",
          "depth",
          "stage_balance",
          "link_completeness",
          "continuity",
          "supply_paths",
          "single_source_share",
          "bottlenecks",
          "breadth_with_neighbours"};
}

double CoverageValue(const CoverageRow& row, std::string_view name) {
  if (name == "companies") return static_cast<double>(row.companies);
  if (name == "present") return static_cast<double>(row.present);
  if (name == "breadth") return row.breadth.value_or(kMissing);
  if (name == "depth") return row.depth.value_or(kMissing);
  if (name == "stage_balance") return row.stage_balance.value_or(kMissing);
  if (name == "link_completeness") return row.link_completeness.value_or(kMissing);
  if (name == "continuity") return row.continuity.value_or(kMissing);
  if (name == "supply_paths") return static_cast<double>(row.supply_paths);
  if (name == "single_source_share") return row.single_source_share.value_or(kMissing);
  if (name == "bottlenecks") return static_cast<double>(row.bottlenecks);
  return row.breadth_with_neighbours.value_or(kMissing);
}

}  // namespace qipu::query
