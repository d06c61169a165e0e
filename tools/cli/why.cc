#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "ingest/ledger.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using graph::Direction;
using graph::Snapshot;
using graph::Value;
using graph::VertexId;
using query::Cell;

Cell Text(std::string_view text) { return {Value(text)}; }
Cell Count(uint64_t n) { return {Value(static_cast<int64_t>(n))}; }

/// A source record of the vertex, with the file and mapping it came by.
struct SourceRecord {
  ingest::ProvenanceEntry entry;
  ingest::FileEntry file;
  ingest::MappingEntry mapping;

  const std::vector<std::string>& outputs() const { return mapping.vertices[entry.rule].outputs; }
  bool Gave(size_t output) const { return (entry.outputs >> output & 1) != 0; }
  bool Gave(std::string_view name) const {
    for (size_t i = 0; i < outputs().size(); ++i) {
      if (outputs()[i] == name && Gave(i)) return true;
    }
    return false;
  }
};

/// In the order in which they were applied: what a later one gave, stands.
Result<std::vector<SourceRecord>> ReadRecords(const Snapshot& snapshot, VertexId vertex) {
  std::vector<SourceRecord> records;
  std::map<uint32_t, ingest::FileEntry> files;
  std::map<uint32_t, ingest::MappingEntry> mappings;
  for (const auto& entry : QIPU_TRY(ingest::ReadProvenance(snapshot, vertex))) {
    if (!files.contains(entry.file)) {
      const auto file = QIPU_TRY(ingest::ReadFile(snapshot, entry.file));
      const auto mapping =
          file ? QIPU_TRY(ingest::ReadMapping(snapshot, file->mapping)) : std::nullopt;
      if (!mapping || entry.rule >= mapping->vertices.size()) {
        return Corruption("the ledger has no file or mapping of record " +
                          std::to_string(entry.record));
      }
      files.emplace(entry.file, *file);
      mappings.emplace(entry.file, *mapping);
    }
    records.push_back({entry, files.at(entry.file), mappings.at(entry.file)});
  }
  std::ranges::stable_sort(records, {}, [](const SourceRecord& record) {
    return std::tuple(record.file.run, record.entry.file, record.entry.record);
  });
  return records;
}

const std::vector<std::string> kPlaceColumns = {"source", "run",         "file",        "record",
                                                "line",   "byte_offset", "byte_length", "mapping"};

void AppendPlace(std::vector<Cell>& row, const SourceRecord* record) {
  if (record == nullptr) {
    row.resize(row.size() + kPlaceColumns.size());
    return;
  }
  const auto& entry = record->entry;
  constexpr size_t kShownDigits = 12;
  for (auto& cell : {Text(record->mapping.source), Count(record->file.run), Text(record->file.name),
                     Count(entry.record), Count(entry.span.line), Count(entry.span.byte_offset),
                     Count(entry.span.byte_length),
                     Text("version " + std::to_string(record->mapping.version) + " " +
                          record->mapping.fingerprint.substr(0, kShownDigits))}) {
    row.push_back(cell);
  }
}

/// One row: what it is, its value and evidence, and the last record that said so.
void AddRow(query::Table& table, std::vector<Cell> row, std::string_view output,
            const std::vector<SourceRecord>& records) {
  const SourceRecord* last = nullptr;
  uint64_t said_by = 0;
  for (const auto& record : records) {
    if (!record.Gave(output)) continue;
    last = &record;
    ++said_by;
  }
  row.push_back(Count(said_by));
  AppendPlace(row, last);
  table.rows.push_back(std::move(row));
}

/// The key of a vertex, by the first of its labels that has one; else its number.
std::string KeyOf(const Snapshot& snapshot, const graph::Vertex& vertex) {
  for (const auto label : vertex.labels) {
    const auto key = snapshot.schema().KeyOf(snapshot.catalog().NameOf(label));
    const auto property = snapshot.catalog().FindProperty(key);
    const auto* value = property ? vertex.Find(*property) : nullptr;
    if (value != nullptr) return value->ToString();
  }
  return std::to_string(vertex.id.value);
}

std::string DescribeEnd(const Snapshot& snapshot, const graph::Vertex& vertex) {
  const auto name = snapshot.catalog().FindProperty("name");
  const auto* value = name ? vertex.Find(*name) : nullptr;
  return KeyOf(snapshot, vertex) + (value ? " " + value->ToString() : "");
}

std::string DescribeProperties(const Snapshot& snapshot, const graph::Properties& properties) {
  std::string text;
  for (const auto& [id, value] : properties) {
    text += (text.empty() ? "" : "; ") + snapshot.catalog().NameOf(id) + ": " + value.ToString();
  }
  return text;
}

Result<query::Table> Explain(const Snapshot& snapshot, const graph::Vertex& vertex) {
  const auto records = QIPU_TRY(ReadRecords(snapshot, vertex.id));
  query::Table table{{"kind", "name", "value", "evidence", "said_by"}, {}};
  table.columns.insert(table.columns.end(), kPlaceColumns.begin(), kPlaceColumns.end());
  const auto& catalog = snapshot.catalog();
  for (const auto& [id, value] : vertex.properties) {
    AddRow(table, {Text("property"), Text(catalog.NameOf(id)), {value}, Text("")},
           catalog.NameOf(id), records);
  }
  for (const auto type : QIPU_TRY(snapshot.EdgeTypesAt(vertex.id, Direction::kOut))) {
    for (const auto& end : QIPU_TRY(snapshot.Neighbours(vertex.id, type, Direction::kOut))) {
      const auto other = QIPU_TRY(snapshot.GetVertex(end.vertex));
      if (!other) continue;
      const auto properties =
          QIPU_TRY(snapshot.EdgeProperties({vertex.id, type, end.vertex, end.rank}));
      AddRow(table,
             {Text("edge"), Text(catalog.NameOf(type)), Text(DescribeEnd(snapshot, *other)),
              Text(DescribeProperties(snapshot, properties))},
             catalog.NameOf(type), records);
    }
  }
  return table;
}

/// One row per source record: where it stands and what it gave.
Result<query::Table> ListRecords(const Snapshot& snapshot, const graph::Vertex& vertex) {
  query::Table table{kPlaceColumns, {}};
  table.columns.push_back("gave");
  for (const auto& record : QIPU_TRY(ReadRecords(snapshot, vertex.id))) {
    std::vector<Cell> row;
    AppendPlace(row, &record);
    std::string gave;
    for (size_t i = 0; i < record.outputs().size(); ++i) {
      if (record.Gave(i)) gave += (gave.empty() ? "" : ", ") + record.outputs()[i];
    }
    row.push_back(Text(gave));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The vertex with that key, of whichever label.
Result<graph::Vertex> FindByKey(const Snapshot& snapshot, const std::string& key) {
  std::string labels;
  for (const auto& [name, schema] : snapshot.schema().labels()) {
    const auto label = snapshot.catalog().FindLabel(name);
    if (schema.key.empty() || !label) continue;
    labels += (labels.empty() ? "" : ", ") + name;
    const auto id = QIPU_TRY(snapshot.FindVertex(*label, key));
    const auto vertex = id ? QIPU_TRY(snapshot.GetVertex(*id)) : std::nullopt;
    if (vertex) return *vertex;
  }
  return NotFound("nothing has the key '" + key + "' (looked for " + labels +
                  "); a company's key is scheme:value, e.g. cn-uscc:91310000631137409B");
}

struct WhyCommand {
  std::string key;
  bool records = false;
};

Status RunWhy(const Context& context, const WhyCommand& command) {
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  const auto vertex = QIPU_TRY(FindByKey(snapshot, command.key));
  context.Print(
      QIPU_TRY(command.records ? ListRecords(snapshot, vertex) : Explain(snapshot, vertex)));
  return Ok{};
}

}  // namespace

Command AddWhy(CLI::App& root) {
  auto* app = root.add_subcommand(
      "why", "Where each value and edge of a company or region comes from, to the byte");
  auto command = std::make_shared<WhyCommand>();  // shared with the command's run
  app->add_option("KEY", command->key, "Key of a vertex, e.g. cn-uscc:... or a region code")
      ->required();
  app->add_flag("--records", command->records, "List the source records instead");
  app->footer(
      "Examples:\n"
      "  qipu why cn-uscc:91310000631137409B\n"
      "  qipu why 440306 --records --format json");
  return {app, [command](const Context& context) { return RunWhy(context, *command); }};
}

}  // namespace qipu::tools
