#include "query/coverage.h"

#include "query/metrics/metrics.h"

namespace qipu::query {

Result<CoverageResult> ComputeCoverage(const graph::Snapshot& snapshot,
                                       const CoverageOptions& options) {
  const Landscape landscape = QIPU_TRY(Landscape::Read(snapshot, {options.as_of, {}, {}}));
  CoverageResult result = QIPU_TRY(CoverageOf(landscape, options, Listing::kNoteworthy));
  result.notes = OmittedCompanies(landscape, options.by);
  return result;
}

Table CoverageTable(const CoverageResult& result) {
  Table table;
  table.columns = {"code",
                   "name",
                   "parent",
                   "companies",
                   "present",
                   "breadth",
                   "depth",
                   "stage_balance",
                   "link_completeness",
                   "continuity",
                   "supply_paths",
                   "single_source_share",
                   "bottlenecks",
                   "breadth_with_neighbours"};
  for (const CoverageRow& from : result.rows) {
    std::vector<Cell> row;
    for (const std::string& text : {from.code, from.name, from.parent})
      row.push_back(TextCell(text));
    row.push_back(CountCell(from.companies));
    row.push_back(CountCell(from.present));
    for (const auto& number :
         {from.breadth, from.depth, from.stage_balance, from.link_completeness, from.continuity}) {
      row.push_back(NumberCell(number));
    }
    row.push_back(CountCell(from.supply_paths));
    row.push_back(NumberCell(from.single_source_share));
    row.push_back(CountCell(from.bottlenecks));
    row.push_back(NumberCell(from.breadth_with_neighbours));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table SegmentTable(const RegionCoverage& coverage) {
  Table table;
  table.columns = {"segment",    "name",        "stage",
                   "group",      "weight",      "companies",
                   "usual",      "regions",     "location_quotient",
                   "status",     "betweenness", "bottleneck",
                   "candidates", "nearest"};
  for (const SegmentRow& from : coverage.segments) {
    std::vector<Cell> row;
    for (const std::string& text : {from.id, from.name, from.stage, from.group}) {
      row.push_back(TextCell(text));
    }
    row.push_back(NumberCell(from.weight));
    row.push_back(CountCell(from.companies));
    row.push_back(CountCell(from.usual));
    row.push_back(CountCell(from.regions));
    row.push_back(NumberCell(from.location_quotient));
    row.push_back(TextCell(SegmentStatusName(from.status)));
    row.push_back(NumberCell(from.betweenness));
    row.push_back(FlagCell(from.bottleneck));
    row.push_back(CountCell(from.candidates));
    std::string nearest;
    for (const Candidate& candidate : from.nearest) {
      nearest +=
          (nearest.empty() ? "" : "; ") + candidate.name + " (" + candidate.region_name + ")";
    }
    row.push_back(TextCell(nearest));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table GapTable(const RegionCoverage& coverage) {
  Table table;
  table.columns = {"segment",      "name",   "status",      "candidates", "order",      "company",
                   "company_name", "region", "region_name", "tier",       "distance_km"};
  for (const SegmentRow& from : coverage.segments) {
    if (!IsGap(from.status)) continue;
    int64_t order = 0;
    for (const Candidate& candidate : from.nearest) {
      std::vector<Cell> row;
      row.push_back(TextCell(from.id));
      row.push_back(TextCell(from.name));
      row.push_back(TextCell(SegmentStatusName(from.status)));
      row.push_back(CountCell(from.candidates));
      row.push_back(CountCell(++order));
      for (const std::string& text :
           {candidate.id, candidate.name, candidate.region_code, candidate.region_name}) {
        row.push_back(TextCell(text));
      }
      constexpr std::string_view kTiers[] = {"same city", "same province", "elsewhere"};
      row.push_back(TextCell(coverage.level == RegionLevel::kDistrict || candidate.tier == 2
                                 ? kTiers[candidate.tier]
                                 : kTiers[1]));
      row.push_back(NumberCell(candidate.distance_km));
      table.rows.push_back(std::move(row));
    }
    if (from.nearest.empty()) {
      std::vector<Cell> row;
      row.push_back(TextCell(from.id));
      row.push_back(TextCell(from.name));
      row.push_back(TextCell(SegmentStatusName(from.status)));
      row.push_back(CountCell(0));
      row.resize(table.columns.size());
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace qipu::query
