#include <algorithm>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr char kFontStack[] =
    "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',"
    "sans-serif";
constexpr Unit kStrokeWidth = kPoint / 2;

// Points with at most two decimals.
std::string Points(Unit value) {
  const int64_t hundredths = (int64_t{value} * 100 + (value < 0 ? -kPoint : kPoint) / 2) / kPoint;
  std::string text = std::to_string(hundredths / 100);
  int64_t rest = std::abs(hundredths % 100);
  if (hundredths < 0 && hundredths > -100) text = "-" + text;
  if (rest == 0) return text;
  text += '.';
  text += static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) text += static_cast<char>('0' + rest % 10);
  return text;
}

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void Attribute(std::string& out, std::string_view name, std::string_view value) {
  out += ' ';
  out += name;
  out += "=\"";
  out += value;
  out += '"';
}

void WriteRect(std::string& out, const Shape& shape) {
  out += "<rect";
  Attribute(out, "x", Points(shape.rect.x));
  Attribute(out, "y", Points(shape.rect.y));
  Attribute(out, "width", Points(shape.rect.width));
  Attribute(out, "height", Points(shape.rect.height));
  if (shape.radius > 0) Attribute(out, "rx", Points(shape.radius));
  Attribute(out, "fill", CssColour(shape.fill));
  if (shape.stroke) {
    Attribute(out, "stroke", CssColour(*shape.stroke));
    Attribute(out, "stroke-width", Points(kStrokeWidth));
  }
}

void WriteShape(std::string& out, const Shape& shape, size_t index) {
  WriteRect(out, shape);
  if (shape.tooltip.empty()) {
    out += "/>\n";
    return;
  }
  Attribute(out, "id", "q" + std::to_string(index));
  if (!shape.key.empty()) Attribute(out, "data-key", Escape(PrintableText(shape.key)));
  out += "><title>" + Escape(shape.tooltip) + "</title></rect>\n";
}

void WriteLabel(std::string& out, const Label& label) {
  out += "<text";
  Attribute(out, "font-size", Points(label.size));
  Attribute(out, "fill", CssColour(label.colour));
  if (label.weight == Weight::kBold) Attribute(out, "font-weight", "700");
  if (label.align == Align::kCentre) Attribute(out, "text-anchor", "middle");
  if (label.align == Align::kRight) Attribute(out, "text-anchor", "end");
  if (label.turn == Turn::kUp) {
    Attribute(out, "transform",
              "rotate(-90 " + Points(label.room.x + label.room.width / 2) + " " +
                  Points(label.room.y + label.room.height / 2) + ")");
  }
  const bool is_one_line = label.lines.size() == 1;
  if (is_one_line) {
    Attribute(out, "x", Points(label.lines[0].x));
    Attribute(out, "y", Points(label.lines[0].baseline));
    out += ">" + Escape(label.lines[0].text) + "</text>\n";
    return;
  }
  out += '>';
  for (const TextLine& line : label.lines) {
    out += "<tspan";
    Attribute(out, "x", Points(line.x));
    Attribute(out, "y", Points(line.baseline));
    out += ">" + Escape(line.text) + "</tspan>";
  }
  out += "</text>\n";
}

}  // namespace

std::string WriteSvg(const DisplayList& list) {
  const std::string width = Points(list.width), height = Points(list.height);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg";
  Attribute(out, "xmlns", "http://www.w3.org/2000/svg");
  Attribute(out, "viewBox", "0 0 " + width + " " + height);
  Attribute(out, "width", width + "pt");
  Attribute(out, "height", height + "pt");
  Attribute(out, "role", "img");
  Attribute(out, "xml:lang", list.language == Language::kChinese ? "zh-CN" : "en");
  Attribute(out, "font-family", kFontStack);
  out += ">\n<title>" + Escape(list.title) + "</title>\n<desc>" + Escape(list.description) +
         "</desc>\n";
  for (size_t i = 0; i < list.ops.size(); ++i) {
    if (const auto* shape = std::get_if<Shape>(&list.ops[i])) {
      WriteShape(out, *shape, i);
    } else {
      WriteLabel(out, std::get<Label>(list.ops[i]));
    }
  }
  out += "</svg>\n";
  return out;
}

}  // namespace qipu::tools
