#include "query/density.h"

#include <algorithm>

#include "query/metrics/metrics.h"
#include "tests/query/landscape_fixture.h"

namespace qipu::query {
namespace {

using graph::Date;
using graph::Value;
using ::testing::ElementsAre;
using ::testing::Optional;

Value Day(const char* text) { return Value(*Date::Parse(text)); }

class DensityTest : public testing::Test {
 protected:
  void SetUp() override {
    AddRegionsAndChain(t_);
    t_.Company({"c:1",
                {"DeviceSupplier"},
                {"310101"},
                {"servo"},
                {{"registered_capital_cny", Value(100.5)}, {"founded", Day("2010-01-01")}}});
    t_.Company({"c:2",
                {"DeviceSupplier", "Manufacturer"},
                {"310101", "310102"},
                {"robot"},
                {{"registered_capital_cny", Value(300.0)}}});
    t_.Company({"c:3", {"DeviceSupplier"}, {"440301"}, {"chip", "servo"}, {}});
    t_.Company({"c:4", {"Manufacturer"}, {"440301"}, {}, {{"employees", Value(int64_t{7})}}});
    t_.Company({"c:5", {"DeviceSupplier"}, {"440399"}, {}, {}});  // in a retired district
    t_.Company({"c:6", {"DeviceSupplier"}, {"440301"}, {}, {{"status", Value("revoked")}}});
    t_.Company({"c:7", {"DeviceSupplier"}, {"440301"}, {}, {{"dissolved", Day("2015-06-01")}}});
    t_.Company({"c:8", {"DeviceSupplier"}, {}, {}, {}});  // nowhere
  }
  DensityResult Compute(const DensityOptions& options) {
    const graph::Snapshot snapshot = t_.Commit();
    auto result = ComputeDensity(snapshot, options);
    EXPECT_OK(result);
    return *result;
  }
  static const DensityRow* Find(const DensityResult& result, const std::string& code) {
    for (const DensityRow& row : result.rows) {
      if (row.code == code) return &row;
    }
    return nullptr;
  }
  TestLandscape t_;
};

TEST_F(DensityTest, CountsDistinctActiveCompaniesPerDistrict) {
  const DensityResult result = Compute(
      {.roles = {"device_supplier"}, .per = DensityBasis::kKm2, .size = "registered_capital_cny"});
  EXPECT_EQ(result.companies, 3);
  EXPECT_EQ(result.all_companies, 4);
  EXPECT_EQ(result.unplaced, 2) << "in a retired district, and nowhere";
  ASSERT_EQ(result.rows.size(), 3u);
  const DensityRow& b = result.rows[0];
  EXPECT_EQ(b.code, "310102");
  EXPECT_EQ(b.parent, "Big");
  EXPECT_EQ(b.companies, 1);
  EXPECT_THAT(b.density, Optional(1 / 0.5));
  EXPECT_THAT(b.size_density, Optional(300 / 0.5));
  EXPECT_THAT(b.rank, Optional(1));
  EXPECT_THAT(b.percentile, Optional(100.0));
  const DensityRow& a = result.rows[1];
  EXPECT_EQ(a.code, "310101");
  EXPECT_EQ(a.companies, 2);
  EXPECT_EQ(a.sized, 2);
  EXPECT_THAT(a.size, Optional(400.5));
  EXPECT_THAT(a.density, Optional(2.0 / 20.0));
  EXPECT_THAT(a.share, Optional(2.0 / 3.0));
  EXPECT_THAT(a.location_quotient, Optional(2.0 * 4.0 / (2.0 * 3.0)));
  EXPECT_NEAR(*a.size_hhi, (100.5 * 100.5 + 300.0 * 300.0) / (400.5 * 400.5), 1e-15);
  const DensityRow& c = result.rows[2];
  EXPECT_EQ(c.sized, 0);
  EXPECT_FALSE(c.size) << "no size stated is not a size of 0";
  EXPECT_FALSE(c.size_density);
  EXPECT_THAT(c.percentile, Optional(0.0));
  EXPECT_TRUE(result.locational_gini);
  EXPECT_TRUE(result.ellison_glaeser);
  EXPECT_TRUE(result.ellison_glaeser_size);
}

TEST_F(DensityTest, AMissingBasisIsNullAndUnranked) {
  const DensityResult result =
      Compute({.roles = {"device_supplier"}, .per = DensityBasis::k10kResidents});
  const DensityRow* b = Find(result, "310102");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->companies, 1);
  EXPECT_FALSE(b->basis);
  EXPECT_FALSE(b->density);
  EXPECT_FALSE(b->rank);
  EXPECT_FALSE(b->percentile);
  EXPECT_EQ(result.rows.back().code, "310102") << "unranked rows stand behind";
  EXPECT_THAT(Find(result, "310101")->density, Optional(2.0 * 10'000 / 500'000));
}

TEST_F(DensityTest, AskedPerManufacturersItCountsThem) {
  const DensityResult result =
      Compute({.roles = {"device_supplier"}, .per = DensityBasis::k100Manufacturers});
  EXPECT_THAT(Find(result, "310101")->density, Optional(200.0));
  EXPECT_THAT(Find(result, "440301")->density, Optional(100.0));
}

TEST_F(DensityTest, ACompanyOfTwoDistrictsOfACityCountsOnceThere) {
  const DensityResult cities = Compute(
      {.by = RegionLevel::kCity, .roles = {"device_supplier"}, .per = DensityBasis::k100mGdp});
  const DensityRow* big = Find(cities, "310000");
  ASSERT_NE(big, nullptr);
  EXPECT_EQ(big->companies, 2);
  EXPECT_THAT(big->density, Optional(2.0 * 1e8 / 4e12));
  EXPECT_EQ(Find(cities, "440300")->companies, 2) << "a retired district still lies in its city";
  const DensityResult provinces = Compute({.by = RegionLevel::kProvince});
  EXPECT_EQ(Find(provinces, "310000")->companies, 2) << "a municipality is city and province";
  EXPECT_EQ(Find(provinces, "440000")->companies, 3);
}

TEST_F(DensityTest, ACityWithoutAFigureIsTheSumOfItsDistrictsInForce) {
  const DensityResult cities = Compute({.by = RegionLevel::kCity, .per = DensityBasis::kKm2});
  EXPECT_THAT(Find(cities, "310000")->basis, Optional(20.5));
  EXPECT_THAT(Find(cities, "440300")->basis, Optional(100.0));
  const DensityResult people =
      Compute({.by = RegionLevel::kCity, .per = DensityBasis::k10kResidents});
  EXPECT_FALSE(Find(people, "310000")->basis) << "one district has none";
}

TEST_F(DensityTest, SegmentChainAndDateSelect) {
  EXPECT_EQ(Compute({.roles = {"device_supplier", "manufacturer"}}).companies, 4) << "any of them";
  EXPECT_EQ(Compute({.segment = "servo"}).companies, 2);
  EXPECT_EQ(Compute({.chain = "robots"}).companies, 3);
  EXPECT_EQ(Compute({.roles = {"DeviceSupplier"}, .segment = "servo", .chain = "robots"}).companies,
            2);
  const DensityResult past =
      Compute({.roles = {"device_supplier"}, .as_of = Date::Parse("2009-12-31")});
  EXPECT_EQ(Find(past, "310101")->companies, 1) << "c:1 was not founded yet";
  EXPECT_EQ(Find(past, "440301")->companies, 2) << "c:7 was not dissolved yet";
  EXPECT_EQ(Find(past, "440399")->companies, 1) << "the district was in force";
  EXPECT_EQ(Find(Compute({}), "440399"), nullptr);
}

TEST_F(DensityTest, PlacesThatEndedDoNotCount) {
  const auto moved = t_.Company({"c:9", {"DeviceSupplier"}, {}, {}, {}});
  t_.Edge(moved, "LOCATED_IN", t_.Vertex("District", "310101"), {{"valid_to", Day("2018-01-01")}});
  t_.Edge(moved, "LOCATED_IN", t_.Vertex("District", "310102"),
          {{"valid_from", Day("2018-01-01")}});
  const auto counts = [&](std::optional<Date> day) {
    const DensityResult result = Compute({.roles = {"device_supplier"}, .as_of = day});
    return std::pair(Find(result, "310101")->companies, Find(result, "310102")->companies);
  };
  EXPECT_EQ(counts(std::nullopt), std::pair(int64_t{2}, int64_t{2}));
  EXPECT_EQ(counts(Date::Parse("2017-12-31")), std::pair(int64_t{3}, int64_t{1}));
  EXPECT_EQ(counts(Date::Parse("2018-01-01")), std::pair(int64_t{2}, int64_t{2}));
}

TEST_F(DensityTest, TooFewAreListedWithoutRank) {
  const DensityResult result = Compute({.roles = {"device_supplier"}, .min_companies = 2});
  EXPECT_THAT(Find(result, "310101")->rank, Optional(1));
  EXPECT_FALSE(Find(result, "310102")->rank);
}

TEST_F(DensityTest, TiesShareTheBestRank) {
  const DensityResult result = Compute({.segment = "servo"});
  ASSERT_GE(result.rows.size(), 2u);
  EXPECT_THAT(result.rows[0].rank, Optional(1));
  EXPECT_THAT(result.rows[1].rank, Optional(1));
  EXPECT_THAT(result.rows[0].percentile, result.rows[1].percentile);
}

TEST_F(DensityTest, UnknownNamesAreRefusedWithTheNearest) {
  const graph::Snapshot snapshot = t_.Commit();
  const struct {
    DensityOptions options;
    const char* message;
  } cases[] = {
      {{.roles = {"device_suplier"}}, "did you mean 'device_supplier'?"},
      {{.segment = "servos"}, "did you mean 'servo'?"},
      {{.chain = "robot"}, "did you mean 'robots'?"},
      {{.size = "employes"}, "did you mean 'employees'?"},
  };
  for (const auto& c : cases) {
    EXPECT_FAILS(ComputeDensity(snapshot, c.options), ErrorCode::kInvalidArgument, c.message);
  }
  EXPECT_FAILS(ParseDensityBasis("km"), ErrorCode::kInvalidArgument, "did you mean 'km2'?");
  EXPECT_FAILS(ParseRegionLevel("citty"), ErrorCode::kInvalidArgument, "did you mean 'city'?");
}

TEST_F(DensityTest, TableHasNullsWhereThereIsNothing) {
  const Table table = DensityTable(Compute({.per = DensityBasis::k10kResidents}));
  ASSERT_FALSE(table.rows.empty());
  for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  EXPECT_TRUE(std::get<Value>(table.rows.back()[0].value).is_null());
}

TEST_F(DensityTest, ACompanyThatDwarfsAllOthersIsNamed) {
  for (const double capital : {9e12, 100.0}) {
    SCOPED_TRACE(capital);
    TestLandscape t;
    AddRegionsAndChain(t);
    for (int i = 0; i < 30; ++i) {
      const std::string id = "c:n" + std::to_string(i);
      t.Company({id.c_str(),
                 {},
                 {"310101"},
                 {},
                 {{"name", Value("N" + std::to_string(i))},
                  {"registered_capital_cny", Value(i == 7 ? capital : 100.0)}}});
    }
    const graph::Snapshot snapshot = t.Commit();
    const auto result = ComputeDensity(snapshot, {.size = "registered_capital_cny"});
    ASSERT_TRUE(result.ok()) << result.error().message;
    if (capital > 100) {
      EXPECT_THAT(result->notes,
                  testing::Contains(testing::HasSubstr(
                      "99 % of all registered_capital_cny is that of one company, N7")));
    } else {
      EXPECT_TRUE(result->notes.empty());
    }
  }
}

/// Districts that change on 2021-01-01: Old1 and Old2 merge into Both, Halved goes to Left and
/// Right, Renamed gets the code of NewCode.
class ReformTest : public testing::Test {
 protected:
  void SetUp() override {
    AddRegionsAndChain(t_);
    const auto south = t_.Vertex("City", "440300");
    const auto make = [&](const char* code, const char* bound) {
      const auto district = t_.Vertex("District", code, {{"name", Value(code)}, {bound, day_}});
      t_.Edge(district, "PART_OF", south);
      t_.Company({("c:" + std::string(code)).c_str(), {}, {code}, {}, {}});
      return district;
    };
    const auto both = make("Both", "valid_from"), renamed = make("NewCode", "valid_from");
    const auto left = make("Left", "valid_from"), right = make("Right", "valid_from");
    t_.Edge(make("Old1", "valid_to"), "SUCCEEDED_BY", both);
    t_.Edge(make("Old2", "valid_to"), "SUCCEEDED_BY", both);
    t_.Edge(make("Renamed", "valid_to"), "SUCCEEDED_BY", renamed);
    const auto halved = make("Halved", "valid_to");
    for (auto half : {left, right}) t_.Edge(halved, "SUCCEEDED_BY", half);
  }
  DensityResult On(const char* day, DensityOptions options = {}) {
    options.as_of = Date::Parse(day);
    const graph::Snapshot snapshot = t_.Commit();
    auto result = ComputeDensity(snapshot, options);
    EXPECT_OK(result);
    return *result;
  }
  static int64_t At(const DensityResult& result, const std::string& code) {
    for (const DensityRow& row : result.rows) {
      if (row.code == code) return row.companies;
    }
    return -1;
  }
  const Value day_ = Day("2021-01-01");
  TestLandscape t_;
};

TEST_F(ReformTest, CompaniesCountWhereSuccessionLeadsToOneRegion) {
  const DensityResult before = On("2020-12-31");
  EXPECT_EQ(At(before, "Old1"), 1);
  EXPECT_EQ(At(before, "Renamed"), 2);  // and the one placed under the later code
  EXPECT_EQ(At(before, "Halved"), 1);
  EXPECT_THAT(before.notes,
              ElementsAre("3 active companies count in no district, because theirs is "
                          "not in force on 2020-12-31: Both Both (1), Left Left (1), "
                          "Right Right (1)"));
  const DensityResult after = On("2021-01-01");
  EXPECT_EQ(At(after, "Both"), 3);
  EXPECT_EQ(At(after, "NewCode"), 2);
  EXPECT_EQ(At(after, "Left"), 1);
  EXPECT_EQ(At(after, "Old1"), -1);
  EXPECT_THAT(after.notes, ElementsAre("1 active companies count in no district, because theirs is "
                                       "not in force on 2021-01-01: Halved Halved (1)"));
  for (const char* day : {"2020-12-31", "2021-01-01"}) {
    EXPECT_EQ(At(On(day, {.by = RegionLevel::kCity}), "440300"), 8) << day;
  }
}

TEST_F(ReformTest, FiguresThatNoRowShowsAreNamed) {
  t_.Vertex("District", "Halved", {{"area_km2", Value(5.0)}});
  // "Old" of the fixture has an area too and went in 2020.
  EXPECT_THAT(On("2019-06-01", {.per = DensityBasis::kKm2}).notes.size(), 1u);
  EXPECT_THAT(On("2021-06-01", {.per = DensityBasis::kKm2}).notes,
              ElementsAre(testing::_,
                          "figures of regions not in force on 2021-06-01 are not counted "
                          "(area_km2): 440399 Old, Halved Halved; --as-of takes a day "
                          "on which they were"));
}

TEST(OutdatedFigures, AreNoneAfterAChangeOfTerritory) {
  const struct {
    const char* name;
    const char *type, *from, *to, *changed;
    const char* began;  // of C, 440301, whose figures are of 2020-11-01
    const char* as_of;  // empty: none
    bool outdated;
  } cases[] = {
      {"took in another", "SUCCEEDED_BY", "440399", "440301", "2021-01-01", "", "", true},
      {"lost a part", "CEDED_TO", "440301", "310101", "2021-01-01", "", "", true},
      {"gained a part", "CEDED_TO", "310101", "440301", "2021-01-01", "", "", true},
      {"on that day", "CEDED_TO", "310101", "440301", "2021-01-01", "", "2021-01-01", true},
      {"the day before", "CEDED_TO", "310101", "440301", "2021-01-01", "", "2020-12-31", false},
      {"long before", "CEDED_TO", "310101", "440301", "2021-01-01", "1990-01-01", "2005-01-01",
       false},
      {"before the figures", "CEDED_TO", "440301", "310101", "2020-11-01", "", "", false},
      {"asked of before a change that the figures know", "CEDED_TO", "310101", "440301",
       "2015-01-01", "1990-01-01", "2014-12-31", true},
      {"asked of after it", "CEDED_TO", "310101", "440301", "2015-01-01", "1990-01-01",
       "2015-01-01", false},
      {"between others", "CEDED_TO", "310102", "310101", "2021-01-01", "", "", false},
      {"began by it", "SUCCEEDED_BY", "440399", "440301", "2021-01-01", "2021-01-01", "", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    TestLandscape t;
    AddRegionsAndChain(t);
    const auto of = t.Vertex("District", "440301", {{"figures_as_of", Day("2020-11-01")}});
    if (*c.began != 0) t.Vertex("District", "440301", {{"valid_from", Day(c.began)}});
    t.Edge(t.Vertex("District", c.from), c.type, t.Vertex("District", c.to),
           {{"valid_from", Day(c.changed)}});
    t.Company({"c:1", {}, {"440301"}, {}, {}});
    const graph::Snapshot snapshot = t.Commit();
    LandscapeNeeds needs;
    for (const auto level : {RegionLevel::kDistrict, RegionLevel::kCity}) {
      DensityOptions options{.by = level, .per = DensityBasis::kKm2};
      if (*c.as_of != 0) options.as_of = needs.as_of = Date::Parse(c.as_of);
      const auto result = ComputeDensity(snapshot, options);
      ASSERT_TRUE(result.ok()) << result.error().message;
      const bool by_city = level == RegionLevel::kCity;
      const auto row = std::ranges::find_if(result->rows, [&](const DensityRow& at) {
        return at.code == (by_city ? "440300" : "440301");
      });
      ASSERT_NE(row, result->rows.end());
      EXPECT_EQ(row->basis.has_value(), !c.outdated);
      EXPECT_EQ(row->rank.has_value(), !c.outdated);
      EXPECT_EQ(row->companies, 1) << "companies stay where they are";
      const std::string note =
          "figures of 1 regions whose territory was another on the day of the figures are not "
          "counted (area_km2): 440301 C; --as-of takes a day on which it was the same";
      EXPECT_EQ(std::ranges::count(result->notes, note), c.outdated ? 1 : 0);
    }
    const auto landscape = Landscape::Read(snapshot, needs);
    ASSERT_TRUE(landscape.ok()) << landscape.error().message;
    EXPECT_EQ(landscape->regions()[*landscape->RegionAt(of)].outdated, c.outdated);
  }
}

}  // namespace
}  // namespace qipu::query
