#include <algorithm>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

using rocks::Family;

constexpr uint64_t kRowBytesMax = uint64_t{1} << 30;  // RocksDB's is 4 GiB, with all its deltas

/// Turns edges in the order of one direction into the rows of its lists.
class AdjacencyWriter {
 public:
  AdjacencyWriter(const Staging& staging, Direction direction, const PropertiesFile& properties)
      : staging_(staging),
        direction_(direction),
        properties_(properties),
        lists_(staging.database, rocks::AdjacencyFamily(direction),
               staging.Path(direction == Direction::kOut ? "out" : "in"),
               // In a first load nearly every vertex has a row of its out-edges.
               direction == Direction::kOut && staging.first_vertex == 0 ? rocks::Filter::kNo
                                                                         : rocks::Filter::kYes) {}

  Status Add(const LoadEdge& edge);
  Result<AdjacencyTables> Finish();

 private:
  VertexId EndOf(const LoadEdge& edge) const {
    return VertexId{direction_ == Direction::kOut ? edge.source() : edge.target()};
  }
  VertexId OtherOf(const LoadEdge& edge) const {
    return VertexId{direction_ == Direction::kOut ? edge.target() : edge.source()};
  }
  bool IsOld(VertexId vertex) const { return vertex.value < staging_.first_vertex; }
  Result<uint32_t> FirstRank(VertexId other);
  Status CloseList();
  Result<uint32_t> NextRank(VertexId other);
  Result<uint32_t> RankAfter(const rocks::ListEntry& last) const;
  Status TakeRecord(const LoadEdge& edge, rocks::ListEntry& entry);
  void PointToProperties();

  const Staging& staging_;
  const Direction direction_;
  PropertiesReader properties_;
  rocks::TableWriter lists_;
  AdjacencyTables result_;

  VertexId end_{UINT64_MAX};  // of the open list
  EdgeTypeId type_;
  rocks::List list_;  // the properties of its entries lie in property_bytes_
  std::string property_bytes_;
  std::vector<uint32_t> property_sizes_;  // of the first entries
  std::optional<rocks::List> stored_;     // what the database has of end_ and type_, once looked at
  std::string row_;
};

/// The rank of the first new edge to `other`: after those that the database has.
Result<uint32_t> AdjacencyWriter::FirstRank(VertexId other) {
  if (!IsOld(end_) || !IsOld(other)) return uint32_t{0};
  if (!stored_) {
    stored_ = QIPU_TRY(staging_.view->ReadList(rocks::AdjacencyFamily(direction_), end_, type_));
  }
  const auto after = std::upper_bound(stored_->begin(), stored_->end(),
                                      rocks::ListEntry{other, UINT32_MAX, type_});
  if (after == stored_->begin() || std::prev(after)->vertex != other) return uint32_t{0};
  return RankAfter(*std::prev(after));
}

Status AdjacencyWriter::Add(const LoadEdge& edge) {
  const EdgeTypeId type{edge.type()};
  if (EndOf(edge) != end_) QIPU_TRY(CloseList());
  if (EndOf(edge) != end_ || type != type_) stored_.reset();
  end_ = EndOf(edge);
  type_ = type;
  if (result_.per_type.size() <= type.value) result_.per_type.resize(type.value + 1);
  ++result_.per_type[type.value];
  rocks::ListEntry entry{OtherOf(edge), 0, type};
  entry.rank = QIPU_TRY(NextRank(entry.vertex));
  const bool has_properties = direction_ == Direction::kOut && edge.properties() != 0;
  if (edge.ranked() || has_properties) QIPU_TRY(TakeRecord(edge, entry));
  list_.push_back(entry);
  return Ok{};
}

/// The lowest free one of an edge to `other`.
Result<uint32_t> AdjacencyWriter::NextRank(VertexId other) {
  const bool parallel =
      !list_.empty() && list_.back().type == type_ && list_.back().vertex == other;
  if (!parallel) return FirstRank(other);
  return RankAfter(list_.back());
}

Result<uint32_t> AdjacencyWriter::RankAfter(const rocks::ListEntry& last) const {
  if (last.rank < UINT32_MAX) return last.rank + 1;
  return InvalidArgument("no rank is left for another edge between vertices " +
                         std::to_string(end_.value) + " and " + std::to_string(last.vertex.value));
}

/// Gives `entry`, the next of the list, the rank that its edge asks for, and keeps its properties.
Status AdjacencyWriter::TakeRecord(const LoadEdge& edge, rocks::ListEntry& entry) {
  rocks::ByteReader record(QIPU_TRY(properties_.Read(edge.properties() & ~LoadEdge::kRanked)));
  if (edge.ranked()) {
    entry.rank = std::max(entry.rank, record.Varint32());
  }
  if (direction_ == Direction::kIn || record.at_end()) return Ok{};
  property_sizes_.resize(list_.size());
  property_sizes_.push_back(static_cast<uint32_t>(record.size()));
  property_bytes_ += record.Bytes(record.size());
  return Ok{};
}

void AdjacencyWriter::PointToProperties() {
  const char* at = property_bytes_.data();
  for (size_t i = 0; i < property_sizes_.size(); at += property_sizes_[i++]) {
    list_[i].properties = {at, property_sizes_[i]};
  }
}

Status AdjacencyWriter::CloseList() {
  if (list_.empty()) return Ok{};
  if (property_bytes_.size() + list_.size() > kRowBytesMax) {
    return InvalidArgument("the edges at vertex " + std::to_string(end_.value) +
                           " take more than " + std::to_string(kRowBytesMax) + " bytes");
  }
  PointToProperties();
  const rocks::Key key = rocks::VertexKey(end_);
  row_.clear();
  if (IsOld(end_)) {
    rocks::AppendDelta(row_, {{}, std::move(list_)});
    lists_.Merge(key.bytes(), row_);
    result_.older_ends.push_back(end_);
  } else {
    rocks::AppendList(row_, list_);
    lists_.Put(key.bytes(), row_);
  }
  list_.clear();
  property_bytes_.clear();
  property_sizes_.clear();
  return Ok{};
}

Result<AdjacencyTables> AdjacencyWriter::Finish() {
  QIPU_TRY(CloseList());
  result_.lists = QIPU_TRY(lists_.Finish());
  return std::move(result_);
}

}  // namespace

Result<AdjacencyTables> WriteAdjacency(const Staging& staging, Direction direction,
                                       SortedEdges edges, const PropertiesFile& properties) {
  AdjacencyWriter writer(staging, direction, properties);
  LoadEdge edge;
  while (edges.Next(edge)) QIPU_TRY(writer.Add(edge));
  QIPU_TRY(edges.status());
  return writer.Finish();
}

Result<rocks::TableFiles> WriteKeys(const Staging& staging, KeyDictionary& keys) {
  rocks::TableWriter table(staging.database, Family::kKeys, staging.Path("keys"));
  const auto stored = staging.view->Iterate(Family::kKeys, nullptr);
  bool seek = true;
  std::string key, value;
  QIPU_TRY(keys.UseSorted([&](const KeyDictionary::Entry& entry) -> Status {
    key.clear();
    rocks::AppendDictionaryKey(key, entry.dictionary, entry.key);
    // Both ascend: the stored ones are walked, or jumped to when they lie far.
    if (seek || (stored->Valid() && stored->key().compare(key) < 0)) stored->Seek(key);
    seek = false;
    if (stored->Valid() && stored->key() == rocksdb::Slice(key)) {
      return Error{ErrorCode::kAlreadyExists,
                   "there is a " + staging.view->catalog().NameOf(entry.dictionary) +
                       " with key '" + std::string(entry.key) + "' in the database already"};
    }
    if (!stored->status().ok()) return rocks::FromRocks(stored->status(), "cannot read keys");
    value.clear();
    rocks::AppendVarint(value, staging.first_vertex + entry.vertex);
    table.Put(key, value);
    return Ok{};
  }));
  return table.Finish();
}

Result<rocks::Database::Tables> WriteMeta(const Staging& staging, const rocks::Head& next) {
  rocks::MetaRows rows;
  rocks::PutHead(rows, staging.view->head(), next);
  rocks::TableWriter meta(staging.database, Family::kMeta, staging.Path("meta"));
  for (const auto& [key, value] : rows) meta.Put(key, value);
  auto files = QIPU_TRY(meta.Finish());
  return rocks::Database::Tables{Family::kMeta, std::move(files)};
}

void LabelLists::Add(LabelId label, VertexId vertex) {
  if (open_.size() <= label.value) {
    open_.resize(label.value + 1);
    per_label_.resize(label.value + 1);
  }
  Open& open = open_[label.value];
  const uint64_t row = vertex.value >> rocks::kLabelRowBits;
  if (row != open.row) Close(label, open);
  open.row = row;
  open.low.push_back({VertexId{vertex.value & ((uint64_t{1} << rocks::kLabelRowBits) - 1)}});
  ++per_label_[label.value];
}

void LabelLists::Close(LabelId label, Open& open) {
  if (open.low.empty()) return;
  rocks::AppendDelta(rows_[{label.value, open.row}], {{}, open.low});
  open.low.clear();
}

Result<rocks::TableFiles> LabelLists::Write(const Staging& staging) {
  for (uint32_t label = 0; label < open_.size(); ++label) Close(LabelId{label}, open_[label]);
  rocks::TableWriter table(staging.database, Family::kLabels, staging.Path("labels"));
  for (const auto& [at, delta] : rows_) {
    // Also where no row is: a delta on nothing is a list.
    table.Merge(rocks::LabelRowKey(LabelId{at.first}, at.second).bytes(), delta);
  }
  return table.Finish();
}

}  // namespace qipu::graph::load
