#include <utility>

#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

constexpr int kStepsMax = 16;  // nothing keeps SUCCEEDED_BY from running in a circle

/// Follows SUCCEEDED_BY from region to region, where it leads to one only.
class Succession {
 public:
  Succession(const Landscape& landscape, graph::EdgeTypeId type)
      : landscape_(landscape), type_(type) {}

  Result<std::optional<uint32_t>> Find(uint32_t region) const {
    auto found = QIPU_TRY(Later(region));
    return found ? found : QIPU_TRY(Earlier(region));
  }

 private:
  using Direction = graph::Direction;

  Result<std::optional<uint32_t>> Only(uint32_t region, Direction direction) const {
    const graph::VertexId vertex = landscape_.regions()[region].vertex;
    const auto ends = QIPU_TRY(landscape_.snapshot().Neighbours(vertex, type_, direction));
    return ends.size() == 1 ? landscape_.RegionAt(ends[0].vertex) : std::nullopt;
  }

  bool InForce(uint32_t region) const { return landscape_.regions()[region].in_force; }

  // What a unit merged into holds all of it.
  Result<std::optional<uint32_t>> Later(uint32_t region) const {
    std::optional<uint32_t> at = region;
    for (int step = 0; at && step < kStepsMax; ++step) {
      at = QIPU_TRY(Only(*at, Direction::kOut));
      if (at && InForce(*at)) return at;
    }
    return std::optional<uint32_t>();
  }

  // What a unit came from is the same place only where nothing else came of it or into it.
  Result<std::optional<uint32_t>> Earlier(uint32_t region) const {
    uint32_t at = region;
    for (int step = 0; step < kStepsMax; ++step) {
      const auto before = QIPU_TRY(Only(at, Direction::kIn));
      if (!before || QIPU_TRY(Only(*before, Direction::kOut)) != at) break;
      if (InForce(*before)) return before;
      at = *before;
    }
    return std::optional<uint32_t>();
  }

  const Landscape& landscape_;
  graph::EdgeTypeId type_;
};

/// Tells when regions gained or lost territory.
class Territory {
 public:
  explicit Territory(const Landscape& landscape) : landscape_(landscape) {
    const graph::Catalog& catalog = landscape.snapshot().catalog();
    valid_from_ = catalog.FindProperty("valid_from");
    for (const char* name : {"SUCCEEDED_BY", "CEDED_TO"}) {
      if (const auto type = catalog.FindEdgeType(name)) types_.push_back(*type);
    }
  }

  /// Between `day` and the day the landscape is of, whichever is first.
  Result<bool> ChangedSince(const Region& region, graph::Date day) const {
    for (const auto type : types_) {
      for (const auto direction : {graph::Direction::kOut, graph::Direction::kIn}) {
        const auto ends =
            QIPU_TRY(landscape_.snapshot().Neighbours(region.vertex, type, direction));
        for (const graph::Neighbour& end : ends) {
          graph::EdgeRef edge{region.vertex, type, end.vertex, end.rank};
          if (direction == graph::Direction::kIn) std::swap(edge.source, edge.target);
          if (QIPU_TRY(Counts(edge, region, day))) return true;
        }
      }
    }
    return false;
  }

 private:
  Result<bool> Counts(const graph::EdgeRef& edge, const Region& region, graph::Date day) const {
    const auto properties = QIPU_TRY(landscape_.snapshot().EdgeProperties(edge));
    const graph::Date* changed = DateOf(properties, valid_from_);
    const graph::Date* began = DateOf(region.properties, valid_from_);
    if (changed == nullptr || (began && *changed <= *began)) return false;
    const std::optional<graph::Date> asked = landscape_.as_of();
    if (asked && *asked < day) return *asked < *changed && *changed <= day;
    return day < *changed && (!asked || *changed <= *asked);
  }

  const Landscape& landscape_;
  std::optional<graph::PropertyId> valid_from_;
  std::vector<graph::EdgeTypeId> types_;
};

}  // namespace

Status FindOutdated(const Landscape& landscape, std::vector<Region>& regions) {
  const auto figures = landscape.snapshot().catalog().FindProperty("figures_as_of");
  const Territory territory(landscape);
  for (Region& region : regions) {
    const graph::Date* day = DateOf(region.properties, figures);
    if (day == nullptr || !region.in_force) continue;
    region.outdated = QIPU_TRY(territory.ChangedSince(region, *day));
  }
  return Ok{};
}

Status FindStandIns(Landscape& landscape, std::vector<Region>& regions) {
  const auto type = landscape.snapshot().catalog().FindEdgeType("SUCCEEDED_BY");
  if (!type) return Ok{};
  const Succession succession(landscape, *type);
  std::vector<bool> seen(regions.size(), false);
  for (const ActiveCompany& company : landscape.companies()) {
    for (uint32_t place : company.regions) {
      std::optional<uint32_t> at = place;
      for (; at && !seen[*at]; at = regions[*at].parent) {
        seen[*at] = true;
        if (!regions[*at].in_force) regions[*at].stand_in = QIPU_TRY(succession.Find(*at));
      }
    }
  }
  return Ok{};
}

}  // namespace qipu::query
