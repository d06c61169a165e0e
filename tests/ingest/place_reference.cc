#include "tests/ingest/place_reference.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <utility>

#include "graph/json.h"

namespace qipu::ingest {
namespace {

const std::string kReference = QIPU_SOURCE_DIR "/schemas/reference/";

std::vector<std::vector<std::string>> Rows(const std::string& file, const std::string& header) {
  std::ifstream stream(kReference + file);
  std::string line;
  std::getline(stream, line);
  if (line != header) {
    std::cerr << file << ": header is '" << line << "', not '" << header << "'\n";
    std::abort();
  }
  std::vector<std::vector<std::string>> rows;
  while (std::getline(stream, line)) rows.push_back(SplitFields(line, ','));
  return rows;
}

}  // namespace

std::vector<std::string> SplitFields(std::string_view line, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    const size_t at = line.find(separator);
    fields.emplace_back(line.substr(0, at));
    if (at == std::string_view::npos) return fields;
    line.remove_prefix(at + 1);
  }
}

std::vector<Region> ReferenceRegions() {
  std::vector<Region> regions;
  for (const auto& row :
       Rows("regions.csv",
            "id,code,name,level,kind,parent_code,first_year,last_year,successor_codes,lon,lat")) {
    Region region{
        row[1], row[2], row[3], row[5], std::atoi(row[6].c_str()), std::atoi(row[7].c_str()), {}};
    if (!row[8].empty()) region.successors = SplitFields(row[8], ';');
    regions.push_back(std::move(region));
  }
  return regions;
}

std::vector<PlaceAlias> ReferenceAliases() {
  std::vector<PlaceAlias> aliases;
  for (const auto& row : Rows("place-aliases.csv", "name,code,within,kind,confidence,basis")) {
    aliases.push_back({row[0], row[1], row[2], row[4] == "high"});
  }
  return aliases;
}

PlaceRules ReferenceRules() {
  const auto document = graph::JsonDocument::Load(kReference + "cn-place-rules.json");
  if (!document.ok()) {
    std::cerr << document.error().message << '\n';
    std::abort();
  }
  auto rules = ReadPlaceRules(document->root());
  if (!rules.ok()) {
    std::cerr << rules.error().message << '\n';
    std::abort();
  }
  return *std::move(rules);
}

const Gazetteer& ReferenceGazetteer() {
  static const std::unique_ptr<Gazetteer> gazetteer = [] {
    auto made = Gazetteer::Make(ReferenceRegions(), ReferenceAliases(), ReferenceRules());
    if (!made.ok()) {
      std::cerr << made.error().message << '\n';
      std::abort();
    }
    return *std::move(made);
  }();
  return *gazetteer;
}

}  // namespace qipu::ingest
