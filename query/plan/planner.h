#ifndef QIPU_QUERY_PLAN_PLANNER_H_
#define QIPU_QUERY_PLAN_PLANNER_H_

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "query/plan/plan.h"

namespace qipu::query {

struct PlannerContext {
  const graph::Snapshot& snapshot;
  const std::vector<bool>& slot_read;
};

/// Plans one pattern on top of `input`: again and again takes the cheapest step that brings in a
/// vertex or an edge, and after each step the conditions that can now be told.
///
/// Order of preference: an edge that is in the row already; an edge between two vertices that are;
/// a vertex by its key; the edge with the smallest expected fan-out; the smallest scan, which an
/// index makes smaller.
class MatchPlanner {
 public:
  MatchPlanner(BoundMatch& match, PlanPtr input, const PlannerContext& context);
  /// Moves the parts of the pattern into the plan. Call once.
  Result<PlanPtr> Run();

 private:
  struct Condition {
    BoundExpr expr;
    std::set<Slot> needs;
  };

  Status Prepare();
  /// One step; false when nothing is left to bring in.
  Result<bool> Step();
  void TakeBoundEdge(size_t index);
  bool TakeKeyLookup();
  Result<bool> TakeExpansion();
  Result<bool> TakeScan();

  void Expand(size_t index, size_t from, double rows_per_row);
  std::optional<size_t> FindEdge(const std::function<bool(const PatternEdge&)>& wanted) const;

  // anchor_planner.cc
  /// A condition `slot.property op x`, x known; op as if the property stood left.
  struct Comparison {
    size_t condition = 0, value_side = 0;
    Operator op = Operator::kEqual;
  };
  std::optional<Comparison> FindComparison(Slot slot, std::optional<graph::PropertyId> property,
                                           bool (*wanted)(Operator)) const;
  /// Its x; the condition goes away.
  BoundExpr TakeValue(const Comparison& comparison);
  /// The index that gives the fewest vertices, and which share of its label's.
  struct IndexUse {
    graph::Index index;
    double share = 1;
  };
  std::optional<IndexUse> FindIndexUse(size_t vertex) const;
  double IndexShare(size_t vertex) const;
  Result<bool> TakeIndexScan(size_t vertex);

  /// Edges of this pattern in the row that `edge` must differ from.
  std::vector<Slot> TakenBefore(size_t edge) const;
  /// Expected edges per vertex `from`.
  Result<double> FanOut(const PatternEdge& edge, size_t from) const;
  Result<double> CountOf(const PatternVertex& vertex) const;

  bool Known(const std::set<Slot>& needs) const;
  void Push(PlanDetail detail, double rows_per_row);
  void VertexDone(size_t index, std::optional<graph::LabelId> covered);
  void ApplyConditions();

  BoundMatch& match_;
  PlanPtr plan_;
  const PlannerContext& context_;
  std::vector<bool> vertex_done_, edge_done_;
  std::set<Slot> missing_;  // slots of this pattern that are not in the row yet
  std::vector<Condition> conditions_;
};

/// Makes the plans of the patterns within `expr`.
Status PlanSubqueries(BoundExpr& expr, const PlannerContext& context);

}  // namespace qipu::query

#endif  // QIPU_QUERY_PLAN_PLANNER_H_
