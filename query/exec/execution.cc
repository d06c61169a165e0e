#include <chrono>

#include "query/exec/exec.h"
#include "query/parse/parse.h"

namespace qipu::query {
namespace {

/// Counts rows and time of another operator.
class ProfiledSource : public RowSource {
 public:
  ProfiledSource(SourcePtr source, OperatorProfile& profile)
      : source_(std::move(source)), profile_(profile) {}
  Status Start(Row& row) override {
    const auto begin = std::chrono::steady_clock::now();
    Status status = source_->Start(row);
    AddTime(begin);
    return status;
  }
  Result<bool> Next(Row& row) override {
    const auto begin = std::chrono::steady_clock::now();
    Result<bool> more = source_->Next(row);
    AddTime(begin);
    if (more.ok() && *more) ++profile_.rows;
    return more;
  }

 private:
  void AddTime(std::chrono::steady_clock::time_point begin) {
    const auto passed = std::chrono::steady_clock::now() - begin;
    profile_.nanoseconds +=
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
  }
  SourcePtr source_;
  OperatorProfile& profile_;
};

/// Makes the operator for each kind of plan node.
struct Maker {
  std::vector<SourcePtr> inputs;
  Execution& run;

  SourcePtr Input() { return std::move(inputs[0]); }
  SourcePtr operator()(const UnitPlan&) { return MakeUnit(); }
  SourcePtr operator()(const ScanPlan& plan) { return MakeScan(plan, Input(), run); }
  SourcePtr operator()(const KeyLookupPlan& plan) { return MakeKeyLookup(plan, Input(), run); }
  SourcePtr operator()(const IndexScanPlan& plan) { return MakeIndexScan(plan, Input(), run); }
  SourcePtr operator()(const ExpandPlan& plan) {
    return plan.hops ? MakeVarLengthExpand(plan, Input(), run) : MakeExpand(plan, Input(), run);
  }
  SourcePtr operator()(const BoundEdgePlan& plan) { return MakeBoundEdge(plan, Input(), run); }
  SourcePtr operator()(const FilterPlan& plan) { return MakeFilter(plan, Input(), run); }
  SourcePtr operator()(const ProjectPlan& plan) { return MakeProject(plan, Input(), run); }
  SourcePtr operator()(const AggregatePlan& plan) { return MakeAggregate(plan, Input(), run); }
  SourcePtr operator()(const DistinctPlan& plan) { return MakeDistinct(plan, Input(), run); }
  SourcePtr operator()(const SortPlan& plan) { return MakeSort(plan, Input(), run); }
  SourcePtr operator()(const CutPlan& plan) { return MakeCut(plan, Input(), run); }
  SourcePtr operator()(const UnwindPlan& plan) { return MakeUnwind(plan, Input(), run); }
  SourcePtr operator()(const OptionalPlan& plan) { return MakeOptional(plan, std::move(inputs)); }
  SourcePtr operator()(const UnionPlan& plan) { return MakeUnion(plan, std::move(inputs)); }
  SourcePtr operator()(const CountPlan& plan) { return MakeCount(plan, run); }
};

}  // namespace

Execution::Execution(const graph::Snapshot& snapshot, std::string_view text,
                     uint64_t bytes_held_max, PlanProfile* profile)
    : graph_(snapshot), text_(text), bytes_held_max_(bytes_held_max), profile_(profile) {}

Execution::~Execution() = default;

Status Execution::Hold(uint64_t bytes) {
  held_ += bytes;
  if (held_ <= bytes_held_max_) return Ok{};
  return Error{ErrorCode::kRefused,
               "the query holds more than " + std::to_string(bytes_held_max_ >> 20) +
                   " MiB in memory; take fewer rows (WHERE, LIMIT) or fewer columns"};
}

Error Execution::Complain(Span span, ErrorCode code, std::string_view what) const {
  return ErrorAt(text_, span, code, what);
}

RowSource& Execution::SubquerySource(const BoundSubquery& subquery) {
  SourcePtr& source = subqueries_[&subquery];
  if (source == nullptr) source = MakeSource(*subquery.plan, *this);
  return *source;
}

SourcePtr MakeSource(const PlanNode& plan, Execution& run) {
  Maker maker{{}, run};
  for (const PlanPtr& input : plan.inputs) maker.inputs.push_back(MakeSource(*input, run));
  SourcePtr source = std::visit(maker, plan.detail);
  if (run.profile() == nullptr) return source;
  return std::make_unique<ProfiledSource>(std::move(source), (*run.profile())[&plan]);
}

}  // namespace qipu::query
