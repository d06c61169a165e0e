#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// The rows of the input after the first n, or only those.
class CutSource : public RowSource {
 public:
  CutSource(const CutPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override {
    left_ = QIPU_TRY(EvaluateCount(*plan_.count, row, run_));
    return input_->Start(row);
  }
  Result<bool> Next(Row& row) override {
    if (plan_.cut == Cut::kLimit) {
      if (left_ == 0) return false;
      --left_;
      return input_->Next(row);
    }
    for (; left_ > 0; --left_) {
      if (!QIPU_TRY(input_->Next(row))) return false;
    }
    return input_->Next(row);
  }

 private:
  const CutPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  uint64_t left_ = 0;
};

}  // namespace

SourcePtr MakeCut(const CutPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<CutSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
