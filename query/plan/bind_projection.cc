#include <algorithm>

#include "query/parse/parse.h"
#include "query/plan/binder.h"

namespace qipu::query {

bool HasAggregate(const Expr& expr) {
  if (expr.kind == ExprKind::kCountStar) return true;
  if (expr.kind == ExprKind::kFunction && FindAggregateFunction(expr.name) != nullptr) return true;
  const auto has = [](const ExprPtr& e) { return e != nullptr && HasAggregate(*e); };
  return std::any_of(expr.children.begin(), expr.children.end(), has) ||
         (expr.pattern == nullptr && (has(expr.where) || has(expr.project)));
}

Result<BoundProjection> Binder::BindProjection(const ProjectionClause& clause) {
  BoundProjection projection;
  projection.distinct = clause.distinct;
  projection.grouped =
      std::any_of(clause.items.begin(), clause.items.end(),
                  [](const ProjectionItem& item) { return HasAggregate(*item.expression); });
  columns_.clear();
  Context grouping;
  grouping.rows_gone = projection.grouped;
  if (projection.grouped) grouping.calls = &projection.aggregates;
  if (clause.star) QIPU_TRY(AddStar(clause, projection, grouping));

  // The groups' keys come first, as columns with aggregates may refer to them.
  std::vector<Column> columns(clause.items.size());
  const size_t stars = projection.columns.size();
  for (const bool aggregates : {false, true}) {
    for (size_t i = 0; i < clause.items.size(); ++i) {
      const ProjectionItem& item = clause.items[i];
      if ((projection.grouped && HasAggregate(*item.expression)) != aggregates) continue;
      QIPU_TRY(AddItem(item, projection, grouping));
      columns[i] = projection.columns.back();
      projection.columns.pop_back();
    }
  }
  projection.columns.resize(stars);
  projection.columns.insert(projection.columns.end(), columns.begin(), columns.end());

  QIPU_TRY(BindOrder(clause, projection, grouping));
  projection.skip = QIPU_TRY(BindCount(clause.skip));
  projection.limit = QIPU_TRY(BindCount(clause.limit));
  // WHERE sees the columns and, while the rows are there, what they were made of; a sort keeps the
  // columns only.
  const bool rows_gone = projection.grouped || projection.distinct || !clause.order.empty();
  Scope visible = columns_;
  if (!rows_gone) visible.insert(scope_.begin(), scope_.end());
  scope_ = std::move(visible);
  if (clause.where != nullptr) projection.where = QIPU_TRY(BindExpression(*clause.where));
  scope_ = columns_;
  return projection;
}

Status Binder::AddStar(const ProjectionClause& clause, BoundProjection& projection,
                       Context& grouping) {
  if (scope_.empty())
    return Complain(clause.span, "'*' stands for all variables, but there is none");
  for (const auto& [name, variable] : scope_) {
    QIPU_TRY(AddColumn(name, variable, clause.span, projection));
    if (clause.kind == ProjectionKind::kReturn) out_.slot_read[variable.slot] = true;
    if (!projection.grouped) continue;
    Assignment key;
    key.slot = variable.slot;
    key.value = BoundExpr(BoundKind::kSlot, clause.span);
    key.value.slot = variable.slot;
    projection.keys.push_back(std::move(key));
  }
  // A starred variable is a key, and as such a column of its own name.
  if (projection.grouped) grouping.columns = &columns_;
  return Ok{};
}

Status Binder::AddItem(const ProjectionItem& item, BoundProjection& projection, Context& grouping) {
  const Expr& expr = *item.expression;
  const bool aggregate = projection.grouped && HasAggregate(expr);
  QIPU_TRY(RefusePattern(expr));
  if (expr.kind == ExprKind::kVariable) {
    // A plain variable keeps its slot; whether it is read, later clauses tell.
    const auto known = scope_.find(expr.name);
    if (known != scope_.end()) {
      QIPU_TRY(AddColumn(item.alias, known->second, item.span, projection));
      if (projection.grouped) {
        Assignment key;
        key.slot = known->second.slot;
        key.value = BoundExpr(BoundKind::kSlot, expr.span);
        key.value.slot = key.slot;
        projection.keys.push_back(std::move(key));
        grouping.computed.emplace_back(&expr, known->second.slot);
      }
      return Ok{};
    }
  }
  Assignment assignment;
  if (aggregate) {
    std::swap(context_, grouping);
    auto value = BindExpression(expr);
    std::swap(context_, grouping);
    assignment.value = QIPU_TRY(std::move(value));
  } else {
    assignment.value = QIPU_TRY(BindExpression(expr));
  }
  const bool plain = aggregate && assignment.value.kind == BoundKind::kSlot;
  assignment.slot = plain ? assignment.value.slot : NewSlot(item.alias);
  QIPU_TRY(AddColumn(item.alias, {assignment.slot}, item.span, projection));
  grouping.computed.emplace_back(&expr, assignment.slot);
  if (projection.grouped && !aggregate) {
    projection.keys.push_back(std::move(assignment));
  } else if (!plain) {
    projection.assignments.push_back(std::move(assignment));
  }
  return Ok{};
}

Status Binder::AddColumn(std::string name, Variable variable, Span span,
                         BoundProjection& projection) {
  if (columns_.contains(name)) {
    return Complain(span, "there are two columns named '" + name + "'; rename one with AS");
  }
  columns_[name] = variable;
  projection.columns.push_back({std::move(name), variable.slot});
  return Ok{};
}

Status Binder::BindOrder(const ProjectionClause& clause, BoundProjection& projection,
                         Context& grouping) {
  if (clause.kind == ProjectionKind::kReturn) {
    for (const Column& column : projection.columns) out_.slot_read[column.slot] = true;
  }
  grouping.columns = &columns_;
  grouping.rows_gone = projection.grouped || projection.distinct;
  if (projection.distinct) grouping.calls = nullptr;
  for (const SortItem& item : clause.order) {
    std::swap(context_, grouping);
    auto value = BindExpression(*item.expression);
    std::swap(context_, grouping);
    projection.order.push_back({QIPU_TRY(std::move(value)), item.descending});
  }
  return Ok{};
}

Result<std::optional<BoundExpr>> Binder::BindCount(const ExprPtr& count) {
  if (count == nullptr) return std::optional<BoundExpr>();
  Scope scope;
  std::swap(scope_, scope);
  auto value = BindExpression(*count);
  std::swap(scope_, scope);
  return std::optional<BoundExpr>(QIPU_TRY(std::move(value)));
}

}  // namespace qipu::query
