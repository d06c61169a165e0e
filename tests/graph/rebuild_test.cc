#include <gmock/gmock.h>
#include <rocksdb/metadata.h>

#include <filesystem>
#include <functional>
#include <map>

#include "graph/analytics.h"
#include "graph/rocks/database.h"
#include "graph/verify.h"
#include "tests/graph/damage.h"
#include "tests/graph/dump.h"
#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/told.h"

/// What a repair does about damaged tables: what is derived is made anew as a whole.
namespace qipu::graph {
namespace {

namespace fs = std::filesystem;

/// Firms with names, parallel edges and both kinds of indexes, all of it in tables.
void Fill(const std::string& directory) {
  const auto store = MakeStore(directory);
  EXPECT_OK(store->MakeIndex("Firm", "staff", IndexKind::kValue));
  EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kText));
  Transaction t = store->Begin();
  const EdgeTypeId knows = t.EdgeType("KNOWS");
  for (int i = 0; i < 300; ++i) {
    const VertexId firm =
        *t.MergeVertex(t.Label(i % 2 == 0 ? "Firm" : "Maker"), "f" + std::to_string(i));
    EXPECT_OK(t.SetProperty(firm, t.Property("name"), Value("firm " + std::to_string(i))));
    EXPECT_OK(t.SetProperty(firm, t.Property("staff"), Value(int64_t{i} * 3)));
    EXPECT_OK(t.CreateEdge(firm, knows, {firm.value / 3}, {}));
    EXPECT_OK(t.CreateEdge(firm, knows, {firm.value / 3}, {{t.Property("x"), Value(i * 0.5)}}));
    EXPECT_OK(t.CreateEdge(firm, t.EdgeType("NEAR"), {firm.value / 3}, {}));
  }
  t.PutLedger("entry", "text");
  EXPECT_OK(t.Commit());
}

/// The paths of the tables of each column family.
std::map<std::string, std::vector<fs::path>> TablesOf(const std::string& directory) {
  const auto database = *rocks::Database::Open(directory, {.access = Access::kReadOnly});
  std::vector<rocksdb::LiveFileMetaData> tables;
  database->db().GetLiveFilesMetaData(&tables);
  std::map<std::string, std::vector<fs::path>> paths;
  for (const auto& table : tables) {
    paths[table.column_family_name].push_back(table.db_path + table.name);
  }
  return paths;
}

const struct {
  const char* name;
  std::function<void(const fs::path&)> damage;
} kDamages[] = {
    {"a row is flipped", [](const fs::path& path) { Flip(path, 10); }},
    {"the end is flipped", [](const fs::path& path) { Flip(path, fs::file_size(path) - 1); }},
    {"it is cut off", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); }},
    {"it is gone", [](const fs::path& path) { fs::remove(path); }},
};

TEST(Rebuild, MakesWhatIsDerivedAnew) {
  FreshDirectory parent;
  const std::string whole = parent.File("whole"), directory = parent.File("db");
  Fill(whole);
  const std::string text = DumpAt(whole);
  const auto tables = TablesOf(whole);
  for (const char* family : {"labels", "keys", "in", "indexes", "postings"}) {
    for (const auto& [name, damage] : kDamages) {
      SCOPED_TRACE(std::string(family) + ": " + name);
      CopyOver(whole, directory);
      for (const fs::path& path : tables.at(family)) {
        damage(fs::path(directory) / "rocksdb" / path.filename());
      }
      const auto found = Verify(directory, {}, {});
      EXPECT_TRUE(!found.ok() || (found->derived > 0 && found->lost == 0)) << Told(*found);
      const auto repaired = Verify(directory, {}, {.repair = Repair::kYes});
      EXPECT_OK(repaired);
      if (!repaired.ok()) continue;
      EXPECT_TRUE(repaired->repaired);
      EXPECT_EQ(repaired->lost, 0u) << Told(*repaired);
      const auto after = Verify(directory, {}, {});
      EXPECT_OK(after);
      EXPECT_TRUE(after->clean()) << Told(*after);
      EXPECT_EQ(DumpAt(directory), text);
    }
  }
}

TEST(Rebuild, TouchesNothingWhenWhatItIsMadeFromIsDamagedToo) {
  FreshDirectory parent;
  const std::string directory = parent.File("db");
  Fill(directory);
  const auto tables = TablesOf(directory);
  Flip(tables.at("keys").front(), 10);
  Flip(tables.at("vertices").front(), 10);
  EXPECT_FAILS(Verify(directory, {}, {.repair = Repair::kYes}), ErrorCode::kRefused, "restore");
  EXPECT_EQ(TablesOf(directory), tables);
}

// Whatever step fails: the database is as damaged as before, or opened by a repair alone, which
// then completes it.
TEST(Rebuild, InterruptedOneIsCompletedByAnother) {
  FreshDirectory parent;
  const std::string whole = parent.File("whole"), directory = parent.File("db");
  Fill(whole);
  const std::string text = DumpAt(whole);
  const auto tables = TablesOf(whole);
  for (const fs::path& path : tables.at("in")) Flip(path, 10);
  int failures = 0, refused = 0;
  constexpr int kStepsMax = 2000, kStride = 7;
  for (int steps = 0; steps < kStepsMax; steps += kStride) {
    SCOPED_TRACE(steps);
    CopyOver(whole, directory);
    const auto files = std::make_shared<FaultyFileSystem>(steps);
    const auto first = Verify(directory, {.files = files}, {.repair = Repair::kYes});
    failures += first.ok() ? 0 : 1;
    const auto store = Store::Open(directory, {.access = Access::kReadOnly});
    if (!store.ok()) {
      ++refused;
      EXPECT_THAT(store.error().message, testing::HasSubstr("qipu verify --repair"));
    }
    const auto again = Verify(directory, {}, {.repair = Repair::kYes});
    EXPECT_OK(again);
    EXPECT_EQ(DumpAt(directory), text);
    if (first.ok() && !files->exhausted()) break;
  }
  EXPECT_GT(failures, 10);
  EXPECT_GT(refused, 3);
}

// The arrays that were made from a damaged list are not served after it was repaired.
TEST(Rebuild, FilesOfAnalyticsAreMadeAnewAfterARepair) {
  FreshDirectory directory;
  Fill(directory.path());
  const auto open = [&] {
    const auto store = OpenStore(directory.path());
    const auto arrays = Analytics::Open(store->TakeSnapshot(), {});
    EXPECT_OK(arrays);
  };
  open();
  EXPECT_FALSE(fs::is_empty(directory.File("snapshots")));
  {
    const auto database = *rocks::Database::Open(directory.path(), {});
    rocks::Batch batch;
    batch.Delete(rocks::Family::kIn, rocks::VertexKey({0}).bytes());
    EXPECT_OK(database->Apply(batch, database->current()->head()));
  }
  EXPECT_OK(Verify(directory.path(), {}, {.repair = Repair::kYes}));
  EXPECT_TRUE(fs::is_empty(directory.File("snapshots")));
}

}  // namespace
}  // namespace qipu::graph
