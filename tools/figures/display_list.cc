#include "tools/figures/figures.h"

namespace qipu::tools {

int AddShape(DisplayList& list, Shape shape) {
  list.ops.emplace_back(std::move(shape));
  return static_cast<int>(list.ops.size()) - 1;
}

void AddLabel(DisplayList& list, Label label, const FittedText& text) {
  label.size = text.size;
  label.shortened = text.shortened;
  const Rect& room = label.room;
  const Unit line_height = LineHeight(text.size);
  Unit x = room.x;
  if (label.align == Align::kCentre) x += room.width / 2;
  if (label.align == Align::kRight) x += room.width;
  Unit top = room.y + (room.height - line_height * static_cast<Unit>(text.lines.size())) / 2;
  if (label.turn == Turn::kUp) top = room.y + (room.height - line_height) / 2;
  for (const std::string& line : text.lines) {
    label.lines.push_back({line, x, top + text.size * kBaselinePercent / 100});
    top += line_height;
  }
  list.ops.emplace_back(std::move(label));
}

}  // namespace qipu::tools
