#include <algorithm>
#include <tuple>

#include "graph/changes/changes.h"

namespace qipu::graph::changes {
namespace {

using rocks::Family;

/// Adds 1 or takes 1 away from the count of `number`.
void Count(std::vector<uint64_t>& counts, uint32_t number, bool up) {
  if (counts.size() <= number) counts.resize(number + 1);
  counts[number] = up ? counts[number] + 1 : counts[number] - 1;
}

}  // namespace

Result<CommitSummary> ChangeSet::Commit() {
  if (spent_) return InvalidArgument("this transaction has been committed already");
  if (bytes_ > kTransactionBytesMax) {
    return InvalidArgument("the transaction has " + std::to_string(bytes_) +
                           " bytes, more than the allowed " + std::to_string(kTransactionBytesMax) +
                           "; commit more often");
  }
  QIPU_TRY(CheckRequired());
  Commitment commitment{{}, view_->head(), {}, {}, {}, {}, {}};
  for (const VertexChange& vertex : old_vertices_) {
    if (!vertex.touched) continue;
    if (vertex.exists) {
      QIPU_TRY(WriteVertex(commitment, vertex));
    } else {
      QIPU_TRY(EraseVertex(commitment, vertex));
    }
  }
  for (const VertexChange& vertex : new_vertices_) {
    if (vertex.exists) QIPU_TRY(WriteVertex(commitment, vertex));
  }
  WriteLabels(commitment);
  WritePostings(commitment);
  WriteKeys(commitment);
  QIPU_TRY(WriteEdges(commitment));
  QIPU_TRY(WriteLedger(commitment));
  spent_ = true;
  if (commitment.summary == CommitSummary()) return commitment.summary;
  commitment.next.catalog = catalog_;
  commitment.next.epoch += 1;
  commitment.next.next_vertex += new_vertices_.size();
  WriteChange(commitment);
  QIPU_TRY(database_.Apply(commitment.batch, std::move(commitment.next)));
  return commitment.summary;
}

Status ChangeSet::CheckRequired() const {
  for (const auto* vertices : {&old_vertices_, &new_vertices_}) {
    for (const VertexChange& vertex : *vertices) {
      if (vertex.touched && vertex.exists) QIPU_TRY(CheckRequired(vertex));
    }
  }
  for (const EdgeChange& change : edges_) {
    if (!change.exists) continue;
    for (const PropertyId property : rules_.Of(change.edge.type).properties.required()) {
      if (FindProperty(change.now, property) != nullptr) continue;
      return InvalidArgument("a " + catalog_->NameOf(change.edge.type) + " from vertex " +
                             std::to_string(change.edge.source.value) +
                             " lacks the required property '" + NameOf(property) + "'");
    }
  }
  return Ok{};
}

Status ChangeSet::CheckRequired(const VertexChange& vertex) const {
  for (const LabelId label : vertex.now.labels) {
    const LabelRule& rule = rules_.Of(label);
    for (const PropertyId property : rule.properties.required()) {
      if (vertex.now.Find(property) != nullptr) continue;
      const Value* key = rule.key ? vertex.now.Find(*rule.key) : nullptr;
      return InvalidArgument("a " + catalog_->NameOf(label) +
                             (key == nullptr ? "" : " with key '" + key->ToString() + "'") +
                             " lacks the required property '" + NameOf(property) + "'");
    }
  }
  return Ok{};
}

Status ChangeSet::WriteVertex(Commitment& commitment, const VertexChange& vertex) const {
  commitment.row.clear();
  rocks::AppendVertexRow(commitment.row, vertex.now.labels, vertex.now.properties);
  if (commitment.row == vertex.row_before) return Ok{};
  commitment.batch.Put(Family::kVertices, rocks::VertexKey(vertex.now.id).bytes(), commitment.row);
  for (const LabelId label : vertex.now.labels) {
    const auto& before = vertex.labels_before;
    if (std::binary_search(before.begin(), before.end(), label)) continue;
    commitment.label_steps.push_back({label, vertex.now.id, true});
  }
  for (const LabelId label : vertex.labels_before) {
    if (!vertex.now.Has(label)) commitment.label_steps.push_back({label, vertex.now.id, false});
  }
  commitment.change.vertices.push_back(
      {vertex.now.id, vertex.existed ? Step::kChanged : Step::kCreated});
  if (vertex.existed) {
    ++commitment.summary.vertices_changed;
  } else {
    ++commitment.summary.vertices_created;
    ++commitment.next.counters.vertices;
  }
  return WriteIndexes(commitment, vertex);
}

Status ChangeSet::EraseVertex(Commitment& commitment, const VertexChange& vertex) const {
  const VertexId id = vertex.now.id;
  const rocks::Key key = rocks::VertexKey(id);
  commitment.batch.Delete(Family::kVertices, key.bytes());
  rocksdb::PinnableSlice row;
  for (const Family family : {Family::kOut, Family::kIn}) {
    if (QIPU_TRY(view_->Get(family, key.bytes(), row))) {
      commitment.batch.Delete(family, key.bytes());
    }
  }
  for (const LabelId label : vertex.labels_before) {
    commitment.label_steps.push_back({label, id, false});
  }
  commitment.change.vertices.push_back({id, Step::kDeleted});
  ++commitment.summary.vertices_deleted;
  --commitment.next.counters.vertices;
  return WriteIndexes(commitment, vertex);
}

void ChangeSet::WriteLabels(Commitment& commitment) const {
  constexpr uint64_t kLowMask = (uint64_t{1} << rocks::kLabelRowBits) - 1;
  auto& steps = commitment.label_steps;
  std::sort(steps.begin(), steps.end(), [](const LabelStep& a, const LabelStep& b) {
    return std::tie(a.label, a.vertex) < std::tie(b.label, b.vertex);
  });
  for (size_t begin = 0, end = 0; begin < steps.size(); begin = end) {
    const LabelId label = steps[begin].label;
    const uint64_t row = steps[begin].vertex.value >> rocks::kLabelRowBits;
    rocks::ListDelta delta;
    for (; end < steps.size() && steps[end].label == label &&
           steps[end].vertex.value >> rocks::kLabelRowBits == row;
         ++end) {
      const rocks::ListEntry entry{VertexId{steps[end].vertex.value & kLowMask}};
      (steps[end].add ? delta.adds : delta.deletes).push_back(entry);
      Count(commitment.next.counters.per_label, label.value, steps[end].add);
    }
    commitment.row.clear();
    rocks::AppendDelta(commitment.row, delta);
    commitment.batch.Merge(Family::kLabels, rocks::LabelRowKey(label, row).bytes(), commitment.row);
  }
}

void ChangeSet::WriteKeys(Commitment& commitment) const {
  std::vector<const KeyChange*> changes;
  for (const KeyChange& change : keys_) {
    if (change.now != change.before) changes.push_back(&change);
  }
  std::sort(changes.begin(), changes.end(), [](const KeyChange* a, const KeyChange* b) {
    return std::tie(a->dictionary, a->key) < std::tie(b->dictionary, b->key);
  });
  std::string key;
  for (const KeyChange* change : changes) {
    key.clear();
    rocks::AppendDictionaryKey(key, change->dictionary, change->key);
    if (!change->now) {
      commitment.batch.Delete(Family::kKeys, key);
      continue;
    }
    commitment.row.clear();
    rocks::AppendVarint(commitment.row, change->now->value);
    commitment.batch.Put(Family::kKeys, key, commitment.row);
  }
}

Status ChangeSet::WriteEdges(Commitment& commitment) {
  CommitSummary& summary = commitment.summary;
  std::vector<const EdgeChange*> at_sources, at_targets;
  for (EdgeChange* edge : SortedEdges()) {
    EdgeChange& change = *edge;
    commitment.row.clear();
    if (!change.now.empty()) rocks::AppendProperties(commitment.row, change.now);
    const bool comes_or_goes = change.exists != change.existed;
    if (!comes_or_goes && commitment.row == change.properties_before) continue;
    change.properties_now = commitment.row;
    at_sources.push_back(edge);
    if (!comes_or_goes) {
      ++summary.edges_changed;
      commitment.change.edges.push_back({change.edge, Step::kChanged});
      continue;
    }
    at_targets.push_back(edge);
    ++(change.exists ? summary.edges_created : summary.edges_deleted);
    commitment.change.edges.push_back(
        {change.edge, change.exists ? Step::kCreated : Step::kDeleted});
    commitment.next.counters.edges += change.exists ? 1 : UINT64_MAX;
    Count(commitment.next.counters.per_type, change.edge.type.value, change.exists);
  }
  QIPU_TRY(WriteLists(commitment, Direction::kOut, at_sources));
  std::stable_sort(
      at_targets.begin(), at_targets.end(), [](const EdgeChange* a, const EdgeChange* b) {
        return std::tie(a->edge.target, a->edge.type) < std::tie(b->edge.target, b->edge.type);
      });
  return WriteLists(commitment, Direction::kIn, at_targets);
}

std::vector<EdgeChange*> ChangeSet::SortedEdges() {
  std::vector<EdgeChange*> edges;
  edges.reserve(edges_.size());
  for (EdgeChange& change : edges_) edges.push_back(&change);
  std::sort(edges.begin(), edges.end(),
            [](const EdgeChange* a, const EdgeChange* b) { return a->edge < b->edge; });
  return edges;
}

/// `edges` ascending by their end in that direction, type and other end.
Status ChangeSet::WriteLists(Commitment& commitment, Direction direction,
                             std::span<const EdgeChange* const> edges) {
  const auto end_of = [direction](const EdgeChange* change) {
    return direction == Direction::kOut ? change->edge.source : change->edge.target;
  };
  for (size_t begin = 0, end = 0; begin < edges.size(); begin = end) {
    while (end < edges.size() && end_of(edges[end]) == end_of(edges[begin])) ++end;
    QIPU_TRY(
        WriteList(commitment, end_of(edges[begin]), direction, edges.subspan(begin, end - begin)));
  }
  return Ok{};
}

/// `edges` are all that came, went or changed at one vertex, in the order of its list.
Status ChangeSet::WriteList(Commitment& commitment, VertexId vertex, Direction direction,
                            std::span<const EdgeChange* const> edges) {
  if (!QIPU_TRY(Look(vertex))->exists) return Ok{};  // EraseVertex has taken the row
  rocks::ListDelta delta;
  for (const EdgeChange* change : edges) {
    const EdgeRef& edge = change->edge;
    const auto entry =
        direction == Direction::kOut
            ? rocks::ListEntry{edge.target, edge.rank, edge.type, change->properties_now}
            : rocks::ListEntry{edge.source, edge.rank, edge.type};
    (change->exists ? delta.adds : delta.deletes).push_back(entry);
  }
  const Family family = rocks::AdjacencyFamily(direction);
  const rocks::Key key = rocks::VertexKey(vertex);
  commitment.row.clear();
  if (IsNew(vertex)) {
    rocks::AppendList(commitment.row, delta.adds);
    commitment.batch.Put(family, key.bytes(), commitment.row);
  } else {
    rocks::AppendDelta(commitment.row, delta);
    commitment.batch.Merge(family, key.bytes(), commitment.row);
  }
  return Ok{};
}

Status ChangeSet::WriteLedger(Commitment& commitment) const {
  std::vector<const LedgerChange*> changes;
  changes.reserve(ledger_.size());
  for (const LedgerChange& change : ledger_) changes.push_back(&change);
  std::sort(changes.begin(), changes.end(),
            [](const LedgerChange* a, const LedgerChange* b) { return a->key < b->key; });
  // Both ascend. A load mostly writes beyond what is stored: one look finds that for all its keys.
  const auto stored = view_->Iterate(Family::kLedger, nullptr);
  for (const LedgerChange* change : changes) {
    if (change == changes.front() || (stored->Valid() && stored->key().compare(change->key) < 0)) {
      stored->Seek(change->key);
    }
    if (!stored->status().ok()) return rocks::FromRocks(stored->status(), "cannot read the ledger");
    const bool there = stored->Valid() && stored->key() == rocksdb::Slice(change->key);
    if (there ? change->value && stored->value() == rocksdb::Slice(*change->value)
              : !change->value) {
      continue;
    }
    if (change->value) {
      commitment.batch.Put(Family::kLedger, change->key, *change->value);
    } else {
      commitment.batch.Delete(Family::kLedger, change->key);
    }
    ++commitment.summary.ledger_entries;
  }
  return Ok{};
}

void ChangeSet::WriteChange(Commitment& commitment) const {
  Change& change = commitment.change;
  std::sort(change.vertices.begin(), change.vertices.end(),
            [](const VertexStep& a, const VertexStep& b) { return a.vertex < b.vertex; });
  change.ledger_entries = commitment.summary.ledger_entries;
  commitment.row.clear();
  rocks::AppendCommit(commitment.row, change);
  commitment.batch.Put(Family::kChanges, rocks::ChangeKey(commitment.next.epoch).bytes(),
                       commitment.row);
}

}  // namespace qipu::graph::changes
