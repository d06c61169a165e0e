#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {

void AppendVarint(std::string& out, uint64_t number) {
  char bytes[kVarintBytesMax];
  out.append(bytes, PutVarint(bytes, number));
}

uint64_t ByteReader::LongVarint() {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint64_t byte = Byte();
    if (!ok_) return 0;
    const uint64_t bits = byte & 0x7F;
    if (shift == 63 && bits > 1) break;
    number |= bits << shift;
    if (byte < 0x80) return number;
  }
  Fail();
  return 0;
}

uint32_t ByteReader::Varint32() {
  const uint64_t number = Varint();
  if (number > UINT32_MAX) {
    Fail();
    return 0;
  }
  return static_cast<uint32_t>(number);
}

uint64_t ByteReader::Fixed64() {
  const std::string_view bytes = Bytes(8);
  if (!ok_) return 0;
  uint64_t number = 0;
  for (size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::string_view ByteReader::Bytes(uint64_t size) {
  if (size > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

}  // namespace qipu::graph::rocks
