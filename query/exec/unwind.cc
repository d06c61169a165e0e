#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// For each row of the input, a row per element of a list; none for null, one for another value.
class UnwindSource : public RowSource {
 public:
  UnwindSource(const UnwindPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override {
    list_ = Datum();
    next_ = 0;
    return input_->Start(row);
  }
  Result<bool> Next(Row& row) override {
    while (list_.AsList() == nullptr || next_ == list_.AsList()->size()) {
      if (!QIPU_TRY(input_->Next(row))) return false;
      list_ = QIPU_TRY(Evaluate(plan_.list, row, run_));
      next_ = 0;
      if (list_.is_null() || list_.AsList() != nullptr) continue;
      row[plan_.slot] = std::move(list_);
      list_ = Datum();
      return true;
    }
    row[plan_.slot] = (*list_.AsList())[next_++];
    return true;
  }

 private:
  const UnwindPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  Datum list_;
  size_t next_ = 0;
};

}  // namespace

SourcePtr MakeUnwind(const UnwindPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<UnwindSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
