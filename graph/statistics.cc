#include "graph/statistics.h"

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

/// Keys of all three families begin with a vertex and a type.
Status AddEdges(const rocks::View& view, Family family, Sizes& sizes) {
  constexpr size_t kTypeOffset = 8, kTypeBytes = 4;
  const auto rows = view.Scan(family);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (key.size() < kTypeOffset + kTypeBytes) return BadBytes(family, key);
    const uint64_t type = rocks::ReadBigEndian(key, kTypeOffset, kTypeBytes);
    if (type >= sizes.type_bytes.size()) return BadBytes(family, key);
    const uint64_t bytes = key.size() + rows->value().size();
    sizes.type_bytes[type] += bytes;
    sizes.edge_bytes += bytes;
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
  for (const Family family : {Family::kOut, Family::kIn, Family::kEdges}) {
    QIPU_TRY(AddEdges(*view, family, sizes));
  }
  return sizes;
}

}  // namespace qipu::graph
