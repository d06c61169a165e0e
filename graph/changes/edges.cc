#include <algorithm>

#include "graph/changes/changes.h"

namespace qipu::graph::changes {
namespace {

// Of one edge in `out` and `in` together, beside its properties.
constexpr uint64_t kEdgeBytes = 48;

uint64_t HashOf(const EdgeRef& edge) {
  return HashNumbers(HashNumbers(edge.source.value, edge.type.value),
                     HashNumbers(edge.target.value, edge.rank));
}

rocks::ListEntry OtherEnd(const EdgeRef& edge, Direction direction) {
  return {direction == Direction::kOut ? edge.target : edge.source, edge.rank, edge.type};
}

}  // namespace

uint32_t ChangeSet::FindEdgeChange(const EdgeRef& edge) const {
  return edge_index_.Find(HashOf(edge),
                          [&](uint32_t position) { return edges_[position].edge == edge; });
}

uint32_t ChangeSet::ListAt(VertexId vertex, EdgeTypeId type, Direction direction) {
  const uint64_t side = direction == Direction::kOut ? 0 : 1;
  const uint64_t hash = HashNumbers(vertex.value, uint64_t{type.value} << 1 | side);
  const uint32_t found = list_index_.Find(hash, [&](uint32_t position) {
    const ListState& list = lists_[position];
    return list.vertex == vertex && list.type == type && list.direction == direction;
  });
  if (found != PositionIndex::kNone) return found;
  const auto position = static_cast<uint32_t>(lists_.size());
  list_index_.Insert(hash, position);
  ListState& list = lists_.emplace_back();
  list.vertex = vertex;
  list.type = type;
  list.direction = direction;
  list.loaded = IsNew(vertex);
  return position;
}

Result<uint32_t> ChangeSet::LoadedListAt(VertexId vertex, EdgeTypeId type, Direction direction) {
  const uint32_t position = ListAt(vertex, type, direction);
  ListState& list = lists_[position];
  if (!list.loaded) {
    list.stored = QIPU_TRY(view_->ReadList(rocks::AdjacencyFamily(direction), vertex, type));
    list.loaded = true;
  }
  return position;
}

/// Those of all types by one read.
Status ChangeSet::LoadLists(VertexId vertex, Direction direction) {
  if (IsNew(vertex)) return Ok{};
  const auto all = QIPU_TRY(view_->ReadList(rocks::AdjacencyFamily(direction), vertex));
  for (std::span<const rocks::ListEntry> rest = all; !rest.empty();) {
    const auto group = rocks::FirstGroup(rest);
    rest = rest.subspan(group.size());
    ListState& list = lists_[ListAt(vertex, group.front().type, direction)];
    if (!list.loaded) list.stored.assign(group.begin(), group.end());
    list.loaded = true;
  }
  return Ok{};
}

/// Brings the chains up to date. They are made only for those who read lists: a load does not.
void ChangeSet::ChainEdges() {
  for (; chained_edges_ < edges_.size(); ++chained_edges_) {
    EdgeChange& change = edges_[chained_edges_];
    for (const Direction direction : {Direction::kOut, Direction::kIn}) {
      const VertexId end = direction == Direction::kOut ? change.edge.source : change.edge.target;
      ListState& list = lists_[ListAt(end, change.edge.type, direction)];
      change.next[static_cast<size_t>(direction)] = list.head;
      list.head = chained_edges_;
    }
  }
}

Result<bool> ChangeSet::EdgeIsStored(const EdgeRef& edge) {
  if (IsNew(edge.source) || IsNew(edge.target)) return false;
  const uint32_t position = QIPU_TRY(LoadedListAt(edge.source, edge.type, Direction::kOut));
  const rocks::List& stored = lists_[position].stored;
  return std::binary_search(stored.begin(), stored.end(), OtherEnd(edge, Direction::kOut));
}

Result<EdgeChange*> ChangeSet::LookEdge(const EdgeRef& edge) {
  const uint32_t found = FindEdgeChange(edge);
  if (found != PositionIndex::kNone) return &edges_[found];
  EdgeChange read;
  read.edge = edge;
  read.existed = read.exists = QIPU_TRY(EdgeIsStored(edge));
  if (read.existed) {
    read.properties_before = QIPU_TRY(view_->ReadEdge(edge)).value_or("");
    if (!read.properties_before.empty() &&
        !rocks::DecodeProperties(read.properties_before, read.now)) {
      return rocks::BadBytes(rocks::Family::kOut, rocks::VertexKey(edge.source).bytes());
    }
  }
  edge_index_.Insert(HashOf(edge), static_cast<uint32_t>(edges_.size()));
  return &edges_.emplace_back(std::move(read));
}

Status ChangeSet::CheckEdge(const EdgeRef& edge, const Properties& properties) {
  const Vertex& source = QIPU_TRY(Require(edge.source))->now;
  const Vertex& target = QIPU_TRY(Require(edge.target))->now;
  const EdgeRule& rule = rules_.Of(edge.type);
  const std::string& name = catalog_->NameOf(edge.type);
  if (!rule.declared && rules_.closed()) {
    return InvalidArgument("the schema is closed and declares no edge type '" + name + "'");
  }
  const bool allowed =
      rule.ends.empty() || std::any_of(rule.ends.begin(), rule.ends.end(), [&](const auto& ends) {
        return source.Has(ends.first) && target.Has(ends.second);
      });
  if (!allowed) {
    return InvalidArgument("the schema allows no " + name + " from vertex " +
                           std::to_string(source.id.value) + " to vertex " +
                           std::to_string(target.id.value) + ": their labels are not its ends");
  }
  for (const auto& [property, value] : properties) {
    if (rules_.closed() && !rule.properties.Declares(property)) {
      return InvalidArgument("the schema is closed and declares no property '" + NameOf(property) +
                             "' for " + name);
    }
    if (!value.is_null() && !rule.properties.Accepts(property, value)) {
      return InvalidArgument("property '" + NameOf(property) + "' of " + name + " must be " +
                             std::string(ValueTypeName(rule.properties.TypeOf(property))) +
                             ", not " + std::string(ValueTypeName(value.type())));
    }
    QIPU_TRY(CheckDepth(value));
  }
  return Ok{};
}

Status ChangeSet::PutEdge(const EdgeRef& edge, Properties properties) {
  QIPU_TRY(CheckEdge(edge, properties));
  EdgeChange* change = QIPU_TRY(LookEdge(edge));
  bytes_ += kEdgeBytes;
  for (const auto& property : properties) bytes_ += SizeOf(property.value);
  change->now = Canonical(std::move(properties));
  change->exists = true;
  return Ok{};
}

Result<EdgeRef> ChangeSet::CreateEdge(VertexId source, EdgeTypeId type, VertexId target,
                                      Properties properties) {
  EdgeRef edge{source, type, target};
  QIPU_TRY(CheckEdge(edge, properties));
  for (const rocks::ListEntry& other : QIPU_TRY(Neighbours(source, type, Direction::kOut))) {
    if (other.vertex != target) continue;
    if (other.rank == UINT32_MAX) {
      return InvalidArgument("no rank is left for another edge between vertices " +
                             std::to_string(source.value) + " and " + std::to_string(target.value));
    }
    edge.rank = other.rank + 1;
  }
  QIPU_TRY(PutEdge(edge, std::move(properties)));
  return edge;
}

Status ChangeSet::DeleteEdge(const EdgeRef& edge) {
  QIPU_TRY(Require(edge.source));
  QIPU_TRY(Require(edge.target));
  EdgeChange* change = QIPU_TRY(LookEdge(edge));
  if (!change->exists) {
    return NotFound("there is no " + catalog_->NameOf(edge.type) + " from vertex " +
                    std::to_string(edge.source.value) + " to vertex " +
                    std::to_string(edge.target.value) + " of rank " + std::to_string(edge.rank));
  }
  change->exists = false;
  change->now.clear();
  bytes_ += kEdgeBytes;
  return Ok{};
}

Result<rocks::List> ChangeSet::Neighbours(VertexId vertex, EdgeTypeId type, Direction direction) {
  ChainEdges();
  const uint32_t position = QIPU_TRY(LoadedListAt(vertex, type, direction));
  const ListState& list = lists_[position];
  rocks::ListDelta delta;
  for (uint32_t at = list.head; at != PositionIndex::kNone;
       at = edges_[at].next[static_cast<size_t>(direction)]) {
    const EdgeChange& change = edges_[at];
    (change.exists ? delta.adds : delta.deletes).push_back(OtherEnd(change.edge, direction));
  }
  std::sort(delta.adds.begin(), delta.adds.end());
  std::sort(delta.deletes.begin(), delta.deletes.end());
  return rocks::ApplyDelta(list.stored, delta);
}

Result<Properties> ChangeSet::EdgeProperties(const EdgeRef& edge) {
  for (const VertexId end : {edge.source, edge.target}) {
    if (!QIPU_TRY(Exists(end))) return Properties();
  }
  return QIPU_TRY(LookEdge(edge))->now;
}

}  // namespace qipu::graph::changes
