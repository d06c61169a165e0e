#include <algorithm>
#include <cmath>

#include "query/score/score.h"

namespace qipu::query {
namespace {

constexpr double kLowShare = 0.05, kHighShare = 0.95;

/// One way to normalise all indicators, and whether all values are above 0.
struct Variant {
  std::vector<Column> columns;
  bool positive = true;
};

/// One allowed combination of the choices.
struct Choice {
  size_t variant;
  std::optional<Aggregation> how;
};

// The choices of a draw and its weights each have their own number, so that a choice more or less
// leaves the rest of a draw as it was.
enum : uint32_t { kChoiceIndex = 0, kDropIndex = 1, kFirstWeightIndex = 2 };

Result<Variant> MakeVariant(const Method& method, const Derived& derived,
                            const std::optional<OutlierRule>* outliers,
                            const Normalisation* normalise) {
  Variant variant;
  for (size_t i = 0; i < method.indicators.size(); ++i) {
    const IndicatorMethod& indicator = method.indicators[i];
    const IndicatorSteps& steps = derived.indicators[i];
    const auto& rule =
        outliers == nullptr || indicator.own_outliers ? indicator.outliers : *outliers;
    const auto& how =
        normalise == nullptr || indicator.own_normalise ? indicator.normalise : *normalise;
    const Column treated = rule ? TreatOutliers(steps.filled, *rule).values : steps.filled;
    const size_t reference = QIPU_TRY(ReferenceRow(derived, how));
    auto column = Normalise(treated, indicator.info.sense, how, reference);
    if (!column) column.emplace(treated.size(), kMissing);
    for (double x : *column) variant.positive = variant.positive && !(x <= 0);
    variant.columns.push_back(*std::move(column));
  }
  return variant;
}

Result<std::vector<Variant>> MakeVariants(const Method& method, const Derived& derived) {
  std::vector<const std::optional<OutlierRule>*> outliers;
  for (const auto& rule : method.robustness.outliers) outliers.push_back(&rule);
  if (outliers.empty()) outliers.push_back(nullptr);
  std::vector<const Normalisation*> normalisations;
  for (const auto& how : method.robustness.normalise) normalisations.push_back(&how);
  if (normalisations.empty()) normalisations.push_back(nullptr);
  std::vector<Variant> variants;
  for (const auto* rule : outliers) {
    for (const auto* how : normalisations) {
      variants.push_back(QIPU_TRY(MakeVariant(method, derived, rule, how)));
    }
  }
  return variants;
}

bool NeedsPositive(const Tree& tree, const std::optional<Aggregation>& how) {
  if (how) return *how != Aggregation::kArithmetic;
  return std::any_of(tree.begin(), tree.end(), [](const TreeNode& node) {
    return node.indicator < 0 && node.how != Aggregation::kArithmetic;
  });
}

std::vector<Choice> AllowedChoices(const Method& method, const std::vector<Variant>& variants,
                                   int& excluded) {
  std::vector<std::optional<Aggregation>> means(method.robustness.aggregate.begin(),
                                                method.robustness.aggregate.end());
  if (means.empty()) means.push_back(std::nullopt);
  std::vector<Choice> choices;
  for (size_t v = 0; v < variants.size(); ++v) {
    for (const auto& how : means) {
      if (NeedsPositive(method.tree, how) && !variants[v].positive) {
        ++excluded;
      } else {
        choices.push_back({v, how});
      }
    }
  }
  return choices;
}

size_t Pick(double uniform, size_t n) {
  return std::min(n - 1, static_cast<size_t>(uniform * static_cast<double>(n)));
}

TreeVariant DrawVariant(const Method& method, uint64_t draw, const Choice& choice) {
  const Robustness& robustness = method.robustness;
  TreeVariant variant = Nominal(method.tree);
  variant.how = choice.how;
  for (uint32_t n = 0; n < variant.weights.size(); ++n) {
    const double u = DrawUniform(robustness.seed, draw, kFirstWeightIndex + n);
    variant.weights[n] *= 1 + robustness.weights * (2 * u - 1);
  }
  if (robustness.drop_one) {
    // One case more than indicators: now and then none is dropped.
    const size_t cases = method.indicators.size() + 1;
    const size_t drop = Pick(DrawUniform(robustness.seed, draw, kDropIndex), cases);
    variant.dropped = drop + 1 == cases ? -1 : static_cast<int>(drop);
  }
  return variant;
}

/// The least rank that the share of all draws reaches.
int RankAt(const std::vector<int>& histogram, int64_t draws, double share) {
  int64_t seen = 0;
  for (size_t rank = 1; rank < histogram.size(); ++rank) {
    seen += histogram[rank];
    if (static_cast<double>(seen) >= share * static_cast<double>(draws)) {
      return static_cast<int>(rank);
    }
  }
  return 0;
}

RankInterval IntervalOf(const std::vector<int>& histogram, int top) {
  RankInterval interval;
  int64_t draws = 0, within = 0;
  for (size_t rank = 1; rank < histogram.size(); ++rank) {
    draws += histogram[rank];
    if (static_cast<int>(rank) <= top) within += histogram[rank];
  }
  if (draws == 0) return interval;
  interval.low = RankAt(histogram, draws, kLowShare);
  interval.median = RankAt(histogram, draws, 0.5);
  interval.high = RankAt(histogram, draws, kHighShare);
  interval.top = static_cast<double>(within) / static_cast<double>(draws);
  return interval;
}

}  // namespace

double DrawUniform(uint64_t seed, uint64_t draw, uint32_t index) {
  uint64_t z = seed + ((draw << 20) + index + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

Result<RankDraws> DrawRanks(const Method& method, const Derived& derived, int draws) {
  RankDraws result;
  const size_t units = derived.codes.size();
  result.intervals.resize(units);
  if (draws == 0) return result;
  const std::vector<Variant> variants = QIPU_TRY(MakeVariants(method, derived));
  const auto choices = AllowedChoices(method, variants, result.excluded_choices);
  if (choices.empty()) {
    return InvalidArgument(method.file +
                           ": key 'robustness': no choice of normalisation gives values above 0, "
                           "which every choice of mean needs; add a range such as [1, 100]");
  }
  std::vector<std::vector<int>> histograms(units, std::vector<int>(units + 1, 0));
  for (uint64_t draw = 0; draw < static_cast<uint64_t>(draws); ++draw) {
    const double u = DrawUniform(method.robustness.seed, draw, kChoiceIndex);
    const Choice& choice = choices[Pick(u, choices.size())];
    std::vector<const Column*> columns;
    for (const Column& column : variants[choice.variant].columns) columns.push_back(&column);
    const auto nodes = EvaluateTree(method.tree, columns, DrawVariant(method, draw, choice));
    const std::vector<int> ranks = RankDescending(nodes[0]);
    for (size_t unit = 0; unit < units; ++unit) {
      ++histograms[unit][static_cast<size_t>(ranks[unit])];
    }
  }
  for (size_t unit = 0; unit < units; ++unit) {
    result.intervals[unit] = IntervalOf(histograms[unit], method.top);
  }
  return result;
}

}  // namespace qipu::query
