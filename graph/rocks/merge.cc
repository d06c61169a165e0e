#include <rocksdb/merge_operator.h>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class ListMerge : public rocksdb::MergeOperator {
 public:
  const char* Name() const override { return "qipu.list.3"; }

  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override {
    List list;
    if (input.existing_value != nullptr && !DecodeList(ViewOf(*input.existing_value), list)) {
      return false;
    }
    std::vector<ListDelta> deltas(input.operand_list.size());
    for (size_t i = 0; i < deltas.size(); ++i) {
      if (!DecodeDelta(ViewOf(input.operand_list[i]), deltas[i])) return false;
    }
    output->new_value.clear();
    AppendList(output->new_value, ApplyDelta(list, ComposeDeltas(deltas)));
    return true;
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                         std::string* result, rocksdb::Logger*) const override {
    std::vector<ListDelta> deltas(operands.size());
    for (size_t i = 0; i < deltas.size(); ++i) {
      if (!DecodeDelta(ViewOf(operands[i]), deltas[i])) return false;
    }
    result->clear();
    AppendDelta(*result, ComposeDeltas(deltas));
    return true;
  }

  bool PartialMerge(const rocksdb::Slice& key, const rocksdb::Slice& older,
                    const rocksdb::Slice& newer, std::string* result,
                    rocksdb::Logger* logger) const override {
    return PartialMergeMulti(key, {older, newer}, result, logger);
  }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> ListMergeOperator() {
  static const auto kOperator = std::make_shared<ListMerge>();
  return kOperator;
}

}  // namespace qipu::graph::rocks
