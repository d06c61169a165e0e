#include <CLI/CLI.hpp>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

Cell Text(const std::string& text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

Result<query::Table> CountElements(const graph::Snapshot& snapshot) {
  query::Table table{{"kind", "name", "count"}, {}};
  const auto& catalog = snapshot.catalog();
  table.rows.push_back({Text("vertex"), Text(""), Count(QIPU_TRY(snapshot.CountVertices()))});
  for (uint32_t i = 0; i < catalog.labels.size(); ++i) {
    const graph::LabelId label{i};
    table.rows.push_back({Text("label"), Text(catalog.NameOf(label)),
                          Count(QIPU_TRY(snapshot.CountVertices(label)))});
  }
  table.rows.push_back({Text("edge"), Text(""), Count(QIPU_TRY(snapshot.CountEdges()))});
  for (uint32_t i = 0; i < catalog.edge_types.size(); ++i) {
    const graph::EdgeTypeId type{i};
    table.rows.push_back({Text("edge type"), Text(catalog.NameOf(type)),
                          Count(QIPU_TRY(snapshot.CountEdges(type)))});
  }
  return table;
}

Status RunStats(const Context& context) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  context.Print(QIPU_TRY(CountElements(snapshot)));
  return Ok{};
}

}  // namespace

Command AddStats(CLI::App& root) {
  auto* app =
      root.add_subcommand("stats", "Counts what is in the database, by label and edge type");
  app->footer("Example:\n  qipu stats --db demo.db --format json");
  return {app, RunStats};
}

}  // namespace qipu::tools
