#include <algorithm>
#include <iterator>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

/// Of a line, what an error shows at most, in bytes before and after the place.
constexpr size_t kExcerptBytesMax = 100;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Columns a terminal gives the characters of `text`: East Asian ones take two.
size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (IsContinuation(text[i])) continue;
    width += byte >= 0xE3 ? 2 : 1;  // U+3000 and above
  }
  return width;
}

constexpr std::string_view kReservedWords[] = {
    "ALL",       "ASC",     "ASCENDING", "BY",       "CREATE", "DELETE", "DESC",       "DESCENDING",
    "DETACH",    "EXISTS",  "LIMIT",     "MATCH",    "MERGE",  "ON",     "OPTIONAL",   "ORDER",
    "REMOVE",    "RETURN",  "SET",       "SKIP",     "WHERE",  "WITH",   "UNION",      "UNWIND",
    "AND",       "AS",      "CONTAINS",  "DISTINCT", "ENDS",   "IN",     "IS",         "NOT",
    "OR",        "STARTS",  "XOR",       "FALSE",    "TRUE",   "NULL",   "CONSTRAINT", "DO",
    "FOR",       "REQUIRE", "UNIQUE",    "CASE",     "WHEN",   "THEN",   "ELSE",       "END",
    "MANDATORY", "SCALAR",  "OF",        "ADD",      "DROP"};

}  // namespace

bool SameName(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool IsReservedWord(std::string_view name) {
  return std::any_of(std::begin(kReservedWords), std::end(kReservedWords),
                     [&](std::string_view word) { return SameName(word, name); });
}

Error ErrorAt(std::string_view text, Span span, ErrorCode code, std::string_view what) {
  const size_t place = std::min<size_t>(span.begin, text.size());
  const std::string_view before = text.substr(0, place);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  const size_t line_end = std::min(text.find_first_of("\r\n", place), text.size());
  const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_begin),
                                        before.end(), [](char c) { return !IsContinuation(c); });

  size_t from = place - line_begin > kExcerptBytesMax ? place - kExcerptBytesMax : line_begin;
  while (from < place && IsContinuation(text[from])) ++from;
  size_t to = std::min(line_end, place + kExcerptBytesMax);
  while (to < line_end && IsContinuation(text[to])) ++to;
  std::string excerpt(text.substr(from, to - from));
  std::replace(excerpt.begin(), excerpt.end(), '\t', ' ');

  return {code, "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " +
                    std::string(what) + "\n  " + excerpt + "\n  " +
                    std::string(DisplayWidth(text.substr(from, place - from)), ' ') + "^"};
}

}  // namespace qipu::query
