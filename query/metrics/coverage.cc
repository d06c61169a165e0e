#include <algorithm>
#include <map>

#include "query/algorithms/algorithms.h"
#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

using graph::Direction;
using graph::Snapshot;
using graph::Vertex;
using graph::VertexId;

std::string Text(const Snapshot& snapshot, const Vertex& vertex, std::string_view property) {
  const auto id = snapshot.catalog().FindProperty(property);
  const graph::Value* value = id ? vertex.Find(*id) : nullptr;
  return value == nullptr ? "" : value->ToString();
}

Status ReadSegment(const Landscape& landscape, VertexId id, ChainView& chain) {
  const Snapshot& snapshot = landscape.snapshot();
  const auto vertex = QIPU_TRY(snapshot.GetVertex(id));
  if (!vertex) return Corruption("segment " + std::to_string(id.value) + " has an edge but no row");
  chain.ids.push_back(Text(snapshot, *vertex, "id"));
  chain.names.push_back(Text(snapshot, *vertex, "name"));
  chain.stages.push_back(Text(snapshot, *vertex, "stage"));
  chain.groups.push_back(Text(snapshot, *vertex, "group"));
  const auto property = snapshot.catalog().FindProperty("weight");
  const graph::Value* weight = property ? vertex->Find(*property) : nullptr;
  chain.weights.push_back(weight == nullptr ? 1 : weight->AsNumber().value_or(1));
  if (!(chain.weights.back() >= 0)) {
    return InvalidArgument("segment '" + chain.ids.back() + "' has a negative weight");
  }
  std::vector<uint32_t>& companies = chain.offered_by.emplace_back();
  const auto offers = snapshot.catalog().FindEdgeType("OFFERS");
  if (!offers) return Ok{};
  for (const auto& end : QIPU_TRY(snapshot.Neighbours(id, *offers, Direction::kIn))) {
    const auto company = landscape.CompanyAt(end.vertex);
    if (!company || (!companies.empty() && companies.back() == *company)) continue;
    companies.push_back(*company);
  }
  return Ok{};
}

Status LinkSegments(const Snapshot& snapshot, const std::vector<VertexId>& segments,
                    const std::string& name, ChainView& chain) {
  const size_t n = segments.size();
  chain.sources.assign(n, false);
  chain.sinks.assign(n, false);
  const auto feeds = snapshot.catalog().FindEdgeType("FEEDS");
  if (!feeds) return InvalidArgument("chain '" + name + "' has no FEEDS links");
  chain.links = QIPU_TRY(graph::Csr::Build(snapshot, *feeds, segments));
  if (const auto cycle = FindCycle(chain.links); !cycle.empty()) {
    std::string names;
    for (uint32_t s : cycle) names += chain.ids[s] + " -> ";
    return InvalidArgument("the FEEDS links of chain '" + name + "' run in a circle: " + names +
                           chain.ids[cycle[0]] + "; take one of them out");
  }
  for (uint32_t s = 0; s < n; ++s) {
    chain.sources[s] = chain.links.In(s).empty() && !chain.links.Out(s).empty();
    chain.sinks[s] = chain.links.Out(s).empty() && !chain.links.In(s).empty();
  }
  chain.order = TopologicalOrder(chain.links);
  const auto path = LongestPath(chain.links, chain.order, VertexMask(n, true));
  chain.longest_path = static_cast<int64_t>(path.size()) - 1;
  return Ok{};
}

std::optional<double> Ratio(double part, double whole) {
  return whole > 0 ? std::optional(part / whole) : std::nullopt;
}

/// Breadth, depth, stages and single sources: all that needs no links.
void AddShares(const ChainView& chain, const ChainCounts& counts, uint32_t region,
               const CoverageOptions& options, CoverageRow& row) {
  double all = 0, present = 0, deep = 0;
  int64_t any = 0, single = 0;
  std::map<std::string, std::pair<double, double>> stages;  // present and whole weight
  for (size_t s = 0; s < chain.ids.size(); ++s) {
    const int64_t n = counts.n[s][region];
    const double v = chain.weights[s];
    const bool here = n >= options.min_companies;
    all += v;
    stages[chain.stages[s]].second += v;
    if (here) {
      present += v;
      stages[chain.stages[s]].first += v;
      ++row.present;
    }
    any += n > 0;
    single += n == 1;
    if (n > 0) {
      deep += v * std::min(1.0, static_cast<double>(n) / static_cast<double>(counts.usual[s]));
    }
  }
  row.breadth = Ratio(present, all);
  row.depth = Ratio(deep, all);
  row.single_source_share = Ratio(static_cast<double>(single), static_cast<double>(any));
  double least = 1, greatest = 0;
  for (const auto& [stage, weights] : stages) {
    if (!(weights.second > 0)) continue;
    least = std::min(least, weights.first / weights.second);
    greatest = std::max(greatest, weights.first / weights.second);
  }
  row.stage_balance = Ratio(least, greatest);
}

void AddPaths(const ChainView& chain, const VertexMask& present, CoverageRow& row) {
  int64_t linked = 0;
  for (uint32_t s = 0; s < chain.links.size(); ++s) {
    if (!present[s]) continue;
    for (uint32_t t : chain.links.Out(s)) linked += present[t];
  }
  row.link_completeness =
      Ratio(static_cast<double>(linked), static_cast<double>(chain.links.edge_count()));
  if (row.present == 0) {
    row.continuity = Ratio(0, static_cast<double>(chain.longest_path));
    return;
  }
  const auto path = LongestPath(chain.links, chain.order, present);
  const int64_t links = path.empty() ? 0 : static_cast<int64_t>(path.size()) - 1;
  row.continuity = Ratio(static_cast<double>(links), static_cast<double>(chain.longest_path));
  row.supply_paths = DisjointPaths(chain.links, chain.sources, chain.sinks, present);
  const VertexMask points = ArticulationPoints(chain.links, present);
  row.bottlenecks = std::count(points.begin(), points.end(), true);
}

}  // namespace

Result<std::vector<VertexId>> SegmentsOf(const Snapshot& snapshot, const std::string& chain) {
  const VertexId vertex = QIPU_TRY(FindNamed(snapshot, "Chain", chain, "chain"));
  const auto part_of = snapshot.catalog().FindEdgeType("PART_OF");
  const auto label = snapshot.catalog().FindLabel("Segment");
  std::vector<VertexId> segments;
  if (part_of && label) {
    const auto all = QIPU_TRY(snapshot.VerticesOf(*label));
    for (const auto& end : QIPU_TRY(snapshot.Neighbours(vertex, *part_of, Direction::kIn))) {
      if (!std::binary_search(all.begin(), all.end(), end.vertex)) continue;
      if (segments.empty() || segments.back() != end.vertex) segments.push_back(end.vertex);
    }
  }
  if (segments.empty()) return InvalidArgument("chain '" + chain + "' has no segments");
  return segments;
}

Result<ChainView> ReadChain(const Landscape& landscape, const std::string& name) {
  const auto segments = QIPU_TRY(SegmentsOf(landscape.snapshot(), name));
  ChainView chain;
  for (VertexId segment : segments) QIPU_TRY(ReadSegment(landscape, segment, chain));
  QIPU_TRY(LinkSegments(landscape.snapshot(), segments, name, chain));
  return chain;
}

ChainCounts CountChain(const Landscape& landscape, const ChainView& chain, RegionLevel level) {
  const auto places = landscape.Places(level);
  const size_t regions = landscape.regions().size();
  ChainCounts counts;
  counts.companies.assign(regions, 0);
  std::vector<bool> counted(places.size(), false);
  for (const std::vector<uint32_t>& companies : chain.offered_by) {
    std::vector<int64_t>& n = counts.n.emplace_back(regions, 0);
    for (uint32_t c : companies) {
      for (uint32_t r : places[c]) {
        ++n[r];
        if (!counted[c]) ++counts.companies[r];
      }
      counted[c] = true;
    }
    std::vector<int64_t> some;
    std::copy_if(n.begin(), n.end(), std::back_inserter(some), [](int64_t x) { return x > 0; });
    counts.regions.push_back(static_cast<int64_t>(some.size()));
    counts.usual.push_back(LowerMedian(std::move(some)));
  }
  return counts;
}

VertexMask PresentSegments(const ChainCounts& counts, uint32_t region, int64_t min_companies) {
  VertexMask present(counts.n.size());
  for (size_t s = 0; s < present.size(); ++s) present[s] = counts.n[s][region] >= min_companies;
  return present;
}

CoverageRow CoverageRowOf(const ChainView& chain, const ChainCounts& counts, uint32_t region,
                          const Above& above, const CoverageOptions& options) {
  CoverageRow row;
  row.companies = counts.companies[region];
  AddShares(chain, counts, region, options, row);
  const VertexMask present = PresentSegments(counts, region, options.min_companies);
  AddPaths(chain, present, row);
  double all = 0, covered = 0;
  for (size_t s = 0; s < present.size(); ++s) {
    const bool near =
        above.counts != nullptr && above.counts->n[s][above.region] >= options.min_companies;
    all += chain.weights[s];
    covered += chain.weights[s] * (present[s] ? std::max(1.0, near ? options.neighbour_weight : 0)
                                              : (near ? options.neighbour_weight : 0));
  }
  row.breadth_with_neighbours = Ratio(covered, all);
  return row;
}

Result<CoverageResult> CoverageOf(const Landscape& landscape, const CoverageOptions& options,
                                  Listing listing) {
  const ChainView chain = QIPU_TRY(ReadChain(landscape, options.chain));
  const ChainCounts counts = CountChain(landscape, chain, options.by);
  const RegionLevel level_above = LevelAbove(options.by);
  const ChainCounts counts_above = CountChain(landscape, chain, level_above);
  CoverageResult result;
  result.segments = static_cast<int64_t>(chain.ids.size());
  result.links = static_cast<int64_t>(chain.links.edge_count());
  result.longest_path = chain.longest_path;
  for (uint32_t r : landscape.InForce(options.by)) {
    if (counts.companies[r] == 0 && listing == Listing::kNoteworthy) continue;
    const auto above = NeighbourhoodOf(landscape, counts_above, r, options.by);
    CoverageRow row = CoverageRowOf(chain, counts, r, above, options);
    row.code = landscape.regions()[r].code;
    row.name = landscape.regions()[r].name;
    row.parent = landscape.ParentName(r);
    result.rows.push_back(std::move(row));
  }
  std::stable_sort(
      result.rows.begin(), result.rows.end(),
      [](const CoverageRow& a, const CoverageRow& b) { return a.breadth > b.breadth; });
  return result;
}

RegionLevel LevelAbove(RegionLevel level) {
  return level == RegionLevel::kDistrict ? RegionLevel::kCity : RegionLevel::kProvince;
}

Above NeighbourhoodOf(const Landscape& landscape, const ChainCounts& counts_above, uint32_t region,
                      RegionLevel level) {
  if (level == RegionLevel::kProvince) return {};
  const auto above = landscape.AtLevel(region, LevelAbove(level));
  return above ? Above{&counts_above, *above} : Above{};
}

}  // namespace qipu::query
