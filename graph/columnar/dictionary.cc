#include <algorithm>
#include <numeric>

#include "graph/columnar/columnar.h"

namespace qipu::graph {
namespace columnar {
namespace {

/// What an entry of the hash table takes beside its text, about.
constexpr uint64_t kEntryBytes = 64;

}  // namespace

std::optional<uint32_t> StoredDictionary::Find(std::string_view encoded) const {
  const auto at = std::lower_bound(
      order.begin(), order.end(), encoded,
      [this](uint32_t code, std::string_view wanted) { return At(code) < wanted; });
  if (at == order.end() || At(*at) != encoded) return std::nullopt;
  return *at;
}

bool ReadDictionary(std::string_view bytes, uint64_t count, StoredDictionary& dictionary) {
  ArrayReader reader(bytes);
  if (count > UINT32_MAX || !reader.Take(count + 1, dictionary.offsets) ||
      !reader.Take(count, dictionary.order)) {
    return false;
  }
  dictionary.text = reader.rest();
  return std::is_sorted(dictionary.offsets.begin(), dictionary.offsets.end()) &&
         dictionary.offsets.back() <= dictionary.text.size() &&
         std::all_of(dictionary.order.begin(), dictionary.order.end(),
                     [count](uint32_t code) { return code < count; });
}

uint32_t DictionaryBuilder::CodeOf(const Value& value) {
  encoded_.clear();
  rocks::AppendValue(encoded_, value);
  const uint32_t base_size = base_ == nullptr ? 0 : base_->size();
  if (base_ != nullptr) {
    if (const auto code = base_->Find(encoded_)) return *code;
  }
  const auto [at, is_new] =
      codes_.try_emplace(encoded_, base_size + static_cast<uint32_t>(codes_.size()));
  if (is_new) memory_bytes_ += encoded_.size() + kEntryBytes;
  return at->second;
}

std::vector<std::string> DictionaryBuilder::Entries() const {
  std::vector<std::string> entries(codes_.size());
  const uint32_t base_size = base_ == nullptr ? 0 : base_->size();
  for (const auto& [text, code] : codes_) entries[code - base_size] = text;
  return entries;
}

std::string DictionaryBuilder::Encode() const {
  const std::vector<std::string> entries = Entries();
  std::vector<uint32_t> offsets{0}, order(entries.size());
  for (const std::string& entry : entries) {
    offsets.push_back(offsets.back() + static_cast<uint32_t>(entry.size()));
  }
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&entries](uint32_t a, uint32_t b) { return entries[a] < entries[b]; });
  std::string bytes;
  AppendArray(bytes, std::span<const uint32_t>(offsets));
  AppendArray(bytes, std::span<const uint32_t>(order));
  for (const std::string& entry : entries) bytes += entry;
  return bytes;
}

}  // namespace columnar

uint32_t Dictionary::size() const { return base_->size() + static_cast<uint32_t>(later_.size()); }

std::string_view Dictionary::Encoded(uint32_t code) const {
  return code < base_->size() ? base_->At(code) : std::string_view(later_[code - base_->size()]);
}

Value Dictionary::At(uint32_t code) const {
  // As the value of the one property of a row: what decodes rows decodes it.
  const std::string row = std::string("\1\0", 2) + std::string(Encoded(code));
  Properties properties;
  if (!rocks::DecodeProperties(row, properties)) return Value();
  return std::move(properties[0].value);
}

std::string_view Dictionary::Text(uint32_t code) const {
  rocks::ByteReader reader(Encoded(code));
  if (static_cast<ValueType>(reader.Byte()) != ValueType::kString) return {};
  return reader.Bytes(reader.Varint());
}

std::optional<uint32_t> Dictionary::Find(const Value& value) const {
  std::string encoded;
  rocks::AppendValue(encoded, value);
  if (const auto code = base_->Find(encoded)) return code;
  for (size_t i = 0; i < later_.size(); ++i) {
    if (later_[i] == encoded) return base_->size() + static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

}  // namespace qipu::graph
