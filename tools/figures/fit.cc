#include <glib.h>

#include <algorithm>
#include <limits>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr char kEllipsis[] = "…";
constexpr char32_t kFirstIdeographic = 0x2E80;  // CJK radicals: from here on, text breaks anywhere

struct Character {
  char32_t code;
  size_t offset;  // of its first byte
};

std::vector<Character> Characters(std::string_view text) {
  std::vector<Character> out;
  for (const char* p = text.data(); p < text.data() + text.size(); p = g_utf8_next_char(p)) {
    out.push_back({g_utf8_get_char(p), static_cast<size_t>(p - text.data())});
  }
  return out;
}

bool IsOneOf(char32_t code, std::u32string_view set) {
  return set.find(code) != std::u32string_view::npos;
}
bool IsOpening(char32_t c) { return IsOneOf(c, U"(（[【《〈「『“‘<{"); }
bool IsClosing(char32_t c) { return IsOneOf(c, U")）]】》〉」』”’>}、，。：；！？,.:;!?%·/…"); }

// May a line end after `a` and the next begin with `b`?
bool MayBreak(char32_t a, char32_t b) {
  if (IsOpening(a) || IsClosing(b) || b == U' ' || g_unichar_ismark(b)) return false;
  if (a == U' ') return true;
  if (IsOneOf(a, U"/-&")) return !g_unichar_isdigit(b);  // a date stays whole
  return a >= kFirstIdeographic || b >= kFirstIdeographic;
}

// The penalty, in hundredths of an em, of breaking `characters` before `at`.
int BreakPenalty(const std::vector<Character>& characters, size_t at) {
  int penalty = 0;
  if (at == 1 || at + 1 == characters.size()) penalty += 150;  // a line of one character
  int depth = 0;
  for (size_t i = 0; i < at; ++i) {
    if (IsOpening(characters[i].code)) ++depth;
    if (IsOneOf(characters[i].code, U")）]】》〉")) --depth;
  }
  if (depth > 0) penalty += 200;
  if (IsOpening(characters[at].code) || characters[at - 1].code == U' ') penalty -= 100;
  if (IsOneOf(characters[at - 1].code, U"/-、")) penalty -= 120;
  return penalty;
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct Split {
  std::string first, second;
};

// The best-balanced legal break into two lines; null when there is none.
std::optional<Split> BalancedSplit(TextMeasure& measure, std::string_view text, Weight weight) {
  constexpr Unit kEm = 16 * kPoint;  // widths are proportional, so any size will do
  const std::vector<Character> characters = Characters(text);
  std::optional<Split> best;
  int64_t best_cost = std::numeric_limits<int64_t>::max();
  for (size_t i = 1; i < characters.size(); ++i) {
    if (!MayBreak(characters[i - 1].code, characters[i].code)) continue;
    Split split{std::string(TrimEnd(text.substr(0, characters[i].offset))),
                std::string(text.substr(characters[i].offset))};
    if (split.first.empty() || split.second.empty()) continue;
    const Unit widest =
        std::max(measure.Width(split.first, weight, kEm), measure.Width(split.second, weight, kEm));
    const int64_t cost = widest + int64_t{kEm} * BreakPenalty(characters, i) / 100;
    if (cost < best_cost) {
      best_cost = cost;
      best = std::move(split);
    }
  }
  return best;
}

// The longest beginning of `text` that fits `width` with an ellipsis; the ellipsis alone at worst.
std::string Shorten(TextMeasure& measure, std::string_view text, const FitRequest& request,
                    Unit size) {
  const std::vector<Character> characters = Characters(text);
  size_t low = 0, high = characters.size();
  const auto cut = [&](size_t count) {
    const size_t end = count == characters.size() ? text.size() : characters[count].offset;
    return std::string(TrimEnd(text.substr(0, end))) + kEllipsis;
  };
  while (low < high) {
    const size_t middle = (low + high + 1) / 2;
    if (measure.Width(cut(middle), request.weight, size) <= request.width) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  while (low > 0 && low < characters.size() && g_unichar_ismark(characters[low].code)) --low;
  return cut(low);
}

std::string_view Slice(std::string_view text, const std::vector<Character>& characters, size_t from,
                       size_t to) {
  const size_t end = to == characters.size() ? text.size() : characters[to].offset;
  return TrimEnd(text.substr(characters[from].offset, end - characters[from].offset));
}

// Where the line that begins at `start` ends: after the last legal break that fits; `start` if
// none.
size_t LineEnd(TextMeasure& measure, std::string_view text,
               const std::vector<Character>& characters, size_t start, const FitRequest& request) {
  size_t end = start;
  Unit width = 0;
  size_t piece = start;
  for (size_t i = start + 1; i < characters.size(); ++i) {
    if (!MayBreak(characters[i - 1].code, characters[i].code)) continue;
    const std::string_view added =
        text.substr(characters[piece].offset, characters[i].offset - characters[piece].offset);
    width += measure.Width(added, request.weight, request.sizes.back());
    if (width > request.width) break;
    end = i;
    piece = i;
  }
  return end;
}

}  // namespace

std::string PrintableText(std::string_view text) {
  gchar* valid = g_utf8_make_valid(text.data(), static_cast<gssize>(text.size()));
  std::string out;
  size_t characters = 0;
  for (const char* p = valid; *p != '\0' && characters < kTextCharactersMax;
       p = g_utf8_next_char(p)) {
    const gunichar c = g_utf8_get_char(p);
    const bool is_space = g_unichar_isspace(c) || c == 0xA0;
    // Cc and Cf hold the direction overrides and zero-width marks; Cn, Co and Cs no printed glyph.
    if (!is_space && !g_unichar_isprint(c)) continue;
    if (!is_space && g_unichar_type(c) == G_UNICODE_FORMAT) continue;
    if (is_space) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out.append(p, static_cast<size_t>(g_utf8_next_char(p) - p));
    }
    ++characters;
  }
  g_free(valid);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

TextExtent MeasureExtent(TextMeasure& measure, std::string_view text, Weight weight, Unit size) {
  const Unit one = measure.Width(text, weight, size);
  const auto split = BalancedSplit(measure, text, weight);
  if (!split) return {one, one};
  return {one, std::max(measure.Width(split->first, weight, size),
                        measure.Width(split->second, weight, size))};
}

FittedText FitText(TextMeasure& measure, std::string_view text, const FitRequest& request) {
  std::optional<Split> split;
  bool split_known = false;
  for (const Unit size : request.sizes) {
    if (LineHeight(size) > request.height) continue;
    if (measure.Width(text, request.weight, size) <= request.width) {
      return {{std::string(text)}, size, false};
    }
    if (request.lines_max < 2 || 2 * LineHeight(size) > request.height) continue;
    if (!split_known) split = BalancedSplit(measure, text, request.weight);
    split_known = true;
    if (split && measure.Width(split->first, request.weight, size) <= request.width &&
        measure.Width(split->second, request.weight, size) <= request.width) {
      return {{split->first, split->second}, size, false};
    }
  }
  const Unit size = request.sizes.back();
  if (request.lines_max < 2 || 2 * LineHeight(size) > request.height) {
    return {{Shorten(measure, text, request, size)}, size, true};
  }
  FitRequest two = request;
  two.sizes = request.sizes.last(1);
  return WrapText(measure, text, two);
}

FittedText WrapText(TextMeasure& measure, std::string_view text, const FitRequest& request) {
  const Unit size = request.sizes.back();
  const std::vector<Character> characters = Characters(text);
  FittedText out{{}, size, false};
  const auto slice = [&](size_t from, size_t to) { return Slice(text, characters, from, to); };
  size_t start = 0;
  while (start < characters.size()) {
    if (measure.Width(slice(start, characters.size()), request.weight, size) <= request.width) {
      out.lines.emplace_back(slice(start, characters.size()));
      return out;
    }
    const bool is_last = static_cast<int>(out.lines.size()) + 1 == request.lines_max;
    const size_t end = is_last ? start : LineEnd(measure, text, characters, start, request);
    if (end == start) {  // the last line, or a word wider than a line
      out.lines.push_back(Shorten(measure, slice(start, characters.size()), request, size));
      out.shortened = true;
      return out;
    }
    out.lines.emplace_back(slice(start, end));
    start = end;
  }
  if (out.lines.empty()) out.lines.emplace_back();
  return out;
}

}  // namespace qipu::tools
