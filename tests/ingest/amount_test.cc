#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

using testing::HasSubstr;

TEST(ReadDecimal, IsExact) {
  const struct {
    const char* text;
    int64_t units;
    int scale;
  } cases[] = {
      {"0", 0, 0},
      {"5", 5, 0},
      {"-5.25", -525, 2},
      {"+7", 7, 0},
      {" 1,913.2157 ", 19132157, 4},
      {"12,345,678", 12345678, 0},
      {"101.2000", 1012, 1},
      {"10.000", 10, 0},
      {"000", 0, 0},
      {"１，２３４．５０", 12345, 1},
      {"9223372036854775807", std::numeric_limits<int64_t>::max(), 0},
      {"0.000000000000000001", 1, 18},
      {"0.10000000000000000000000000", 1, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto decimal = ReadDecimal(c.text);
    ASSERT_TRUE(decimal.ok()) << decimal.error().message;
    EXPECT_EQ(decimal->units, c.units);
    EXPECT_EQ(decimal->scale, c.scale);
  }
}

TEST(ReadDecimal, Refuses) {
  for (const char* text : {"",
                           "-",
                           "12,5",
                           "1,,000",
                           ",500",
                           "1234,567",
                           "1,2345",
                           "1,500,",
                           "1.",
                           ".5",
                           "1.2.3",
                           "1.5,000",
                           "1.913E3",
                           "1e5",
                           "(500)",
                           "--5",
                           "NaN",
                           "inf",
                           "0x10",
                           "5 0",
                           "五",
                           "9223372036854775808",
                           "99999999999999999999",
                           "0.0000000000000000001"}) {
    SCOPED_TRACE(text);
    const auto decimal = ReadDecimal(text);
    ASSERT_FALSE(decimal.ok());
    EXPECT_EQ(decimal.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(ToDouble, IsTheNearest) {
  EXPECT_EQ(ToDouble({19132157, 4}), 1913.2157);
  EXPECT_EQ(ToDouble({-1, 1}), -0.1);
  EXPECT_EQ(ToDouble({std::numeric_limits<int64_t>::max(), 18}), 9.223372036854775807);
  EXPECT_EQ(ToDouble({std::numeric_limits<int64_t>::min(), 0}), -0x1p63);
  EXPECT_EQ(ToDouble({}), 0.0);
}

const AmountWords kWords = {{
    {"", {"", 1}},
    {"万", {"", 10'000}},
    {"元", {"CNY", 1}},
    {"万元", {"CNY", 10'000}},
    {"万人民币元", {"CNY", 10'000}},
    {"万元(人民币)", {"CNY", 10'000}},
    {"万美元", {"USD", 10'000}},
}};

TEST(ReadAmount, ReadsRealSpellings) {
  const struct {
    const char* text;
    Decimal value;
    const char* currency;
  } cases[] = {
      {"1,913.2157(万元)", {19132157, 0}, "CNY"},
      {"0.00015万元", {15, 1}, "CNY"},
      {"10（万元）", {100000, 0}, "CNY"},
      {"９（万美元）", {90000, 0}, "USD"},
      {"50万", {500000, 0}, ""},
      {"27,850.0875(万)", {278500875, 0}, ""},
      {"5()", {5, 0}, ""},
      {"6", {6, 0}, ""},
      {"9( 万人民币元)", {90000, 0}, "CNY"},
      {"450(万美元 )", {4500000, 0}, "USD"},
      {"3,700(万元(人民币))", {37000000, 0}, "CNY"},
      {"8,866.1000(万元（人民币）)", {88661000, 0}, "CNY"},
      {"8 万元（人民币）", {80000, 0}, "CNY"},
      {"18.2元", {182, 1}, "CNY"},
      {"0万元", {0, 0}, "CNY"},
      {"922337203685477.5807万元", {9223372036854775807, 0}, "CNY"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto amount = ReadAmount(std::string(" ") + c.text + "\u3000", kWords);
    ASSERT_TRUE(amount.ok()) << amount.error().message;
    EXPECT_EQ(amount->value.units, c.value.units);
    EXPECT_EQ(amount->value.scale, c.value.scale);
    EXPECT_EQ(amount->currency, c.currency);
    EXPECT_EQ(amount->stated, c.text);
  }
}

TEST(ReadAmount, Refuses) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"", "does not start with a number"},
      {"-", "does not start with a number"},
      {"万人民币", "does not start with a number"},
      {"壹佰万元", "does not start with a number"},
      {"(500)万元", "does not start with a number"},
      {"-5万元", "is negative"},
      {"NaN万元", "does not start with a number"},
      {"12,5万元", "'12,5' is not a number"},
      {"1,500(", "the word '(' is not in the mapping's 'words'"},
      {"5万万元", "the word '万万元' is not in"},
      {"3,000(万美)", "the word '万美' is not in"},
      {"5(万元)(美元)", "is not in"},
      {"1.913E3万元", "the word 'E3万元' is not in"},
      {"922337203685477.5808万元", "has too many digits"},
      {"922337203685478万元", "is too large"},
      {"99999999999999999999万元", "has too many digits"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto amount = ReadAmount(c.text, kWords);
    ASSERT_FALSE(amount.ok());
    EXPECT_EQ(amount.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(amount.error().message, HasSubstr(c.want));
  }
  EXPECT_THAT(ReadAmount("5", {}).error().message, HasSubstr("a bare number"));
}

TEST(StatesNumber, NeedsADigitOrAChineseNumber) {
  for (const char* text : {"5", "(500)万元", "约５００万", "NaN0", "壹佰万元", "五万元", "伍拾萬圆",
                           "一千二百万", "人民币伍拾万元", "约1亿"}) {
    EXPECT_TRUE(StatesNumber(text)) << text;
  }
  for (const char* text : {"", "-", "Charles", "SOHAYL", "N.N.", "万人民币", "万元", "元", "陆小明",
                           "万一", "元万一", "伍一鸣", "陆万里", "张三", "\xFF"}) {
    EXPECT_FALSE(StatesNumber(text)) << text;
  }
}

}  // namespace
}  // namespace qipu::ingest
