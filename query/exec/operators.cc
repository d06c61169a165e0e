#include <algorithm>
#include <cmath>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// An operator's sign, for messages.
std::string_view SignOf(Operator op) {
  switch (op) {
    case Operator::kAdd:
    case Operator::kPlus:
      return "+";
    case Operator::kSubtract:
    case Operator::kNegate:
      return "-";
    case Operator::kMultiply:
      return "*";
    case Operator::kDivide:
      return "/";
    case Operator::kModulo:
      return "%";
    case Operator::kPower:
      return "^";
    case Operator::kIn:
      return "IN";
    default:
      return "this operator";
  }
}

Error WrongOperands(const BoundExpr& expr, const Datum& left, const Datum& right, Execution& run) {
  return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                      std::string(SignOf(expr.op)) + " does not go with " +
                          std::string(DatumTypeName(left.type())) + " and " +
                          std::string(DatumTypeName(right.type())));
}

/// REQUIRES: no kPower.
Result<Datum> IntegerArithmetic(const BoundExpr& expr, int64_t a, int64_t b, Execution& run) {
  int64_t result = 0;
  bool overflow = false;
  switch (expr.op) {
    case Operator::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) {
        return run.Complain(expr.span, ErrorCode::kInvalidArgument, "division by zero");
      }
      if (b == -1) {  // the least integer has no negative
        overflow = expr.op == Operator::kDivide && __builtin_sub_overflow(0, a, &result);
      } else {
        result = expr.op == Operator::kDivide ? a / b : a % b;
      }
  }
  if (overflow) {
    return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                        "the INTEGER is too large (64 bits); use toFloat");
  }
  return Datum(result);
}

double FloatArithmetic(Operator op, double a, double b) {
  switch (op) {
    case Operator::kAdd:
      return a + b;
    case Operator::kSubtract:
      return a - b;
    case Operator::kMultiply:
      return a * b;
    case Operator::kDivide:
      return a / b;
    case Operator::kModulo:
      return std::fmod(a, b);
    default:
      return std::pow(a, b);
  }
}

Datum JoinLists(const Datum& left, const Datum& right) {
  DatumList out;
  for (const Datum* side : {&left, &right}) {
    if (const DatumList* list = side->AsList()) {
      out.insert(out.end(), list->begin(), list->end());
    } else {
      out.push_back(*side);
    }
  }
  return Datum(std::move(out));
}

std::optional<std::string> Appendable(const Datum& datum) {
  if (datum.AsString()) return *datum.AsString();
  if (datum.AsInt()) return std::to_string(*datum.AsInt());
  if (datum.AsFloat()) return graph::FormatFloat(*datum.AsFloat());
  return std::nullopt;
}

Result<Datum> Arithmetic(const BoundExpr& expr, const Datum& left, const Datum& right,
                         Execution& run) {
  if (left.is_null() || right.is_null()) return Datum();
  if (expr.op == Operator::kAdd) {
    if (left.AsList() || right.AsList()) return JoinLists(left, right);
    if (left.AsString() || right.AsString()) {
      const auto a = Appendable(left);
      const auto b = Appendable(right);
      if (a && b) return Datum(*a + *b);
    }
  }
  if (!left.is_number() || !right.is_number()) return WrongOperands(expr, left, right, run);
  if (left.AsInt() && right.AsInt() && expr.op != Operator::kPower) {
    return IntegerArithmetic(expr, *left.AsInt(), *right.AsInt(), run);
  }
  return Datum(FloatArithmetic(expr.op, left.Number(), right.Number()));
}

Result<Datum> Signed(const BoundExpr& expr, const Datum& value, Execution& run) {
  if (value.is_null()) return Datum();
  if (!value.is_number()) return WrongOperands(expr, value, value, run);
  if (expr.op == Operator::kPlus) return value;
  if (value.AsFloat()) return Datum(-*value.AsFloat());
  int64_t result = 0;
  if (__builtin_sub_overflow(int64_t{0}, *value.AsInt(), &result)) {
    return run.Complain(expr.span, ErrorCode::kInvalidArgument, "the INTEGER is too large");
  }
  return Datum(result);
}

Result<Datum> EvaluateIn(const BoundExpr& expr, const Datum& value, const Datum& list,
                         Execution& run) {
  if (list.is_null()) return Datum();
  if (list.AsList() == nullptr) return WrongOperands(expr, value, list, run);
  Truth truth = Truth::kFalse;
  for (const Datum& element : *list.AsList()) {
    const Truth equal = Equals(value, element);
    if (equal == Truth::kTrue) return Datum(true);
    if (equal == Truth::kUnknown) truth = Truth::kUnknown;
  }
  return FromTruth(truth);
}

/// Null unless both are strings.
Datum MatchText(Operator op, const Datum& left, const Datum& right) {
  const std::string* text = left.AsString();
  const std::string* part = right.AsString();
  if (text == nullptr || part == nullptr) return Datum();
  switch (op) {
    case Operator::kStartsWith:
      return Datum(text->starts_with(*part));
    case Operator::kEndsWith:
      return Datum(text->ends_with(*part));
    default:
      return Datum(text->find(*part) != std::string::npos);
  }
}

Result<std::optional<int64_t>> ListPosition(const BoundExpr& expr, const Datum& datum, size_t size,
                                            Execution& run) {
  const int64_t* position = datum.AsInt();
  if (position == nullptr) {
    return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                        WrongArgument("a LIST", "an INTEGER as position", datum).message);
  }
  return std::optional(*position < 0 ? *position + static_cast<int64_t>(size) : *position);
}

}  // namespace

Truth CompareBy(Operator op, const Datum& left, const Datum& right) {
  if (op == Operator::kEqual) return Equals(left, right);
  if (op == Operator::kNotEqual) return Not(Equals(left, right));
  const auto order = Compare(left, right);
  if (!order) return Truth::kUnknown;
  const bool holds = op == Operator::kLess        ? *order < 0
                     : op == Operator::kLessEqual ? *order <= 0
                     : op == Operator::kGreater   ? *order > 0
                                                  : *order >= 0;
  return holds ? Truth::kTrue : Truth::kFalse;
}

Result<Datum> ApplyOperator(const BoundExpr& expr, const Datum& left, const Datum& right,
                            Execution& run) {
  switch (expr.op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
    case Operator::kLess:
    case Operator::kLessEqual:
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      return FromTruth(CompareBy(expr.op, left, right));
    case Operator::kStartsWith:
    case Operator::kEndsWith:
    case Operator::kContains:
      return MatchText(expr.op, left, right);
    case Operator::kIn:
      return EvaluateIn(expr, left, right, run);
    case Operator::kNegate:
    case Operator::kPlus:
      return Signed(expr, left, run);
    case Operator::kIndex:
      return EvaluateIndex(expr, left, right, run);
    default:
      return Arithmetic(expr, left, right, run);
  }
}

Result<Datum> EvaluateIndex(const BoundExpr& expr, const Datum& subject, const Datum& index,
                            Execution& run) {
  if (subject.is_null() || index.is_null()) return Datum();
  if (const DatumList* list = subject.AsList()) {
    const auto at = QIPU_TRY(ListPosition(expr, index, list->size(), run));
    if (*at < 0 || static_cast<uint64_t>(*at) >= list->size()) return Datum();
    return (*list)[static_cast<size_t>(*at)];
  }
  const bool keyed = subject.AsMap() || subject.AsVertex() || subject.AsEdge();
  if (!keyed || index.AsString() == nullptr) {
    return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                        std::string(DatumTypeName(subject.type())) + " has nothing at a " +
                            std::string(DatumTypeName(index.type())));
  }
  const DatumMap map =
      subject.AsMap() ? *subject.AsMap() : QIPU_TRY(run.graph().PropertiesOf(subject));
  const Datum* value = FindInMap(map, *index.AsString());
  return value == nullptr ? Datum() : *value;
}

Result<Datum> EvaluateSlice(const BoundExpr& expr, std::span<const Datum> operands,
                            Execution& run) {
  if (operands[0].is_null()) return Datum();
  const DatumList* list = operands[0].AsList();
  if (list == nullptr) return WrongOperands(expr, operands[0], operands[1], run);
  const auto size = static_cast<int64_t>(list->size());
  int64_t ends[2] = {0, size};
  for (const size_t side : {size_t{0}, size_t{1}}) {
    const Span span = expr.children[side + 1].span;
    if (span.begin == span.end) continue;  // left out: the list's own end
    if (operands[side + 1].is_null()) return Datum();
    ends[side] = *QIPU_TRY(ListPosition(expr, operands[side + 1], list->size(), run));
  }
  const int64_t from = std::clamp<int64_t>(ends[0], 0, size);
  const int64_t to = std::clamp<int64_t>(ends[1], from, size);
  return Datum(DatumList(list->begin() + from, list->begin() + to));
}

Result<Datum> EvaluateProperty(const BoundExpr& expr, const Datum& subject, Execution& run) {
  switch (subject.type()) {
    case DatumType::kNull:
      return Datum();
    case DatumType::kVertex: {
      if (!expr.property) return Datum();
      const graph::Vertex* vertex = QIPU_TRY(run.graph().Row(*subject.AsVertex()));
      const graph::Value* value = vertex->Find(*expr.property);
      return value == nullptr ? Datum() : Datum::FromValue(*value);
    }
    case DatumType::kEdge:
      if (!expr.property) return Datum();
      return run.graph().PropertyOf(*subject.AsEdge(), *expr.property);
    case DatumType::kMap: {
      const Datum* value = FindInMap(*subject.AsMap(), expr.name);
      return value == nullptr ? Datum() : *value;
    }
    case DatumType::kDate: {
      const graph::Date::Civil civil = subject.AsDate()->ToCivil();
      if (expr.name == "year") return Datum(int64_t{civil.year});
      if (expr.name == "month") return Datum(int64_t{civil.month});
      if (expr.name == "day") return Datum(int64_t{civil.day});
      return run.Complain(expr.span, ErrorCode::kUnsupported,
                          "a DATE has year, month and day, not '" + expr.name + "'");
    }
    default:
      return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                          "a " + std::string(DatumTypeName(subject.type())) +
                              " has no properties such as '" + expr.name + "'");
  }
}

}  // namespace qipu::query
