#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

constexpr int kFirms = 24;

/// What each firm says and whom it knows, as of one commit.
struct State {
  std::map<uint64_t, int64_t> staff;
  std::map<uint64_t, std::vector<uint64_t>> knows;
};

/// The states of all commits, as the writer made them.
class History {
 public:
  void Add(State state) {
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(state));
  }
  /// After `epoch` commits. A reader may see a commit a moment before it is added here.
  State At(uint64_t epoch) const {
    while (true) {
      {
        const std::lock_guard lock(mutex_);
        if (epoch < states_.size()) return states_[epoch];
      }
      std::this_thread::yield();
    }
  }

 private:
  mutable std::mutex mutex_;
  std::vector<State> states_ = {State()};
};

/// Random commits over few firms: values change, edges come and go, firms go and come back.
class Writer {
 public:
  Writer(Store& store, History& history, uint32_t seed)
      : store_(store), history_(history), random_(seed) {}

  void Commit() {
    Transaction t = store_.Begin();
    const PropertyId staff = t.Property("staff");
    const EdgeTypeId knows = t.EdgeType("KNOWS");
    for (uint64_t step = 0; step <= random_() % 6; ++step) {
      const VertexId firm = *t.MergeVertex(t.Label("Firm"), std::to_string(random_() % kFirms));
      const auto value = static_cast<int64_t>(++value_);
      EXPECT_OK(t.SetProperty(firm, staff, Value(value)));
      state_.staff[firm.value] = value;
      const auto other =
          std::next(state_.staff.begin(), static_cast<ptrdiff_t>(random_() % state_.staff.size()));
      std::vector<uint64_t>& known = state_.knows[firm.value];
      const auto at = std::lower_bound(known.begin(), known.end(), other->first);
      if (at == known.end() || *at != other->first) {
        EXPECT_OK(t.PutEdge({firm, knows, {other->first}}, {}));
        known.insert(at, other->first);
      } else if (random_() % 2 == 0) {
        EXPECT_OK(t.DeleteEdge({firm, knows, {other->first}}));
        known.erase(at);
      }
      if (random_() % 9 == 0) Delete(t, firm.value);
    }
    const auto summary = t.Commit();
    EXPECT_OK(summary);
    // What comes and goes in one transaction is no change, and no commit.
    if (*summary != CommitSummary()) history_.Add(state_);
  }

 private:
  void Delete(Transaction& t, uint64_t id) {
    EXPECT_OK(t.DeleteVertex({id}, DetachEdges::kYes));
    state_.staff.erase(id);
    state_.knows.erase(id);
    for (auto& [from, known] : state_.knows) std::erase(known, id);
  }

  Store& store_;
  History& history_;
  std::mt19937 random_;
  State state_;
  uint64_t value_ = 0;
};

void ExpectState(const Snapshot& snapshot, const State& want) {
  std::map<uint64_t, int64_t> staff;
  VertexCursor cursor = snapshot.ScanVertices();
  const auto property = snapshot.catalog().FindProperty("staff");
  const auto knows = snapshot.catalog().FindEdgeType("KNOWS");
  while (cursor.Next()) staff[cursor.id().value] = *cursor.vertex().Find(*property)->AsInt();
  EXPECT_OK(cursor.status());
  EXPECT_EQ(staff, want.staff);
  for (const auto& [firm, known] : want.knows) {
    std::vector<uint64_t> found;
    const auto list = *snapshot.Neighbours({firm}, *knows, Direction::kOut);
    for (const Neighbour& other : list) found.push_back(other.vertex.value);
    EXPECT_EQ(found, known);
    for (const uint64_t other : known) {
      const auto back = *snapshot.Neighbours({other}, *knows, Direction::kIn);
      EXPECT_TRUE(std::binary_search(back.begin(), back.end(), Neighbour{{firm}}));
    }
  }
}

// A snapshot is the state after so many commits, wholly, at once and for as long as it is held,
// whatever the writer does meanwhile. To be run under ThreadSanitizer as well.
TEST(History, EverySnapshotIsOneStateOfIt) {
  for (const uint64_t table_commit_bytes : {uint64_t{1} << 30, uint64_t{0}}) {
    SCOPED_TRACE(table_commit_bytes);
    FreshDirectory fresh;
    EXPECT_OK(Store::Create(fresh.path(), FirmSchema(), {}));
    const auto store = OpenStore(fresh.path(), {.table_commit_bytes = table_commit_bytes});
    History history;
    std::atomic<bool> done = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        Snapshot held = store->TakeSnapshot();
        uint64_t seen = 0;
        for (int round = 0; !done; ++round) {
          const Snapshot now = store->TakeSnapshot();
          EXPECT_GE(now.epoch(), seen);
          seen = now.epoch();
          ExpectState(now, history.At(seen));
          ExpectState(held, history.At(held.epoch()));
          if (round % 7 == 0) held = store->TakeSnapshot();
        }
      });
    }
    Writer writer(*store, history, 7);
    const int commits = table_commit_bytes == 0 ? 60 : 600;
    for (int i = 0; i < commits; ++i) writer.Commit();
    done = true;
    for (auto& reader : readers) reader.join();
    ExpectState(store->TakeSnapshot(), history.At(store->TakeSnapshot().epoch()));
  }
}

}  // namespace
}  // namespace qipu::graph
