#ifndef QIPU_TESTS_BENCH_LANDSCAPE_H_
#define QIPU_TESTS_BENCH_LANDSCAPE_H_

#include <cstdint>
#include <string>

#include "graph/store.h"

namespace qipu::bench {

/// What the generated landscape has: companies, 3,000 districts, 90 segments; each company lies in
/// one district, offers two segments on average and supplies 1.5 others. Sizes are skewed: district
/// 3000 u^2, segment 90 u^2, supplier n u^3 for a uniform u. The same bytes on every machine.
struct Landscape {
  uint64_t companies;
  static constexpr uint64_t kDistricts = 3000, kSegments = 90;
  uint64_t offers() const { return 2 * companies; }
  uint64_t supplies() const { return companies + companies / 2; }
  uint64_t edges() const { return companies + offers() + supplies(); }
};

/// Writes companies.csv, districts.csv, segments.csv, located_in.csv, offers.csv and supplies.csv.
Status WriteLandscape(const Landscape& landscape, const std::string& folder);

/// The schema that such a landscape is loaded under.
graph::Schema LandscapeSchema();

/// Loads the files of `folder` by one bulk load into `store`.
Status LoadLandscape(graph::Store& store, const std::string& folder, uint64_t memory_bytes);

/// Peak resident memory of this process so far, MiB.
double PeakMiB();

}  // namespace qipu::bench

#endif  // QIPU_TESTS_BENCH_LANDSCAPE_H_
