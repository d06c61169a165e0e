#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "graph/schema.h"
#include "graph/text_file.h"
#include "ingest/reference.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

struct InitOptions {
  std::string schema;
  std::string reference;
  bool closed = false;
};

Result<graph::Schema> ReadSchema(const InitOptions& options) {
  const auto file = options.schema.empty() ? SchemasFolder() + "/graph.json" : options.schema;
  const auto text = graph::ReadTextFile(file);
  if (!text.ok()) {
    return Error{text.error().code,
                 text.error().message + "; give --schema FILE or set QIPU_SCHEMAS"};
  }
  auto schema = QIPU_TRY(graph::Schema::Parse(*text, file));
  if (options.closed) schema.set_closed(true);
  return schema;
}

Status Fill(const Context& context, const std::string& directory, const InitOptions& options) {
  if (options.reference == "none") return Ok{};
  const auto file =
      options.reference.empty() ? SchemasFolder() + "/reference/reference.json" : options.reference;
  const auto reference = QIPU_TRY(ingest::Reference::Load(file));
  auto store = QIPU_TRY(graph::Store::Open(directory, {.memory_bytes = context.memory_bytes}));
  return ingest::LoadReference(*store, reference, SchemasFolder(),
                               [&context](const ingest::ImportReport& report) {
                                 for (const auto& table : report.files) {
                                   context.Say(table.name + ": " + table.counts.Balance());
                                 }
                               });
}

/// Makes the database beside its place and moves it there when it is complete, so that one that
/// was cut off is never taken for a whole one.
Status RunInit(const Context& context, const InitOptions& options) {
  namespace fs = std::filesystem;
  std::error_code failed;
  if (fs::exists(context.db, failed) && !fs::is_empty(context.db, failed)) {
    return Error{ErrorCode::kAlreadyExists,
                 context.db + ": is there already; give another --db, or remove it first"};
  }
  const auto schema = QIPU_TRY(ReadSchema(options));
  auto partial = fs::path(context.db).lexically_normal();
  if (!partial.has_filename()) partial = partial.parent_path();
  partial += ".init-partial";
  fs::remove_all(partial, failed);
  QIPU_TRY(graph::Store::Create(partial.string(), schema, {}));
  if (auto filled = Fill(context, partial.string(), options); !filled.ok()) {
    fs::remove_all(partial, failed);
    return filled.error();
  }
  fs::remove(context.db, failed);  // an empty folder
  fs::rename(partial, context.db, failed);
  if (failed) return IoError(context.db + ": " + failed.message());
  context.Say("made " + context.db);
  return Ok{};
}

}  // namespace

Command AddInit(CLI::App& root) {
  auto* app = root.add_subcommand(
      "init", "Makes a database and loads regions, cities, census figures and chains");
  auto options = std::make_shared<InitOptions>();  // shared with the command's run
  app->add_option("--schema", options->schema, "Schema of the graph (default schemas/graph.json)")
      ->type_name("FILE");
  app->add_option("--reference", options->reference,
                  "What to load (default schemas/reference/reference.json), or 'none'")
      ->type_name("FILE|none");
  app->add_flag("--closed", options->closed, "Refuse what the schema does not declare");
  app->footer(
      "Examples:\n"
      "  qipu init --db demo.db\n"
      "  qipu init --db empty.db --reference none --closed");
  return {app, [options](const Context& context) { return RunInit(context, *options); }};
}

}  // namespace qipu::tools
