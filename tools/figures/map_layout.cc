#include <algorithm>
#include <set>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Paper in mm at 72/25.4 pt; the screen page is 1280 x 720 pt.
constexpr Unit Millimetres(int mm) { return static_cast<Unit>(mm * 72.0 / 25.4 * kPoint + 0.5); }
const PageFormat kPages[] = {
    {"a5", Millimetres(210), Millimetres(148), 5 * kPoint},
    {"a4", Millimetres(297), Millimetres(210), 5 * kPoint},
    {"a3", Millimetres(420), Millimetres(297), 6 * kPoint},
    {"a2", Millimetres(594), Millimetres(420), 6 * kPoint},
    {"a1", Millimetres(841), Millimetres(594), 6 * kPoint},
    {"16x9", 1280 * kPoint, 720 * kPoint, 6 * kPoint},
};
constexpr size_t kIsoPages = 5;  // the first ones above, ascending

constexpr Colour kInk{0x14, 0x1f, 0x2e};
// A strip with room left over widens its tiles by at most this share, then stays short.
constexpr int kWidenPercentMax = 60;
// Names in tiles have at most three sizes: the largest at which these shares of them fit.
constexpr int kSizeShares[] = {92, 98, 100};
// Share of a tile's height that its name may take.
constexpr int kTileTextPercent = 95;

struct Drawing {
  const MapModel& model;
  const MapPlan& plan;
  const MapFrame& frame;
  TextMeasure& measure;
  DisplayList& list;
  std::vector<Unit> tile_sizes;  // the ladder for names in tiles
  int64_t hidden = 0;

  Unit InsetX() const { return std::max(kPoint, plan.geometry.tile_width * 3 / 100); }
  FitRequest TileRequest(Unit width) const {
    return {width - 2 * InsetX(), plan.geometry.tile_height * kTileTextPercent / 100,
            Weight::kRegular, tile_sizes, 2};
  }
};

// Few font sizes side by side: for each of kSizeShares the largest at which so many names fit.
void ChooseTileSizes(Drawing& drawing) {
  const StripGeometry& g = drawing.plan.geometry;
  const std::vector<Unit> ladder =
      SizeLadder(std::clamp(g.tile_height / 2, drawing.frame.font_min, drawing.frame.em * 2),
                 drawing.frame.font_min);
  const FitRequest tile = drawing.TileRequest(g.tile_width);
  std::vector<TextExtent> extents;  // at the first size of the ladder
  for (const MapBand& band : drawing.model.bands) {
    for (const MapBox& box : band.boxes) {
      for (const MapTile& name : box.tiles) {
        extents.push_back(
            MeasureExtent(drawing.measure, name.name, Weight::kRegular, ladder.front()));
      }
    }
  }
  size_t step = 0;
  for (const int share : kSizeShares) {
    for (; step + 1 < ladder.size(); ++step) {
      const Unit size = ladder[step];
      const bool has_two_lines = 2 * LineHeight(size) <= tile.height;
      const auto count = std::count_if(extents.begin(), extents.end(), [&](const TextExtent& e) {
        const Unit extent = has_two_lines ? e.two_lines : e.one_line;
        return int64_t{extent} * size <= int64_t{tile.width} * ladder.front();
      });
      if (count * 100 >= static_cast<std::ptrdiff_t>(extents.size()) * share) break;
    }
    std::vector<Unit>& sizes = drawing.tile_sizes;
    if (sizes.empty() || sizes.back() != ladder[step]) sizes.push_back(ladder[step]);
  }
}

void DrawTile(Drawing& drawing, const MapTile& tile, const Rect& rect, int box, Colour hue) {
  const int shape = AddShape(drawing.list, {.part = Part::kTile,
                                            .rect = rect,
                                            .radius = drawing.plan.geometry.gap / 2,
                                            .fill = kWhite,
                                            .stroke = Mix(hue, kWhite, 0.62),
                                            .parent = box,
                                            .key = tile.key,
                                            .tooltip = tile.detail});
  const Unit inset = drawing.InsetX();
  const Rect room{rect.x + inset, rect.y, rect.width - 2 * inset, rect.height};
  AddLabel(drawing.list,
           {.room = room,
            .align = Align::kCentre,
            .colour = kInk,
            .background = kWhite,
            .parent = shape},
           FitText(drawing.measure, tile.name, drawing.TileRequest(rect.width)));
}

void DrawOverflow(Drawing& drawing, const MapBox& box, size_t first_hidden, const Rect& rect,
                  int parent, Colour hue) {
  const MapWords& words = WordsOf(drawing.model.language);
  const auto count = static_cast<int64_t>(box.tiles.size() - first_hidden);
  drawing.hidden += count;
  std::string names;
  for (size_t i = first_hidden; i < box.tiles.size(); ++i) {
    if (!names.empty()) names += words.separator;
    names += box.tiles[i].name;
  }
  const Colour fill = Mix(hue, kWhite, 0.80);
  const int shape = AddShape(drawing.list, {.part = Part::kOverflow,
                                            .rect = rect,
                                            .radius = drawing.plan.geometry.gap / 2,
                                            .fill = fill,
                                            .parent = parent,
                                            .key = std::to_string(count),
                                            .tooltip = names});
  FitRequest request = drawing.TileRequest(rect.width);
  request.weight = Weight::kBold;
  const Unit inset = drawing.InsetX();
  AddLabel(drawing.list,
           {.room = {rect.x + inset, rect.y, rect.width - 2 * inset, rect.height},
            .weight = Weight::kBold,
            .align = Align::kCentre,
            .colour = Mix(hue, kBlack, 0.35),
            .background = fill,
            .parent = shape},
           FitText(drawing.measure, Fill(words.more, std::vector{std::to_string(count)}), request));
}

// Title and tiles of one box; `tile_width` is the strip's.
void DrawBox(Drawing& drawing, const MapBox& box, const Strip& strip, const Rect& rect,
             Unit tile_width, int columns, int band, Colour hue) {
  const StripGeometry& g = drawing.plan.geometry;
  const Colour fill = Mix(hue, kWhite, 0.90);
  const int shape = AddShape(drawing.list, {.part = Part::kBox,
                                            .rect = rect,
                                            .radius = g.gap,
                                            .fill = fill,
                                            .parent = band,
                                            .key = box.key,
                                            .tooltip = BoxTitle(box, drawing.model.language)});
  const Unit title_height = strip.title_lines * g.title_line;
  const Rect room{rect.x + g.pad, rect.y + g.pad / 2, rect.width - 2 * g.pad, title_height};
  const Unit sizes[] = {drawing.plan.title_size, drawing.frame.font_min};
  AddLabel(drawing.list,
           {.room = room,
            .weight = Weight::kBold,
            .colour = Mix(hue, kBlack, 0.30),
            .background = fill,
            .parent = shape},
           FitText(drawing.measure, BoxTitle(box, drawing.model.language),
                   {room.width, title_height, Weight::kBold, sizes, strip.title_lines}));
  // The cap set the strip's height; where rows and columns hold more, more are shown.
  const int drawn = DrawnTiles(box.tiles.size(), strip.rows * columns);
  for (int k = 0; k < drawn; ++k) {
    const Rect tile{rect.x + g.pad + k % columns * (tile_width + g.gap),
                    rect.y + title_height + g.pad + k / columns * (g.tile_height + g.gap),
                    tile_width, g.tile_height};
    const auto index = static_cast<size_t>(k);
    if (k + 1 == drawn && index + 1 < box.tiles.size()) {
      DrawOverflow(drawing, box, index, tile, shape, hue);
    } else {
      DrawTile(drawing, box.tiles[index], tile, shape, hue);
    }
  }
}

void DrawGroupBar(Drawing& drawing, const MapGroup& group, const Rect& rect, bool continues,
                  int band, Colour hue) {
  const MapWords& words = WordsOf(drawing.model.language);
  std::string title = GroupTitle(group, drawing.model.language);
  if (continues) title = Fill(words.continued, std::vector{title});
  const int shape = AddShape(drawing.list, {.part = Part::kGroup,
                                            .rect = rect,
                                            .radius = drawing.plan.geometry.gap,
                                            .fill = hue,
                                            .parent = band,
                                            .tooltip = title});
  const Unit pad = drawing.plan.geometry.pad;
  const Rect room{rect.x + pad, rect.y, rect.width - 2 * pad, rect.height};
  const Unit sizes[] = {drawing.plan.group_size, drawing.frame.font_min};
  AddLabel(
      drawing.list,
      {.room = room, .weight = Weight::kBold, .colour = kWhite, .background = hue, .parent = shape},
      FitText(drawing.measure, title, {room.width, room.height, Weight::kBold, sizes, 1}));
}

// One strip: boxes side by side under the bars of their groups, flush with both margins unless
// that would widen the tiles too much.
void DrawStrip(Drawing& drawing, const MapBand& band, const Strip& strip, const Rect& rect,
               int parent, Colour hue) {
  const StripGeometry& g = drawing.plan.geometry;
  Unit columns = 0;
  for (const int count : strip.columns) columns += count;
  const Unit left_over = rect.width - StripWidth(strip, g);
  const Unit widen = std::min(left_over / columns, g.tile_width * kWidenPercentMax / 100);
  const Unit tile_width = g.tile_width + widen;
  const Unit top = rect.y + g.group_bar;
  Unit x = rect.x, group_left = rect.x;
  for (size_t k = 0; k < strip.columns.size(); ++k) {
    const size_t index = strip.first + k;
    const MapBox& box = band.boxes[index];
    const int count = strip.columns[k];
    const Rect box_rect{x, top, count * (tile_width + g.gap) - g.gap + 2 * g.pad,
                        rect.bottom() - top};
    DrawBox(drawing, box, strip, box_rect, tile_width, count, parent, hue);
    const bool is_group_end =
        k + 1 == strip.columns.size() || band.boxes[index + 1].group != box.group;
    if (is_group_end) {
      size_t first = index;
      while (first > strip.first && band.boxes[first - 1].group == box.group) --first;
      const bool continues = first > 0 && band.boxes[first - 1].group == box.group;
      DrawGroupBar(drawing, band.groups[box.group],
                   {group_left, rect.y, box_rect.right() - group_left, g.group_bar - g.gap},
                   continues, parent, hue);
      group_left = box_rect.right() + g.box_gap;
    }
    x = box_rect.right() + g.box_gap;
  }
}

void DrawBandLabel(Drawing& drawing, const MapBand& band, const Rect& rect, int parent,
                   Colour hue) {
  const Colour fill = Mix(hue, kBlack, 0.22);
  const int shape = AddShape(drawing.list, {.part = Part::kBandLabel,
                                            .rect = rect,
                                            .radius = drawing.plan.geometry.gap,
                                            .fill = fill,
                                            .parent = parent,
                                            .tooltip = band.title});
  Label label{.room = rect,
              .weight = Weight::kBold,
              .align = Align::kCentre,
              .colour = kWhite,
              .background = fill,
              .parent = shape};
  const Unit size = drawing.frame.em * 150 / 100;
  const std::vector<std::string> stacked = StackedCharacters(band.title);
  if (!stacked.empty()) {
    AddLabel(drawing.list, label, {stacked, size, false});
    return;
  }
  // Turned text is laid out in the room as it lies before the turn.
  label.turn = Turn::kUp;
  const Unit length = rect.height - drawing.frame.em;  // air at both ends
  label.room = {rect.x + rect.width / 2 - length / 2, rect.y + rect.height / 2 - rect.width / 2,
                length, rect.width};
  const std::vector<Unit> sizes = SizeLadder(size, drawing.frame.font_min);
  AddLabel(drawing.list, label,
           FitText(drawing.measure, band.title,
                   {label.room.width, label.room.height, Weight::kBold, sizes, 1}));
}

void DrawAbsent(Drawing& drawing, const MapBandPlan& band, const Rect& rect, int parent,
                Colour hue) {
  const int shape = AddShape(drawing.list, {.part = Part::kAbsent,
                                            .rect = rect,
                                            .radius = drawing.plan.geometry.gap,
                                            .fill = kWhite,
                                            .stroke = Mix(hue, kWhite, 0.62),
                                            .parent = parent});
  const Unit pad = drawing.plan.geometry.pad;
  AddLabel(drawing.list,
           {.room = {rect.x + pad, rect.y, rect.width - 2 * pad, rect.height},
            .colour = Mix(hue, kBlack, 0.30),
            .background = kWhite,
            .parent = shape},
           {band.absent_lines, drawing.plan.absent_size, false});
}

void DrawBand(Drawing& drawing, size_t index, Unit top) {
  const MapBand& band = drawing.model.bands[index];
  const MapBandPlan& plan = drawing.plan.bands[index];
  const StripGeometry& g = drawing.plan.geometry;
  const Colour hue = BandColour(index);
  const Rect rect{drawing.frame.bands.x, top, drawing.frame.bands.width, plan.height};
  const int shape = AddShape(drawing.list, {.part = Part::kBand, .rect = rect, .fill = kWhite});
  const Unit label_width = drawing.plan.label_width - g.box_gap;
  DrawBandLabel(drawing, band, {rect.x, top, label_width, plan.height}, shape, hue);
  const Unit left = rect.x + drawing.plan.label_width;
  const Unit width = rect.width - drawing.plan.label_width;
  Unit y = top;
  for (const Strip& strip : plan.strips) {
    const Unit height = StripHeight(strip, g);
    DrawStrip(drawing, band, strip, {left, y, width, height}, shape, hue);
    y += height + g.box_gap;
  }
  if (!plan.absent_lines.empty()) {
    DrawAbsent(drawing, plan, {left, y, width, rect.bottom() - y}, shape, hue);
  }
}

}  // namespace

std::span<const PageFormat> PageFormats() { return kPages; }

Result<MapFigure> LayOutMap(const MapModel& model, const PageFormat& page, Orientation orientation,
                            TextMeasure& measure) {
  MapFigure figure;
  DisplayList& list = figure.list;
  const bool is_landscape = orientation == Orientation::kLandscape;
  list.width = is_landscape ? page.width : page.height;
  list.height = is_landscape ? page.height : page.width;
  list.language = model.language;
  list.title = model.title;
  list.description = model.scope;
  list.as_of = model.as_of ? model.as_of : model.data_as_of;
  const MapFrame frame = FrameMap(model, page, orientation, measure);
  const MapPlan plan = QIPU_TRY(PlanMap(model, frame, measure));
  AddShape(list, {.part = Part::kPage, .rect = {0, 0, list.width, list.height}, .fill = kWhite});
  Drawing drawing{model, plan, frame, measure, list, {}, 0};
  ChooseTileSizes(drawing);
  Unit y = frame.bands.y;
  for (size_t b = 0; b < model.bands.size(); ++b) {
    DrawBand(drawing, b, y);
    y += plan.bands[b].height + plan.band_gap;
  }
  DrawFrame(model, frame, drawing.hidden, measure, list);
  figure.page = page.name;
  figure.hidden = drawing.hidden;
  figure.shown = Placements(model) - drawing.hidden;
  figure.room = frame.bands;
  return figure;
}

Result<MapFigure> LayOutMapOnSmallestPage(const MapModel& model, Orientation orientation,
                                          TextMeasure& measure) {
  for (size_t i = 0; i + 1 < kIsoPages; ++i) {
    auto figure = LayOutMap(model, kPages[i], orientation, measure);
    if (figure.ok() && figure->hidden == 0) return figure;
  }
  return LayOutMap(model, kPages[kIsoPages - 1], orientation, measure);
}

}  // namespace qipu::tools
