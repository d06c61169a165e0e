#include <array>

#include "query/functions/functions.h"

namespace qipu::query {
namespace {

using Arguments = std::span<const Datum>;
using Nulls = ScalarFunction::Nulls;

Result<Datum> DateFromMap(const DatumMap& map) {
  int parts[3] = {0, 1, 1};
  constexpr std::string_view kNames[3] = {"year", "month", "day"};
  for (const auto& [key, value] : map) {
    size_t part = 0;
    while (part < 3 && kNames[part] != key) ++part;
    if (part == 3) {
      return Unsupported("date: the key '" + key + "' is not read; give year, month and day");
    }
    const int64_t* number = value.AsInt();
    if (number == nullptr) return WrongArgument("date", "INTEGERs", value);
    if (*number < -9999 || *number > 9999) return InvalidArgument("date: there is no such day");
    parts[part] = static_cast<int>(*number);
  }
  if (FindInMap(map, "year") == nullptr) return InvalidArgument("date: the year is missing");
  if (FindInMap(map, "day") != nullptr && FindInMap(map, "month") == nullptr) {
    return InvalidArgument("date: a day needs its month");
  }
  const auto date = graph::Date::FromCivil(parts[0], parts[1], parts[2]);
  if (!date) return InvalidArgument("date: there is no such day");
  return Datum(*date);
}

Result<Datum> MakeDate(GraphReader&, Arguments arguments) {
  if (arguments.empty()) {
    return Unsupported(
        "date() of today would give another answer tomorrow; name the day, e.g. "
        "date('2024-12-31') or a parameter");
  }
  if (arguments[0].AsDate()) return arguments[0];
  if (const DatumMap* map = arguments[0].AsMap()) return DateFromMap(*map);
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("date", "a STRING or MAP", arguments[0]);
  const auto date = graph::Date::Parse(*text);
  if (!date) return InvalidArgument("date: '" + *text + "' is no day; write YYYY-MM-DD");
  return Datum(*date);
}

constexpr std::array kFunctions = {
    ScalarFunction{"date", "(STRING 'YYYY-MM-DD' or MAP {year, month, day}) -> DATE", 0, 1,
                   Nulls::kGiveNull, MakeDate},
};

}  // namespace

std::span<const ScalarFunction> DateFunctions() { return kFunctions; }

}  // namespace qipu::query
