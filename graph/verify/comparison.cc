#include <algorithm>
#include <functional>

#include "graph/verify/verify.h"

namespace qipu::graph::verify {
namespace {

/// Spreads a hash over all its bits, so that a sum of several tells them apart.
uint64_t Mix(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  hash ^= hash >> 29;
  hash *= 0xbf58476d1ce4e5b9;
  return hash ^ hash >> 32;
}

}  // namespace

void SetComparison::Add(Side side, std::string_view item) {
  const uint64_t hash = std::hash<std::string_view>()(item);
  const size_t number = hash % kBuckets;
  if (collecting_) {
    if (chosen_[number]) items_.push_back({std::string(item), side});
    return;
  }
  Bucket& bucket = buckets_[number];
  bucket.sums[static_cast<size_t>(side)] += Mix(hash);
  ++bucket.counts[static_cast<size_t>(side)];
}

bool SetComparison::Choose() {
  chosen_.reset();
  items_.clear();
  uint64_t items = 0;
  for (; next_ < kBuckets && items < kItemsMax; ++next_) {
    const Bucket& bucket = buckets_[next_];
    if (bucket.sums[0] == bucket.sums[1] && bucket.counts[0] == bucket.counts[1]) continue;
    chosen_[next_] = true;
    items += bucket.counts[0] + bucket.counts[1];
  }
  return items > 0;
}

std::vector<SetComparison::Difference> SetComparison::TakeDifferences() {
  std::sort(items_.begin(), items_.end(),
            [](const Difference& a, const Difference& b) { return a.item < b.item; });
  std::vector<Difference> differences;
  for (size_t i = 0; i < items_.size(); ++i) {
    if (i + 1 < items_.size() && items_[i].item == items_[i + 1].item) {
      ++i;  // in both: a set has nothing twice
    } else {
      differences.push_back(std::move(items_[i]));
    }
  }
  items_.clear();
  return differences;
}

void VertexSet::Insert(VertexId vertex) {
  std::unique_ptr<Chunk>& chunk = chunks_[vertex.value >> kBits];
  if (!chunk) chunk = std::make_unique<Chunk>();
  chunk->set(vertex.value & ((uint64_t{1} << kBits) - 1));
}

bool VertexSet::Has(VertexId vertex) const {
  const auto found = chunks_.find(vertex.value >> kBits);
  return found != chunks_.end() && found->second->test(vertex.value & ((uint64_t{1} << kBits) - 1));
}

}  // namespace qipu::graph::verify
