#include <algorithm>
#include <limits>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr int64_t kNoPath = std::numeric_limits<int64_t>::max();

Unit InnerWidth(int columns, const StripGeometry& g) {
  return columns * (g.tile_width + g.gap) - g.gap;
}

int ColumnsFor(Unit width, const StripGeometry& g) {
  return std::max(1, (width + g.tile_width + 2 * g.gap - 1) / (g.tile_width + g.gap));
}

// Columns of each box at `rows`: enough for its tiles, for its title on two lines and, taken by
// the group's last box in the strip, for the group's bar.
std::vector<int> ColumnsAt(std::span<const StripBox> boxes, bool continues, int rows,
                           const StripGeometry& g) {
  std::vector<int> columns;
  columns.reserve(boxes.size());
  Unit before = 0;  // width of the group's boxes to the left
  for (size_t k = 0; k < boxes.size(); ++k) {
    const StripBox& box = boxes[k];
    int count = std::max((box.tiles + rows - 1) / rows, ColumnsFor(box.title_two_lines, g));
    const bool is_group_end = k + 1 == boxes.size() || boxes[k + 1].group != box.group;
    if (is_group_end) {
      const bool is_first_group = box.group == boxes.front().group;
      const Unit bar = continues && is_first_group ? box.group_title_continued : box.group_title;
      count = std::max(count, ColumnsFor(bar - before - 2 * g.pad, g));
      before = 0;
    } else {
      before += InnerWidth(count, g) + 2 * g.pad + g.box_gap;
    }
    columns.push_back(count);
  }
  return columns;
}

int TitleLines(std::span<const StripBox> boxes, const std::vector<int>& columns,
               const StripGeometry& g) {
  for (size_t k = 0; k < boxes.size(); ++k) {
    if (boxes[k].title_one_line > InnerWidth(columns[k], g)) return 2;
  }
  return 1;
}

// The lowest strip that holds boxes [first, last) of `all`; null if none does.
std::optional<Strip> MakeStrip(std::span<const StripBox> all, size_t first, size_t last,
                               const StripGeometry& g, Unit width) {
  const std::span<const StripBox> boxes = all.subspan(first, last - first);
  const bool continues = first > 0 && all[first - 1].group == all[first].group;
  int64_t tiles = 0;
  int tiles_max = 1;
  for (const StripBox& box : boxes) {
    tiles += box.tiles;
    tiles_max = std::max(tiles_max, box.tiles);
  }
  const int64_t columns_max = std::max(1, (width + g.gap) / (g.tile_width + g.gap));
  const int rows_min = static_cast<int>((tiles + columns_max - 1) / columns_max);
  for (int rows = std::max(1, rows_min); rows <= tiles_max; ++rows) {
    Strip strip{first, rows, 1, ColumnsAt(boxes, continues, rows, g)};
    if (StripWidth(strip, g) > width) continue;
    strip.title_lines = TitleLines(boxes, strip.columns, g);
    return strip;
  }
  return std::nullopt;
}

int64_t StripCost(const Strip& strip, std::span<const StripBox> boxes, const StripGeometry& g,
                  Unit width) {
  int64_t tiles = 0;
  for (size_t k = 0; k < strip.columns.size(); ++k) tiles += boxes[strip.first + k].tiles;
  const double area = static_cast<double>(strip.rows) * width;
  const double waste =
      std::max(0.0, 1.0 - static_cast<double>(tiles * (g.tile_width + g.gap)) / area);
  const int64_t height = StripHeight(strip, g) + g.box_gap;
  const size_t next = strip.first + strip.columns.size();
  const bool breaks_group = next < boxes.size() && boxes[next].group == boxes[next - 1].group;
  return height +
         static_cast<int64_t>(static_cast<double>(height * g.waste_percent) * waste * waste /
                              100.0) +
         (breaks_group ? g.group_bar : 0);
}

}  // namespace

Unit StripWidth(const Strip& strip, const StripGeometry& g) {
  Unit width = -g.box_gap;
  for (const int columns : strip.columns) width += InnerWidth(columns, g) + 2 * g.pad + g.box_gap;
  return width;
}

Unit StripHeight(const Strip& strip, const StripGeometry& g) {
  return g.group_bar + strip.title_lines * g.title_line + 2 * g.pad +
         strip.rows * (g.tile_height + g.gap) - g.gap;
}

std::optional<std::vector<Strip>> PackStrips(std::span<const StripBox> boxes,
                                             const StripGeometry& geometry, Unit width) {
  std::vector<int64_t> cost(boxes.size() + 1, kNoPath);
  std::vector<Strip> last(boxes.size() + 1);  // the strip that ends before box j, on the best way
  cost[0] = 0;
  for (size_t j = 1; j <= boxes.size(); ++j) {
    for (size_t i = j; i-- > 0 && j - i <= kStripBoxesMax;) {
      if (cost[i] == kNoPath) continue;
      auto strip = MakeStrip(boxes, i, j, geometry, width);
      if (!strip) continue;
      const int64_t total = cost[i] + StripCost(*strip, boxes, geometry, width);
      if (total >= cost[j]) continue;
      cost[j] = total;
      last[j] = std::move(*strip);
    }
  }
  if (cost.back() == kNoPath) return std::nullopt;
  std::vector<Strip> strips;
  for (size_t j = boxes.size(); j > 0; j = strips.back().first) strips.push_back(last[j]);
  std::reverse(strips.begin(), strips.end());
  return strips;
}

}  // namespace qipu::tools
