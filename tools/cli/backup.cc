#include "graph/backup.h"

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

struct BackupChoice {
  std::string folder;
  bool list = false;
};

struct RestoreChoice {
  std::string folder;
  uint32_t id = 0;  // 0: the newest
};

Cell Text(const std::string& text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

/// In universal time: YYYY-MM-DDThh:mm:ssZ.
std::string TimeText(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts = {};
  gmtime_r(&time, &parts);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, size};
}

query::Table TableOf(const std::vector<graph::Backup>& backups) {
  query::Table table{{"id", "made", "epoch", "vertices", "edges", "files", "bytes", "state"}, {}};
  for (const graph::Backup& backup : backups) {
    if (backup.damaged) {
      table.rows.push_back({Count(backup.id), {}, {}, {}, {}, {}, {}, Text("damaged")});
      continue;
    }
    table.rows.push_back({Count(backup.id), Text(TimeText(backup.made_s)), Count(backup.epoch),
                          Count(backup.vertices), Count(backup.edges), Count(backup.files),
                          Count(backup.bytes), Text("complete")});
  }
  return table;
}

Status RunBackup(const Context& context, const BackupChoice& choice) {
  if (choice.list) {
    context.Print(TableOf(
        QIPU_TRY(graph::ListBackups(choice.folder, {.memory_bytes = context.memory_bytes}))));
    return Ok{};
  }
  const auto backup = QIPU_TRY(
      graph::MakeBackup(context.db, choice.folder, {.memory_bytes = context.memory_bytes}));
  context.Say("backup " + std::to_string(backup.id) + " in " + choice.folder + " is verified");
  context.Print(TableOf({backup}));
  return Ok{};
}

Status RunRestore(const Context& context, const RestoreChoice& choice) {
  const auto id = choice.id == 0 ? std::nullopt : std::optional(choice.id);
  const auto backup = QIPU_TRY(
      graph::RestoreBackup(choice.folder, id, context.db, {.memory_bytes = context.memory_bytes}));
  context.Say("restored backup " + std::to_string(backup.id) + " to " + context.db + ": " +
              std::to_string(backup.vertices) + " vertices, " + std::to_string(backup.edges) +
              " edges, verified");
  return Ok{};
}

}  // namespace

Command AddBackup(CLI::App& root) {
  auto* app = root.add_subcommand("backup", "Adds a verified backup to a folder of backups");
  const auto choice = std::make_shared<BackupChoice>();  // shared with the command's run
  app->add_option("FOLDER", choice->folder, "Folder of backups; made if absent")->required();
  app->add_flag("--list", choice->list, "Show the backups in the folder; make none");
  app->footer(
      "Only tables that no earlier backup has are copied. Readers need not stop; a writer must be\n"
      "done. `bytes` counts shared tables in each backup.\n"
      "Examples:\n"
      "  qipu backup backups --db demo.db\n"
      "  qipu backup --list backups");
  return {app, [choice](const Context& context) { return RunBackup(context, *choice); }};
}

Command AddRestore(CLI::App& root) {
  auto* app = root.add_subcommand("restore", "Makes a database from a backup, and verifies it");
  const auto choice = std::make_shared<RestoreChoice>();  // shared with the command's run
  app->add_option("FOLDER", choice->folder, "Folder of backups")->required();
  app->add_option("--id", choice->id, "Number of the backup (default: the newest)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000'000));
  app->footer(
      "--db must be absent or empty: nothing is ever restored over a database.\n"
      "Examples:\n"
      "  qipu restore backups --db restored.db\n"
      "  qipu restore backups --id 3 --db restored.db");
  return {app, [choice](const Context& context) { return RunRestore(context, *choice); }};
}

}  // namespace qipu::tools
