#include <algorithm>
#include <array>
#include <utility>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

struct Sign {
  std::string_view symbol;
  Operator op;
};

constexpr Sign kComparisonSigns[] = {
    {"=", Operator::kEqual},      {"<>", Operator::kNotEqual}, {"<", Operator::kLess},
    {"<=", Operator::kLessEqual}, {">", Operator::kGreater},   {">=", Operator::kGreaterEqual},
};

/// Loosest first; each level groups from the left.
constexpr int kArithmeticLevels = 3;
constexpr std::array<std::array<Sign, 3>, kArithmeticLevels> kArithmeticSigns = {{
    {{{"+", Operator::kAdd}, {"-", Operator::kSubtract}, {"", Operator::kAdd}}},
    {{{"*", Operator::kMultiply}, {"/", Operator::kDivide}, {"%", Operator::kModulo}}},
    {{{"^", Operator::kPower}, {"", Operator::kPower}, {"", Operator::kPower}}},
}};

uint32_t HeightOf(const ExprPtr& expr) { return expr == nullptr ? 0 : expr->height; }

}  // namespace

ExprPtr Parser::Make(ExprKind kind, uint32_t begin) const {
  return std::make_unique<Expr>(kind, Span{begin, begin});
}

Result<ExprPtr> Parser::Finish(ExprPtr expr) {
  expr->span.end = last_end_;
  uint32_t below = std::max(HeightOf(expr->where), HeightOf(expr->project));
  for (const ExprPtr& child : expr->children) below = std::max(below, HeightOf(child));
  if (expr->pattern != nullptr) {
    for (const PathPattern& path : expr->pattern->paths) {
      for (const NodePattern& node : path.nodes) below = std::max(below, HeightOf(node.properties));
      for (const RelationshipPattern& relationship : path.relationships) {
        below = std::max(below, HeightOf(relationship.properties));
      }
    }
  }
  expr->height = below + 1;
  if (expr->height > kExpressionHeightMax) {
    return SyntaxError(text_, expr->span, "this expression is too long; split it with WITH");
  }
  return expr;
}

Result<ExprPtr> Parser::Combine(Operator op, uint32_t begin, ExprPtr left, ExprPtr right) {
  ExprPtr expr = Make(ExprKind::kOperator, begin);
  expr->op = op;
  expr->children.push_back(std::move(left));
  if (right != nullptr) expr->children.push_back(std::move(right));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseExpression() {
  if (++nesting_ > kNestingMax) {
    return Complain("nested more than " + std::to_string(kNestingMax) + " deep");
  }
  ExprPtr expr = QIPU_TRY(ParseOr());
  --nesting_;
  return expr;
}

Result<ExprPtr> Parser::ParseOr() {
  const uint32_t begin = Peek().span.begin;
  ExprPtr first = QIPU_TRY(ParseXor());
  if (!AtKeyword("OR")) return first;
  ExprPtr expr = QIPU_TRY(Combine(Operator::kOr, begin, std::move(first), nullptr));
  while (TakeKeyword("OR")) expr->children.push_back(QIPU_TRY(ParseXor()));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseXor() {
  const uint32_t begin = Peek().span.begin;
  ExprPtr left = QIPU_TRY(ParseAnd());
  while (TakeKeyword("XOR")) {
    ExprPtr right = QIPU_TRY(ParseAnd());
    left = QIPU_TRY(Combine(Operator::kXor, begin, std::move(left), std::move(right)));
  }
  return left;
}

Result<ExprPtr> Parser::ParseAnd() {
  const uint32_t begin = Peek().span.begin;
  ExprPtr first = QIPU_TRY(ParseNot());
  if (!AtKeyword("AND")) return first;
  ExprPtr expr = QIPU_TRY(Combine(Operator::kAnd, begin, std::move(first), nullptr));
  while (TakeKeyword("AND")) expr->children.push_back(QIPU_TRY(ParseNot()));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseNot() {
  std::vector<uint32_t> begins;
  while (AtKeyword("NOT")) {
    begins.push_back(Peek().span.begin);
    Advance();
  }
  ExprPtr expr = QIPU_TRY(ParseComparison());
  for (size_t i = begins.size(); i-- > 0;) {
    expr = QIPU_TRY(Combine(Operator::kNot, begins[i], std::move(expr), nullptr));
  }
  return expr;
}

Result<ExprPtr> Parser::ParseComparison() {
  const uint32_t begin = Peek().span.begin;
  const auto take = [&]() -> const Sign* {
    for (const Sign& sign : kComparisonSigns) {
      if (TakeSymbol(sign.symbol)) return &sign;
    }
    return nullptr;
  };
  ExprPtr first = QIPU_TRY(ParsePredicate());
  const Sign* sign = take();
  if (sign == nullptr) return first;
  ExprPtr chain = Make(ExprKind::kComparisons, begin);
  chain->children.push_back(std::move(first));
  for (; sign != nullptr; sign = take()) {
    chain->ops.push_back(sign->op);
    chain->children.push_back(QIPU_TRY(ParsePredicate()));
  }
  if (chain->ops.size() == 1) {
    return Combine(chain->ops[0], begin, std::move(chain->children[0]),
                   std::move(chain->children[1]));
  }
  return Finish(std::move(chain));
}

Result<ExprPtr> Parser::ParsePredicate() {
  const uint32_t begin = Peek().span.begin;
  ExprPtr left = QIPU_TRY(ParseArithmetic(0));
  while (true) {
    Operator op = Operator::kIn;
    if (TakeKeyword("IN")) {
      op = Operator::kIn;
    } else if (TakeKeyword("CONTAINS")) {
      op = Operator::kContains;
    } else if (TakeSymbol("=~")) {
      op = Operator::kRegex;
    } else if (TakeKeyword("STARTS")) {
      QIPU_TRY(NeedKeyword("WITH", "after STARTS"));
      op = Operator::kStartsWith;
    } else if (TakeKeyword("ENDS")) {
      QIPU_TRY(NeedKeyword("WITH", "after ENDS"));
      op = Operator::kEndsWith;
    } else if (TakeKeyword("IS")) {
      op = TakeKeyword("NOT") ? Operator::kIsNotNull : Operator::kIsNull;
      QIPU_TRY(NeedKeyword("NULL", "after IS"));
      left = QIPU_TRY(Combine(op, begin, std::move(left), nullptr));
      continue;
    } else {
      return left;
    }
    ExprPtr right = QIPU_TRY(ParseArithmetic(0));
    left = QIPU_TRY(Combine(op, begin, std::move(left), std::move(right)));
  }
}

Result<ExprPtr> Parser::ParseArithmetic(int level) {
  if (level == kArithmeticLevels) return ParseUnary();
  const uint32_t begin = Peek().span.begin;
  ExprPtr left = QIPU_TRY(ParseArithmetic(level + 1));
  while (true) {
    const auto& signs = kArithmeticSigns[static_cast<size_t>(level)];
    const auto sign = std::find_if(signs.begin(), signs.end(), [&](const Sign& s) {
      return !s.symbol.empty() && TakeSymbol(s.symbol);
    });
    if (sign == signs.end()) return left;
    ExprPtr right = QIPU_TRY(ParseArithmetic(level + 1));
    left = QIPU_TRY(Combine(sign->op, begin, std::move(left), std::move(right)));
  }
}

Result<ExprPtr> Parser::ParseUnary() {
  std::vector<std::pair<uint32_t, Operator>> signs;
  while (AtSymbol("-") || AtSymbol("+")) {
    const bool literal = AtSymbol("-") && Peek(1).kind == TokenKind::kInteger;
    if (literal) break;
    signs.emplace_back(Peek().span.begin, AtSymbol("-") ? Operator::kNegate : Operator::kPlus);
    Advance();
  }
  // The least integer has no positive counterpart, so its sign is read with the digits.
  ExprPtr expr = QIPU_TRY(AtSymbol("-") ? ParseNumber(true) : ParsePostfix());
  for (size_t i = signs.size(); i-- > 0;) {
    expr = QIPU_TRY(Combine(signs[i].second, signs[i].first, std::move(expr), nullptr));
  }
  return expr;
}

Result<ExprPtr> Parser::ParsePostfix() {
  const uint32_t begin = Peek().span.begin;
  ExprPtr expr = QIPU_TRY(ParseAtom());
  while (true) {
    if (TakeSymbol(".")) {
      ExprPtr property = Make(ExprKind::kProperty, begin);
      property->name = QIPU_TRY(NeedName("a property name after '.'"));
      property->children.push_back(std::move(expr));
      expr = QIPU_TRY(Finish(std::move(property)));
    } else if (TakeSymbol("[")) {
      expr = QIPU_TRY(ParseSubscript(std::move(expr)));
    } else if (AtSymbol(":")) {
      ExprPtr labels = Make(ExprKind::kHasLabels, begin);
      labels->children.push_back(std::move(expr));
      while (TakeSymbol(":")) labels->names.push_back(QIPU_TRY(NeedName("a label")));
      return Finish(std::move(labels));
    } else {
      return expr;
    }
  }
}

Result<ExprPtr> Parser::ParseSubscript(ExprPtr subject) {
  const uint32_t begin = subject->span.begin;
  const auto null = [&] { return Make(ExprKind::kLiteral, Peek().span.begin); };
  ExprPtr expr = Make(ExprKind::kOperator, begin);
  expr->children.push_back(std::move(subject));
  expr->op = Operator::kIndex;
  expr->children.push_back(AtSymbol("..") ? null() : QIPU_TRY(ParseExpression()));
  if (TakeSymbol("..")) {
    expr->op = Operator::kSlice;
    expr->children.push_back(AtSymbol("]") ? null() : QIPU_TRY(ParseExpression()));
  }
  QIPU_TRY(NeedSymbol("]", "after an index"));
  return Finish(std::move(expr));
}

}  // namespace qipu::query
