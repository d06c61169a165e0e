#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// The rows of the input with more values computed.
class ProjectSource : public RowSource {
 public:
  ProjectSource(const ProjectPlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}
  Status Start(Row& row) override { return input_->Start(row); }
  Result<bool> Next(Row& row) override {
    if (!QIPU_TRY(input_->Next(row))) return false;
    for (const Assignment& assignment : plan_.assignments) {
      row[assignment.slot] = QIPU_TRY(Evaluate(assignment.value, row, run_));
    }
    return true;
  }

 private:
  const ProjectPlan& plan_;
  SourcePtr input_;
  Execution& run_;
};

}  // namespace

SourcePtr MakeProject(const ProjectPlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<ProjectSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
