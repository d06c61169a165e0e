#include "tools/export/export.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

Cell Text(const std::string& text) { return {graph::Value(text)}; }

struct ExportChoice {
  std::string folder;
  std::string as = "csv";
};

Status RunExport(const Context& context, const ExportChoice& choice) {
  if (choice.as != "csv" && choice.as != "ndjson") {
    return InvalidArgument("--as: '" + choice.as + "' is neither csv nor ndjson");
  }
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  const auto report = QIPU_TRY(choice.as == "csv" ? ExportCsv(snapshot, choice.folder)
                                                  : ExportNdjson(snapshot, choice.folder));
  query::Table table{{"file", "mapping", "rows"}, {}};
  for (const ExportedFile& file : report.files) {
    table.rows.push_back(
        {Text(file.data), Text(file.mapping), {graph::Value(static_cast<int64_t>(file.rows))}});
  }
  context.Print(table);
  if (report.left_out == 0) return Ok{};
  return Error{ErrorCode::kRefused,
               choice.folder + ": " + std::to_string(report.left_out) +
                   " vertices, edges or values can't be written so that an import gives them back; "
                   "the first: " +
                   report.first_left_out + ". All else is written; --as ndjson leaves nothing out"};
}

}  // namespace

Command AddExport(CLI::App& root) {
  auto* app = root.add_subcommand("export", "Writes the graph as files that import takes back");
  const auto choice = std::make_shared<ExportChoice>();  // shared with the command's run
  app->add_option("FOLDER", choice->folder, "Absent or empty; made if absent")->required();
  app->add_option("--as", choice->as, "csv or ndjson")->type_name("FORM")->capture_default_str();
  app->footer(
      "csv: a file and its mapping for each label with keys, and for each edge type between two\n"
      "labels, and the schema. The files are listed in the order in which to import them into a\n"
      "database made with `qipu init --schema FOLDER/schema.json --reference none`, each with\n"
      "--mapping. What CSV can't carry is counted and named, exit code 1: booleans, empty texts "
      "or\n"
      "ones with blanks around, a property's values of a second type, parallel edges, vertices\n"
      "without a key.\n"
      "ndjson: vertices.ndjson and edges.ndjson with every vertex, edge and value, and the "
      "schema;\n"
      "`qipu import --dump FOLDER` takes it back into a database made with that schema, as above.\n"
      "Indexes, provenance and refused records stay behind: `qipu backup` has them.\n"
      "Examples:\n"
      "  qipu export out/export --db demo.db\n"
      "  qipu export out/export --as ndjson");
  return {app, [choice](const Context& context) { return RunExport(context, *choice); }};
}

}  // namespace qipu::tools
