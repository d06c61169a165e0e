#include "query/engine.h"

#include <algorithm>
#include <utility>

#include "graph/json.h"
#include "query/exec/exec.h"
#include "query/parse/parse.h"
#include "query/plan/plan.h"

namespace qipu::query {

struct Prepared::State {
  const graph::Snapshot& snapshot;
  std::string text;
  BoundQuery query;
  PlanPtr plan;

  Result<QueryResult> Run(const Parameters& parameters, const RunLimits& limits,
                          PlanProfile* profile) const;
  Result<std::vector<Datum>> ParameterValues(const Parameters& parameters) const;
};

Result<std::vector<Datum>> Prepared::State::ParameterValues(const Parameters& parameters) const {
  std::vector<Datum> values;
  for (const std::string& name : query.parameters) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) {
      std::vector<std::string> given;
      for (const auto& entry : parameters) given.push_back(entry.first);
      const std::string near = graph::NearestName(name, given);
      return InvalidArgument("the query needs a value for $" + name +
                             (near.empty() ? "" : "; '" + near + "' is given instead"));
    }
    values.push_back(QIPU_TRY(FromCell(found->second)));
  }
  return values;
}

Result<QueryResult> Prepared::State::Run(const Parameters& parameters, const RunLimits& limits,
                                         PlanProfile* profile) const {
  Execution run(snapshot, text, limits.bytes_held_max, profile);
  run.set_parameters(QIPU_TRY(ParameterValues(parameters)));
  QueryResult result;
  result.notices = query.notices;
  for (const auto& entry : parameters) {
    const auto& used = query.parameters;
    if (std::find(used.begin(), used.end(), entry.first) != used.end()) continue;
    result.notices.push_back("the query does not use $" + entry.first);
  }
  for (const Column& column : query.columns) result.table.columns.push_back(column.name);

  Row row(query.slot_names.size());
  const SourcePtr source = MakeSource(*plan, run);
  QIPU_TRY(source->Start(row));
  while (QIPU_TRY(source->Next(row))) {
    std::vector<Cell> cells;
    cells.reserve(query.columns.size());
    uint64_t bytes = sizeof cells;
    for (const Column& column : query.columns) {
      cells.push_back(QIPU_TRY(MakeCell(row[column.slot], run)));
      bytes += CellBytes(cells.back());
    }
    QIPU_TRY(run.Hold(bytes));
    result.table.rows.push_back(std::move(cells));
  }
  return result;
}

Prepared::Prepared(std::unique_ptr<const State> state) : state_(std::move(state)) {}
Prepared::Prepared(Prepared&&) noexcept = default;
Prepared& Prepared::operator=(Prepared&&) noexcept = default;
Prepared::~Prepared() = default;

Result<QueryResult> Prepared::Run(const Parameters& parameters, const RunLimits& limits) const {
  return state_->Run(parameters, limits, nullptr);
}

std::string Prepared::Explain() const {
  return PlanText(*state_->plan, state_->query, state_->text, state_->snapshot.catalog(), nullptr);
}

Result<std::string> Prepared::Profile(const Parameters& parameters) const {
  PlanProfile profile;
  QIPU_TRY(state_->Run(parameters, RunLimits(), &profile));
  return PlanText(*state_->plan, state_->query, state_->text, state_->snapshot.catalog(), &profile);
}

Result<Prepared> Prepare(const graph::Snapshot& snapshot, std::string_view text) {
  const QueryAst ast = QIPU_TRY(Parse(text));
  BoundQuery query = QIPU_TRY(Bind(ast, text, snapshot));
  PlanPtr plan = QIPU_TRY(MakePlan(query, snapshot));
  return Prepared(std::make_unique<const Prepared::State>(
      Prepared::State{snapshot, std::string(text), std::move(query), std::move(plan)}));
}

Result<QueryResult> Run(const graph::Snapshot& snapshot, std::string_view text,
                        const Parameters& parameters) {
  return QIPU_TRY(Prepare(snapshot, text)).Run(parameters, RunLimits());
}

Result<std::string> Explain(const graph::Snapshot& snapshot, std::string_view text) {
  return QIPU_TRY(Prepare(snapshot, text)).Explain();
}

Table FunctionTable() {
  Table table;
  table.columns = {"name", "signature", "kind"};
  const auto add = [&](std::string_view name, std::string_view signature, const char* kind) {
    table.rows.push_back(
        {Cell{graph::Value(name)}, Cell{graph::Value(signature)}, Cell{graph::Value(kind)}});
  };
  for (const ScalarFunction& function : ScalarFunctions()) {
    add(function.name, function.signature, "scalar");
  }
  for (const AggregateFunction& function : AggregateFunctions()) {
    add(function.name, function.signature, "aggregate");
  }
  return table;
}

}  // namespace qipu::query
