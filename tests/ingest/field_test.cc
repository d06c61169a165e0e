// A field's text as its column says.
#include "ingest/field.h"

#include <gmock/gmock.h>

namespace qipu::ingest {
namespace {

using graph::Value;
using testing::HasSubstr;

Column Make(ColumnType type) {
  Column column;
  column.name = "c";
  column.headers = {"Column C"};
  column.type = type;
  column.nulls = {"N/A"};
  return column;
}

TEST(ReadField, MakesAValueOfTheColumnsType) {
  Column factor = Make(ColumnType::kNumber);
  factor.factor = 10000;
  Column hundred_million = Make(ColumnType::kNumber);
  hundred_million.factor = 100'000'000;
  Column slash = Make(ColumnType::kDate);
  slash.formats = {"Y-M-D", "Y/M/D"};
  Column words = Make(ColumnType::kFloat);
  words.values = {{"high", "0.9"}};
  Column bounded = Make(ColumnType::kNumber);
  bounded.factor = 10000;
  bounded.min = 0;
  bounded.max = 1.5;
  Column list = Make(ColumnType::kList);
  list.skip_items_with = "@";
  const struct {
    const char* name;
    Column column;
    const char* text;
    Value want;
  } cases[] = {
      {"string is trimmed", Make(ColumnType::kString), "  Aster\xE3\x80\x80", Value("Aster")},
      {"null word", Make(ColumnType::kString), " N/A ", Value()},
      {"empty", Make(ColumnType::kInt), "", Value()},
      {"int", Make(ColumnType::kInt), "1,234", Value(int64_t{1234})},
      {"float stays float", Make(ColumnType::kFloat), "20", Value(20.0)},
      {"number whole", Make(ColumnType::kNumber), "20.0", Value(int64_t{20})},
      {"number", Make(ColumnType::kNumber), "20.5", Value(20.5)},
      {"10k to units, exact", factor, "143186.5568", Value(int64_t{1431865568})},
      {"10k to units, not whole", factor, "0.00005", Value(0.5)},
      {"100 million to units", hundred_million, "38700.58", Value(int64_t{3870058000000})},
      {"least", bounded, "0", Value(int64_t{0})},
      {"greatest, before the factor", bounded, "1.5", Value(int64_t{15000})},
      {"date", slash, "1998/07/10", Value(*graph::Date::FromCivil(1998, 7, 10))},
      {"year", Make(ColumnType::kYear), "1983", Value(*graph::Date::FromCivil(1983, 1, 1))},
      {"word", words, "high", Value(0.9)},
      {"list", list, "a; b ;;c@2020;N/A", Value(Value::List{Value("a"), Value("b")})},
      {"list of nothing", list, ";", Value()},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Field field;
    const auto fault = ReadField(c.column, c.text, field);
    EXPECT_FALSE(fault) << fault->reason;
    const auto value = ValueOf(field, FieldRef());
    EXPECT_EQ(value, c.want) << value.ToString();
  }
}

TEST(ReadField, SaysWhatItCannotRead) {
  Column words = Make(ColumnType::kString);
  words.values = {{"high", "1"}};
  Column huge = Make(ColumnType::kInt);
  huge.factor = 1'000'000'000;
  Column date = Make(ColumnType::kDate);
  date.formats = {"Y-M-D"};
  Column share = Make(ColumnType::kFloat);
  share.min = 0;
  share.max = 1;
  Column count = Make(ColumnType::kInt);
  count.min = 0;
  const struct {
    const char* name;
    Column column;
    const char* text;
    const char* code;
    const char* says;
  } cases[] = {
      {"half a person", Make(ColumnType::kInt), "1.5", "NUM_INVALID", "whole"},
      {"no number", Make(ColumnType::kNumber), "many", "NUM_INVALID", "'many'"},
      {"overflow", huge, "99999999999", "NUM_INVALID", "too large"},
      {"less than nothing", count, "-5", "NUM_INVALID", "'-5' is below 0"},
      {"less than nothing by little", share, "-0.001", "NUM_INVALID", "'-0.001' is below 0"},
      {"more than all", share, "999", "NUM_INVALID", "'999' is above 1"},
      {"no such day", date, "2018-02-30", "DATE_INVALID", "2018-02-30"},
      {"short year", Make(ColumnType::kYear), "83", "DATE_INVALID", "four digits"},
      {"letters for a year", Make(ColumnType::kYear), "19x3", "DATE_INVALID", "four digits"},
      {"unknown word", words, "hihg", "VALUE_UNKNOWN", "did you mean 'high'"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Field field;
    const auto fault = ReadField(c.column, c.text, field);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->code, c.code);
    EXPECT_THAT(fault->reason, HasSubstr(c.says));
    EXPECT_THAT(fault->reason, HasSubstr("Column C"));
    EXPECT_FALSE(field.present());
  }
}

TEST(ReadField, CutsLongTextInMessagesBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "企";
  Field field;
  const auto fault = ReadField(Make(ColumnType::kInt), text, field);
  ASSERT_TRUE(fault);
  EXPECT_THAT(fault->reason, HasSubstr("企..."));
  EXPECT_LT(fault->reason.size(), 200u);
}

TEST(ReadField, AmountsKeepTheirCurrencyOrTheirText) {
  Column column = Make(ColumnType::kAmount);
  column.words.words = {
      {"万元人民币", {"CNY", 10000}}, {"万美元", {"USD", 10000}}, {"万", {"", 10000}}};
  const FieldRef value{0, Part::kAmountValue, ""}, currency{0, Part::kAmountCurrency, ""},
      stated{0, Part::kAmountStated, ""}, cny{0, Part::kAmountIn, "CNY"};
  const struct {
    const char* text;
    Value value, currency, stated, cny;
    const char* fault;
  } cases[] = {
      {"1,913.2157(万元人民币)", Value(int64_t{19132157}), Value("CNY"), Value(),
       Value(int64_t{19132157}), ""},
      {"12.5万美元", Value(int64_t{125000}), Value("USD"), Value(), Value(), ""},
      {"50(万)", Value(), Value(), Value("50(万)"), Value(), ""},
      {"5(万两)", Value(), Value(), Value("5(万两)"), Value(), "NUM_INVALID"},
      {"壹佰万元", Value(), Value(), Value("壹佰万元"), Value(), "NUM_INVALID"},
      {"Aster Quill", Value(), Value(), Value(), Value(), "NUM_INVALID"},  // a name, perhaps
      {"万人民币", Value(), Value(), Value(), Value(), "NUM_INVALID"},
      {"N/A", Value(), Value(), Value(), Value(), ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    Field field;
    const auto fault = ReadField(column, c.text, field);
    EXPECT_EQ(fault ? fault->code : "", c.fault);
    EXPECT_EQ(ValueOf(field, value), c.value);
    EXPECT_EQ(ValueOf(field, currency), c.currency);
    EXPECT_EQ(ValueOf(field, stated), c.stated);
    EXPECT_EQ(ValueOf(field, cny), c.cny);
  }
}

TEST(ReadField, IdentifiersAreKeysOnlyWhenTheyPassTheirCheck) {
  Column column = Make(ColumnType::kIdentifier);
  column.schemes = {{"cn-uscc", IdentifierCheck::kUscc},
                    {"cn-regno", IdentifierCheck::kRegistrationNumber}};
  const FieldRef key{0, Part::kKey, ""}, unverified{0, Part::kUnverified, ""},
      reason{0, Part::kReason, ""}, region{0, Part::kRegion, ""};
  const struct {
    const char* text;
    Value key, unverified, reason, region;
  } cases[] = {
      {"91350100M000100Y43", Value("cn-uscc:91350100M000100Y43"), Value(), Value(),
       Value("350100")},
      {"91350100M000100Y44", Value(), Value("91350100M000100Y44"),
       Value(CodeCheckName(CodeCheck::kCheckDigit)), Value()},
      {"110108000000016", Value("cn-regno:110108000000016"), Value(), Value(), Value("110108")},
      {"12345", Value(), Value("12345"), Value(CodeCheckName(CodeCheck::kLength)), Value()},
      {"N/A", Value(), Value(), Value(), Value()},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    Field field;
    EXPECT_FALSE(ReadField(column, c.text, field));
    EXPECT_EQ(ValueOf(field, key), c.key) << ValueOf(field, key).ToString();
    EXPECT_EQ(ValueOf(field, unverified), c.unverified);
    EXPECT_EQ(ValueOf(field, reason), c.reason) << ValueOf(field, reason).ToString();
    EXPECT_EQ(ValueOf(field, region), c.region);
  }
}

}  // namespace
}  // namespace qipu::ingest
