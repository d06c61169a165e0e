#include <algorithm>

#include "query/exec/exec.h"

namespace qipu::query {

Status EdgeWalk::Start(graph::VertexId at, std::optional<graph::VertexId> to) {
  at_ = at;
  to_ = to;
  direction_ =
      choice_->direction == ArrowDirection::kLeft ? graph::Direction::kIn : graph::Direction::kOut;
  last_direction_ = choice_->direction != ArrowDirection::kEither;
  next_ = end_ = type_ = 0;
  types_ = choice_->any_type ? QIPU_TRY(run_->graph().snapshot().EdgeTypesAt(at_, direction_))
                             : choice_->types;
  return Ok{};
}

Result<bool> EdgeWalk::NextList() {
  const graph::Snapshot& snapshot = run_->graph().snapshot();
  if (type_ == types_.size()) {
    if (last_direction_) return false;
    last_direction_ = true;
    direction_ = graph::Direction::kIn;
    type_ = 0;
    if (choice_->any_type) types_ = QIPU_TRY(snapshot.EdgeTypesAt(at_, direction_));
    if (types_.empty()) return false;
  }
  list_ = QIPU_TRY(snapshot.Neighbours(at_, types_[type_++], direction_));
  next_ = 0;
  end_ = list_.size();
  if (to_) {
    const auto less = [](const graph::Neighbour& a, const graph::Neighbour& b) {
      return a.vertex < b.vertex;
    };
    const auto [first, last] =
        std::equal_range(list_.begin(), list_.end(), graph::Neighbour{*to_, 0}, less);
    next_ = static_cast<size_t>(first - list_.begin());
    end_ = static_cast<size_t>(last - list_.begin());
  }
  return true;
}

Result<bool> EdgeWalk::Next() {
  const bool either = choice_->direction == ArrowDirection::kEither;
  while (true) {
    while (next_ == end_) {
      if (!QIPU_TRY(NextList())) return false;
    }
    const graph::Neighbour& neighbour = list_[next_++];
    const bool out = direction_ == graph::Direction::kOut;
    // A loop stands in both lists of its vertex; it is one edge.
    if (either && !out && neighbour.vertex == at_) continue;
    const graph::EdgeTypeId type = types_[type_ - 1];
    edge_ = out ? graph::EdgeRef{at_, type, neighbour.vertex, neighbour.rank}
                : graph::EdgeRef{neighbour.vertex, type, at_, neighbour.rank};
    far_ = neighbour.vertex;
    return true;
  }
}

bool IsUnlike(const graph::EdgeRef& edge, const std::vector<Slot>& slots, const Row& row) {
  return std::none_of(slots.begin(), slots.end(), [&](Slot slot) {
    if (const graph::EdgeRef* other = row[slot].AsEdge()) return *other == edge;
    const DatumList* list = row[slot].AsList();
    return list != nullptr && std::any_of(list->begin(), list->end(), [&](const Datum& other) {
             return other.AsEdge() != nullptr && *other.AsEdge() == edge;
           });
  });
}

Result<std::optional<graph::VertexId>> VertexIn(Slot slot, const Row& row) {
  if (const graph::VertexId* vertex = row[slot].AsVertex()) return std::optional(*vertex);
  if (row[slot].is_null()) return std::optional<graph::VertexId>();
  return WrongArgument("a pattern", "NODEs as its ends", row[slot]);
}

}  // namespace qipu::query
