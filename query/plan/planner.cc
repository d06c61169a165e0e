#include "query/plan/planner.h"

#include <algorithm>
#include <utility>

namespace qipu::query {
namespace {

/// Guesses, for the estimates shown to people.
constexpr double kGroupsPerRow = 0.1;
constexpr double kUnwoundPerRow = 10;
constexpr double kCutRows = 100;

PlanPtr Node(PlanDetail detail, PlanPtr input, double rows) {
  auto node = std::make_unique<PlanNode>();
  node->detail = std::move(detail);
  node->estimated_rows = rows;
  if (input != nullptr) node->inputs.push_back(std::move(input));
  return node;
}

PlanPtr Unit() { return Node(UnitPlan{}, nullptr, 1); }

std::vector<Slot> SlotsOf(const std::vector<Column>& columns) {
  std::vector<Slot> slots;
  for (const Column& column : columns) slots.push_back(column.slot);
  return slots;
}

bool IsUnit(const PlanNode& node) { return std::holds_alternative<UnitPlan>(node.detail); }

/// Whether a call counts every row: count(*), or count(x) of a variable that is never null.
bool CountsRows(const AggregateCall& call, const std::vector<Slot>& never_null) {
  if (call.function != FindAggregateFunction("count") || call.distinct) return false;
  return !call.argument ||
         (call.argument->kind == BoundKind::kSlot &&
          std::find(never_null.begin(), never_null.end(), call.argument->slot) != never_null.end());
}

/// The count as the store keeps it, when a whole MATCH is no more than that.
std::optional<CountPlan> StoredCount(const BoundProjection& projection, const PlanNode& input) {
  if (!projection.keys.empty() || projection.aggregates.size() != 1) return std::nullopt;
  const AggregateCall& call = projection.aggregates[0];
  CountPlan count;
  count.slot = call.slot;
  if (const auto* scan = std::get_if<ScanPlan>(&input.detail)) {
    if (!IsUnit(*input.inputs[0]) || !CountsRows(call, {scan->slot})) return std::nullopt;
    count.all = scan->source == ScanSource::kAllVertices;
    if (scan->source == ScanSource::kLabel) count.labels.push_back(scan->label);
    return count;
  }
  const auto* expand = std::get_if<ExpandPlan>(&input.detail);
  if (expand == nullptr || expand->far != Far::kNew || expand->hops ||
      expand->choice.direction == ArrowDirection::kEither) {
    return std::nullopt;
  }
  const auto* scan = std::get_if<ScanPlan>(&input.inputs[0]->detail);
  if (scan == nullptr || scan->source != ScanSource::kAllVertices ||
      !IsUnit(*input.inputs[0]->inputs[0]) ||
      !CountsRows(call, {scan->slot, expand->edge, expand->to})) {
    return std::nullopt;
  }
  count.counted = Counted::kEdges;
  count.all = expand->choice.any_type;
  count.types = expand->choice.types;
  return count;
}

class Planner {
 public:
  Planner(BoundQuery& query, const graph::Snapshot& snapshot)
      : query_(query), context_{snapshot, query.slot_read} {}

  Result<PlanPtr> Run() {
    if (query_.parts.size() == 1) return PlanPart(query_.parts[0]);
    auto node = std::make_unique<PlanNode>();
    UnionPlan together;
    together.slots = SlotsOf(query_.columns);
    node->estimated_rows = 0;
    for (BoundPart& part : query_.parts) {
      together.inputs.push_back(SlotsOf(part.columns));
      node->inputs.push_back(QIPU_TRY(PlanPart(part)));
      node->estimated_rows += node->inputs.back()->estimated_rows;
    }
    node->detail = std::move(together);
    if (query_.all[0]) return node;
    const double rows = node->estimated_rows;
    return Node(DistinctPlan{SlotsOf(query_.columns)}, std::move(node), rows);
  }

 private:
  Result<PlanPtr> PlanPart(BoundPart& part) {
    PlanPtr plan = Unit();
    for (BoundClause& clause : part.clauses) {
      if (auto* match = std::get_if<BoundMatch>(&clause)) {
        plan = QIPU_TRY(PlanMatch(*match, std::move(plan)));
      } else if (auto* unwind = std::get_if<BoundUnwind>(&clause)) {
        QIPU_TRY(PlanSubqueries(unwind->list, context_));
        const double rows = plan->estimated_rows * kUnwoundPerRow;
        plan = Node(UnwindPlan{unwind->slot, std::move(unwind->list)}, std::move(plan), rows);
      } else {
        plan = QIPU_TRY(PlanProjection(std::get<BoundProjection>(clause), std::move(plan)));
      }
    }
    return plan;
  }

  Result<PlanPtr> PlanMatch(BoundMatch& match, PlanPtr input) {
    if (!match.optional) return MatchPlanner(match, std::move(input), context_).Run();
    OptionalPlan optional;
    for (const PatternVertex& vertex : match.vertices) {
      if (!vertex.bound) optional.slots.push_back(vertex.slot);
    }
    for (const PatternEdge& edge : match.edges) {
      if (!edge.bound) optional.slots.push_back(edge.slot);
    }
    for (const Assignment& path : match.paths) optional.slots.push_back(path.slot);
    PlanPtr pattern = QIPU_TRY(MatchPlanner(match, Unit(), context_).Run());
    const double rows = input->estimated_rows * std::max(1.0, pattern->estimated_rows);
    PlanPtr node = Node(std::move(optional), std::move(input), rows);
    node->inputs.push_back(std::move(pattern));
    return node;
  }

  Status PlanAll(std::vector<Assignment>& assignments) {
    for (Assignment& assignment : assignments) {
      QIPU_TRY(PlanSubqueries(assignment.value, context_));
    }
    return Ok{};
  }

  Result<PlanPtr> PlanProjection(BoundProjection& projection, PlanPtr plan) {
    QIPU_TRY(PlanAll(projection.keys));
    QIPU_TRY(PlanAll(projection.assignments));
    if (projection.grouped) {
      plan = QIPU_TRY(PlanGroups(projection, std::move(plan)));
    }
    const double rows = plan->estimated_rows;
    if (!projection.assignments.empty()) {
      plan = Node(ProjectPlan{std::move(projection.assignments)}, std::move(plan), rows);
    }
    if (projection.distinct) {
      plan = Node(DistinctPlan{SlotsOf(projection.columns)}, std::move(plan), rows);
    }
    PlanNode* sort = nullptr;
    if (!projection.order.empty()) {
      for (SortKey& key : projection.order) QIPU_TRY(PlanSubqueries(key.value, context_));
      plan = Node(SortPlan{std::move(projection.order), SlotsOf(projection.columns), {}},
                  std::move(plan), rows);
      sort = plan.get();
    }
    AddCut(projection.skip, Cut::kSkip, plan);
    AddCut(projection.limit, Cut::kLimit, plan);
    if (sort != nullptr && projection.limit) {
      for (const PlanNode* node = plan.get(); node != sort; node = node->inputs[0].get()) {
        std::get<SortPlan>(sort->detail).top.push_back(std::get<CutPlan>(node->detail).count.get());
      }
    }
    if (projection.where) {
      QIPU_TRY(PlanSubqueries(*projection.where, context_));
      FilterPlan filter;
      filter.conditions.push_back(std::move(*projection.where));
      const double passed = plan->estimated_rows / 2;
      plan = Node(std::move(filter), std::move(plan), passed);
    }
    return plan;
  }

  Result<PlanPtr> PlanGroups(BoundProjection& projection, PlanPtr plan) {
    if (auto count = StoredCount(projection, *plan)) return Node(std::move(*count), nullptr, 1);
    for (AggregateCall& call : projection.aggregates) {
      if (call.argument) QIPU_TRY(PlanSubqueries(*call.argument, context_));
    }
    const double groups =
        projection.keys.empty() ? 1 : std::max(1.0, plan->estimated_rows * kGroupsPerRow);
    return Node(AggregatePlan{std::move(projection.keys), std::move(projection.aggregates)},
                std::move(plan), groups);
  }

  static void AddCut(std::optional<BoundExpr>& count, Cut cut, PlanPtr& plan) {
    if (!count) return;
    const double rows =
        cut == Cut::kLimit ? std::min(plan->estimated_rows, kCutRows) : plan->estimated_rows;
    plan =
        Node(CutPlan{cut, std::make_unique<BoundExpr>(std::move(*count))}, std::move(plan), rows);
  }

  BoundQuery& query_;
  PlannerContext context_;
};

}  // namespace

Status PlanSubqueries(BoundExpr& expr, const PlannerContext& context) {
  std::vector<BoundSubquery*> found;
  Walk(expr, [&](BoundExpr& e) {
    if (e.subquery != nullptr) found.push_back(e.subquery.get());
  });
  // An outer pattern's planner plans what is within it, so take the outermost first.
  for (BoundSubquery* subquery : found) {
    if (subquery->plan != nullptr) continue;
    if (subquery->project != nullptr) QIPU_TRY(PlanSubqueries(*subquery->project, context));
    subquery->plan = QIPU_TRY(MatchPlanner(subquery->match, Unit(), context).Run());
  }
  return Ok{};
}

Result<PlanPtr> MakePlan(BoundQuery& query, const graph::Snapshot& snapshot) {
  return Planner(query, snapshot).Run();
}

}  // namespace qipu::query
