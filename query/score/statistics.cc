#include <algorithm>
#include <cmath>

#include "query/score/score.h"

namespace qipu::query {
namespace {

Column Present(const Column& column) {
  Column present;
  present.reserve(column.size());
  std::copy_if(column.begin(), column.end(), std::back_inserter(present),
               [](double x) { return !std::isnan(x); });
  return present;
}

}  // namespace

double Mean(const Column& column) {
  double sum = 0;
  size_t n = 0;
  for (double x : column) {
    if (std::isnan(x)) continue;
    sum += x;
    ++n;
  }
  return n == 0 ? kMissing : sum / static_cast<double>(n);
}

double Quantile(const Column& column, double probability) {
  Column sorted = Present(column);
  if (sorted.empty()) return kMissing;
  std::sort(sorted.begin(), sorted.end());
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(std::floor(position));
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - std::floor(position)) * (sorted[above] - sorted[below]);
}

Shape ShapeOf(const Column& column) {
  const Column values = Present(column);
  if (values.size() < 4) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return {};
  const auto n = static_cast<double>(values.size());
  const double mean = Mean(values);
  double m2 = 0, m3 = 0, m4 = 0;
  for (double x : values) {
    const double d = x - mean;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  m2 /= n;
  m3 /= n;
  m4 /= n;
  const double g1 = m3 / std::pow(m2, 1.5);
  const double g2 = m4 / (m2 * m2) - 3;
  return {g1 * std::sqrt(n * (n - 1)) / (n - 2),
          ((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3))};
}

std::vector<int> RankDescending(const Column& scores) {
  double scale = 0;
  for (double s : scores) {
    if (!std::isnan(s)) scale = std::max(scale, std::abs(s));
  }
  constexpr double kGrid = 1e10;
  struct Place {
    int64_t key;
    size_t unit;
  };
  std::vector<Place> places;
  places.reserve(scores.size());
  for (size_t u = 0; u < scores.size(); ++u) {
    if (std::isnan(scores[u])) continue;
    places.push_back({scale == 0 ? 0 : std::llround(scores[u] / scale * kGrid), u});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.key != b.key ? a.key > b.key : a.unit < b.unit;
  });
  std::vector<int> ranks(scores.size(), 0);
  for (size_t i = 0; i < places.size(); ++i) {
    const bool tied = i > 0 && places[i].key == places[i - 1].key;
    ranks[places[i].unit] = tied ? ranks[places[i - 1].unit] : static_cast<int>(i) + 1;
  }
  return ranks;
}

}  // namespace qipu::query
