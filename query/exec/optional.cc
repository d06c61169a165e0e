#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// For each row of the input, the rows of a pattern; where it has none, one with nulls.
class OptionalSource : public RowSource {
 public:
  OptionalSource(const OptionalPlan& plan, std::vector<SourcePtr> inputs)
      : plan_(plan), input_(std::move(inputs[0])), pattern_(std::move(inputs[1])) {}
  Status Start(Row& row) override {
    open_ = false;
    return input_->Start(row);
  }
  Result<bool> Next(Row& row) override {
    while (true) {
      bool fresh = false;
      if (!open_) {
        if (!QIPU_TRY(input_->Next(row))) return false;
        QIPU_TRY(pattern_->Start(row));
        open_ = fresh = true;
      }
      if (QIPU_TRY(pattern_->Next(row))) return true;
      open_ = false;
      if (!fresh) continue;
      for (const Slot slot : plan_.slots) row[slot] = Datum();
      return true;
    }
  }

 private:
  const OptionalPlan& plan_;
  SourcePtr input_, pattern_;
  bool open_ = false;
};

}  // namespace

SourcePtr MakeOptional(const OptionalPlan& plan, std::vector<SourcePtr> inputs) {
  return std::make_unique<OptionalSource>(plan, std::move(inputs));
}

}  // namespace qipu::query
