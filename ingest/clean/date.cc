#include <algorithm>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsPart(char c) { return c == 'Y' || c == 'M' || c == 'D'; }

/// Takes between `least` and `most` digits off `text`; -1 when there are fewer.
int TakeDigits(std::string_view& text, size_t least, size_t most) {
  size_t size = 0;
  int number = 0;
  for (; size < std::min(most, text.size()) && IsDigit(text[size]); ++size) {
    number = number * 10 + (text[size] - '0');
  }
  if (size < least) return -1;
  text.remove_prefix(size);
  return number;
}

bool Take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

/// Takes two digits of at most `most` off `text`.
bool TakePair(std::string_view& text, int most) {
  const int number = TakeDigits(text, 2, 2);
  return number >= 0 && number <= most;
}

/// Nothing, or `T08:00`, ` 08:00:00.5`, each with `Z` or `+02:00` or without.
bool IsTimeOfDay(std::string_view text) {
  if (text.empty()) return true;
  if (!Take(text, "T") && !Take(text, " ")) return false;
  if (!TakePair(text, 23) || !Take(text, ":") || !TakePair(text, 59)) return false;
  if (Take(text, ":")) {
    if (!TakePair(text, 60)) return false;  // 60: a leap second
    constexpr size_t kFractionDigits = 9;
    if (Take(text, ".") && TakeDigits(text, 1, kFractionDigits) < 0) return false;
  }
  if (Take(text, "Z") || text.empty()) return text.empty();
  if (!Take(text, "+") && !Take(text, "-")) return false;
  return TakePair(text, 23) && Take(text, ":") && TakePair(text, 59) && text.empty();
}

bool NamesEachPart(std::string_view format) {
  for (const char part : {'Y', 'M', 'D'}) {
    if (std::count(format.begin(), format.end(), part) != 1) return false;
  }
  return true;
}

struct Reading {
  bool fits = false;                ///< written in the format
  std::optional<graph::Date> date;  ///< none as well when there is no such day
};

/// Reads half-width `text` in `format`. REQUIRES: NamesEachPart.
Reading ReadAs(std::string_view text, std::string_view format) {
  int year = 0;
  int month = 0;
  int day = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (!IsPart(format[i])) {
      if (!Take(text, format.substr(i, 1))) return {};
      continue;
    }
    const bool glued =
        (i > 0 && IsPart(format[i - 1])) || (i + 1 < format.size() && IsPart(format[i + 1]));
    int& part = format[i] == 'Y' ? year : format[i] == 'M' ? month : day;
    part = format[i] == 'Y' ? TakeDigits(text, 4, 4) : TakeDigits(text, glued ? 2 : 1, 2);
    if (part < 0) return {};
  }
  if (!IsTimeOfDay(text)) return {};
  return {true, graph::Date::FromCivil(year, month, day)};
}

}  // namespace

bool IsDateFormat(std::string_view format) {
  if (!NamesEachPart(format)) return false;
  // A letter or digit is meant for a part; a NUL and what is not trimmed and half width fits no
  // text.
  const bool marks = std::none_of(format.begin(), format.end(), [](char c) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return (letter && !IsPart(c)) || IsDigit(c) || c == '\0';
  });
  // YM-D is Y-M-D with a mark forgotten: nobody writes 201801-05.
  constexpr std::string_view kParts = "YMD";
  const size_t first = format.find_first_of(kParts);
  const size_t second = format.find_first_of(kParts, first + 1);
  const size_t third = format.find_first_of(kParts, second + 1);
  const bool even = (second == first + 1) == (third == second + 1);
  return marks && even && Trim(format) == format && HalfWidth(format) == format;
}

Result<graph::Date> ReadDate(std::string_view text, const std::vector<std::string>& formats) {
  const std::string_view stated = Trim(text);
  const std::string half = HalfWidth(stated);
  bool fits = false;
  std::string names;
  for (const std::string& format : formats) {
    if (!NamesEachPart(format)) {
      return InvalidArgument("date format '" + format + "' " + kDateFormatRule);
    }
    const Reading reading = ReadAs(half, format);
    if (reading.date) return *reading.date;
    fits = fits || reading.fits;
    names += (names.empty() ? "" : ", ") + format;
  }
  return InvalidArgument("'" + std::string(stated) + "' is " +
                         (fits ? "no day of the calendar" : "no date of the form " + names));
}

}  // namespace qipu::ingest
