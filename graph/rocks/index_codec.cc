#include <algorithm>
#include <bit>
#include <cmath>

#include "graph/rocks/indexes.h"
#include "graph/text.h"

namespace qipu::graph::rocks {
namespace {

/// Types by the order of their entries. DO NOT RENUMBER: these numbers are on disk.
enum IndexedType : char { kBoolEntry = 1, kNumberEntry = 2, kStringEntry = 3, kDateEntry = 4 };

// Within a string 0 is followed by kZero; what ends it sorts before that.
constexpr char kStringEnd = 1, kStringCut = 2, kZero = static_cast<char>(0xFF);
constexpr size_t kNumberBytes = 10, kDateBytes = 4, kVertexBytes = 8, kIndexBytes = 4;
constexpr uint64_t kLowMask = (uint64_t{1} << kLabelRowBits) - 1;
constexpr size_t kPostingRowBytes = 6;

/// Bits that sort as the numbers do.
uint64_t OrderedBits(double number) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  const auto bits = std::bit_cast<uint64_t>(number + 0.0);  // -0 and 0 are one number
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

/// A double, and what an integer is above it: two integers that round to one double still differ,
/// and every double lies between the right integers, because rounding keeps the order.
void AppendNumber(std::string& out, double rounded, int64_t above) {
  constexpr int64_t kBias = 0x8000;  // integers are within 512 of their double
  Key key;
  key.Add64(OrderedBits(rounded)).Add32(static_cast<uint32_t>(above + kBias));
  out += kNumberEntry;
  out += key.bytes().substr(0, 8);
  out += key.bytes().substr(10);
}

void AppendInt(std::string& out, int64_t number) {
  constexpr double kBeyondInt = 9223372036854775808.0;  // 2^63
  const auto rounded = static_cast<double>(number);
  const int64_t above =
      rounded >= kBeyondInt ? number - INT64_MAX - 1 : number - static_cast<int64_t>(rounded);
  AppendNumber(out, rounded, above);
}

void AppendText(std::string& out, std::string_view text) {
  out += kStringEntry;
  for (const char c : text.substr(0, kIndexedBytesMax)) {
    out += c;
    if (c == 0) out += kZero;
  }
  out += '\0';
  out += text.size() > kIndexedBytesMax ? kStringCut : kStringEnd;
}

bool IsText(std::string_view bytes) {
  size_t at = 0, length = 0;
  for (; at + 1 < bytes.size(); ++at, ++length) {
    if (bytes[at] != 0) continue;
    if (bytes[at + 1] != kZero) break;
    ++at;
  }
  if (at + 2 != bytes.size() || bytes[at] != 0 || length > kIndexedBytesMax) return false;
  return bytes[at + 1] == kStringEnd || (bytes[at + 1] == kStringCut && length == kIndexedBytesMax);
}

/// Whether AppendIndexed may have written it.
bool IsEncoded(std::string_view bytes) {
  if (bytes.empty()) return false;
  const std::string_view rest = bytes.substr(1);
  switch (bytes[0]) {
    case kBoolEntry:
      return rest.size() == 1 && static_cast<uint8_t>(rest[0]) <= 1;
    case kNumberEntry:
      return rest.size() == kNumberBytes;
    case kStringEntry:
      return IsText(rest);
    case kDateEntry:
      return rest.size() == kDateBytes;
    default:
      return false;
  }
}

void AppendPostings(const Index& index, VertexId vertex, const std::string& text,
                    std::vector<std::string>& out) {
  const uint32_t length = std::min<uint32_t>(LengthOf(text), UINT16_MAX);
  for (const std::string& token : TokensOf(text)) {
    Posting posting{{}, {VertexId{vertex.value & kLowMask}, length}};
    AppendPostingKey(posting.row, index.number, token, vertex.value >> kLabelRowBits);
    out.push_back(PackPosting(posting));
  }
}

}  // namespace

bool AppendIndexed(std::string& out, const Value& value) {
  if (const bool* truth = value.AsBool()) {
    out += kBoolEntry;
    out += *truth ? '\1' : '\0';
  } else if (const int64_t* integer = value.AsInt()) {
    AppendInt(out, *integer);
  } else if (const double* number = value.AsFloat()) {
    if (std::isnan(*number)) return false;
    AppendNumber(out, *number, 0);
  } else if (const std::string* text = value.AsString()) {
    AppendText(out, *text);
  } else if (const Date* date = value.AsDate()) {
    constexpr uint32_t kSign = uint32_t{1} << 31;
    out += kDateEntry;
    out += Key().Add32(static_cast<uint32_t>(date->days) ^ kSign).bytes();
  } else {
    return false;
  }
  return true;
}

bool IsCut(std::string_view encoded) {
  return encoded[0] == kStringEntry && encoded.back() == kStringCut;
}

void AppendIndexKey(std::string& out, uint32_t index, std::string_view encoded, VertexId vertex) {
  out += Key().Add32(index).bytes();
  out += encoded;
  out += VertexKey(vertex).bytes();
}

bool ParseIndexKey(std::string_view key, IndexKeyParts& parts) {
  if (key.size() < kIndexBytes + kVertexBytes) return false;
  parts.index = static_cast<uint32_t>(ReadBigEndian(key, 0, kIndexBytes));
  parts.encoded = key.substr(kIndexBytes, key.size() - kIndexBytes - kVertexBytes);
  parts.vertex = VertexId{ReadBigEndian(key, key.size() - kVertexBytes, kVertexBytes)};
  return IsEncoded(parts.encoded);
}

void AppendPostingKey(std::string& out, uint32_t index, std::string_view token, uint64_t row) {
  out += Key().Add32(index).bytes();
  out += token;
  out += '\0';
  out += Key().Add48(row).bytes();
}

bool ParsePostingKey(std::string_view key, PostingKeyParts& parts) {
  constexpr size_t kTail = 1 + kPostingRowBytes;
  if (key.size() <= kIndexBytes + kTail || key.size() > kIndexBytes + kTokenBytesMax + kTail) {
    return false;
  }
  parts.index = static_cast<uint32_t>(ReadBigEndian(key, 0, kIndexBytes));
  parts.token = key.substr(kIndexBytes, key.size() - kIndexBytes - kTail);
  parts.row = ReadBigEndian(key, key.size() - kPostingRowBytes, kPostingRowBytes);
  return key[key.size() - kTail] == 0 && parts.token.find('\0') == std::string_view::npos;
}

std::string PackPosting(const Posting& posting) {
  const uint64_t entry = posting.entry.vertex.value << 16 | posting.entry.rank;
  return posting.row + std::string(Key().Add32(static_cast<uint32_t>(entry)).bytes());
}

Posting UnpackPosting(std::string_view packed) {
  const size_t row = packed.size() - 4;
  const uint64_t entry = ReadBigEndian(packed, row, 4);
  return {std::string(packed.substr(0, row)),
          {VertexId{entry >> 16}, static_cast<uint32_t>(entry & UINT16_MAX)}};
}

void AppendEntries(std::span<const Index> indexes, VertexId vertex, std::span<const LabelId> labels,
                   const Properties& properties, IndexEntries& out) {
  for (const Index& index : indexes) {
    if (!std::binary_search(labels.begin(), labels.end(), index.label)) continue;
    const Value* value = FindProperty(properties, index.property);
    if (value == nullptr) continue;
    if (index.kind == IndexKind::kText) {
      if (const auto* text = value->AsString()) AppendPostings(index, vertex, *text, out.postings);
      continue;
    }
    std::string encoded;
    if (!AppendIndexed(encoded, *value)) continue;
    AppendIndexKey(out.values.emplace_back(), index.number, encoded, vertex);
  }
}

}  // namespace qipu::graph::rocks
