#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Decodes one character at `*at` and moves behind it; a byte that is no UTF-8 counts alone.
char32_t NextCharacter(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte((*at)++);
  if (lead < 0x80) return lead;
  const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead > 0xF4 || *at + more > text.size()) return kReplacement;
  char32_t character = lead & (0x3F >> more);
  for (size_t i = 0; i < more; ++i) {
    const unsigned char next = byte(*at + i);
    if ((next & 0xC0) != 0x80) return kReplacement;
    character = character << 6 | (next & 0x3F);
  }
  *at += more;
  return character;
}

bool IsBlank(char32_t character) {
  return character <= 0x20 || character == 0xA0 || character == 0x3000 || character == 0xFEFF ||
         (character >= 0x200B && character <= 0x200F);
}

}  // namespace

PlaceText::PlaceText(std::string_view text) : bytes(text) {
  size_t at = 0;
  while (at < text.size() && size < kAddressCharactersMax) {
    const size_t start = at;
    const char32_t character = NextCharacter(text, &at);
    if (IsBlank(character)) {
      // A text of blanks alone must not be read to its end.
      if (start > kAddressBytesMax) break;
      continue;
    }
    characters[size] = character;
    offsets[size] = static_cast<uint32_t>(start);
    ++size;
  }
  offsets[size] = static_cast<uint32_t>(at);
}

std::string_view PlaceText::Slice(size_t from, size_t to) const {
  return bytes.substr(offsets[from], offsets[to] - offsets[from]);
}

}  // namespace qipu::ingest
