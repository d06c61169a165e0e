#include <gmock/gmock.h>
#include <rocksdb/merge_operator.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

using namespace std::string_literals;

using Input = rocksdb::MergeOperator::MergeOperationInput;

List Of(std::initializer_list<ListEntry> entries) { return List(entries); }

TEST(Adjacency, GoldenBytes) {
  std::string list, delta;
  const List entries = Of({{{1}}, {{1}, 2}, {{200}}, {{4}, 0, {9}}});
  AppendList(list, entries);
  EXPECT_EQ(HexOf(list),
            "01"
            "0005"
            "02"
            "0102"
            "8e03"
            "1201"
            "08");
  const ListDelta changes = {Of({{{7}}}), Of({{{8}, 3}})};
  AppendDelta(delta, changes);
  EXPECT_EQ(HexOf(delta),
            "02"
            "03"
            "0001"
            "0e"
            "0002"
            "1103");
  List back;
  ASSERT_TRUE(DecodeList(list, back));
  EXPECT_EQ(back, entries);
  ListDelta change;
  ASSERT_TRUE(DecodeDelta(delta, change));
  EXPECT_EQ(change, changes);
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

// Each type counts its vertices from the beginning, and is read without the others.
TEST(Adjacency, KeepsTypesApart) {
  const List entries = Of({{{5}}, {{70}}, {{1}, 0, {2}}, {{5}, 0, {2}}, {{0}, 3, {UINT32_MAX}}});
  ASSERT_TRUE(std::is_sorted(entries.begin(), entries.end()));
  std::string bytes;
  AppendList(bytes, entries);
  List back;
  ASSERT_TRUE(DecodeList(bytes, back));
  EXPECT_EQ(back, entries);
  ListGroups groups = GroupsOf(bytes);
  std::map<uint32_t, size_t> sizes;
  while (groups.Next()) {
    List list;
    ASSERT_TRUE(groups.Decode(list));
    sizes[groups.type().value] = list.size();
  }
  EXPECT_TRUE(groups.ok());
  EXPECT_EQ(sizes, (std::map<uint32_t, size_t>{{0, 2}, {2, 2}, {UINT32_MAX, 1}}));
}

TEST(Adjacency, PropertiesLieBehindTheEntriesOfTheirType) {
  const List entries = Of({{{1}}, {{2}, 0, {}, "ab"}, {{2}, 1}, {{1}, 0, {3}}});
  std::string bytes;
  AppendList(bytes, entries);
  EXPECT_EQ(HexOf(bytes),
            "01"
            "0104"
            "02"
            "02"
            "0101"
            "05"
            "00"
            "026162"
            "00"
            "0601"
            "02");
  List back;
  ASSERT_TRUE(DecodeList(bytes, back));
  EXPECT_EQ(back, entries);
  ListGroups groups = GroupsOf(bytes);
  ASSERT_TRUE(groups.Next());
  List bare;
  ASSERT_TRUE(groups.Decode(bare));
  EXPECT_EQ(bare, Of({{{1}}, {{2}}, {{2}, 1}}));
  EXPECT_FALSE(DecodeUntyped(bytes, back));
  bytes.clear();
  AppendList(bytes, Of({{{2}, 0, {}, "ab"}}));
  EXPECT_FALSE(DecodeUntyped(bytes, back));
}

TEST(Adjacency, SizesOfMoreThanOneByteStandBeforeWhatTheyMeasure) {
  const std::string properties(128, 'p');
  List entries;
  for (uint64_t i = 1; i <= 200; ++i) entries.push_back({{i}});
  entries.front().properties = properties;
  std::string bytes, steps(200, '\x02'), none(199, '\0');
  AppendList(bytes, entries);
  EXPECT_EQ(HexOf(bytes),
            "0101"
            "c801" +
                HexOf(steps) +
                "c902"
                "8001" +
                HexOf(properties + none));
  List back;
  ASSERT_TRUE(DecodeList(bytes, back));
  EXPECT_EQ(back, entries);
}

TEST(Adjacency, RefusesBadBytes) {
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"nothing", ""},
      {"a delta", std::string("\x02\x00", 2)},
      {"unknown tag", "\x03"},
      {"same entry twice", "\x01\x0a\x02\x02"s + '\0'},
      {"rank 0 written", "\x01\x0a\x02\x03"s + '\0'},
      {"rank missing", "\x01\x0a\x01\x03"},
      {"rank over 32 bits", "\x01\x0a\x06\x03\xff\xff\xff\xff\x1f"},
      {"cut varint", "\x01\x0a\x01\x82"},
      {"id over 64 bits",
       "\x01\x0a\x21"
       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x05"
       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x05"
       "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x05"},  // steps of 2^63-1
      {"no size", "\x01\x0a"},
      {"fewer bytes than told", "\x01\x0a\x03\x02\x02"},
      {"a type without entries", "\x01\x0a"s + '\0'},
      {"types that do not ascend", "\x01\x0a\x01\x02\x0a\x01\x04"},
      {"type over 32 bits", "\x01\x80\x80\x80\x80\x20\x01\x02"},
      {"no properties where there should be", "\x01\x0b\x01\x02"},
      {"properties of nothing", "\x01\x0b\x01\x02"s + '\0'},
      {"properties of none of them", "\x01\x0b\x02\x02\x04\x02\0\0"s},
      {"properties of too few", "\x01\x0b\x02\x02\x04\x02\x01p"},
      {"properties of too many", "\x01\x0b\x01\x02\x04\x01p\x01p"},
      {"properties cut", "\x01\x0b\x01\x02\x02\x02p"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    List list;
    EXPECT_FALSE(DecodeList(c.bytes, list));
  }
  ListDelta delta;
  EXPECT_FALSE(DecodeDelta("\x02\x0a\x02", delta));  // fewer deletes than told
  EXPECT_FALSE(DecodeDelta("\x01", delta));
}

/// Random steps on a model set, cut into deltas that are folded in random groups by the merge
/// operator: the list must be the model's at the end.
TEST(Merge, AgreesWithASetForAnyGrouping) {
  std::mt19937 generator(7);
  const auto below = [&generator](uint32_t bound) {
    return static_cast<uint32_t>(generator() % bound);
  };
  const auto bare = [&below] { return ListEntry{{below(20)}, below(2), {below(3)}}; };
  const auto entry = [&] {
    constexpr std::string_view kProperties[] = {"", "p", "longer"};
    ListEntry made = bare();
    made.properties = kProperties[below(3)];
    return made;
  };
  const auto merge = ListMergeOperator();
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    std::set<ListEntry> model;
    std::string base;
    const bool has_base = below(2) == 0;
    if (has_base) {
      for (int i = 0; i < 20; ++i) model.insert(entry());
      AppendList(base, List(model.begin(), model.end()));
    }
    std::deque<std::string> operands;
    for (uint32_t n = below(12); n > 0; --n) {
      std::set<ListEntry> deletes, adds;
      for (uint32_t i = below(6); i > 0; --i) deletes.insert(bare());
      for (uint32_t i = below(6); i > 0; --i) adds.insert(entry());
      for (const ListEntry& gone : deletes) model.erase(gone);
      for (const ListEntry& add : adds) {
        model.erase(add);
        model.insert(add);
      }
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
