#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "query/metrics/metrics.h"

namespace qipu::query {

std::optional<double> LocationQuotient(int64_t part_here, int64_t all_here, int64_t part,
                                       int64_t all) {
  if (all_here == 0 || part == 0) return std::nullopt;
  // Counts of companies: the products stay far below 2^63.
  return static_cast<double>(part_here * all) / static_cast<double>(all_here * part);
}

std::optional<double> Herfindahl(std::span<const double> sizes) {
  const double sum = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  if (!(sum > 0)) return std::nullopt;
  double squares = 0;
  for (double size : sizes) squares += (size / sum) * (size / sum);
  return squares;
}

std::optional<double> LocationalGini(std::span<const double> quotients,
                                     std::span<const double> weights) {
  std::vector<size_t> order(quotients.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return quotients[a] != quotients[b] ? quotients[a] < quotients[b] : a < b;
  });
  double weight = 0, amount = 0;
  for (size_t i : order) {
    weight += weights[i];
    amount += weights[i] * quotients[i];
  }
  if (!(weight > 0) || !(amount > 0)) return std::nullopt;
  // One minus twice the area below the Lorenz curve, a trapezium per region.
  double below = 0, height = 0;
  for (size_t i : order) {
    const double step = weights[i] * quotients[i] / amount;
    below += weights[i] / weight * (2 * height + step);
    height += step;
  }
  return std::max(0.0, 1 - below);  // equal quotients leave a rounding error below 0
}

std::optional<double> EllisonGlaeser(std::span<const double> industry, std::span<const double> all,
                                     double plant_herfindahl) {
  const double industry_sum = std::accumulate(industry.begin(), industry.end(), 0.0);
  const double all_sum = std::accumulate(all.begin(), all.end(), 0.0);
  if (!(industry_sum > 0) || !(all_sum > 0)) return std::nullopt;
  double g = 0, x = 0;
  for (size_t r = 0; r < industry.size(); ++r) {
    const double here = industry[r] / industry_sum, expected = all[r] / all_sum;
    g += (here - expected) * (here - expected);
    x += expected * expected;
  }
  const double divisor = (1 - x) * (1 - plant_herfindahl);
  if (!(divisor > 0)) return std::nullopt;
  return (g - (1 - x) * plant_herfindahl) / divisor;
}

int64_t LowerMedian(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double GreatCircleKm(double lon_a, double lat_a, double lon_b, double lat_b) {
  constexpr double kRadiusKm = 6371.0088;
  constexpr double kRadians = std::numbers::pi / 180;
  const double across = std::sin((lat_b - lat_a) * kRadians / 2);
  const double along = std::sin((lon_b - lon_a) * kRadians / 2);
  const double h =
      across * across + std::cos(lat_a * kRadians) * std::cos(lat_b * kRadians) * along * along;
  return 2 * kRadiusKm * std::asin(std::sqrt(std::min(1.0, h)));
}

std::optional<Int128> ExactSum::Hundredths(const graph::Value& value) {
  if (const int64_t* whole = value.AsInt()) return static_cast<Int128>(*whole) * 100;
  const double* amount = value.AsFloat();
  constexpr double kLimit = 1e24;  // a sum over 1e12 companies still fits 127 bits
  if (amount == nullptr || !(std::abs(*amount) < kLimit)) return std::nullopt;
  return static_cast<Int128>(std::round(*amount * 100));
}

double ExactSum::ToDouble() const {
  // Whole amounts divide exactly, so that they print as a query's sum of them does.
  if (total_ % 100 == 0) return static_cast<double>(total_ / 100);
  return static_cast<double>(total_) / 100;
}

}  // namespace qipu::query
