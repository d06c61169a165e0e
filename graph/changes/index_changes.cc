#include <algorithm>

#include "graph/changes/changes.h"
#include "graph/rocks/indexes.h"

namespace qipu::graph::changes {
namespace {

using rocks::Family;

/// Calls `use(entry)` for each of `a` that is not in `b`; both ascend.
template <class Use>
void ForEachMissing(const std::vector<std::string>& a, const std::vector<std::string>& b, Use use) {
  for (const std::string& entry : a) {
    if (!std::binary_search(b.begin(), b.end(), entry)) use(entry);
  }
}

}  // namespace

Status ChangeSet::WriteIndexes(Commitment& commitment, const VertexChange& vertex) const {
  const std::vector<Index>& indexes = view_->head().indexes;
  if (indexes.empty()) return Ok{};
  rocks::IndexEntries before, now;
  if (vertex.existed) {
    Vertex stored;
    if (!rocks::DecodeVertexRow(vertex.row_before, stored)) {
      return rocks::BadBytes(Family::kVertices, rocks::VertexKey(vertex.now.id).bytes());
    }
    rocks::AppendEntries(indexes, vertex.now.id, stored.labels, stored.properties, before);
  }
  if (vertex.exists) {
    rocks::AppendEntries(indexes, vertex.now.id, vertex.now.labels, vertex.now.properties, now);
  }
  ForEachMissing(before.values, now.values,
                 [&](const std::string& key) { commitment.batch.Delete(Family::kIndexes, key); });
  ForEachMissing(now.values, before.values,
                 [&](const std::string& key) { commitment.batch.Put(Family::kIndexes, key, {}); });
  ForEachMissing(before.postings, now.postings, [&](const std::string& packed) {
    rocks::Posting posting = rocks::UnpackPosting(packed);
    commitment.postings[std::move(posting.row)].deletes.push_back(posting.entry);
  });
  ForEachMissing(now.postings, before.postings, [&](const std::string& packed) {
    rocks::Posting posting = rocks::UnpackPosting(packed);
    commitment.postings[std::move(posting.row)].adds.push_back(posting.entry);
  });
  return Ok{};
}

void ChangeSet::WritePostings(Commitment& commitment) {
  for (auto& [key, delta] : commitment.postings) {
    std::sort(delta.deletes.begin(), delta.deletes.end());
    std::sort(delta.adds.begin(), delta.adds.end());
    commitment.row.clear();
    rocks::AppendDelta(commitment.row, delta);
    commitment.batch.Merge(Family::kPostings, key, commitment.row);
  }
}

}  // namespace qipu::graph::changes
