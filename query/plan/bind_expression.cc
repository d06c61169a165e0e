#include <algorithm>
#include <utility>

#include "graph/json.h"
#include "query/parse/parse.h"
#include "query/plan/binder.h"

namespace qipu::query {
namespace {

bool IsLogical(Operator op) {
  return op == Operator::kAnd || op == Operator::kOr || op == Operator::kXor ||
         op == Operator::kNot;
}

}  // namespace

/// Puts a context aside while an expression is bound in another one.
class Binder::ContextGuard {
 public:
  ContextGuard(Context& context, Context inner) : context_(context), outer_(std::move(context)) {
    context_ = std::move(inner);
  }
  ~ContextGuard() { context_ = std::move(outer_); }
  ContextGuard(const ContextGuard&) = delete;
  ContextGuard& operator=(const ContextGuard&) = delete;

 private:
  Context& context_;
  Context outer_;
};

Result<BoundExpr> Binder::BindExpression(const Expr& expr) {
  for (const auto& [computed, slot] : context_.computed) {
    if (!SameExpression(*computed, expr)) continue;
    BoundExpr read(BoundKind::kSlot, expr.span);
    read.slot = slot;
    out_.slot_read[slot] = true;
    return read;
  }
  BoundExpr bound = QIPU_TRY(BindKind(expr));
  bound.span = expr.span;
  return bound;
}

Result<BoundExpr> Binder::BindKind(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kLiteral: {
      BoundExpr bound(BoundKind::kConstant, expr.span);
      bound.constant = Datum::FromValue(expr.literal);
      return bound;
    }
    case ExprKind::kParameter: {
      BoundExpr bound(BoundKind::kParameter, expr.span);
      bound.name = expr.name;
      auto& all = out_.parameters;
      const auto known = std::find(all.begin(), all.end(), expr.name);
      bound.slot = static_cast<Slot>(known - all.begin());
      if (known == all.end()) all.push_back(expr.name);
      return bound;
    }
    case ExprKind::kVariable:
      return BindVariable(expr);
    case ExprKind::kProperty:
      return BindProperty(expr);
    case ExprKind::kHasLabels: {
      BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kHasLabels, expr));
      for (const std::string& label : expr.names) bound.labels.push_back(FindLabel(label));
      bound.names = expr.names;
      return bound;
    }
    case ExprKind::kOperator:
      return BindOperator(expr);
    case ExprKind::kComparisons: {
      BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kComparisons, expr));
      bound.ops = expr.ops;
      return bound;
    }
    case ExprKind::kFunction:
    case ExprKind::kCountStar:
      return BindFunction(expr);
    case ExprKind::kList:
      return BindChildren(BoundKind::kList, expr);
    case ExprKind::kMap: {
      BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kMap, expr));
      bound.names = expr.names;
      return bound;
    }
    case ExprKind::kCase: {
      BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kCase, expr));
      bound.has_subject = expr.has_subject;
      bound.has_else = expr.has_else;
      return bound;
    }
    case ExprKind::kComprehension:
      return BindOverList(BoundKind::kComprehension, expr);
    case ExprKind::kQuantifier:
      return BindOverList(BoundKind::kQuantifier, expr);
    case ExprKind::kReduce:
      return BindOverList(BoundKind::kReduce, expr);
    case ExprKind::kPatternExists:
      return BindSubquery(BoundKind::kExists, expr);
    case ExprKind::kPatternList:
      return BindSubquery(BoundKind::kPatternList, expr);
  }
  return Complain(expr.span, "this expression is not known");
}

Result<BoundExpr> Binder::BindOperator(const Expr& expr) {
  if (expr.op == Operator::kRegex) {
    return ErrorAt(text_, expr.span, ErrorCode::kUnsupported,
                   "=~ is not executed by this version; use CONTAINS, STARTS WITH or ENDS WITH");
  }
  if (IsLogical(expr.op)) QIPU_TRY(RefuseNonBooleans(expr));
  BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kOperator, expr));
  bound.op = expr.op;
  return bound;
}

Status Binder::RefuseNonBooleans(const Expr& condition) const {
  for (const ExprPtr& child : condition.children) {
    Datum constant;
    if (child->kind == ExprKind::kLiteral) constant = Datum::FromValue(child->literal);
    if (child->kind == ExprKind::kList) constant = Datum(DatumList());
    if (child->kind == ExprKind::kMap) constant = Datum(DatumMap());
    if (constant.is_null() || constant.type() == DatumType::kBool) continue;
    return Complain(child->span, WrongArgument("a condition", "a BOOLEAN", constant).message);
  }
  return Ok{};
}

Status Binder::RefusePattern(const Expr& expr) const {
  if (expr.kind != ExprKind::kPatternExists || expr.exists) return Ok{};
  return Complain(expr.span,
                  "a pattern is a condition here, not a value; write exists(...) for whether there "
                  "is one, [(a)-->(b) | b] for a list");
}

Result<BoundExpr> Binder::BindChildren(BoundKind kind, const Expr& expr) {
  BoundExpr bound(kind, expr.span);
  bound.children.reserve(expr.children.size());
  for (const ExprPtr& child : expr.children) {
    bound.children.push_back(QIPU_TRY(BindExpression(*child)));
  }
  return bound;
}

Result<BoundExpr> Binder::BindVariable(const Expr& expr) {
  const Variable* variable = nullptr;
  const auto known = scope_.find(expr.name);
  if (known != scope_.end() && known->second.local) variable = &known->second;
  if (variable == nullptr && context_.columns != nullptr) {
    const auto column = context_.columns->find(expr.name);
    if (column != context_.columns->end()) variable = &column->second;
  }
  if (variable == nullptr && known != scope_.end()) {
    if (context_.rows_gone) {
      return Complain(expr.span, "after grouping or DISTINCT '" + expr.name +
                                     "' is there only if it is a column, or inside an aggregate");
    }
    variable = &known->second;
  }
  if (variable == nullptr) {
    std::vector<std::string> names;
    for (const auto& entry : scope_) names.push_back(entry.first);
    const std::string near = graph::NearestName(expr.name, names);
    return Complain(expr.span, "variable '" + expr.name + "' is not defined" +
                                   (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  BoundExpr bound(BoundKind::kSlot, expr.span);
  bound.slot = variable->slot;
  out_.slot_read[bound.slot] = true;
  return bound;
}

Result<BoundExpr> Binder::BindProperty(const Expr& expr) {
  BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kProperty, expr));
  bound.name = expr.name;
  bound.property = snapshot_.catalog().FindProperty(expr.name);
  const Expr& subject = *expr.children[0];
  if (bound.property || subject.kind != ExprKind::kVariable) return bound;
  const auto variable = scope_.find(subject.name);
  if (variable != scope_.end() && (variable->second.kind == VariableKind::kVertex ||
                                   variable->second.kind == VariableKind::kEdge)) {
    NoticeUnknown("property", expr.name, snapshot_.catalog().properties);
  }
  return bound;
}

Result<BoundExpr> Binder::BindFunction(const Expr& expr) {
  if (expr.kind == ExprKind::kCountStar) {
    return BindAggregate(expr, *FindAggregateFunction("count"));
  }
  if (SameName(expr.name, "exists") && expr.children.size() == 1) {
    BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kOperator, expr));
    bound.op = Operator::kIsNotNull;
    return bound;
  }
  for (const ExprPtr& child : expr.children) QIPU_TRY(RefusePattern(*child));
  if (const AggregateFunction* aggregate = FindAggregateFunction(expr.name)) {
    if (expr.children.size() != 1) {
      return Complain(expr.span, std::string(aggregate->name) +
                                     " takes one argument: " + std::string(aggregate->signature));
    }
    return BindAggregate(expr, *aggregate);
  }
  const ScalarFunction* function = FindScalarFunction(expr.name);
  if (function == nullptr) return UnknownFunction(expr);
  if (expr.distinct) {
    return Complain(expr.span, "DISTINCT belongs to aggregates, and " +
                                   std::string(function->name) + " is none");
  }
  const size_t count = expr.children.size();
  if (count < function->arguments_min || count > function->arguments_max) {
    return Complain(expr.span, "wrong number of arguments: " + std::string(function->name) +
                                   std::string(function->signature));
  }
  BoundExpr bound = QIPU_TRY(BindChildren(BoundKind::kFunction, expr));
  bound.function = function;
  return bound;
}

Error Binder::UnknownFunction(const Expr& expr) const {
  std::vector<std::string> names;
  for (const ScalarFunction& function : ScalarFunctions()) names.emplace_back(function.name);
  for (const AggregateFunction& function : AggregateFunctions()) names.emplace_back(function.name);
  const std::string near = graph::NearestName(expr.name, names);
  return Complain(expr.span, "there is no function '" + expr.name + "'" +
                                 (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Result<BoundExpr> Binder::BindAggregate(const Expr& expr, const AggregateFunction& function) {
  if (context_.calls == nullptr) {
    return Complain(expr.span,
                    "an aggregate can't stand here; compute it in WITH or RETURN first, "
                    "and not within another aggregate");
  }
  AggregateCall call;
  call.span = expr.span;
  call.function = &function;
  call.distinct = expr.distinct;
  std::vector<AggregateCall>* const calls = context_.calls;
  if (expr.kind != ExprKind::kCountStar) {
    const ContextGuard guard(context_, Context());
    const Expr& argument = *expr.children[0];
    const auto known = scope_.find(argument.name);
    if (argument.kind == ExprKind::kVariable && SameName(function.name, "count") &&
        known != scope_.end()) {
      // Whether a variable is null can be told without its row.
      call.argument = BoundExpr(BoundKind::kSlot, argument.span);
      call.argument->slot = known->second.slot;
    } else {
      call.argument = QIPU_TRY(BindExpression(argument));
    }
  }
  call.slot = NewSlot(std::string(text_.substr(expr.span.begin, expr.span.end - expr.span.begin)));
  BoundExpr read(BoundKind::kSlot, expr.span);
  read.slot = call.slot;
  calls->push_back(std::move(call));
  context_.computed.emplace_back(&expr, read.slot);
  return read;
}

Result<BoundExpr> Binder::BindOverList(BoundKind kind, const Expr& expr) {
  BoundExpr bound(kind, expr.span);
  bound.quantifier = expr.quantifier;
  const size_t outer = kind == BoundKind::kReduce ? 2 : 1;
  for (size_t i = 0; i < outer; ++i) {
    bound.children.push_back(QIPU_TRY(BindExpression(*expr.children[i])));
  }
  // An aggregate runs over the rows of the query, not over the elements of a list.
  Context inner = context_;
  inner.calls = nullptr;
  const ContextGuard guard(context_, std::move(inner));
  const Scope saved = scope_;
  bound.slot = NewSlot(expr.name);
  scope_[expr.name] = {bound.slot, VariableKind::kValue, true};
  if (kind == BoundKind::kReduce) {
    bound.slots.push_back(NewSlot(expr.names[0]));
    scope_[expr.names[0]] = {bound.slots[0], VariableKind::kValue, true};
    bound.children.push_back(QIPU_TRY(BindExpression(*expr.children[2])));
  }
  bound.where = QIPU_TRY(BindOptional(expr.where));
  bound.project = QIPU_TRY(BindOptional(expr.project));
  scope_ = saved;
  return bound;
}

Result<std::unique_ptr<BoundExpr>> Binder::BindOptional(const ExprPtr& expr) {
  if (expr == nullptr) return std::unique_ptr<BoundExpr>();
  return std::make_unique<BoundExpr>(QIPU_TRY(BindExpression(*expr)));
}

Result<BoundExpr> Binder::BindSubquery(BoundKind kind, const Expr& expr) {
  if (context_.rows_gone) {
    return ErrorAt(text_, expr.span, ErrorCode::kUnsupported,
                   "a pattern beside an aggregate is not executed by this version; compute it in "
                   "WITH first");
  }
  BoundExpr bound(kind, expr.span);
  bound.subquery = std::make_unique<BoundSubquery>();
  const Scope saved = scope_;
  const bool introduces = kind == BoundKind::kPatternList || expr.block;
  bound.subquery->match =
      QIPU_TRY(BindPattern(*expr.pattern, introduces ? NewNames::kAllowed : NewNames::kRefused));
  QIPU_TRY(AddWhere(expr.where, bound.subquery->match));
  bound.subquery->project = QIPU_TRY(BindOptional(expr.project));
  scope_ = saved;
  return bound;
}

}  // namespace qipu::query
