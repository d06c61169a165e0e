#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr double kContrastLeast = 4.5;         // WCAG 2.1 AA
constexpr double kColourDistanceLeast = 15.0;  // CIE76
constexpr int kTileSizesMost = 4;
constexpr Unit kWidthTolerance = kPoint / 16;  // rounding of pieces' widths

// Where a label's lines stand on the page.
struct Placed {
  Rect rect;
  const Label* label;
};

bool Inside(const Rect& inner, const Rect& outer, Unit tolerance) {
  return inner.x >= outer.x - tolerance && inner.y >= outer.y - tolerance &&
         inner.right() <= outer.right() + tolerance && inner.bottom() <= outer.bottom() + tolerance;
}

bool Overlap(const Rect& a, const Rect& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

Rect Turned(const Rect& r) {
  return {r.x + r.width / 2 - r.height / 2, r.y + r.height / 2 - r.width / 2, r.height, r.width};
}

// Pairs that overlap. `items` are walked from left to right.
template <class Pair>
int CountOverlaps(std::vector<std::pair<Rect, int>> items, Pair counts) {
  std::sort(items.begin(), items.end(),
            [](const auto& a, const auto& b) { return a.first.x < b.first.x; });
  int count = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    for (size_t j = i + 1; j < items.size() && items[j].first.x < items[i].first.right(); ++j) {
      if (counts(items[i].second, items[j].second) && Overlap(items[i].first, items[j].first)) {
        ++count;
      }
    }
  }
  return count;
}

class Checker {
 public:
  Checker(const MapModel& model, const MapFigure& figure, TextMeasure& measure)
      : model_(model), figure_(figure), ops_(figure.list.ops), measure_(measure) {}

  FigureReport Run() {
    CheckShapes();
    CheckLabels();
    CheckTiles();
    CheckColours();
    Judge();
    return report_;
  }

 private:
  const Shape& ShapeAt(int index) const {
    return std::get<Shape>(ops_[static_cast<size_t>(index)]);
  }

  void CheckShapes() {
    std::vector<std::pair<Rect, int>> shapes;
    const Rect page{0, 0, figure_.list.width, figure_.list.height};
    for (size_t i = 0; i < ops_.size(); ++i) {
      const auto* shape = std::get_if<Shape>(&ops_[i]);
      if (shape == nullptr) continue;
      Rect outer = shape->parent < 0 ? page : ShapeAt(shape->parent).rect;
      if (shape->part == Part::kBand) outer = figure_.room;
      if (!Inside(shape->rect, outer, 0)) ++report_.escapes;
      if (shape->part == Part::kPage) continue;
      shapes.emplace_back(shape->rect, static_cast<int>(i));
    }
    // Only those that share a parent: a tile lies on its box by right.
    report_.overlaps = CountOverlaps(
        shapes, [this](int a, int b) { return ShapeAt(a).parent == ShapeAt(b).parent; });
    Unit bottom = 0;
    for (const auto& [rect, index] : shapes) {
      if (ShapeAt(index).part == Part::kBand) bottom = std::max(bottom, rect.bottom());
    }
    report_.bottom = static_cast<double>(bottom) / figure_.room.bottom();
  }

  // The ink's room of one line: as wide as drawn, one font size high.
  Rect LineRect(const Label& label, const TextLine& line) {
    const Unit width = measure_.DrawnWidth(line.text, label.weight, label.size);
    Unit x = line.x;
    if (label.align == Align::kCentre) x -= width / 2;
    if (label.align == Align::kRight) x -= width;
    return {x, line.baseline - label.size * 88 / 100, width, label.size};
  }

  void CheckLabels() {
    std::vector<std::pair<Rect, int>> lines;
    report_.font_min = 1e9;
    report_.contrast_min = 21;
    for (size_t i = 0; i < ops_.size(); ++i) {
      const auto* label = std::get_if<Label>(&ops_[i]);
      if (label == nullptr) continue;
      bool overflows = false;
      for (const TextLine& line : label->lines) {
        Rect rect = LineRect(*label, line);
        overflows |= !Inside(rect, label->room, kWidthTolerance);
        report_.unknown_glyphs += measure_.UnknownGlyphs(line.text, label->weight);
        if (label->turn == Turn::kUp) rect = Turned(label->room);
        lines.emplace_back(rect, static_cast<int>(i));
      }
      const Rect room = label->turn == Turn::kUp ? Turned(label->room) : label->room;
      const Rect outer = label->parent < 0 ? Rect{0, 0, figure_.list.width, figure_.list.height}
                                           : ShapeAt(label->parent).rect;
      overflows |= !Inside(room, outer, 1);
      report_.text_overflows += overflows ? 1 : 0;
      report_.shortened += label->shortened ? 1 : 0;
      report_.font_min = std::min(report_.font_min, static_cast<double>(label->size) / kPoint);
      report_.contrast_min =
          std::min(report_.contrast_min, Contrast(label->colour, label->background));
    }
    report_.text_collisions = CountOverlaps(lines, [](int, int) { return true; });
  }

  // Tiles against the model: each box's companies in order, shown once or counted in '+N'.
  void CheckTiles() {
    std::vector<const MapBox*> boxes;
    for (const MapBand& band : model_.bands) {
      for (const MapBox& box : band.boxes) boxes.push_back(&box);
    }
    std::set<Unit> sizes;
    std::map<int, std::vector<int>> tiles_of;  // box op -> tile ops, in drawing order
    std::vector<int> drawn_boxes;
    double tile_area = 0, body_area = 0;
    for (size_t i = 0; i < ops_.size(); ++i) {
      if (const auto* label = std::get_if<Label>(&ops_[i])) {
        if (label->parent >= 0 && ShapeAt(label->parent).part == Part::kTile) {
          sizes.insert(label->size);
        }
        continue;
      }
      const Shape& shape = std::get<Shape>(ops_[i]);
      const double area = static_cast<double>(shape.rect.width) * shape.rect.height;
      if (shape.part == Part::kBox) {
        drawn_boxes.push_back(static_cast<int>(i));
        const auto& title = std::get<Label>(ops_[i + 1]);
        body_area += area - static_cast<double>(shape.rect.width) * title.room.height;
      }
      if (shape.part == Part::kTile || shape.part == Part::kOverflow) {
        tiles_of[shape.parent].push_back(static_cast<int>(i));
        tile_area += area;
      }
    }
    report_.tile_sizes = static_cast<int>(sizes.size());
    report_.fill_of_boxes = body_area > 0 ? tile_area / body_area : 0;
    report_.fill_of_page =
        tile_area / (static_cast<double>(figure_.list.width) * figure_.list.height);
    CheckReadingOrder(drawn_boxes);
    if (drawn_boxes.size() != boxes.size()) ++report_.miscounts;
    for (size_t k = 0; k < std::min(boxes.size(), drawn_boxes.size()); ++k) {
      const std::vector<int>& tiles = tiles_of[drawn_boxes[k]];
      CheckReadingOrder(tiles);
      CheckCounts(*boxes[k], tiles);
    }
  }

  void CheckReadingOrder(const std::vector<int>& ops) {
    for (size_t k = 1; k < ops.size(); ++k) {
      const Rect& before = ShapeAt(ops[k - 1]).rect;
      const Rect& after = ShapeAt(ops[k]).rect;
      const bool is_below = after.y >= before.bottom();
      const bool is_right = after.y == before.y && after.x >= before.right();
      if (!is_below && !is_right) ++report_.order_breaks;
    }
  }

  void CheckCounts(const MapBox& box, const std::vector<int>& tiles) {
    int64_t shown = 0, hidden = 0;
    bool is_same = true;
    for (const int tile : tiles) {
      const Shape& shape = ShapeAt(tile);
      if (shape.part == Part::kOverflow) {
        hidden += std::stoll(shape.key);
        continue;
      }
      const auto index = static_cast<size_t>(shown++);
      is_same &= index < box.tiles.size() && box.tiles[index].key == shape.key;
    }
    report_.shown += shown;
    report_.hidden += hidden;
    if (!is_same || shown + hidden != static_cast<int64_t>(box.tiles.size())) ++report_.miscounts;
  }

  void CheckColours() {
    report_.colour_distance_min = 1e9;
    for (size_t a = 0; a < model_.bands.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        for (const Vision vision : {Vision::kNormal, Vision::kProtan, Vision::kDeutan}) {
          report_.colour_distance_min = std::min(
              report_.colour_distance_min, ColourDistance(BandColour(a), BandColour(b), vision));
        }
      }
    }
    if (model_.bands.size() < 2) report_.colour_distance_min = 0;
  }

  void Judge() {
    const auto fail = [this](bool fails, const char* what) {
      if (fails) report_.failures.emplace_back(what);
    };
    fail(report_.overlaps > 0, "shapes overlap");
    fail(report_.escapes > 0, "shapes leave their parent or the page");
    fail(report_.text_overflows > 0, "text leaves its room");
    fail(report_.text_collisions > 0, "text lines overlap");
    fail(report_.order_breaks > 0, "reading order is broken");
    fail(report_.miscounts > 0, "shown and hidden tiles are not the model's");
    fail(report_.shown != figure_.shown || report_.hidden != figure_.hidden,
         "the printed counts are not the drawn ones");
    fail(report_.contrast_min < kContrastLeast, "contrast is below 4.5");
    const bool has_repeats = model_.bands.size() > kHues;
    fail(model_.bands.size() > 1 && !has_repeats &&
             report_.colour_distance_min < kColourDistanceLeast,
         "bands look alike to some readers");
    fail(report_.tile_sizes > kTileSizesMost, "too many font sizes in tiles");
  }

  const MapModel& model_;
  const MapFigure& figure_;
  const std::vector<Op>& ops_;
  TextMeasure& measure_;
  FigureReport report_;
};

}  // namespace

FigureReport CheckMap(const MapModel& model, const MapFigure& figure, TextMeasure& measure) {
  return Checker(model, figure, measure).Run();
}

}  // namespace qipu::tools
