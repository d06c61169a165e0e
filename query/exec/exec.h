#ifndef QIPU_QUERY_EXEC_EXEC_H_
#define QIPU_QUERY_EXEC_EXEC_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/plan/plan.h"
#include "query/table.h"

namespace qipu::query {

/// Hops of one path.
inline constexpr size_t kPathHopsMax = 1'000'000;

/// One row: a value per Slot. All operators of a query work on the same one.
using Row = std::vector<Datum>;

class RowSource;

/// What the operators and expressions of one run share.
class Execution {
 public:
  /// `bytes_held_max`: see RunLimits. `profile` may be null.
  Execution(const graph::Snapshot& snapshot, std::string_view text, uint64_t bytes_held_max,
            PlanProfile* profile);
  ~Execution();

  GraphReader& graph() { return graph_; }
  const std::vector<Datum>& parameters() const { return parameters_; }
  void set_parameters(std::vector<Datum> parameters) { parameters_ = std::move(parameters); }
  PlanProfile* profile() { return profile_; }

  /// Counts memory held. Errors: kRefused when it is too much.
  Status Hold(uint64_t bytes);
  void Release(uint64_t bytes) { held_ -= bytes; }

  /// An error at a place of the query text.
  Error Complain(Span span, ErrorCode code, std::string_view what) const;
  /// The plan of a pattern within an expression, made ready once.
  RowSource& SubquerySource(const BoundSubquery& subquery);

 private:
  GraphReader graph_;
  std::string_view text_;
  uint64_t bytes_held_max_, held_ = 0;
  PlanProfile* profile_;
  std::vector<Datum> parameters_;
  std::unordered_map<const BoundSubquery*, std::unique_ptr<RowSource>> subqueries_;
};

/// An operator at work. It pulls rows from its input and writes what it adds into the shared row.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Starts from the first row, on what the row holds now.
  virtual Status Start(Row& row) = 0;
  /// Brings the next row; false when there is none.
  virtual Result<bool> Next(Row& row) = 0;
};
using SourcePtr = std::unique_ptr<RowSource>;

/// The operators of a plan. The plan must outlive them.
SourcePtr MakeSource(const PlanNode& plan, Execution& run);

// One operator each; scan.cc, expand.cc, ...
SourcePtr MakeUnit();
SourcePtr MakeScan(const ScanPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeKeyLookup(const KeyLookupPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeIndexScan(const IndexScanPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeExpand(const ExpandPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeVarLengthExpand(const ExpandPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeBoundEdge(const BoundEdgePlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeFilter(const FilterPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeProject(const ProjectPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeAggregate(const AggregatePlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeDistinct(const DistinctPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeSort(const SortPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeCut(const CutPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeUnwind(const UnwindPlan& plan, SourcePtr input, Execution& run);
SourcePtr MakeOptional(const OptionalPlan& plan, std::vector<SourcePtr> inputs);
SourcePtr MakeUnion(const UnionPlan& plan, std::vector<SourcePtr> inputs);
SourcePtr MakeCount(const CountPlan& plan, Execution& run);

/// The value of an expression on a row; patterns and list expressions use slots of their own in it.
/// Errors: kInvalidArgument with the place (type, overflow, division by zero), kIo, kCorruption.
Result<Datum> Evaluate(const BoundExpr& expr, Row& row, Execution& run);
/// A condition; anything but a boolean or null is an error.
Result<Truth> EvaluateCondition(const BoundExpr& expr, Row& row, Execution& run);
/// SKIP and LIMIT: an integer, not negative.
Result<uint64_t> EvaluateCount(const BoundExpr& expr, Row& row, Execution& run);
/// `+` ... `^`, AND, IN and so on over values.
Result<Datum> ApplyOperator(const BoundExpr& expr, const Datum& left, const Datum& right,
                            Execution& run);
Result<Datum> EvaluateIndex(const BoundExpr& expr, const Datum& subject, const Datum& index,
                            Execution& run);
Result<Datum> EvaluateSlice(const BoundExpr& expr, std::span<const Datum> operands, Execution& run);
/// A property of a vertex, edge, map or date; null of null.
Result<Datum> EvaluateProperty(const BoundExpr& expr, const Datum& subject, Execution& run);
Truth CompareBy(Operator op, const Datum& left, const Datum& right);

/// Walks the edges at a vertex that a pattern takes, out before in, each edge once.
class EdgeWalk {
 public:
  EdgeWalk(const EdgeChoice& choice, Execution& run) : choice_(&choice), run_(&run) {}
  /// Only edges whose other end is `to`, when given.
  Status Start(graph::VertexId at, std::optional<graph::VertexId> to);
  Result<bool> Next();
  const graph::EdgeRef& edge() const { return edge_; }
  graph::VertexId far() const { return far_; }

 private:
  Result<bool> NextList();
  const EdgeChoice* choice_;
  Execution* run_;
  graph::VertexId at_;
  std::optional<graph::VertexId> to_;
  graph::Direction direction_ = graph::Direction::kOut;
  std::vector<graph::EdgeTypeId> types_;
  size_t type_ = 0;
  bool last_direction_ = false;
  std::vector<graph::Neighbour> list_;
  size_t next_ = 0, end_ = 0;
  graph::EdgeRef edge_;
  graph::VertexId far_;
};

/// Whether `edge` is none of those in `slots`, which hold edges or lists of edges.
bool IsUnlike(const graph::EdgeRef& edge, const std::vector<Slot>& slots, const Row& row);
/// The vertex in a slot; none for null. Errors: kInvalidArgument when it is something else.
Result<std::optional<graph::VertexId>> VertexIn(Slot slot, const Row& row);

/// A value complete in itself.
Result<Cell> MakeCell(const Datum& datum, Execution& run);
/// About what a cell takes in memory.
uint64_t CellBytes(const Cell& cell);
/// A parameter's value. Errors: kInvalidArgument for a vertex, edge or path.
Result<Datum> FromCell(const Cell& cell);

}  // namespace qipu::query

#endif  // QIPU_QUERY_EXEC_EXEC_H_
