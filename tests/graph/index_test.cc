#include <gmock/gmock.h>

#include <cmath>
#include <optional>

#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/notes.h"

namespace qipu::graph {
namespace {

using Kind = RangeBound::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Index, FindsAsOpenCypherCompares) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store, {Value(int64_t{1}), Value(1.0), Value(1.5), Value("1"), Value(true),
                    Value(std::nan("")), Value(Date{1}), Value(Value::List{Value(int64_t{1})}),
                    Value(int64_t{9007199254740993}), Value("10"), Value(false)});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Snapshot snapshot = store->TakeSnapshot();
  const struct {
    Value value;
    std::vector<uint64_t> want;
  } equal[] = {
      {Value(int64_t{1}), {0, 1}}, {Value(1.0), {0, 1}},  {Value("1"), {3}},
      {Value(true), {4}},          {Value(Date{1}), {6}}, {Value(9007199254740992.0), {}},
      {Value(std::nan("")), {}},   {Value(), {}},         {Value(int64_t{9007199254740993}), {8}},
  };
  for (const auto& c : equal) {
    SCOPED_TRACE(c.value.ToString());
    EXPECT_EQ(Ids(snapshot.FindByValue(index, c.value)), c.want);
  }
  const auto in = [&](std::optional<RangeBound> lower, std::optional<RangeBound> upper) {
    return Ids(snapshot.FindInRange(index, {std::move(lower), std::move(upper)}));
  };
  const RangeBound one{Value(int64_t{1})}, above_one{Value(1.0), Kind::kExclusive};
  EXPECT_THAT(in(one, {}), ElementsAre(0, 1, 2, 8));
  EXPECT_THAT(in(above_one, {}), ElementsAre(2, 8));
  EXPECT_THAT(in({}, one), ElementsAre(0, 1));
  EXPECT_THAT(in({}, above_one), IsEmpty());
  EXPECT_THAT(in(one, RangeBound{Value(1.5), Kind::kExclusive}), ElementsAre(0, 1));
  EXPECT_THAT(in(RangeBound{Value("1"), Kind::kExclusive}, {}), ElementsAre(9));
  EXPECT_THAT(in({}, RangeBound{Value(true), Kind::kExclusive}), ElementsAre(10));
  EXPECT_THAT(in(one, RangeBound{Value("1")}), IsEmpty());
  EXPECT_THAT(in(RangeBound{Value(2.0)}, one), IsEmpty());
  EXPECT_THAT(in(RangeBound{Value(std::nan(""))}, {}), IsEmpty());
  EXPECT_THAT(in({}, {}), ElementsAre(10, 4, 0, 1, 2, 8, 3, 9, 6));
}

TEST(Index, TellsLongStringsApart) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  const std::string head(600, 'x');
  AddNotes(*store,
           {Value(head + "b"), Value(head + "a"), Value(head + "c"), Value(head), Value("y")});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Snapshot snapshot = store->TakeSnapshot();
  const RangeBound from{Value(head + "b")}, after{Value(head + "b"), Kind::kExclusive};
  EXPECT_THAT(Ids(snapshot.FindByValue(index, Value(head + "b"))), ElementsAre(0));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {from, {}})), ElementsAre(0, 2, 4));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {after, {}})), ElementsAre(2, 4));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {{}, from})), ElementsAre(0, 1, 3));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {{}, after})), ElementsAre(1, 3));
}

TEST(Index, SearchRanksShorterFirst) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store,
           {Value("上海海尔智能制造有限公司"), Value("海尔智能"), Value("青岛海信电器"),
            Value("ABB Robotics (Shanghai)"), Value("Ａbb"), Value("海尔智造"), Value(int64_t{5})});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kText);
  const Snapshot snapshot = store->TakeSnapshot();
  const struct {
    const char* query;
    std::vector<uint64_t> want;
  } cases[] = {
      {"海尔", {1, 5, 0}},  {"海", {1, 5, 2, 0}},
      {"海尔 公司", {0}},   {"智能制造", {0}},
      {"abb", {4, 3}},      {"ABB rob", {3}},
      {"robotics ab", {3}}, {"rob abb ", {}},
      {"Ｓhang", {3}},      {"", {}},
      {"...", {}},          {"西安", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(Ids(snapshot.Search(index, c.query, 10)), c.want);
  }
  EXPECT_THAT(Ids(snapshot.Search(index, "海", 2)), ElementsAre(1, 5));
  EXPECT_THAT(Ids(snapshot.Search(index, "海", 0)), IsEmpty());
}

TEST(Index, IsMadeAndDroppedByName) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  EXPECT_FAILS(store->MakeIndex("Frim", "name", IndexKind::kValue), ErrorCode::kNotFound,
               "no label 'Frim'; did you mean 'Firm'?");
  EXPECT_FAILS(store->MakeIndex("Firm", "nam", IndexKind::kValue), ErrorCode::kNotFound,
               "did you mean 'name'?");
  EXPECT_FAILS(store->DropIndex("Firm", "name", IndexKind::kValue), ErrorCode::kNotFound,
               "a value index on (Firm, name)");
  EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kValue));
  EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kText));
  EXPECT_FAILS(store->MakeIndex("Firm", "name", IndexKind::kText), ErrorCode::kAlreadyExists,
               "a text index on (Firm, name)");
  const Snapshot before = store->TakeSnapshot();
  EXPECT_OK(store->DropIndex("Firm", "name", IndexKind::kValue));
  EXPECT_EQ(before.indexes().size(), 2u);
  ASSERT_EQ(store->TakeSnapshot().indexes().size(), 1u);
  EXPECT_EQ(store->TakeSnapshot().indexes()[0].kind, IndexKind::kText);
  EXPECT_EQ(store->MakeIndex("Firm", "name", IndexKind::kValue)->number, 2u);  // never used twice
}

TEST(Index, ASnapshotKeepsWhatItSaw) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store, {Value("a"), Value("b")});
  const Index value = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Index text = *store->MakeIndex("Stray", "note", IndexKind::kText);
  const Snapshot before = store->TakeSnapshot();
  {
    Transaction t = store->Begin();
    EXPECT_OK(t.DeleteVertex({0}, DetachEdges::kNo));
    EXPECT_OK(t.SetProperty({1}, t.Property("note"), Value("a")));
    EXPECT_OK(t.Commit());
  }
  const Snapshot after = store->TakeSnapshot();
  EXPECT_OK(store->DropIndex("Stray", "note", IndexKind::kValue));
  EXPECT_OK(store->DropIndex("Stray", "note", IndexKind::kText));
  EXPECT_THAT(Ids(before.FindByValue(value, Value("a"))), ElementsAre(0));
  EXPECT_THAT(Ids(before.Search(text, "a", 9)), ElementsAre(0));
  EXPECT_THAT(Ids(after.FindByValue(value, Value("a"))), ElementsAre(1));
  EXPECT_THAT(Ids(after.Search(text, "a", 9)), ElementsAre(1));
}

TEST(Index, NeedsAWriter) {
  FreshDirectory directory;
  MakeStore(directory.path());
  const auto reader = OpenStore(directory.path(), {.access = Access::kReadOnly});
  EXPECT_FAILS(reader->MakeIndex("Firm", "name", IndexKind::kValue), ErrorCode::kInvalidArgument,
               "open for reading only");
}

// --- faults ------------------------------------------------------------------------------------

void ExpectWhole(const Snapshot& snapshot, size_t indexes) {
  ASSERT_EQ(snapshot.indexes().size(), indexes);
  for (const Index& index : snapshot.indexes()) {
    const bool is_value = index.kind == IndexKind::kValue;
    EXPECT_EQ(
        Ids(is_value ? snapshot.FindInRange(index, {}) : snapshot.Search(index, "n", 9999)).size(),
        3000u);
  }
}

/// Does `change` with the 1st, 2nd, ... step on the disk and all after it failing, until none does.
/// Before it there are `before` indexes, after it `after`.
void ExpectAllOrNothing(Status (*change)(Store&), size_t before, size_t after) {
  constexpr int kStepsMax = 500;
  FreshDirectory prepared;
  {
    const auto store = MakeStore(prepared.path());
    AddNotes(*store, std::vector<Value>(3000, Value("n " + std::string(60, 'y'))));
    if (before > 0) EXPECT_OK(store->MakeIndex("Stray", "note", IndexKind::kText));
  }
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    std::filesystem::copy(prepared.path(), directory.path(),
                          std::filesystem::copy_options::recursive);
    bool changed = false, unharmed = false;
    {
      const auto files = std::make_shared<FaultyFileSystem>(kStepsMax);
      // So little memory that the entries wait in runs.
      const auto store = OpenStore(directory.path(), {.memory_bytes = 1 << 19, .files = files});
      files->Allow(steps);
      const Status status = change(*store);
      changed = status.ok();
      unharmed = changed && !files->exhausted();
      if (!changed) {
        ++failures;
        EXPECT_EQ(status.error().code, ErrorCode::kIo) << status.error().message;
        EXPECT_EQ(store->TakeSnapshot().indexes().size(), before);
      }
    }
    const auto store = OpenStore(directory.path());
    ASSERT_NE(store, nullptr);
    const size_t there = store->TakeSnapshot().indexes().size();
    EXPECT_TRUE(there == after || (!changed && there == before));
    ExpectWhole(store->TakeSnapshot(), there);
    EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
    if (there == before) EXPECT_OK(change(*store));
    ExpectWhole(store->TakeSnapshot(), after);
    if (testing::Test::HasFailure() || unharmed) break;
  }
  EXPECT_GT(failures, 0);
}

TEST(IndexFault, MakingIsAllOrNothing) {
  ExpectAllOrNothing(
      [](Store& store) -> Status {
        const auto made = store.MakeIndex("Stray", "note", IndexKind::kText);
        return made.ok() ? Status(Ok{}) : made.error();
      },
      0, 1);
}

TEST(IndexFault, DroppingIsAllOrNothing) {
  ExpectAllOrNothing(
      [](Store& store) { return store.DropIndex("Stray", "note", IndexKind::kText); }, 1, 0);
}

}  // namespace
}  // namespace qipu::graph
