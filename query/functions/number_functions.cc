#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>

#include "query/functions/functions.h"
#include "query/parse/parse.h"

namespace qipu::query {
namespace {

using Arguments = std::span<const Datum>;
using Nulls = ScalarFunction::Nulls;

/// The integer a float truncates to, or an error when it fits none.
Result<Datum> Truncated(double value) {
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
    return InvalidArgument(graph::FormatFloat(value) + " is no INTEGER of 64 bits");
  }
  return Datum(static_cast<int64_t>(value));
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The number that is the whole of `text`, without regard to the locale.
template <class Number>
std::optional<Number> Read(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return value;
}

Result<Datum> ToInteger(GraphReader&, Arguments arguments) {
  if (arguments[0].AsInt()) return arguments[0];
  if (arguments[0].AsFloat()) return Truncated(*arguments[0].AsFloat());
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("toInteger", "a number or STRING", arguments[0]);
  if (const auto integer = Read<int64_t>(*text)) return Datum(*integer);
  const auto real = Read<double>(*text);
  if (!real || !(std::fabs(*real) < 9223372036854775808.0)) return Datum();
  return Truncated(*real);
}

Result<Datum> ToFloat(GraphReader&, Arguments arguments) {
  if (arguments[0].is_number()) return Datum(arguments[0].Number());
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("toFloat", "a number or STRING", arguments[0]);
  const auto value = Read<double>(*text);
  return value ? Datum(*value) : Datum();
}

Result<Datum> ToBoolean(GraphReader&, Arguments arguments) {
  if (arguments[0].AsBool()) return arguments[0];
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("toBoolean", "a BOOLEAN or STRING", arguments[0]);
  if (SameName(Trimmed(*text), "true")) return Datum(true);
  if (SameName(Trimmed(*text), "false")) return Datum(false);
  return Datum();
}

Result<Datum> ToString(GraphReader&, Arguments arguments) {
  const Datum& value = arguments[0];
  if (value.AsString()) return value;
  if (value.AsBool()) return Datum(std::string(*value.AsBool() ? "true" : "false"));
  if (value.AsInt()) return Datum(std::to_string(*value.AsInt()));
  if (value.AsFloat()) return Datum(graph::FormatFloat(*value.AsFloat()));
  if (value.AsDate()) return Datum(value.AsDate()->ToString());
  return WrongArgument("toString", "a BOOLEAN, number, DATE or STRING", value);
}

Result<Datum> Abs(GraphReader&, Arguments arguments) {
  if (const int64_t* value = arguments[0].AsInt()) {
    if (*value == std::numeric_limits<int64_t>::min()) {
      return InvalidArgument("abs: the INTEGER is too large");
    }
    return Datum(*value < 0 ? -*value : *value);
  }
  if (arguments[0].AsFloat()) return Datum(std::fabs(*arguments[0].AsFloat()));
  return WrongArgument("abs", "a number", arguments[0]);
}

Result<Datum> Sign(GraphReader&, Arguments arguments) {
  if (!arguments[0].is_number()) return WrongArgument("sign", "a number", arguments[0]);
  const double value = arguments[0].Number();
  return Datum(int64_t{value > 0} - int64_t{value < 0});
}

/// Half goes up, as in round(-1.5) = -1.0.
double RoundHalfUp(double value) {
  const double below = std::floor(value);
  return value - below >= 0.5 ? below + 1 : below;
}

enum class Real { kCeil, kFloor, kRound, kSqrt, kExp, kLog, kLog10, kSin, kCos, kTan };

template <Real kWhich>
Result<Datum> RealFunction(GraphReader&, Arguments arguments) {
  if (!arguments[0].is_number()) return WrongArgument("this function", "a number", arguments[0]);
  const double value = arguments[0].Number();
  switch (kWhich) {
    case Real::kCeil:
      return Datum(std::ceil(value));
    case Real::kFloor:
      return Datum(std::floor(value));
    case Real::kRound:
      return Datum(RoundHalfUp(value));
    case Real::kSqrt:
      return Datum(std::sqrt(value));
    case Real::kExp:
      return Datum(std::exp(value));
    case Real::kLog:
      return Datum(std::log(value));
    case Real::kLog10:
      return Datum(std::log10(value));
    case Real::kSin:
      return Datum(std::sin(value));
    case Real::kCos:
      return Datum(std::cos(value));
    case Real::kTan:
      return Datum(std::tan(value));
  }
  return Datum();
}

Result<Datum> Pi(GraphReader&, Arguments) { return Datum(std::numbers::pi); }
Result<Datum> E(GraphReader&, Arguments) { return Datum(std::numbers::e); }

template <Real kWhich>
constexpr ScalarFunction RealRow(std::string_view name, std::string_view signature) {
  return {name, signature, 1, 1, Nulls::kGiveNull, RealFunction<kWhich>};
}

constexpr std::array kFunctions = {
    ScalarFunction{"toInteger", "(number or STRING) -> INTEGER, towards zero; null if unreadable",
                   1, 1, Nulls::kGiveNull, ToInteger},
    ScalarFunction{"toFloat", "(number or STRING) -> FLOAT, null if unreadable", 1, 1,
                   Nulls::kGiveNull, ToFloat},
    ScalarFunction{"toBoolean", "(BOOLEAN or STRING) -> BOOLEAN, null if unreadable", 1, 1,
                   Nulls::kGiveNull, ToBoolean},
    ScalarFunction{"toString", "(BOOLEAN, number, DATE or STRING) -> STRING", 1, 1,
                   Nulls::kGiveNull, ToString},
    ScalarFunction{"abs", "(number) -> the same type", 1, 1, Nulls::kGiveNull, Abs},
    ScalarFunction{"sign", "(number) -> INTEGER: -1, 0 or 1", 1, 1, Nulls::kGiveNull, Sign},
    RealRow<Real::kCeil>("ceil", "(number) -> FLOAT"),
    RealRow<Real::kFloor>("floor", "(number) -> FLOAT"),
    RealRow<Real::kRound>("round", "(number) -> FLOAT, a half goes up"),
    RealRow<Real::kSqrt>("sqrt", "(number) -> FLOAT"),
    RealRow<Real::kExp>("exp", "(number) -> FLOAT"),
    RealRow<Real::kLog>("log", "(number) -> FLOAT, natural logarithm"),
    RealRow<Real::kLog10>("log10", "(number) -> FLOAT"),
    RealRow<Real::kSin>("sin", "(radians number) -> FLOAT"),
    RealRow<Real::kCos>("cos", "(radians number) -> FLOAT"),
    RealRow<Real::kTan>("tan", "(radians number) -> FLOAT"),
    ScalarFunction{"pi", "() -> FLOAT", 0, 0, Nulls::kGiveNull, Pi},
    ScalarFunction{"e", "() -> FLOAT", 0, 0, Nulls::kGiveNull, E},
};

}  // namespace

std::span<const ScalarFunction> NumberFunctions() { return kFunctions; }

}  // namespace qipu::query
