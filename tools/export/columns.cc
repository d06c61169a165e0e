#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "query/table.h"
#include "tools/export/export.h"

namespace qipu::tools {
namespace {

using graph::Value;
using graph::ValueType;

// Between the items of a list; the first that no item contains.
constexpr std::array<std::string_view, 4> kSeparators = {";", "|", "¦", "‖"};
constexpr uint32_t kAllTaken = (1U << kSeparators.size()) - 1;

/// A number without exponent, as short as it can be; empty when it has too many digits to be read
/// back exactly.
std::string DecimalText(double number) {
  constexpr size_t kDigitsMax = 18;
  std::array<char, 400> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (!std::isfinite(number) || end.ec != std::errc()) return "";
  std::string digits(text.data(), end.ptr);
  const auto count = std::ranges::count_if(digits, [](char c) { return c >= '0' && c <= '9'; });
  return static_cast<size_t>(count) > kDigitsMax ? "" : digits;
}

bool IsItem(const Value& item) {
  return item.AsString() != nullptr && IsPlainText(*item.AsString());
}

}  // namespace

bool IsPlainText(const std::string& text) {
  const auto blank = [](unsigned char c) { return c <= ' ' || c == 0x7F; };
  if (text.empty() || blank(text.front()) || blank(text.back())) return false;
  if (text.find('\0') != std::string::npos) return false;
  // Wide and odd blanks.
  for (const char* odd : {"\u3000", "\u00A0", "\uFEFF", "\u1680", "\u202F", "\u205F", "\u0085"}) {
    if (text.starts_with(odd) || text.ends_with(odd)) return false;
  }
  const std::string general = "\xE2\x80";  // U+2000 to U+203F
  return !text.starts_with(general) &&
         (text.size() < 3 || text.substr(text.size() - 3, 2) != general);
}

bool PropertyColumn::Take(const Value& value) {
  const ValueType type = value.type();
  if (type == ValueType::kBool || type == ValueType::kNull) return false;
  if (type == ValueType::kString && !IsPlainText(*value.AsString())) return false;
  if (type == ValueType::kFloat && DecimalText(*value.AsFloat()).empty()) return false;
  if (type == ValueType::kList) {
    if (value.AsList()->empty() || !std::ranges::all_of(*value.AsList(), IsItem)) return false;
    uint32_t taken = separators_taken_;
    for (const Value& item : *value.AsList()) {
      for (size_t i = 0; i < kSeparators.size(); ++i) {
        if (item.AsString()->find(kSeparators[i]) != std::string::npos) taken |= 1U << i;
      }
    }
    if (taken == kAllTaken) return false;
    separators_taken_ = taken;
  }
  types_.insert(type);
  return true;
}

bool PropertyColumn::Carries(const Value& value) const {
  if (types_.empty() || value.type() != *types_.begin()) return false;  // one type per column
  PropertyColumn asked = *this;
  return asked.Take(value) && asked.separators_taken_ == separators_taken_;
}

std::string PropertyColumn::Separator() const {
  size_t i = 0;
  while ((separators_taken_ >> i & 1U) != 0) ++i;
  return std::string(kSeparators[i]);
}

std::string PropertyColumn::TextOf(const Value& value) const {
  if (value.AsString() != nullptr) return *value.AsString();
  if (value.AsFloat() != nullptr) return DecimalText(*value.AsFloat());
  if (value.AsList() == nullptr) return value.ToString();
  std::string text;
  for (const Value& item : *value.AsList()) {
    text += (text.empty() ? "" : Separator()) + *item.AsString();
  }
  return text;
}

std::string PropertyColumn::Json(const std::string& header) const {
  std::string json = "{\"header\": " + JsonText(header);
  switch (types_.empty() ? ValueType::kString : *types_.begin()) {
    case ValueType::kInt:
      json += ", \"type\": \"int\"";
      break;
    case ValueType::kFloat:
      json += ", \"type\": \"float\"";
      break;
    case ValueType::kDate:
      json += ", \"type\": \"date\"";
      break;
    case ValueType::kList:
      json += ", \"type\": \"list\", \"separator\": " + JsonText(Separator());
      break;
    case ValueType::kNull:
    case ValueType::kBool:
    case ValueType::kString:
      break;
  }
  return json + "}";
}

std::string JsonText(const std::string& text) {
  return query::CellJson(query::Cell{graph::Value(text)});
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace qipu::tools
