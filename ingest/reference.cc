#include "ingest/reference.h"

#include <filesystem>

#include "graph/json.h"

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

Status LoadReference(graph::Store& store, const Reference& reference, const std::string& schemas,
                     const std::function<void(const ImportReport&)>& done) {
  for (const auto& table : reference.tables) {
    const auto source = QIPU_TRY(Source::Named(table.source, schemas));
    done(QIPU_TRY(Import(store, source, {{table.file, table.name}}, {})));
  }
  for (const auto& chain : reference.chains) QIPU_TRY(LoadChain(store, chain));
  return Ok{};
}

}  // namespace qipu::ingest
