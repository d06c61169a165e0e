#include <glib.h>

#include <algorithm>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {
constexpr char32_t kFirstIdeographic = 0x2E80;
constexpr size_t kStackedMax = 8;
}  // namespace

int64_t Placements(const MapModel& model) {
  int64_t count = 0;
  for (const MapBand& band : model.bands) {
    for (const MapBox& box : band.boxes) count += static_cast<int64_t>(box.tiles.size());
  }
  return count;
}

std::string BoxTitle(const MapBox& box, Language language) {
  return Fill(WordsOf(language).counted, std::vector{box.title, std::to_string(box.tiles.size())});
}

std::string GroupTitle(const MapGroup& group, Language language) {
  return Fill(WordsOf(language).counted, std::vector{group.title, std::to_string(group.companies)});
}

std::vector<std::string> StackedCharacters(std::string_view title) {
  std::vector<std::string> characters;
  for (const char* p = title.data(); p < title.data() + title.size();) {
    const char* next = g_utf8_next_char(p);
    if (g_utf8_get_char(p) < kFirstIdeographic) return {};
    characters.emplace_back(p, next);
    p = next;
  }
  if (characters.size() > kStackedMax) return {};
  return characters;
}

Unit BandLabelHeight(const MapModel& model, size_t band, const MapFrame& frame,
                     TextMeasure& measure) {
  const std::string& title = model.bands[band].title;
  const auto stacked = static_cast<Unit>(StackedCharacters(title).size());
  if (stacked > 0) return stacked * LineHeight(frame.em * 150 / 100) + frame.em;
  return measure.Width(title, Weight::kBold, frame.em * 115 / 100) + frame.em * 2;
}

}  // namespace qipu::tools
