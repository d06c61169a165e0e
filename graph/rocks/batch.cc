#include <algorithm>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {

void RowBlock::Add(RowChange change, std::string_view key, std::string_view value) {
  rows.push_back({change, static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())});
  bytes.append(key).append(value);
}

void Batch::Put(Family family, std::string_view key, std::string_view value) {
  Add(family, RowChange::kPut, key, value);
}

void Batch::Merge(Family family, std::string_view key, std::string_view delta) {
  Add(family, RowChange::kMerge, key, delta);
}

void Batch::Delete(Family family, std::string_view key) {
  Add(family, RowChange::kDelete, key, {});
}

void Batch::DeleteRange(Family family, std::string_view lower, std::string_view upper) {
  Add(family, RowChange::kDeleteRange, lower, upper);
  has_range_ = true;
}

void Batch::Add(Family family, RowChange change, std::string_view key, std::string_view value) {
  Rows& rows = families_[static_cast<size_t>(family)];
  if (rows.blocks.empty() || rows.blocks.back().full()) {
    // One that follows will most likely be filled, too.
    const size_t reserved = rows.blocks.empty() ? 0 : rows.blocks.back().bytes.size();
    rows.blocks.emplace_back().bytes.reserve(reserved);
  } else if (rows.ascending) {
    rows.ascending = rows.last_key < key;
  }
  rows.blocks.back().Add(change, key, value);
  rows.last_key = key;
  bytes_ += key.size() + value.size();
}

bool Batch::Sort(Rows& rows) {
  if (rows.ascending) return true;
  struct Row {
    RowChange change;
    std::string_view key, value;
  };
  std::vector<Row> order;
  for (const RowBlock& block : rows.blocks) {
    block.Visit([&order](RowChange change, std::string_view key, std::string_view value) {
      order.push_back({change, key, value});
      return true;
    });
  }
  std::sort(order.begin(), order.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  const auto same = [](const Row& a, const Row& b) { return a.key == b.key; };
  if (std::adjacent_find(order.begin(), order.end(), same) != order.end()) return false;
  std::deque<RowBlock> sorted;
  for (const Row& row : order) {
    if (sorted.empty() || sorted.back().full()) sorted.emplace_back();
    sorted.back().Add(row.change, row.key, row.value);
  }
  rows.blocks = std::move(sorted);
  rows.ascending = true;
  return true;
}

}  // namespace qipu::graph::rocks
