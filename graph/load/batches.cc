#include <algorithm>

#include "graph/changes/changes.h"
#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

Status CheckDepths(const Properties& properties) {
  for (const auto& property : properties) QIPU_TRY(changes::CheckDepth(property.value));
  return Ok{};
}

}  // namespace

Result<uint16_t> InternSet(const std::vector<LabelId>& labels, LabelSets& sets) {
  constexpr size_t kSetsMax = size_t{UINT16_MAX} + 1;
  const auto at = std::find(sets.begin(), sets.end(), labels);
  const auto number = static_cast<uint16_t>(at - sets.begin());
  if (at != sets.end()) return number;
  if (sets.size() == kSetsMax) {
    return InvalidArgument("one load takes at most " + std::to_string(kSetsMax) +
                           " combinations of labels; load in parts");
  }
  sets.push_back(labels);
  return number;
}

/// The number of the labels with those that they refine.
Result<uint16_t> VertexRows::LabelSetOf(std::span<const LabelId> labels) {
  if (!last_labels_.empty() &&
      std::equal(labels.begin(), labels.end(), last_labels_.begin(), last_labels_.end())) {
    return last_set_;
  }
  std::vector<LabelId> all(labels.begin(), labels.end());
  for (const LabelId label : labels) {
    if (rules_.closed() && !rules_.Of(label).declared) {
      return InvalidArgument("the schema is closed and declares no label '" +
                             catalog_.NameOf(label) + "'");
    }
    all.push_back(rules_.DictionaryOf(label));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  last_set_ = QIPU_TRY(InternSet(all, label_sets_));
  last_labels_.assign(labels.begin(), labels.end());
  return last_set_;
}

Status VertexRows::AddKeys(const std::vector<LabelId>& labels, const Properties& properties) {
  for (const LabelId label : labels) {
    const LabelRule& rule = rules_.Of(label);
    if (!rule.key || rule.dictionary != label) continue;
    const Value* value = FindProperty(properties, *rule.key);
    if (value == nullptr) continue;
    const std::string* key = value->AsString();
    if (key == nullptr || key->empty() || key->size() > kKeyBytesMax || label.value > UINT16_MAX) {
      return InvalidArgument("the key of a " + catalog_.NameOf(label) +
                             " must be a string of 1 to " + std::to_string(kKeyBytesMax) +
                             " bytes");
    }
    keys_.push_back({static_cast<uint32_t>(sets_.size()), label, key_texts_.size(),
                     static_cast<uint32_t>(key->size()), KeyDictionary::HashOf(label, *key)});
    key_texts_ += *key;
  }
  return Ok{};
}

Status VertexRows::Add(std::span<const LabelId> labels, const Properties& properties) {
  if (!IsCanonical(properties)) return Add(labels, Canonical(properties));
  const uint16_t set = QIPU_TRY(LabelSetOf(labels));
  const std::vector<LabelId>& all = label_sets_[set];
  QIPU_TRY(rules_.CheckVertex(catalog_, all, properties));
  QIPU_TRY(CheckDepths(properties));
  const Status keyed = AddKeys(all, properties);
  if (!keyed.ok()) {
    Cut(size());
    return keyed;
  }
  sets_.push_back(set);
  const rocks::Key no_id = rocks::VertexKey({});
  const size_t key_bytes = no_id.bytes().size(), begin = rows_.bytes.size();
  rows_.bytes += no_id.bytes();
  rocks::AppendVertexRow(rows_.bytes, all, properties);
  rows_.rows.push_back({rocks::RowChange::kPut, static_cast<uint32_t>(key_bytes),
                        static_cast<uint32_t>(rows_.bytes.size() - begin - key_bytes)});
  return Ok{};
}

KeyDictionary::Key VertexRows::KeyAt(size_t at) const {
  const PlacedKey& key = keys_[at];
  return {key.dictionary, std::string_view(key_texts_).substr(key.begin, key.size), key.hash};
}

void VertexRows::Cut(size_t count) {
  sets_.resize(count);
  while (!keys_.empty() && keys_.back().vertex >= count) keys_.pop_back();
  for (; rows_.rows.size() > count; rows_.rows.pop_back()) {
    const auto& row = rows_.rows.back();
    rows_.bytes.erase(rows_.bytes.size() - row.key_bytes - row.value_bytes);
  }
}

rocks::RowBlock& VertexRows::Number(VertexId first) {
  char* at = rows_.bytes.data();
  for (const auto& row : rows_.rows) {
    const rocks::Key key = rocks::VertexKey(first);
    std::copy(key.bytes().begin(), key.bytes().end(), at);
    at += row.key_bytes + row.value_bytes;
    ++first.value;
  }
  return rows_;
}

void VertexRows::Clear() {
  if (!label_sets_.empty()) {
    label_sets_.front().swap(label_sets_[last_set_]);
    label_sets_.resize(1);
  }
  last_set_ = 0;
  sets_.clear();
  keys_.clear();
  key_texts_.clear();
  rows_.rows.clear();
  rows_.bytes.clear();
}

Status EdgeRows::Add(const EdgeRef& edge, const Properties& properties) {
  if (!IsCanonical(properties)) return Add(edge, Canonical(properties));
  QIPU_TRY(rules_.CheckEdgeProperties(catalog_, edge.type, properties));
  QIPU_TRY(CheckDepths(properties));
  const size_t begin = records_.size();
  if (edge.rank > 0) rocks::AppendVarint(records_, edge.rank);
  if (!properties.empty()) rocks::AppendProperties(records_, properties);
  edges_.push_back({edge, static_cast<uint32_t>(records_.size() - begin)});
  return Ok{};
}

void EdgeRows::Clear() {
  edges_.clear();
  records_.clear();
}

}  // namespace qipu::graph::load
