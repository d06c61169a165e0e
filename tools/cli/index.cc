#include <CLI/CLI.hpp>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using graph::IndexKind;
using query::Cell;

Cell Text(std::string_view text) { return {graph::Value(text)}; }

struct Named {
  std::string label, property, kind = "value", text;
  uint64_t limit = 10;
  IndexKind Kind() const { return kind == "text" ? IndexKind::kText : IndexKind::kValue; }
};

Status List(const Context& context) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  query::Table table{{"label", "property", "kind"}, {}};
  for (const graph::Index& index : snapshot.indexes()) {
    table.rows.push_back({Text(snapshot.catalog().NameOf(index.label)),
                          Text(snapshot.catalog().NameOf(index.property)),
                          Text(graph::IndexKindName(index.kind))});
  }
  context.Print(table);
  return Ok{};
}

Status Make(const Context& context, const Named& named) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadWrite));
  QIPU_TRY(store->MakeIndex(named.label, named.property, named.Kind()));
  context.Say("made the " + named.kind + " index on (" + named.label + ", " + named.property + ")");
  return Ok{};
}

Status Drop(const Context& context, const Named& named) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadWrite));
  QIPU_TRY(store->DropIndex(named.label, named.property, named.Kind()));
  context.Say("dropped the " + named.kind + " index on (" + named.label + ", " + named.property +
              ")");
  return Ok{};
}

/// A line per vertex found: its key, where it has one, and the text.
Status Search(const Context& context, const Named& named) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  const auto label = snapshot.catalog().FindLabel(named.label);
  const auto property = snapshot.catalog().FindProperty(named.property);
  const auto index =
      label && property ? snapshot.FindIndex(*label, *property, IndexKind::kText) : std::nullopt;
  if (!index) {
    return NotFound("there is no text index on (" + named.label + ", " + named.property +
                    "); make it with 'qipu index make " + named.label + ' ' + named.property +
                    " --kind text'");
  }
  const auto key = snapshot.catalog().FindProperty(snapshot.schema().KeyOf(named.label));
  query::Table table{{"key", named.property}, {}};
  for (const graph::VertexId id : QIPU_TRY(snapshot.Search(*index, named.text, named.limit))) {
    const auto vertex = QIPU_TRY(snapshot.GetVertex(id));
    if (!vertex) return Corruption("vertex " + std::to_string(id.value) + " has no row");
    const graph::Value* value = key ? vertex->Find(*key) : nullptr;
    const graph::Value* text = vertex->Find(*property);
    table.rows.push_back(
        {{value == nullptr ? graph::Value() : *value}, {text == nullptr ? graph::Value() : *text}});
  }
  context.Print(table);
  return Ok{};
}

}  // namespace

Command AddIndex(CLI::App& root) {
  auto* app = root.add_subcommand("index", "Indexes on properties: what there is, make, drop");
  app->require_subcommand(1);
  auto named = std::make_shared<Named>();  // shared with the command's run
  auto* list = app->add_subcommand("list", "The indexes of the database");
  auto* make = app->add_subcommand("make", "Makes an index; imports and commits keep it");
  auto* drop = app->add_subcommand("drop", "Takes an index away");
  auto* search = app->add_subcommand("search", "Finds names by a text index, as one types");
  for (auto* command : {make, drop, search}) {
    command->add_option("LABEL", named->label, "Label of the vertices")->required();
    command->add_option("PROPERTY", named->property, "The property")->required();
  }
  for (auto* command : {make, drop}) {
    command
        ->add_option("--kind", named->kind,
                     "value: equality and ranges, used by queries; text: words in names")
        ->check(CLI::IsMember({"value", "text"}));
  }
  search->add_option("TEXT", named->text, "What the text must have")->required();
  search->add_option("--limit", named->limit, "At most so many, the shortest texts first");
  list->footer("Example:\n  qipu index list");
  make->footer("Example:\n  qipu index make Company name");
  drop->footer("Example:\n  qipu index drop Company name --kind text");
  search->footer("Example:\n  qipu index search Company name 海尔智");
  app->footer(
      "Examples:\n"
      "  qipu index make Company founded\n"
      "  qipu index make Company name --kind text\n"
      "  qipu index search Company name 海尔智\n"
      "  qipu index list");
  return {app, [make, drop, search, named](const Context& context) {
            if (make->parsed()) return Make(context, *named);
            if (drop->parsed()) return Drop(context, *named);
            return search->parsed() ? Search(context, *named) : List(context);
          }};
}

}  // namespace qipu::tools
