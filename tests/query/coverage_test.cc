#include "query/coverage.h"

#include "tests/query/landscape_fixture.h"

namespace qipu::query {
namespace {

using graph::Value;
using ::testing::Optional;

class CoverageTest : public testing::Test {
 protected:
  void SetUp() override {
    AddRegionsAndChain(t_);
    t_.Company({"c:1", {}, {"310101"}, {"chip", "servo", "robot"}, {{"name", Value("One")}}});
    t_.Company({"c:2", {}, {"310101"}, {"servo"}, {{"name", Value("Two")}}});
    t_.Company({"c:3", {}, {"310102"}, {"sensor", "robot"}, {{"name", Value("Three")}}});
    t_.Company({"c:4", {}, {"440301"}, {"servo", "line"}, {{"name", Value("Four")}}});
    t_.Company({"c:5", {}, {"440301"}, {}, {{"name", Value("Five")}}});
    t_.Company({"c:6", {}, {"440301"}, {"cad"}, {{"status", Value("revoked")}}});
  }
  TestLandscape t_;
};

TEST_F(CoverageTest, MeasuresADistrict) {
  const auto result = ComputeCoverage(t_.Commit(), {.chain = "robots"});
  EXPECT_OK(result);
  EXPECT_EQ(result->segments, 6);
  EXPECT_EQ(result->links, 4);
  EXPECT_EQ(result->longest_path, 3);
  ASSERT_EQ(result->rows.size(), 3u);
  const CoverageRow& a = result->rows[0];
  EXPECT_EQ(a.code, "310101");
  EXPECT_EQ(a.companies, 2);
  EXPECT_EQ(a.present, 3);  // chip, servo, robot of weight 1 + 2 + 1 of 8
  EXPECT_THAT(a.breadth, Optional(4.0 / 8.0));
  // k_s: servo is 2 here and 1 in 440301, lower median 1; the others 1.
  EXPECT_THAT(a.depth, Optional(4.0 / 8.0));
  // upstream 3 of 4, midstream 1 of 3, downstream 0 of 1.
  EXPECT_THAT(a.stage_balance, Optional(0.0));
  EXPECT_THAT(a.link_completeness, Optional(2.0 / 4.0));
  EXPECT_THAT(a.continuity, Optional(2.0 / 3.0));
  EXPECT_EQ(a.supply_paths, 0) << "no line: no path reaches the end of the chain";
  EXPECT_THAT(a.single_source_share, Optional(2.0 / 3.0));
  EXPECT_EQ(a.bottlenecks, 1);  // chip - servo - robot
  // The city adds sensor: 1 of 8, counted half.
  EXPECT_THAT(a.breadth_with_neighbours, Optional(4.5 / 8.0));
  EXPECT_EQ(result->rows[1].code, "440301") << "breadth 3 of 8";
  EXPECT_EQ(result->rows[2].code, "310102") << "breadth 2 of 8";
}

TEST_F(CoverageTest, CitiesPoolTheirDistricts) {
  const auto result = ComputeCoverage(t_.Commit(), {.chain = "robots", .by = RegionLevel::kCity});
  EXPECT_OK(result);
  const CoverageRow& big = result->rows[0];
  EXPECT_EQ(big.code, "310000");
  EXPECT_EQ(big.present, 4);
  EXPECT_THAT(big.breadth, Optional(5.0 / 8.0));
  EXPECT_THAT(big.link_completeness, Optional(3.0 / 4.0));
}

TEST_F(CoverageTest, SupplyPathsRunFromTheFirstToTheLastSegment) {
  t_.Company({"c:7", {}, {"310101"}, {"line", "sensor"}, {}});
  const auto result = ComputeCoverage(t_.Commit(), {.chain = "robots"});
  EXPECT_OK(result);
  EXPECT_EQ(result->rows[0].supply_paths, 1) << "chip and sensor both run through robot";
  EXPECT_THAT(result->rows[0].continuity, Optional(1.0));
  EXPECT_EQ(result->rows[0].bottlenecks, 2);  // servo and robot
}

TEST_F(CoverageTest, AThresholdAsksForMoreCompanies) {
  const auto result = ComputeCoverage(t_.Commit(), {.chain = "robots", .min_companies = 2});
  EXPECT_OK(result);
  EXPECT_EQ(result->rows[0].present, 1);
  EXPECT_THAT(result->rows[0].breadth, Optional(2.0 / 8.0));
  EXPECT_THAT(result->rows[0].depth, Optional(4.0 / 8.0)) << "depth knows no threshold";
}

TEST_F(CoverageTest, ARegionShowsItsGapsAndWhoIsNearest) {
  const graph::Snapshot snapshot = t_.Commit();
  const auto coverage = ComputeRegionCoverage(snapshot, {.chain = "robots"}, "310101", 1);
  EXPECT_OK(coverage);
  const auto all = ComputeCoverage(snapshot, {.chain = "robots"});
  EXPECT_EQ(coverage->total.breadth, all->rows[0].breadth) << "the two agree";
  const auto find = [&](const std::string& id) -> const SegmentRow& {
    for (const SegmentRow& row : coverage->segments) {
      if (row.id == id) return row;
    }
    ADD_FAILURE() << id;
    return coverage->segments[0];
  };
  // 2 of 2 companies here, 3 of 5 at all.
  EXPECT_THAT(find("servo").location_quotient, Optional(2.0 * 5 / (2.0 * 3)));
  EXPECT_EQ(find("servo").status, SegmentStatus::kStrong);
  // 1 of 2 here, 2 of 5 at all: exactly on the threshold.
  EXPECT_THAT(find("robot").location_quotient, Optional(1.25));
  EXPECT_EQ(find("robot").status, SegmentStatus::kStrong);
  EXPECT_EQ(find("cad").status, SegmentStatus::kMissing);
  EXPECT_EQ(find("cad").candidates, 0) << "its only company is revoked";
  const SegmentRow& sensor = find("sensor");
  EXPECT_EQ(sensor.status, SegmentStatus::kMissing);
  EXPECT_EQ(sensor.candidates, 1);
  ASSERT_EQ(sensor.nearest.size(), 1u);
  EXPECT_EQ(sensor.nearest[0].id, "c:3");
  EXPECT_EQ(sensor.nearest[0].tier, 0) << "same city";
  EXPECT_NEAR(*sensor.nearest[0].distance_km, 47.7, 0.1);
  const SegmentRow& line = find("line");
  EXPECT_EQ(line.status, SegmentStatus::kExtension) << "robot, which feeds it, is strong here";
  EXPECT_EQ(line.nearest[0].tier, 2);
  EXPECT_EQ(GapTable(*coverage).rows.size(), 3u) << "cad without, sensor and line with a company";
  for (const Table& table : {SegmentTable(*coverage), GapTable(*coverage), CoverageTable(*all)}) {
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  }
}

TEST_F(CoverageTest, CandidatesComeNearestFirst) {
  t_.Company({"c:7", {}, {"310102"}, {"line"}, {}});
  t_.Company({"c:8", {}, {"440301", "310102"}, {"line"}, {}});
  const auto coverage = ComputeRegionCoverage(t_.Commit(), {.chain = "robots"}, "310101", 2);
  EXPECT_OK(coverage);
  for (const SegmentRow& row : coverage->segments) {
    if (row.id != "line") continue;
    EXPECT_EQ(row.candidates, 3);
    ASSERT_EQ(row.nearest.size(), 2u) << "capped, with the count";
    EXPECT_EQ(row.nearest[0].id, "c:7");
    EXPECT_EQ(row.nearest[1].id, "c:8") << "its nearer place counts";
    EXPECT_EQ(row.nearest[1].region_code, "310102");
  }
}

TEST_F(CoverageTest, BadInputIsNamed) {
  const graph::Snapshot snapshot = t_.Commit();
  EXPECT_FAILS(ComputeCoverage(snapshot, {.chain = "robotz"}), ErrorCode::kInvalidArgument,
               "did you mean 'robots'?");
  EXPECT_FAILS(ComputeRegionCoverage(snapshot, {.chain = "robots"}, "310103", 1),
               ErrorCode::kInvalidArgument, "unknown region code '310103'");
  EXPECT_FAILS(ComputeRegionCoverage(snapshot, {.chain = "robots"}, "440399", 1),
               ErrorCode::kInvalidArgument, "not in force");
  t_.Vertex("Chain", "bare");
  t_.Edge(t_.Vertex("Segment", "line"), "FEEDS", t_.Vertex("Segment", "servo"));
  const graph::Snapshot circular = t_.Commit();
  EXPECT_FAILS(ComputeCoverage(circular, {.chain = "bare"}), ErrorCode::kInvalidArgument,
               "has no segments");
  EXPECT_FAILS(ComputeCoverage(circular, {.chain = "robots"}), ErrorCode::kInvalidArgument,
               "run in a circle: ");
}

}  // namespace
}  // namespace qipu::query
