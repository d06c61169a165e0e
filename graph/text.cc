#include "graph/text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <utility>

namespace qipu::graph {
namespace {

enum class Shape {
  kGap,        ///< ends a word
  kWord,       ///< letters and digits that are written in words
  kIdeograph,  ///< of scripts without spaces
};

Shape ShapeOf(UChar32 c) {
  if (c < 0x80)
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? Shape::kWord : Shape::kGap;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(c, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
      return u_isalnum(c) != 0 ? Shape::kIdeograph : Shape::kGap;
    case USCRIPT_COMMON:
      // The mark of a long vowel stands within words of kana.
      if (u_isalnum(c) != 0 && uscript_hasScript(c, USCRIPT_KATAKANA) != 0) {
        return Shape::kIdeograph;
      }
      break;
    default:
      break;
  }
  const auto mark = U_GET_GC_MASK(c) & U_GC_M_MASK;
  return u_isalnum(c) != 0 || mark != 0 ? Shape::kWord : Shape::kGap;
}

std::string Fold(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCCasefoldInstance(status);
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  // ICU fails only when its data is missing; the text is taken as it is then.
  if (U_SUCCESS(status)) form->normalizeUTF8(0, text, sink, nullptr, status);
  return U_SUCCESS(status) ? folded : std::string(text);
}

/// A run of characters of one shape.
struct Run {
  Shape shape;
  std::vector<std::string_view> characters;

  std::string Word() const {
    std::string word;
    for (const auto character : characters) {
      if (word.size() + character.size() > kTokenBytesMax) break;
      word += character;
    }
    return word;
  }
};

/// The bytes of the first character of `text` and its code point, U+FFFD for a byte of none.
std::pair<std::string_view, UChar32> FirstCharacter(std::string_view text) {
  constexpr UChar32 kBroken = 0xFFFD;
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {text.substr(0, 1), lead};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {text.substr(0, 1), kBroken};
  UChar32 c = lead & (0x7F >> size);
  for (size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return {text.substr(0, 1), kBroken};
    c = c << 6 | (byte(at) & 0x3F);
  }
  return {text.substr(0, size), c};
}

/// The words and runs of ideographs in `folded`; views into it.
std::vector<Run> RunsOf(std::string_view folded) {
  std::vector<Run> runs;
  Shape before = Shape::kGap;
  while (!folded.empty()) {
    const auto [character, c] = FirstCharacter(folded);
    folded.remove_prefix(character.size());
    const Shape shape = ShapeOf(c);
    if (shape != Shape::kGap) {
      if (shape != before) runs.push_back({shape, {}});
      runs.back().characters.push_back(character);
    }
    before = shape;
  }
  return runs;
}

void AddPairs(const Run& run, std::vector<std::string>& tokens) {
  for (size_t i = 1; i < run.characters.size(); ++i) {
    tokens.push_back(std::string(run.characters[i - 1]).append(run.characters[i]));
  }
}

void SortUnique(std::vector<std::string>& tokens) {
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
}

}  // namespace

std::vector<std::string> TokensOf(std::string_view text) {
  const std::string folded = Fold(text);
  std::vector<std::string> tokens;
  for (const Run& run : RunsOf(folded)) {
    if (run.shape == Shape::kWord) {
      tokens.push_back(run.Word());
      continue;
    }
    for (const auto character : run.characters) tokens.emplace_back(character);
    AddPairs(run, tokens);
  }
  SortUnique(tokens);
  return tokens;
}

TextQuery ParseTextQuery(std::string_view query) {
  const std::string folded = Fold(query);
  const std::vector<Run> runs = RunsOf(folded);
  TextQuery parsed;
  for (const Run& run : runs) {
    if (run.shape == Shape::kWord) {
      // A word that a gap follows is complete; the last one may go on.
      const bool last =
          &run == &runs.back() && run.characters.back().end() == std::string_view(folded).end();
      if (last) {
        parsed.prefix = run.Word();
      } else {
        parsed.tokens.push_back(run.Word());
      }
    } else if (run.characters.size() == 1) {
      parsed.tokens.emplace_back(run.characters[0]);
    } else {
      AddPairs(run, parsed.tokens);
    }
  }
  SortUnique(parsed.tokens);
  return parsed;
}

uint32_t LengthOf(std::string_view text) {
  return static_cast<uint32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace qipu::graph
