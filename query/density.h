#ifndef QIPU_QUERY_DENSITY_H_
#define QIPU_QUERY_DENSITY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"
#include "query/table.h"

namespace qipu::query {

/// The regions a metric is computed for.
enum class RegionLevel { kDistrict, kCity, kProvince };

/// `district`, `city` or `province`. Errors: kInvalidArgument with 'did you mean'.
Result<RegionLevel> ParseRegionLevel(std::string_view name);
std::string_view RegionLevelName(RegionLevel level);

/// What a density is counted per.
enum class DensityBasis {
  kNone,
  kKm2,                      ///< `area_km2` of the region
  k10kResidents,             ///< `population` / 10,000
  k100Manufacturers,         ///< active companies labelled Manufacturer there / 100
  k10kManufacturingWorkers,  ///< `manufacturing_workers` / 10,000
  k100mGdp,                  ///< `gdp_cny` / 100,000,000
};

/// `km2`, `10k_residents`, `100_manufacturers`, `10k_manufacturing_workers`, `100m_gdp`.
Result<DensityBasis> ParseDensityBasis(std::string_view name);

struct DensityOptions {
  RegionLevel by = RegionLevel::kDistrict;
  /// snake_case of labels (`device_supplier`): companies with any of them; empty: every company.
  std::vector<std::string> roles{};
  std::string segment{};  ///< key of a Segment the company offers; empty: any or none
  std::string chain{};    ///< key of a Chain the company offers a segment of; empty: any or none
  DensityBasis per = DensityBasis::kNone;
  std::string size{};  ///< numeric property of a company; empty: no size form
  std::optional<graph::Date> as_of{};
  int64_t min_companies = 0;  ///< regions with fewer are listed without rank
};

/// One region. Null = not known or not defined; never 0 for that.
struct DensityRow {
  std::string code, name, parent;
  int64_t companies = 0;          ///< n: distinct matching active companies located there
  int64_t sized = 0;              ///< how many of them state a size
  std::optional<double> size;     ///< sum of the sizes stated, exact before it becomes a double;
                                  ///< 0 without companies, null when none of them states one
  std::optional<double> basis;    ///< in the unit of the property; companies for manufacturers
  std::optional<double> density;  ///< n * unit / basis
  std::optional<double> size_density;       ///< size * unit / basis
  std::optional<double> share;              ///< n / n of all
  std::optional<double> location_quotient;  ///< (n / all companies there) / (n of all / all)
  std::optional<double> size_hhi;           ///< sum of squared shares of the sizes, 0..1
  std::optional<int> rank;                  ///< by density (by n without basis); 1 = greatest
  std::optional<double> percentile;         ///< 100 (ascending rank - 1) / (ranked - 1)
};

/// A density for every region in force at the date that has a company or a basis, best rank first,
/// unranked ones behind, then by code.
struct DensityResult {
  std::vector<DensityRow> rows;
  int64_t companies = 0;      ///< distinct matching active companies located in any region
  int64_t all_companies = 0;  ///< the same without role, segment and chain
  int64_t unplaced = 0;       ///< distinct matching active companies in no region, so in no row
  /// Krugman's Gini of the location quotients, weighted by the regions' share of all companies.
  std::optional<double> locational_gini;
  /// Ellison & Glaeser 1997; plants weighted equally, and by size when one is asked for.
  std::optional<double> ellison_glaeser, ellison_glaeser_size;
  std::vector<std::string> notes;  ///< what no row shows, because regions change
};

/// Cost: one scan of the companies, one read per region and segment, one per LOCATED_IN edge that
/// may have ended. Errors: kInvalidArgument for an unknown role, segment, chain or size, with
/// 'did you mean'; kIo, kCorruption.
Result<DensityResult> ComputeDensity(const graph::Snapshot& snapshot,
                                     const DensityOptions& options);

/// One row per region: rank, code, name, parent, companies, sized, size, basis, density,
/// size_density, share, location_quotient, percentile, size_hhi.
Table DensityTable(const DensityResult& result);

}  // namespace qipu::query

#endif  // QIPU_QUERY_DENSITY_H_
