#include "ingest/table_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace qipu::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Written(const std::string& text) {
  const std::string path = testing::TempDir() + "qipu_table_file.csv";
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

TEST(ReadTableFile, KeepsTextAndLines) {
  const auto table = ReadTableFile(Written("code,\"a b\"\nx,1\n\"y\n\",\n"));
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_THAT(table->columns, ElementsAre("code", "a b"));
  EXPECT_THAT(table->rows, ElementsAre(ElementsAre("x", "1"), ElementsAre("y\n", "")));
  EXPECT_THAT(table->lines, ElementsAre(2, 3));
}

TEST(ReadTableFile, RefusesTheFirstFaultyRecordByLine) {
  const auto table = ReadTableFile(Written("code,a\nx,1\ny,1,2\n"));
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(table.error().message, HasSubstr("qipu_table_file.csv:3: "));
  EXPECT_FALSE(ReadTableFile(testing::TempDir() + "absent.csv").ok());
}

TEST(ReadTableFile, RefusesTheHeaderOnceMore) {
  const auto table = ReadTableFile(Written("code,a\nx,1\ncode,a\n"));
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(table.error().message, HasSubstr("qipu_table_file.csv:3: the header once more"));
}

}  // namespace
}  // namespace qipu::ingest
