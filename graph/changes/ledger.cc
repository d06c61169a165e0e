#include "graph/changes/changes.h"

namespace qipu::graph::changes {

uint32_t ChangeSet::FindLedger(std::string_view key) const {
  return ledger_index_.Find(HashBytes(key),
                            [&](uint32_t position) { return ledger_[position].key == key; });
}

void ChangeSet::SetLedger(std::string_view key, std::optional<std::string> value) {
  bytes_ += key.size() + (value ? value->size() : 0);
  const uint32_t found = FindLedger(key);
  if (found != PositionIndex::kNone) {
    ledger_[found].value = std::move(value);
    return;
  }
  ledger_index_.Insert(HashBytes(key), static_cast<uint32_t>(ledger_.size()));
  ledger_.push_back({std::string(key), std::move(value)});
}

void ChangeSet::PutLedger(std::string_view key, std::string_view value) {
  SetLedger(key, std::string(value));
}

void ChangeSet::DeleteLedger(std::string_view key) { SetLedger(key, std::nullopt); }

Result<std::optional<std::string>> ChangeSet::GetLedger(std::string_view key) const {
  const uint32_t found = FindLedger(key);
  if (found != PositionIndex::kNone) return ledger_[found].value;
  rocksdb::PinnableSlice value;
  if (!QIPU_TRY(view_->Get(rocks::Family::kLedger, key, value))) {
    return std::optional<std::string>();
  }
  return std::optional(value.ToString());
}

}  // namespace qipu::graph::changes
