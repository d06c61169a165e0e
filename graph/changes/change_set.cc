#include "graph/changes/changes.h"

namespace qipu::graph::changes {
namespace {

uint64_t HashKey(LabelId dictionary, std::string_view key) {
  return HashNumbers(HashBytes(key), dictionary.value);
}

}  // namespace

ChangeSet::ChangeSet(rocks::Database& database)
    : database_(database),
      view_(database.current()),
      rules_(view_->rules()),
      catalog_(view_->head().catalog) {}

Catalog& ChangeSet::WritableCatalog() {
  if (!own_catalog_) {
    own_catalog_ = std::make_shared<Catalog>(*catalog_);
    catalog_ = own_catalog_;
  }
  return *own_catalog_;
}

LabelId ChangeSet::Label(std::string_view name) {
  const auto known = catalog_->FindLabel(name);
  return known ? *known : LabelId{WritableCatalog().labels.Intern(name)};
}

EdgeTypeId ChangeSet::EdgeType(std::string_view name) {
  const auto known = catalog_->FindEdgeType(name);
  return known ? *known : EdgeTypeId{WritableCatalog().edge_types.Intern(name)};
}

PropertyId ChangeSet::Property(std::string_view name) {
  const auto known = catalog_->FindProperty(name);
  return known ? *known : PropertyId{WritableCatalog().properties.Intern(name)};
}

Error ChangeSet::AbsentVertex(VertexId id) const {
  return NotFound("there is no vertex " + std::to_string(id.value));
}

Result<VertexChange*> ChangeSet::Look(VertexId id) {
  if (IsNew(id)) {
    const uint64_t position = id.value - view_->head().next_vertex;
    if (position >= new_vertices_.size()) return AbsentVertex(id);
    return &new_vertices_[position];
  }
  const uint64_t hash = HashNumbers(id.value, 0);
  const uint32_t found = old_index_.Find(
      hash, [&](uint32_t position) { return old_vertices_[position].now.id == id; });
  if (found != PositionIndex::kNone) return &old_vertices_[found];

  VertexChange read;
  read.now.id = id;
  const rocks::Key key = rocks::VertexKey(id);
  rocksdb::PinnableSlice row;
  read.existed = read.exists = QIPU_TRY(view_->Get(rocks::Family::kVertices, key.bytes(), row));
  if (read.existed) {
    read.row_before.assign(row.data(), row.size());
    if (!rocks::DecodeVertexRow(read.row_before, read.now)) {
      return rocks::BadBytes(rocks::Family::kVertices, key.bytes());
    }
    read.labels_before = read.now.labels;
  }
  old_index_.Insert(hash, static_cast<uint32_t>(old_vertices_.size()));
  return &old_vertices_.emplace_back(std::move(read));
}

Result<VertexChange*> ChangeSet::Require(VertexId id) {
  VertexChange* vertex = QIPU_TRY(Look(id));
  if (!vertex->exists) return AbsentVertex(id);
  return vertex;
}

Result<bool> ChangeSet::Exists(VertexId id) {
  if (IsNew(id) && id.value - view_->head().next_vertex >= new_vertices_.size()) return false;
  return QIPU_TRY(Look(id))->exists;
}

KeyChange* ChangeSet::KnownKey(LabelId dictionary, std::string_view key) {
  const uint32_t found = key_index_.Find(HashKey(dictionary, key), [&](uint32_t position) {
    return keys_[position].dictionary == dictionary && keys_[position].key == key;
  });
  return found == PositionIndex::kNone ? nullptr : &keys_[found];
}

KeyChange& ChangeSet::AddKey(LabelId dictionary, std::string_view key,
                             std::optional<VertexId> stored) {
  key_index_.Insert(HashKey(dictionary, key), static_cast<uint32_t>(keys_.size()));
  return keys_.emplace_back(KeyChange{dictionary, std::string(key), stored, stored});
}

Result<KeyChange*> ChangeSet::LookKey(LabelId dictionary, std::string_view key) {
  if (KeyChange* known = KnownKey(dictionary, key)) return known;
  return &AddKey(dictionary, key, QIPU_TRY(view_->FindKey(dictionary, key)));
}

Status CheckDepth(const Value& value) {
  struct Level {
    static int Of(const Value& v) {
      if (v.AsList() == nullptr) return 0;
      int deepest = 0;
      for (const Value& item : *v.AsList()) deepest = std::max(deepest, Of(item));
      return deepest + 1;
    }
  };
  if (value.AsList() == nullptr || Level::Of(value) <= rocks::kListDepthMax) return Ok{};
  return InvalidArgument("a list nests deeper than " + std::to_string(rocks::kListDepthMax) +
                         " levels");
}

uint64_t SizeOf(const Value& value) {
  constexpr uint64_t kNumberBytes = 10;
  if (const auto* text = value.AsString()) return text->size() + kNumberBytes;
  if (value.AsList() == nullptr) return kNumberBytes;
  uint64_t size = kNumberBytes;
  for (const Value& item : *value.AsList()) size += SizeOf(item);
  return size;
}

}  // namespace qipu::graph::changes
