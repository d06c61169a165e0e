#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

Cell Text(const std::string& text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

template <class Steps>
Cell CountOf(const Steps& steps, graph::Step wanted) {
  uint64_t count = 0;
  for (const auto& step : steps) count += step.step == wanted ? 1 : 0;
  return Count(count);
}

std::vector<Cell> RowOf(const graph::Change& change) {
  using graph::Step;
  const uint64_t loaded = change.loaded_bound.value - change.first_loaded.value;
  if (loaded + change.loaded_edges > 0) {
    return {Count(change.epoch),        Text("load"), Count(loaded), Count(0), Count(0),
            Count(change.loaded_edges), Count(0),     Count(0),      Count(0)};
  }
  return {Count(change.epoch),
          Text("commit"),
          CountOf(change.vertices, Step::kCreated),
          CountOf(change.vertices, Step::kChanged),
          CountOf(change.vertices, Step::kDeleted),
          CountOf(change.edges, Step::kCreated),
          CountOf(change.edges, Step::kChanged),
          CountOf(change.edges, Step::kDeleted),
          Count(change.ledger_entries)};
}

Result<uint64_t> ReadEpoch(const std::string& text) {
  uint64_t epoch = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, epoch);
  if (read.ec == std::errc() && read.ptr == end) return epoch;
  return InvalidArgument("--since: '" + text + "' is no epoch: a whole number from 0 on");
}

Status RunChanges(const Context& context, const std::string& since) {
  const uint64_t epoch = QIPU_TRY(ReadEpoch(since));
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  query::Table table{{"epoch", "kind", "vertices_created", "vertices_changed", "vertices_deleted",
                      "edges_created", "edges_changed", "edges_deleted", "ledger_entries"},
                     {}};
  auto cursor = snapshot.ScanChanges(epoch);
  while (cursor.Next()) table.rows.push_back(RowOf(cursor.change()));
  if (!cursor.status().ok()) return cursor.status().error();
  context.Print(table);
  return Ok{};
}

}  // namespace

Command AddChanges(CLI::App& root) {
  auto* app = root.add_subcommand("changes", "The change log: what each commit and load did");
  const auto since = std::make_shared<std::string>("0");  // shared with the command's run
  app->add_option("--since", *since, "Only what came after this epoch")
      ->type_name("EPOCH")
      ->capture_default_str();
  app->footer(
      "An epoch is a stable cursor: who has seen the graph up to it goes on after it.\n"
      "Examples:\n"
      "  qipu changes --db demo.db\n"
      "  qipu changes --since 12 --format ndjson");
  return {app, [since](const Context& context) { return RunChanges(context, *since); }};
}

}  // namespace qipu::tools
