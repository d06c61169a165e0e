#include <algorithm>

#include "query/metrics/metrics.h"

namespace qipu::query {
namespace {

/// One flag per company of a landscape.
using Flags = std::vector<bool>;

Status MarkOffers(const Landscape& landscape, graph::VertexId segment, Flags& flags) {
  const auto type = landscape.snapshot().catalog().FindEdgeType("OFFERS");
  if (!type) return Ok{};
  const auto ends =
      QIPU_TRY(landscape.snapshot().Neighbours(segment, *type, graph::Direction::kIn));
  for (const graph::Neighbour& end : ends) {
    if (const auto company = landscape.CompanyAt(end.vertex)) flags[*company] = true;
  }
  return Ok{};
}

void And(Flags& flags, const Flags& other) {
  for (size_t i = 0; i < flags.size(); ++i) flags[i] = flags[i] && other[i];
}

/// The companies that have the role and offer the segment and the chain that are asked for.
Result<Flags> Matching(const Landscape& landscape, const DensityOptions& options,
                       const DensityInputs& inputs) {
  const graph::Snapshot& snapshot = landscape.snapshot();
  Flags flags(landscape.companies().size(), true);
  if (inputs.roles != 0) {
    for (size_t c = 0; c < flags.size(); ++c) {
      flags[c] = (landscape.companies()[c].roles & inputs.roles) != 0;
    }
  }
  if (!options.segment.empty()) {
    Flags offers(flags.size());
    const auto segment = QIPU_TRY(FindNamed(snapshot, "Segment", options.segment, "segment"));
    QIPU_TRY(MarkOffers(landscape, segment, offers));
    And(flags, offers);
  }
  if (!options.chain.empty()) {
    Flags offers(flags.size());
    for (graph::VertexId segment : QIPU_TRY(SegmentsOf(snapshot, options.chain))) {
      QIPU_TRY(MarkOffers(landscape, segment, offers));
    }
    And(flags, offers);
  }
  return flags;
}

/// What stands in one region.
struct Tally {
  int64_t all = 0, matching = 0, manufacturers = 0;
  std::vector<Int128> sizes;
  ExactSum size, all_size;
};

std::vector<double> AsDoubles(const std::vector<Int128>& sizes) {
  std::vector<double> doubles;
  for (Int128 size : sizes) doubles.push_back(static_cast<double>(size));
  return doubles;
}

class DensityCounter {
 public:
  DensityCounter(const Landscape& landscape, const DensityOptions& options,
                 const DensityInputs& inputs)
      : landscape_(landscape), options_(options), inputs_(inputs) {}

  DensityResult Count(const Flags& matching) {
    const auto places = landscape_.Places(options_.by);
    tallies_.resize(landscape_.regions().size());
    for (uint32_t c = 0; c < places.size(); ++c) {
      if (places[c].empty()) {
        if (matching[c]) ++result_.unplaced;
        continue;
      }
      ++result_.all_companies;
      if (matching[c]) ++result_.companies;
      const auto size = SizeOf(c);
      if (matching[c] && size) plants_.push_back(*size);
      for (uint32_t r : places[c]) Add(tallies_[r], c, matching[c], size);
    }
    regions_ = landscape_.InForce(options_.by);
    for (uint32_t r : regions_) AddRow(r);
    Rank();
    Concentration();
    return std::move(result_);
  }

 private:
  std::optional<Int128> SizeOf(uint32_t company) const {
    if (inputs_.size < 0) return std::nullopt;
    return landscape_.SizeOf(static_cast<size_t>(inputs_.size), company);
  }

  void Add(Tally& tally, uint32_t company, bool matching, const std::optional<Int128>& size) const {
    ++tally.all;
    if (inputs_.manufacturers >= 0) {
      tally.manufacturers += landscape_.companies()[company].roles >> inputs_.manufacturers & 1;
    }
    if (size) tally.all_size.Add(*size);
    if (!matching) return;
    ++tally.matching;
    if (!size) return;
    tally.size.Add(*size);
    tally.sizes.push_back(*size);
  }

  std::optional<double> BasisOf(uint32_t region, const Tally& tally) const {
    if (options_.per == DensityBasis::kNone) return std::nullopt;
    std::optional<double> basis;
    if (options_.per == DensityBasis::k100Manufacturers) {
      basis = static_cast<double>(tally.manufacturers);
    } else {
      basis = landscape_.Amount(region, DensityProperty(options_.per));
    }
    return basis && *basis > 0 ? basis : std::nullopt;  // nothing can be counted per nothing
  }

  void AddRow(uint32_t region) {
    const Tally& tally = tallies_[region];
    DensityRow row;
    row.basis = BasisOf(region, tally);
    const bool noteworthy = tally.matching > 0 || row.basis;
    if (!noteworthy && inputs_.listing == Listing::kNoteworthy) return;
    row.code = landscape_.regions()[region].code;
    row.name = landscape_.regions()[region].name;
    row.parent = landscape_.ParentName(region);
    row.companies = tally.matching;
    row.sized = static_cast<int64_t>(tally.sizes.size());
    const int64_t unit = DensityUnit(options_.per);
    if (row.basis) row.density = static_cast<double>(tally.matching * unit) / *row.basis;
    // Nobody there adds up to 0; somebody of unknown size adds up to nothing known.
    if (row.sized > 0 || (inputs_.size >= 0 && row.companies == 0)) {
      row.size = tally.size.ToDouble();
      if (row.basis) row.size_density = *row.size * static_cast<double>(unit) / *row.basis;
      row.size_hhi = Herfindahl(AsDoubles(tally.sizes));
    }
    if (result_.companies > 0) {
      row.share = static_cast<double>(tally.matching) / static_cast<double>(result_.companies);
    }
    row.location_quotient =
        LocationQuotient(tally.matching, tally.all, result_.companies, result_.all_companies);
    result_.rows.push_back(std::move(row));
  }

  std::optional<double> RankedBy(const DensityRow& row) const {
    if (row.companies < options_.min_companies) return std::nullopt;
    if (options_.per == DensityBasis::kNone) return static_cast<double>(row.companies);
    return row.density;
  }

  void Rank() {
    std::stable_sort(result_.rows.begin(), result_.rows.end(),
                     [&](const DensityRow& a, const DensityRow& b) {
                       const auto x = RankedBy(a), y = RankedBy(b);
                       if (x.has_value() != y.has_value()) return x.has_value();
                       return x && *x > *y;
                     });
    const auto ranked = static_cast<int>(
        std::count_if(result_.rows.begin(), result_.rows.end(),
                      [&](const DensityRow& row) { return RankedBy(row).has_value(); }));
    int last = ranked;  // the last place of the rows that share a value, seen from below
    for (int i = 0; i < ranked; ++i) {
      DensityRow& row = result_.rows[static_cast<size_t>(i)];
      const DensityRow* before = i > 0 ? &result_.rows[static_cast<size_t>(i - 1)] : nullptr;
      row.rank = before != nullptr && RankedBy(*before) == RankedBy(row) ? *before->rank : i + 1;
    }
    for (int i = ranked - 1; i >= 0; --i) {
      DensityRow& row = result_.rows[static_cast<size_t>(i)];
      const bool tied = i + 1 < ranked && result_.rows[static_cast<size_t>(i + 1)].rank == row.rank;
      if (!tied) last = i + 1;
      if (ranked > 1) row.percentile = 100.0 * (ranked - last) / (ranked - 1);
    }
  }

  void Concentration() {
    std::vector<double> quotients, weights, industry, all, industry_size, all_size;
    for (uint32_t r : regions_) {
      const Tally& tally = tallies_[r];
      if (tally.all == 0) continue;
      const auto quotient =
          LocationQuotient(tally.matching, tally.all, result_.companies, result_.all_companies);
      quotients.push_back(quotient.value_or(0));
      weights.push_back(static_cast<double>(tally.all));
      industry.push_back(static_cast<double>(tally.matching));
      all.push_back(static_cast<double>(tally.all));
      industry_size.push_back(tally.size.ToDouble());
      all_size.push_back(tally.all_size.ToDouble());
    }
    if (result_.companies == 0) return;
    result_.locational_gini = LocationalGini(quotients, weights);
    result_.ellison_glaeser =
        EllisonGlaeser(industry, all, 1 / static_cast<double>(result_.companies));
    if (const auto plants = Herfindahl(AsDoubles(plants_))) {
      result_.ellison_glaeser_size = EllisonGlaeser(industry_size, all_size, *plants);
    }
  }

  const Landscape& landscape_;
  const DensityOptions& options_;
  const DensityInputs& inputs_;
  std::vector<Tally> tallies_;
  std::vector<uint32_t> regions_;
  std::vector<Int128> plants_;
  DensityResult result_;
};

/// The place of `name` in `names`, added when it is new.
int PlaceOf(std::vector<std::string>& names, const std::string& name) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) names.push_back(name);
  return static_cast<int>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

DensityInputs Require(const DensityOptions& options, LandscapeNeeds& needs) {
  DensityInputs inputs;
  for (const std::string& role : options.roles) {
    inputs.roles |= uint64_t{1} << (PlaceOf(needs.roles, role) % static_cast<int>(kRolesMax));
  }
  if (!options.size.empty()) inputs.size = PlaceOf(needs.sizes, options.size);
  if (options.per == DensityBasis::k100Manufacturers) {
    inputs.manufacturers = PlaceOf(needs.roles, "manufacturer");
  }
  return inputs;
}

Result<DensityResult> DensityOf(const Landscape& landscape, const DensityOptions& options,
                                const DensityInputs& inputs) {
  const Flags matching = QIPU_TRY(Matching(landscape, options, inputs));
  return DensityCounter(landscape, options, inputs).Count(matching);
}

Result<std::vector<uint32_t>> CompaniesBehind(const Landscape& landscape,
                                              const DensityOptions& options,
                                              const DensityInputs& inputs, uint32_t region) {
  const Flags matching = QIPU_TRY(Matching(landscape, options, inputs));
  const auto places = landscape.Places(options.by);
  std::vector<uint32_t> behind;
  for (uint32_t c = 0; c < places.size(); ++c) {
    if (matching[c] && std::binary_search(places[c].begin(), places[c].end(), region)) {
      behind.push_back(c);
    }
  }
  return behind;
}

}  // namespace qipu::query
