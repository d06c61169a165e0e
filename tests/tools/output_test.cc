#include "tools/cli/output.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace qipu::tools {
namespace {

using graph::Value;
using query::Cell;

query::Table Sample() {
  return {{"name", "n"},
          {{Cell{Value("佛山")}, Cell{Value(int64_t{12})}},
           {Cell{Value("a,\"b\"")}, Cell{Value(int64_t{-3})}},
           {Cell{Value()}, Cell{Value()}}}};
}

TEST(FormatTable, WritesEachFormat) {
  const struct {
    const char* name;
    OutputFormat format;
    const char* want;
  } cases[] = {
      {"numbers to the right, Han two wide", OutputFormat::kTable,
       "name    n\n-----  --\n佛山   12\na,\"b\"  -3\n\n"},
      {"quoted where needed", OutputFormat::kCsv, "name,n\n佛山,12\n\"a,\"\"b\"\"\",-3\n,\n"},
      {"an array of objects", OutputFormat::kJson,
       "[{\"name\":\"佛山\",\"n\":12},\n {\"name\":\"a,\\\"b\\\"\",\"n\":-3},\n "
       "{\"name\":null,\"n\":null}]\n"},
      {"an object a line", OutputFormat::kNdjson,
       "{\"name\":\"佛山\",\"n\":12}\n{\"name\":\"a,\\\"b\\\"\",\"n\":-3}\n"
       "{\"name\":null,\"n\":null}\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(FormatTable(Sample(), c.format), c.want);
  }
}

TEST(FormatTable, NeutralisesFormulasInCsvButKeepsNumbers) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"=1+1", "x\n'=1+1\n"},   {"+86 755", "x\n'+86 755\n"}, {"-", "x\n'-\n"},
      {"@cmd", "x\n'@cmd\n"},   {"\tx", "x\n'\tx\n"},         {"a=b", "x\na=b\n"},
      {"\rx", "x\n\"'\rx\"\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(FormatTable({{"x"}, {{Cell{Value(c.text)}}}}, OutputFormat::kCsv), c.want);
  }
  EXPECT_EQ(FormatTable({{"x"}, {{Cell{Value(-1.5)}}}}, OutputFormat::kCsv), "x\n-1.5\n");
}

TEST(FormatTable, KeepsARowOnOneLine) {
  EXPECT_EQ(FormatTable({{"x"}, {{Cell{Value("a\nb")}}}}, OutputFormat::kTable), "x\n---\na b\n");
}

TEST(RoundedText, KeepsFourDigits) {
  EXPECT_EQ(RoundedText(0.13953488372093023), "0.1395");
  EXPECT_EQ(RoundedText(1), "1");
  EXPECT_EQ(RoundedText(-12.3456), "-12.35");
}

TEST(DisplayWidth, CountsTerminalColumns) {
  const struct {
    const char* text;
    size_t want;
  } cases[] = {{"", 0},          {"abc", 3},   {"企谱", 4},     {"é", 1},
               {"e\xCC\x81", 1}, {"（a）", 5}, {"\xFF\xFE", 2}, {"\xE4\xBC", 2}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(DisplayWidth(c.text), c.want);
  }
}

}  // namespace
}  // namespace qipu::tools
