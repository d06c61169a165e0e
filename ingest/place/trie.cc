#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

constexpr size_t kSlotsFirst = size_t{1} << 10;  // a power of two
constexpr unsigned kCharacterBits = 21;          // Unicode ends below 2^21

uint64_t KeyOf(uint32_t node, char32_t character) {
  return uint64_t{node} << kCharacterBits | character;
}

}  // namespace

NameTrie::NameTrie() : values_(1, kNone), keys_(kSlotsFirst), children_(kSlotsFirst) {}

size_t NameTrie::Place(uint64_t key) const {
  // Fibonacci hashing spreads keys that differ in few bits.
  size_t at = (key * 0x9E3779B97F4A7C15ULL) >> 20 & (keys_.size() - 1);
  while (children_[at] != 0 && keys_[at] != key) at = (at + 1) & (keys_.size() - 1);
  return at;
}

uint32_t NameTrie::Step(uint32_t node, char32_t character) const {
  return children_[Place(KeyOf(node, character))];
}

uint32_t NameTrie::Append(uint32_t node, char32_t character) {
  if (values_.size() * 2 > keys_.size()) Grow();
  const size_t at = Place(KeyOf(node, character));
  if (children_[at] == 0) {
    keys_[at] = KeyOf(node, character);
    children_[at] = static_cast<uint32_t>(values_.size());
    values_.push_back(kNone);
  }
  return children_[at];
}

void NameTrie::Grow() {
  const std::vector<uint64_t> keys = std::move(keys_);
  const std::vector<uint32_t> children = std::move(children_);
  keys_.assign(keys.size() * 2, 0);
  children_.assign(keys.size() * 2, 0);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (children[i] == 0) continue;
    const size_t at = Place(keys[i]);
    keys_[at] = keys[i];
    children_[at] = children[i];
  }
}

uint32_t* NameTrie::Slot(std::u32string_view name) {
  uint32_t node = 0;
  for (const char32_t character : name) node = Append(node, character);
  return &values_[node];
}

}  // namespace qipu::ingest
