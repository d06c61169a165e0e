#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

bool IsAscii(char c) { return static_cast<uint8_t>(c) < 0x80; }

bool IsZeroWidth(char32_t c) {
  return (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF || c == 0x180E;
}

bool IsBlank(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || IsZeroWidth(c);
}

/// Where the last character of `text` starts. REQUIRES: not empty.
size_t LastStart(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && text.size() - start < 4 && (text[start] & 0xC0) == 0x80) --start;
  return start;
}

/// What a character is compared as; 0 when as itself.
char32_t ComparedAs(char32_t c) {
  switch (c) {
    case U'〔':
    case U'【':
    case U'〖':
    case U'[':
      return '(';
    case U'〕':
    case U'】':
    case U'〗':
    case U']':
      return ')';
    case 0x2022:  // bullet
    case 0x2027:  // hyphenation point
    case 0x2219:  // bullet operator
    case 0x22C5:  // dot operator
    case 0x30FB:  // katakana middle dot; its half-width form becomes it in NFKC
    case 0x16EB:  // runic single punctuation
      return 0xB7;
    default:
      return 0;
  }
}

/// True when folding leaves the text as it is: Chinese characters, digits, lower-case letters and
/// ASCII punctuation but for square brackets and blanks.
bool IsFolded(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x80) {
      if (c <= ' ' || c == 0x7F || c == '[' || c == ']' || (c >= 'A' && c <= 'Z')) return false;
      ++i;
      continue;
    }
    // U+4E00..U+9FBF: E4 B8 80 to E9 BE BF.
    if (c < 0xE4 || c > 0xE9 || i + 2 >= text.size()) return false;
    const auto second = static_cast<uint8_t>(text[i + 1]);
    if ((c == 0xE4 && second < 0xB8) || (c == 0xE9 && second > 0xBE)) return false;
    if ((second & 0xC0) != 0x80 || (text[i + 2] & 0xC0) != 0x80) return false;
    i += 3;
  }
  return true;
}

struct Entity {
  std::string_view name;
  char32_t character;
};
constexpr Entity kEntities[] = {
    {"amp", '&'},   {"lt", '<'},    {"gt", '>'},      {"quot", '"'},
    {"apos", '\''}, {"nbsp", 0xA0}, {"middot", 0xB7},
};

/// The character a reference names, without `&` and `;`.
std::optional<char32_t> Referenced(std::string_view name) {
  if (name.starts_with('#')) {
    name.remove_prefix(1);
    const bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(name.data(), name.data() + name.size(), number, hex ? 16 : 10);
    if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
    const bool scalar = number > 0 && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
    return scalar ? std::optional<char32_t>(number) : std::nullopt;
  }
  for (const Entity& entity : kEntities) {
    if (entity.name == name) return entity.character;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty()) {
    std::string_view rest = text;
    if (!IsBlank(TakeCharacter(rest))) break;
    text = rest;
  }
  while (!text.empty()) {
    const size_t start = LastStart(text);
    std::string_view last = text.substr(start);
    if (!IsBlank(TakeCharacter(last)) || !last.empty()) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string RemoveBlanks(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    std::string_view rest = text;
    if (!IsBlank(TakeCharacter(rest))) kept += text.substr(0, text.size() - rest.size());
    text = rest;
  }
  return kept;
}

std::string HalfWidth(std::string_view text) {
  constexpr char32_t kFirst = 0xFF01;
  constexpr char32_t kLast = 0xFF5E;
  std::string half;
  half.reserve(text.size());
  while (!text.empty()) {
    std::string_view rest = text;
    const char32_t c = TakeCharacter(rest);
    if (c >= kFirst && c <= kLast) {
      half += static_cast<char>(c - kFirst + '!');
    } else if (c == 0x3000) {
      half += ' ';
    } else {
      half += text.substr(0, text.size() - rest.size());
    }
    text = rest;
  }
  return half;
}

std::string FoldText(std::string_view text) {
  if (IsFolded(text)) return std::string(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCCasefoldInstance(status);
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  // ICU fails only when its data is missing; the text is compared as it is then.
  if (U_SUCCESS(status)) form->normalizeUTF8(0, text, sink, nullptr, status);
  std::string_view left = Trim(U_SUCCESS(status) ? normal : text);
  std::string folded;
  folded.reserve(left.size());
  bool blank = false;
  while (!left.empty()) {
    std::string_view rest = left;
    const char32_t c = TakeCharacter(rest);
    if (IsBlank(c)) {
      blank = true;
    } else {
      if (blank) folded += ' ';
      blank = false;
      AppendCharacter(ComparedAs(c) != 0 ? ComparedAs(c) : c, folded);
    }
    left = rest;
  }
  return folded;
}

std::string DecodeEntities(std::string_view text) {
  constexpr size_t kReferenceMax = 10;  // bytes between & and ;
  std::string decoded;
  for (;;) {
    const size_t ampersand = text.find('&');
    decoded += text.substr(0, ampersand);
    if (ampersand == text.npos) return decoded;
    text.remove_prefix(ampersand);
    const size_t end = text.substr(0, kReferenceMax + 2).find(';');
    const auto character = end == text.npos ? std::nullopt : Referenced(text.substr(1, end - 1));
    if (character) {
      AppendCharacter(*character, decoded);
      text.remove_prefix(end + 1);
    } else {
      decoded += '&';
      text.remove_prefix(1);
    }
  }
}

bool HasHiddenCharacters(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return IsAscii(c) && c >= ' ' && c != 0x7F; });
  if (plain) return false;
  while (!text.empty()) {
    const char32_t c = TakeCharacter(text);
    if (c < ' ' || (c >= 0x7F && c <= 0x9F) || IsZeroWidth(c) || c == 0x61C || c == 0x200E ||
        c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2061 && c <= 0x2069)) {
      return true;
    }
  }
  return false;
}

}  // namespace qipu::ingest
