#include "ingest/ledger_codec.h"

namespace qipu::ingest {
namespace {

constexpr int kByteBits = 8;
constexpr int kVarintBits = 7;
constexpr uint64_t kVarintMask = 0x7F;
constexpr uint64_t kVarintMore = 0x80;
constexpr uint64_t kByteMask = 0xFF;

void AppendFixed(std::string& bytes, uint64_t number, int size) {
  for (int i = size - 1; i >= 0; --i) {
    bytes.push_back(static_cast<char>((number >> (i * kByteBits)) & kByteMask));
  }
}

}  // namespace

LedgerWriter& LedgerWriter::Letter(char kind) {
  bytes_.push_back(kind);
  return *this;
}

LedgerWriter& LedgerWriter::Fixed32(uint32_t number) {
  AppendFixed(bytes_, number, sizeof(number));
  return *this;
}

LedgerWriter& LedgerWriter::Fixed64(uint64_t number) {
  AppendFixed(bytes_, number, sizeof(number));
  return *this;
}

LedgerWriter& LedgerWriter::Varint(uint64_t number) {
  for (; number > kVarintMask; number >>= kVarintBits) {
    bytes_.push_back(static_cast<char>((number & kVarintMask) | kVarintMore));
  }
  bytes_.push_back(static_cast<char>(number));
  return *this;
}

LedgerWriter& LedgerWriter::Text(std::string_view text) {
  Varint(text.size());
  bytes_.append(text);
  return *this;
}

uint64_t LedgerReader::Fixed(size_t size) {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    return 0;
  }
  uint64_t number = 0;
  for (size_t i = 0; i < size; ++i) {
    number = (number << kByteBits) | static_cast<unsigned char>(rest_[i]);
  }
  rest_.remove_prefix(size);
  return number;
}

uint32_t LedgerReader::Fixed32() { return static_cast<uint32_t>(Fixed(sizeof(uint32_t))); }
uint64_t LedgerReader::Fixed64() { return Fixed(sizeof(uint64_t)); }

uint64_t LedgerReader::Varint() {
  constexpr int kShiftMax = 63;
  uint64_t number = 0;
  for (int shift = 0; ok_ && shift <= kShiftMax; shift += kVarintBits) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= (byte & kVarintMask) << shift;
    if ((byte & kVarintMore) == 0) return number;
  }
  ok_ = false;
  return 0;
}

std::string LedgerReader::Text() {
  const auto size = Varint();
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return "";
  }
  std::string text(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return text;
}

size_t LedgerReader::Count() {
  const auto count = Varint();
  if (count > rest_.size()) ok_ = false;
  return ok_ ? count : 0;
}

void LedgerReader::SkipLetter() {
  if (rest_.empty()) {
    ok_ = false;
  } else {
    rest_.remove_prefix(1);
  }
}

}  // namespace qipu::ingest
