#include <algorithm>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

Result<Truth> TruthOf(const BoundExpr& expr, const Datum& value, Execution& run) {
  if (value.is_null()) return Truth::kUnknown;
  if (const bool* known = value.AsBool()) return *known ? Truth::kTrue : Truth::kFalse;
  return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                      WrongArgument("a condition", "a BOOLEAN", value).message);
}

/// AND stops at the first false, OR at the first true; every operand before it must be boolean.
Result<Datum> EvaluateLogic(const BoundExpr& expr, Row& row, Execution& run) {
  const Truth deciding = expr.op == Operator::kAnd ? Truth::kFalse : Truth::kTrue;
  Truth truth = Not(deciding);
  for (const BoundExpr& child : expr.children) {
    const Truth operand = QIPU_TRY(EvaluateCondition(child, row, run));
    if (operand == deciding) return FromTruth(deciding);
    if (operand == Truth::kUnknown) truth = Truth::kUnknown;
  }
  return FromTruth(truth);
}

Result<Datum> EvaluateOperator(const BoundExpr& expr, Row& row, Execution& run) {
  switch (expr.op) {
    case Operator::kAnd:
    case Operator::kOr:
      return EvaluateLogic(expr, row, run);
    case Operator::kNot:
      return FromTruth(Not(QIPU_TRY(EvaluateCondition(expr.children[0], row, run))));
    case Operator::kXor: {
      const Truth left = QIPU_TRY(EvaluateCondition(expr.children[0], row, run));
      const Truth right = QIPU_TRY(EvaluateCondition(expr.children[1], row, run));
      if (left == Truth::kUnknown || right == Truth::kUnknown) return Datum();
      return Datum(left != right);
    }
    case Operator::kIsNull:
    case Operator::kIsNotNull: {
      const Datum value = QIPU_TRY(Evaluate(expr.children[0], row, run));
      return Datum(value.is_null() == (expr.op == Operator::kIsNull));
    }
    default:
      break;
  }
  const Datum left = QIPU_TRY(Evaluate(expr.children[0], row, run));
  if (expr.op == Operator::kSlice) {
    const Datum from = QIPU_TRY(Evaluate(expr.children[1], row, run));
    const Datum to = QIPU_TRY(Evaluate(expr.children[2], row, run));
    const Datum operands[] = {left, from, to};
    return EvaluateSlice(expr, operands, run);
  }
  if (expr.children.size() == 1) return ApplyOperator(expr, left, Datum(), run);
  const Datum right = QIPU_TRY(Evaluate(expr.children[1], row, run));
  return ApplyOperator(expr, left, right, run);
}

Result<Datum> EvaluateComparisons(const BoundExpr& expr, Row& row, Execution& run) {
  Truth truth = Truth::kTrue;
  Datum left = QIPU_TRY(Evaluate(expr.children[0], row, run));
  for (size_t i = 0; i < expr.ops.size(); ++i) {
    Datum right = QIPU_TRY(Evaluate(expr.children[i + 1], row, run));
    const Truth pair = CompareBy(expr.ops[i], left, right);
    if (pair == Truth::kFalse) return Datum(false);
    if (pair == Truth::kUnknown) truth = Truth::kUnknown;
    left = std::move(right);
  }
  return FromTruth(truth);
}

Result<Datum> EvaluateHasLabels(const BoundExpr& expr, Row& row, Execution& run) {
  const Datum subject = QIPU_TRY(Evaluate(expr.children[0], row, run));
  if (subject.is_null()) return Datum();
  const bool of_pattern = expr.names.empty();  // asks for a node of any labels
  const graph::EdgeRef* edge = subject.AsEdge();
  if (edge != nullptr && !of_pattern) {
    const std::string& type = run.graph().catalog().NameOf(edge->type);
    return Datum(std::all_of(expr.names.begin(), expr.names.end(),
                             [&](const std::string& name) { return name == type; }));
  }
  const graph::VertexId* id = subject.AsVertex();
  if (id == nullptr) {
    return run.Complain(
        expr.span, ErrorCode::kInvalidArgument,
        WrongArgument(of_pattern ? "a pattern" : "a label", "a NODE", subject).message);
  }
  const graph::Vertex* vertex = QIPU_TRY(run.graph().Row(*id));
  return Datum(std::all_of(expr.labels.begin(), expr.labels.end(),
                           [&](const auto& label) { return label && vertex->Has(*label); }));
}

Result<Datum> EvaluateFunction(const BoundExpr& expr, Row& row, Execution& run) {
  std::vector<Datum> arguments;
  arguments.reserve(expr.children.size());
  for (const BoundExpr& child : expr.children) {
    arguments.push_back(QIPU_TRY(Evaluate(child, row, run)));
    if (arguments.back().is_null() && expr.function->nulls == ScalarFunction::Nulls::kGiveNull) {
      return Datum();
    }
  }
  Result<Datum> value = expr.function->call(run.graph(), arguments);
  if (value.ok()) return value;
  const ErrorCode code = value.error().code;
  if (code == ErrorCode::kIo || code == ErrorCode::kCorruption) return value;
  return run.Complain(expr.span, code, value.error().message);
}

Result<Datum> EvaluateCase(const BoundExpr& expr, Row& row, Execution& run) {
  Datum subject;
  size_t at = 0;
  if (expr.has_subject) subject = QIPU_TRY(Evaluate(expr.children[at++], row, run));
  const size_t end = expr.children.size() - (expr.has_else ? 1 : 0);
  for (; at < end; at += 2) {
    Truth chosen = Truth::kFalse;
    if (expr.has_subject) {
      chosen = Equals(subject, QIPU_TRY(Evaluate(expr.children[at], row, run)));
    } else {
      chosen = QIPU_TRY(EvaluateCondition(expr.children[at], row, run));
    }
    if (chosen == Truth::kTrue) return Evaluate(expr.children[at + 1], row, run);
  }
  if (!expr.has_else) return Datum();
  return Evaluate(expr.children.back(), row, run);
}

/// The list that a list expression goes over; null stays null.
Result<Datum> ListOf(const BoundExpr& expr, Row& row, Execution& run) {
  Datum list = QIPU_TRY(Evaluate(expr, row, run));
  if (list.is_null() || list.AsList() != nullptr) return list;
  return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                      WrongArgument("IN", "a LIST", list).message);
}

Result<Datum> EvaluateComprehension(const BoundExpr& expr, Row& row, Execution& run) {
  const Datum list = QIPU_TRY(ListOf(expr.children[0], row, run));
  if (list.is_null()) return Datum();
  DatumList out;
  for (const Datum& element : *list.AsList()) {
    row[expr.slot] = element;
    if (expr.where != nullptr &&
        QIPU_TRY(EvaluateCondition(*expr.where, row, run)) != Truth::kTrue) {
      continue;
    }
    out.push_back(expr.project == nullptr ? element : QIPU_TRY(Evaluate(*expr.project, row, run)));
  }
  return Datum(std::move(out));
}

Result<Datum> EvaluateQuantifier(const BoundExpr& expr, Row& row, Execution& run) {
  const Datum list = QIPU_TRY(ListOf(expr.children[0], row, run));
  if (list.is_null()) return Datum();
  size_t count[3] = {0, 0, 0};
  for (const Datum& element : *list.AsList()) {
    row[expr.slot] = element;
    ++count[static_cast<size_t>(QIPU_TRY(EvaluateCondition(*expr.where, row, run)))];
  }
  const size_t no = count[static_cast<size_t>(Truth::kFalse)];
  const size_t yes = count[static_cast<size_t>(Truth::kTrue)];
  const bool unknown = count[static_cast<size_t>(Truth::kUnknown)] > 0;
  switch (expr.quantifier) {
    case Quantifier::kAll:
      return no > 0 ? Datum(false) : unknown ? Datum() : Datum(true);
    case Quantifier::kAny:
      return yes > 0 ? Datum(true) : unknown ? Datum() : Datum(false);
    case Quantifier::kNone:
      return yes > 0 ? Datum(false) : unknown ? Datum() : Datum(true);
    case Quantifier::kSingle:
      return yes > 1 ? Datum(false) : unknown ? Datum() : Datum(yes == 1);
  }
  return Datum();
}

Result<Datum> EvaluateReduce(const BoundExpr& expr, Row& row, Execution& run) {
  Datum value = QIPU_TRY(Evaluate(expr.children[0], row, run));
  const Datum list = QIPU_TRY(ListOf(expr.children[1], row, run));
  if (list.is_null()) return Datum();
  for (const Datum& element : *list.AsList()) {
    row[expr.slot] = element;
    row[expr.slots[0]] = std::move(value);
    value = QIPU_TRY(Evaluate(expr.children[2], row, run));
  }
  return value;
}

/// Puts a path together from the vertices and edges of its pattern.
Datum EvaluatePath(const BoundExpr& expr, const Row& row) {
  DatumPath path;
  const graph::VertexId* first = row[expr.slots[0]].AsVertex();
  if (first == nullptr) return Datum();
  path.vertices.push_back(*first);
  const auto add = [&](const graph::EdgeRef& edge) {
    path.edges.push_back(edge);
    path.vertices.push_back(edge.source == path.vertices.back() ? edge.target : edge.source);
  };
  for (size_t i = 1; i < expr.slots.size(); i += 2) {
    const Datum& part = row[expr.slots[i]];
    if (part.AsEdge() != nullptr) {
      add(*part.AsEdge());
    } else if (part.AsList() != nullptr) {
      for (const Datum& edge : *part.AsList()) add(*edge.AsEdge());
    } else {
      return Datum();
    }
  }
  return Datum(std::move(path));
}

Result<Datum> EvaluateSubquery(const BoundExpr& expr, Row& row, Execution& run) {
  RowSource& source = run.SubquerySource(*expr.subquery);
  QIPU_TRY(source.Start(row));
  if (expr.kind == BoundKind::kExists) return Datum(QIPU_TRY(source.Next(row)));
  DatumList out;
  while (QIPU_TRY(source.Next(row))) {
    out.push_back(QIPU_TRY(Evaluate(*expr.subquery->project, row, run)));
  }
  return Datum(std::move(out));
}

}  // namespace

Result<Datum> Evaluate(const BoundExpr& expr, Row& row, Execution& run) {
  switch (expr.kind) {
    case BoundKind::kConstant:
      return expr.constant;
    case BoundKind::kParameter:
      return run.parameters()[expr.slot];
    case BoundKind::kSlot:
      return row[expr.slot];
    case BoundKind::kProperty:
      return EvaluateProperty(expr, QIPU_TRY(Evaluate(expr.children[0], row, run)), run);
    case BoundKind::kHasLabels:
      return EvaluateHasLabels(expr, row, run);
    case BoundKind::kOperator:
      return EvaluateOperator(expr, row, run);
    case BoundKind::kComparisons:
      return EvaluateComparisons(expr, row, run);
    case BoundKind::kFunction:
      return EvaluateFunction(expr, row, run);
    case BoundKind::kList: {
      DatumList list;
      list.reserve(expr.children.size());
      for (const BoundExpr& child : expr.children) {
        list.push_back(QIPU_TRY(Evaluate(child, row, run)));
      }
      return Datum(std::move(list));
    }
    case BoundKind::kMap: {
      DatumMap map;
      for (size_t i = 0; i < expr.children.size(); ++i) {
        PutInMap(map, expr.names[i], QIPU_TRY(Evaluate(expr.children[i], row, run)));
      }
      return Datum(std::move(map));
    }
    case BoundKind::kCase:
      return EvaluateCase(expr, row, run);
    case BoundKind::kComprehension:
      return EvaluateComprehension(expr, row, run);
    case BoundKind::kQuantifier:
      return EvaluateQuantifier(expr, row, run);
    case BoundKind::kReduce:
      return EvaluateReduce(expr, row, run);
    case BoundKind::kPath:
      return EvaluatePath(expr, row);
    case BoundKind::kExists:
    case BoundKind::kPatternList:
      return EvaluateSubquery(expr, row, run);
  }
  return Datum();
}

Result<Truth> EvaluateCondition(const BoundExpr& expr, Row& row, Execution& run) {
  return TruthOf(expr, QIPU_TRY(Evaluate(expr, row, run)), run);
}

Result<uint64_t> EvaluateCount(const BoundExpr& expr, Row& row, Execution& run) {
  const Datum value = QIPU_TRY(Evaluate(expr, row, run));
  const int64_t* count = value.AsInt();
  if (count == nullptr || *count < 0) {
    return run.Complain(expr.span, ErrorCode::kInvalidArgument,
                        "SKIP and LIMIT take an INTEGER that is not negative");
  }
  return static_cast<uint64_t>(*count);
}

}  // namespace qipu::query
