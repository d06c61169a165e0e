#include <algorithm>
#include <numeric>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

/// One character of a source, folded.
struct Folded {
  std::array<char, 4> bytes{};
  uint8_t size = 0;
  uint8_t consumed = 0;  // bytes of the source
  std::string_view view() const { return {bytes.data(), size}; }
};

uint8_t SequenceLength(unsigned char lead) {
  if (lead >= 0xF0) return 4;
  if (lead >= 0xE0) return 3;
  return lead >= 0xC0 ? 2 : 1;
}

char FoldAscii(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '\t' || c == '\r' ? ' ' : c;
}

/// Folds the character at `place`. Bytes that are no UTF-8 pass as they are.
Folded FoldAt(std::string_view source, size_t place) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(source[place + i]); };
  Folded folded;
  folded.consumed =
      static_cast<uint8_t>(std::min<size_t>(SequenceLength(byte(0)), source.size() - place));
  folded.size = 1;
  if (folded.consumed == 1) {
    folded.bytes[0] = FoldAscii(source[place]);
    return folded;
  }
  if (folded.consumed == 2 && byte(0) == 0xC2 && byte(1) == 0xA0) {  // no-break space
    folded.bytes[0] = ' ';
    return folded;
  }
  if (folded.consumed == 3) {
    const unsigned point = (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
    constexpr unsigned kFullWidthFirst = 0xFF01, kFullWidthLast = 0xFF5E,
                       kIdeographicSpace = 0x3000;
    if (point >= kFullWidthFirst && point <= kFullWidthLast) {
      folded.bytes[0] = FoldAscii(static_cast<char>(point - kFullWidthFirst + '!'));
      return folded;
    }
    if (point == kIdeographicSpace) {
      folded.bytes[0] = ' ';
      return folded;
    }
  }
  folded.size = folded.consumed;
  std::copy_n(source.data() + place, folded.size, folded.bytes.begin());
  return folded;
}

/// A character as a number, quicker to compare; 0 for more bytes than one has.
uint32_t Packed(std::string_view bytes) {
  uint32_t packed = 0;
  if (bytes.size() > sizeof(packed)) return packed;
  for (const char c : bytes) packed = packed << 8 | static_cast<unsigned char>(c);
  return packed;
}

/// Adds the place of brackets that close later than those before, which may lie in them.
void AddGroup(Span group, std::vector<Span>& groups) {
  while (!groups.empty() && groups.back().begin > group.begin) groups.pop_back();
  groups.push_back(group);
}

bool IsLatin(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

Cleaner::Cleaner(const Brackets& brackets) {
  for (const auto& [open, close] : brackets) {
    brackets_.emplace_back(Packed(open), Bracket::kOpen);
    brackets_.emplace_back(Packed(close), Bracket::kClose);
  }
  for (size_t byte = 0; byte < plain_.size(); ++byte) {
    plain_[byte] = SequenceLength(static_cast<unsigned char>(byte));
  }
  const auto mark = [&](int byte) { plain_[static_cast<size_t>(byte)] = 0; };
  for (int byte = 'A'; byte <= 'Z'; ++byte) mark(byte);
  for (const int byte : {0x20, 0x09, 0x0D, 0xC2, 0xE3, 0xEF}) mark(byte);  // blanks, full width
  for (const auto& [open, close] : brackets) {
    for (const std::string& bracket : {open, close}) {
      const auto lead = static_cast<unsigned char>(bracket[0]);
      mark(lead);
      starts_bracket_[lead] = true;
    }
  }
}

Cleaner::Bracket Cleaner::BracketAt(std::string_view character) const {
  if (!starts_bracket_[static_cast<unsigned char>(character[0])]) return Bracket::kNone;
  const uint32_t packed = Packed(character);
  for (const auto& [bracket, kind] : brackets_) {
    if (bracket == packed) return kind;
  }
  return Bracket::kNone;
}

size_t Cleaner::PlainEnd(std::string_view source, size_t place) const {
  while (place < source.size()) {
    const size_t step = plain_[static_cast<unsigned char>(source[place])];
    if (step == 0) return place;
    place += step;
  }
  return source.size();
}

CleanText Cleaner::Clean(std::string_view source, Offsets offsets) const {
  source = source.substr(0, kScopeBytesMax);
  CleanText clean;
  clean.text.reserve(source.size());
  if (offsets == Offsets::kKeep) clean.offsets.reserve(source.size() + 1);
  std::vector<std::pair<size_t, size_t>> open;  // places of brackets not closed: cleaned, source
  bool blank = false;                           // one was passed since the last character kept
  const auto keep = [&](std::string_view bytes, size_t place) {
    clean.text += bytes;
    if (offsets == Offsets::kDrop) return;
    clean.offsets.insert(clean.offsets.end(), bytes.size(), static_cast<uint32_t>(place));
  };
  for (size_t place = 0; place < source.size();) {
    const size_t end = PlainEnd(source, place);
    if (blank && end > place) {
      blank = false;
      if (!clean.text.empty() && IsLatin(clean.text.back()) && IsLatin(source[place])) {
        keep(" ", place);
      }
    }
    clean.text.append(source, place, end - place);
    if (offsets == Offsets::kKeep) {
      const auto added = clean.offsets.insert(clean.offsets.end(), end - place, 0);
      std::iota(added, clean.offsets.end(), static_cast<uint32_t>(place));
    }
    place = end;
    if (place == source.size()) break;
    const Folded folded = FoldAt(source, place);
    if (folded.view() == " ") {
      blank = true;
      place += folded.consumed;
      continue;
    }
    const Bracket bracket = BracketAt(folded.view());
    if (bracket == Bracket::kClose) {
      if (!open.empty()) {
        const auto [kept, from] = open.back();
        open.pop_back();
        clean.text.resize(kept);
        if (offsets == Offsets::kKeep) {
          clean.offsets.resize(kept);
          AddGroup({static_cast<uint32_t>(from), static_cast<uint32_t>(place) + folded.consumed},
                   clean.groups);
        }
      }
    } else {
      if (bracket == Bracket::kOpen) open.emplace_back(clean.text.size(), place);
      if (blank && !clean.text.empty() && IsLatin(clean.text.back()) && IsLatin(folded.bytes[0])) {
        keep(" ", place);
      }
      keep(folded.view(), place);
    }
    blank = false;
    place += folded.consumed;
  }
  if (offsets == Offsets::kKeep) clean.offsets.push_back(static_cast<uint32_t>(source.size()));
  return clean;
}

}  // namespace qipu::ingest::classify
