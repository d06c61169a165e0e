#ifndef QIPU_QUERY_PARSE_PARSE_H_
#define QIPU_QUERY_PARSE_PARSE_H_

#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"
#include "query/parse/ast.h"

namespace qipu::query {

/// Longest query text read, in bytes.
inline constexpr size_t kQueryBytesMax = size_t{1} << 20;
/// Parentheses, lists, maps, CASEs and patterns within each other.
inline constexpr int kNestingMax = 200;
/// Height of an expression's tree; `a + b + c` is one higher than `a + b`, `a AND b AND c` is not.
inline constexpr uint32_t kExpressionHeightMax = 1000;

enum class TokenKind {
  kEnd,
  kName,        ///< a bare name, which may be a keyword; text as written
  kQuotedName,  ///< in backticks; text without them
  kInteger,
  kFloat,
  kString,     ///< text with the escapes resolved
  kParameter,  ///< $name; text without the $
  kSymbol,     ///< ( ) [ ] { } , : ; . .. | + - * / % ^ = <> < > <= >= =~
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  Span span;
};

/// Splits a text; the last token is kEnd. Comments and white space fall away.
/// Errors: kInvalidArgument with the place.
Result<std::vector<Token>> Tokenise(std::string_view text);

/// Reads a whole query (one statement; a final `;` is allowed).
/// Errors: kInvalidArgument  not in the language; says where, with the line
///         kUnsupported      in the language, but a clause that is not executed yet
Result<QueryAst> Parse(std::string_view text);

/// `line 2, column 7: what`, the line, and a caret under the place.
Error ErrorAt(std::string_view text, Span span, ErrorCode code, std::string_view what);
inline Error SyntaxError(std::string_view text, Span span, std::string_view what) {
  return ErrorAt(text, span, ErrorCode::kInvalidArgument, what);
}

/// ASCII letters compared without their case; keywords and function names are.
bool SameName(std::string_view a, std::string_view b);
/// Whether a bare name can't be a variable.
bool IsReservedWord(std::string_view name);

/// Recursive descent over tokens, a method per rule of the grammar. parser.cc has the clauses,
/// patterns.cc the patterns, expressions.cc and atoms.cc the expressions.
class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}
  Result<QueryAst> ParseQuery();

 private:
  // Clauses.
  Result<SingleQuery> ParseSingleQuery();
  Result<Clause> ParseClause();
  Error UnknownClause() const;
  Result<Clause> ParseMatch();
  Result<Clause> ParseUnwind();
  Result<Clause> ParseProjection(ProjectionKind kind);
  Status ParseProjectionItems(ProjectionClause& clause);
  Status ParseOrder(ProjectionClause& clause);

  // Patterns.
  Result<Pattern> ParsePattern();
  Result<PathPattern> ParsePath();
  Result<NodePattern> ParseNode();
  Result<RelationshipPattern> ParseRelationship();
  Status ParseRelationshipDetail(RelationshipPattern& relationship);
  Result<HopRange> ParseHops();
  Result<ExprPtr> ParsePatternProperties();
  /// Whether the `(` that stands `ahead` tokens from here starts a pattern with a relationship.
  bool LooksLikePattern(size_t ahead) const;

  // Expressions, loosest first.
  Result<ExprPtr> ParseExpression();
  Result<ExprPtr> ParseOr();
  Result<ExprPtr> ParseXor();
  Result<ExprPtr> ParseAnd();
  Result<ExprPtr> ParseNot();
  Result<ExprPtr> ParseComparison();
  Result<ExprPtr> ParsePredicate();
  Result<ExprPtr> ParseArithmetic(int level);
  Result<ExprPtr> ParseUnary();
  Result<ExprPtr> ParsePostfix();
  Result<ExprPtr> ParseSubscript(ExprPtr subject);

  // Atoms.
  Result<ExprPtr> ParseAtom();
  Result<ExprPtr> ParseNamed();
  Result<ExprPtr> ParseNumber(bool negative);
  Result<ExprPtr> ParseBracket();
  Result<ExprPtr> ParseMap();
  Result<ExprPtr> ParseCase();
  Result<ExprPtr> ParseCall();
  Result<ExprPtr> ParseQuantified();
  Result<ExprPtr> ParseReduce();
  Result<ExprPtr> ParseExistsBlock();
  Result<ExprPtr> ParsePatternPredicate();

  // Tokens.
  const Token& Peek(size_t ahead = 0) const;
  bool AtSymbol(std::string_view symbol, size_t ahead = 0) const;
  bool AtKeyword(std::string_view word, size_t ahead = 0) const;
  bool TakeSymbol(std::string_view symbol);
  bool TakeKeyword(std::string_view word);
  Status NeedSymbol(std::string_view symbol, std::string_view where);
  Status NeedKeyword(std::string_view word, std::string_view where);
  /// A name for a variable: no reserved word.
  Result<std::string> NeedVariable(std::string_view where);
  /// A name of a label, type, property or map key: any word.
  Result<std::string> NeedName(std::string_view what);
  bool AtVariable() const;
  std::string Shown(const Token& token) const;
  Error Complain(std::string_view what) const;
  Span From(uint32_t begin) const { return {begin, last_end_}; }
  void Advance();

  ExprPtr Make(ExprKind kind, uint32_t begin) const;
  /// Sets span end and height; an error when the tree is too high.
  Result<ExprPtr> Finish(ExprPtr expr);
  Result<ExprPtr> Combine(Operator op, uint32_t begin, ExprPtr left, ExprPtr right);

  std::string_view text_;
  std::vector<Token> tokens_;
  size_t next_ = 0;
  uint32_t last_end_ = 0;  // end of the token before
  int nesting_ = 0;
};

}  // namespace qipu::query

#endif  // QIPU_QUERY_PARSE_PARSE_H_
