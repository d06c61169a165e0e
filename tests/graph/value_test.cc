#include "graph/value.h"

#include <gmock/gmock.h>

#include <limits>

namespace qipu::graph {
namespace {

TEST(Date, ReadsOnlyDaysThatExist) {
  const struct {
    const char* text;
    std::optional<int> days;
  } cases[] = {
      {"1970-01-01", 0},       {"1969-12-31", -1},
      {"2000-02-29", 11016},   {"0000-03-01", -719468},
      {"9999-12-31", 2932896}, {"2020-12-31", 18627},
      {"2019-02-29", {}},      {"1900-02-29", {}},
      {"2018-13-01", {}},      {"2018-00-10", {}},
      {"2018-04-31", {}},      {"2018-4-01", {}},
      {"2018-04-01 ", {}},     {"2018/04/01", {}},
      {"+018-04-01", {}},      {"", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto date = Date::Parse(c.text);
    ASSERT_EQ(date.has_value(), c.days.has_value());
    if (!date) continue;
    EXPECT_EQ(date->days, *c.days);
    EXPECT_EQ(date->ToString(), c.text);
  }
}

TEST(Date, EveryDayOfCenturiesComesBack) {
  const int first = Date::FromCivil(-401, 1, 1)->days, last = Date::FromCivil(2401, 1, 1)->days;
  for (int days = first; days <= last; ++days) {
    const Date::Civil civil = Date{days}.ToCivil();
    const auto back = Date::FromCivil(civil.year, civil.month, civil.day);
    ASSERT_TRUE(back.has_value()) << days;
    ASSERT_EQ(back->days, days);
  }
}

TEST(FormatFloat, IsShortestAndReadsBack) {
  const struct {
    double value;
    const char* want;
  } cases[] = {
      {0, "0.0"},
      {-0.0, "-0.0"},
      {1, "1.0"},
      {0.1, "0.1"},
      {100000, "100000.0"},
      {1e16, "10000000000000000.0"},
      {1e300, "1e+300"},
      {1e-7, "1e-07"},
      {1.0 / 3, "0.3333333333333333"},
      {-2.5, "-2.5"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
      {-std::numeric_limits<double>::infinity(), "-Infinity"},
  };
  for (const auto& c : cases) EXPECT_EQ(FormatFloat(c.value), c.want);
}

TEST(Value, EqualsByTypeAndBits) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Value(nan), Value(nan));
  EXPECT_FALSE(Value(0.0) == Value(-0.0));
  EXPECT_FALSE(Value(int64_t{1}) == Value(1.0));
  EXPECT_EQ(Value(), Value());
  EXPECT_EQ(Value(Value::List{Value("a"), Value(nan)}), Value(Value::List{Value("a"), Value(nan)}));
}

TEST(Value, WritesForPeople) {
  EXPECT_EQ(Value(Value::List{Value("a"), Value(), Value(true), Value(Date{0})}).ToString(),
            "[a, , true, 1970-01-01]");
  EXPECT_EQ(Value(Value::List{}).ToString(), "[]");
  EXPECT_EQ(Value().ToString(), "");
  EXPECT_EQ(*Value(int64_t{3}).AsNumber(), 3.0);
  EXPECT_FALSE(Value("3").AsNumber().has_value());
}

}  // namespace
}  // namespace qipu::graph
