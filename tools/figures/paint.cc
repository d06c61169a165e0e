#include <cairo.h>

#include <algorithm>
#include <cmath>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr double kStrokePoints = 0.5;

double Points(Unit value) { return static_cast<double>(value) / kPoint; }

void SetColour(cairo_t* target, Colour c) {
  cairo_set_source_rgb(target, c.red / 255.0, c.green / 255.0, c.blue / 255.0);
}

void TracePath(cairo_t* target, const Shape& shape) {
  const double x = Points(shape.rect.x), y = Points(shape.rect.y);
  const double right = Points(shape.rect.right()), bottom = Points(shape.rect.bottom());
  const double r = Points(std::min({shape.radius, shape.rect.width / 2, shape.rect.height / 2}));
  if (r <= 0) {
    cairo_rectangle(target, x, y, right - x, bottom - y);
    return;
  }
  cairo_new_sub_path(target);
  cairo_arc(target, right - r, y + r, r, -M_PI_2, 0);
  cairo_arc(target, right - r, bottom - r, r, 0, M_PI_2);
  cairo_arc(target, x + r, bottom - r, r, M_PI_2, M_PI);
  cairo_arc(target, x + r, y + r, r, M_PI, 3 * M_PI_2);
  cairo_close_path(target);
}

void PaintShape(cairo_t* target, const Shape& shape) {
  SetColour(target, shape.fill);
  TracePath(target, shape);
  if (!shape.stroke) {
    cairo_fill(target);
    return;
  }
  cairo_fill_preserve(target);
  SetColour(target, *shape.stroke);
  cairo_set_line_width(target, kStrokePoints);
  cairo_stroke(target);
}

void PaintLabel(cairo_t* target, const Label& label, TextMeasure& measure) {
  cairo_save(target);
  SetColour(target, label.colour);
  if (label.turn == Turn::kUp) {
    const double x = Points(label.room.x + label.room.width / 2);
    const double y = Points(label.room.y + label.room.height / 2);
    cairo_translate(target, x, y);
    cairo_rotate(target, -M_PI_2);
    cairo_translate(target, -x, -y);
  }
  for (const TextLine& line : label.lines) {
    Unit x = line.x;
    const Unit width = measure.DrawnWidth(line.text, label.weight, label.size);
    if (label.align == Align::kCentre) x -= width / 2;
    if (label.align == Align::kRight) x -= width;
    cairo_move_to(target, Points(x), Points(line.baseline));
    measure.Show(target, line.text, label.weight, label.size);
  }
  cairo_restore(target);
}

}  // namespace

void Paint(const DisplayList& list, TextMeasure& measure, cairo_t* target) {
  for (const Op& op : list.ops) {
    if (const auto* shape = std::get_if<Shape>(&op)) {
      PaintShape(target, *shape);
    } else {
      PaintLabel(target, std::get<Label>(op), measure);
    }
  }
}

}  // namespace qipu::tools
