#include <utility>

#include "query/plan/plan.h"

namespace qipu::query {
namespace {

/// Both Walks; `Expr` is BoundExpr or const BoundExpr.
template <class Expr, class Visit>
void WalkAny(Expr& expr, const Visit& visit) {
  visit(expr);
  for (Expr& child : expr.children) WalkAny(child, visit);
  if (expr.where != nullptr) WalkAny<Expr>(*expr.where, visit);
  if (expr.project != nullptr) WalkAny<Expr>(*expr.project, visit);
  if (expr.subquery == nullptr) return;
  auto& match = expr.subquery->match;
  for (Expr& condition : match.conditions) WalkAny(condition, visit);
  for (auto& edge : match.edges) {
    for (auto& condition : edge.conditions) WalkAny<Expr>(condition.value, visit);
  }
  if (expr.subquery->project != nullptr) WalkAny<Expr>(*expr.subquery->project, visit);
}

}  // namespace

BoundExpr::BoundExpr(BoundExpr&&) noexcept = default;
BoundExpr& BoundExpr::operator=(BoundExpr&&) noexcept = default;
BoundExpr::~BoundExpr() = default;

void Walk(const BoundExpr& expr, const std::function<void(const BoundExpr&)>& visit) {
  WalkAny<const BoundExpr>(expr, visit);
}

void Walk(BoundExpr& expr, const std::function<void(BoundExpr&)>& visit) {
  WalkAny<BoundExpr>(expr, visit);
}

}  // namespace qipu::query
