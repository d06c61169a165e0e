#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {

Key& Key::AddBytes(uint64_t number, size_t width) {
  char* const at = &bytes_[size_];
  size_ += width;
  for (size_t i = width; i-- > 0; number >>= 8) at[i] = static_cast<char>(number);
  return *this;
}

Key VertexKey(VertexId vertex) { return Key().Add64(vertex.value); }

Key LabelRowKey(LabelId label, uint64_t row) { return Key().Add32(label.value).Add48(row); }

void AppendDictionaryKey(std::string& out, LabelId label, std::string_view key) {
  out += Key().Add32(label.value).bytes();
  out += key;
}

uint64_t ReadBigEndian(std::string_view bytes, size_t offset, size_t width) {
  uint64_t number = 0;
  for (size_t i = 0; i < width; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[offset + i]);
  }
  return number;
}

std::string HexOf(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace qipu::graph::rocks
