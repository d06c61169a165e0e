#include "ingest/source.h"

#include <algorithm>
#include <filesystem>

#include "graph/json.h"
#include "ingest/gazetteer_load.h"
#include "ingest/reference.h"

namespace qipu::ingest {
namespace {

std::vector<std::string> NamesIn(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

/// The name most like `name`, or else the first that it begins; empty when there is none.
std::string NearestOf(const std::string& name, const std::vector<std::string>& known) {
  auto nearest = graph::NearestName(name, known);
  if (!nearest.empty() || name.empty()) return nearest;
  const auto begun = std::ranges::find_if(
      known, [&](const std::string& other) { return other.starts_with(name); });
  return begun == known.end() ? "" : *begun;
}

/// The file of that name in a folder of the schemas. `what` is what such a file is, for people.
Result<std::string> NamedFile(const std::string& folder, const std::string& name,
                              const std::string& what) {
  const auto known = NamesIn(folder);
  if (std::ranges::find(known, name) != known.end()) return folder + "/" + name + ".json";
  std::string names;
  for (const auto& other : known) names += (names.empty() ? "" : ", ") + other;
  const auto nearest = NearestOf(name, known);
  return NotFound("no " + what + " '" + name + "' in " + folder + "; there " +
                  (names.empty() ? "is none" : "are: " + names) +
                  (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
}

}  // namespace

Result<Source> Source::Named(const std::string& name, const std::string& schemas) {
  return Load(QIPU_TRY(NamedFile(schemas + "/sources", name, "source")), schemas);
}

Result<Source> Source::Load(const std::string& mapping_file, const std::string& schemas) {
  Source source;
  source.mapping_ = QIPU_TRY(Mapping::Load(mapping_file));
  source.fingerprint_ = source.mapping_.sha256;
  const auto depend_on = [&source](const std::string& file) -> Status {
    source.fingerprint_ += "+" + QIPU_TRY(FileSha256(file));
    return Ok{};
  };
  for (const auto& file : source.mapping_.files) QIPU_TRY(depend_on(file));
  if (source.mapping_.place) {
    const auto reference = QIPU_TRY(Reference::Load(schemas + "/reference/reference.json"));
    source.gazetteer_ = QIPU_TRY(LoadGazetteer(reference));
    for (const auto& file : {reference.regions, reference.aliases, reference.place_rules}) {
      QIPU_TRY(depend_on(file));
    }
  }
  if (source.mapping_.classify) {
    const ClassifyRule& rule = *source.mapping_.classify;
    const auto file = NamedFile(schemas + "/reference/chains", rule.chain, "chain");
    if (!file.ok()) return Error{file.error().code, rule.chain_place + file.error().message};
    const auto chain = QIPU_TRY(graph::JsonDocument::Load(*file));
    source.classifier_ = QIPU_TRY(Classifier::Make(chain.root()));
    QIPU_TRY(depend_on(*file));
  }
  return source;
}

}  // namespace qipu::ingest
