#include <algorithm>
#include <limits>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr Unit kTileStep = kPoint / 4;              // tile widths are tried in quarter points
constexpr Unit kReadableTile = 34 * kPoint;         // below, four Chinese characters get cramped
constexpr Unit kTileMaxEms = 14;                    // above, a few tiles look absurdly large
constexpr Unit kExtentSize = 16 * kPoint;           // widths are proportional: measured at one size
constexpr int kNamesFitPercent = 97;                // share of names that must fit unshortened
constexpr int kWastePercents[] = {800, 500};        // tried in turn; see StripGeometry
constexpr int kAbsentPercents[] = {175, 150, 125};  // of their least size; tried in turn
constexpr int kAbsentLinesMax = 6;
constexpr int kAspectMostPercent = 56;  // tile height over width, stretched to the page

constexpr Unit kLadder[] = {  // few steps, so that few sizes appear side by side
    44 * kPoint,     38 * kPoint, 34 * kPoint,     30 * kPoint, 26 * kPoint,     23 * kPoint,
    20 * kPoint,     18 * kPoint, 16 * kPoint,     14 * kPoint, 25 * kPoint / 2, 11 * kPoint,
    10 * kPoint,     9 * kPoint,  17 * kPoint / 2, 8 * kPoint,  15 * kPoint / 2, 7 * kPoint,
    13 * kPoint / 2, 6 * kPoint,  11 * kPoint / 2, 5 * kPoint};

// What the search needs of the model, measured once.
struct Measured {
  std::vector<std::vector<TextExtent>> box_titles;  // by band, box; at kExtentSize
  // By band, group: the title's width, and the continued title's; at kExtentSize.
  std::vector<std::vector<std::pair<Unit, Unit>>> group_titles;
  Unit tile_least = 0;
  int aspect_percent = 0;  // tile height over width
};

Unit Scaled(Unit at_extent_size, Unit size) {
  return static_cast<Unit>(int64_t{at_extent_size} * size / kExtentSize) + 1;
}

// The least tile width at which kNamesFitPercent of the names fit on two lines of the least font.
Unit LeastTileWidth(const MapModel& model, const MapFrame& frame, TextMeasure& measure) {
  std::vector<Unit> needed;
  for (const MapBand& band : model.bands) {
    for (const MapBox& box : band.boxes) {
      for (const MapTile& tile : box.tiles) {
        needed.push_back(
            MeasureExtent(measure, tile.name, Weight::kRegular, frame.font_min).two_lines);
      }
    }
  }
  if (needed.empty()) return kReadableTile;
  const size_t at = (needed.size() - 1) * kNamesFitPercent / 100;
  std::nth_element(needed.begin(), needed.begin() + static_cast<std::ptrdiff_t>(at), needed.end());
  const Unit padded = needed[at] * 110 / 100;
  return std::clamp(padded, kReadableTile, 9 * kReadableTile / 4);
}

Measured MeasureModel(const MapModel& model, const MapFrame& frame, TextMeasure& measure) {
  Measured out;
  const MapWords& words = WordsOf(model.language);
  for (const MapBand& band : model.bands) {
    auto& titles = out.box_titles.emplace_back();
    for (const MapBox& box : band.boxes) {
      titles.push_back(
          MeasureExtent(measure, BoxTitle(box, model.language), Weight::kBold, kExtentSize));
    }
    auto& groups = out.group_titles.emplace_back();
    for (const MapGroup& group : band.groups) {
      const std::string title = GroupTitle(group, model.language);
      const std::string continued = Fill(words.continued, std::vector{title});
      groups.emplace_back(measure.Width(title, Weight::kBold, kExtentSize),
                          measure.Width(continued, Weight::kBold, kExtentSize));
    }
  }
  out.tile_least = LeastTileWidth(model, frame, measure);
  out.aspect_percent = model.language == Language::kChinese ? 44 : 48;
  return out;
}

// All sizes follow from the tile's width.
MapPlan PlanAt(Unit tile_width, int cap, const Measured& measured, const MapFrame& frame) {
  MapPlan plan;
  plan.cap = cap;
  StripGeometry& g = plan.geometry;
  g.tile_width = tile_width;
  g.tile_height = tile_width * measured.aspect_percent / 100;
  g.gap = std::max(kPoint * 5 / 4, tile_width * 36 / 1000);
  g.pad = std::max(2 * kPoint, tile_width * 5 / 100);
  g.box_gap = std::max(3 * kPoint, tile_width * 8 / 100);
  const Unit most = std::min(tile_width * 19 / 100, frame.em * 3 / 2);
  plan.title_size = SizeLadder(std::max(most, frame.font_min), frame.font_min).front();
  plan.group_size = std::max(frame.font_min, plan.title_size * 108 / 100);
  plan.absent_size = std::max(frame.font_min, frame.em);
  g.title_line = plan.title_size * 130 / 100;
  g.group_bar = plan.group_size * 160 / 100 + g.gap;
  plan.band_gap = std::max(g.box_gap, frame.em * 9 / 10);
  plan.label_width = frame.em * 3 + g.box_gap;
  return plan;
}

std::vector<StripBox> StripBoxes(const MapBand& band, size_t band_index, const Measured& measured,
                                 const MapPlan& plan) {
  std::vector<StripBox> boxes;
  for (size_t k = 0; k < band.boxes.size(); ++k) {
    const TextExtent& title = measured.box_titles[band_index][k];
    const size_t group = band.boxes[k].group;
    const auto [plain, continued] = measured.group_titles[band_index][group];
    boxes.push_back({DrawnTiles(band.boxes[k].tiles.size(), plan.cap),
                     Scaled(title.one_line, plan.title_size),
                     Scaled(title.two_lines, plan.title_size), group,
                     Scaled(plain, plan.group_size) + 2 * plan.geometry.pad,
                     Scaled(continued, plan.group_size) + 2 * plan.geometry.pad});
  }
  return boxes;
}

void PlanAbsent(const MapModel& model, const MapBand& band, Unit width, MapPlan& plan,
                TextMeasure& measure) {
  MapBandPlan& out = plan.bands.back();
  if (band.absent.empty()) return;
  const MapWords& words = WordsOf(model.language);
  std::string names;
  for (const std::string& name : band.absent) {
    if (!names.empty()) names += words.separator;
    names += name;
  }
  const std::string text =
      Fill(words.absent, std::vector{std::to_string(band.absent.size()), names});
  const Unit sizes[] = {plan.absent_size};
  out.absent_lines =
      WrapText(measure, text,
               {width - 2 * plan.geometry.pad, 0, Weight::kRegular, sizes, kAbsentLinesMax})
          .lines;
}

Unit AbsentHeight(const MapPlan& plan, const MapBandPlan& band) {
  if (band.absent_lines.empty()) return 0;
  return static_cast<Unit>(band.absent_lines.size()) * LineHeight(plan.absent_size) +
         2 * plan.geometry.pad;
}

// Packs every band; false when a box fits no strip. Returns the height of all in `height`.
bool PackBands(const MapModel& model, const MapFrame& frame, const Measured& measured,
               TextMeasure& measure, MapPlan& plan) {
  const Unit width = frame.bands.width - plan.label_width;
  for (size_t b = 0; b < model.bands.size(); ++b) {
    const MapBand& band = model.bands[b];
    plan.bands.emplace_back();
    const std::vector<StripBox> boxes = StripBoxes(band, b, measured, plan);
    auto strips = PackStrips(boxes, plan.geometry, width);
    if (!strips) return false;
    plan.bands.back().strips = std::move(*strips);
    PlanAbsent(model, band, width, plan, measure);
  }
  return true;
}

Unit SetHeights(const MapModel& model, const MapFrame& frame, TextMeasure& measure, MapPlan& plan) {
  Unit total = -plan.band_gap;
  for (size_t b = 0; b < plan.bands.size(); ++b) {
    MapBandPlan& band = plan.bands[b];
    band.height = AbsentHeight(plan, band);
    for (const Strip& strip : band.strips) {
      band.height += StripHeight(strip, plan.geometry) + plan.geometry.box_gap;
    }
    if (band.absent_lines.empty()) band.height -= plan.geometry.box_gap;
    band.height = std::max(band.height, BandLabelHeight(model, b, frame, measure));
    total += band.height + plan.band_gap;
  }
  return total;
}

struct Search {
  const MapModel& model;
  const MapFrame& frame;
  const Measured& measured;
  TextMeasure& measure;

  std::optional<MapPlan> Try(Unit tile_width, int cap) const {
    return Pack(PlanAt(tile_width, cap, measured, frame));
  }

  std::optional<MapPlan> Pack(MapPlan plan) const {
    if (!PackBands(model, frame, measured, measure, plan)) return std::nullopt;
    if (SetHeights(model, frame, measure, plan) > frame.bands.height) return std::nullopt;
    return plan;
  }

  // Where height is left, strips with less waste, if there are such that fit.
  MapPlan Tidied(MapPlan plan) const {
    for (const int percent : kWastePercents) {
      MapPlan tidy = PlanAt(plan.geometry.tile_width, plan.cap, measured, frame);
      tidy.geometry.waste_percent = percent;
      auto packed = Pack(std::move(tidy));
      if (packed) return std::move(*packed);
    }
    return plan;
  }

  // Where height is still left, the absent segments are named in larger type.
  MapPlan WithLargerAbsent(MapPlan plan) const {
    for (const int percent : kAbsentPercents) {
      MapPlan larger = PlanAt(plan.geometry.tile_width, plan.cap, measured, frame);
      larger.geometry.waste_percent = plan.geometry.waste_percent;
      larger.absent_size = std::min(larger.absent_size * percent / 100,
                                    std::max(larger.absent_size, larger.title_size));
      auto packed = Pack(std::move(larger));
      if (packed) return std::move(*packed);
    }
    return plan;
  }

  // The largest tiles that fit at `cap`, none smaller than `least`; null if not even those do.
  std::optional<MapPlan> LargestTiles(int cap, Unit least) const {
    Unit low = 0, high = std::max(Unit{0}, (kTileMaxEms * frame.em - least) / kTileStep);
    std::optional<MapPlan> best = Try(least, cap);
    if (!best) return best;
    while (low < high) {
      const Unit middle = (low + high + 1) / 2;
      auto plan = Try(least + middle * kTileStep, cap);
      if (plan) {
        best = std::move(plan);
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return best;
  }

  // The largest cap that fits with tiles `least` wide; 0 if none does.
  int LargestCap(int cap_max, Unit least) const {
    int low = 0, high = cap_max;
    while (low < high) {
      const int middle = (low + high + 1) / 2;
      if (Try(least, middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
};

// Gives height that is left to the tiles, then to the gaps between bands.
void Stretch(const MapModel& model, const MapFrame& frame, TextMeasure& measure, MapPlan& plan) {
  Unit rows = 0;
  for (const MapBandPlan& band : plan.bands) {
    for (const Strip& strip : band.strips) rows += strip.rows;
  }
  const Unit left = frame.bands.height - SetHeights(model, frame, measure, plan);
  const Unit most = plan.geometry.tile_width * kAspectMostPercent / 100;
  const Unit before = plan.geometry.tile_height;
  plan.geometry.tile_height = std::max(before, std::min(most, before + left / std::max(1, rows)));
  while (plan.geometry.tile_height > before &&
         SetHeights(model, frame, measure, plan) > frame.bands.height) {
    --plan.geometry.tile_height;
  }
  const Unit gaps = static_cast<Unit>(plan.bands.size()) - 1;
  const Unit still_left = frame.bands.height - SetHeights(model, frame, measure, plan);
  if (gaps > 0) plan.band_gap += std::min(still_left / gaps, 3 * frame.em);
  SetHeights(model, frame, measure, plan);
}

}  // namespace

std::vector<Unit> SizeLadder(Unit most, Unit least) {
  std::vector<Unit> sizes;
  for (const Unit size : kLadder) {
    if (size <= most && size >= least) sizes.push_back(size);
  }
  if (sizes.empty() || sizes.back() != least) sizes.push_back(least);
  return sizes;
}

Result<MapPlan> PlanMap(const MapModel& model, const MapFrame& frame, TextMeasure& measure) {
  const Measured measured = MeasureModel(model, frame, measure);
  const Search search{model, frame, measured, measure};
  int cap_max = 1;
  for (const MapBand& band : model.bands) {
    for (const MapBox& box : band.boxes) {
      cap_max = std::max(cap_max, static_cast<int>(box.tiles.size()));
    }
  }
  auto plan = search.LargestTiles(cap_max, measured.tile_least);
  // Rather than drop every name, let a few be shortened.
  for (const Unit least : {measured.tile_least, kReadableTile}) {
    if (plan) break;
    const int cap = search.LargestCap(cap_max, least);
    if (cap > 0) plan = search.LargestTiles(cap, least);
  }
  if (!plan) {
    return InvalidArgument(
        "the page has no room for one readable tile per segment; choose a "
        "larger page, e.g. --page a1, or a smaller region");
  }
  MapPlan final_plan = search.WithLargerAbsent(search.Tidied(std::move(*plan)));
  Stretch(model, frame, measure, final_plan);
  return final_plan;
}

}  // namespace qipu::tools
