#include <algorithm>
#include <optional>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// As the index has it; null for what no index has.
std::optional<graph::Value> ToIndexed(const Datum& datum) {
  if (const auto* b = datum.AsBool()) return graph::Value(*b);
  if (const auto* i = datum.AsInt()) return graph::Value(*i);
  if (const auto* f = datum.AsFloat()) return graph::Value(*f);
  if (const auto* s = datum.AsString()) return graph::Value(*s);
  if (const auto* d = datum.AsDate()) return graph::Value(*d);
  return std::nullopt;
}

bool Passes(const Datum& value, Operator op, const Datum& bound) {
  if (op == Operator::kEqual) return Equals(value, bound) == Truth::kTrue;
  const auto order = Compare(value, bound);
  if (!order) return false;
  switch (op) {
    case Operator::kLess:
      return *order < 0;
    case Operator::kLessEqual:
      return *order <= 0;
    case Operator::kGreater:
      return *order > 0;
    default:
      return *order >= 0;
  }
}

/// For each row of the input, the vertices whose property passes the bounds, ascending by id.
class IndexScanSource : public RowSource {
 public:
  IndexScanSource(const IndexScanPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}

  Status Start(Row& row) override {
    ids_.clear();
    next_ = 0;
    cursor_.reset();
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    while (next_ == ids_.size()) {
      if (!QIPU_TRY(input_->Next(row))) return false;
      QIPU_TRY(Open(row));
    }
    const graph::VertexId vertex = ids_[next_++];
    if (cursor_) QIPU_TRY(Fetch(vertex));
    row[plan_.slot] = Datum(vertex);
    return true;
  }

 private:
  Status Open(Row& row) {
    next_ = 0;
    cursor_.reset();
    ids_.clear();
    std::vector<Datum> bounds;
    for (const auto& bound : plan_.bounds) {
      bounds.push_back(QIPU_TRY(Evaluate(bound.value, row, run_)));
    }
    const graph::Snapshot& snapshot = run_.graph().snapshot();
    if (std::any_of(bounds.begin(), bounds.end(),
                    [](const Datum& bound) { return bound.AsList(); })) {
      return ScanAll(bounds);
    }
    graph::ValueRange range;
    for (size_t i = 0; i < bounds.size(); ++i) {
      auto value = ToIndexed(bounds[i]);
      if (!value) return Ok{};  // no property equals null, a vertex or a map, or is above or below
      Narrow(range, plan_.bounds[i].op, *std::move(value));
    }
    ids_ = QIPU_TRY(snapshot.FindInRange(plan_.index, range));
    std::sort(ids_.begin(), ids_.end());
    // Many rows are quicker to walk than to look up one by one.
    constexpr uint64_t kLookUpAdvantage = 8;
    const uint64_t all = QIPU_TRY(snapshot.CountVertices(plan_.index.label));
    if (plan_.reads_rows && ids_.size() > all / kLookUpAdvantage) {
      cursor_.emplace(snapshot.ScanLabel(plan_.index.label));
    }
    return Ok{};
  }

  static void Narrow(graph::ValueRange& range, Operator op, graph::Value value) {
    const bool strict = op == Operator::kLess || op == Operator::kGreater;
    const graph::RangeBound bound{std::move(value), strict ? graph::RangeBound::Kind::kExclusive
                                                           : graph::RangeBound::Kind::kInclusive};
    if (op != Operator::kLess && op != Operator::kLessEqual) range.lower = bound;
    if (op != Operator::kGreater && op != Operator::kGreaterEqual) range.upper = bound;
  }

  /// Lists have no entries: they are compared row by row.
  Status ScanAll(const std::vector<Datum>& bounds) {
    graph::VertexCursor cursor = run_.graph().snapshot().ScanLabel(plan_.index.label);
    while (cursor.Next()) {
      const graph::Value* stored = cursor.vertex().Find(plan_.index.property);
      if (stored == nullptr) continue;
      const Datum value = Datum::FromValue(*stored);
      bool passes = true;
      for (size_t i = 0; i < bounds.size() && passes; ++i) {
        passes = Passes(value, plan_.bounds[i].op, bounds[i]);
      }
      if (passes) ids_.push_back(cursor.id());
    }
    return cursor.status();
  }

  /// Keeps the row of `vertex`, which the cursor has not passed yet.
  Status Fetch(graph::VertexId vertex) {
    while (cursor_->Next()) {
      if (cursor_->id() < vertex) continue;
      run_.graph().Keep(cursor_->vertex());
      return Ok{};
    }
    return cursor_->status();
  }

  const IndexScanPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  std::vector<graph::VertexId> ids_;
  size_t next_ = 0;
  std::optional<graph::VertexCursor> cursor_;
};

}  // namespace

SourcePtr MakeIndexScan(const IndexScanPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<IndexScanSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
