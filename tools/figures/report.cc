#include <cmath>

#include "graph/json.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Three decimals, so that the report is the same text everywhere.
std::string Decimal(double value) {
  const long long thousandths = std::llround(value * 1000);
  std::string digits = std::to_string(std::abs(thousandths));
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  digits.insert(digits.size() - 3, ".");
  return (thousandths < 0 ? "-" : "") + digits;
}

}  // namespace

std::string ReportJson(const FigureReport& report, const MapFigure& figure) {
  std::string failures;
  for (const std::string& failure : report.failures) {
    if (!failures.empty()) failures += ", ";
    failures += graph::JsonQuote(failure);
  }
  const std::pair<const char*, std::string> members[] = {
      {"page", graph::JsonQuote(figure.page)},
      {"width_pt", Decimal(static_cast<double>(figure.list.width) / kPoint)},
      {"height_pt", Decimal(static_cast<double>(figure.list.height) / kPoint)},
      {"shown", std::to_string(report.shown)},
      {"hidden", std::to_string(report.hidden)},
      {"overlaps", std::to_string(report.overlaps)},
      {"escapes", std::to_string(report.escapes)},
      {"text_overflows", std::to_string(report.text_overflows)},
      {"text_collisions", std::to_string(report.text_collisions)},
      {"shortened", std::to_string(report.shortened)},
      {"unknown_glyphs", std::to_string(report.unknown_glyphs)},
      {"order_breaks", std::to_string(report.order_breaks)},
      {"miscounts", std::to_string(report.miscounts)},
      {"font_min_pt", Decimal(report.font_min)},
      {"tile_font_sizes", std::to_string(report.tile_sizes)},
      {"contrast_min", Decimal(report.contrast_min)},
      {"colour_distance_min", Decimal(report.colour_distance_min)},
      {"fill_of_boxes", Decimal(report.fill_of_boxes)},
      {"fill_of_page", Decimal(report.fill_of_page)},
      {"bottom", Decimal(report.bottom)},
      {"failures", "[" + failures + "]"},
  };
  std::string json = "{\n";
  for (const auto& [name, value] : members) {
    if (json.size() > 2) json += ",\n";
    json += "  \"" + std::string(name) + "\": " + value;
  }
  return json + "\n}\n";
}

}  // namespace qipu::tools
