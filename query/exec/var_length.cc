#include <algorithm>
#include <set>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// For each row of the input, every trail (no edge twice) from a vertex whose length is in range,
/// depth first.
class VarLengthSource : public RowSource {
 public:
  VarLengthSource(const ExpandPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}

  Status Start(Row& row) override {
    Clear();
    open_ = false;
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    while (true) {
      if (!open_) {
        if (!QIPU_TRY(Open(row))) return false;
        if (plan_.hops->min == 0 && Arrives(from_)) {
          Give(from_, row);
          return true;
        }
      }
      while (!walks_.empty()) {
        if (QIPU_TRY(Step(row))) return true;
      }
      open_ = false;
    }
  }

 private:
  void Clear() {
    walks_.clear();
    trail_.clear();
    taken_.clear();
  }

  Result<bool> Open(Row& row) {
    Clear();
    while (QIPU_TRY(input_->Next(row))) {
      const auto from = QIPU_TRY(VertexIn(plan_.from, row));
      if (!from) continue;
      to_.reset();
      if (plan_.far == Far::kBound) {
        to_ = QIPU_TRY(VertexIn(plan_.to, row));
        if (!to_) continue;
      }
      wanted_.clear();
      for (const PropertyCondition& condition : plan_.conditions) {
        wanted_.push_back(QIPU_TRY(Evaluate(condition.value, row, run_)));
      }
      from_ = *from;
      open_ = true;
      if (plan_.hops->max.value_or(1) > 0) QIPU_TRY(Descend(from_));
      return true;
    }
    return false;
  }

  Status Descend(graph::VertexId at) {
    walks_.emplace_back(plan_.choice, run_);
    return walks_.back().Start(at, std::nullopt);
  }

  bool Arrives(graph::VertexId at) const { return !to_ || *to_ == at; }

  /// Tries one more edge; whether the trail with it is one of those asked for.
  Result<bool> Step(Row& row) {
    if (trail_.size() == walks_.size()) {  // back from deeper: give up the last edge
      taken_.erase(trail_.back());
      trail_.pop_back();
    }
    EdgeWalk& walk = walks_.back();
    if (!QIPU_TRY(walk.Next())) {
      walks_.pop_back();
      return false;
    }
    const graph::EdgeRef edge = walk.edge();
    const graph::VertexId far = walk.far();
    if (taken_.contains(edge) || !IsUnlike(edge, plan_.unlike, row)) return false;
    if (!QIPU_TRY(Meets(edge))) return false;
    if (trail_.size() >= kPathHopsMax) {
      return Error{ErrorCode::kRefused, "a path of more than " + std::to_string(kPathHopsMax) +
                                            " hops; give the pattern an upper bound"};
    }
    trail_.push_back(edge);
    taken_.insert(edge);
    const bool wanted = trail_.size() >= plan_.hops->min && Arrives(far);
    if (wanted) Give(far, row);
    if (!plan_.hops->max || trail_.size() < *plan_.hops->max) QIPU_TRY(Descend(far));
    return wanted;
  }

  Result<bool> Meets(const graph::EdgeRef& edge) {
    for (size_t i = 0; i < plan_.conditions.size(); ++i) {
      const auto property = plan_.conditions[i].property;
      if (!property) return false;
      const Datum value = QIPU_TRY(run_.graph().PropertyOf(edge, *property));
      if (Equals(value, wanted_[i]) != Truth::kTrue) return false;
    }
    return true;
  }

  void Give(graph::VertexId far, Row& row) const {
    DatumList edges;
    edges.reserve(trail_.size());
    for (const graph::EdgeRef& edge : trail_) edges.emplace_back(edge);
    if (plan_.backwards) std::reverse(edges.begin(), edges.end());
    row[plan_.edge] = Datum(std::move(edges));
    if (plan_.far == Far::kNew) row[plan_.to] = Datum(far);
  }

  const ExpandPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  bool open_ = false;
  graph::VertexId from_;
  std::optional<graph::VertexId> to_;
  std::vector<Datum> wanted_;
  std::vector<EdgeWalk> walks_;  // one per hop, and one for the hop to try
  std::vector<graph::EdgeRef> trail_;
  std::set<graph::EdgeRef> taken_;  // the edges of the trail
};

}  // namespace

SourcePtr MakeVarLengthExpand(const ExpandPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<VarLengthSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
