#include "graph/change.h"

#include <gmock/gmock.h>

#include <random>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

Change SomeCommit() {
  Change change;
  change.epoch = 7;
  change.vertices = {{{0}, Step::kCreated}, {{3}, Step::kDeleted}, {{300}, Step::kChanged}};
  change.edges = {{{{0}, {1}, {3}, 0}, Step::kCreated},
                  {{{0}, {1}, {3}, 1}, Step::kDeleted},
                  {{{5}, {0}, {2}, 0}, Step::kChanged}};
  change.ledger_entries = 2;
  return change;
}

Change SomeLoad() {
  Change change;
  change.epoch = 8;
  change.first_loaded = {10};
  change.loaded_bound = {1010};
  change.loaded_edges = 300;
  change.loaded_ends = {{0}, {9}};
  return change;
}

std::string BytesOf(const Change& change) {
  std::string bytes;
  if (change.loaded_bound.value > 0) {
    rocks::AppendLoad(bytes, change);
  } else {
    rocks::AppendCommit(bytes, change);
  }
  return bytes;
}

TEST(ChangeCodec, GoldenBytesAndBack) {
  const struct {
    const char* name;
    Change change;
    const char* want;
  } cases[] = {
      {"commit", SomeCommit(),
       "01"
       "03010ea409"
       "03"
       "01010300"
       "02010301"
       "14000200"
       "02"},
      {"load", SomeLoad(),
       "02"
       "0ae807ac02"
       "020009"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string bytes = BytesOf(c.change);
    EXPECT_EQ(rocks::HexOf(bytes), c.want);
    Change back;
    ASSERT_TRUE(rocks::DecodeChange(rocks::ChangeKey(c.change.epoch).bytes(), bytes, back));
    EXPECT_EQ(back, c.change);
  }
}

TEST(ChangeCodec, RefusesWhatIsNoChange) {
  Change change;
  const rocks::Key key = rocks::ChangeKey(1);
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {
      {"nothing", ""},
      {"unknown kind", "\x09"},
      {"more vertices than bytes", std::string("\x01\xff\x7f", 3)},
      {"unknown step", std::string("\x01\x01\x03\x00\x00", 5)},
      {"a vertex twice", std::string("\x01\x02\x05\x01\x00\x00", 6)},
      {"an edge twice", std::string("\x01\x00\x02\x01\x00\x00\x00\x01\x00\x00\x00\x00", 12)},
      {"bytes after the end", std::string("\x01\x00\x00\x00\x00", 5)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(rocks::DecodeChange(key.bytes(), c.bytes, change));
  }
  EXPECT_FALSE(rocks::DecodeChange("short", BytesOf(SomeCommit()), change));
}

// Cut off or changed bytes are refused or are another change; they never read out of bounds.
TEST(ChangeCodec, StandsHostileBytes) {
  std::mt19937 random(1);
  Change change;
  for (const Change& sound : {SomeCommit(), SomeLoad()}) {
    const std::string bytes = BytesOf(sound);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(rocks::DecodeChange(rocks::ChangeKey(1).bytes(), bytes.substr(0, size), change));
    }
    for (int round = 0; round < 20000; ++round) {
      std::string hostile = bytes;
      for (int flips = 0; flips < 3; ++flips) {
        hostile[random() % hostile.size()] = static_cast<char>(random());
      }
      if (!rocks::DecodeChange(rocks::ChangeKey(1).bytes(), hostile, change)) continue;
      Change again;
      ASSERT_TRUE(rocks::DecodeChange(rocks::ChangeKey(1).bytes(), BytesOf(change), again));
      EXPECT_EQ(again, change);
    }
  }
}

std::vector<Change> ChangesAfter(const Snapshot& snapshot, uint64_t epoch) {
  std::vector<Change> changes;
  ChangeCursor cursor = snapshot.ScanChanges(epoch);
  while (cursor.Next()) changes.push_back(cursor.change());
  EXPECT_OK(cursor.status());
  return changes;
}

TEST(ChangeLog, HasEveryCommitInOrder) {
  FreshDirectory directory;
  VertexId aster, birch;
  {
    const auto store = MakeStore(directory.path());
    Transaction first = store->Begin();
    aster = *first.MergeVertex(first.Label("Firm"), "aster");
    birch = *first.MergeVertex(first.Label("Firm"), "birch");
    EXPECT_OK(first.PutEdge({aster, first.EdgeType("KNOWS"), birch}, {}));
    first.PutLedger("run", "1");
    EXPECT_OK(first.Commit());
    EXPECT_OK(store->Begin().Commit());  // changes nothing: no entry
  }
  const auto store = OpenStore(directory.path());
  const Snapshot before = store->TakeSnapshot();
  Transaction second = store->Begin();
  const EdgeTypeId knows = second.EdgeType("KNOWS");
  EXPECT_OK(second.SetProperty(aster, second.Property("name"), Value("Aster")));
  EXPECT_OK(second.PutEdge({aster, knows, birch}, {{second.Property("since"), Value("1999")}}));
  EXPECT_OK(second.Commit());
  Transaction third = store->Begin();
  EXPECT_OK(third.DeleteVertex(birch, DetachEdges::kYes));
  EXPECT_OK(third.Commit());

  const std::vector<Change> want = {
      {1,
       {{aster, Step::kCreated}, {birch, Step::kCreated}},
       {{{aster, knows, birch}, Step::kCreated}},
       1},
      {2, {{aster, Step::kChanged}}, {{{aster, knows, birch}, Step::kChanged}}},
      {3, {{birch, Step::kDeleted}}, {{{aster, knows, birch}, Step::kDeleted}}},
  };
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(ChangesAfter(snapshot, 0), want);
  EXPECT_EQ(ChangesAfter(snapshot, 2), std::vector<Change>{want[2]});
  EXPECT_TRUE(ChangesAfter(snapshot, 3).empty());
  EXPECT_TRUE(ChangesAfter(snapshot, 99).empty());
  EXPECT_EQ(ChangesAfter(before, 0), std::vector<Change>{want[0]});
}

TEST(ChangeLog, SaysWhatIsMissingOrBroken) {
  FreshDirectory directory;
  MakeStore(directory.path());
  auto database = *rocks::Database::Open(directory.path(), {});
  rocks::Head head = database->current()->head();
  head.epoch = 2;
  rocks::Batch batch;
  batch.Put(rocks::Family::kChanges, rocks::ChangeKey(2).bytes(), "\x09");
  EXPECT_OK(database->Apply(batch, head));
  database.reset();
  const auto store = OpenStore(directory.path());
  const Snapshot snapshot = store->TakeSnapshot();
  ChangeCursor cursor = snapshot.ScanChanges(0);
  EXPECT_FALSE(cursor.Next());
  EXPECT_FAILS(cursor.status(), ErrorCode::kCorruption, "lacks epoch 1");
  ChangeCursor later = snapshot.ScanChanges(1);
  EXPECT_FALSE(later.Next());
  EXPECT_FAILS(later.status(), ErrorCode::kCorruption, "column family 'changes'");
}

}  // namespace
}  // namespace qipu::graph
