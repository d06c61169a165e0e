#include <algorithm>
#include <map>

#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

constexpr size_t kNamedMax = 5;

std::string NameOf(const Region& region) {
  return region.code + (region.name.empty() ? "" : " " + region.name);
}

/// The first of them by name, the others as a number.
std::string List(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kNamedMax)
    list += " and " + std::to_string(names.size() - kNamedMax) + " more";
  return list;
}

std::string NotInForce(const Landscape& landscape) {
  const auto& day = landscape.as_of();
  return day ? "not in force on " + day->ToString() : "not in force any more";
}

}  // namespace

std::vector<std::string> OmittedCompanies(const Landscape& landscape, RegionLevel level) {
  const auto places = landscape.Places(level);
  std::vector<int64_t> lost(landscape.regions().size(), 0);
  int64_t companies = 0;
  for (size_t c = 0; c < places.size(); ++c) {
    if (!places[c].empty()) continue;
    bool placed = false;
    for (uint32_t r : landscape.companies()[c].regions) {
      const auto at = landscape.AtLevel(r, level);
      if (at) ++lost[*at];
      placed |= at.has_value();
    }
    companies += placed;
  }
  if (companies == 0) return {};
  std::vector<std::string> names;
  for (uint32_t r = 0; r < lost.size(); ++r) {
    if (lost[r] == 0) continue;
    names.push_back(NameOf(landscape.regions()[r]) + " (" + std::to_string(lost[r]) + ")");
  }
  return {std::to_string(companies) + " active companies count in no " +
          std::string(RegionLevelName(level)) + ", because theirs is " + NotInForce(landscape) +
          ": " + List(std::move(names))};
}

std::vector<std::string> OmittedFigures(const Landscape& landscape, RegionLevel level,
                                        const std::set<std::string>& properties) {
  std::map<std::vector<std::string>, std::string> figures;  // by the regions that have them
  for (const std::string& property : properties) {
    const auto id = landscape.snapshot().catalog().FindProperty(property);
    if (!id) continue;
    std::vector<std::string> names;
    for (const Region& region : landscape.regions()) {
      if (region.in_force || !region.levels[static_cast<size_t>(level)]) continue;
      if (graph::FindProperty(region.properties, *id) != nullptr) names.push_back(NameOf(region));
    }
    std::string& list = figures[std::move(names)];
    list += (list.empty() ? "" : ", ") + property;
  }
  std::vector<std::string> notes;
  for (const auto& [names, list] : figures) {
    if (names.empty()) continue;
    notes.push_back("figures of regions " + NotInForce(landscape) + " are not counted (" + list +
                    "): " + List(names) + "; --as-of takes a day on which they were");
  }
  return notes;
}

}  // namespace qipu::query
