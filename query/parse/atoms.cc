#include <charconv>
#include <cstdlib>
#include <utility>

#include "query/parse/parse.h"

namespace qipu::query {

using graph::Value;

Result<ExprPtr> Parser::ParseAtom() {
  const Token& token = Peek();
  const uint32_t begin = token.span.begin;
  switch (token.kind) {
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      return ParseNumber(false);
    case TokenKind::kString: {
      ExprPtr expr = Make(ExprKind::kLiteral, begin);
      expr->literal = Value(token.text);
      Advance();
      return Finish(std::move(expr));
    }
    case TokenKind::kParameter: {
      ExprPtr expr = Make(ExprKind::kParameter, begin);
      expr->name = token.text;
      Advance();
      return Finish(std::move(expr));
    }
    case TokenKind::kName:
    case TokenKind::kQuotedName:
      return ParseNamed();
    case TokenKind::kSymbol:
      if (AtSymbol("[")) return ParseBracket();
      if (AtSymbol("{")) return ParseMap();
      if (AtSymbol("(")) {
        if (LooksLikePattern(0)) return ParsePatternPredicate();
        Advance();
        ExprPtr expr = QIPU_TRY(ParseExpression());
        QIPU_TRY(NeedSymbol(")", "to close the parenthesis"));
        return expr;
      }
      break;
    case TokenKind::kEnd:
      break;
  }
  return Complain("an expression expected, not " + Shown(token));
}

Result<ExprPtr> Parser::ParseNamed() {
  const uint32_t begin = Peek().span.begin;
  const bool quoted = Peek().kind == TokenKind::kQuotedName;
  const auto literal = [&](Value value) {
    ExprPtr expr = Make(ExprKind::kLiteral, begin);
    expr->literal = std::move(value);
    return Finish(std::move(expr));
  };
  if (!quoted && TakeKeyword("TRUE")) return literal(Value(true));
  if (!quoted && TakeKeyword("FALSE")) return literal(Value(false));
  if (!quoted && TakeKeyword("NULL")) return literal(Value());
  if (!quoted && AtKeyword("CASE")) return ParseCase();
  if (!quoted && AtKeyword("EXISTS") && AtSymbol("{", 1)) return ParseExistsBlock();
  if (AtSymbol("(", 1) || (AtSymbol(".", 1) && AtSymbol("(", 3))) return ParseCall();
  ExprPtr expr = Make(ExprKind::kVariable, begin);
  expr->name = QIPU_TRY(NeedVariable("here"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseNumber(bool negative) {
  ExprPtr expr = Make(ExprKind::kLiteral, Peek().span.begin);
  if (negative) Advance();
  std::string digits = Peek().text;
  if (Peek().kind == TokenKind::kFloat) {
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    // from_chars calls both ends out of range; what is too small to tell from zero is zero.
    if (error == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
    if (value > 1.0 && value == value * 2) return Complain("this number is too large for a FLOAT");
    expr->literal = Value(value);
  } else {
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0o")) {
      base = digits[1] == 'x' ? 16 : 8;
      digits.erase(0, 2);
    }
    if (negative) digits.insert(0, "-");
    int64_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error == std::errc::result_out_of_range) {
      return Complain("this number is too large for an INTEGER (64 bits)");
    }
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return Complain("this is no number");
    }
    expr->literal = Value(value);
  }
  Advance();
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseBracket() {
  const uint32_t begin = Peek().span.begin;
  Advance();
  if (AtVariable() && AtKeyword("IN", 1)) {
    ExprPtr expr = Make(ExprKind::kComprehension, begin);
    expr->name = Peek().text;
    Advance();
    Advance();
    expr->children.push_back(QIPU_TRY(ParseExpression()));
    if (TakeKeyword("WHERE")) expr->where = QIPU_TRY(ParseExpression());
    if (TakeSymbol("|")) expr->project = QIPU_TRY(ParseExpression());
    QIPU_TRY(NeedSymbol("]", "to end the list"));
    return Finish(std::move(expr));
  }
  const bool named = AtVariable() && AtSymbol("=", 1) && LooksLikePattern(2);
  if (named || LooksLikePattern(0)) {
    ExprPtr expr = Make(ExprKind::kPatternList, begin);
    expr->pattern = std::make_unique<Pattern>();
    expr->pattern->paths.push_back(QIPU_TRY(ParsePath()));
    if (TakeKeyword("WHERE")) expr->where = QIPU_TRY(ParseExpression());
    QIPU_TRY(NeedSymbol("|", "between the pattern and what to list"));
    expr->project = QIPU_TRY(ParseExpression());
    QIPU_TRY(NeedSymbol("]", "to end the list"));
    return Finish(std::move(expr));
  }
  ExprPtr expr = Make(ExprKind::kList, begin);
  if (!AtSymbol("]")) {
    do {
      expr->children.push_back(QIPU_TRY(ParseExpression()));
    } while (TakeSymbol(","));
  }
  QIPU_TRY(NeedSymbol("]", "to end the list"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseMap() {
  ExprPtr expr = Make(ExprKind::kMap, Peek().span.begin);
  QIPU_TRY(NeedSymbol("{", "to start a map"));
  if (!AtSymbol("}")) {
    do {
      expr->names.push_back(QIPU_TRY(NeedName("a key")));
      QIPU_TRY(NeedSymbol(":", "after a key"));
      expr->children.push_back(QIPU_TRY(ParseExpression()));
    } while (TakeSymbol(","));
  }
  QIPU_TRY(NeedSymbol("}", "to end the map"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseCase() {
  ExprPtr expr = Make(ExprKind::kCase, Peek().span.begin);
  Advance();
  if (!AtKeyword("WHEN")) {
    expr->has_subject = true;
    expr->children.push_back(QIPU_TRY(ParseExpression()));
  }
  do {
    QIPU_TRY(NeedKeyword("WHEN", "in CASE"));
    expr->children.push_back(QIPU_TRY(ParseExpression()));
    QIPU_TRY(NeedKeyword("THEN", "after WHEN"));
    expr->children.push_back(QIPU_TRY(ParseExpression()));
  } while (AtKeyword("WHEN"));
  if (TakeKeyword("ELSE")) {
    expr->has_else = true;
    expr->children.push_back(QIPU_TRY(ParseExpression()));
  }
  QIPU_TRY(NeedKeyword("END", "to end CASE"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseCall() {
  const bool over_list = AtKeyword("IN", 3) && !AtSymbol("(", 2);
  if (over_list &&
      (AtKeyword("all") || AtKeyword("any") || AtKeyword("none") || AtKeyword("single"))) {
    return ParseQuantified();
  }
  if (AtKeyword("reduce") && AtSymbol("=", 3)) return ParseReduce();
  const uint32_t begin = Peek().span.begin;
  ExprPtr expr = Make(ExprKind::kFunction, begin);
  expr->name = QIPU_TRY(NeedName("a function"));
  if (TakeSymbol(".")) expr->name += "." + QIPU_TRY(NeedName("a function"));
  QIPU_TRY(NeedSymbol("(", "after a function's name"));
  if (SameName(expr->name, "count") && TakeSymbol("*")) {
    QIPU_TRY(NeedSymbol(")", "after count(*"));
    expr->kind = ExprKind::kCountStar;
    return Finish(std::move(expr));
  }
  expr->distinct = TakeKeyword("DISTINCT");
  if (!AtSymbol(")")) {
    do {
      expr->children.push_back(QIPU_TRY(ParseExpression()));
    } while (TakeSymbol(","));
  }
  QIPU_TRY(NeedSymbol(")", "after the arguments of " + expr->name));
  const bool exists = SameName(expr->name, "exists") && expr->children.size() == 1;
  if (exists && expr->children[0]->kind == ExprKind::kPatternExists) {
    expr->children[0]->exists = true;
    return std::move(expr->children[0]);
  }
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseQuantified() {
  ExprPtr expr = Make(ExprKind::kQuantifier, Peek().span.begin);
  expr->quantifier = AtKeyword("all")    ? Quantifier::kAll
                     : AtKeyword("any")  ? Quantifier::kAny
                     : AtKeyword("none") ? Quantifier::kNone
                                         : Quantifier::kSingle;
  Advance();
  Advance();
  expr->name = QIPU_TRY(NeedVariable("for the elements"));
  Advance();
  expr->children.push_back(QIPU_TRY(ParseExpression()));
  QIPU_TRY(NeedKeyword("WHERE", "after the list"));
  expr->where = QIPU_TRY(ParseExpression());
  QIPU_TRY(NeedSymbol(")", "after the condition"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseReduce() {
  ExprPtr expr = Make(ExprKind::kReduce, Peek().span.begin);
  Advance();
  Advance();
  expr->names.push_back(QIPU_TRY(NeedVariable("for what is built up")));
  Advance();
  expr->children.push_back(QIPU_TRY(ParseExpression()));
  QIPU_TRY(NeedSymbol(",", "after the first value"));
  expr->name = QIPU_TRY(NeedVariable("for the elements"));
  QIPU_TRY(NeedKeyword("IN", "after the name"));
  expr->children.push_back(QIPU_TRY(ParseExpression()));
  QIPU_TRY(NeedSymbol("|", "after the list"));
  expr->children.push_back(QIPU_TRY(ParseExpression()));
  QIPU_TRY(NeedSymbol(")", "to end reduce"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParseExistsBlock() {
  ExprPtr expr = Make(ExprKind::kPatternExists, Peek().span.begin);
  expr->block = expr->exists = true;
  Advance();
  Advance();
  TakeKeyword("MATCH");
  expr->pattern = std::make_unique<Pattern>(QIPU_TRY(ParsePattern()));
  if (TakeKeyword("WHERE")) expr->where = QIPU_TRY(ParseExpression());
  if (!AtSymbol("}") && Peek().kind == TokenKind::kName) {
    return ErrorAt(text_, Peek().span, ErrorCode::kUnsupported,
                   "EXISTS { } with more than a pattern and WHERE is not executed by this version");
  }
  QIPU_TRY(NeedSymbol("}", "to end EXISTS"));
  return Finish(std::move(expr));
}

Result<ExprPtr> Parser::ParsePatternPredicate() {
  ExprPtr expr = Make(ExprKind::kPatternExists, Peek().span.begin);
  expr->pattern = std::make_unique<Pattern>();
  expr->pattern->paths.push_back(QIPU_TRY(ParsePath()));
  return Finish(std::move(expr));
}

}  // namespace qipu::query
