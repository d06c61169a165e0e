#include <algorithm>
#include <cmath>

#include "query/score/score.h"

namespace qipu::query {
namespace {

constexpr double kShiftShare = 0.01;  // of the range, so that the least value has a logarithm

bool Passes(const Shape& shape, const OutlierRule& rule) {
  return std::abs(shape.skewness) < rule.skewness || shape.kurtosis < rule.kurtosis;
}

struct Range {
  double low = kMissing, high = kMissing;
};
Range RangeOf(const Column& column) {
  Range range;
  for (double x : column) {
    range.low = std::fmin(range.low, x);
    range.high = std::fmax(range.high, x);
  }
  return range;
}

// Sets the points at the end towards which the column leans to the next value.
void WinsoriseOnce(Treated& treated, bool high) {
  const Range range = RangeOf(treated.values);
  const double extreme = high ? range.high : range.low;
  double next = kMissing;
  for (double x : treated.values) {
    if (x == extreme) continue;
    next = high ? std::fmax(next, x) : std::fmin(next, x);
  }
  for (size_t u = 0; u < treated.values.size(); ++u) {
    if (treated.values[u] != extreme) continue;
    treated.values[u] = next;
    treated.rules[u] = high ? "winsorised high" : "winsorised low";
  }
}

int TreatedPoints(const Treated& treated) {
  return static_cast<int>(std::count_if(treated.rules.begin(), treated.rules.end(),
                                        [](const char* rule) { return *rule != '\0'; }));
}

Treated Logged(const Column& column, bool mirrored) {
  const Range range = RangeOf(column);
  const double shift = kShiftShare * (range.high - range.low);
  Treated treated{column, std::vector<const char*>(column.size(), "")};
  for (size_t u = 0; u < column.size(); ++u) {
    if (std::isnan(column[u])) continue;
    treated.values[u] = mirrored ? -std::log(range.high - column[u] + shift)
                                 : std::log(column[u] - range.low + shift);
    treated.rules[u] = "log";
  }
  return treated;
}

}  // namespace

Treated TreatOutliers(const Column& column, const OutlierRule& rule) {
  Treated treated{column, std::vector<const char*>(column.size(), "")};
  Shape shape = ShapeOf(column);
  if (std::isnan(shape.skewness)) return treated;
  const bool leans_high = shape.skewness >= 0;
  while (!Passes(shape, rule) && TreatedPoints(treated) < rule.winsorise_max) {
    WinsoriseOnce(treated, shape.skewness >= 0);
    shape = ShapeOf(treated.values);
    if (std::isnan(shape.skewness)) break;  // nearly constant: nothing is left to compare
  }
  const bool done = !std::isnan(shape.skewness) && Passes(shape, rule);
  if (done || rule.log == LogRule::kNone) return treated;
  return Logged(column, rule.log == LogRule::kMirrored && !leans_high);
}

}  // namespace qipu::query
