
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "ingest/dump.h"
#include "ingest/import.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

struct ImportCommand {
  std::string source, mapping, dump;
  std::vector<std::string> files;
  bool dry_run = false;
  bool again = false;
  std::string on_error = "quarantine";
  std::string max_rejects;
  int threads = 0;
};

Cell Text(std::string_view text) { return {graph::Value(text)}; }
Cell Count(uint64_t n) { return {graph::Value(static_cast<int64_t>(n))}; }

Result<ingest::Source> FindSource(const ImportCommand& command) {
  if (command.source.empty() == command.mapping.empty()) {
    return InvalidArgument(command.source.empty()
                               ? "name the source: --source NAME, or --mapping FILE"
                               : "--source and --mapping are both given; keep one of them");
  }
  if (command.source.empty()) return ingest::Source::Load(command.mapping, SchemasFolder());
  return ingest::Source::Named(command.source, SchemasFolder());
}

Result<ingest::ImportOptions> ReadOptions(const Context& context, const ImportCommand& command) {
  ingest::ImportOptions options;
  if (command.on_error == "fail") {
    options.on_reject = ingest::OnReject::kFail;
  } else if (command.on_error != "quarantine") {
    return InvalidArgument("--on-error: '" + command.on_error + "' is neither fail nor quarantine");
  }
  if (!command.max_rejects.empty()) {
    auto limit = ingest::RejectLimit::Parse(command.max_rejects);
    if (!limit.ok()) return InvalidArgument("--max-rejects: " + limit.error().message);
    options.reject_limit = *limit;
  }
  if (command.again) options.known_file = ingest::KnownFile::kReadAgain;
  options.threads = command.threads;
  options.progress = [&context](const ingest::ImportProgress& progress) {
    context.Progress("file " + std::to_string(progress.file + 1) + " of " +
                     std::to_string(progress.files) + ", " + std::to_string(progress.records) +
                     " records");
  };
  return options;
}

void PrintReport(const Context& context, const ImportCommand& command,
                 const ingest::ImportReport& report) {
  query::Table table{{"file", "outcome", "read", "loaded", "rejected", "ignored", "merged"}, {}};
  size_t known = 0;
  for (const auto& file : report.files) {
    const auto& counts = file.counts;
    table.rows.push_back({Text(file.name), Text(FileOutcomeName(file.outcome)), Count(counts.read),
                          Count(counts.loaded), Count(counts.rejected), Count(counts.ignored),
                          Count(counts.merged)});
    if (file.outcome == ingest::FileOutcome::kKnown) ++known;
  }
  context.Progress("");
  context.Print(table);
  for (const auto& note : report.notes) {
    context.Say("note " + note.code + (note.column.empty() ? "" : " " + note.column) + ": " +
                std::to_string(note.count) + " records, the first in " + note.first_file + ":" +
                std::to_string(note.first_line));
  }
  if (known > 0) {
    context.Say("files loaded before with this mapping, and skipped: " + std::to_string(known) +
                "; --again reads them");
  }
  context.Say(report.totals.Balance() + "; merged " + std::to_string(report.totals.merged));
  if (command.dry_run) return;
  const auto& changes = report.changes;
  context.Say("vertices: " + std::to_string(changes.vertices_created) + " new, " +
              std::to_string(changes.vertices_changed) +
              " changed; edges: " + std::to_string(changes.edges_created) + " new, " +
              std::to_string(changes.edges_changed) + " changed, " +
              std::to_string(changes.edges_deleted) + " replaced");
  if (report.run && report.totals.rejected > 0) {
    context.Say("see `qipu rejects show " + std::to_string(*report.run) + "`");
  }
}

/// What can be done about a limit that was passed.
Error WithRemedy(Error error) {
  if (error.code == ErrorCode::kRefused) {
    error.message +=
        ". Correct the files, or import with --on-error quarantine and a higher --max-rejects to "
        "load the others";
  }
  return error;
}

/// The mapping is held against the schema of the database, where there is one.
Status RunDry(const Context& context, const ImportCommand& command, const ingest::Source& source,
              const std::vector<ingest::ImportFile>& files, const ingest::ImportOptions& options) {
  const auto store = context.OpenStore(graph::Access::kReadOnly);
  if (!store.ok() && store.error().code != ErrorCode::kNotFound) return store.error();
  std::optional<graph::Snapshot> snapshot;
  if (store.ok()) snapshot.emplace((*store)->TakeSnapshot());
  const auto report =
      ingest::CheckFiles(source, snapshot ? &snapshot->schema() : nullptr, files, options);
  if (!report.ok()) return WithRemedy(report.error());
  PrintReport(context, command, *report);
  if (!snapshot) {
    context.Say("there is no database " + context.db +
                ": the mapping was not held against its schema");
  }
  return Ok{};
}

Status RunDump(const Context& context, const ImportCommand& command) {
  if (!command.source.empty() || !command.mapping.empty() || !command.files.empty() ||
      command.dry_run) {
    return InvalidArgument("--dump FOLDER stands alone: no source, mapping, files or --dry-run");
  }
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadWrite));
  const auto loaded =
      ingest::LoadDump(*store, command.dump, [&context](const graph::BulkProgress& progress) {
        context.Progress(std::to_string(progress.vertices) + " vertices, " +
                         std::to_string(progress.edges) + " edges");
      });
  context.Progress("");
  if (!loaded.ok()) return loaded.error();
  context.Say("vertices: " + std::to_string(loaded->vertices_created) +
              " new; edges: " + std::to_string(loaded->edges_created) + " new");
  return Ok{};
}

Status RunImport(const Context& context, const ImportCommand& command) {
  if (!command.dump.empty()) return RunDump(context, command);
  if (command.files.empty()) return InvalidArgument("name the files to import");
  const auto options = QIPU_TRY(ReadOptions(context, command));
  const auto source = QIPU_TRY(FindSource(command));
  std::vector<ingest::ImportFile> files;
  for (const auto& file : command.files) files.push_back({file, file});
  if (command.dry_run) return RunDry(context, command, source, files, options);
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadWrite));
  const auto report = ingest::Import(*store, source, files, options);
  if (!report.ok()) return WithRemedy(report.error());
  PrintReport(context, command, *report);
  return Ok{};
}

}  // namespace

Command AddImport(CLI::App& root) {
  auto* app = root.add_subcommand("import", "Loads registry files");
  auto command = std::make_shared<ImportCommand>();  // shared with the command's run
  app->add_option("--source", command->source, "Name of a mapping in schemas/sources/")
      ->type_name("NAME");
  app->add_option("--mapping", command->mapping, "A mapping file")->type_name("FILE");
  app->add_option("--dump", command->dump, "All of a folder that `export --as ndjson` wrote")
      ->type_name("FOLDER");
  app->add_option("files", command->files, "CSV files")->type_name("FILES");
  app->add_flag("--dry-run", command->dry_run, "Read and check everything, write nothing");
  app->add_option("--on-error", command->on_error,
                  "fail: refuse the import when a record is refused; quarantine: list it (default)")
      ->type_name("fail|quarantine");
  app->add_option("--max-rejects", command->max_rejects,
                  "Refuse the import when more records, or a larger share of them, are refused")
      ->type_name("N|P%");
  app->add_flag("--again", command->again, "Read files that were loaded before, too");
  app->add_option("--threads", command->threads, "Threads that map records (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  app->footer(
      "An import that was cut off is completed by the same command.\n"
      "Examples:\n"
      "  qipu import --source cn-demo-companies schemas/demo/companies.csv\n"
      "  qipu import --source cn-registry --dry-run registry/2019/*.csv\n"
      "  qipu import --mapping my-source.json --max-rejects 0.1% companies.csv\n"
      "  qipu import --dump out/dump --db copy.db");
  return {app, [command](const Context& context) { return RunImport(context, *command); }};
}

}  // namespace qipu::tools
