#include <algorithm>

#include "graph/changes/changes.h"

namespace qipu::graph::changes {
namespace {

// Of one vertex in `vertices`, `keys` and `labels` together, beside its properties.
constexpr uint64_t kVertexBytes = 64;

/// `label` is no label of `labels` yet.
void InsertLabel(std::vector<LabelId>& labels, LabelId label) {
  labels.insert(std::upper_bound(labels.begin(), labels.end(), label), label);
}

}  // namespace

VertexChange& ChangeSet::NewVertex() {
  const uint64_t position = new_vertices_.size();
  VertexChange& vertex = new_vertices_.emplace_back();
  vertex.now.id = VertexId{view_->head().next_vertex + position};
  vertex.exists = vertex.touched = true;
  bytes_ += kVertexBytes;
  return vertex;
}

VertexId ChangeSet::CreateVertex() { return NewVertex().now.id; }

Result<VertexId> ChangeSet::MergeVertex(LabelId label, std::string_view key) {
  const LabelRule& rule = rules_.Of(label);
  if (!rule.key) {
    return InvalidArgument("label " + catalog_->NameOf(label) +
                           " has no key in the schema; give it one to merge its vertices");
  }
  if (key.empty() || key.size() > kKeyBytesMax) {
    return InvalidArgument("a key of label " + catalog_->NameOf(label) + " has " +
                           std::to_string(key.size()) + " bytes; allowed are 1 to " +
                           std::to_string(kKeyBytesMax));
  }
  KeyChange* entry = QIPU_TRY(LookKey(rule.dictionary, key));
  if (entry->now) {
    if (rule.dictionary != label) QIPU_TRY(AddLabel(*entry->now, label));
    return *entry->now;
  }
  // Room for the properties of a usual row, so that setting them one by one does not move them.
  constexpr size_t kUsualProperties = 12;
  VertexChange& vertex = NewVertex();
  vertex.now.labels.push_back(rule.dictionary);
  if (rule.dictionary != label) InsertLabel(vertex.now.labels, label);
  vertex.now.properties.reserve(kUsualProperties);
  vertex.now.properties.push_back({*rule.key, Value(key)});
  bytes_ += 2 * key.size();
  entry->now = vertex.now.id;
  return vertex.now.id;
}

Result<std::optional<VertexId>> ChangeSet::FindVertex(LabelId label, std::string_view key) {
  const LabelId dictionary = rules_.DictionaryOf(label);
  const KeyChange* entry = QIPU_TRY(LookKey(dictionary, key));
  if (!entry->now || dictionary == label) return entry->now;
  const VertexChange* vertex = QIPU_TRY(Look(*entry->now));
  return vertex->exists && vertex->now.Has(label) ? entry->now : std::nullopt;
}

Status ChangeSet::PrefetchKeys(LabelId label, std::span<const std::string_view> keys) {
  const LabelId dictionary = rules_.DictionaryOf(label);
  std::vector<std::string_view> unknown;
  for (const std::string_view key : keys) {
    if (KnownKey(dictionary, key) == nullptr) unknown.push_back(key);
  }
  const auto found = QIPU_TRY(view_->FindKeys(dictionary, unknown));
  for (size_t i = 0; i < unknown.size(); ++i) {
    if (KnownKey(dictionary, unknown[i]) == nullptr) AddKey(dictionary, unknown[i], found[i]);
  }
  return Ok{};
}

Result<std::optional<Vertex>> ChangeSet::GetVertex(VertexId id) {
  if (!QIPU_TRY(Exists(id))) return std::optional<Vertex>();
  return std::optional(QIPU_TRY(Look(id))->now);
}

Result<KeyChange*> ChangeSet::FreeKey(const VertexChange& vertex, LabelId dictionary,
                                      const Value& key) {
  const std::string* text = key.AsString();
  const std::string& name = catalog_->NameOf(dictionary);
  if (text == nullptr || text->empty() || text->size() > kKeyBytesMax) {
    return InvalidArgument("the key of a " + name + " must be a string of 1 to " +
                           std::to_string(kKeyBytesMax) + " bytes");
  }
  KeyChange* entry = QIPU_TRY(LookKey(dictionary, *text));
  if (entry->now && *entry->now != vertex.now.id) {
    return Error{ErrorCode::kAlreadyExists, "there is a " + name + " with key '" + *text +
                                                "' already, vertex " +
                                                std::to_string(entry->now->value)};
  }
  return entry;
}

Status ChangeSet::DropKey(const VertexChange& vertex, LabelId label) {
  const LabelRule& rule = rules_.Of(label);
  if (!rule.key || rule.dictionary != label) return Ok{};
  const Value* key = vertex.now.Find(*rule.key);
  if (key == nullptr) return Ok{};
  QIPU_TRY(LookKey(label, *key->AsString()))->now.reset();
  return Ok{};
}

Status ChangeSet::AddLabel(VertexId id, LabelId label) {
  VertexChange& vertex = *QIPU_TRY(Require(id));
  if (vertex.now.Has(label)) return Ok{};
  const LabelRule& rule = rules_.Of(label);
  const std::string& name = catalog_->NameOf(label);
  if (!rule.declared && rules_.closed()) {
    return InvalidArgument("the schema is closed and declares no label '" + name + "'");
  }
  for (const auto& [property, value] : vertex.now.properties) {
    if (rule.properties.Accepts(property, value)) continue;
    return InvalidArgument("property '" + NameOf(property) + "' of a " + name + " must be " +
                           std::string(ValueTypeName(rule.properties.TypeOf(property))) +
                           ", the vertex has " + std::string(ValueTypeName(value.type())));
  }
  // What refines a label has that label as well: its key is filed there.
  if (rule.declared && rule.dictionary != label) QIPU_TRY(AddLabel(id, rule.dictionary));
  if (rule.key && rule.dictionary == label) {
    const Value* key = vertex.now.Find(*rule.key);
    if (key != nullptr) QIPU_TRY(FreeKey(vertex, label, *key))->now = id;
  }
  InsertLabel(vertex.now.labels, label);
  vertex.touched = true;
  bytes_ += kVertexBytes / 4;
  return Ok{};
}

Status ChangeSet::RemoveLabel(VertexId id, LabelId label) {
  VertexChange& vertex = *QIPU_TRY(Require(id));
  if (!vertex.now.Has(label)) return Ok{};
  for (const LabelId other : vertex.now.labels) {
    if (other == label || rules_.DictionaryOf(other) != label) continue;
    return InvalidArgument("vertex " + std::to_string(id.value) + " is a " +
                           catalog_->NameOf(other) + ", which refines " + catalog_->NameOf(label) +
                           "; remove that label first");
  }
  QIPU_TRY(DropKey(vertex, label));
  std::erase(vertex.now.labels, label);
  vertex.touched = true;
  return Ok{};
}

Status ChangeSet::CheckProperty(const VertexChange& vertex, PropertyId id,
                                const Value& value) const {
  bool declared = false;
  for (const LabelId label : vertex.now.labels) {
    const PropertyRules& properties = rules_.Of(label).properties;
    declared = declared || properties.Declares(id);
    if (value.is_null() || properties.Accepts(id, value)) continue;
    return InvalidArgument("property '" + NameOf(id) + "' of a " + catalog_->NameOf(label) +
                           " must be " + std::string(ValueTypeName(properties.TypeOf(id))) +
                           ", not " + std::string(ValueTypeName(value.type())));
  }
  if (!declared && rules_.closed()) {
    return InvalidArgument("the schema is closed and declares no property '" + NameOf(id) +
                           "' for the labels of vertex " + std::to_string(vertex.now.id.value));
  }
  return CheckDepth(value);
}

Status ChangeSet::SetProperty(VertexId id, PropertyId property, Value value) {
  VertexChange& vertex = *QIPU_TRY(Require(id));
  QIPU_TRY(CheckProperty(vertex, property, value));
  std::vector<KeyChange*> entries;  // one per label that files this key, e.g. Province and City
  for (const LabelId label : vertex.now.labels) {
    const LabelRule& rule = rules_.Of(label);
    if (rule.key != property) continue;
    const Value* key = vertex.now.Find(property);
    if (key != nullptr && *key != value) {
      return InvalidArgument("'" + NameOf(property) + "' is the key of " + catalog_->NameOf(label) +
                             " '" + key->ToString() +
                             "' and can't be changed; make another vertex");
    }
    if (key != nullptr) return Ok{};
    if (value.is_null() || rule.dictionary != label) continue;
    entries.push_back(QIPU_TRY(FreeKey(vertex, label, value)));
  }
  for (KeyChange* entry : entries) entry->now = id;
  bytes_ += SizeOf(value);
  vertex.touched = true;
  graph::SetProperty(vertex.now.properties, property, std::move(value));
  return Ok{};
}

Result<std::vector<EdgeRef>> ChangeSet::EdgesAt(VertexId vertex, Direction direction) {
  QIPU_TRY(LoadLists(vertex, direction));
  ChainEdges();
  std::vector<EdgeTypeId> types;
  for (const ListState& list : lists_) {
    if (list.vertex == vertex && list.direction == direction) types.push_back(list.type);
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  std::vector<EdgeRef> edges;
  for (const EdgeTypeId type : types) {
    for (const rocks::ListEntry& other : QIPU_TRY(Neighbours(vertex, type, direction))) {
      edges.push_back(direction == Direction::kOut
                          ? EdgeRef{vertex, type, other.vertex, other.rank}
                          : EdgeRef{other.vertex, type, vertex, other.rank});
    }
  }
  return edges;
}

Status ChangeSet::DeleteVertex(VertexId id, DetachEdges detach) {
  VertexChange& vertex = *QIPU_TRY(Require(id));
  for (const Direction direction : {Direction::kOut, Direction::kIn}) {
    const std::vector<EdgeRef> edges = QIPU_TRY(EdgesAt(id, direction));
    if (!edges.empty() && detach == DetachEdges::kNo) {
      return InvalidArgument("vertex " + std::to_string(id.value) +
                             " still has edges; delete them first, or detach it");
    }
    for (const EdgeRef& edge : edges) QIPU_TRY(DeleteEdge(edge));
  }
  for (const LabelId label : vertex.now.labels) QIPU_TRY(DropKey(vertex, label));
  vertex.now.labels.clear();
  vertex.now.properties.clear();
  vertex.exists = false;
  vertex.touched = true;
  bytes_ += kVertexBytes;
  return Ok{};
}

}  // namespace qipu::graph::changes
