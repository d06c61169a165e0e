#include "tools/cli/output.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "graph/json.h"

namespace qipu::tools {
namespace {

struct CodePoint {
  char32_t value;
  size_t bytes;
};

/// The code point at `at`; a byte that starts none counts as one character of its own.
CodePoint Decode(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC0 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                                       : 4;
  if (length <= 1 || at + length > text.size()) return {first, 1};
  char32_t value = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) value = (value << 6) | (byte(at + i) & 0x3FU);
  return {value, length};
}

// Unicode 15 East Asian Width W and F, joined where nothing else lies between.
constexpr struct {
  char32_t first, last;
} kWide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},  {0x3041, 0x33FF}, {0x3400, 0x4DBF},
             {0x4E00, 0xA4CF},   {0xA960, 0xA97F},  {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
             {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F},
             {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr struct {
  char32_t first, last;
} kZeroWidth[] = {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0xFE00, 0xFE0F}};

template <class Ranges>
bool InRanges(const Ranges& ranges, char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const auto& range) { return c >= range.first && c <= range.last; });
}

bool IsNumber(const query::Cell& cell) {
  const auto* value = std::get_if<graph::Value>(&cell.value);
  return value != nullptr && (value->AsInt() != nullptr || value->AsFloat() != nullptr);
}

/// One line whatever the text holds: line ends and other controls would break the columns.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

std::string CsvField(const std::string& text, bool number) {
  std::string field = text;
  if (!number && !field.empty() &&
      std::string_view("=+-@\t\r").find(field[0]) != std::string::npos) {
    field.insert(0, 1, '\'');
  }
  if (field.find_first_of(",\"\n\r") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string CsvText(const query::Table& table) {
  std::string out;
  const auto add_row = [&out](size_t columns, const auto& field) {
    for (size_t i = 0; i < columns; ++i) out += (i > 0 ? "," : "") + field(i);
    out += '\n';
  };
  add_row(table.columns.size(), [&](size_t i) { return CsvField(table.columns[i], false); });
  for (const auto& row : table.rows) {
    add_row(row.size(), [&](size_t i) { return CsvField(CellText(row[i]), IsNumber(row[i])); });
  }
  return out;
}

std::string JsonObject(const query::Table& table, const std::vector<query::Cell>& row) {
  std::string out = "{";
  for (size_t i = 0; i < row.size(); ++i) {
    out += (i > 0 ? "," : "") + graph::JsonQuote(table.columns[i]) + ":" + CellJson(row[i]);
  }
  return out + "}";
}

std::string JsonText(const query::Table& table) {
  std::string out = "[";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    out += (i > 0 ? ",\n " : "") + JsonObject(table, table.rows[i]);
  }
  return out + "]\n";
}

std::string NdjsonText(const query::Table& table) {
  std::string out;
  for (const auto& row : table.rows) out += JsonObject(table, row) + "\n";
  return out;
}

std::string Padded(const std::string& text, size_t width, bool right) {
  const std::string blanks(width - std::min(width, DisplayWidth(text)), ' ');
  return right ? blanks + text : text + blanks;
}

std::string AlignedText(const query::Table& table) {
  const size_t columns = table.columns.size();
  std::vector<std::vector<std::string>> texts;
  std::vector<size_t> widths;
  std::vector<bool> numeric(columns, !table.rows.empty());
  for (const auto& name : table.columns) widths.push_back(DisplayWidth(name));
  for (const auto& row : table.rows) {
    auto& cells = texts.emplace_back();
    for (size_t i = 0; i < columns; ++i) {
      cells.push_back(OneLine(CellText(row[i])));
      widths[i] = std::max(widths[i], DisplayWidth(cells[i]));
      if (!IsNumber(row[i]) && !cells[i].empty()) numeric[i] = false;
    }
  }
  std::string out;
  const auto add_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < columns; ++i) {
      line += (i > 0 ? "  " : "") + Padded(cells[i], widths[i], numeric[i]);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  };
  add_row(table.columns);
  std::vector<std::string> rules;
  for (const size_t width : widths) rules.push_back(std::string(width, '-'));
  add_row(rules);
  for (const auto& cells : texts) add_row(cells);
  return out;
}

}  // namespace

std::string RoundedText(double number) {
  std::array<char, 32> text;
  const int size = std::snprintf(text.data(), text.size(), "%.4g", number);
  return {text.data(), static_cast<size_t>(size)};
}

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0;
  for (size_t at = 0; at < utf8.size();) {
    const auto [value, bytes] = Decode(utf8, at);
    at += bytes;
    if (!InRanges(kZeroWidth, value)) width += InRanges(kWide, value) ? 2 : 1;
  }
  return width;
}

std::string FormatTable(const query::Table& table, OutputFormat format) {
  switch (format) {
    case OutputFormat::kTable:
      return AlignedText(table);
    case OutputFormat::kCsv:
      return CsvText(table);
    case OutputFormat::kJson:
      return JsonText(table);
    case OutputFormat::kNdjson:
      return NdjsonText(table);
  }
  return "";
}

}  // namespace qipu::tools
