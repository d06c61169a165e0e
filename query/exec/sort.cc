#include <algorithm>
#include <optional>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// All rows of the input in order; rows that tie keep the order they came in. When only the first n
/// are asked for, about twice as many are held.
class SortSource : public RowSource {
 public:
  SortSource(const SortPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}

  Status Start(Row& row) override {
    rows_.clear();
    next_ = 0;
    filled_ = false;
    top_.reset();
    if (!plan_.top.empty()) {
      top_ = 0;
      for (const BoundExpr* count : plan_.top) {
        const uint64_t n = QIPU_TRY(EvaluateCount(*count, row, run_));
        top_ = n > UINT64_MAX - *top_ ? UINT64_MAX : *top_ + n;
      }
    }
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    if (!filled_) QIPU_TRY(Fill(row));
    if (next_ == rows_.size()) return false;
    Held& held = rows_[next_++];
    for (size_t i = 0; i < plan_.slots.size(); ++i) {
      row[plan_.slots[i]] = std::move(held.values[i]);
    }
    return true;
  }

 private:
  struct Held {
    std::vector<Datum> keys, values;
    uint64_t sequence = 0;
    uint64_t bytes = 0;
  };
  /// Rows beyond the wanted ones that are let pile up before they are thrown away together.
  static constexpr uint64_t kPile = 1024;

  bool Before(const Held& a, const Held& b) const {
    for (size_t i = 0; i < plan_.keys.size(); ++i) {
      const auto order = Order(a.keys[i], b.keys[i]);
      if (order != 0) return plan_.keys[i].descending ? order > 0 : order < 0;
    }
    return a.sequence < b.sequence;
  }

  Status Fill(Row& row) {
    filled_ = true;
    uint64_t sequence = 0;
    while (QIPU_TRY(input_->Next(row))) {
      Held held;
      held.sequence = sequence++;
      held.bytes = sizeof(Held);
      for (const SortKey& key : plan_.keys) {
        held.keys.push_back(QIPU_TRY(Evaluate(key.value, row, run_)));
        held.bytes += held.keys.back().Bytes();
      }
      for (const Slot slot : plan_.slots) {
        held.values.push_back(row[slot]);
        held.bytes += held.values.back().Bytes();
      }
      QIPU_TRY(run_.Hold(held.bytes));
      rows_.push_back(std::move(held));
      if (top_ && rows_.size() / 2 >= std::max(*top_, kPile)) Shrink();
    }
    const auto before = [this](const Held& a, const Held& b) { return Before(a, b); };
    std::sort(rows_.begin(), rows_.end(), before);
    return Ok{};
  }

  void Shrink() {
    const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(*top_);
    std::nth_element(rows_.begin(), end, rows_.end(),
                     [this](const Held& a, const Held& b) { return Before(a, b); });
    uint64_t bytes = 0;
    for (auto row = end; row != rows_.end(); ++row) bytes += row->bytes;
    rows_.erase(end, rows_.end());
    run_.Release(bytes);
  }

  const SortPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  std::optional<uint64_t> top_;
  std::vector<Held> rows_;
  bool filled_ = false;
  size_t next_ = 0;
};

}  // namespace

SourcePtr MakeSort(const SortPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<SortSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
