#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// The rows of the input for which all conditions are true.
class FilterSource : public RowSource {
 public:
  FilterSource(const FilterPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override { return input_->Start(row); }
  Result<bool> Next(Row& row) override {
    while (QIPU_TRY(input_->Next(row))) {
      if (QIPU_TRY(Passes(row))) return true;
    }
    return false;
  }

 private:
  Result<bool> Passes(Row& row) {
    for (const BoundExpr& condition : plan_.conditions) {
      if (QIPU_TRY(EvaluateCondition(condition, row, run_)) != Truth::kTrue) return false;
    }
    return true;
  }

  const FilterPlan& plan_;
  SourcePtr input_;
  Execution& run_;
};

}  // namespace

SourcePtr MakeFilter(const FilterPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<FilterSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
