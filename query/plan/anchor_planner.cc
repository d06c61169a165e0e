#include <algorithm>
#include <utility>

#include "query/plan/planner.h"

/// Vertices that are found without a scan: by their key, or by an index.
namespace qipu::query {
namespace {

/// Guesses of the share of a label's vertices that an index gives.
constexpr double kEqualShare = 0.001;
constexpr double kRangeShare = 0.1;

/// The operator with its sides exchanged.
Operator Mirrored(Operator op) {
  switch (op) {
    case Operator::kLess:
      return Operator::kGreater;
    case Operator::kLessEqual:
      return Operator::kGreaterEqual;
    case Operator::kGreater:
      return Operator::kLess;
    case Operator::kGreaterEqual:
      return Operator::kLessEqual;
    default:
      return op;
  }
}

bool IsLower(Operator op) { return op == Operator::kGreater || op == Operator::kGreaterEqual; }
bool IsUpper(Operator op) { return op == Operator::kLess || op == Operator::kLessEqual; }

}  // namespace

std::optional<MatchPlanner::Comparison> MatchPlanner::FindComparison(
    Slot slot, std::optional<graph::PropertyId> property, bool (*wanted)(Operator)) const {
  const auto is_property = [&](const BoundExpr& e) {
    return property && e.kind == BoundKind::kProperty && e.property == property &&
           e.children[0].kind == BoundKind::kSlot && e.children[0].slot == slot;
  };
  for (size_t c = 0; c < conditions_.size(); ++c) {
    const BoundExpr& expr = conditions_[c].expr;
    if (expr.kind != BoundKind::kOperator || expr.children.size() != 2) continue;
    for (const size_t side : {size_t{0}, size_t{1}}) {
      const Operator op = side == 0 ? expr.op : Mirrored(expr.op);
      if (!wanted(op) || !is_property(expr.children[side])) continue;
      bool known = true;
      Walk(expr.children[1 - side], [&](const BoundExpr& e) {
        known = known && e.subquery == nullptr &&
                (e.kind != BoundKind::kSlot || !missing_.contains(e.slot));
      });
      if (known) return Comparison{c, 1 - side, op};
    }
  }
  return std::nullopt;
}

BoundExpr MatchPlanner::TakeValue(const Comparison& comparison) {
  BoundExpr value =
      std::move(conditions_[comparison.condition].expr.children[comparison.value_side]);
  conditions_.erase(conditions_.begin() + static_cast<std::ptrdiff_t>(comparison.condition));
  return value;
}

bool MatchPlanner::TakeKeyLookup() {
  const graph::Catalog& catalog = context_.snapshot.catalog();
  for (size_t v = 0; v < match_.vertices.size(); ++v) {
    if (vertex_done_[v]) continue;
    for (const auto& [name, label] : match_.vertices[v].labels) {
      const std::string_view key = context_.snapshot.schema().KeyOf(name);
      if (!label || key.empty()) continue;
      const auto equality = FindComparison(match_.vertices[v].slot, catalog.FindProperty(key),
                                           [](Operator op) { return op == Operator::kEqual; });
      if (!equality) continue;
      KeyLookupPlan step;
      step.slot = match_.vertices[v].slot;
      step.label = *label;
      step.key = TakeValue(*equality);
      Push(std::move(step), 1);
      VertexDone(v, *label);
      return true;
    }
  }
  return false;
}

std::optional<MatchPlanner::IndexUse> MatchPlanner::FindIndexUse(size_t index) const {
  const PatternVertex& vertex = match_.vertices[index];
  std::optional<IndexUse> best;
  for (const graph::Index& candidate : context_.snapshot.indexes()) {
    const bool has_label =
        std::any_of(vertex.labels.begin(), vertex.labels.end(),
                    [&](const auto& label) { return label.second == candidate.label; });
    if (!has_label || candidate.kind != graph::IndexKind::kValue) continue;
    const auto find = [&](bool (*wanted)(Operator)) {
      return FindComparison(vertex.slot, candidate.property, wanted).has_value();
    };
    if (find([](Operator op) { return op == Operator::kEqual; })) {
      return IndexUse{candidate, kEqualShare};
    }
    const int bounds = int{find(IsLower)} + int{find(IsUpper)};
    const double share = bounds == 2 ? kRangeShare / 2 : kRangeShare;
    if (bounds > 0 && (!best || share < best->share)) best = IndexUse{candidate, share};
  }
  return best;
}

double MatchPlanner::IndexShare(size_t index) const {
  const auto use = FindIndexUse(index);
  return use ? use->share : 1;
}

Result<bool> MatchPlanner::TakeIndexScan(size_t vertex) {
  const auto use = FindIndexUse(vertex);
  if (!use) return false;
  IndexScanPlan step;
  step.slot = match_.vertices[vertex].slot;
  step.index = use->index;
  step.reads_rows = context_.slot_read[step.slot] || match_.vertices[vertex].labels.size() > 1;
  const auto take = [&](bool (*wanted)(Operator)) {
    const auto found = FindComparison(step.slot, use->index.property, wanted);
    if (!found) return false;
    step.bounds.push_back({found->op, TakeValue(*found)});
    return true;
  };
  if (!take([](Operator op) { return op == Operator::kEqual; })) {
    take(IsLower);
    take(IsUpper);
  }
  const auto count =
      static_cast<double>(QIPU_TRY(context_.snapshot.CountVertices(use->index.label)));
  Push(std::move(step), count * use->share);
  VertexDone(vertex, use->index.label);
  return true;
}

}  // namespace qipu::query
