#ifndef QIPU_QUERY_PARSE_AST_H_
#define QIPU_QUERY_PARSE_AST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graph/value.h"

namespace qipu::query {

/// The syntax tree of a query, as written: names are still names. Node and relationship are the
/// language's words for vertex and edge; past the binder only the latter are used.

/// A byte range of the query text.
struct Span {
  uint32_t begin = 0, end = 0;
};

enum class ExprKind {
  kLiteral,        // literal
  kParameter,      // name
  kVariable,       // name
  kProperty,       // children[0] . name
  kHasLabels,      // children[0] : names
  kOperator,       // op over children
  kComparisons,    // children[0] ops[0] children[1] ops[1] ... : each neighbouring pair holds
  kFunction,       // name(children), distinct
  kCountStar,      // count(*)
  kList,           // [children]
  kMap,            // {names: children}
  kCase,           // has_subject: children[0]; then (when, then) pairs; has_else: the last child
  kComprehension,  // [name IN children[0] WHERE where | project]
  kQuantifier,     // quantifier(name IN children[0] WHERE where)
  kReduce,         // reduce(names[0] = children[0], name IN children[1] | children[2])
  kPatternExists,  // a pattern used as a predicate, exists(pattern), EXISTS { pattern WHERE where }
  kPatternList,    // [pattern WHERE where | project]
};

enum class Operator {
  kOr,
  kXor,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kStartsWith,
  kEndsWith,
  kContains,
  kRegex,
  kIn,
  kIsNull,
  kIsNotNull,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kPower,
  kNegate,
  kPlus,
  kIndex,  // children[0][children[1]]
  kSlice,  // children[0][children[1]..children[2]]; a missing bound is a null literal
};

enum class Quantifier { kAll, kAny, kNone, kSingle };

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
struct Pattern;

/// One expression. Which members mean something, ExprKind says.
struct Expr {
  Expr(ExprKind k, Span s) : kind(k), span(s) {}
  ~Expr();

  ExprKind kind;
  Span span;
  Operator op = Operator::kOr;
  Quantifier quantifier = Quantifier::kAll;
  bool distinct = false, has_subject = false, has_else = false;
  bool block = false;  ///< kPatternExists: written as EXISTS { }, which may name new variables
  /// kPatternExists: written as exists() or EXISTS { }, and so a value as well as a condition.
  bool exists = false;
  uint32_t height = 1;  ///< of the tree; at most kExpressionHeightMax
  std::string name;
  graph::Value literal;
  std::vector<std::string> names;
  std::vector<Operator> ops;
  std::vector<ExprPtr> children;
  ExprPtr where, project;
  std::unique_ptr<Pattern> pattern;
};

/// Same meaning as written: equal trees, wherever they stand.
bool SameExpression(const Expr& a, const Expr& b);

/// A name as it stands in a pattern; empty name: anonymous.
struct NodePattern {
  Span span;
  std::string variable;
  std::vector<std::string> labels;
  ExprPtr properties;  ///< a map or a parameter, or null
};

enum class ArrowDirection { kRight, kLeft, kEither };

/// Hops of a variable-length relationship.
struct HopRange {
  uint64_t min = 1;
  std::optional<uint64_t> max;
};

struct RelationshipPattern {
  Span span;
  std::string variable;
  std::vector<std::string> types;
  ArrowDirection direction = ArrowDirection::kEither;
  std::optional<HopRange> hops;  ///< null: exactly one relationship, not a list
  ExprPtr properties;
};

/// nodes.size() == relationships.size() + 1.
struct PathPattern {
  Span span;
  std::string variable;
  std::vector<NodePattern> nodes;
  std::vector<RelationshipPattern> relationships;
};

struct Pattern {
  std::vector<PathPattern> paths;
};

struct MatchClause {
  Span span;
  bool optional = false;
  Pattern pattern;
  ExprPtr where;
};

struct UnwindClause {
  Span span;
  ExprPtr list;
  std::string variable;
};

/// Parsed, not yet executed.
struct CreateClause {
  Span span;
  Pattern pattern;
};

struct ProjectionItem {
  Span span;
  ExprPtr expression;
  std::string alias;  ///< as given, else the text of the expression
  bool aliased = false;
};

struct SortItem {
  ExprPtr expression;
  bool descending = false;
};

enum class ProjectionKind { kWith, kReturn };

/// WITH or RETURN.
struct ProjectionClause {
  Span span;
  ProjectionKind kind = ProjectionKind::kReturn;
  bool distinct = false;
  bool star = false;  ///< all variables in scope, before the items
  std::vector<ProjectionItem> items;
  std::vector<SortItem> order;
  ExprPtr skip, limit, where;  ///< where: WITH only
};

using Clause = std::variant<MatchClause, UnwindClause, CreateClause, ProjectionClause>;

struct SingleQuery {
  std::vector<Clause> clauses;
};

/// parts[0] UNION parts[1] UNION ...; all[i] says whether parts[i+1] was joined by UNION ALL.
struct QueryAst {
  std::vector<SingleQuery> parts;
  std::vector<bool> all;
  std::vector<Span> unions;
};

}  // namespace qipu::query

#endif  // QIPU_QUERY_PARSE_AST_H_
