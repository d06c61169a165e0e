#include <algorithm>
#include <array>
#include <tuple>

#include "query/algorithms/algorithms.h"
#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

constexpr double kStrongQuotient = 1.25, kWeakQuotient = 0.75;

struct Point {
  double lon, lat;
};
std::optional<Point> PointOf(const Landscape& landscape, uint32_t region) {
  const graph::Catalog& catalog = landscape.snapshot().catalog();
  const auto lon = catalog.FindProperty("lon"), lat = catalog.FindProperty("lat");
  if (!lon || !lat) return std::nullopt;
  const graph::Properties& properties = landscape.regions()[region].properties;
  const graph::Value* x = graph::FindProperty(properties, *lon);
  const graph::Value* y = graph::FindProperty(properties, *lat);
  if (x == nullptr || y == nullptr || !x->AsNumber() || !y->AsNumber()) return std::nullopt;
  return Point{*x->AsNumber(), *y->AsNumber()};
}

/// Finds and orders the companies that could fill the gaps of one region.
class GapFiller {
 public:
  GapFiller(const Landscape& landscape, uint32_t region, RegionLevel level, size_t nearest_max)
      : landscape_(landscape),
        region_(region),
        places_(landscape.Places(level)),
        nearest_max_(nearest_max),
        here_(PointOf(landscape, region)) {
    for (auto at = landscape.regions()[region].parent; at && above_.size() < kRegionLevels;
         at = landscape.regions()[*at].parent) {
      above_.push_back(*at);
    }
  }

  Status Fill(const std::vector<uint32_t>& offered_by, SegmentRow& row) const {
    std::vector<Place> places;
    for (uint32_t c : offered_by) {
      const std::vector<uint32_t>& regions = landscape_.companies()[c].regions;
      if (std::binary_search(places_[c].begin(), places_[c].end(), region_)) continue;
      std::optional<Place> best;
      for (uint32_t r : regions) {
        const Place place = PlaceAt(c, r);
        if (!best || place.Order() < best->Order()) best = place;
      }
      if (best) places.push_back(*best);
    }
    row.candidates = static_cast<int64_t>(places.size());
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return a.Order() < b.Order(); });
    if (places.size() > nearest_max_) places.resize(nearest_max_);
    for (const Place& place : places) row.nearest.push_back(QIPU_TRY(Describe(place)));
    return Ok{};
  }

 private:
  struct Place {
    uint32_t company = 0, region = 0;
    int tier = 0;
    std::optional<double> distance_km;
    // Unknown distances last; vertices in the order they were made, which is that of their load.
    std::tuple<int, bool, double, uint32_t, uint32_t> Order() const {
      return {tier, !distance_km.has_value(), distance_km.value_or(0), company, region};
    }
  };

  Place PlaceAt(uint32_t company, uint32_t region) const {
    Place place{company, region, 2, std::nullopt};
    std::optional<uint32_t> at = region;
    for (size_t step = 0; at && step <= kRegionLevels;
         ++step, at = landscape_.regions()[*at].parent) {
      const auto shared = std::find(above_.begin(), above_.end(), *at);
      if (shared == above_.end()) continue;
      place.tier = std::min<int>(2, static_cast<int>(shared - above_.begin()));
      break;
    }
    const auto there = PointOf(landscape_, region);
    if (here_ && there) {
      place.distance_km = GreatCircleKm(here_->lon, here_->lat, there->lon, there->lat);
    }
    return place;
  }

  Result<Candidate> Describe(const Place& place) const {
    const graph::Snapshot& snapshot = landscape_.snapshot();
    const auto vertex = QIPU_TRY(snapshot.GetVertex(landscape_.companies()[place.company].vertex));
    const Region& region = landscape_.regions()[place.region];
    Candidate candidate;
    candidate.region_code = region.code;
    candidate.region_name = region.name;
    candidate.tier = place.tier;
    candidate.distance_km = place.distance_km;
    for (const auto& [property, into] :
         {std::pair("id", &candidate.id), std::pair("name", &candidate.name)}) {
      const auto id = snapshot.catalog().FindProperty(property);
      const graph::Value* value = vertex && id ? vertex->Find(*id) : nullptr;
      if (value != nullptr) *into = value->ToString();
    }
    return candidate;
  }

  const Landscape& landscape_;
  uint32_t region_;
  std::vector<std::vector<uint32_t>> places_;
  size_t nearest_max_;
  std::optional<Point> here_;
  std::vector<uint32_t> above_;  // parent, grandparent, ...
};

/// All located companies, in the region and at all: what a location quotient divides by.
struct Everyone {
  int64_t here = 0, all = 0;
};
Everyone CountEveryone(const std::vector<std::vector<uint32_t>>& places, uint32_t region) {
  Everyone everyone;
  for (const std::vector<uint32_t>& regions : places) {
    everyone.all += !regions.empty();
    everyone.here += std::binary_search(regions.begin(), regions.end(), region);
  }
  return everyone;
}

SegmentStatus StatusOf(const SegmentRow& row, int64_t min_companies) {
  if (row.companies == 0) return SegmentStatus::kMissing;
  const double quotient = row.location_quotient.value_or(1);
  const bool enough = row.companies >= std::max(min_companies, row.usual);
  if (!enough || quotient < kWeakQuotient) return SegmentStatus::kWeak;
  return quotient >= kStrongQuotient ? SegmentStatus::kStrong : SegmentStatus::kPresent;
}

Result<std::pair<uint32_t, RegionLevel>> FindRegion(const Landscape& landscape,
                                                    const std::string& code) {
  std::vector<std::string> known;
  std::string named;  // codes of the regions in force that have that name
  const Region* retired = nullptr;
  for (uint32_t r = 0; r < landscape.regions().size(); ++r) {
    const Region& region = landscape.regions()[r];
    known.push_back(region.code);
    if (region.in_force && region.name == code) named += (named.empty() ? "" : ", ") + region.code;
    if (region.code != code) continue;
    if (!region.in_force) retired = &region;
    if (!region.in_force) continue;
    for (size_t level = 0; level < kRegionLevels; ++level) {
      if (region.levels[level]) return std::pair(r, static_cast<RegionLevel>(level));
    }
  }
  if (retired != nullptr) {
    const auto& day = landscape.as_of();
    return InvalidArgument("region '" + code + "' " + retired->name + " is not in force " +
                           (day ? "on " + day->ToString() : "any more") +
                           "; --as-of takes a day on which it was");
  }
  return InvalidArgument(
      "unknown region code '" + code + "'" +
      (named.empty() ? Suggestion(code, known) : "; the code of it is " + named));
}

}  // namespace

std::string_view SegmentStatusName(SegmentStatus status) {
  constexpr std::array<std::string_view, 5> kNames{"strong", "present", "weak", "extension",
                                                   "missing"};
  return kNames[static_cast<size_t>(status)];
}

Result<RegionCoverage> ComputeRegionCoverage(const graph::Snapshot& snapshot,
                                             const CoverageOptions& options,
                                             const std::string& code, size_t nearest_max) {
  const Landscape landscape = QIPU_TRY(Landscape::Read(snapshot, {options.as_of, {}, {}}));
  const auto [region, level] = QIPU_TRY(FindRegion(landscape, code));
  const ChainView chain = QIPU_TRY(ReadChain(landscape, options.chain));
  const ChainCounts counts = CountChain(landscape, chain, level);
  const ChainCounts counts_above = CountChain(landscape, chain, LevelAbove(level));
  RegionCoverage coverage;
  coverage.level = level;
  coverage.notes = OmittedCompanies(landscape, level);
  coverage.total = CoverageRowOf(chain, counts, region,
                                 NeighbourhoodOf(landscape, counts_above, region, level), options);
  coverage.total.code = code;
  coverage.total.name = landscape.regions()[region].name;
  coverage.total.parent = landscape.ParentName(region);

  const auto places = landscape.Places(level);
  const Everyone everyone = CountEveryone(places, region);
  const std::vector<double> betweenness = Betweenness(chain.links);
  const VertexMask points =
      ArticulationPoints(chain.links, PresentSegments(counts, region, options.min_companies));
  for (size_t s = 0; s < chain.ids.size(); ++s) {
    SegmentRow& row = coverage.segments.emplace_back();
    row.id = chain.ids[s];
    row.name = chain.names[s];
    row.stage = chain.stages[s];
    row.group = chain.groups[s];
    row.weight = chain.weights[s];
    row.companies = counts.n[s][region];
    row.usual = counts.usual[s];
    row.regions = counts.regions[s];
    row.betweenness = betweenness[s];
    row.bottleneck = points[s];
    const int64_t offering =
        std::count_if(chain.offered_by[s].begin(), chain.offered_by[s].end(),
                      [&](uint32_t company) { return !places[company].empty(); });
    row.location_quotient = LocationQuotient(row.companies, everyone.here, offering, everyone.all);
    row.status = StatusOf(row, options.min_companies);
  }
  const GapFiller filler(landscape, region, level, nearest_max);
  for (uint32_t s = 0; s < chain.ids.size(); ++s) {
    SegmentRow& row = coverage.segments[s];
    const bool fed = std::any_of(
        chain.links.In(s).begin(), chain.links.In(s).end(),
        [&](uint32_t t) { return coverage.segments[t].status == SegmentStatus::kStrong; });
    if (row.companies == 0 && fed) row.status = SegmentStatus::kExtension;
    if (IsGap(row.status)) QIPU_TRY(filler.Fill(chain.offered_by[s], row));
  }
  return coverage;
}

bool IsGap(SegmentStatus status) {
  return status == SegmentStatus::kWeak || status == SegmentStatus::kExtension ||
         status == SegmentStatus::kMissing;
}

}  // namespace qipu::query
