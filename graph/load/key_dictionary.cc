#include <algorithm>
#include <cstring>

#include "graph/changes/changes.h"
#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

constexpr uint64_t kTagShift = 40;
constexpr uint64_t kFree = 0;

uint64_t TagOf(uint64_t hash) { return hash >> kTagShift << kTagShift; }

/// The eight bytes of `key` from `at` on, so that numbers sort as the bytes do.
uint64_t PrefixOf(std::string_view key, size_t at) {
  unsigned char bytes[8] = {};
  if (at < key.size()) std::memcpy(bytes, key.data() + at, std::min<size_t>(8, key.size() - at));
  uint64_t prefix = 0;
  for (const unsigned char byte : bytes) prefix = prefix << 8 | byte;
  return prefix;
}

size_t CommonBytes(std::string_view a, std::string_view b) {
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
}

}  // namespace

uint64_t KeyDictionary::HashOf(LabelId dictionary, std::string_view text) {
  return changes::HashNumbers(changes::HashBytes(text), dictionary.value);
}

KeyDictionary::Entry KeyDictionary::EntryAt(uint64_t offset) const {
  const char* at = chunks_[offset >> kChunkBits].data() + (offset & (kChunkBytes - 1));
  uint32_t vertex;
  uint16_t dictionary, size;
  std::memcpy(&vertex, at, sizeof vertex);
  std::memcpy(&dictionary, at + 4, sizeof dictionary);
  std::memcpy(&size, at + 6, sizeof size);
  return {vertex, LabelId{dictionary}, {at + kHeadBytes, size}};
}

/// Calls `use(entry, offset)` for all entries in the order of their insertion.
template <class Use>
void KeyDictionary::ForEach(Use use) const {
  for (size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    const uint64_t begin = uint64_t{chunk} << kChunkBits;
    for (uint64_t at = 0; at < chunk_bytes_[chunk];) {
      const Entry entry = EntryAt(begin + at);
      use(entry, begin + at);
      at += kHeadBytes + entry.key.size();
    }
  }
}

uint64_t KeyDictionary::Append(const Key& key, uint32_t vertex) {
  const auto bytes = static_cast<uint32_t>(kHeadBytes + key.text.size());
  if (chunks_.empty() || chunk_bytes_.back() + bytes > kChunkBytes) {
    chunks_.emplace_back(kChunkBytes);
    chunk_bytes_.push_back(0);
  }
  const uint64_t offset = uint64_t{chunks_.size() - 1} << kChunkBits | chunk_bytes_.back();
  char* at = chunks_.back().data() + chunk_bytes_.back();
  const auto label = static_cast<uint16_t>(key.dictionary.value);
  const auto size = static_cast<uint16_t>(key.text.size());
  std::memcpy(at, &vertex, sizeof vertex);
  std::memcpy(at + 4, &label, sizeof label);
  std::memcpy(at + 6, &size, sizeof size);
  std::memcpy(at + kHeadBytes, key.text.data(), key.text.size());
  chunk_bytes_.back() += bytes;
  return offset;
}

/// The slot of the key, or the free one where it would go.
uint64_t KeyDictionary::SlotOf(const Key& key) const {
  size_t at = key.hash & mask();
  for (; slots_[at] != kFree; at = (at + 1) & mask()) {
    if (TagOf(slots_[at]) != TagOf(key.hash)) continue;
    const Entry entry = EntryAt((slots_[at] & kOffsetMask) - 1);
    if (entry.dictionary == key.dictionary && entry.key == key.text) break;
  }
  return at;
}

void KeyDictionary::Grow() {
  constexpr size_t kSlotsMin = 1024, kSlotsSmall = size_t{1} << 22;
  constexpr size_t kFillNumerator = 7, kFillDenominator = 10;
  if ((size_ + 1) * kFillDenominator <= slots_.size() * kFillNumerator) return;
  // All keys are placed again: seldom, while the table is small enough to be mostly empty.
  const size_t factor = slots_.size() < kSlotsSmall ? 4 : 2;
  const size_t size = std::max(kSlotsMin, slots_.size() * factor);
  slots_ = {};  // first: the old and the new ones together are the peak of memory
  slots_ = LargeArray<uint64_t>(size);
  std::fill(slots_.begin(), slots_.end(), kFree);
  ForEach([this](const Entry& entry, uint64_t offset) {
    const uint64_t hash = HashOf(entry.dictionary, entry.key);
    size_t at = hash & mask();
    while (slots_[at] != kFree) at = (at + 1) & mask();
    slots_[at] = TagOf(hash) | (offset + 1);
  });
}

void KeyDictionary::Prefetch(const Key& key) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[key.hash & mask()]);
}

bool KeyDictionary::Insert(const Key& key, uint32_t vertex) {
  Grow();
  const uint64_t slot = SlotOf(key);
  if (slots_[slot] != kFree) return false;
  slots_[slot] = TagOf(key.hash) | (Append(key, vertex) + 1);
  ++size_;
  return true;
}

uint32_t KeyDictionary::Find(const Key& key) const {
  if (slots_.empty()) return kAbsent;
  const uint64_t slot = slots_[SlotOf(key)];
  return slot == kFree ? kAbsent : EntryAt((slot & kOffsetMask) - 1).vertex;
}

/// Where `wanted` stands if it is the entry at `offset` or the one inserted after that: files of
/// edges often name vertices in the order of theirs.
std::optional<uint64_t> KeyDictionary::FindFrom(uint64_t offset, LabelId dictionary,
                                                std::string_view wanted) const {
  const auto is_wanted = [&](const Entry& entry) {
    return entry.dictionary == dictionary && entry.key == wanted;
  };
  const Entry entry = EntryAt(offset);
  if (is_wanted(entry)) return offset;
  const uint64_t next = offset + kHeadBytes + entry.key.size(), chunk = offset >> kChunkBits;
  if ((next & (kChunkBytes - 1)) >= chunk_bytes_[chunk] || next >> kChunkBits != chunk) return {};
  return is_wanted(EntryAt(next)) ? std::optional(next) : std::nullopt;
}

void KeyDictionary::FindAll(LabelId dictionary, std::span<const std::string_view> keys,
                            std::span<uint32_t> vertices) const {
  constexpr size_t kAtOnce = 64;  // reads of memory under way
  std::fill(vertices.begin(), vertices.end(), kAbsent);
  if (slots_.empty()) return;
  uint64_t hashes[kAtOnce];
  std::optional<uint64_t> last;  // entry that was found
  for (size_t begin = 0; begin < keys.size();) {
    for (; last && begin < keys.size(); ++begin) {
      last = FindFrom(*last, dictionary, keys[begin]);
      if (!last) break;
      vertices[begin] = EntryAt(*last).vertex;
    }
    const size_t count = std::min(kAtOnce, keys.size() - begin);
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = HashOf(dictionary, keys[begin + i]);
      __builtin_prefetch(&slots_[hashes[i] & mask()]);
    }
    for (size_t i = 0; i < count; ++i) {
      const uint64_t slot = slots_[hashes[i] & mask()];
      if (slot == kFree) continue;
      const uint64_t offset = (slot & kOffsetMask) - 1;
      __builtin_prefetch(chunks_[offset >> kChunkBits].data() + (offset & (kChunkBytes - 1)));
    }
    for (size_t i = 0; i < count; ++i) {
      const uint64_t slot = slots_[SlotOf({dictionary, keys[begin + i], hashes[i]})];
      if (slot == kFree) continue;
      last = (slot & kOffsetMask) - 1;
      vertices[begin + i] = EntryAt(*last).vertex;
    }
    begin += count;
  }
}

Status KeyDictionary::UseSorted(const std::function<Status(const Entry&)>& use) {
  // Compared by eight bytes after what all keys share; the texts are looked at only where these
  // are equal.
  struct Sortable {
    uint64_t prefix, offset;
  };
  struct Dictionary {
    std::string_view any_key;
    size_t common_bytes = 0;
    std::vector<Sortable> keys;
  };
  slots_ = {};
  std::map<LabelId, Dictionary> dictionaries;
  ForEach([&](const Entry& entry, uint64_t offset) {
    auto [at, is_new] = dictionaries.try_emplace(entry.dictionary);
    Dictionary& dictionary = at->second;
    if (is_new) dictionary = {entry.key, entry.key.size(), {}};
    dictionary.common_bytes =
        CommonBytes(dictionary.any_key.substr(0, dictionary.common_bytes), entry.key);
    dictionary.keys.push_back({0, offset});
  });
  for (auto& [label, dictionary] : dictionaries) {
    for (Sortable& key : dictionary.keys) {
      key.prefix = PrefixOf(EntryAt(key.offset).key, dictionary.common_bytes);
    }
    const auto before = [this](const Sortable& a, const Sortable& b) {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      return EntryAt(a.offset).key < EntryAt(b.offset).key;
    };
    if (!std::is_sorted(dictionary.keys.begin(), dictionary.keys.end(), before)) {
      std::sort(dictionary.keys.begin(), dictionary.keys.end(), before);
    }
    for (const Sortable& key : dictionary.keys) QIPU_TRY(use(EntryAt(key.offset)));
    dictionary.keys = {};
  }
  return Ok{};
}

}  // namespace qipu::graph::load
