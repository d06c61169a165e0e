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

/// Names of regions, and the figures that all of them have, listed.
using FiguresByRegions = std::map<std::vector<std::string>, std::string>;

/// The regions that `omits` (of a region and a property) takes, by the properties they have.
template <class Omits>
FiguresByRegions RegionsByFigures(const Landscape& landscape,
                                  const std::set<std::string>& properties, const Omits& omits) {
  FiguresByRegions figures;
  for (const std::string& property : properties) {
    const auto id = landscape.snapshot().catalog().FindProperty(property);
    if (!id) continue;
    std::vector<std::string> names;
    for (const Region& region : landscape.regions()) {
      if (graph::FindProperty(region.properties, *id) == nullptr) continue;
      if (omits(region, *id)) names.push_back(NameOf(region));
    }
    if (names.empty()) continue;
    std::string& list = figures[std::move(names)];
    list += (list.empty() ? "" : ", ") + property;
  }
  return figures;
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
  const auto is_of_level = [level](const Region& region) {
    return region.levels[static_cast<size_t>(level)];
  };
  const auto went = [&](const Region& region, graph::PropertyId) {
    return !region.in_force && is_of_level(region);
  };
  const auto changed = [&](const Region& region, graph::PropertyId id) {
    if (!region.outdated || is_of_level(region)) return region.outdated;
    const Region* parent = region.parent ? &landscape.regions()[*region.parent] : nullptr;
    return parent != nullptr && is_of_level(*parent) &&
           graph::FindProperty(parent->properties, id) == nullptr;
  };
  std::vector<std::string> notes;
  for (const auto& [names, list] : RegionsByFigures(landscape, properties, went)) {
    notes.push_back("figures of regions " + NotInForce(landscape) + " are not counted (" + list +
                    "): " + List(names) + "; --as-of takes a day on which they were");
  }
  for (const auto& [names, list] : RegionsByFigures(landscape, properties, changed)) {
    notes.push_back("figures of " + std::to_string(names.size()) +
                    " regions whose territory was another on the day of the figures are not "
                    "counted (" +
                    list + "): " + List(names) + "; --as-of takes a day on which it was the same");
  }
  return notes;
}

Result<std::vector<std::string>> DominantSizes(const Landscape& landscape, size_t size,
                                               const std::string& name) {
  std::optional<uint32_t> greatest;
  ExactSum all;
  size_t sized = 0;
  for (uint32_t c = 0; c < landscape.companies().size(); ++c) {
    const auto own = landscape.SizeOf(size, c);
    if (!own) continue;
    all.Add(*own);
    ++sized;
    if (!greatest || *own > *landscape.SizeOf(size, *greatest)) greatest = c;
  }
  std::vector<std::string> notes;
  if (!greatest || sized < kDominantAmong) return notes;
  ExactSum own;
  own.Add(*landscape.SizeOf(size, *greatest));
  const double share = own.ToDouble() / all.ToDouble();
  if (!(share >= kDominantShare)) return notes;
  const auto company =
      QIPU_TRY(landscape.snapshot().GetVertex(landscape.companies()[*greatest].vertex));
  const auto id = landscape.snapshot().catalog().FindProperty("name");
  const graph::Value* called = company && id ? company->Find(*id) : nullptr;
  constexpr double kPercent = 100;
  notes.push_back(std::to_string(static_cast<int>(share * kPercent)) + " % of all " + name +
                  " is that of one company, " + (called ? called->ToString() : "without a name") +
                  ": check it before you use what is measured by size");
  return notes;
}

}  // namespace qipu::query
