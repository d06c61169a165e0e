#include <algorithm>
#include <functional>

#include "graph/changes/changes.h"

namespace qipu::graph::changes {

void PositionIndex::Insert(uint64_t hash, uint32_t position) {
  constexpr size_t kSlotsMin = 64;
  if ((used_ + 1) * 2 > slots_.size()) {
    std::vector<Slot> smaller(std::max(kSlotsMin, slots_.size() * 2));
    smaller.swap(slots_);
    for (const Slot& slot : smaller) {
      if (slot.position != kNone) Place(slot);
    }
  }
  Place({static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(hash), position});
  ++used_;
}

void PositionIndex::Place(const Slot& slot) {
  size_t at = slot.low & mask();
  while (slots_[at].position != kNone) at = (at + 1) & mask();
  slots_[at] = slot;
}

// The mixing steps are those of SplitMix64 (Steele, Lea, Flood 2014).
uint64_t HashNumbers(uint64_t a, uint64_t b) {
  uint64_t hash = a * 0x9E3779B97F4A7C15 + b;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
  return hash ^ (hash >> 31);
}

uint64_t HashBytes(std::string_view bytes) {
  return HashNumbers(std::hash<std::string_view>()(bytes), bytes.size());
}

}  // namespace qipu::graph::changes
