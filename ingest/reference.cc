#include "ingest/reference.h"

#include <filesystem>
#include <map>
#include <utility>

#include "graph/json.h"
#include "ingest/gazetteer_load.h"
#include "ingest/mapper.h"

namespace qipu::ingest {

Result<Reference> Reference::Load(const std::string& file) {
  const auto document = QIPU_TRY(graph::JsonDocument::Load(file));
  const auto& root = document.root();
  QIPU_TRY(root.AllowOnly({"$schema", "title", "tables", "chains", "gazetteer"}));
  const auto folder = std::filesystem::path(file).parent_path();
  const auto beside = [&folder](const std::string& name) { return (folder / name).string(); };
  Reference reference;
  for (const auto& item : *QIPU_TRY(QIPU_TRY(root.Get("tables"))->Array())) {
    QIPU_TRY(item.AllowOnly({"source", "file"}));
    Table table;
    table.source = QIPU_TRY(QIPU_TRY(item.Get("source"))->String());
    table.name = QIPU_TRY(QIPU_TRY(item.Get("file"))->String());
    table.file = beside(table.name);
    reference.tables.push_back(std::move(table));
  }
  for (const auto& chain : QIPU_TRY(QIPU_TRY(root.Get("chains"))->Strings())) {
    reference.chains.push_back(beside(chain));
  }
  const auto* gazetteer = QIPU_TRY(root.Get("gazetteer"));
  QIPU_TRY(gazetteer->AllowOnly({"regions", "aliases", "rules"}));
  reference.regions = beside(QIPU_TRY(QIPU_TRY(gazetteer->Get("regions"))->String()));
  reference.aliases = beside(QIPU_TRY(QIPU_TRY(gazetteer->Get("aliases"))->String()));
  reference.place_rules = beside(QIPU_TRY(QIPU_TRY(gazetteer->Get("rules"))->String()));
  return reference;
}

namespace {

std::string Explained(const Note& note) {
  if (note.code == "HDR_REPEAT") return "the header once more; remove this line";
  if (note.code == "REF_DANGLING") {
    return "names a vertex that no table has made (" + note.column + ")";
  }
  return "the value of '" + note.column + "' can't be read";
}

/// Errors: kInvalidArgument for anything that a table says and the graph has not.
Status DemandWhole(const std::string& file, const ImportReport& report) {
  if (report.notes.empty()) return Ok{};
  const Note& note = report.notes.front();
  const uint64_t others = note.count - 1;
  return InvalidArgument(
      file + ":" + std::to_string(note.first_line) + ": " + note.code + ": " + Explained(note) +
      (others == 0 ? "" : "; and " + std::to_string(others) + " more of the kind"));
}

/// A vertex is told of once: of two rows one would be lost, and which is an accident.
///
/// Errors: kInvalidArgument, naming both lines. REQUIRES: the table was loaded whole.
Status DemandDistinct(const Source& source, const std::string& file) {
  const auto reader = QIPU_TRY(CsvReader::Open(file, source.mapping().dialect));
  Mapper mapper(source, QIPU_TRY(source.mapping().MatchHeader(file, reader->header())));
  std::map<std::pair<std::string, std::string>, uint64_t> lines;  // by label and key
  RawRecord record;
  while (QIPU_TRY(reader->Next(record))) {
    const auto mapped = mapper.Map(record, Depth::kCheck);
    for (const auto& vertex : mapped.vertices) {
      const std::string& label = source.mapping().vertices[vertex.rule].label;
      const auto [first, fresh] = lines.try_emplace({label, vertex.key}, record.span.line);
      if (fresh) continue;
      return InvalidArgument(file + ":" + std::to_string(record.span.line) + ": " + label + " '" +
                             vertex.key + "' stands in line " + std::to_string(first->second) +
                             " already; remove one");
    }
  }
  return Ok{};
}

}  // namespace

Status LoadReference(graph::Store& store, const Reference& reference, const std::string& schemas,
                     const std::function<void(const ImportReport&)>& done) {
  for (const auto& table : reference.tables) {
    const auto source = QIPU_TRY(Source::Named(table.source, schemas));
    ImportOptions options;
    options.on_reject = OnReject::kFail;
    const auto report = Import(store, source, {{table.file, table.name}}, options);
    if (!report.ok()) {
      const Error& error = report.error();
      // Here no limit was passed that somebody had set: the table is wrong.
      return error.code == ErrorCode::kRefused ? InvalidArgument(error.message) : error;
    }
    for (const auto& read : report->files) {
      if (read.counts.read == 0) return InvalidArgument(table.file + ": holds no records");
    }
    QIPU_TRY(DemandWhole(table.file, *report));
    QIPU_TRY(DemandDistinct(source, table.file));
    done(*report);
  }
  // Nothing of it is kept: but an import that places must not be the first to find it spoilt. After
  // the tables, for those say more of a fault in the regions.
  QIPU_TRY(LoadGazetteer(reference));
  for (const auto& chain : reference.chains) QIPU_TRY(LoadChain(store, chain));
  return Ok{};
}

}  // namespace qipu::ingest
