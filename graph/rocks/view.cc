#include <algorithm>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// The edges of one type with their properties, which lie in `bytes`, of a row of `out`; false when
/// it can't be read.
bool DecodeEdges(std::string_view row, EdgeTypeId type, List& edges, std::string_view& bytes) {
  ListGroups groups = GroupsOf(row);
  while (groups.Next()) {
    if (groups.type() < type) continue;
    if (groups.type() > type) return true;
    bytes = groups.properties();
    return groups.Decode(edges) && groups.DecodeProperties(edges);
  }
  return groups.ok();
}

std::optional<std::string> PropertiesOf(const List& edges, const EdgeRef& edge) {
  const ListEntry wanted{edge.target, edge.rank, edge.type};
  const auto at = std::lower_bound(edges.begin(), edges.end(), wanted);
  if (at == edges.end() || wanted < *at) return std::nullopt;
  return std::string(at->properties);
}

Result<VertexId> DecodeKeyRow(std::string_view key, const rocksdb::Slice& row) {
  ByteReader reader(ViewOf(row));
  const VertexId vertex{reader.Varint()};
  if (!reader.ok() || !reader.at_end()) return BadBytes(Family::kKeys, key);
  return vertex;
}

}  // namespace

View::View(Database& database, Head head)
    : database_(database), head_(std::move(head)), snapshot_(database.db_->GetSnapshot()) {}

View::~View() { database_.db_->ReleaseSnapshot(snapshot_); }

const Schema& View::schema() const { return database_.schema_; }
const Rules& View::rules() const { return *database_.rules_; }

Result<bool> View::Get(Family family, std::string_view key, rocksdb::PinnableSlice& value) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  value.Reset();
  const auto status = database_.db_->Get(options, database_.handle(family), key, &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return ReadError(family, key, status);
}

Error View::ReadError(Family family, std::string_view key, const rocksdb::Status& status) const {
  return FromRocks(status, database_.directory() + ": read of " + std::string(FamilyName(family)) +
                               " key " + HexOf(key));
}

std::unique_ptr<rocksdb::Iterator> View::Iterate(Family family, const rocksdb::Slice* upper) const {
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = upper;
  return Iterate(family, options);
}

std::unique_ptr<rocksdb::Iterator> View::Scan(Family family) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  return Iterate(family, options);
}

std::unique_ptr<rocksdb::Iterator> View::Iterate(Family family,
                                                 rocksdb::ReadOptions options) const {
  options.snapshot = snapshot_;
  options.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>(
      database_.db_->NewIterator(options, database_.handle(family)));
}

Result<std::optional<VertexId>> View::FindKey(LabelId dictionary, std::string_view key) const {
  std::string bytes;
  AppendDictionaryKey(bytes, dictionary, key);
  rocksdb::PinnableSlice value;
  if (!QIPU_TRY(Get(Family::kKeys, bytes, value))) return std::optional<VertexId>();
  return std::optional(QIPU_TRY(DecodeKeyRow(bytes, value)));
}

Result<std::vector<std::optional<VertexId>>> View::FindKeys(
    LabelId dictionary, std::span<const std::string_view> keys) const {
  std::vector<std::string> rows(keys.size());
  std::vector<rocksdb::Slice> wanted;
  for (size_t i = 0; i < keys.size(); ++i) {
    AppendDictionaryKey(rows[i], dictionary, keys[i]);
    wanted.emplace_back(rows[i]);
  }
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  database_.db_->MultiGet(options, database_.handle(Family::kKeys), keys.size(), wanted.data(),
                          values.data(), statuses.data());
  std::vector<std::optional<VertexId>> found(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return ReadError(Family::kKeys, rows[i], statuses[i]);
    found[i] = QIPU_TRY(DecodeKeyRow(rows[i], values[i]));
  }
  return found;
}

Result<bool> View::ReadVertex(VertexId id, Vertex& vertex) const {
  const Key key = VertexKey(id);
  rocksdb::PinnableSlice row;
  if (!QIPU_TRY(Get(Family::kVertices, key.bytes(), row))) return false;
  vertex.id = id;
  if (!DecodeVertexRow(ViewOf(row), vertex)) return BadBytes(Family::kVertices, key.bytes());
  return true;
}

Result<List> View::ReadList(Family family, VertexId vertex, EdgeTypeId type) const {
  const Key key = VertexKey(vertex);
  rocksdb::PinnableSlice row;
  List list;
  if (!QIPU_TRY(Get(family, key.bytes(), row))) return list;
  ListGroups groups = GroupsOf(ViewOf(row));
  while (groups.Next()) {
    if (groups.type() < type) continue;
    if (groups.type() == type && !groups.Decode(list)) return BadBytes(family, key.bytes());
    return list;
  }
  if (!groups.ok()) return BadBytes(family, key.bytes());
  return list;
}

Result<List> View::ReadList(Family family, VertexId vertex) const {
  const Key key = VertexKey(vertex);
  rocksdb::PinnableSlice row;
  List list;
  if (!QIPU_TRY(Get(family, key.bytes(), row))) return list;
  ListGroups groups = GroupsOf(ViewOf(row));
  while (groups.Next()) {
    if (!groups.Decode(list)) return BadBytes(family, key.bytes());
  }
  if (!groups.ok()) return BadBytes(family, key.bytes());
  return list;
}

std::shared_ptr<const View::KeptEdges> View::Kept(const EdgeRef& edge) const {
  const std::lock_guard lock(kept_mutex_);
  const auto& kept = kept_[SlotOf(edge)];
  const bool is_it = kept && kept->source == edge.source && kept->type == edge.type;
  return is_it ? kept : nullptr;
}

/// `edges` with their properties in `bytes`.
void View::Keep(const EdgeRef& edge, List edges, std::string_view bytes) const {
  constexpr uint64_t kMemoryShare = 8;
  const uint64_t size = edges.size() * sizeof(ListEntry) + bytes.size();
  if (size > database_.memory_bytes() / kMemoryShare) return;
  auto kept = std::make_shared<KeptEdges>();
  *kept = {edge.source, edge.type, std::string(bytes), std::move(edges)};
  for (ListEntry& entry : kept->edges) {
    if (entry.properties.empty()) continue;
    const auto at = static_cast<size_t>(entry.properties.data() - bytes.data());
    entry.properties = std::string_view(kept->bytes).substr(at, entry.properties.size());
  }
  const std::lock_guard lock(kept_mutex_);
  kept_[SlotOf(edge)] = std::move(kept);
}

Result<std::optional<std::string>> View::ReadEdge(const EdgeRef& edge) const {
  constexpr size_t kLargeRowBytes = 8192;
  if (const auto kept = Kept(edge)) return PropertiesOf(kept->edges, edge);
  const Key key = VertexKey(edge.source);
  rocksdb::PinnableSlice row;
  if (!QIPU_TRY(Get(Family::kOut, key.bytes(), row))) return std::optional<std::string>();
  List edges;
  std::string_view bytes;
  if (!DecodeEdges(ViewOf(row), edge.type, edges, bytes)) {
    return BadBytes(Family::kOut, key.bytes());
  }
  auto found = PropertiesOf(edges, edge);
  if (row.size() >= kLargeRowBytes) Keep(edge, std::move(edges), bytes);
  return found;
}

Result<std::vector<EdgeTypeId>> View::EdgeTypesAt(Family family, VertexId vertex) const {
  const Key key = VertexKey(vertex);
  rocksdb::PinnableSlice row;
  std::vector<EdgeTypeId> types;
  if (!QIPU_TRY(Get(family, key.bytes(), row))) return types;
  ListGroups groups = GroupsOf(ViewOf(row));
  while (groups.Next()) types.push_back(groups.type());
  if (!groups.ok()) return BadBytes(family, key.bytes());
  return types;
}

Result<std::vector<VertexId>> View::VerticesOf(LabelId label) const {
  const Key lower = LabelRowKey(label, 0), upper = LabelRowKey(LabelId{label.value + 1}, 0);
  const rocksdb::Slice upper_bytes = upper.bytes();
  std::vector<VertexId> vertices;
  List list;
  const auto rows = Iterate(Family::kLabels, &upper_bytes);
  for (rows->Seek(lower.bytes()); rows->Valid(); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (key.size() != lower.bytes().size() || !DecodeUntyped(ViewOf(rows->value()), list) ||
        (!list.empty() && list.back().vertex.value >> kLabelRowBits != 0)) {
      return BadBytes(Family::kLabels, key);
    }
    const uint64_t high = ReadBigEndian(key, 4, 6) << kLabelRowBits;
    for (const ListEntry& entry : list) vertices.push_back(VertexId{high | entry.vertex.value});
  }
  if (!rows->status().ok()) return FromRocks(rows->status(), database_.directory());
  return vertices;
}

Error BadBytes(Family family, std::string_view key) {
  return Corruption("the bytes under key " + HexOf(key) + " of column family '" +
                    std::string(FamilyName(family)) +
                    "' are not what was written; restore the database from a backup");
}

Error FromRocks(const rocksdb::Status& status, const std::string& doing) {
  const std::string message = doing + ": " + status.ToString();
  return status.IsCorruption() ? Corruption(message + "; restore the database from a backup")
                               : IoError(message);
}

}  // namespace qipu::graph::rocks
