#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "graph/json.h"
#include "tests/ingest/files.h"

namespace qipu::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Rows = std::vector<std::vector<std::string>>;

TEST(CsvReader, SplitsSoundRecords) {
  const struct {
    const char* name;
    std::string bytes;
    Rows want;
  } cases[] = {
      {"plain", "a,b\n1,2\n3,4\n", {{"1", "2"}, {"3", "4"}}},
      {"no last line end", "a,b\n1,2", {{"1", "2"}}},
      {"empty fields", "a,b,c\n,,\n", {{"", "", ""}}},
      {"empty last field at the end", "a,b\n1,", {{"1", ""}}},
      {"CRLF", "a,b\r\n1,2\r\n", {{"1", "2"}}},
      {"CR", "a,b\r1,2\r3,4", {{"1", "2"}, {"3", "4"}}},
      {"line ends mixed", "a,b\n1,2\r\n3,4\r5,6\n", {{"1", "2"}, {"3", "4"}, {"5", "6"}}},
      {"quoted delimiter", "a,b\n\"1,2\",3\n", {{"1,2", "3"}}},
      {"quoted line ends", "a,b\n\"1\n2\r\n3\r4\",5\n", {{"1\n2\r\n3\r4", "5"}}},
      {"doubled quotes", "a,b\n\"x\"\"y\",\"\"\"\"\n", {{"x\"y", "\""}}},
      {"quoted nothing", "a,b\n\"\",\"\"\n", {{"", ""}}},
      {"closing quote at the end", "a,b\n1,\"2\"", {{"1", "2"}}},
      {"doubled quote at the end", "a,b\n1,\"2\"\"\"", {{"1", "2\""}}},
      {"blanks are kept", "a,b\n 1 ,\" 2 \"\n", {{" 1 ", " 2 "}}},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "a,b\n1,2\n",
       {{"1", "2"}}},
      {"byte order mark in the middle",
       "a,b\n\xEF\xBB\xBF"
       "1,2\n",
       {{"\xEF\xBB\xBF"
         "1",
         "2"}}},
      {"Chinese", "名称,代码\n\"甲,乙\",丙\n", {{"甲,乙", "丙"}}},
      {"one column, blank line", "a\n1\n\n2\n", {{"1"}, {""}, {"2"}}},
      {"header only", "a,b\n", {}},
      {"header only, no line end", "a,b", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Rows rows;
    for (const KeptRecord& record : ReadBytes(c.bytes)) {
      EXPECT_EQ(record.fault.code, "") << record.fault.reason;
      rows.push_back(record.fields);
    }
    EXPECT_EQ(rows, c.want);
  }
}

TEST(CsvReader, OtherDialect) {
  const auto records = ReadBytes("a;b\n'1;2';\"3\"\n", {.delimiter = ';', .quote = '\''});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(records[0].fields, ElementsAre("1;2", "\"3\""));
}

TEST(CsvReader, TellsLineAndBytes) {
  const auto records = ReadBytes(
      "\xEF\xBB\xBF"
      "a,b\r\n1,\"x\ny\"\r\n\"\",4\n5,6");
  ASSERT_EQ(records.size(), 3u);
  const struct {
    uint64_t line, offset, length;
    const char* raw;
  } want[] = {{2, 8, 7, "1,\"x\ny\""}, {4, 17, 4, "\"\",4"}, {5, 22, 3, "5,6"}};
  for (size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(records[i].span.line, want[i].line);
    EXPECT_EQ(records[i].span.byte_offset, want[i].offset);
    EXPECT_EQ(records[i].span.byte_length, want[i].length);
    EXPECT_EQ(records[i].raw, want[i].raw);
  }
}

TEST(CsvReader, DecodesGb18030AtTheFilesOwnOffsets) {
  // 名称,备注 / 甲,"乙""丙" / 𠀀,x (a four-byte character)
  const std::string bytes =
      "\xC3\xFB\xB3\xC6,\xB1\xB8\xD7\xA2\n\xBC\xD7,\"\xD2\xD2\"\"\xB1\xFB\"\n"
      "\x95\x32\x82\x36,x\n";
  for (const char* encoding : {"gb18030", "GBK", "gb2312"}) {
    SCOPED_TRACE(encoding);
    const ScratchFolder folder;
    const auto reader = CsvReader::Open(folder.Write("t.csv", bytes), {.encoding = encoding});
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_THAT((*reader)->header(), ElementsAre("名称", "备注"));
    const auto records = ReadAll(**reader);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_THAT(records[0].fields, ElementsAre("甲", "乙\"丙"));
    EXPECT_THAT(records[1].fields, ElementsAre("𠀀", "x"));
    EXPECT_EQ(records[0].span.byte_offset, 10u);
    EXPECT_EQ(records[0].span.byte_length, 11u);
    EXPECT_EQ(records[1].span.byte_offset, 22u);
    EXPECT_EQ(records[1].raw, "\x95\x32\x82\x36,x");
  }
}

/// Records across the window's edges, at every alignment that a record can have.
TEST(CsvReader, IsTheSameAtAnyWindowEdge) {
  const std::string row = "\"q\"\"\r\nz\",b\r\n";
  for (size_t shift = 0; shift <= row.size(); ++shift) {
    SCOPED_TRACE(shift);
    std::string bytes = "a,b\n1," + std::string(kSampleBytes - 3 * row.size() - shift, 'x') + "\n";
    for (int i = 0; i < 8; ++i) bytes += row;
    const auto records = ReadBytes(bytes);
    ASSERT_EQ(records.size(), 9u);
    for (size_t i = 1; i < records.size(); ++i) {
      EXPECT_THAT(records[i].fields, ElementsAre("q\"\r\nz", "b"));
      EXPECT_EQ(records[i].span.line, 2 * i + 1);
      EXPECT_EQ(records[i].span.byte_offset, bytes.size() - row.size() * (9 - i));
    }
  }
}

/// Fields of every length around those of which the scanner sees the ends at once.
TEST(CsvReader, IsTheSameForAnyLengthOfField) {
  for (const std::string quote : {"", "\""}) {
    std::string bytes = "a,b\n";
    std::vector<std::string> lefts, rights;
    for (size_t left = 0; left <= 140; ++left) {
      for (const size_t right : {0, 1, 30, 63, 64, 65, 130}) {
        lefts.emplace_back(left, 'x');
        rights.emplace_back(right, 'y');
        bytes += quote + lefts.back() + quote + ',' + rights.back() + "\r\n";
      }
    }
    const auto records = ReadBytes(bytes);
    ASSERT_EQ(records.size(), lefts.size());
    for (size_t i = 0; i < records.size(); ++i) {
      EXPECT_THAT(records[i].fields, ElementsAre(lefts[i], rights[i]));
      EXPECT_EQ(records[i].span.line, i + 2);
    }
  }
}

TEST(CsvReader, TakesTheLongestRecordAllowed) {
  const std::string longest = "\"" + std::string(kRecordBytesMax - 4, 'x') + "\",";
  const auto records = ReadBytes("a,b\n" + longest + "y\r\n1,2\n");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].fault.code, "");
  EXPECT_EQ(records[0].span.byte_length, kRecordBytesMax);
  EXPECT_EQ(records[1].span.line, 3u);
}

TEST(CsvReader, RefusesFiles) {
  const ScratchFolder folder;
  std::string gbk = "a,b\n";
  for (int i = 0; i < 50; ++i) gbk += "\xBC\xD7\xD2\xD2\xB1\xFB,\xB6\xA1\n";
  std::string utf8 = "a,b\n";
  for (int i = 0; i < 50; ++i) utf8 += "企业名称,x\n";
  const CsvDialect plain, gb{.encoding = "gb18030"};
  const struct {
    const char* name;
    std::string bytes;
    CsvDialect dialect;
    const char* want;
  } cases[] = {
      {"empty", "", plain, "is empty"},
      {"only a byte order mark", "\xEF\xBB\xBF", plain, "is empty"},
      {"PNG", std::string("\x89PNG\r\n\x1A\n\0\0", 10), plain, "PNG picture"},
      {"zip", std::string("PK\x03\x04\x14\0\0", 7), plain, "zip archive"},
      {"gzip", "\x1F\x8B\x08", plain, "gunzip"},
      {"JSON object", "{\n  \"a\": 1\n}\n", plain, "JSON"},
      {"JSON array", "[{\"a\": 1}]\n", plain, "JSON"},
      {"XML", "<?xml version=\"1.0\"?>\n", plain, "XML"},
      {"UTF-16",
       std::string("\xFF\xFE"
                   "a\0,\0b\0\n\0",
                   10),
       plain, "UTF-16"},
      {"UTF-16 without mark", std::string("a\0,\0b\0\n\0", 8), plain, "NUL byte at offset 1"},
      {"NUL in the header", std::string("a,\0b\n1,2\n", 9), plain, "NUL byte at offset 2"},
      {"GBK", gbk, plain,
       "not UTF-8: byte 0xBC at offset 4; looks like GB18030; declare \"encoding\": \"gb18030\" in "
       "the mapping"},
      {"Latin-1 header", "caf\xE9,b\n1,2\n", plain, "byte 0xE9 at offset 3, in the header"},
      {"UTF-8 declared GB18030", utf8, gb, "declare \"encoding\": \"utf-8\""},
      {"mark declared GB18030",
       "\xEF\xBB\xBF"
       "a,b\n",
       gb, "declare \"encoding\": \"utf-8\""},
      {"GB18030 header broken", "\xFF,b\n", gb, "byte 0xFF at offset 0, in the header"},
      {"unknown encoding", "a,b\n", {.encoding = "latin1"}, "'latin1' is not read"},
      {"pipe in GB18030", "a|b\n", {.delimiter = '|', .encoding = "gbk"}, "part of a character"},
      {"delimiter is the quote", "a,b\n", {.delimiter = '"'}, "two different"},
      {"no header name", "a,,c\n", plain, "column 2 of the header has no name"},
      {"blank header", "\na,b\n", plain, "column 1 of the header has no name"},
      {"name repeated", "a,b,a\n", plain, "column 3 of the header repeats the name 'a'"},
      {"quote in the header", "a,b\"c\n", plain, "misplaced quote at offset 3"},
      {"open quote in the header", "a,\"b\n", plain, "a quote is not closed"},
      {"too many columns", std::string(kColumnsMax, ','), plain, "4097 columns"},
      {"no line end", std::string(kSampleBytes + 1, 'x'), plain, "no line end"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto reader = CsvReader::Open(folder.Write("t.csv", c.bytes), c.dialect);
    ASSERT_FALSE(reader.ok());
    EXPECT_THAT(reader.error().message, HasSubstr(c.want));
  }
}

TEST(CsvReader, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  const auto missing = CsvReader::Open(folder.path() + "/none.csv", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("none.csv: no such file"));
  const auto directory = CsvReader::Open(folder.path(), {});
  ASSERT_FALSE(directory.ok());
  EXPECT_EQ(directory.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(directory.error().message, HasSubstr("is a directory"));
  const auto device = CsvReader::Open("/dev/null", {});
  ASSERT_FALSE(device.ok());
  EXPECT_THAT(device.error().message, HasSubstr("not a regular file"));
}

TEST(CsvReader, AgreesWithCsvSpectrum) {
  const std::filesystem::path folder =
      std::string(QIPU_SHARED_DIR) + "/data/registries/csv-torture/csv-spectrum";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "needs " << folder;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "csvs")) {
    SCOPED_TRACE(entry.path().filename());
    const auto reader = CsvReader::Open(entry.path().string(), {});
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    const auto answer =
        graph::JsonDocument::Load((folder / "json" / entry.path().stem()).string() + ".json");
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    const auto want = answer->root().Array();
    ASSERT_TRUE(want.ok());
    const auto records = ReadAll(**reader);
    ASSERT_EQ(records.size(), (*want)->size());
    for (size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(records[i].fault.code, "");
      for (size_t k = 0; k < records[i].fields.size(); ++k) {
        const auto* member = (**want)[i].Find((*reader)->header()[k]);
        ASSERT_NE(member, nullptr);
        EXPECT_EQ(*member->String(), records[i].fields[k]);
      }
    }
    ++files;
  }
  EXPECT_EQ(files, 11);
}

}  // namespace
}  // namespace qipu::ingest
