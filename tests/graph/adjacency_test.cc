#include <gmock/gmock.h>
#include <rocksdb/merge_operator.h>

#include <deque>
#include <random>
#include <set>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

using Input = rocksdb::MergeOperator::MergeOperationInput;

List Of(std::initializer_list<Neighbour> entries) { return List(entries); }

TEST(Adjacency, GoldenBytes) {
  std::string list, delta;
  AppendList(list, Of({{{1}}, {{1}, 2}, {{200}}}));
  EXPECT_EQ(HexOf(list),
            "01"
            "02"
            "0102"
            "8e03");
  AppendDelta(delta, {Of({{{7}}}), Of({{{8}, 3}})});
  EXPECT_EQ(HexOf(delta),
            "02"
            "01"
            "0e"
            "1103");
  List back;
  ASSERT_TRUE(DecodeList(list, back));
  EXPECT_EQ(back, Of({{{1}}, {{1}, 2}, {{200}}}));
  ListDelta change;
  ASSERT_TRUE(DecodeDelta(delta, change));
  EXPECT_EQ(change, (ListDelta{Of({{{7}}}), Of({{{8}, 3}})}));
}

TEST(Adjacency, ReadsListsOfAnyLengthAsWritten) {
  List list;
  for (uint64_t i = 0; i < 300; ++i) {
    std::string bytes;
    AppendList(bytes, list);
    List back;
    ASSERT_TRUE(DecodeList(bytes, back)) << i;
    EXPECT_EQ(back, list);
    // Steps of one byte and of many, ranks up to the greatest.
    const uint64_t step = uint64_t{1} << (i % 55);
    list.push_back({{list.empty() ? 0 : list.back().vertex.value + step},
                    i % 3 == 0 ? UINT32_MAX - static_cast<uint32_t>(i) : 0});
  }
}

TEST(Adjacency, RefusesBadBytes) {
  const std::string big = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x05";  // a step of 2^63-1
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"nothing", ""},
      {"a delta", std::string("\x02\x00", 2)},
      {"unknown tag", "\x03"},
      {"same entry twice", std::string("\x01\x02\x00", 3)},
      {"rank 0 written", std::string("\x01\x03\x00", 3)},
      {"rank missing", "\x01\x03"},
      {"rank over 32 bits", "\x01\x03\xff\xff\xff\xff\x1f"},
      {"cut varint", "\x01\x82"},
      {"id over 64 bits", '\x01' + big + big + big},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    List list;
    EXPECT_FALSE(DecodeList(c.bytes, list));
  }
  ListDelta delta;
  EXPECT_FALSE(DecodeDelta(std::string("\x02\x05\x02", 3), delta));  // fewer deletes than told
  EXPECT_FALSE(DecodeDelta("\x01", delta));
}

/// Random steps on a model set, cut into deltas that are folded in random groups by the merge
/// operator: the list must be the model's at the end.
TEST(Merge, AgreesWithASetForAnyGrouping) {
  std::mt19937 generator(7);
  const auto below = [&generator](uint32_t bound) {
    return static_cast<uint32_t>(generator() % bound);
  };
  const auto entry = [&below] { return Neighbour{{below(40)}, below(2)}; };
  const auto merge = ListMergeOperator();
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    std::set<Neighbour> model;
    std::string base;
    const bool has_base = below(2) == 0;
    if (has_base) {
      for (int i = 0; i < 20; ++i) model.insert(entry());
      AppendList(base, List(model.begin(), model.end()));
    }
    std::deque<std::string> operands;
    for (uint32_t n = below(12); n > 0; --n) {
      std::set<Neighbour> deletes, adds;
      for (uint32_t i = below(6); i > 0; --i) deletes.insert(entry());
      for (uint32_t i = below(6); i > 0; --i) adds.insert(entry());
      for (const Neighbour& gone : deletes) model.erase(gone);
      model.insert(adds.begin(), adds.end());
      AppendDelta(operands.emplace_back(),
                  {List(deletes.begin(), deletes.end()), List(adds.begin(), adds.end())});
    }
    while (operands.size() >= 2 && below(4) != 0) {
      const size_t first = below(static_cast<uint32_t>(operands.size() - 1));
      std::string folded;
      ASSERT_TRUE(merge->PartialMerge("k", operands[first], operands[first + 1], &folded, nullptr));
      operands[first] = folded;
      operands.erase(operands.begin() + static_cast<ptrdiff_t>(first) + 1);
    }
    const rocksdb::Slice base_slice(base);
    const std::vector<rocksdb::Slice> slices(operands.begin(), operands.end());
    std::string result;
    rocksdb::Slice existing;
    rocksdb::MergeOperator::MergeOperationOutput output(result, existing);
    ASSERT_TRUE(
        merge->FullMergeV2(Input("k", has_base ? &base_slice : nullptr, slices, nullptr), &output));
    List list;
    ASSERT_TRUE(DecodeList(result, list));
    EXPECT_EQ(list, List(model.begin(), model.end()));
  }
}

TEST(Merge, RefusesBadOperands) {
  std::string result;
  rocksdb::Slice existing;
  rocksdb::MergeOperator::MergeOperationOutput output(result, existing);
  const std::vector<rocksdb::Slice> bad = {"\x07"};
  EXPECT_FALSE(ListMergeOperator()->FullMergeV2(Input("k", nullptr, bad, nullptr), &output));
  EXPECT_FALSE(ListMergeOperator()->PartialMerge("k", "\x07", "\x07", &result, nullptr));
}

}  // namespace
}  // namespace qipu::graph::rocks
