#include "graph/value.h"

#include <bit>
#include <charconv>
#include <cmath>

namespace qipu::graph {
namespace {

// Days of the civil calendar by Howard Hinnant's `days_from_civil` and `civil_from_days`
// (public domain): eras of 400 years counted from 0000-03-01.
constexpr int kDaysPerEra = 146097;
constexpr int kDaysToUnixEpoch = 719468;  // 0000-03-01 .. 1970-01-01
constexpr int kYearMin = -9999, kYearMax = 9999;

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<int> ParseDigits(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::string PadNumber(int number, size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

}  // namespace

std::optional<Date> Date::FromCivil(int year, int month, int day) {
  if (year < kYearMin || year > kYearMax || month < 1 || month > 12 || day < 1 ||
      day > DaysInMonth(year, month)) {
    return std::nullopt;
  }
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return Date{era * kDaysPerEra + day_of_era - kDaysToUnixEpoch};
}

std::optional<Date> Date::Parse(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = ParseDigits(text.substr(0, 4));
  const auto month = ParseDigits(text.substr(5, 2));
  const auto day = ParseDigits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  return FromCivil(*year, *month, *day);
}

Date::Civil Date::ToCivil() const {
  const int64_t z = int64_t{days} + kDaysToUnixEpoch;
  const int64_t era = (z >= 0 ? z : z - (kDaysPerEra - 1)) / kDaysPerEra;
  const int64_t day_of_era = z - era * kDaysPerEra;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const int day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  return {static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0), month, day};
}

std::string Date::ToString() const {
  const Civil civil = ToCivil();
  const std::string year = PadNumber(civil.year < 0 ? -civil.year : civil.year, 4);
  return (civil.year < 0 ? "-" : "") + year + '-' + PadNumber(civil.month, 2) + '-' +
         PadNumber(civil.day, 2);
}

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kNull:
      return "null";
    case ValueType::kBool:
      return "bool";
    case ValueType::kInt:
      return "int";
    case ValueType::kFloat:
      return "float";
    case ValueType::kString:
      return "string";
    case ValueType::kDate:
      return "date";
    case ValueType::kList:
      return "list";
  }
  return "unknown";
}

std::optional<double> Value::AsNumber() const {
  if (const auto* number = AsFloat()) return *number;
  if (const auto* number = AsInt()) return static_cast<double>(*number);
  return std::nullopt;
}

bool operator==(const Value& a, const Value& b) {
  if (a.type() != b.type()) return false;
  if (const auto* number = a.AsFloat()) {
    return std::bit_cast<uint64_t>(*number) == std::bit_cast<uint64_t>(*b.AsFloat());
  }
  return a.state_ == b.state_;
}

std::string Value::ToString() const {
  switch (type()) {
    case ValueType::kNull:
      return "";
    case ValueType::kBool:
      return *AsBool() ? "true" : "false";
    case ValueType::kInt:
      return std::to_string(*AsInt());
    case ValueType::kFloat:
      return FormatFloat(*AsFloat());
    case ValueType::kString:
      return *AsString();
    case ValueType::kDate:
      return AsDate()->ToString();
    case ValueType::kList:
      break;
  }
  std::string text = "[";
  for (const Value& item : *AsList()) {
    if (text.size() > 1) text += ", ";
    text += item.ToString();
  }
  return text + ']';
}

std::string FormatFloat(double v) {
  // Outside these, fixed notation would be long: 1e300 has 301 digits.
  constexpr double kFixedMin = 1e-6, kFixedMax = 1e17;
  constexpr size_t kBufferBytes = 64;
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  const double magnitude = std::fabs(v);
  const bool fixed = magnitude == 0 || (magnitude >= kFixedMin && magnitude < kFixedMax);
  char buffer[kBufferBytes];
  const auto end = std::to_chars(buffer, buffer + kBufferBytes, v,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace qipu::graph
