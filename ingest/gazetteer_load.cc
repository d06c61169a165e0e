#include "ingest/gazetteer_load.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "graph/json.h"
#include "ingest/table_file.h"

namespace qipu::ingest {
namespace {

std::string PlaceOf(const std::string& file, uint64_t line) {
  return file + ":" + std::to_string(line) + ": ";
}

Error Wrong(const std::string& file, uint64_t line, const std::string& what) {
  return InvalidArgument(PlaceOf(file, line) + what);
}

/// The places of `columns` in a table's header.
Result<std::vector<size_t>> FindColumns(const std::string& file, const TableFile& table,
                                        const std::vector<std::string>& columns) {
  std::vector<size_t> places;
  for (const auto& column : columns) {
    const auto found = std::ranges::find(table.columns, column);
    if (found == table.columns.end()) return Wrong(file, 1, "no column '" + column + "'");
    places.push_back(static_cast<size_t>(found - table.columns.begin()));
  }
  return places;
}

/// 0 for nothing.
Result<int> ReadYear(const std::string& text) {
  int year = 0;
  if (text.empty()) return year;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, year);
  if (read.ec != std::errc() || read.ptr != end) {
    return InvalidArgument("'" + text + "' is no year");
  }
  return year;
}

std::vector<std::string> SplitCodes(std::string_view text) {
  std::vector<std::string> codes;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    if (end > 0) codes.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return codes;
}

Result<std::vector<Region>> ReadRegions(const std::string& file) {
  const auto table = QIPU_TRY(ReadTableFile(file));
  const auto at = QIPU_TRY(FindColumns(file, table,
                                       {"code", "name", "level", "parent_code", "successor_codes",
                                        "first_year", "last_year", "id"}));
  std::vector<Region> regions;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    Region region;
    region.code = row[at[0]];
    region.name = row[at[1]];
    region.level = row[at[2]];
    region.parent = row[at[3]];
    region.successors = SplitCodes(row[at[4]]);
    const auto first = ReadYear(row[at[5]]), last = ReadYear(row[at[6]]);
    if (!first.ok()) return Wrong(file, table.lines[i], first.error().message);
    if (!last.ok()) return Wrong(file, table.lines[i], last.error().message);
    region.first_year = *first;
    region.last_year = *last;
    region.place = PlaceOf(file, table.lines[i]);
    // The graph knows a unit by its id, the gazetteer by its code: they must mean the same.
    const std::string& id = row[at[7]];
    if (region.code.empty() || (id != region.code && !id.starts_with(region.code + "@"))) {
      return InvalidArgument(region.place + "column 'code': '" + region.code +
                             "' is not what id '" + id + "' begins with");
    }
    regions.push_back(std::move(region));
  }
  return regions;
}

/// A misspelt word would else be read as the other one.
Status DemandOneOf(const std::string& place, const std::string& column, const std::string& text,
                   const std::array<const char*, 2>& words) {
  if (std::ranges::find(words, text) != words.end()) return Ok{};
  return InvalidArgument(place + "column '" + column + "': '" + text + "' is neither '" + words[0] +
                         "' nor '" + words[1] + "'");
}

Result<std::vector<PlaceAlias>> ReadAliases(const std::string& file) {
  const auto table = QIPU_TRY(ReadTableFile(file));
  if (table.rows.empty()) return InvalidArgument(file + ": holds no records");
  const auto at =
      QIPU_TRY(FindColumns(file, table, {"name", "code", "within", "kind", "confidence"}));
  std::vector<PlaceAlias> aliases;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    PlaceAlias alias;
    alias.place = PlaceOf(file, table.lines[i]);
    alias.name = row[at[0]];
    alias.code = row[at[1]];
    alias.within = row[at[2]];
    alias.certain = row[at[4]] == "high";
    if (alias.name.empty()) return InvalidArgument(alias.place + "column 'name' is empty");
    QIPU_TRY(DemandOneOf(alias.place, "kind", row[at[3]], {"zone", "short_name"}));
    QIPU_TRY(DemandOneOf(alias.place, "confidence", row[at[4]], {"high", "medium"}));
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

}  // namespace

Result<std::unique_ptr<Gazetteer>> LoadGazetteer(const Reference& reference) {
  auto regions = QIPU_TRY(ReadRegions(reference.regions));
  auto aliases = QIPU_TRY(ReadAliases(reference.aliases));
  const auto document = QIPU_TRY(graph::JsonDocument::Load(reference.place_rules));
  const auto rules = QIPU_TRY(ReadPlaceRules(document.root()));
  return Gazetteer::Make(std::move(regions), std::move(aliases), rules);
}

}  // namespace qipu::ingest
