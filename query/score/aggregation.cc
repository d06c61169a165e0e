#include <cmath>

#include "query/score/score.h"

namespace qipu::query {
namespace {

// The function under which a mean is a weighted sum, and its inverse.
double Forward(Aggregation how, double x) {
  switch (how) {
    case Aggregation::kGeometric:
      return x > 0 ? std::log(x) : kMissing;
    case Aggregation::kHarmonic:
      return x > 0 ? 1 / x : kMissing;
    case Aggregation::kArithmetic:
      break;
  }
  return x;
}
double Backward(Aggregation how, double y) {
  switch (how) {
    case Aggregation::kGeometric:
      return std::exp(y);
    case Aggregation::kHarmonic:
      return 1 / y;
    case Aggregation::kArithmetic:
      break;
  }
  return y;
}

}  // namespace

std::string_view AggregationName(Aggregation how) {
  switch (how) {
    case Aggregation::kGeometric:
      return "geometric";
    case Aggregation::kHarmonic:
      return "harmonic";
    case Aggregation::kArithmetic:
      break;
  }
  return "arithmetic";
}

Column Aggregate(const std::vector<const Column*>& children, const std::vector<double>& weights,
                 Aggregation how, double min_share) {
  const size_t units = children.empty() ? 0 : children[0]->size();
  Column sums(units, 0), shares(units, 0);
  std::vector<size_t> there(units, 0);
  for (size_t c = 0; c < children.size(); ++c) {
    for (size_t u = 0; u < units; ++u) {
      const double value = (*children[c])[u];
      if (std::isnan(value)) continue;
      sums[u] += weights[c] * Forward(how, value);
      shares[u] += weights[c];
      ++there[u];
    }
  }
  const auto all = static_cast<double>(children.size());
  for (size_t u = 0; u < units; ++u) {
    const bool enough = there[u] > 0 && static_cast<double>(there[u]) / all >= min_share;
    sums[u] = enough ? Backward(how, sums[u] / shares[u]) : kMissing;
  }
  return sums;
}

TreeVariant Nominal(const Tree& tree) {
  TreeVariant variant;
  for (const TreeNode& node : tree) variant.weights.push_back(node.weight);
  return variant;
}

std::vector<Column> EvaluateTree(const Tree& tree, const std::vector<const Column*>& normalised,
                                 const TreeVariant& variant) {
  std::vector<Column> values(tree.size());
  const size_t units = normalised.empty() ? 0 : normalised[0]->size();
  for (size_t n = tree.size(); n-- > 0;) {  // children stand behind their parents
    const TreeNode& node = tree[n];
    if (node.indicator >= 0) continue;
    std::vector<const Column*> children;
    std::vector<double> weights;
    for (int child : node.children) {
      const auto c = static_cast<size_t>(child);
      const int indicator = tree[c].indicator;
      if (indicator >= 0 && indicator == variant.dropped) continue;
      children.push_back(indicator >= 0 ? normalised[static_cast<size_t>(indicator)] : &values[c]);
      weights.push_back(variant.weights[c]);
    }
    values[n] = Aggregate(children, weights, variant.how.value_or(node.how), node.min_share);
    if (values[n].empty()) values[n].assign(units, kMissing);  // its only child was left out
  }
  return values;
}

namespace {

struct Values {
  const Tree& tree;
  const std::vector<Column>& normalised;
  const std::vector<Column>& nodes;
  double At(size_t node, size_t unit) const {
    const int indicator = tree[node].indicator;
    return indicator >= 0 ? normalised[static_cast<size_t>(indicator)][unit] : nodes[node][unit];
  }
};

// What a child stands for within its parent: its share of the weight and of the value.
struct Part {
  double weight = kMissing, value = kMissing;
};
Part PartOf(const Values& values, size_t child, size_t unit) {
  const auto above = static_cast<size_t>(values.tree[child].parent);
  const TreeNode& parent = values.tree[above];
  double weights = 0;
  for (int c : parent.children) {
    const auto sibling = static_cast<size_t>(c);
    if (!std::isnan(values.At(sibling, unit))) weights += values.tree[sibling].weight;
  }
  const double weight = values.tree[child].weight / weights;
  const double value = values.At(child, unit), whole = values.At(above, unit);
  if (std::isnan(value) || std::isnan(whole)) return {};
  switch (parent.how) {
    case Aggregation::kArithmetic:
      return {weight, whole == 0 ? weight : weight * value / whole};
    case Aggregation::kGeometric: {
      const double log_whole = std::log(whole);
      return {weight, log_whole == 0 ? weight : weight * std::log(value) / log_whole};
    }
    case Aggregation::kHarmonic:
      break;
  }
  return {weight, kMissing};
}

}  // namespace

Decomposition Decompose(const Tree& tree, const std::vector<Column>& normalised,
                        const std::vector<Column>& nodes) {
  const Values values{tree, normalised, nodes};
  const size_t units = nodes[0].size();
  Decomposition result;
  result.weights.assign(normalised.size(), Column(units, kMissing));
  result.contributions = result.weights;
  for (size_t n = 0; n < tree.size(); ++n) {
    if (tree[n].indicator < 0) continue;
    const auto indicator = static_cast<size_t>(tree[n].indicator);
    for (size_t u = 0; u < units; ++u) {
      double weight = 1, share = 1;
      bool linear = true;
      for (size_t at = n; tree[at].parent >= 0; at = static_cast<size_t>(tree[at].parent)) {
        const Part part = PartOf(values, at, u);
        weight *= part.weight;
        share *= part.value;
        linear &= tree[static_cast<size_t>(tree[at].parent)].how == Aggregation::kArithmetic;
      }
      result.weights[indicator][u] = weight;
      result.contributions[indicator][u] =
          linear ? weight * normalised[indicator][u] : nodes[0][u] * share;
    }
  }
  return result;
}

}  // namespace qipu::query
