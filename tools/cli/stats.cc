#include "graph/statistics.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

Cell Text(const std::string& text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

Result<query::Table> CountElements(const graph::Snapshot& snapshot) {
  query::Table table{{"kind", "name", "count"}, {}};
  const auto& catalog = snapshot.catalog();
  const auto add = [&table](const char* kind, const std::string& name, uint64_t count) {
    table.rows.push_back({Text(kind), Text(name), Count(count)});
  };
  add("vertex", "", QIPU_TRY(snapshot.CountVertices()));
  for (uint32_t i = 0; i < catalog.labels.size(); ++i) {
    const graph::LabelId label{i};
    add("label", catalog.NameOf(label), QIPU_TRY(snapshot.CountVertices(label)));
  }
  add("edge", "", QIPU_TRY(snapshot.CountEdges()));
  for (uint32_t i = 0; i < catalog.edge_types.size(); ++i) {
    const graph::EdgeTypeId type{i};
    add("edge type", catalog.NameOf(type), QIPU_TRY(snapshot.CountEdges(type)));
  }
  return table;
}

/// Zero for a name that came after the bytes were measured.
uint64_t At(const std::vector<uint64_t>& bytes, size_t number) {
  return number < bytes.size() ? bytes[number] : 0;
}

/// Adds the column of bytes, and a row for each column family.
void AddSizes(const graph::Sizes& sizes, query::Table& table) {
  table.columns.push_back("bytes");
  size_t label = 0, type = 0;
  for (auto& row : table.rows) {
    const std::string kind = *std::get<graph::Value>(row[0].value).AsString();
    if (kind == "vertex") row.push_back(Count(sizes.vertex_bytes));
    if (kind == "label") row.push_back(Count(At(sizes.label_bytes, label++)));
    if (kind == "edge") row.push_back(Count(sizes.edge_bytes));
    if (kind == "edge type") row.push_back(Count(At(sizes.type_bytes, type++)));
  }
  for (const auto& family : sizes.families) {
    table.rows.push_back(
        {Text("column family"), Text(family.name), Count(family.rows), Count(family.bytes)});
  }
}

Status RunStats(const Context& context, bool bytes) {
  if (bytes) {
    const auto sizes =
        QIPU_TRY(graph::MeasureSizes(context.db, {.memory_bytes = context.memory_bytes}));
    const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
    query::Table table = QIPU_TRY(CountElements(store->TakeSnapshot()));
    AddSizes(sizes, table);
    context.Print(table);
    return Ok{};
  }
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  context.Print(QIPU_TRY(CountElements(snapshot)));
  return Ok{};
}

}  // namespace

Command AddStats(CLI::App& root) {
  auto* app =
      root.add_subcommand("stats", "Counts what is in the database, by label and edge type");
  const auto bytes = std::make_shared<bool>(false);  // shared with the command's run
  app->add_flag("--bytes", *bytes, "Also bytes, and a row for each column family");
  app->footer(
      "Bytes of labels and edge types are those of their rows before compression, a vertex at "
      "each\n"
      "of its labels; bytes of column families are those of their tables on disk, and their "
      "counts\n"
      "of rows are estimates. Measuring them reads the whole graph once.\n"
      "Examples:\n"
      "  qipu stats --db demo.db --format json\n"
      "  qipu stats --db demo.db --bytes");
  return {app, [bytes](const Context& context) { return RunStats(context, *bytes); }};
}

}  // namespace qipu::tools
