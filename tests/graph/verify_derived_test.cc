#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "graph/analytics.h"
#include "graph/rocks/database.h"
#include "graph/rocks/indexes.h"
#include "graph/verify.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/told.h"

/// Verify on what is beside the graph itself: indexes and the files of Analytics.
namespace qipu::graph {
namespace {

using rocks::Family;
using testing::HasSubstr;

/// Firms 0 (staff 5, 企谱), 1 (staff 7, Qipu Works) and 2, with indexes over both properties.
struct Indexed {
  Indexed() {
    const auto store = MakeStore(directory.path());
    Transaction t = store->Begin();
    const LabelId firm = t.Label("Firm");
    const PropertyId staff = t.Property("staff"), name = t.Property("name");
    const struct {
      const char *key, *name;
      int64_t staff;
    } firms[] = {{"a", "企谱", 5}, {"b", "Qipu Works", 7}};
    for (const auto& f : firms) {
      const auto vertex = t.MergeVertex(firm, f.key);
      EXPECT_OK(vertex);
      EXPECT_OK(t.SetProperty(*vertex, staff, Value(f.staff)));
      EXPECT_OK(t.SetProperty(*vertex, name, Value(f.name)));
    }
    EXPECT_OK(t.MergeVertex(firm, "c"));
    EXPECT_OK(t.Commit());
    values = *store->MakeIndex("Firm", "staff", IndexKind::kValue);
    text = *store->MakeIndex("Firm", "name", IndexKind::kText);
  }
  VerifyReport Verify(Repair repair = Repair::kNo) const {
    auto report = graph::Verify(directory.path(), {}, {.repair = repair});
    EXPECT_OK(report);
    return report.ok() ? *std::move(report) : VerifyReport();
  }
  std::string Entry(uint32_t index, int64_t staff, uint64_t vertex) const {
    std::string encoded, key;
    rocks::AppendIndexed(encoded, Value(staff));
    rocks::AppendIndexKey(key, index, encoded, VertexId{vertex});
    return key;
  }
  std::string Row(uint32_t index, std::string_view token) const {
    std::string key;
    rocks::AppendPostingKey(key, index, token, 0);
    return key;
  }

  FreshDirectory directory;
  Index values, text;
};

std::string ListOf(const rocks::List& list) {
  std::string bytes;
  rocks::AppendList(bytes, list);
  return bytes;
}

struct Damage {
  const char* name;
  std::function<void(const Indexed&, rocks::Batch&)> make;
  uint64_t derived;
  const char* told;
};

const Damage kDamages[] = {
    {"an entry is gone",
     [](const Indexed& f, rocks::Batch& b) {
       b.Delete(Family::kIndexes, f.Entry(f.values.number, 7, 1));
     },
     1, "the index on (Firm, staff) lacks vertex 1"},
    {"an entry under another value",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kIndexes, f.Entry(f.values.number, 8, 1), {});
     },
     1, "the index on (Firm, staff) has vertex 1 under a value that it has not"},
    {"an entry of a vertex that is not there",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kIndexes, f.Entry(f.values.number, 8, 99), {});
     },
     1, "has vertex 99"},
    {"an entry of no index",
     [](const Indexed& f, rocks::Batch& b) { b.Put(Family::kIndexes, f.Entry(77, 7, 1), {}); }, 1,
     "index 77, which does not exist, has vertex 1"},
    {"an entry with a value",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kIndexes, f.Entry(f.values.number, 7, 1), "x");
     },
     1, "the entry can't be read"},
    {"a key that is no entry",
     [](const Indexed&, rocks::Batch& b) { b.Put(Family::kIndexes, "?", {}); }, 1,
     "the entry can't be read"},
    {"a list of a token is gone",
     [](const Indexed& f, rocks::Batch& b) {
       b.Delete(Family::kPostings, f.Row(f.text.number, "qipu"));
     },
     1, "the index on (Firm, name) lacks vertex 1 under 'qipu'"},
    {"a list of a token has a vertex too much",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kPostings, f.Row(f.text.number, "else"), ListOf({{VertexId{2}, 4}}));
     },
     1, "the index on (Firm, name) has vertex 2 under 'else', which its text has not"},
    {"a list of a token has another length",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kPostings, f.Row(f.text.number, "qipu"), ListOf({{VertexId{1}, 1}}));
     },
     2, "lacks vertex 1 under 'qipu'"},
    {"a list of a token can't be read",
     [](const Indexed& f, rocks::Batch& b) {
       b.Put(Family::kPostings, f.Row(f.text.number, "qipu"), "?");
     },
     1, "the list can't be read"},
};

TEST(VerifyIndexes, FindsEachKindOfDamageAndRepairsIt) {
  for (const Damage& c : kDamages) {
    SCOPED_TRACE(c.name);
    const Indexed indexed;
    EXPECT_TRUE(indexed.Verify().clean());
    EXPECT_GT(indexed.Verify().index_entries, 3u);
    {
      const auto database = *rocks::Database::Open(indexed.directory.path(), {});
      rocks::Batch batch;
      c.make(indexed, batch);
      EXPECT_OK(database->Apply(batch, database->current()->head()));
    }
    const VerifyReport report = indexed.Verify();
    EXPECT_EQ(report.derived, c.derived) << Told(report);
    EXPECT_EQ(report.lost, 0u) << Told(report);
    EXPECT_THAT(Told(report), HasSubstr(c.told));
    EXPECT_TRUE(indexed.Verify(Repair::kYes).repaired);
    const VerifyReport after = indexed.Verify();
    EXPECT_TRUE(after.clean()) << Told(after);

    const auto store = OpenStore(indexed.directory.path());
    const Snapshot snapshot = store->TakeSnapshot();
    EXPECT_EQ(*snapshot.FindByValue(indexed.values, Value(int64_t{7})), std::vector<VertexId>{{1}});
    EXPECT_EQ(*snapshot.Search(indexed.text, "qipu", 9), std::vector<VertexId>{{1}});
  }
}

TEST(VerifySnapshotFiles, FindsADamagedOneAndRepairTakesItAway) {
  const Indexed indexed;
  {
    const auto store = OpenStore(indexed.directory.path());
    EXPECT_OK(Analytics::Open(store->TakeSnapshot(), {}));
  }
  const std::string path = indexed.directory.path() + "/snapshots/1.qsnap";
  const VerifyReport sound = indexed.Verify();
  EXPECT_TRUE(sound.clean()) << Told(sound);
  EXPECT_EQ(sound.snapshot_files, 1u);

  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  char byte = 0;
  file.read(&byte, 1);
  byte = static_cast<char>(byte ^ 1);
  file.seekp(0);
  file.write(&byte, 1);
  file.close();
  const VerifyReport report = indexed.Verify();
  EXPECT_EQ(report.derived, 1u);
  EXPECT_THAT(Told(report), HasSubstr("derived 1.qsnap"));
  EXPECT_TRUE(indexed.Verify(Repair::kYes).repaired);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(indexed.Verify().clean());
}

}  // namespace
}  // namespace qipu::graph
