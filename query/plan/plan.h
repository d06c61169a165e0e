#ifndef QIPU_QUERY_PLAN_PLAN_H_
#define QIPU_QUERY_PLAN_PLAN_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "graph/index.h"
#include "graph/snapshot.h"
#include "query/functions/functions.h"
#include "query/parse/ast.h"

namespace qipu::query {

/// A place in the row that all operators of a query share. Every variable has its own, so an
/// operator only writes what it brings in, and nothing is copied from operator to operator.
using Slot = uint32_t;

struct BoundSubquery;

enum class BoundKind {
  kConstant,       // constant
  kParameter,      // parameter number `slot`
  kSlot,           // the value in `slot`
  kProperty,       // children[0] . name (property, when the database knows that name)
  kHasLabels,      // children[0] : labels
  kOperator,       // op over children
  kComparisons,    // as ExprKind::kComparisons
  kFunction,       // function(children)
  kList,           // [children]
  kMap,            // {names: children}
  kCase,           // as ExprKind::kCase
  kComprehension,  // elements of children[0] in `slot`
  kQuantifier,     // the same
  kReduce,         // the same, with the value so far in slots[0]
  kPath,           // slots: vertex, edge or list of edges, vertex, ...
  kExists,         // subquery gives a row
  kPatternList,    // subquery's `project` of each row
};

/// An expression whose names are resolved: variables to slots, labels and properties to ids.
struct BoundExpr {
  BoundKind kind = BoundKind::kConstant;
  Span span;
  Operator op = Operator::kOr;
  Quantifier quantifier = Quantifier::kAll;
  bool has_subject = false, has_else = false;
  Slot slot = 0;
  Datum constant;
  std::string name;
  std::optional<graph::PropertyId> property;
  const ScalarFunction* function = nullptr;
  std::vector<std::string> names;
  std::vector<std::optional<graph::LabelId>> labels;
  std::vector<Operator> ops;
  std::vector<Slot> slots;
  std::vector<BoundExpr> children;
  std::unique_ptr<BoundExpr> where, project;
  std::unique_ptr<BoundSubquery> subquery;

  BoundExpr() = default;
  BoundExpr(BoundKind k, Span s) : kind(k), span(s) {}
  BoundExpr(BoundExpr&&) noexcept;
  BoundExpr& operator=(BoundExpr&&) noexcept;
  ~BoundExpr();
};

/// `visit` for `expr` and every expression within it, those of subqueries included.
void Walk(const BoundExpr& expr, const std::function<void(const BoundExpr&)>& visit);
void Walk(BoundExpr& expr, const std::function<void(BoundExpr&)>& visit);

struct PatternVertex {
  Slot slot = 0;
  bool bound = false;  ///< by an earlier clause
  std::vector<std::pair<std::string, std::optional<graph::LabelId>>> labels;
};

struct PropertyCondition {
  std::string name;
  std::optional<graph::PropertyId> property;
  BoundExpr value;
};

/// Which edges a relationship pattern takes.
struct EdgeChoice {
  bool any_type = false;
  std::vector<graph::EdgeTypeId> types;                ///< ascending; with any_type empty
  ArrowDirection direction = ArrowDirection::kEither;  ///< seen from the first vertex
};

struct PatternEdge {
  Slot slot = 0;
  bool bound = false;            ///< by an earlier clause
  size_t first = 0, second = 0;  ///< vertices of the pattern, as written from left to right
  EdgeChoice choice;
  std::optional<HopRange> hops;
  std::vector<PropertyCondition> conditions;  ///< of every hop; only with `hops`
};

struct Assignment {
  Slot slot = 0;
  BoundExpr value;
};

/// One MATCH: its pattern as a graph, its conditions as a conjunction.
struct BoundMatch {
  bool optional = false;
  std::vector<PatternVertex> vertices;
  std::vector<PatternEdge> edges;
  std::vector<Assignment> paths;
  std::vector<BoundExpr> conditions;
};

struct PlanNode;
using PlanPtr = std::unique_ptr<PlanNode>;

/// A pattern within an expression. It runs on the row of the expression.
struct BoundSubquery {
  BoundMatch match;
  std::unique_ptr<BoundExpr> project;  ///< kPatternList only
  PlanPtr plan;                        ///< made by the planner
};

struct BoundUnwind {
  Slot slot = 0;
  BoundExpr list;
};

struct AggregateCall {
  Slot slot = 0;
  Span span;
  const AggregateFunction* function = nullptr;
  bool distinct = false;
  std::optional<BoundExpr> argument;  ///< none: count(*)
};

struct SortKey {
  BoundExpr value;
  bool descending = false;
};

struct Column {
  std::string name;
  Slot slot = 0;
};

/// WITH or RETURN, in the order it happens.
struct BoundProjection {
  bool grouped = false;
  std::vector<Assignment> keys;           ///< of the groups
  std::vector<AggregateCall> aggregates;  ///< over each group
  std::vector<Assignment> assignments;    ///< after grouping
  std::vector<Column> columns;
  bool distinct = false;
  std::vector<SortKey> order;
  std::optional<BoundExpr> skip, limit, where;
};

using BoundClause = std::variant<BoundMatch, BoundUnwind, BoundProjection>;

struct BoundPart {
  std::vector<BoundClause> clauses;
  std::vector<Column> columns;
};

struct BoundQuery {
  std::vector<BoundPart> parts;
  std::vector<bool> all;
  std::vector<Column> columns;          ///< of the result
  std::vector<std::string> slot_names;  ///< for people; one per slot
  std::vector<bool> slot_read;  ///< whether an expression looks into what the slot refers to
  std::vector<std::string> parameters;  ///< by number
  std::vector<std::string> notices;     ///< names the database doesn't have
};

/// Resolves the names of a query against the names a snapshot has.
/// Errors: kInvalidArgument  undefined variable, unknown function, misplaced aggregate, ...
///         kUnsupported      a clause that is not executed yet
Result<BoundQuery> Bind(const QueryAst& query, std::string_view text,
                        const graph::Snapshot& snapshot);

// The operators of a plan. Each has one input, which gives it the rows it works on.

struct UnitPlan {};  ///< one row; in a subquery the row of the expression

enum class ScanSource { kAllVertices, kLabel, kNothing };
struct ScanPlan {
  Slot slot = 0;
  ScanSource source = ScanSource::kAllVertices;
  graph::LabelId label;
  bool reads_rows = false;  ///< later operators look at the rows, so fetch them with the scan
};

struct KeyLookupPlan {
  Slot slot = 0;
  graph::LabelId label;
  BoundExpr key;
};

/// The vertices of an index whose property passes all `bounds`, ascending by id.
struct IndexScanPlan {
  struct Bound {
    Operator op = Operator::kEqual;  ///< property op value
    BoundExpr value;
  };
  Slot slot = 0;
  graph::Index index;
  bool reads_rows = false;    ///< as in ScanPlan
  std::vector<Bound> bounds;  ///< one equality, or at most one bound from below and from above
};

enum class Far { kNew, kBound };  ///< whether the far vertex is already in the row
struct ExpandPlan {
  Slot from = 0, edge = 0, to = 0;
  Far far = Far::kNew;
  EdgeChoice choice;         ///< seen from `from`
  std::vector<Slot> unlike;  ///< edges, or lists of edges, that the new one must differ from
  std::optional<HopRange> hops;
  bool backwards = false;  ///< walks from right to left: the list of hops is turned round
  std::vector<PropertyCondition> conditions;
};

/// The edge is in the row already; brings in its ends, or compares them.
struct BoundEdgePlan {
  Slot edge = 0, first = 0, second = 0;
  Far first_far = Far::kNew, second_far = Far::kNew;
  EdgeChoice choice;
  std::vector<Slot> unlike;
};

struct FilterPlan {
  std::vector<BoundExpr> conditions;
};
struct ProjectPlan {
  std::vector<Assignment> assignments;
};
struct AggregatePlan {
  std::vector<Assignment> keys;
  std::vector<AggregateCall> aggregates;
};
struct DistinctPlan {
  std::vector<Slot> slots;
};
struct SortPlan {
  std::vector<SortKey> keys;
  std::vector<Slot> slots;  ///< what later operators read
  /// How many rows later operators take; empty for all. Their sum is what is kept.
  std::vector<const BoundExpr*> top;
};
enum class Cut { kSkip, kLimit };
struct CutPlan {
  Cut cut = Cut::kLimit;
  std::unique_ptr<BoundExpr> count;
};
struct UnwindPlan {
  Slot slot = 0;
  BoundExpr list;
};
/// inputs[1] runs for each row of inputs[0]; without a row, `slots` become null.
struct OptionalPlan {
  std::vector<Slot> slots;
};
/// All rows of inputs[0], then of inputs[1], ...: their slots[i] go to `slots`.
struct UnionPlan {
  std::vector<Slot> slots;
  std::vector<std::vector<Slot>> inputs;
};
/// A count the store keeps. Sum over `labels` or `types`; neither: all.
enum class Counted { kVertices, kEdges };
struct CountPlan {
  Slot slot = 0;
  Counted counted = Counted::kVertices;
  bool all = false;
  std::vector<graph::LabelId> labels;
  std::vector<graph::EdgeTypeId> types;
};

using PlanDetail = std::variant<UnitPlan, ScanPlan, KeyLookupPlan, IndexScanPlan, ExpandPlan,
                                BoundEdgePlan, FilterPlan, ProjectPlan, AggregatePlan, DistinctPlan,
                                SortPlan, CutPlan, UnwindPlan, OptionalPlan, UnionPlan, CountPlan>;

struct PlanNode {
  PlanDetail detail;
  std::vector<PlanPtr> inputs;
  double estimated_rows = 1;
};

/// Chooses the operators: cheapest anchor first, conditions as early as they can be told.
/// Moves the clauses out of `query`. Errors: kIo, kCorruption from reading counts.
Result<PlanPtr> MakePlan(BoundQuery& query, const graph::Snapshot& snapshot);

/// What an operator did in a run.
struct OperatorProfile {
  uint64_t rows = 0;
  uint64_t nanoseconds = 0;  ///< with the time of its inputs
};
using PlanProfile = std::unordered_map<const PlanNode*, OperatorProfile>;

/// The plan as an indented tree, last operator first. `profile` may be null.
std::string PlanText(const PlanNode& plan, const BoundQuery& query, std::string_view text,
                     const graph::Catalog& catalog, const PlanProfile* profile);

}  // namespace qipu::query

#endif  // QIPU_QUERY_PLAN_PLAN_H_
