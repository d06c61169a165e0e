#include <unordered_set>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// The first row of the input for each combination of values.
class DistinctSource : public RowSource {
 public:
  DistinctSource(const DistinctPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override {
    seen_.clear();
    return input_->Start(row);
  }
  Result<bool> Next(Row& row) override {
    while (QIPU_TRY(input_->Next(row))) {
      std::string key;
      for (const Slot slot : plan_.slots) AppendGroupKey(row[slot], key);
      const uint64_t bytes = sizeof(std::string) + key.size();
      if (!seen_.insert(std::move(key)).second) continue;
      QIPU_TRY(run_.Hold(bytes));
      return true;
    }
    return false;
  }

 private:
  const DistinctPlan& plan_;
  SourcePtr input_;
  Execution& run_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

SourcePtr MakeDistinct(const DistinctPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<DistinctSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
