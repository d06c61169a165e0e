#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "ingest/ledger.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

Cell Text(std::string_view text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

/// A line per run: what it read and what it refused.
Status ListRuns(const Context& context) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  query::Table table{{"run", "source", "state", "files", "read", "loaded", "rejected", "ignored"},
                     {}};
  for (const auto& run : QIPU_TRY(ingest::ReadRuns(snapshot))) {
    const auto mapping = QIPU_TRY(ingest::ReadMapping(snapshot, run.mapping));
    ingest::Counts counts;
    uint64_t files = 0;
    bool done = true;
    for (const auto number : run.files) {
      const auto file = QIPU_TRY(ingest::ReadFile(snapshot, number));
      if (!file || file->run != run.number) continue;  // read again by a later run
      ++files;
      counts += file->counts;
      done = done && file->state == ingest::FileState::kDone;
    }
    table.rows.push_back({Count(run.number), Text(mapping ? mapping->source : ""),
                          Text(done ? "done" : "cut off"), Count(files), Count(counts.read),
                          Count(counts.loaded), Count(counts.rejected), Count(counts.ignored)});
  }
  context.Print(table);
  return Ok{};
}

/// A line per refused record: of one run, or of all.
Status ShowRejects(const Context& context, std::optional<uint32_t> only) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  if (only && !QIPU_TRY(ingest::ReadRun(snapshot, *only))) {
    return NotFound("there is no run " + std::to_string(*only) +
                    "; `qipu rejects runs` shows the runs");
  }
  query::Table table{{"run", "file", "member", "record", "line", "byte_offset", "byte_length",
                      "code", "reason", "raw"},
                     {}};
  for (const auto& run : QIPU_TRY(ingest::ReadRuns(snapshot))) {
    if (only && run.number != *only) continue;
    for (const auto number : run.files) {
      const auto file = QIPU_TRY(ingest::ReadFile(snapshot, number));
      if (!file || file->run != run.number) continue;  // read again by a later run
      const auto add = [&](const ingest::RejectEntry& reject) -> Status {
        table.rows.push_back({Count(run.number), Text(file->name), Text(""), Count(reject.record),
                              Count(reject.span.line), Count(reject.span.byte_offset),
                              Count(reject.span.byte_length), Text(reject.code),
                              Text(reject.reason), Text(reject.raw)});
        return Ok{};
      };
      QIPU_TRY(ingest::VisitRejects(snapshot, number, add));
    }
  }
  context.Print(table);
  return Ok{};
}

}  // namespace

Command AddRejects(CLI::App& root) {
  auto* app = root.add_subcommand("rejects", "The records that imports refused, and why");
  app->require_subcommand(1);
  auto* runs = app->add_subcommand("runs", "The runs, with how many records each refused");
  auto* list = app->add_subcommand("list", "All refused records, with their bytes and places");
  auto* show = app->add_subcommand("show", "The refused records of one run");
  auto run = std::make_shared<uint32_t>(0);  // shared with the command's run
  show->add_option("RUN", *run, "Number of the run")->required();
  list->footer("Example:\n  qipu rejects list --format csv >rejects.csv");
  runs->footer("Example:\n  qipu rejects runs");
  show->footer("Example:\n  qipu rejects show 6");
  app->footer(
      "Examples:\n"
      "  qipu rejects list --format csv\n"
      "  qipu rejects runs\n"
      "  qipu rejects show 6");
  return {app, [runs, list, run](const Context& context) {
            if (runs->parsed()) return ListRuns(context);
            return ShowRejects(context, list->parsed() ? std::nullopt : std::optional(*run));
          }};
}

}  // namespace qipu::tools
