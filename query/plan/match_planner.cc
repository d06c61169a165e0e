#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "query/plan/planner.h"

namespace qipu::query {
namespace {

/// Guesses of the share of rows that pass, where nothing is counted.
constexpr double kEqualityShare = 0.1;
constexpr double kConditionShare = 0.5;

ArrowDirection Turned(ArrowDirection direction) {
  switch (direction) {
    case ArrowDirection::kRight:
      return ArrowDirection::kLeft;
    case ArrowDirection::kLeft:
      return ArrowDirection::kRight;
    case ArrowDirection::kEither:
      break;
  }
  return ArrowDirection::kEither;
}

/// Whether an edge may be taken by both.
bool MayOverlap(const EdgeChoice& a, const EdgeChoice& b) {
  if (a.any_type || b.any_type) return true;
  return std::any_of(a.types.begin(), a.types.end(), [&](graph::EdgeTypeId type) {
    return std::binary_search(b.types.begin(), b.types.end(), type);
  });
}

}  // namespace

MatchPlanner::MatchPlanner(BoundMatch& match, PlanPtr input, const PlannerContext& context)
    : match_(match),
      plan_(std::move(input)),
      context_(context),
      vertex_done_(match.vertices.size(), false),
      edge_done_(match.edges.size(), false) {}

Result<PlanPtr> MatchPlanner::Run() {
  QIPU_TRY(Prepare());
  while (QIPU_TRY(Step())) {
  }
  if (!match_.paths.empty()) {
    for (const Assignment& path : match_.paths) missing_.erase(path.slot);
    Push(ProjectPlan{std::move(match_.paths)}, 1);
  }
  ApplyConditions();
  return std::move(plan_);
}

Status MatchPlanner::Prepare() {
  for (const PatternVertex& vertex : match_.vertices) {
    if (!vertex.bound) missing_.insert(vertex.slot);
  }
  for (const PatternEdge& edge : match_.edges) {
    if (!edge.bound) missing_.insert(edge.slot);
  }
  for (const Assignment& path : match_.paths) missing_.insert(path.slot);
  for (BoundExpr& expr : match_.conditions) {
    Condition condition;
    // Before its patterns are planned, as planning moves their parts away.
    Walk(std::as_const(expr), [&](const BoundExpr& e) {
      if (e.kind == BoundKind::kSlot) condition.needs.insert(e.slot);
      if (e.subquery == nullptr) return;
      for (const PatternVertex& v : e.subquery->match.vertices) condition.needs.insert(v.slot);
      for (const PatternEdge& v : e.subquery->match.edges) condition.needs.insert(v.slot);
    });
    QIPU_TRY(PlanSubqueries(expr, context_));
    condition.expr = std::move(expr);
    conditions_.push_back(std::move(condition));
  }
  for (PatternEdge& edge : match_.edges) {
    for (PropertyCondition& condition : edge.conditions) {
      bool known = true;
      Walk(std::as_const(condition.value), [&](const BoundExpr& e) {
        known = known && (e.kind != BoundKind::kSlot || !missing_.contains(e.slot));
      });
      if (!known) {
        return Unsupported(
            "a variable-length relationship whose properties refer to its own MATCH is not "
            "executed by this version; bring in the other variables with a MATCH before");
      }
      QIPU_TRY(PlanSubqueries(condition.value, context_));
    }
  }
  for (size_t i = 0; i < match_.vertices.size(); ++i) {
    if (match_.vertices[i].bound) VertexDone(i, std::nullopt);
  }
  ApplyConditions();
  return Ok{};
}

bool MatchPlanner::Known(const std::set<Slot>& needs) const {
  return std::none_of(needs.begin(), needs.end(),
                      [&](Slot slot) { return missing_.contains(slot); });
}

void MatchPlanner::Push(PlanDetail detail, double rows_per_row) {
  auto node = std::make_unique<PlanNode>();
  node->detail = std::move(detail);
  node->estimated_rows = plan_->estimated_rows * rows_per_row;
  node->inputs.push_back(std::move(plan_));
  plan_ = std::move(node);
}

void MatchPlanner::VertexDone(size_t index, std::optional<graph::LabelId> covered) {
  const PatternVertex& vertex = match_.vertices[index];
  vertex_done_[index] = true;
  missing_.erase(vertex.slot);
  BoundExpr has(BoundKind::kHasLabels, {});
  for (const auto& [name, label] : vertex.labels) {
    if (covered && label == covered) continue;
    has.names.push_back(name);
    has.labels.push_back(label);
  }
  if (has.labels.empty()) return;
  BoundExpr read(BoundKind::kSlot, {});
  read.slot = vertex.slot;
  has.children.push_back(std::move(read));
  Condition condition;
  condition.needs.insert(vertex.slot);
  condition.expr = std::move(has);
  conditions_.insert(conditions_.begin(), std::move(condition));
}

void MatchPlanner::ApplyConditions() {
  FilterPlan filter;
  double share = 1;
  std::vector<Condition> later;
  for (Condition& condition : conditions_) {
    if (!Known(condition.needs)) {
      later.push_back(std::move(condition));
      continue;
    }
    const bool equality =
        condition.expr.kind == BoundKind::kOperator && condition.expr.op == Operator::kEqual;
    share *= equality ? kEqualityShare : kConditionShare;
    filter.conditions.push_back(std::move(condition.expr));
  }
  conditions_ = std::move(later);
  if (!filter.conditions.empty()) Push(std::move(filter), share);
}

Result<bool> MatchPlanner::Step() {
  if (const auto edge = FindEdge([&](const PatternEdge& e) { return e.bound; })) {
    TakeBoundEdge(*edge);
  } else if (const auto closing = FindEdge([&](const PatternEdge& e) {
               return vertex_done_[e.first] && vertex_done_[e.second];
             })) {
    Expand(*closing, match_.edges[*closing].first, 1);
  } else if (!TakeKeyLookup() && !QIPU_TRY(TakeExpansion()) && !QIPU_TRY(TakeScan())) {
    return false;
  }
  ApplyConditions();
  return true;
}

std::optional<size_t> MatchPlanner::FindEdge(
    const std::function<bool(const PatternEdge&)>& wanted) const {
  for (size_t i = 0; i < match_.edges.size(); ++i) {
    if (!edge_done_[i] && wanted(match_.edges[i])) return i;
  }
  return std::nullopt;
}

std::vector<Slot> MatchPlanner::TakenBefore(size_t edge) const {
  std::vector<Slot> slots;
  for (size_t i = 0; i < match_.edges.size(); ++i) {
    if (edge_done_[i] && MayOverlap(match_.edges[i].choice, match_.edges[edge].choice)) {
      slots.push_back(match_.edges[i].slot);
    }
  }
  return slots;
}

void MatchPlanner::TakeBoundEdge(size_t index) {
  const PatternEdge& edge = match_.edges[index];
  BoundEdgePlan step;
  step.edge = edge.slot;
  step.first = match_.vertices[edge.first].slot;
  step.second = match_.vertices[edge.second].slot;
  step.first_far = vertex_done_[edge.first] ? Far::kBound : Far::kNew;
  step.second_far = vertex_done_[edge.second] ? Far::kBound : Far::kNew;
  step.choice = edge.choice;
  step.unlike = TakenBefore(index);
  Push(std::move(step), 1);
  edge_done_[index] = true;
  for (const size_t vertex : {edge.first, edge.second}) {
    if (!vertex_done_[vertex]) VertexDone(vertex, std::nullopt);
  }
}

void MatchPlanner::Expand(size_t index, size_t from, double rows_per_row) {
  PatternEdge& edge = match_.edges[index];
  const size_t to = from == edge.first ? edge.second : edge.first;
  ExpandPlan step;
  step.from = match_.vertices[from].slot;
  step.edge = edge.slot;
  step.to = match_.vertices[to].slot;
  step.far = vertex_done_[to] ? Far::kBound : Far::kNew;
  step.choice = edge.choice;
  if (from != edge.first) step.choice.direction = Turned(edge.choice.direction);
  step.unlike = TakenBefore(index);
  step.hops = edge.hops;
  step.backwards = from != edge.first;
  step.conditions = std::move(edge.conditions);
  Push(std::move(step), rows_per_row);
  edge_done_[index] = true;
  missing_.erase(edge.slot);
  if (!vertex_done_[to]) VertexDone(to, std::nullopt);
}

Result<bool> MatchPlanner::TakeExpansion() {
  std::optional<size_t> best;
  size_t best_from = 0;
  double best_rows = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < match_.edges.size(); ++i) {
    const PatternEdge& edge = match_.edges[i];
    if (edge_done_[i]) continue;
    for (const size_t from : {edge.first, edge.second}) {
      if (!vertex_done_[from]) continue;
      const double rows = QIPU_TRY(FanOut(edge, from));
      if (rows >= best_rows) continue;
      best = i;
      best_from = from;
      best_rows = rows;
    }
  }
  if (best) Expand(*best, best_from, best_rows);
  return best.has_value();
}

Result<double> MatchPlanner::FanOut(const PatternEdge& edge, size_t from) const {
  double edges = 0;
  if (edge.choice.any_type) edges = static_cast<double>(QIPU_TRY(context_.snapshot.CountEdges()));
  for (const graph::EdgeTypeId type : edge.choice.types) {
    edges += static_cast<double>(QIPU_TRY(context_.snapshot.CountEdges(type)));
  }
  if (edge.choice.direction == ArrowDirection::kEither) edges *= 2;
  double fan_out = edges / std::max(1.0, QIPU_TRY(CountOf(match_.vertices[from])));
  if (edge.hops && edge.hops->max.value_or(2) > 1) fan_out *= std::max(1.0, fan_out);
  return fan_out;
}

Result<double> MatchPlanner::CountOf(const PatternVertex& vertex) const {
  auto count = static_cast<double>(QIPU_TRY(context_.snapshot.CountVertices()));
  for (const auto& [name, label] : vertex.labels) {
    const double labelled =
        label ? static_cast<double>(QIPU_TRY(context_.snapshot.CountVertices(*label))) : 0.0;
    count = std::min(count, labelled);
  }
  return count;
}

Result<bool> MatchPlanner::TakeScan() {
  std::optional<size_t> best;
  double best_rows = std::numeric_limits<double>::infinity();
  for (size_t v = 0; v < match_.vertices.size(); ++v) {
    if (vertex_done_[v]) continue;
    // What is left of the scan decides, so a condition on the vertex alone makes it cheaper.
    double rows = QIPU_TRY(CountOf(match_.vertices[v]));
    for (const Condition& condition : conditions_) {
      std::set<Slot> others = condition.needs;
      if (others.erase(match_.vertices[v].slot) > 0 && Known(others)) rows *= kEqualityShare;
    }
    rows *= IndexShare(v);
    if (rows >= best_rows) continue;
    best = v;
    best_rows = rows;
  }
  if (!best) return false;
  const PatternVertex& vertex = match_.vertices[*best];
  if (QIPU_TRY(TakeIndexScan(*best))) return true;
  ScanPlan step;
  step.slot = vertex.slot;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [name, label] : vertex.labels) {
    if (!label) {
      step.source = ScanSource::kNothing;
      break;
    }
    const auto count = static_cast<double>(QIPU_TRY(context_.snapshot.CountVertices(*label)));
    if (count >= least) continue;
    least = count;
    step.source = ScanSource::kLabel;
    step.label = *label;
  }
  step.reads_rows = context_.slot_read[vertex.slot] || vertex.labels.size() > 1;
  const std::optional<graph::LabelId> covered =
      step.source == ScanSource::kLabel ? std::optional(step.label) : std::nullopt;
  const bool nothing = step.source == ScanSource::kNothing;
  Push(std::move(step), QIPU_TRY(CountOf(vertex)));
  if (nothing) match_.vertices[*best].labels.clear();  // no vertex is left to check
  VertexDone(*best, covered);
  return true;
}

}  // namespace qipu::query
