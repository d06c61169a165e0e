#include <algorithm>
#include <array>

#include "query/functions/functions.h"

namespace qipu::query {
namespace {

using Arguments = std::span<const Datum>;
using Nulls = ScalarFunction::Nulls;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Byte offset of the n-th character, or the size when there are fewer.
size_t OffsetOf(std::string_view text, int64_t characters) {
  size_t at = 0;
  for (; at < text.size() && characters > 0; --characters) {
    ++at;
    while (at < text.size() && IsContinuation(text[at])) ++at;
  }
  return at;
}

/// Text made of `text` by `change`, with the type check all functions of one string need.
template <class Change>
Result<Datum> Changed(std::string_view function, const Datum& argument, Change change) {
  const std::string* text = argument.AsString();
  if (text == nullptr) return WrongArgument(function, "a STRING", argument);
  return Datum(change(*text));
}

/// Simple case mapping of ASCII, Latin-1, Greek and Cyrillic; other characters stay. The blocks
/// are those where both cases lie a constant distance apart.
struct CaseBlock {
  uint32_t upper_first, upper_last, distance;
};
constexpr CaseBlock kCaseBlocks[] = {
    {'A', 'Z', 32},     {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x391, 0x3A1, 32},
    {0x3A3, 0x3A9, 32}, {0x410, 0x42F, 32}, {0x400, 0x40F, 80},
};

enum class Case { kUpper, kLower };

uint32_t MapCase(uint32_t point, Case to) {
  for (const CaseBlock& block : kCaseBlocks) {
    const uint32_t shift = to == Case::kUpper ? block.distance : 0;
    if (point >= block.upper_first + shift && point <= block.upper_last + shift) {
      return to == Case::kUpper ? point - shift : point + block.distance;
    }
  }
  return point;
}

/// All blocks have characters of one or two bytes, so longer ones are copied.
std::string WithCase(std::string_view text, Case to) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      out.push_back(static_cast<char>(MapCase(byte, to)));
    } else if (byte >= 0xC2 && byte < 0xE0 && i + 1 < text.size()) {
      const uint32_t point =
          MapCase((byte & 0x1Fu) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3Fu), to);
      out.push_back(static_cast<char>(0xC0 | point >> 6));
      out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Result<Datum> ToUpper(GraphReader&, Arguments arguments) {
  return Changed("toUpper", arguments[0],
                 [](const std::string& text) { return WithCase(text, Case::kUpper); });
}

Result<Datum> ToLower(GraphReader&, Arguments arguments) {
  return Changed("toLower", arguments[0],
                 [](const std::string& text) { return WithCase(text, Case::kLower); });
}

constexpr std::string_view kBlanks = " \t\n\v\f\r";

std::string TrimLeft(const std::string& text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}
std::string TrimRight(const std::string& text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

Result<Datum> Trim(GraphReader&, Arguments arguments) {
  return Changed("trim", arguments[0],
                 [](const std::string& text) { return TrimLeft(TrimRight(text)); });
}
Result<Datum> LeftTrim(GraphReader&, Arguments arguments) {
  return Changed("lTrim", arguments[0], TrimLeft);
}
Result<Datum> RightTrim(GraphReader&, Arguments arguments) {
  return Changed("rTrim", arguments[0], TrimRight);
}

Result<int64_t> Count(std::string_view function, const Datum& argument) {
  const int64_t* count = argument.AsInt();
  if (count == nullptr) return WrongArgument(function, "an INTEGER as position", argument);
  if (*count < 0) {
    return InvalidArgument(std::string(function) +
                           " takes no negative number: " + std::to_string(*count));
  }
  return *count;
}

Result<Datum> Substring(GraphReader&, Arguments arguments) {
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("substring", "a STRING", arguments[0]);
  const size_t begin = OffsetOf(*text, QIPU_TRY(Count("substring", arguments[1])));
  if (arguments.size() == 2) return Datum(text->substr(begin));
  const std::string_view rest = std::string_view(*text).substr(begin);
  const int64_t length = QIPU_TRY(Count("substring", arguments[2]));
  return Datum(std::string(rest.substr(0, OffsetOf(rest, length))));
}

Result<Datum> Left(GraphReader&, Arguments arguments) {
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("left", "a STRING", arguments[0]);
  return Datum(text->substr(0, OffsetOf(*text, QIPU_TRY(Count("left", arguments[1])))));
}

Result<Datum> Right(GraphReader&, Arguments arguments) {
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("right", "a STRING", arguments[0]);
  size_t begin = text->size();
  for (int64_t left = QIPU_TRY(Count("right", arguments[1])); left > 0 && begin > 0; --left) {
    --begin;
    while (begin > 0 && IsContinuation((*text)[begin])) --begin;
  }
  return Datum(text->substr(begin));
}

Result<Datum> Replace(GraphReader&, Arguments arguments) {
  for (const Datum& argument : arguments) {
    if (argument.AsString() == nullptr) return WrongArgument("replace", "STRINGs", argument);
  }
  const std::string& text = *arguments[0].AsString();
  const std::string& search = *arguments[1].AsString();
  if (search.empty()) return arguments[0];
  std::string out;
  size_t at = 0;
  for (size_t found; (found = text.find(search, at)) != std::string::npos;) {
    out.append(text, at, found - at).append(*arguments[2].AsString());
    at = found + search.size();
  }
  return Datum(out.append(text, at));
}

Result<Datum> Split(GraphReader&, Arguments arguments) {
  for (const Datum& argument : arguments) {
    if (argument.AsString() == nullptr) return WrongArgument("split", "STRINGs", argument);
  }
  const std::string& text = *arguments[0].AsString();
  const std::string& separator = *arguments[1].AsString();
  DatumList parts;
  size_t at = 0;
  while (separator.empty() && at < text.size()) {  // between nothing: every character
    const size_t length = OffsetOf(std::string_view(text).substr(at), 1);
    parts.emplace_back(text.substr(at, length));
    at += length;
  }
  if (separator.empty() && !text.empty()) return Datum(std::move(parts));
  for (size_t found; !separator.empty() && (found = text.find(separator, at)) != text.npos;) {
    parts.emplace_back(text.substr(at, found - at));
    at = found + separator.size();
  }
  parts.emplace_back(text.substr(at));
  return Datum(std::move(parts));
}

constexpr std::array kFunctions = {
    ScalarFunction{"toUpper", "(STRING) -> STRING", 1, 1, Nulls::kGiveNull, ToUpper},
    ScalarFunction{"toLower", "(STRING) -> STRING", 1, 1, Nulls::kGiveNull, ToLower},
    ScalarFunction{"trim", "(STRING) -> STRING, blanks off both ends", 1, 1, Nulls::kGiveNull,
                   Trim},
    ScalarFunction{"lTrim", "(STRING) -> STRING, blanks off the start", 1, 1, Nulls::kGiveNull,
                   LeftTrim},
    ScalarFunction{"rTrim", "(STRING) -> STRING, blanks off the end", 1, 1, Nulls::kGiveNull,
                   RightTrim},
    ScalarFunction{"substring", "(STRING, start INTEGER from 0[, length INTEGER]) -> STRING", 2, 3,
                   Nulls::kGiveNull, Substring},
    ScalarFunction{"left", "(STRING, length INTEGER) -> STRING", 2, 2, Nulls::kGiveNull, Left},
    ScalarFunction{"right", "(STRING, length INTEGER) -> STRING", 2, 2, Nulls::kGiveNull, Right},
    ScalarFunction{"replace", "(STRING, search STRING, by STRING) -> STRING", 3, 3,
                   Nulls::kGiveNull, Replace},
    ScalarFunction{"split", "(STRING, separator STRING) -> LIST of STRING", 2, 2, Nulls::kGiveNull,
                   Split},
};

}  // namespace

std::span<const ScalarFunction> StringFunctions() { return kFunctions; }

}  // namespace qipu::query
