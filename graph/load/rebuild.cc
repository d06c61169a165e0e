#include <algorithm>
#include <tuple>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

using rocks::Family;

constexpr uint64_t kMemoryShare = 4;  // of the database's, for each of two sorts

bool Has(std::span<const Family> families, Family family) {
  return std::find(families.begin(), families.end(), family) != families.end();
}

Status AddKeys(const rocks::View& view, const Vertex& vertex, KeyDictionary& keys) {
  if (vertex.id.value >= KeyDictionary::kAbsent) {
    return InvalidArgument("keys of vertex ids above " + std::to_string(KeyDictionary::kAbsent) +
                           " can't be made anew; restore a backup");
  }
  for (const LabelId label : vertex.labels) {
    const LabelRule& rule = view.rules().Of(label);
    if (!rule.key || rule.dictionary != label) continue;
    const Value* value = vertex.Find(*rule.key);
    const std::string* key = value == nullptr ? nullptr : value->AsString();
    // Of two with the same key the first has it: the verification tells of the other.
    if (key != nullptr) keys.Insert({label, *key}, static_cast<uint32_t>(vertex.id.value));
  }
  return Ok{};
}

/// The tables of what is derived from `vertices`.
Status FromVertices(const Staging& staging, std::span<const Family> families,
                    std::vector<rocks::Database::Tables>& tables) {
  LabelLists labels;
  KeyDictionary keys;
  IndexTables indexes(staging, staging.view->head().indexes,
                      staging.database.memory_bytes() / kMemoryShare);
  const auto rows = staging.view->Scan(Family::kVertices);
  Vertex vertex;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key(rows->key().data(), rows->key().size());
    if (key.size() != rocks::VertexKey({}).bytes().size() ||
        !rocks::DecodeVertexRow({rows->value().data(), rows->value().size()}, vertex)) {
      continue;  // says nothing, as the verification tells
    }
    vertex.id = VertexId{rocks::ReadBigEndian(key, 0, key.size())};
    for (const LabelId label : vertex.labels) labels.Add(label, vertex.id);
    if (Has(families, Family::kKeys)) QIPU_TRY(AddKeys(*staging.view, vertex, keys));
    if (Has(families, Family::kIndexes)) {
      QIPU_TRY(indexes.Add(vertex.id, vertex.labels, vertex.properties));
    }
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read vertices");
  if (Has(families, Family::kLabels)) {
    auto files = QIPU_TRY(labels.Write(staging));
    tables.push_back({Family::kLabels, std::move(files)});
  }
  if (Has(families, Family::kKeys)) {
    auto files = QIPU_TRY(WriteKeys(staging, keys));
    tables.push_back({Family::kKeys, std::move(files)});
  }
  for (auto& entries : QIPU_TRY(indexes.Write())) tables.push_back(std::move(entries));
  return Ok{};
}

/// `in` from `out`. The sort carries ranks where a load has numbers of properties.
Status InFromOut(const Staging& staging, std::vector<rocks::Database::Tables>& tables) {
  EdgeSorter sorter(staging.database.env()->GetFileSystem(), staging.Path("edges_by_"),
                    staging.database.memory_bytes() / kMemoryShare);
  const auto rows = staging.view->Scan(Family::kOut);
  rocks::List list;
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key(rows->key().data(), rows->key().size());
    list.clear();
    rocks::ListGroups groups = rocks::GroupsOf({rows->value().data(), rows->value().size()});
    bool reads = key.size() == rocks::VertexKey({}).bytes().size();
    while (reads && groups.Next()) reads = groups.Decode(list);
    if (!reads || !groups.ok()) continue;  // says nothing, as the verification tells
    const uint64_t source = rocks::ReadBigEndian(key, 0, key.size());
    for (const rocks::ListEntry& other : list) {
      if (std::max(source, other.vertex.value) > LoadEdge::kVertexMax ||
          other.type.value > LoadEdge::kTypeMax) {
        return InvalidArgument("edges of so many vertices or types can't be made anew");
      }
      QIPU_TRY(sorter.Add({source, other.type.value, other.vertex.value, other.rank}));
    }
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read edges");
  QIPU_TRY(sorter.EndAdding());
  SortedEdges edges = sorter.Sorted(Direction::kIn);
  rocks::TableWriter table(staging.database, Family::kIn, staging.Path("in"));
  std::string row;
  LoadEdge open(0, 0, 0, 0), edge;
  list.clear();
  const auto close = [&] {
    if (list.empty()) return;
    row.clear();
    rocks::AppendList(row, list);
    table.Put(rocks::VertexKey({open.target()}).bytes(), row);
    list.clear();
  };
  while (edges.Next(edge)) {
    if (edge.target() != open.target()) close();
    open = edge;
    list.push_back({VertexId{edge.source()}, edge.properties(), EdgeTypeId{edge.type()}});
  }
  QIPU_TRY(edges.status());
  close();
  auto files = QIPU_TRY(table.Finish());
  tables.push_back({Family::kIn, std::move(files)});
  return Ok{};
}

Status Publish(const Staging& staging, std::vector<rocks::Database::Tables> tables) {
  rocks::Head next = staging.view->head();
  next.rebuilding = false;
  next.epoch += 1;
  rocks::TableWriter changes(staging.database, Family::kChanges, staging.Path("changes"));
  std::string row;
  rocks::AppendCommit(row, Change());
  changes.Put(rocks::ChangeKey(next.epoch).bytes(), row);
  auto files = QIPU_TRY(changes.Finish());
  tables.push_back({Family::kChanges, std::move(files)});
  tables.push_back(QIPU_TRY(WriteMeta(staging, next)));
  return staging.database.Ingest(tables, std::move(next));
}

Status RebuildStaged(rocks::Database& database, std::span<const Family> families,
                     const std::string& folder) {
  QIPU_TRY(database.Renew(families));
  // Ids count from 0: none is older than what is written.
  const Staging staging{database, database.current(), folder, 0};
  std::vector<rocks::Database::Tables> tables;
  QIPU_TRY(FromVertices(staging, families, tables));
  if (Has(families, Family::kIn)) QIPU_TRY(InFromOut(staging, tables));
  return Publish(staging, std::move(tables));
}

}  // namespace

Status Rebuild(rocks::Database& database, std::span<const Family> families) {
  rocksdb::FileSystem& files = *database.env()->GetFileSystem();
  const std::string folder = QIPU_TRY(rocks::MakeStaging(files, database.directory()));
  const Status rebuilt = RebuildStaged(database, families, folder);
  rocks::DropStaging(files, database.directory());
  return rebuilt;
}

}  // namespace qipu::graph::load
