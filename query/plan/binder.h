#ifndef QIPU_QUERY_PLAN_BINDER_H_
#define QIPU_QUERY_PLAN_BINDER_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/plan/plan.h"

namespace qipu::query {

enum class VariableKind { kVertex, kEdge, kEdgeList, kPath, kValue };

struct Variable {
  Slot slot = 0;
  VariableKind kind = VariableKind::kValue;
  bool local = false;  ///< of a list expression; its value is none of the row's
};
using Scope = std::map<std::string, Variable, std::less<>>;

/// Walks a syntax tree in the order of the text, with the variables that are in scope there.
/// binder.cc has the clauses, bind_pattern.cc, bind_projection.cc and bind_expression.cc the rest.
class Binder {
 public:
  Binder(std::string_view text, const graph::Snapshot& snapshot)
      : text_(text), snapshot_(snapshot) {}
  Result<BoundQuery> BindQuery(const QueryAst& query);

 private:
  /// What an expression may refer to besides the variables in scope.
  struct Context {
    /// Expressions that have been computed: where one stands, its slot is read.
    std::vector<std::pair<const Expr*, Slot>> computed;
    /// Columns made by this clause, for its ORDER BY; null elsewhere.
    const Scope* columns = nullptr;
    /// Where to put aggregates; null where there can be none.
    std::vector<AggregateCall>* calls = nullptr;
    /// After grouping or DISTINCT the variables in scope are gone.
    bool rows_gone = false;
  };
  class ContextGuard;

  // Clauses.
  Result<BoundPart> BindPart(const SingleQuery& part);
  Status BindUnion(const QueryAst& query);

  // Patterns.
  enum class NewNames { kAllowed, kRefused };
  Result<BoundMatch> BindPattern(const Pattern& pattern, NewNames new_names);
  /// The vertices of the path, from left to right.
  Result<std::vector<size_t>> DeclarePath(const PathPattern& path, NewNames new_names,
                                          BoundMatch& match);
  Result<size_t> DeclareVertex(const NodePattern& node, NewNames new_names, BoundMatch& match);
  Result<PatternEdge> DeclareEdge(const RelationshipPattern& relationship, NewNames new_names,
                                  const BoundMatch& match);
  Result<EdgeChoice> BindChoice(const RelationshipPattern& relationship);
  Status AddPropertyConditions(const ExprPtr& properties, Slot slot, BoundMatch& match);
  Result<std::vector<PropertyCondition>> BindHopConditions(const ExprPtr& properties);
  void AddPath(const PathPattern& path, const std::vector<Slot>& slots, BoundMatch& match);
  Status AddWhere(const ExprPtr& where, BoundMatch& match);

  // Projections.
  Result<BoundProjection> BindProjection(const ProjectionClause& clause);
  Status AddStar(const ProjectionClause& clause, BoundProjection& projection, Context& grouping);
  Status AddItem(const ProjectionItem& item, BoundProjection& projection, Context& grouping);
  Status AddColumn(std::string name, Variable variable, Span span, BoundProjection& projection);
  Status BindOrder(const ProjectionClause& clause, BoundProjection& projection, Context& grouping);
  Result<std::optional<BoundExpr>> BindCount(const ExprPtr& count);

  // Expressions.
  Result<BoundExpr> BindExpression(const Expr& expr);
  Result<BoundExpr> BindKind(const Expr& expr);
  Result<BoundExpr> BindOperator(const Expr& expr);
  Result<BoundExpr> BindChildren(BoundKind kind, const Expr& expr);
  Result<BoundExpr> BindVariable(const Expr& expr);
  Result<BoundExpr> BindProperty(const Expr& expr);
  Result<BoundExpr> BindFunction(const Expr& expr);
  Result<BoundExpr> BindAggregate(const Expr& expr, const AggregateFunction& function);
  Result<BoundExpr> BindOverList(BoundKind kind, const Expr& expr);
  Result<BoundExpr> BindSubquery(BoundKind kind, const Expr& expr);
  Result<std::unique_ptr<BoundExpr>> BindOptional(const ExprPtr& expr);
  /// A constant that can be no condition, found even where it would not be evaluated.
  Status RefuseNonBooleans(const Expr& condition) const;
  /// A bare pattern where a value is expected.
  Status RefusePattern(const Expr& expr) const;
  Error UnknownFunction(const Expr& expr) const;

  // Names.
  Slot NewSlot(std::string name);
  std::optional<graph::LabelId> FindLabel(const std::string& name);
  std::optional<graph::EdgeTypeId> FindEdgeType(const std::string& name);
  std::optional<graph::PropertyId> FindProperty(const std::string& name);
  void NoticeUnknown(std::string_view what, const std::string& name, const graph::NameTable& known);
  Error Complain(Span span, std::string_view what) const;

  std::string_view text_;
  const graph::Snapshot& snapshot_;
  BoundQuery out_;
  Scope scope_;
  Scope columns_;  // being made by the projection at hand
  Context context_;
};

/// Whether an aggregate stands in `expr`, outside of subqueries.
bool HasAggregate(const Expr& expr);

}  // namespace qipu::query

#endif  // QIPU_QUERY_PLAN_BINDER_H_
