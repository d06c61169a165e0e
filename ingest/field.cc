#include "ingest/field.h"

#include <algorithm>
#include <limits>

#include "graph/json.h"

namespace qipu::ingest {
namespace {

using graph::Value;

/// Longer text is cut in messages, between characters.
constexpr size_t kShownBytesMax = 160;

std::string Shown(std::string_view text) {
  if (text.size() <= kShownBytesMax) return std::string(text);
  size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

Fault Wrong(const char* code, const Column& column, std::string_view why) {
  return {code, "column '" + column.headers.front() + "': " + Shown(why)};
}

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

bool IsNull(const Column& column, std::string_view text) {
  return text.empty() || std::ranges::find(column.nulls, text) != column.nulls.end();
}

/// The mapped word, or the text itself for a column without `values`.
std::optional<std::string_view> MappedWord(const Column& column, std::string_view text) {
  if (column.values.empty()) return text;
  const auto found = column.values.find(text);
  if (found == column.values.end()) return std::nullopt;
  return found->second;
}

Fault UnknownWord(const Column& column, std::string_view text) {
  std::vector<std::string> known;
  for (const auto& [word, meaning] : column.values) known.push_back(word);
  const auto nearest = graph::NearestName(text, known);
  return Wrong("VALUE_UNKNOWN", column,
               Quoted(text) + " is not one of the words in 'values'" +
                   (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
}

std::optional<Fault> ReadNumber(const Column& column, std::string_view text, Field& field) {
  const auto decimal = ReadDecimal(text);
  if (!decimal.ok()) return Wrong("NUM_INVALID", column, decimal.error().message);
  const double written = ToDouble(*decimal);
  if (column.min && written < *column.min) {
    return Wrong("NUM_INVALID", column,
                 Quoted(text) + " is below " + graph::FormatFloat(*column.min));
  }
  if (column.max && written > *column.max) {
    return Wrong("NUM_INVALID", column,
                 Quoted(text) + " is above " + graph::FormatFloat(*column.max));
  }
  auto value = ScaledNumber(*decimal, column.factor);
  if (!value) return Wrong("NUM_INVALID", column, Quoted(text) + " is too large");
  if (column.type == ColumnType::kInt && value->AsInt() == nullptr) {
    return Wrong("NUM_INVALID", column, Quoted(text) + " is no whole number");
  }
  if (column.type == ColumnType::kFloat) value = Value(*value->AsNumber());
  field.value = *std::move(value);
  return std::nullopt;
}

std::optional<Fault> ReadYear(const Column& column, std::string_view text, Field& field) {
  constexpr size_t kYearDigits = 4;
  int year = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() != kYearDigits) {
      return Wrong("DATE_INVALID", column, Quoted(text) + " is no year of four digits");
    }
    year = year * 10 + (c - '0');
  }
  field.value = Value(*graph::Date::FromCivil(year, 1, 1));
  return std::nullopt;
}

std::optional<Fault> ReadMoney(const Column& column, std::string_view text, Field& field) {
  auto amount = ReadAmount(text, column.words);
  if (amount.ok()) {
    field.amount = *std::move(amount);
    return std::nullopt;
  }
  if (StatesNumber(text)) field.amount = Amount{{}, "", std::string(text)};
  return Wrong("NUM_INVALID", column, amount.error().message);
}

CheckedCode Check(IdentifierCheck check, std::string_view text) {
  switch (check) {
    case IdentifierCheck::kUscc:
      return CheckUscc(text);
    case IdentifierCheck::kRegistrationNumber:
      return CheckRegistrationNumber(text);
    case IdentifierCheck::kOrganisationCode:
      return CheckOrganisationCode(text);
    case IdentifierCheck::kLei:
      return CheckLei(text);
  }
  return {CodeCheck::kLength, std::string(text)};
}

/// The region that registered the holder of a valid code: GB 32100 and GS 15 keep it inside.
std::string_view RegionIn(IdentifierCheck check, std::string_view code) {
  constexpr size_t kRegionDigits = 6;
  if (check == IdentifierCheck::kUscc) return UsccRegion(code);
  if (check == IdentifierCheck::kRegistrationNumber) return code.substr(0, kRegionDigits);
  return {};
}

void ReadIdentifier(const Column& column, std::string_view text, Field& field) {
  CodeCheck reason = CodeCheck::kLength;
  for (const auto& scheme : column.schemes) {
    auto checked = Check(scheme.check, text);
    if (checked.check == CodeCheck::kValid || checked.check == CodeCheck::kRepaired) {
      field.key = scheme.name + ":" + checked.code;
      field.region = RegionIn(scheme.check, checked.code);
      return;
    }
    // The scheme whose length fits knows best what is wrong.
    if (reason == CodeCheck::kLength) reason = checked.check;
  }
  field.unverified = text;
  field.reason = CodeCheckName(reason);
}

std::optional<Fault> ReadItems(const Column& column, std::string_view text, Field& field) {
  Value::List items;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find(column.separator, start), text.size());
    const auto item = Trim(text.substr(start, end - start));
    start = end + column.separator.size();
    if (IsNull(column, item)) continue;
    if (!column.skip_items_with.empty() && item.find(column.skip_items_with) != item.npos) continue;
    const auto word = MappedWord(column, item);
    if (!word) return UnknownWord(column, item);
    items.emplace_back(*word);
  }
  if (!items.empty()) field.value = Value(std::move(items));
  return std::nullopt;
}

}  // namespace

std::optional<Value> ScaledNumber(const Decimal& decimal, int64_t factor) {
  // Powers of ten of the factor are taken from the scale first, so that 1.5 x 10,000 stays exact
  // and fits whenever its result does.
  Decimal scaled = decimal;
  constexpr int64_t kTen = 10;
  while (scaled.scale > 0 && factor % kTen == 0) {
    factor /= kTen;
    --scaled.scale;
  }
  int64_t units = 0;
  if (__builtin_mul_overflow(scaled.units, factor, &units)) return std::nullopt;
  while (scaled.scale > 0 && units % kTen == 0) {
    units /= kTen;
    --scaled.scale;
  }
  if (scaled.scale == 0) return Value(units);
  return Value(ToDouble({units, scaled.scale}));
}

std::optional<Fault> ReadField(const Column& column, std::string_view text, Field& field) {
  field = Field();
  const auto trimmed = Trim(text);
  if (IsNull(column, trimmed)) return std::nullopt;
  if (column.type == ColumnType::kList) return ReadItems(column, trimmed, field);
  const auto word = MappedWord(column, trimmed);
  if (!word) return UnknownWord(column, trimmed);
  switch (column.type) {
    case ColumnType::kString:
      field.text = *word;
      return std::nullopt;
    case ColumnType::kInt:
    case ColumnType::kFloat:
    case ColumnType::kNumber:
      return ReadNumber(column, *word, field);
    case ColumnType::kDate: {
      const auto date = ReadDate(*word, column.formats);
      if (!date.ok()) return Wrong("DATE_INVALID", column, date.error().message);
      field.value = Value(*date);
      return std::nullopt;
    }
    case ColumnType::kYear:
      return ReadYear(column, *word, field);
    case ColumnType::kAmount:
      return ReadMoney(column, *word, field);
    case ColumnType::kIdentifier:
      ReadIdentifier(column, *word, field);
      return std::nullopt;
    case ColumnType::kList:
      return std::nullopt;
  }
  return std::nullopt;
}

graph::Value ValueOf(const Field& field, const FieldRef& ref) {
  const auto text = [](std::string_view value) { return value.empty() ? Value() : Value(value); };
  const bool named = field.amount && !field.amount->currency.empty();
  switch (ref.part) {
    case Part::kWhole:
      return field.text.empty() ? field.value : Value(field.text);
    case Part::kAmountValue:
      return named ? *ScaledNumber(field.amount->value, 1) : Value();
    case Part::kAmountCurrency:
      return named ? Value(field.amount->currency) : Value();
    case Part::kAmountStated:
      return field.amount && !named ? Value(field.amount->stated) : Value();
    case Part::kAmountIn:
      return named && field.amount->currency == ref.currency ? *ScaledNumber(field.amount->value, 1)
                                                             : Value();
    case Part::kKey:
      return text(field.key);
    case Part::kUnverified:
      return text(field.unverified);
    case Part::kReason:
      return text(field.reason);
    case Part::kRegion:
      return text(field.region);
  }
  return Value();
}

}  // namespace qipu::ingest
