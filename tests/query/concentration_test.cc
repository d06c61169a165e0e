#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/metrics/metrics.h"
#include "tests/query/reference.h"

namespace qipu::query {
namespace {

constexpr char kCases[] = "concentration/cases.json";

class ConcentrationReference : public testing::Test {
 protected:
  void SetUp() override {
    QIPU_NEEDS_REFERENCE(kCases);
    document_ = *graph::JsonDocument::Load(ReferencePath(kCases));
  }
  const graph::JsonNode& Case(const std::string& id, const char* part) const {
    for (const graph::JsonNode& node : **document_->root().Array()) {
      if (*node.Find("id")->String() == id) return *node.Find(part);
    }
    ADD_FAILURE() << "no case " << id;
    return document_->root();
  }
  double Expected(const std::string& id, const char* key) const {
    return *Case(id, "expected").Find(key)->Number();
  }
  std::optional<graph::JsonDocument> document_;
};

TEST_F(ConcentrationReference, Herfindahl) {
  for (const char* id : {"hhi_dorsam2004", "hhi_doj", "hhi_german_regions_gdp2015"}) {
    SCOPED_TRACE(id);
    const auto got = Herfindahl(Numbers(*Case(id, "inputs").Find("x")));
    ASSERT_TRUE(got);
    EXPECT_NEAR(*got, Expected(id, "hhi"), 1e-12);
  }
}

TEST_F(ConcentrationReference, LocationQuotient) {
  const graph::JsonNode& one = Case("lq_farhauer_kroell2013", "inputs");
  const auto got = LocationQuotient(*one.Find("e_ij")->Int(), *one.Find("e_j")->Int(),
                                    *one.Find("e_i")->Int(), *one.Find("e")->Int());
  EXPECT_NEAR(*got, Expected("lq_farhauer_kroell2013", "lq"), 1e-14);

  const graph::JsonNode& many = Case("lq_goettingen2017", "inputs");
  const Column part_here = Numbers(*many.Find("e_ij")), part = Numbers(*many.Find("e_i"));
  const Column want = Numbers(*Case("lq_goettingen2017", "expected").Find("lq"));
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_NEAR(*LocationQuotient(static_cast<int64_t>(part_here[i]), *many.Find("e_j")->Int(),
                                  static_cast<int64_t>(part[i]), *many.Find("e")->Int()),
                want[i], 1e-13);
  }
}

TEST_F(ConcentrationReference, LocationalGiniWithEqualWeights) {
  const graph::JsonNode& concentration = Case("gini_conc_fk2013", "inputs");
  const Column here = Numbers(*concentration.Find("E_ij")),
               all = Numbers(*concentration.Find("E_j"));
  Column quotients;
  for (size_t r = 0; r < here.size(); ++r) quotients.push_back(here[r] / all[r]);
  EXPECT_NEAR(*LocationalGini(quotients, Column(quotients.size(), 1)),
              Expected("gini_conc_fk2013", "gini_conc"), 1e-12);
  const Column x = Numbers(*Case("gini_german_regions_gdp", "inputs").Find("x"));
  EXPECT_NEAR(*LocationalGini(x, Column(x.size(), 1)), Expected("gini_german_regions_gdp", "gini"),
              1e-12);
}

TEST_F(ConcentrationReference, EllisonGlaeser) {
  const graph::JsonNode& inputs = Case("ellison_glaeser_fk2014", "inputs");
  const Column plants = Numbers(*inputs.Find("plant_employment"));
  const auto regions = *inputs.Find("region")->Strings();
  const auto places = *inputs.Find("plant_region")->Strings();
  Column industry(regions.size(), 0);
  for (size_t p = 0; p < plants.size(); ++p) {
    for (size_t r = 0; r < regions.size(); ++r) {
      if (places[p] == regions[r]) industry[r] += plants[p];
    }
  }
  const double herfindahl = *Herfindahl(plants);
  EXPECT_NEAR(herfindahl, Expected("ellison_glaeser_fk2014", "H_plants"), 1e-12);
  EXPECT_NEAR(
      *EllisonGlaeser(industry, Numbers(*inputs.Find("region_total_employment")), herfindahl),
      Expected("ellison_glaeser_fk2014", "gamma"), 1e-12);
}

TEST(Concentration, IsNullWhereThereIsNothingToMeasure) {
  EXPECT_FALSE(LocationQuotient(0, 0, 5, 10));
  EXPECT_FALSE(LocationQuotient(0, 5, 0, 10));
  EXPECT_EQ(LocationQuotient(0, 5, 5, 10), 0.0);
  EXPECT_FALSE(Herfindahl({}));
  EXPECT_FALSE(Herfindahl(Column{0, 0}));
  EXPECT_FALSE(LocationalGini({}, {}));
  EXPECT_FALSE(LocationalGini(Column{0, 0}, Column{1, 1}));
  EXPECT_FALSE(EllisonGlaeser(Column{3}, Column{3}, 0.5)) << "one region";
  EXPECT_FALSE(EllisonGlaeser(Column{3, 0}, Column{3, 3}, 1)) << "one plant";
}

TEST(LocationalGini, WeighsTheRegions) {
  // Two regions of weight 1 and 3 with quotients 3 and 1/3: half the industry in a quarter of all.
  EXPECT_NEAR(*LocationalGini(Column{3, 1.0 / 3}, Column{1, 3}), 0.5, 1e-15);
  // A region cut in two alike parts changes nothing.
  EXPECT_NEAR(*LocationalGini(Column{3, 1.0 / 3, 1.0 / 3}, Column{1, 1, 2}), 0.5, 1e-15);
}

TEST(LowerMedian, IsAnObservedValue) {
  EXPECT_EQ(LowerMedian({}), 0);
  EXPECT_EQ(LowerMedian({4}), 4);
  EXPECT_EQ(LowerMedian({9, 1}), 1);
  EXPECT_EQ(LowerMedian({5, 1, 9}), 5);
  EXPECT_EQ(LowerMedian({8, 2, 6, 4}), 4);
}

TEST(GreatCircle, KnowsAQuarterOfTheEquator) {
  EXPECT_NEAR(GreatCircleKm(0, 0, 90, 0), 6371.0088 * M_PI / 2, 1e-9);
  EXPECT_NEAR(GreatCircleKm(10, 50, 10, 50), 0, 1e-9);
  EXPECT_NEAR(GreatCircleKm(-170, 0, 170, 0), 6371.0088 * M_PI / 9, 1e-9);
}

TEST(ExactSum, AddsMoneyWithoutDrift) {
  ExactSum sum;
  for (int i = 0; i < 1000; ++i) sum.Add(*ExactSum::Hundredths(graph::Value(0.1)));
  EXPECT_EQ(sum.ToDouble(), 100.0);
  sum.Add(*ExactSum::Hundredths(graph::Value(int64_t{9'007'199'254'740'993})));
  sum.Add(*ExactSum::Hundredths(graph::Value(int64_t{-9'007'199'254'740'993})));
  EXPECT_EQ(sum.ToDouble(), 100.0);
  EXPECT_FALSE(ExactSum::Hundredths(graph::Value("12")));
  EXPECT_FALSE(ExactSum::Hundredths(graph::Value(std::nan(""))));
  EXPECT_FALSE(ExactSum::Hundredths(graph::Value(1e300)));
}

}  // namespace
}  // namespace qipu::query
