#include <optional>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

class UnitSource : public RowSource {
 public:
  Status Start(Row&) override {
    given_ = false;
    return Ok{};
  }
  Result<bool> Next(Row&) override { return !std::exchange(given_, true); }

 private:
  bool given_ = false;
};

/// For each row of the input, every vertex there is or every one of a label, ascending by id.
class VertexScan : public RowSource {
 public:
  VertexScan(const ScanPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}

  Status Start(Row& row) override {
    open_ = false;
    cursor_.reset();
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    while (true) {
      if (!open_) {
        if (!QIPU_TRY(input_->Next(row))) return false;
        QIPU_TRY(Open());
      }
      if (const auto vertex = QIPU_TRY(Step())) {
        row[plan_.slot] = Datum(*vertex);
        return true;
      }
      open_ = false;
    }
  }

 private:
  bool by_id() const { return plan_.source == ScanSource::kLabel && !plan_.reads_rows; }

  Status Open() {
    open_ = true;
    if (plan_.source == ScanSource::kNothing) return Ok{};
    const graph::Snapshot& snapshot = run_.graph().snapshot();
    if (by_id()) {
      // Read once; a scan under other rows walks the same list again.
      if (!ids_) ids_ = QIPU_TRY(snapshot.VerticesOf(plan_.label));
      next_ = 0;
    } else {
      cursor_ = plan_.source == ScanSource::kLabel ? snapshot.ScanLabel(plan_.label)
                                                   : snapshot.ScanVertices();
    }
    return Ok{};
  }

  Result<std::optional<graph::VertexId>> Step() {
    std::optional<graph::VertexId> vertex;
    if (by_id()) {
      if (next_ < ids_->size()) vertex = (*ids_)[next_++];
    } else if (cursor_) {
      if (cursor_->Next()) {
        vertex = cursor_->id();
        if (plan_.reads_rows) run_.graph().Keep(cursor_->vertex());
      } else if (!cursor_->status().ok()) {
        return cursor_->status().error();
      }
    }
    return vertex;
  }

  const ScanPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  bool open_ = false;
  std::optional<graph::VertexCursor> cursor_;
  std::optional<std::vector<graph::VertexId>> ids_;
  size_t next_ = 0;
};

/// For each row of the input, the vertex with that key, if there is one.
class KeyLookupSource : public RowSource {
 public:
  KeyLookupSource(const KeyLookupPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override { return input_->Start(row); }
  Result<bool> Next(Row& row) override {
    while (QIPU_TRY(input_->Next(row))) {
      const Datum key = QIPU_TRY(Evaluate(plan_.key, row, run_));
      const std::string* text = key.AsString();
      if (text == nullptr) continue;  // keys are strings, and nothing else equals one
      const auto found = QIPU_TRY(run_.graph().snapshot().FindVertex(plan_.label, *text));
      if (!found) continue;
      row[plan_.slot] = Datum(*found);
      return true;
    }
    return false;
  }

 private:
  const KeyLookupPlan& plan_;
  SourcePtr input_;
  Execution& run_;
};

/// One row with a count of the store.
class CountSource : public RowSource {
 public:
  CountSource(const CountPlan& plan, Execution& run) : plan_(plan), run_(run) {}
  Status Start(Row&) override {
    given_ = false;
    return Ok{};
  }
  Result<bool> Next(Row& row) override {
    if (std::exchange(given_, true)) return false;
    const graph::Snapshot& snapshot = run_.graph().snapshot();
    uint64_t count = 0;
    if (plan_.all) {
      count = QIPU_TRY(plan_.counted == Counted::kVertices ? snapshot.CountVertices()
                                                           : snapshot.CountEdges());
    }
    for (const graph::LabelId label : plan_.labels)
      count += QIPU_TRY(snapshot.CountVertices(label));
    for (const graph::EdgeTypeId type : plan_.types) count += QIPU_TRY(snapshot.CountEdges(type));
    row[plan_.slot] = Datum(static_cast<int64_t>(count));
    return true;
  }

 private:
  const CountPlan& plan_;
  Execution& run_;
  bool given_ = false;
};

}  // namespace

SourcePtr MakeUnit() { return std::make_unique<UnitSource>(); }

SourcePtr MakeScan(const ScanPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<VertexScan>(plan, std::move(input), run);
}

SourcePtr MakeKeyLookup(const KeyLookupPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<KeyLookupSource>(plan, std::move(input), run);
}

SourcePtr MakeCount(const CountPlan& plan, Execution& run) {
  return std::make_unique<CountSource>(plan, run);
}

}  // namespace qipu::query
