#include <utility>

#include "graph/json.h"
#include "query/parse/parse.h"

namespace qipu::query {
namespace {

/// Clauses of the language that no operator executes yet.
constexpr std::string_view kLaterClauses[] = {"MERGE",  "SET",  "DELETE",  "DETACH",
                                              "REMOVE", "CALL", "FOREACH", "LOAD"};

Span SpanOf(const Clause& clause) {
  return std::visit([](const auto& c) { return c.span; }, clause);
}

bool IsReturn(const Clause& clause) {
  const auto* projection = std::get_if<ProjectionClause>(&clause);
  return projection != nullptr && projection->kind == ProjectionKind::kReturn;
}

}  // namespace

Result<QueryAst> Parse(std::string_view text) {
  return Parser(text, QIPU_TRY(Tokenise(text))).ParseQuery();
}

Result<QueryAst> Parser::ParseQuery() {
  QueryAst query;
  query.parts.push_back(QIPU_TRY(ParseSingleQuery()));
  while (AtKeyword("UNION")) {
    query.unions.push_back(Peek().span);
    Advance();
    query.all.push_back(TakeKeyword("ALL"));
    query.parts.push_back(QIPU_TRY(ParseSingleQuery()));
  }
  TakeSymbol(";");
  if (Peek().kind != TokenKind::kEnd) {
    return AtSymbol(";") || tokens_[next_ - 1].text == ";"
               ? Complain("one query at a time; this is a second one")
               : UnknownClause();
  }
  return query;
}

Result<SingleQuery> Parser::ParseSingleQuery() {
  SingleQuery query;
  while (Peek().kind != TokenKind::kEnd && !AtSymbol(";") && !AtKeyword("UNION")) {
    if (!query.clauses.empty() && IsReturn(query.clauses.back())) {
      return AtKeyword("RETURN") || AtKeyword("MATCH") || AtKeyword("WITH")
                 ? Complain("RETURN ends a query; use WITH to go on")
                 : UnknownClause();
    }
    query.clauses.push_back(QIPU_TRY(ParseClause()));
  }
  if (query.clauses.empty()) return Complain("a query is missing here, e.g. MATCH (n) RETURN n");
  const Clause& last = query.clauses.back();
  if (!IsReturn(last) && !std::holds_alternative<CreateClause>(last)) {
    return SyntaxError(text_, SpanOf(last), "a query can't end with this clause; add a RETURN");
  }
  return query;
}

Error Parser::UnknownClause() const {
  if (Peek().kind == TokenKind::kName) {
    const std::string near = graph::NearestName(
        [&] {
          std::string upper = Peek().text;
          for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
          return upper;
        }(),
        {"MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CREATE", "WHERE", "ORDER", "SKIP",
         "LIMIT", "UNION"});
    if (!near.empty() && !SameName(near, Peek().text)) {
      return Complain("unexpected '" + Peek().text + "'; did you mean " + near + "?");
    }
  }
  if (AtKeyword("EXPLAIN") || AtKeyword("PROFILE")) {
    return Complain("ask for the plan by --explain or --profile instead");
  }
  return Complain("unexpected " + Shown(Peek()));
}

Result<Clause> Parser::ParseClause() {
  const uint32_t begin = Peek().span.begin;
  if (AtKeyword("MATCH") || AtKeyword("OPTIONAL")) return ParseMatch();
  if (AtKeyword("UNWIND")) return ParseUnwind();
  if (TakeKeyword("WITH")) return ParseProjection(ProjectionKind::kWith);
  if (TakeKeyword("RETURN")) return ParseProjection(ProjectionKind::kReturn);
  if (TakeKeyword("CREATE")) {
    CreateClause create;
    create.pattern = QIPU_TRY(ParsePattern());
    create.span = From(begin);
    return Clause(std::move(create));
  }
  for (std::string_view word : kLaterClauses) {
    if (AtKeyword(word)) {
      return ErrorAt(text_, Peek().span, ErrorCode::kUnsupported,
                     std::string(word) + " is not executed by this version");
    }
  }
  return UnknownClause();
}

Result<Clause> Parser::ParseMatch() {
  const uint32_t begin = Peek().span.begin;
  MatchClause match;
  match.optional = TakeKeyword("OPTIONAL");
  QIPU_TRY(NeedKeyword("MATCH", "after OPTIONAL"));
  match.pattern = QIPU_TRY(ParsePattern());
  if (TakeKeyword("WHERE")) match.where = QIPU_TRY(ParseExpression());
  match.span = From(begin);
  return Clause(std::move(match));
}

Result<Clause> Parser::ParseUnwind() {
  const uint32_t begin = Peek().span.begin;
  Advance();
  UnwindClause unwind;
  unwind.list = QIPU_TRY(ParseExpression());
  QIPU_TRY(NeedKeyword("AS", "after the list of UNWIND"));
  unwind.variable = QIPU_TRY(NeedVariable("after AS"));
  unwind.span = From(begin);
  return Clause(std::move(unwind));
}

Result<Clause> Parser::ParseProjection(ProjectionKind kind) {
  const uint32_t begin = tokens_[next_ - 1].span.begin;
  ProjectionClause clause;
  clause.kind = kind;
  clause.distinct = TakeKeyword("DISTINCT");
  clause.star = TakeSymbol("*");
  if (!clause.star || TakeSymbol(",")) QIPU_TRY(ParseProjectionItems(clause));
  if (AtKeyword("ORDER")) QIPU_TRY(ParseOrder(clause));
  if (TakeKeyword("SKIP")) clause.skip = QIPU_TRY(ParseExpression());
  if (TakeKeyword("LIMIT")) clause.limit = QIPU_TRY(ParseExpression());
  if (AtKeyword("SKIP") || AtKeyword("ORDER")) {
    return Complain("the order is ORDER BY, SKIP, LIMIT, each once");
  }
  if (AtKeyword("WHERE")) {
    if (kind == ProjectionKind::kReturn) {
      return Complain("WHERE can't follow RETURN; it belongs to MATCH or WITH");
    }
    Advance();
    clause.where = QIPU_TRY(ParseExpression());
  }
  clause.span = From(begin);
  return Clause(std::move(clause));
}

Status Parser::ParseProjectionItems(ProjectionClause& clause) {
  do {
    ProjectionItem item;
    const uint32_t begin = Peek().span.begin;
    const size_t first = next_;
    item.expression = QIPU_TRY(ParseExpression());
    item.span = From(begin);
    item.alias = std::string(text_.substr(begin, last_end_ - begin));
    if (TakeKeyword("AS")) {
      item.alias = QIPU_TRY(NeedVariable("after AS"));
      item.aliased = true;
    } else if (item.expression->kind == ExprKind::kVariable && next_ == first + 1) {
      item.alias = item.expression->name;
    } else if (clause.kind == ProjectionKind::kWith) {
      return SyntaxError(text_, item.span, "in WITH this needs a name: add AS name");
    }
    clause.items.push_back(std::move(item));
  } while (TakeSymbol(","));
  return Ok{};
}

Status Parser::ParseOrder(ProjectionClause& clause) {
  Advance();
  QIPU_TRY(NeedKeyword("BY", "after ORDER"));
  do {
    SortItem item;
    item.expression = QIPU_TRY(ParseExpression());
    if (TakeKeyword("DESC") || TakeKeyword("DESCENDING")) {
      item.descending = true;
    } else if (!TakeKeyword("ASC")) {
      TakeKeyword("ASCENDING");
    }
    clause.order.push_back(std::move(item));
  } while (TakeSymbol(","));
  return Ok{};
}

const Token& Parser::Peek(size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

bool Parser::AtSymbol(std::string_view symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

bool Parser::AtKeyword(std::string_view word, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kName && SameName(token.text, word);
}

bool Parser::TakeSymbol(std::string_view symbol) {
  if (!AtSymbol(symbol)) return false;
  Advance();
  return true;
}

bool Parser::TakeKeyword(std::string_view word) {
  if (!AtKeyword(word)) return false;
  Advance();
  return true;
}

void Parser::Advance() {
  last_end_ = Peek().span.end;
  if (next_ + 1 < tokens_.size()) ++next_;
}

Status Parser::NeedSymbol(std::string_view symbol, std::string_view where) {
  if (TakeSymbol(symbol)) return Ok{};
  return Complain("'" + std::string(symbol) + "' expected " + std::string(where) + ", not " +
                  Shown(Peek()));
}

Status Parser::NeedKeyword(std::string_view word, std::string_view where) {
  if (TakeKeyword(word)) return Ok{};
  return Complain(std::string(word) + " expected " + std::string(where) + ", not " + Shown(Peek()));
}

bool Parser::AtVariable() const {
  return Peek().kind == TokenKind::kQuotedName ||
         (Peek().kind == TokenKind::kName && !IsReservedWord(Peek().text));
}

Result<std::string> Parser::NeedVariable(std::string_view where) {
  if (!AtVariable()) {
    if (Peek().kind == TokenKind::kName) {
      return Complain("'" + Peek().text + "' is a word of the language; as a name it stands in " +
                      "backticks: `" + Peek().text + "`");
    }
    return Complain("a name expected " + std::string(where) + ", not " + Shown(Peek()));
  }
  std::string name = Peek().text;
  Advance();
  return name;
}

Result<std::string> Parser::NeedName(std::string_view what) {
  if (Peek().kind != TokenKind::kName && Peek().kind != TokenKind::kQuotedName) {
    return Complain(std::string(what) + " expected, not " + Shown(Peek()));
  }
  std::string name = Peek().text;
  Advance();
  return name;
}

std::string Parser::Shown(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "the end of the query";
  return "'" + std::string(text_.substr(token.span.begin, token.span.end - token.span.begin)) + "'";
}

Error Parser::Complain(std::string_view what) const {
  return SyntaxError(text_, Peek().span, what);
}

}  // namespace qipu::query
