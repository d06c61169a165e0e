#include <gmock/gmock.h>

#include <iterator>
#include <random>

#include "tests/ingest/files.h"

namespace qipu::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// `line:offset+length CODE reason` of a fault, `line:offset+length` of a sound record.
std::vector<std::string> Outline(const std::vector<KeptRecord>& records) {
  std::vector<std::string> lines;
  for (const KeptRecord& r : records) {
    std::string line = std::to_string(r.span.line) + ":" + std::to_string(r.span.byte_offset) +
                       "+" + std::to_string(r.span.byte_length);
    if (!r.fault.code.empty()) line += " " + r.fault.code + " " + r.fault.reason;
    EXPECT_TRUE(r.fault.code.empty() || r.fields.empty());
    lines.push_back(line);
  }
  return lines;
}

struct Case {
  const char* name;
  std::string bytes;  ///< behind the header `a,b,c`
  std::vector<std::string> want;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Outline(ReadBytes("a,b,c\n" + c.bytes)), c.want);
  }
}

// Bytes are looked at many lines at once: what is wrong far behind is found all the same.
TEST(CsvFault, IsFoundBehindManyGoodLines) {
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    for (const bool is_nul : {false, true}) {
      for (const size_t good :
           {size_t{10}, size_t{10922}, size_t{40000}}) {  // 64 KiB: 10,922 lines
        SCOPED_TRACE(std::to_string(good) + " lines " + std::to_string(line_end.size()));
        const std::string line = "1,2,3" + std::string(line_end);
        std::string bytes = "a,b,c" + std::string(line_end);
        for (size_t i = 0; i < good; ++i) bytes += line;
        bytes += std::string("1,") + (is_nul ? '\0' : '\xFF') + ",3" + std::string(line_end);
        bytes += "\"x\n" + std::string(100, 'y') + "\",2,3" + std::string(line_end);
        for (size_t i = 0; i < good; ++i) bytes += line;
        const std::vector<KeptRecord> records = ReadBytes(bytes);
        ASSERT_EQ(records.size(), 2 * good + 2);
        size_t faults = 0;
        for (const KeptRecord& record : records) faults += record.fault.code.empty() ? 0 : 1;
        EXPECT_EQ(faults, 1u);
        EXPECT_EQ(records[good].fault.code, is_nul ? "NUL_BYTE" : "ENC_INVALID");
        EXPECT_EQ(records[good].span.line, good + 2);
        EXPECT_EQ(records[good + 1].fields.size(), 3u);
      }
    }
  }
}

struct Shape {
  std::string header, good;
  CsvDialect dialect;
  std::string letter = "é";  // in the encoding of the dialect
};

std::string RandomText(std::mt19937& random, const Shape& shape) {
  const std::string pieces[] = {"1", ",", "\"", "\n", "\r\n", "\r", shape.letter, "\"\""};
  std::string text;
  while (text.size() < 3000) {
    if (random() % 8 != 0) text += shape.good + "\r\n";
    if (random() % 8 == 0) text += "\"1\",\"2\n\"\"\",3\n";
    for (size_t i = random() % 9 < 7 ? 0 : random() % 9; i > 0; --i) {
      text += pieces[random() % std::size(pieces)];
    }
  }
  return text + '\n';
}

/// A line with NUL has its neighbours read one by one; without it most of them are cut together,
/// wherever those looked at together end.
void CompareWithLinesAlone(const Shape& shape, std::mt19937& random, size_t bytes_before) {
  std::string text = RandomText(random, shape), before;
  for (int i = 0; i < 40; ++i) text += shape.good + '\n';
  size_t lines_before = 0;
  for (; before.size() < bytes_before; ++lines_before) before += shape.good + '\n';
  const auto together = ReadBytes(shape.header + before + text, shape.dialect);
  const auto alone = ReadBytes(shape.header + text + std::string("1,\0,3\n", 6), shape.dialect);
  ASSERT_EQ(together.size() - lines_before, alone.size() - 1);
  EXPECT_NE(alone.back().fault.code, "");
  for (size_t i = 0; i + 1 < alone.size(); ++i) {
    const KeptRecord &a = together[lines_before + i], &b = alone[i];
    ASSERT_EQ(a.span.line - lines_before, b.span.line);
    ASSERT_EQ(a.span.byte_offset - before.size(), b.span.byte_offset);
    ASSERT_EQ(a.span.byte_length, b.span.byte_length);
    ASSERT_EQ(a.fault.code, b.fault.code);
    ASSERT_EQ(a.fields, b.fields);
  }
}

TEST(CsvFault, LinesCutTogetherAreAsThoseCutAlone) {
  std::mt19937 random(5);
  const Shape shapes[] = {{"a,b,c\n", "1,2,3", {}},
                          {"a\n", "1", {}},
                          {"a,b,c\r\n", "1,2,3", {.encoding = "gb18030"}, "\xC6\xF3"},
                          {"a;b\n", "1,2;3", {.delimiter = ';'}}};
  for (const Shape& shape : shapes) {
    for (int round = 0; round < 100; ++round) {
      SCOPED_TRACE(shape.header + std::to_string(round));
      const size_t at_the_end = (size_t{1} << 16) - random() % 3000;
      CompareWithLinesAlone(shape, random, round % 2 == 0 ? 0 : at_the_end);
    }
  }
}

TEST(CsvFault, NamesTheFaultAndGoesOn) {
  Check({
      {"too many fields",
       "1,2,3,4\n5,6,7\n",
       {"2:6+7 CSV_WIDTH 4 fields where the header has 3", "3:14+5"}},
      {"too few fields", "1\n5,6,7\n", {"2:6+1 CSV_WIDTH 1 field where the header has 3", "3:8+5"}},
      {"blank line",
       "\n5,6,7\n\r\n",
       {"2:6+0 CSV_BLANK a blank line", "3:7+5", "4:13+0 CSV_BLANK a blank line"}},
      {"text after a closing quote",
       "1,\"2\"x,3\n5,6,7\n",
       {"2:6+8 CSV_STRAY_QUOTE text after a closing quote in field 2", "3:15+5"}},
      {"blank after a closing quote",
       "1,\"2\" ,3\n",
       {"2:6+8 CSV_STRAY_QUOTE text after a closing quote in field 2"}},
      {"quote in a bare field",
       "1,2\"x\",3\n5,6,7\n",
       {"2:6+8 CSV_STRAY_QUOTE a quote inside the bare field 2", "3:15+5"}},
      {"two faults",
       "1,\"2\"x,3,\"4\"\n5,6,7\n",
       {"2:6+12 CSV_STRAY_QUOTE text after a closing quote in field 2; "
        "4 fields where the header has 3",
        "3:19+5"}},
      {"stray quote in the last line",
       "1,2,3\"",
       {"2:6+6 CSV_STRAY_QUOTE a quote inside the bare field 3"}},
      {"open quote at the end",
       "1,2,\"",
       {"2:6+5 CSV_OPEN_QUOTE the quote that opens field 3 is not closed"}},
      {"open quote, then whole records",
       "1,\"2,3\n5,6,7\n8,9,0\n",
       {"2:6+6 CSV_OPEN_QUOTE the quote that opens field 2 is not closed", "3:13+5", "4:19+5"}},
      {"open quote that a later one closes",
       "1,\"2,3\n5,6,7\n8,\"9\",0\n",
       {"2:6+6 CSV_OPEN_QUOTE the quote that opens field 2 is not closed", "3:13+5", "4:19+7"}},
      {"open quote over broken lines",
       "1,\"2,3\nx\ny\r\n8,9,0\n",
       {"2:6+10 CSV_OPEN_QUOTE the quote that opens field 2 is not closed; takes 3 lines",
        "5:18+5"}},
      {"open quote, nothing whole behind",
       "1,\"2,3\nx\n",
       {"2:6+9 CSV_OPEN_QUOTE the quote that opens field 2 is not closed; takes 3 lines"}},
      {"wrong width over two lines",
       "1,\"2\n3\"\n5,6,7\n",
       {"2:6+7 CSV_WIDTH 2 fields where the header has 3; takes 2 lines", "4:14+5"}},
  });
}

TEST(CsvFault, NamesBytesThatAreNoText) {
  using namespace std::string_literals;
  Check({
      {"NUL", "1,\0,3\n5,6,7\n"s, {"2:6+5 NUL_BYTE a NUL byte at offset 8", "3:12+5"}},
      {"NUL in quotes over two lines",
       "1,\"\0\n5,6,7\n\",3\n5,6,7\n"s,
       {"2:6+14 NUL_BYTE a NUL byte at offset 9; takes 3 lines", "5:21+5"}},
      {"bad UTF-8 after good",
       "甲乙丙,2,3\n1,\xC4\xE3,3\n5,6,7\n",
       {"2:6+13", "3:20+6 ENC_INVALID byte 0xC4 at offset 22 is not valid UTF-8", "4:27+5"}},
      {"overlong, surrogate",
       "甲乙丙,\xE2\x82\xAC,3\n1,\xC0\x80,3\n5,\xED\xA0\x80,7\n",
       {"2:6+15", "3:22+6 ENC_INVALID byte 0xC0 at offset 24 is not valid UTF-8",
        "4:29+7 ENC_INVALID byte 0xED at offset 31 is not valid UTF-8"}},
      {"the first names it",
       "甲乙丙,2,3\n\xFF,2\n",
       {"2:6+13",
        "3:20+3 ENC_INVALID byte 0xFF at offset 20 is not valid UTF-8; "
        "2 fields where the header has 3"}},
      {"lone CR ends a record",
       "1,2\r5,6,7\n",
       {"2:6+3 CSV_WIDTH 2 fields where the header has 3", "3:10+5"}},
  });
}

TEST(CsvFault, Gb18030) {
  const auto records =
      ReadBytes("\xC3\xFB,b\n\xBC\xD7\xFF,2\n\xBC\xD7,\"2\"x\n\xBC\xD7,2\n", {.encoding = "gbk"});
  EXPECT_THAT(
      Outline(records),
      ElementsAre("2:5+5 ENC_INVALID byte 0xFF at offset 7 is not valid GB18030",
                  "3:11+7 CSV_STRAY_QUOTE text after a closing quote in field 2", "4:19+4"));
}

/// Longer than a record may be, in every shape; reading goes on behind it in bounded memory.
TEST(CsvFault, PassesOverlongRecords) {
  const std::string giant(kRecordBytesMax + 10, 'x');
  std::string lines;
  while (lines.size() <= kRecordBytesMax) lines += "text, and more text\n";
  const struct {
    const char* name;
    std::string bytes;
    uint64_t length;
    std::vector<std::string> rest;
  } cases[] = {
      {"bare",
       "1," + giant + "\n3,4,5\n6\n",
       giant.size() + 2,
       {"3:16777235+5", "4:16777241+1 CSV_WIDTH 1 field where the header has 3"}},
      {"bare, at the end", "1," + giant, giant.size() + 2, {}},
      {"quoted, one line", "1,\"" + giant + "\",2\n3,4,5\n", giant.size() + 6, {"3:16777239+5"}},
      {"one byte too long, CRLF",
       giant.substr(9) + "\r\n3,4,5\n",
       kRecordBytesMax + 1,
       {"3:16777225+5"}},
      {"quoted, many lines",
       "1,\"" + lines + "\",2\n3,4,5\n",
       lines.size() + 6,
       {"838864:16777233+5"}},
      {"quoted, many lines, at the end", "1,\"" + lines, lines.size() + 3 - 1, {}},
      {"stray quote", "1,\"2\"" + giant + "\n3,4,5\n", giant.size() + 5, {"3:16777238+5"}},
      {"three windows", giant + giant + giant + "\r3,4,5\n", 3 * giant.size(), {"3:50331685+5"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto records = ReadBytes("a,b,c\n" + c.bytes);
    ASSERT_FALSE(records.empty());
    EXPECT_EQ(records[0].fault.code, "REC_TOO_LONG");
    EXPECT_THAT(records[0].fault.reason, HasSubstr("more than 16777216"));
    EXPECT_EQ(records[0].span.byte_length, c.length);
    EXPECT_EQ(records[0].raw, c.bytes.substr(0, kRawBytesKept));
    records.erase(records.begin());
    EXPECT_EQ(Outline(records), c.rest);
  }
}

TEST(CsvFault, OpenQuoteBeforeManyRecordsCostsOne) {
  std::string bytes = "a,b,c\n1,\"2,3\n";
  constexpr size_t kRows = 2'000'000;  // more than a record may hold
  for (size_t i = 0; i < kRows; ++i) bytes += "4,5,67890\n";
  const auto records = ReadBytes(bytes);
  ASSERT_EQ(records.size(), kRows + 1);
  EXPECT_EQ(records[0].fault.code, "CSV_OPEN_QUOTE");
  EXPECT_EQ(records[0].raw, "1,\"2,3");
  EXPECT_EQ(records.back().span.line, kRows + 2);
}

}  // namespace
}  // namespace qipu::ingest
