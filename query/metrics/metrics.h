#ifndef QIPU_QUERY_METRICS_METRICS_H_
#define QIPU_QUERY_METRICS_METRICS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/csr.h"
#include "graph/json.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"
#include "query/coverage.h"
#include "query/density.h"

namespace qipu::query {

// ---- concentration.cc: pure numbers. Null where a divisor is 0 or there is nothing to measure.

/// (part_here / all_here) / (part / all), as (part_here * all) / (all_here * part): one division.
/// Source: BLS, QCEW location quotients.
std::optional<double> LocationQuotient(int64_t part_here, int64_t all_here, int64_t part,
                                       int64_t all);
/// Sum of squared shares, 1/n..1; null when the sum is not above 0.
std::optional<double> Herfindahl(std::span<const double> sizes);
/// Gini of `quotients` (ascending Lorenz curve) with the regions weighing `weights`, 0..1.
/// Source: Krugman 1991; equal weights give 2 / (n^2 mean) sum i (q_i - mean).
std::optional<double> LocationalGini(std::span<const double> quotients,
                                     std::span<const double> weights);
/// gamma = (G - (1 - X) H) / ((1 - X)(1 - H)), G = sum (s - x)^2, X = sum x^2, with the regions'
/// amounts of the industry and of everything, and H the Herfindahl of the plants.
/// Source: Ellison & Glaeser 1997. Below 0 dispersed, above 0.02 some, above 0.05 strong.
std::optional<double> EllisonGlaeser(std::span<const double> industry, std::span<const double> all,
                                     double plant_herfindahl);
/// The lower of the two middle values: always one of them. 0 for none.
int64_t LowerMedian(std::vector<int64_t> values);
/// Haversine on a sphere of radius 6371.0088 km (IUGG mean radius). Degrees in, kilometres out.
double GreatCircleKm(double lon_a, double lat_a, double lon_b, double lat_b);

// ---- Exact sums.

__extension__ typedef __int128 Int128;

/// A sum of amounts in hundredths, exact however many and in whatever order.
class ExactSum {
 public:
  /// Hundredths of `value`, half away from zero; null when it is no finite number below 1e24.
  static std::optional<Int128> Hundredths(const graph::Value& value);
  void Add(Int128 hundredths) { total_ += hundredths; }
  /// The sum, rounded once.
  double ToDouble() const;

 private:
  Int128 total_ = 0;
};

// ---- cells.cc: what result tables are made of. A number that is null or missing is a null cell.

Cell TextCell(std::string_view text);
Cell CountCell(int64_t count);
Cell NumberCell(const std::optional<double>& number);
Cell FlagCell(bool flag);

// ---- landscape.cc: the companies and regions of a snapshot, read once.

inline constexpr size_t kRegionLevels = 3;
inline constexpr size_t kRolesMax = 64;

struct LandscapeNeeds {
  std::optional<graph::Date> as_of;
  std::vector<std::string> roles;  ///< snake_case; at most kRolesMax
  std::vector<std::string> sizes;  ///< properties
};

struct Region {
  graph::VertexId vertex;
  std::array<bool, kRegionLevels> levels{};  ///< a municipality is city and province
  std::string code, name;
  graph::Properties properties;
  std::optional<uint32_t> parent;  ///< index of the region it is part of
  std::vector<uint32_t> children;
  bool in_force = true;
  /// Where companies of a region that is not in force count: see FindStandIns.
  std::optional<uint32_t> stand_in;
  /// Its figures are those of another territory: see FindOutdated.
  bool outdated = false;
};

struct ActiveCompany {
  graph::VertexId vertex;
  uint64_t roles = 0;             ///< bit i: has LandscapeNeeds::roles[i]
  std::vector<uint32_t> regions;  ///< where it is located, ascending, each once
};

/// The active companies and the regions, as of a day or as of all that is known.
///
/// Active, with a day: founded <= day < dissolved, an unknown day of founding counting as before.
/// A company whose status has ended (kEndedStatuses) and whose day of dissolution is unknown is not
/// active. Without a day: neither dissolved nor ended.
/// Located, with a day: LOCATED_IN edges with valid_from <= day < valid_to. Without: those without
/// valid_to; the only place of a company counts even so.
class Landscape {
 public:
  /// Errors: kInvalidArgument for an unknown role or size, with 'did you mean'; kIo, kCorruption.
  static Result<Landscape> Read(const graph::Snapshot& snapshot, const LandscapeNeeds& needs);

  const graph::Snapshot& snapshot() const { return *snapshot_; }
  const std::optional<graph::Date>& as_of() const { return as_of_; }
  const std::vector<Region>& regions() const { return regions_; }
  const std::vector<ActiveCompany>& companies() const { return companies_; }
  std::optional<uint32_t> CompanyAt(graph::VertexId vertex) const;
  std::optional<uint32_t> RegionAt(graph::VertexId vertex) const;
  /// Size number `size` of a company in hundredths; null when it states none.
  std::optional<Int128> SizeOf(size_t size, uint32_t company) const;

  /// The region itself or the nearest above it that has `level`.
  std::optional<uint32_t> AtLevel(uint32_t region, RegionLevel level) const;
  /// For every company the regions of `level` it is located in, in force or standing in for one
  /// that is not, ascending, each once.
  std::vector<std::vector<uint32_t>> Places(RegionLevel level) const;
  /// Regions of `level` in force, ascending by code.
  std::vector<uint32_t> InForce(RegionLevel level) const;
  /// The name of the next region above; empty for none.
  std::string ParentName(uint32_t region) const;
  /// The property of the region as a number; else the sum over its parts in force if all have it.
  /// Null where figures are outdated.
  std::optional<double> Amount(uint32_t region, std::string_view property) const;

 private:
  Landscape() = default;
  friend class LandscapeReader;

  const graph::Snapshot* snapshot_ = nullptr;
  std::optional<graph::Date> as_of_;
  std::vector<Region> regions_;
  std::vector<ActiveCompany> companies_;                   // ascending by vertex
  std::vector<std::vector<std::optional<Int128>>> sizes_;  // [size][company]
};

/// Sets `stand_in` of the regions of companies that are not in force at the day: the one in force
/// that SUCCEEDED_BY leads to without a fork; else, for a unit of a later day, the earlier one that
/// became it alone and nothing else.
Status FindStandIns(Landscape& landscape, std::vector<Region>& regions);

/// Sets `outdated` of the regions in force that gained or lost territory between the day of their
/// figures (`figures_as_of`) and the day asked for: a SUCCEEDED_BY or CEDED_TO from or to another
/// region. That by which the region itself began is none: the figures are of what it is.
Status FindOutdated(const Landscape& landscape, std::vector<Region>& regions);

/// The property as a day; null where it is none.
const graph::Date* DateOf(const graph::Properties& properties,
                          std::optional<graph::PropertyId> property);

/// What to tell who gave a name that is not among `known`: the nearest one, else all when they are
/// few, else those that contain it; starts with `; `, empty when there is nothing to tell.
std::string Suggestion(const std::string& name, std::vector<std::string> known);

/// The label that a role names: `device_supplier` or `DeviceSupplier`.
/// Errors: kInvalidArgument, with 'did you mean'.
Result<std::string> RoleLabel(const graph::Snapshot& snapshot, const std::string& role);

/// The vertex of `label` with that key. Errors: kInvalidArgument naming `what`, with 'did you mean'
/// among the keys there are.
Result<graph::VertexId> FindNamed(const graph::Snapshot& snapshot, const std::string& label,
                                  const std::string& key, const std::string& what);

/// The segments of a chain, ascending. Errors: kInvalidArgument for an unknown chain, with 'did you
/// mean', and for one without segments.
Result<std::vector<graph::VertexId>> SegmentsOf(const graph::Snapshot& snapshot,
                                                const std::string& chain);

// ---- omissions.cc: what no row of a level shows, because regions change. A sentence each.

/// Active companies whose regions of that level are all out of force at the day.
std::vector<std::string> OmittedCompanies(const Landscape& landscape, RegionLevel level);
/// A company that alone has kDominantShare or more of all sizes of that kind, among kDominantAmong
/// or more: it may be a slip of the pen, and what is measured by size says little beside it. `name`
/// is that of the size.
Result<std::vector<std::string>> DominantSizes(const Landscape& landscape, size_t size,
                                               const std::string& name);
inline constexpr double kDominantShare = 0.25;
inline constexpr size_t kDominantAmong = 20;

/// Figures that stand on regions of that level, or of the one below where they are added up, and
/// count nowhere: of regions out of force at the day, and outdated ones.
std::vector<std::string> OmittedFigures(const Landscape& landscape, RegionLevel level,
                                        const std::set<std::string>& properties);

// ---- density.cc

/// The property a basis divides by (empty: companies labelled Manufacturer), and how many of it
/// make one unit.
std::string_view DensityProperty(DensityBasis basis);
int64_t DensityUnit(DensityBasis basis);

/// Which regions in force get a row.
enum class Listing { kNoteworthy, kAll };

/// Places in LandscapeNeeds; -1 for none.
struct DensityInputs {
  uint64_t roles = 0;  ///< bits, as in ActiveCompany; none: every company
  int manufacturers = -1, size = -1;
  Listing listing = Listing::kNoteworthy;
};
/// Adds to `needs` what DensityOf asks of a landscape.
DensityInputs Require(const DensityOptions& options, LandscapeNeeds& needs);
/// ComputeDensity on a landscape that was read with these needs and the same day.
Result<DensityResult> DensityOf(const Landscape& landscape, const DensityOptions& options,
                                const DensityInputs& inputs);
/// The companies behind a region's row, ascending by vertex.
Result<std::vector<uint32_t>> CompaniesBehind(const Landscape& landscape,
                                              const DensityOptions& options,
                                              const DensityInputs& inputs, uint32_t region);

// ---- coverage.cc

/// A chain: its segments, the links between them, and who offers what.
struct ChainView {
  std::vector<std::string> ids, names, stages, groups;  ///< per segment
  std::vector<double> weights;
  graph::Csr links;                               ///< FEEDS; local number = segment
  std::vector<std::vector<uint32_t>> offered_by;  ///< [segment] companies of the landscape
  std::vector<uint32_t> order;                    ///< topological
  std::vector<bool> sources, sinks;  ///< linked segments that nothing feeds, that feed nothing
  int64_t longest_path = 0;          ///< links
};
/// Errors: as ComputeCoverage.
Result<ChainView> ReadChain(const Landscape& landscape, const std::string& chain);

/// n of every segment in every region of a level.
struct ChainCounts {
  std::vector<std::vector<int64_t>> n;  ///< [segment][region]
  std::vector<int64_t> companies;       ///< [region] that offer any segment
  std::vector<int64_t> usual, regions;  ///< [segment] k_s, and the regions that have any
};
ChainCounts CountChain(const Landscape& landscape, const ChainView& chain, RegionLevel level);

/// One flag per segment: n >= min_companies.
std::vector<bool> PresentSegments(const ChainCounts& counts, uint32_t region,
                                  int64_t min_companies);

/// The region around another, one level up, and what it has; no counts for none.
struct Above {
  const ChainCounts* counts = nullptr;
  uint32_t region = 0;
};
/// The level of a region's neighbourhood: the city of a district, else the province.
RegionLevel LevelAbove(RegionLevel level);
/// `counts_above`: of LevelAbove(level). A province has no neighbourhood.
Above NeighbourhoodOf(const Landscape& landscape, const ChainCounts& counts_above, uint32_t region,
                      RegionLevel level);
/// All of a row but its code and names.
CoverageRow CoverageRowOf(const ChainView& chain, const ChainCounts& counts, uint32_t region,
                          const Above& above, const CoverageOptions& options);
/// Missing, an extension or weak: candidates are looked for.
bool IsGap(SegmentStatus status);
/// ComputeCoverage on a landscape of the same day.
Result<CoverageResult> CoverageOf(const Landscape& landscape, const CoverageOptions& options,
                                  Listing listing);

}  // namespace qipu::query

#endif  // QIPU_QUERY_METRICS_METRICS_H_
