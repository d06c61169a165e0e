#include <algorithm>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// For each row of the input, the edges at a vertex and the vertices at their other ends.
class ExpandSource : public RowSource {
 public:
  ExpandSource(const ExpandPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), walk_(plan.choice, run) {}

  Status Start(Row& row) override {
    open_ = false;
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    while (true) {
      if (!open_ && !QIPU_TRY(Open(row))) return false;
      while (QIPU_TRY(walk_.Next())) {
        if (!IsUnlike(walk_.edge(), plan_.unlike, row)) continue;
        row[plan_.edge] = Datum(walk_.edge());
        if (plan_.far == Far::kNew) row[plan_.to] = Datum(walk_.far());
        return true;
      }
      open_ = false;
    }
  }

 private:
  /// Takes input rows until one has the vertices to start from.
  Result<bool> Open(Row& row) {
    while (QIPU_TRY(input_->Next(row))) {
      const auto from = QIPU_TRY(VertexIn(plan_.from, row));
      if (!from) continue;
      std::optional<graph::VertexId> to;
      if (plan_.far == Far::kBound) {
        to = QIPU_TRY(VertexIn(plan_.to, row));
        if (!to) continue;
      }
      QIPU_TRY(walk_.Start(*from, to));
      open_ = true;
      return true;
    }
    return false;
  }

  const ExpandPlan& plan_;
  SourcePtr input_;
  EdgeWalk walk_;
  bool open_ = false;
};

/// For each row of the input, its edge seen along the pattern: both ways round when the pattern has
/// no direction.
class BoundEdgeSource : public RowSource {
 public:
  BoundEdgeSource(const BoundEdgePlan& plan, SourcePtr input)
      : plan_(plan), input_(std::move(input)) {}

  Status Start(Row& row) override {
    ways_.clear();
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    while (true) {
      while (!ways_.empty()) {
        const auto [first, second] = ways_.back();
        ways_.pop_back();
        if (!Fits(plan_.first_far, plan_.first, first, row)) continue;
        if (plan_.first_far == Far::kNew) row[plan_.first] = Datum(first);
        if (plan_.second == plan_.first ? first != second
                                        : !Fits(plan_.second_far, plan_.second, second, row)) {
          continue;
        }
        if (plan_.second_far == Far::kNew) row[plan_.second] = Datum(second);
        return true;
      }
      if (!QIPU_TRY(input_->Next(row))) return false;
      QIPU_TRY(Open(row));
    }
  }

 private:
  static bool Fits(Far far, Slot slot, graph::VertexId vertex, const Row& row) {
    return far == Far::kNew || (row[slot].AsVertex() && *row[slot].AsVertex() == vertex);
  }

  Status Open(const Row& row) {
    if (row[plan_.edge].is_null()) return Ok{};
    const graph::EdgeRef* edge = row[plan_.edge].AsEdge();
    if (edge == nullptr) return WrongArgument("a pattern", "RELATIONSHIPs", row[plan_.edge]);
    const EdgeChoice& choice = plan_.choice;
    if (!choice.any_type &&
        !std::binary_search(choice.types.begin(), choice.types.end(), edge->type)) {
      return Ok{};
    }
    if (!IsUnlike(*edge, plan_.unlike, row)) return Ok{};
    const bool loop = edge->source == edge->target;
    if (choice.direction != ArrowDirection::kRight &&
        !(loop && choice.direction == ArrowDirection::kEither)) {
      ways_.emplace_back(edge->target, edge->source);
    }
    if (choice.direction != ArrowDirection::kLeft) ways_.emplace_back(edge->source, edge->target);
    return Ok{};
  }

  const BoundEdgePlan& plan_;
  SourcePtr input_;
  std::vector<std::pair<graph::VertexId, graph::VertexId>> ways_;
};

}  // namespace

SourcePtr MakeExpand(const ExpandPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<ExpandSource>(plan, std::move(input), run);
}

SourcePtr MakeBoundEdge(const BoundEdgePlan& plan, SourcePtr input, Execution&) {
  return std::make_unique<BoundEdgeSource>(plan, std::move(input));
}

}  // namespace qipu::query
