#include "graph/statistics.h"

#include <optional>

#include "graph/rocks/keeping.h"

namespace qipu::graph {
namespace {

using rocks::Family;

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status AddVertices(const rocks::View& view, Sizes& sizes) {
  Vertex vertex;
  const auto rows = view.Scan(Family::kVertices);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const uint64_t bytes = rows->key().size() + rows->value().size();
    if (!rocks::DecodeVertexRow(ViewOf(rows->value()), vertex)) {
      return BadBytes(Family::kVertices, ViewOf(rows->key()));
    }
    sizes.vertex_bytes += bytes;
    for (const LabelId label : vertex.labels) {
      if (label.value < sizes.label_bytes.size()) sizes.label_bytes[label.value] += bytes;
    }
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read vertices");
  return Ok{};
}

/// Adds `bytes` of an edge type; false when there is no such type.
bool AddBytes(uint64_t type, uint64_t bytes, Sizes& sizes) {
  if (type >= sizes.type_bytes.size()) return false;
  sizes.type_bytes[type] += bytes;
  sizes.edge_bytes += bytes;
  return true;
}

/// What a row takes beside the lists themselves counts for the first of them; a row that has none
/// left counts for no type.
bool AddLists(std::string_view key, std::string_view row, Sizes& sizes) {
  rocks::ListGroups groups = rocks::GroupsOf(row);
  uint64_t rest = key.size() + row.size();
  std::optional<uint64_t> first;
  while (groups.Next()) {
    if (!first) first = groups.type().value;
    const uint64_t bytes = groups.entries().size() + groups.properties().size();
    if (!AddBytes(groups.type().value, bytes, sizes)) return false;
    rest -= bytes;
  }
  return groups.ok() && (!first || AddBytes(*first, rest, sizes));
}

Status AddEdges(const rocks::View& view, Family family, Sizes& sizes) {
  const auto rows = view.Scan(family);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (!AddLists(key, ViewOf(rows->value()), sizes)) return BadBytes(family, key);
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read edges");
  return Ok{};
}

}  // namespace

Result<Sizes> MeasureSizes(const std::string& directory, const StoreOptions& options) {
  const auto files = rocks::FilesOf(options);
  QIPU_TRY(rocks::RequireDatabase(*files, directory));
  StoreOptions reading = options;
  reading.access = Access::kReadOnly;
  const auto database = QIPU_TRY(rocks::Database::Open(directory, reading));
  const auto view = database->current();
  Sizes sizes;
  for (size_t i = 0; i < rocks::kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    const rocks::FamilySize size = rocks::SizeOf(*database, family);
    sizes.families.push_back({std::string(rocks::FamilyName(family)), size.rows, size.bytes});
  }
  sizes.label_bytes.resize(view->catalog().labels.size());
  sizes.type_bytes.resize(view->catalog().edge_types.size());
  QIPU_TRY(AddVertices(*view, sizes));
  for (const Family family : {Family::kOut, Family::kIn}) {
    QIPU_TRY(AddEdges(*view, family, sizes));
  }
  return sizes;
}

}  // namespace qipu::graph
