#include <algorithm>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr Unit kEmLeast = 33 * kPoint / 5;  // notes, at 0.92 of it, stay over 6 pt
constexpr int kEmPermille = 93;             // of the page's shorter side, in tenths
constexpr size_t kLegendRows = 3;
constexpr int kFootLinesMax = 4;

constexpr Colour kInk{0x14, 0x1f, 0x2e};
constexpr Colour kSecondary{0x4a, 0x57, 0x68};
constexpr Colour kRuleColour{0xc9, 0xd1, 0xda};

Unit Ems(const MapFrame& frame, int percent) { return frame.em * percent / 100; }

std::string Number(int64_t value) { return std::to_string(value); }

int64_t SegmentsWithCompanies(const MapModel& model) {
  int64_t count = 0;
  for (const MapBand& band : model.bands) count += static_cast<int64_t>(band.boxes.size());
  return count;
}

std::string FootText(const MapModel& model) {
  const MapWords& words = WordsOf(model.language);
  const std::string stop = model.language == Language::kChinese ? "；" : ". ";
  std::string text = Fill(words.order_note, std::vector{model.order_rule}) + stop;
  text += words.counting_rule;
  text += stop;
  if (!model.source.empty()) text += Fill(words.source_note, std::vector{model.source}) + stop;
  if (model.as_of) return text + Fill(words.as_of_note, std::vector{model.as_of->ToString()});
  if (!model.data_as_of) return text + std::string(words.no_as_of);
  return text + Fill(words.data_as_of_note, std::vector{model.data_as_of->ToString()});
}

FittedText OneLine(TextMeasure& measure, const std::string& text, const Rect& room, Weight weight,
                   Unit most, Unit least) {
  std::vector<Unit> sizes = SizeLadder(most, least);
  sizes.insert(sizes.begin(), most);
  return FitText(measure, text, {room.width, room.height, weight, sizes, 1});
}

// Swatch, name and counts of each band, in columns of kLegendRows, at the right of the head.
// Returns the legend's left edge.
Unit DrawLegend(const MapModel& model, const MapFrame& frame, TextMeasure& measure,
                DisplayList& list) {
  const MapWords& words = WordsOf(model.language);
  const Unit size = std::max(frame.font_min, Ems(frame, 110));
  const Unit row = size * 165 / 100;
  const Unit swatch = size;
  std::vector<std::string> entries;
  Unit widest = 0;
  for (const MapBand& band : model.bands) {
    entries.push_back(
        band.title + "  " +
        Fill(words.legend_entry,
             std::vector{Number(band.companies), Number(static_cast<int64_t>(band.boxes.size()))}));
    widest = std::max(widest, measure.Width(entries.back(), Weight::kRegular, size));
  }
  const size_t columns = (entries.size() + kLegendRows - 1) / kLegendRows;
  const Unit column = std::min(widest + swatch * 3 / 2 + kPoint / 2, frame.head.width * 2 / 5);
  const Unit left = frame.head.right() - static_cast<Unit>(columns) * column;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Unit x = left + static_cast<Unit>(i / kLegendRows) * column;
    const Unit y = frame.head.y + static_cast<Unit>(i % kLegendRows) * row;
    AddShape(list, {.part = Part::kSwatch,
                    .rect = {x, y + (row - swatch) / 2, swatch, swatch},
                    .radius = swatch / 5,
                    .fill = BandColour(i)});
    const Rect room{x + swatch * 3 / 2, y, column - swatch * 3 / 2, row};
    AddLabel(list, {.room = room, .colour = kInk, .background = kWhite},
             OneLine(measure, entries[i], room, Weight::kRegular, size, frame.font_min));
  }
  return left;
}

}  // namespace

MapFrame FrameMap(const MapModel& model, const PageFormat& page, Orientation orientation,
                  TextMeasure& measure) {
  const bool is_landscape = orientation == Orientation::kLandscape;
  const Unit width = is_landscape ? page.width : page.height;
  const Unit height = is_landscape ? page.height : page.width;
  MapFrame frame;
  frame.em = std::max(kEmLeast, std::min(width, height) * kEmPermille / 10000);
  frame.font_min = page.font_min;
  frame.margin = std::min(width, height) * 26 / 1000;
  frame.head = {frame.margin, frame.margin, width - 2 * frame.margin, Ems(frame, 560)};
  frame.foot_size = std::max(frame.font_min, Ems(frame, 92));
  const Unit sizes[] = {frame.foot_size};
  const Unit foot_width = frame.head.width * 4 / 5;
  frame.foot_lines =
      WrapText(measure, FootText(model), {foot_width, 0, Weight::kRegular, sizes, kFootLinesMax})
          .lines;
  const Unit foot_height =
      static_cast<Unit>(frame.foot_lines.size()) * LineHeight(frame.foot_size) + Ems(frame, 60);
  frame.foot = {frame.margin, height - frame.margin - foot_height, frame.head.width, foot_height};
  const Unit top = frame.head.bottom() + Ems(frame, 90);
  frame.bands = {frame.margin, top, frame.head.width, frame.foot.y - Ems(frame, 90) - top};
  return frame;
}

void DrawFrame(const MapModel& model, const MapFrame& frame, int64_t hidden, TextMeasure& measure,
               DisplayList& list) {
  const MapWords& words = WordsOf(model.language);
  const Unit legend = DrawLegend(model, frame, measure, list);
  const Unit width = legend - frame.head.x - Ems(frame, 200);
  const Rect title{frame.head.x, frame.head.y, width, Ems(frame, 370)};
  AddLabel(list, {.room = title, .weight = Weight::kBold, .colour = kInk, .background = kWhite},
           OneLine(measure, model.title, title, Weight::kBold, Ems(frame, 300), frame.em));
  const int64_t placements = Placements(model);
  const std::string totals =
      Fill(words.totals, std::vector{model.scope, Number(model.companies), Number(placements),
                                     Number(SegmentsWithCompanies(model)), Number(model.segments)});
  const Rect subtitle{frame.head.x, title.bottom(), width, Ems(frame, 190)};
  AddLabel(list, {.room = subtitle, .colour = kSecondary, .background = kWhite},
           OneLine(measure, totals, subtitle, Weight::kRegular, Ems(frame, 140), frame.font_min));

  const Rect& foot = frame.foot;
  AddShape(
      list,
      {.part = Part::kRule, .rect = {foot.x, foot.y, foot.width, kPoint / 2}, .fill = kRuleColour});
  const Rect notes{foot.x, foot.y + Ems(frame, 60), foot.width * 4 / 5,
                   foot.height - Ems(frame, 60)};
  AddLabel(list, {.room = notes, .colour = kSecondary, .background = kWhite},
           {frame.foot_lines, frame.foot_size, false});
  const std::string shown =
      Fill(words.shown_note, std::vector{Number(placements - hidden), Number(hidden)}) +
      "  ·  qipu";
  const Rect right{notes.right(), notes.y, foot.width - notes.width, LineHeight(frame.foot_size)};
  AddLabel(list,
           {.room = right, .align = Align::kRight, .colour = kSecondary, .background = kWhite},
           OneLine(measure, shown, right, Weight::kRegular, frame.foot_size, frame.font_min));
}

}  // namespace qipu::tools
