#include "query/density.h"

#include <algorithm>
#include <array>

#include "graph/json.h"
#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

/// A basis: its name, the property it divides by (none: companies labelled Manufacturer), and how
/// many of it make one unit.
struct Basis {
  DensityBasis basis;
  std::string_view name, property;
  int64_t unit;
};
constexpr std::array<Basis, 5> kBases{{
    {DensityBasis::kKm2, "km2", "area_km2", 1},
    {DensityBasis::k10kResidents, "10k_residents", "population", 10'000},
    {DensityBasis::k100Manufacturers, "100_manufacturers", "", 100},
    {DensityBasis::k10kManufacturingWorkers, "10k_manufacturing_workers", "manufacturing_workers",
     10'000},
    {DensityBasis::k100mGdp, "100m_gdp", "gdp_cny", 100'000'000},
}};

const Basis* FindBasis(DensityBasis basis) {
  const auto at =
      std::find_if(kBases.begin(), kBases.end(), [&](const Basis& b) { return b.basis == basis; });
  return at == kBases.end() ? nullptr : &*at;
}

Error Unknown(const std::string& what, std::string_view name,
              const std::vector<std::string>& known) {
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
  const std::string near = graph::NearestName(name, known);
  return InvalidArgument("unknown " + what + " '" + std::string(name) + "'; known are " + list +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

}  // namespace

Result<RegionLevel> ParseRegionLevel(std::string_view name) {
  if (name == "district") return RegionLevel::kDistrict;
  if (name == "city") return RegionLevel::kCity;
  if (name == "province") return RegionLevel::kProvince;
  return Unknown("level of regions", name, {"district", "city", "province"});
}

std::string_view RegionLevelName(RegionLevel level) {
  constexpr std::array<std::string_view, 3> kNames{"district", "city", "province"};
  return kNames[static_cast<size_t>(level)];
}

Result<DensityBasis> ParseDensityBasis(std::string_view name) {
  std::vector<std::string> known;
  for (const Basis& basis : kBases) {
    if (basis.name == name) return basis.basis;
    known.emplace_back(basis.name);
  }
  return Unknown("basis", name, known);
}

std::string_view DensityProperty(DensityBasis basis) {
  const Basis* found = FindBasis(basis);
  return found == nullptr ? "" : found->property;
}

int64_t DensityUnit(DensityBasis basis) {
  const Basis* found = FindBasis(basis);
  return found == nullptr ? 1 : found->unit;
}

Result<DensityResult> ComputeDensity(const graph::Snapshot& snapshot,
                                     const DensityOptions& options) {
  LandscapeNeeds needs;
  needs.as_of = options.as_of;
  const DensityInputs inputs = Require(options, needs);
  const Landscape landscape = QIPU_TRY(Landscape::Read(snapshot, needs));
  DensityResult result = QIPU_TRY(DensityOf(landscape, options, inputs));
  result.notes = OmittedCompanies(landscape, options.by);
  std::set<std::string> figures;
  if (const auto property = DensityProperty(options.per); !property.empty()) {
    figures.emplace(property);
  }
  for (std::string& note : OmittedFigures(landscape, options.by, figures)) {
    result.notes.push_back(std::move(note));
  }
  if (inputs.size >= 0) {
    const auto size = static_cast<size_t>(inputs.size);
    for (std::string& note : QIPU_TRY(DominantSizes(landscape, size, options.size))) {
      result.notes.push_back(std::move(note));
    }
  }
  return result;
}

Table DensityTable(const DensityResult& result) {
  Table table;
  table.columns = {
      "rank",  "code",    "name",         "parent", "companies",         "sized",      "size",
      "basis", "density", "size_density", "share",  "location_quotient", "percentile", "size_hhi"};
  for (const DensityRow& row : result.rows) {
    std::vector<Cell> cells(1);
    if (row.rank) cells[0] = CountCell(*row.rank);
    for (const std::string& text : {row.code, row.name, row.parent}) {
      cells.push_back(TextCell(text));
    }
    cells.push_back(CountCell(row.companies));
    cells.push_back(CountCell(row.sized));
    for (const auto& number : {row.size, row.basis, row.density, row.size_density, row.share,
                               row.location_quotient, row.percentile, row.size_hhi}) {
      cells.push_back(NumberCell(number));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace qipu::query
