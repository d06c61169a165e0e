#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// The rows of each input after another.
class UnionSource : public RowSource {
 public:
  UnionSource(const UnionPlan& plan, std::vector<SourcePtr> inputs)
      : plan_(plan), inputs_(std::move(inputs)) {}
  Status Start(Row& row) override {
    at_ = 0;
    return inputs_[0]->Start(row);
  }
  Result<bool> Next(Row& row) override {
    while (at_ < inputs_.size()) {
      if (QIPU_TRY(inputs_[at_]->Next(row))) {
        for (size_t i = 0; i < plan_.slots.size(); ++i) {
          row[plan_.slots[i]] = row[plan_.inputs[at_][i]];
        }
        return true;
      }
      if (++at_ < inputs_.size()) QIPU_TRY(inputs_[at_]->Start(row));
    }
    return false;
  }

 private:
  const UnionPlan& plan_;
  std::vector<SourcePtr> inputs_;
  size_t at_ = 0;
};

}  // namespace

SourcePtr MakeUnion(const UnionPlan& plan, std::vector<SourcePtr> inputs) {
  return std::make_unique<UnionSource>(plan, std::move(inputs));
}

}  // namespace qipu::query
