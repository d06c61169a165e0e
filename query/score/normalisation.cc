#include <algorithm>
#include <cmath>

#include "query/score/score.h"

namespace qipu::query {
namespace {

struct Summary {
  double low = kMissing, high = kMissing, mean = kMissing, sd = kMissing;
  size_t n = 0;
};

Summary Summarise(const Column& column) {
  Summary s;
  s.mean = Mean(column);
  double squares = 0;
  for (double x : column) {
    if (std::isnan(x)) continue;
    s.low = std::fmin(s.low, x);
    s.high = std::fmax(s.high, x);
    squares += (x - s.mean) * (x - s.mean);
    ++s.n;
  }
  if (s.n > 1) s.sd = std::sqrt(squares / static_cast<double>(s.n - 1));
  return s;
}

// 1 = least; ties take the least rank; missing stays missing.
Column AscendingRanks(const Column& column) {
  std::vector<size_t> order;
  for (size_t u = 0; u < column.size(); ++u) {
    if (!std::isnan(column[u])) order.push_back(u);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return column[a] != column[b] ? column[a] < column[b] : a < b;
  });
  Column ranks(column.size(), kMissing);
  for (size_t i = 0; i < order.size(); ++i) {
    const bool tied = i > 0 && column[order[i]] == column[order[i - 1]];
    ranks[order[i]] = tied ? ranks[order[i - 1]] : static_cast<double>(i + 1);
  }
  return ranks;
}

// (x - from) / (to - from), the one form behind every method with a plain result in 0..1.
std::optional<Column> Between(const Column& column, double from, double to) {
  const double span = to - from;
  if (!(span != 0)) return std::nullopt;
  if (std::isnan(span)) return std::nullopt;
  Column result(column.size());
  for (size_t u = 0; u < column.size(); ++u) result[u] = (column[u] - from) / span;
  return result;
}

std::optional<Column> Plain(const Column& column, double sign, const Normalisation& how,
                            size_t reference) {
  const Summary s = Summarise(column);
  switch (how.method) {
    case NormaliseMethod::kMinMax:
    case NormaliseMethod::kDistanceToMaximum:  // 1 - (max - x) / (max - min) is the same number
      return Between(column, s.low, s.high);
    case NormaliseMethod::kZScore:
      if (!(s.sd > 0)) return std::nullopt;
      return Between(column, s.mean, s.mean + s.sd);
    case NormaliseMethod::kRank:
    case NormaliseMethod::kBorda:
      return AscendingRanks(column);
    case NormaliseMethod::kPercentile:
      return Between(AscendingRanks(column), 1, static_cast<double>(s.n));
    case NormaliseMethod::kGoalposts: {
      const bool up = sign > 0;
      return Between(column, up ? how.lower : -how.upper, up ? how.upper : -how.lower);
    }
    case NormaliseMethod::kDistanceToReference:
      // 1 - (ref - x) / (ref - min) = (x - min) / (ref - min)
      return Between(column, s.low, reference < column.size() ? column[reference] : kMissing);
    case NormaliseMethod::kDistanceToTarget:
      return Between(column, s.low, sign * how.target);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Column> Normalise(const Column& column, Sense sense, const Normalisation& how,
                                size_t reference) {
  const double sign = sense == Sense::kUp ? 1 : -1;
  Column turned(column.size());
  for (size_t u = 0; u < column.size(); ++u) turned[u] = sign * column[u];
  auto plain = Plain(turned, sign, how, reference);
  if (!plain) return std::nullopt;
  for (double& x : *plain) {
    switch (how.method) {
      case NormaliseMethod::kZScore:
        x = x * how.sd + how.mean;
        break;
      case NormaliseMethod::kRank:
        break;
      case NormaliseMethod::kBorda:
        x -= 1;
        break;
      default:
        if (how.clip && x > 1) x = 1;
        if (how.clip && x < 0 && how.method == NormaliseMethod::kGoalposts) x = 0;
        x = x * (how.high - how.low) + how.low;
    }
  }
  return plain;
}

}  // namespace qipu::query
