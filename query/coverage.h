#ifndef QIPU_QUERY_COVERAGE_H_
#define QIPU_QUERY_COVERAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"
#include "query/density.h"
#include "query/table.h"

namespace qipu::query {

struct CoverageOptions {
  std::string chain{};
  RegionLevel by = RegionLevel::kDistrict;
  std::optional<graph::Date> as_of{};
  int64_t min_companies = 1;      ///< k: a segment is present with so many companies
  double neighbour_weight = 0.5;  ///< lambda: what a segment of the parent region counts
};

/// Coverage of one region over the segments s of the chain, weights v, n(s) active companies there
/// that offer s. All but the counts lie in 0..1; null where the divisor is 0.
struct CoverageRow {
  std::string code, name, parent;
  int64_t companies = 0;          ///< distinct companies that offer any segment
  int64_t present = 0;            ///< segments with n >= k
  std::optional<double> breadth;  ///< sum v[n >= k] / sum v
  /// sum v min(1, n / k_s) / sum v, k_s = lower median of n over the regions that have any (a
  /// segment that no region has counts 0).
  std::optional<double> depth;
  std::optional<double> stage_balance;      ///< least over greatest breadth of the stages
  std::optional<double> link_completeness;  ///< FEEDS links with both ends present / all links
  std::optional<double> continuity;  ///< links of the longest present path / of the chain's longest
  int64_t supply_paths = 0;  ///< vertex-disjoint present paths from the chain's sources to sinks
  std::optional<double> single_source_share;  ///< segments with n = 1 / segments with n >= 1
  int64_t bottlenecks = 0;  ///< present segments whose loss splits the present network
  /// sum v max([n >= k], lambda [n of the parent region >= k]) / sum v.
  std::optional<double> breadth_with_neighbours;
};

/// Every region in force with a company in the chain, greatest breadth first, then by code.
struct CoverageResult {
  std::vector<CoverageRow> rows;
  int64_t segments = 0, links = 0;
  int64_t longest_path = 0;        ///< links
  std::vector<std::string> notes;  ///< as of a density
};

/// Cost: as ComputeDensity, then segments times links per region for the paths.
/// Errors: kInvalidArgument for an unknown chain, one without segments, and one whose FEEDS links
/// run in a circle (named); kIo, kCorruption.
Result<CoverageResult> ComputeCoverage(const graph::Snapshot& snapshot,
                                       const CoverageOptions& options);
Table CoverageTable(const CoverageResult& result);

/// What a region has of a segment, after the words of industrial policy; our own thresholds.
enum class SegmentStatus {
  kStrong,     ///< 强链: location quotient >= 1.25 and n >= max(k, k_s)
  kPresent,    ///< n >= k, neither strong nor weak
  kWeak,       ///< 弱链: some, but location quotient < 0.75 or n < k or n < k_s
  kExtension,  ///< 延链: n = 0, and a segment that feeds it is strong here
  kMissing,    ///< 补链: n = 0 otherwise
};
std::string_view SegmentStatusName(SegmentStatus status);

/// A company elsewhere that offers a segment the region lacks.
struct Candidate {
  std::string id, name, region_code, region_name;
  int tier = 0;                       ///< 0 same parent, 1 same grandparent, 2 elsewhere
  std::optional<double> distance_km;  ///< great circle between the points of the two regions
};

struct SegmentRow {
  std::string id, name, stage, group;
  double weight = 1;
  int64_t companies = 0;  ///< n
  int64_t usual = 0;      ///< k_s; 0 when no region has any
  int64_t regions = 0;    ///< regions that have any
  std::optional<double> location_quotient;
  SegmentStatus status = SegmentStatus::kMissing;
  double betweenness = 0;   ///< in the whole chain: share of shortest paths that run through it
  bool bottleneck = false;  ///< its loss splits the network present here
  int64_t candidates = 0;   ///< companies that could fill it (missing, extension and weak)
  std::vector<Candidate> nearest;  ///< the first of them
};

struct RegionCoverage {
  CoverageRow total;
  RegionLevel level = RegionLevel::kDistrict;
  std::vector<std::string> notes;
  std::vector<SegmentRow> segments;  ///< in the order of the chain's segment ids
};

inline constexpr size_t kNearestDefault = 5;

/// One region of any level, found by its code. `options.by` is ignored.
/// `nearest_max`: candidates kept per segment. Nearest first: same parent region, same grandparent,
/// then by distance (unknown last), then by company id.
/// Errors: as ComputeCoverage; kInvalidArgument for an unknown region code.
Result<RegionCoverage> ComputeRegionCoverage(const graph::Snapshot& snapshot,
                                             const CoverageOptions& options,
                                             const std::string& region, size_t nearest_max);
/// One row per segment.
Table SegmentTable(const RegionCoverage& coverage);
/// One row per segment that is missing, an extension or weak, and candidate.
Table GapTable(const RegionCoverage& coverage);

}  // namespace qipu::query

#endif  // QIPU_QUERY_COVERAGE_H_
