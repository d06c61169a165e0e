#include "query/parse/ast.h"

#include <algorithm>

namespace qipu::query {
namespace {

bool SameOptional(const ExprPtr& a, const ExprPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return SameExpression(*a, *b);
}

bool SameHops(const std::optional<HopRange>& a, const std::optional<HopRange>& b) {
  if (!a || !b) return !a && !b;
  return a->min == b->min && a->max == b->max;
}

bool SamePath(const PathPattern& a, const PathPattern& b) {
  return a.variable == b.variable &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                    [](const NodePattern& x, const NodePattern& y) {
                      return x.variable == y.variable && x.labels == y.labels &&
                             SameOptional(x.properties, y.properties);
                    }) &&
         std::equal(a.relationships.begin(), a.relationships.end(), b.relationships.begin(),
                    b.relationships.end(),
                    [](const RelationshipPattern& x, const RelationshipPattern& y) {
                      return x.variable == y.variable && x.types == y.types &&
                             x.direction == y.direction && SameHops(x.hops, y.hops) &&
                             SameOptional(x.properties, y.properties);
                    });
}

bool SamePattern(const std::unique_ptr<Pattern>& a, const std::unique_ptr<Pattern>& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return std::equal(a->paths.begin(), a->paths.end(), b->paths.begin(), b->paths.end(), SamePath);
}

}  // namespace

Expr::~Expr() = default;

bool SameExpression(const Expr& a, const Expr& b) {
  return a.kind == b.kind && a.op == b.op && a.quantifier == b.quantifier &&
         a.distinct == b.distinct && a.block == b.block && a.has_subject == b.has_subject &&
         a.has_else == b.has_else && a.name == b.name && a.literal == b.literal &&
         a.names == b.names && a.ops == b.ops &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                    SameOptional) &&
         SameOptional(a.where, b.where) && SameOptional(a.project, b.project) &&
         SamePattern(a.pattern, b.pattern);
}

}  // namespace qipu::query
