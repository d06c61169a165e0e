#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Tiles 10 wide and 5 high, gaps of 1, pads of 1, 2 between boxes.
constexpr StripGeometry kGeometry{10, 5, 1, 1, 2, 4, 6};

StripBox Box(int tiles, size_t group = 0) { return {tiles, 8, 8, group, 8, 12}; }

std::vector<std::vector<int>> Columns(const std::vector<Strip>& strips) {
  std::vector<std::vector<int>> columns;
  for (const Strip& strip : strips) columns.push_back(strip.columns);
  return columns;
}

TEST(PackStrips, SharesTheWidthInWholeColumns) {
  const struct {
    const char* name;
    std::vector<StripBox> boxes;
    Unit width;
    std::vector<std::vector<int>> want;
  } cases[] = {
      {"nothing", {}, 100, {}},
      {"one box", {Box(3)}, 100, {{3}}},
      {"one row of two boxes", {Box(2), Box(3)}, 62, {{2, 3}}},
      {"folded into rows", {Box(6), Box(6)}, 72, {{3, 3}}},
      {"a strip each", {Box(1), Box(1)}, 13, {{1}, {1}}},
      {"a wide title takes columns", {{1, 30, 25, 0, 8, 12}}, 100, {{3}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto strips = PackStrips(c.boxes, kGeometry, c.width);
    ASSERT_TRUE(strips);
    EXPECT_EQ(Columns(*strips), c.want);
  }
}

TEST(PackStrips, HoldsEveryTileInOrderWithinTheWidth) {
  std::vector<StripBox> boxes;
  for (int i = 0; i < 60; ++i) boxes.push_back(Box(1 + i * 7 % 23, static_cast<size_t>(i) / 5));
  for (const Unit width : {40, 120, 333, 1000}) {
    SCOPED_TRACE(width);
    const auto strips = PackStrips(boxes, kGeometry, width);
    ASSERT_TRUE(strips);
    size_t next = 0;
    for (const Strip& strip : *strips) {
      EXPECT_EQ(strip.first, next);
      EXPECT_LE(StripWidth(strip, kGeometry), width);
      for (const int columns : strip.columns) {
        EXPECT_GE(columns * strip.rows, boxes[next].tiles);
        ++next;
      }
    }
    EXPECT_EQ(next, boxes.size());
  }
}

TEST(PackStrips, RefusesATitleWiderThanThePage) {
  EXPECT_FALSE(PackStrips(std::vector{StripBox{1, 300, 200, 0, 8, 12}}, kGeometry, 100));
}

TEST(PackStrips, LeavesRoomForTheBarOfAContinuedGroup) {
  // Each box fills a strip, so the second one carries the group's longer, continued title.
  std::vector<StripBox> boxes(2, StripBox{1, 8, 8, 0, 8, 30});
  const auto strips = PackStrips(boxes, kGeometry, 34);
  ASSERT_TRUE(strips);
  EXPECT_EQ(Columns(*strips), (std::vector<std::vector<int>>{{1, 1}}));
  const auto narrow = PackStrips(std::vector<StripBox>(3, boxes[0]), kGeometry, 34);
  ASSERT_TRUE(narrow);
  ASSERT_EQ(narrow->size(), 2u);
  const Strip& continued = narrow->back();
  EXPECT_GE(StripWidth(continued, kGeometry), 30);
}

}  // namespace
}  // namespace qipu::tools
