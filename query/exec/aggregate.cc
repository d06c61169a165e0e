#include <unordered_map>
#include <unordered_set>

#include "query/exec/exec.h"

namespace qipu::query {
namespace {

/// One row per group of input rows, in the order the groups first appear. Without keys all rows are
/// one group, which is there even without rows.
class AggregateSource : public RowSource {
 public:
  AggregateSource(const AggregatePlan& plan, SourcePtr input, Execution& run)
      : plan_(plan), input_(std::move(input)), run_(run) {}

  Status Start(Row& row) override {
    groups_.clear();
    index_.clear();
    filled_ = false;
    next_ = 0;
    return input_->Start(row);
  }

  Result<bool> Next(Row& row) override {
    if (!filled_) QIPU_TRY(Fill(row));
    if (next_ == groups_.size()) return false;
    Group& group = groups_[next_++];
    for (size_t i = 0; i < plan_.keys.size(); ++i) {
      row[plan_.keys[i].slot] = std::move(group.keys[i]);
    }
    for (size_t i = 0; i < plan_.aggregates.size(); ++i) {
      row[plan_.aggregates[i].slot] = QIPU_TRY(group.aggregators[i]->Finish());
    }
    return true;
  }

 private:
  struct Group {
    std::vector<Datum> keys;
    std::vector<std::unique_ptr<Aggregator>> aggregators;
    std::vector<std::unordered_set<std::string>> seen;  // of the DISTINCT ones
  };

  Status Fill(Row& row) {
    filled_ = true;
    if (plan_.keys.empty()) QIPU_TRY(GroupOf({}));
    while (QIPU_TRY(input_->Next(row))) {
      std::vector<Datum> keys;
      keys.reserve(plan_.keys.size());
      for (const Assignment& key : plan_.keys) {
        keys.push_back(QIPU_TRY(Evaluate(key.value, row, run_)));
      }
      Group& group = *QIPU_TRY(GroupOf(std::move(keys)));
      for (size_t i = 0; i < plan_.aggregates.size(); ++i) {
        QIPU_TRY(Add(plan_.aggregates[i], i, group, row));
      }
    }
    return Ok{};
  }

  Result<Group*> GroupOf(std::vector<Datum> keys) {
    std::string text;
    for (const Datum& key : keys) AppendGroupKey(key, text);
    const auto [entry, is_new] = index_.try_emplace(std::move(text), groups_.size());
    if (is_new) {
      uint64_t bytes = sizeof(Group) + sizeof(*entry) + entry->first.size();
      for (const Datum& key : keys) bytes += key.Bytes();
      Group group;
      group.keys = std::move(keys);
      group.seen.resize(plan_.aggregates.size());
      for (const AggregateCall& call : plan_.aggregates) {
        group.aggregators.push_back(call.function->create());
        bytes += group.aggregators.back()->Bytes();
      }
      groups_.push_back(std::move(group));
      QIPU_TRY(run_.Hold(bytes));
    }
    return &groups_[entry->second];
  }

  Status Add(const AggregateCall& call, size_t index, Group& group, Row& row) {
    Datum value(true);  // count(*) counts rows, and any value that is not null will do
    if (call.argument) value = QIPU_TRY(Evaluate(*call.argument, row, run_));
    if (value.is_null()) return Ok{};
    if (call.distinct) {
      std::string key;
      AppendGroupKey(value, key);
      const uint64_t bytes = sizeof(std::string) + key.size();
      if (!group.seen[index].insert(std::move(key)).second) return Ok{};
      QIPU_TRY(run_.Hold(bytes));
    }
    Aggregator& aggregator = *group.aggregators[index];
    const uint64_t before = aggregator.Bytes();
    const Status added = aggregator.Add(value);
    if (!added.ok()) return run_.Complain(call.span, added.error().code, added.error().message);
    const uint64_t after = aggregator.Bytes();
    return after > before ? run_.Hold(after - before) : Ok{};
  }

  const AggregatePlan& plan_;
  SourcePtr input_;
  Execution& run_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, size_t> index_;
  bool filled_ = false;
  size_t next_ = 0;
};

}  // namespace

SourcePtr MakeAggregate(const AggregatePlan& plan, SourcePtr input, Execution& run) {
  return std::make_unique<AggregateSource>(plan, std::move(input), run);
}

}  // namespace qipu::query
