#include <algorithm>
#include <cmath>
#include <map>

#include "query/score/score.h"

namespace qipu::query {
namespace {

void Impute(const Derived& derived, MissingRule rule, IndicatorSteps& steps) {
  steps.imputed.assign(steps.raw.size(), "");
  steps.filled = steps.raw;
  std::map<std::string, Column> groups;
  if (rule == MissingRule::kGroupMean) {
    for (size_t u = 0; u < steps.raw.size(); ++u) {
      groups[derived.groups[u]].push_back(steps.raw[u]);
    }
  }
  for (size_t u = 0; u < steps.raw.size(); ++u) {
    if (!std::isnan(steps.raw[u])) continue;
    const char* name = "";
    switch (rule) {
      case MissingRule::kMean:
        steps.filled[u] = Mean(steps.raw);
        name = "mean";
        break;
      case MissingRule::kMedian:
        steps.filled[u] = Quantile(steps.raw, 0.5);
        name = "median";
        break;
      case MissingRule::kGroupMean:
        steps.filled[u] = Mean(groups[derived.groups[u]]);
        name = "group mean";
        break;
      case MissingRule::kKeep:
      case MissingRule::kExclude:
        break;
    }
    if (!std::isnan(steps.filled[u])) steps.imputed[u] = name;
  }
}

template <class T>
void KeepOnly(const std::vector<bool>& kept, std::vector<T>& values) {
  if (values.empty()) return;
  size_t at = 0;
  for (size_t u = 0; u < kept.size(); ++u) {
    if (kept[u]) std::swap(values[at++], values[u]);
  }
  values.resize(at);
}

void TakeOut(const std::vector<bool>& kept, Derived& derived) {
  for (auto* texts : {&derived.codes, &derived.names, &derived.parents, &derived.groups}) {
    KeepOnly(kept, *texts);
  }
  for (IndicatorSteps& steps : derived.indicators) {
    for (Column* column : {&steps.numerator, &steps.denominator, &steps.raw}) {
      KeepOnly(kept, *column);
    }
  }
}

}  // namespace

void FillMissing(const Method& method, Derived& derived) {
  std::vector<bool> kept(derived.codes.size(), true);
  for (size_t i = 0; i < method.indicators.size(); ++i) {
    if (method.indicators[i].missing != MissingRule::kExclude) continue;
    for (size_t u = 0; u < kept.size(); ++u) {
      if (!kept[u] || !std::isnan(derived.indicators[i].raw[u])) continue;
      kept[u] = false;
      derived.notes.push_back("unit " + derived.codes[u] + " is left out: indicator '" +
                              method.indicators[i].info.id + "' is missing");
    }
  }
  TakeOut(kept, derived);
  for (size_t i = 0; i < method.indicators.size(); ++i) {
    Impute(derived, method.indicators[i].missing, derived.indicators[i]);
  }
}

Result<size_t> ReferenceRow(const Derived& derived, const Normalisation& how) {
  if (how.method != NormaliseMethod::kDistanceToReference) return size_t{0};
  const auto at = std::find(derived.codes.begin(), derived.codes.end(), how.reference);
  if (at != derived.codes.end()) return static_cast<size_t>(at - derived.codes.begin());
  const std::string near = graph::NearestName(how.reference, derived.codes);
  return InvalidArgument("the reference '" + how.reference + "' of the normalisation is no unit" +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Status NormaliseAll(const Method& method, Derived& derived) {
  for (size_t i = 0; i < method.indicators.size(); ++i) {
    const IndicatorMethod& indicator = method.indicators[i];
    IndicatorSteps& steps = derived.indicators[i];
    Treated treated{steps.filled, std::vector<const char*>(steps.filled.size(), "")};
    if (indicator.outliers) treated = TreatOutliers(steps.filled, *indicator.outliers);
    steps.treated = std::move(treated.values);
    steps.treated_by = std::move(treated.rules);
    steps.normalisation = indicator.normalise.text;
    const size_t reference = QIPU_TRY(ReferenceRow(derived, indicator.normalise));
    auto normalised =
        Normalise(steps.treated, indicator.info.sense, indicator.normalise, reference);
    if (!normalised) {
      derived.notes.push_back("indicator '" + indicator.info.id + "' tells no unit from another (" +
                              indicator.normalise.text + " has nothing to divide by): left out");
      normalised.emplace(steps.treated.size(), kMissing);
    }
    steps.normalised = *std::move(normalised);
  }
  return Ok{};
}

Status CheckPositive(const Method& method, const Derived& derived) {
  const bool wanted = std::any_of(method.tree.begin(), method.tree.end(), [](const TreeNode& node) {
    return node.indicator < 0 && node.how != Aggregation::kArithmetic;
  });
  if (!wanted) return Ok{};
  for (const IndicatorSteps& steps : derived.indicators) {
    for (size_t u = 0; u < steps.normalised.size(); ++u) {
      if (!(steps.normalised[u] <= 0)) continue;
      return InvalidArgument(method.file + ": a geometric or harmonic mean needs values above 0; " +
                             "indicator '" + steps.info.id + "' of unit " + derived.codes[u] +
                             " is " + graph::FormatFloat(steps.normalised[u]) +
                             "; normalise to a range such as [1, 100]");
    }
  }
  return Ok{};
}

double CouplingCoordination(double x, double y) {
  if (x == 0 && y == 0) return 0;
  const double coupling = 2 * std::sqrt(x * y) / (x + y);
  return std::sqrt(coupling * (0.5 * x + 0.5 * y));
}

}  // namespace qipu::query
