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

}  // namespace

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
