#include "graph/backup.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "graph/verify.h"
#include "tests/graph/damage.h"
#include "tests/graph/dump.h"
#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

namespace fs = std::filesystem;

/// So many firms more, and an edge from each to the first.
void AddFirms(Store& store, int first, int count) {
  Transaction t = store.Begin();
  for (int i = first; i < first + count; ++i) {
    const VertexId vertex = *t.MergeVertex(t.Label("Firm"), "f" + std::to_string(i));
    EXPECT_OK(t.PutEdge({vertex, t.EdgeType("KNOWS"), {0}}, {{t.Property("x"), Value(i * 0.5)}}));
  }
  EXPECT_OK(t.Commit());
}

/// The tables that are stored in a folder of backups.
std::set<std::string> TablesIn(const std::string& backups) {
  std::set<std::string> tables;
  for (const auto& entry : fs::recursive_directory_iterator(backups)) {
    if (entry.path().extension() == ".sst") tables.insert(entry.path().filename());
  }
  return tables;
}

/// The tables that a backup consists of: its list has a line for each file, the path first.
std::set<std::string> TablesOf(const std::string& backups, uint32_t id) {
  std::set<std::string> tables;
  std::ifstream list(backups + "/rocksdb/meta/" + std::to_string(id));
  std::string word;
  while (list >> word) {
    if (word.ends_with(".sst")) tables.insert(fs::path(word).filename());
  }
  return tables;
}

TEST(Backup, RestoresEachStateAndSharesTables) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  AddFirms(*MakeStore(db), 0, 5000);
  const std::string first = DumpAt(db);
  const auto one = MakeBackup(db, backups, {});
  EXPECT_OK(one);
  EXPECT_EQ(one->id, 1u);
  AddFirms(*OpenStore(db), 5000, 10);
  const std::string second = DumpAt(db);
  const auto two = MakeBackup(db, backups, {});
  EXPECT_OK(two);
  EXPECT_EQ(two->vertices, 5010u);
  EXPECT_EQ(two->edges, 5010u);
  EXPECT_EQ(two->epoch, 2u);
  const std::set<std::string> first_tables = TablesOf(backups, 1),
                              second_tables = TablesOf(backups, 2);
  std::set<std::string> shared, all = second_tables;
  std::set_intersection(first_tables.begin(), first_tables.end(), all.begin(), all.end(),
                        std::inserter(shared, shared.end()));
  EXPECT_FALSE(shared.empty());
  EXPECT_LT(shared.size(), second_tables.size());
  all.insert(first_tables.begin(), first_tables.end());
  EXPECT_EQ(TablesIn(backups), all) << "the shared ones are there once";
  const auto list = ListBackups(backups, {});
  EXPECT_OK(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].vertices, 5000u);

  EXPECT_OK(RestoreBackup(backups, 1, parent.File("one"), {}));
  EXPECT_EQ(DumpAt(parent.File("one")), first);
  EXPECT_OK(RestoreBackup(backups, std::nullopt, parent.File("two"), {}));
  EXPECT_EQ(DumpAt(parent.File("two")), second);
  AddFirms(*OpenStore(parent.File("two")), 9000, 1);  // it is a database like any other
  EXPECT_TRUE(Verify(parent.File("two"), {}, {})->clean());
}

TEST(Backup, LeavesReadersAloneAndWaitsForNoWriter) {
  FreshDirectory parent;
  const std::string db = parent.File("db");
  AddFirms(*MakeStore(db), 0, 100);
  {
    const auto reader = OpenStore(db, {.access = Access::kReadOnly});
    const std::string before = DumpOf(reader->TakeSnapshot());
    EXPECT_OK(MakeBackup(db, parent.File("backups"), {}));
    EXPECT_EQ(DumpOf(reader->TakeSnapshot()), before);
  }
  const auto writer = OpenStore(db);
  EXPECT_FAILS(MakeBackup(db, parent.File("backups"), {}), ErrorCode::kBusy, "another process");
}

TEST(Backup, RefusesWhatItWouldHarm) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  AddFirms(*MakeStore(db), 0, 10);
  EXPECT_FAILS(ListBackups(backups, {}), ErrorCode::kNotFound, "no backups there");
  EXPECT_FAILS(MakeBackup(parent.File("none"), backups, {}), ErrorCode::kNotFound, "qipu init");
  EXPECT_FAILS(MakeBackup(db, db, {}), ErrorCode::kAlreadyExists, "name another");
  EXPECT_FAILS(MakeBackup(db, db + "/../db/backups", {}), ErrorCode::kInvalidArgument,
               "lies in the database");
  EXPECT_FALSE(fs::exists(db + "/backups"));
  EXPECT_FAILS(RestoreBackup(db, 1, parent.File("x"), {}), ErrorCode::kAlreadyExists,
               "holds no backups");
  EXPECT_OK(MakeBackup(db, backups, {}));
  const std::string before = DumpAt(db);
  EXPECT_FAILS(RestoreBackup(backups, 1, db, {}), ErrorCode::kAlreadyExists, "not empty");
  EXPECT_EQ(DumpAt(db), before);
  EXPECT_FAILS(RestoreBackup(backups, 7, parent.File("x"), {}), ErrorCode::kNotFound,
               "no backup 7");
  EXPECT_FALSE(fs::exists(parent.File("x")));
  fs::create_directory(parent.File("foreign"));
  std::ofstream(parent.File("foreign/file")) << "text";
  EXPECT_FAILS(MakeBackup(db, parent.File("foreign/file"), {}), ErrorCode::kInvalidArgument,
               "is a file");
  EXPECT_FAILS(RestoreBackup(backups, 1, parent.File("foreign/file"), {}),
               ErrorCode::kInvalidArgument, "is a file");
  EXPECT_FAILS(RestoreBackup(backups, 1, parent.File("none/x"), {}), ErrorCode::kInvalidArgument,
               "is not there");
  EXPECT_FAILS(RestoreBackup(backups, 1, parent.File("foreign"), {}), ErrorCode::kAlreadyExists,
               "not empty");
}

// Of a backup, any file with a flipped byte: the restore fails and makes no database.
TEST(Backup, NoDamagedBackupIsRestored) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  AddFirms(*MakeStore(db), 0, 100);
  EXPECT_OK(MakeBackup(db, backups, {}));
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(backups)) {
    if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
  }
  EXPECT_GT(files.size(), 10u);
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.filename().string());
    const uint64_t middle = fs::file_size(file) / 2;
    Flip(file, middle);
    const auto restored = RestoreBackup(backups, 1, parent.File("restored"), {});
    EXPECT_FALSE(restored.ok());
    const auto store = Store::Open(parent.File("restored"), {});
    EXPECT_FALSE(store.ok());
    Flip(file, middle);
  }
  EXPECT_OK(RestoreBackup(backups, 1, parent.File("restored"), {}));
}

/// Two backups of which the second has a table that the first has not; that table.
fs::path MakeTwo(const std::string& db, const std::string& backups) {
  AddFirms(*MakeStore(db), 0, 100);
  EXPECT_OK(MakeBackup(db, backups, {}));
  AddFirms(*OpenStore(db), 100, 100);
  EXPECT_OK(MakeBackup(db, backups, {}));
  const std::set<std::string> first = TablesOf(backups, 1);
  for (const auto& entry : fs::recursive_directory_iterator(backups)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".sst") && !first.contains(name)) return entry.path();
  }
  return {};
}

TEST(Backup, AnIncompleteNewestIsToldAndNoOlderOneTakenForIt) {
  for (const char* lost : {"a table", "the list of files"}) {
    SCOPED_TRACE(lost);
    FreshDirectory parent;
    const std::string db = parent.File("db"), backups = parent.File("backups");
    const fs::path table = MakeTwo(db, backups);
    if (lost == std::string("a table")) {
      fs::remove(table);
    } else {
      fs::resize_file(backups + "/rocksdb/meta/2", 0);
    }
    const auto list = ListBackups(backups, {});
    EXPECT_OK(list);
    ASSERT_EQ(list->size(), 2u);
    EXPECT_FALSE((*list)[0].damaged);
    EXPECT_TRUE((*list)[1].damaged);
    const std::string made = parent.File("made");
    EXPECT_FAILS(RestoreBackup(backups, std::nullopt, made, {}), ErrorCode::kCorruption,
                 "backup 2, the newest, is damaged");
    EXPECT_FAILS(RestoreBackup(backups, 2, made, {}), ErrorCode::kCorruption, "damaged");
    EXPECT_FALSE(fs::exists(made));
    EXPECT_OK(RestoreBackup(backups, 1, made, {}));
  }
}

TEST(Backup, AFlippedByteOfItsListIsFoundOrSaysNothing) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  AddFirms(*MakeStore(db), 0, 100);
  const auto made = MakeBackup(db, backups, {});
  EXPECT_OK(made);
  const std::string path = backups + "/rocksdb/meta/1";
  const std::string text = DumpAt(db), restored = parent.File("restored");
  const uint64_t size = fs::file_size(path);
  uint64_t found = 0;
  for (uint64_t at = 0; at < size; ++at) {
    SCOPED_TRACE(at);
    const int bit = static_cast<int>(at % 7);
    Flip(path, at, bit);
    const auto list = ListBackups(backups, {});
    const bool refused = !list.ok() || list->size() != 1 || list->front().damaged;
    found += refused ? 1 : 0;
    if (!refused) {
      EXPECT_EQ(list->front().made_s, made->made_s);
      EXPECT_EQ(list->front().vertices, made->vertices);
      EXPECT_EQ(list->front().edges, made->edges);
      EXPECT_EQ(list->front().epoch, made->epoch);
    }
    constexpr uint64_t kRestoreEvery = 16;
    if (at % kRestoreEvery == 0 && RestoreBackup(backups, 1, restored, {}).ok()) {
      EXPECT_EQ(DumpAt(restored), text);
    }
    fs::remove_all(restored);
    Flip(path, at, bit);
  }
  EXPECT_GT(found, size / 4);
}

/// Of a list of files, the line with the note.
std::string NoteIn(const std::string& list) {
  const size_t at = list.find("metadata ");
  return list.substr(at, list.find('\n', at) - at);
}

TEST(Backup, AnotherGraphThanIsNotedIsNotRestored) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  MakeTwo(db, backups);
  const std::string lists = backups + "/rocksdb/meta/";
  const std::string other = NoteIn(BytesOf(lists + "1")), own = NoteIn(BytesOf(lists + "2"));
  std::string list = BytesOf(lists + "2");
  list.replace(list.find(own), own.size(), other);
  WriteBytes(lists + "2", list);
  EXPECT_FAILS(RestoreBackup(backups, 2, parent.File("made"), {}), ErrorCode::kCorruption,
               "is not the graph that is noted");
  EXPECT_FALSE(Store::Open(parent.File("made"), {}).ok());
}

TEST(Backup, AFolderWithoutItsListsIsDamaged) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  MakeTwo(db, backups);
  fs::remove_all(backups + "/rocksdb/meta");
  EXPECT_FAILS(ListBackups(backups, {}), ErrorCode::kCorruption, "lists");
  EXPECT_FAILS(RestoreBackup(backups, std::nullopt, parent.File("made"), {}),
               ErrorCode::kCorruption, "lists");
  EXPECT_FAILS(MakeBackup(db, backups, {}), ErrorCode::kCorruption, "new folder");
}

TEST(Backup, ADamagedFolderTakesNoMore) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), backups = parent.File("backups");
  const fs::path table = MakeTwo(db, backups);
  Flip(table, 20);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FAILS(MakeBackup(db, backups, {}), ErrorCode::kCorruption, "new folder");
    EXPECT_EQ(ListBackups(backups, {})->size(), 2u);
  }
  EXPECT_OK(RestoreBackup(backups, 1, parent.File("made"), {}));
  EXPECT_OK(MakeBackup(db, parent.File("other"), {}));
}

TEST(Backup, DamageIsNotBackedUp) {
  FreshDirectory parent;
  const std::string db = parent.File("db");
  AddFirms(*MakeStore(db), 0, 1000);
  for (const auto& entry : fs::directory_iterator(db + "/rocksdb")) {
    if (entry.path().extension() != ".sst") continue;
    Flip(entry.path(), 20);
  }
  const auto backup = MakeBackup(db, parent.File("backups"), {});
  ASSERT_FALSE(backup.ok());
  EXPECT_EQ(backup.error().code, ErrorCode::kCorruption) << backup.error().message;
}

// Whatever step of a backup or a restore fails: the earlier backup restores, and the same call
// succeeds on a disk that works.
TEST(Backup, InterruptedOneHarmsNothingAndCanBeDoneAgain) {
  FreshDirectory parent;
  const std::string db = parent.File("db"), whole = parent.File("whole");
  AddFirms(*MakeStore(db), 0, 20);
  EXPECT_OK(MakeBackup(db, whole, {}));
  const std::string first = DumpAt(db);
  AddFirms(*OpenStore(db), 20, 5);
  const std::string second = DumpAt(db);
  int failures = 0;
  constexpr int kStepsMax = 2000, kStride = 7;
  for (int steps = 0; steps < kStepsMax; steps += kStride) {
    SCOPED_TRACE(steps);
    const std::string backups = parent.File("backups"), made = parent.File("made");
    CopyOver(whole, backups);
    const auto files = std::make_shared<FaultyFileSystem>(steps);
    const auto backup = MakeBackup(db, backups, {.files = files});
    const bool unharmed = backup.ok() && !files->exhausted();
    failures += backup.ok() ? 0 : 1;
    EXPECT_OK(RestoreBackup(backups, 1, made, {}));
    EXPECT_EQ(DumpAt(made), first);
    fs::remove_all(made);
    const auto again = MakeBackup(db, backups, {});
    EXPECT_OK(again);

    const auto failing = std::make_shared<FaultyFileSystem>(steps);
    const auto restored = RestoreBackup(backups, again->id, made, {.files = failing});
    if (!restored.ok()) {
      EXPECT_FALSE(Store::Open(made, {}).ok());
      EXPECT_OK(RestoreBackup(backups, again->id, made, {}));
    }
    EXPECT_EQ(DumpAt(made), second);
    fs::remove_all(made);
    if (unharmed && restored.ok() && !failing->exhausted()) break;
  }
  EXPECT_GT(failures, 3);
}

}  // namespace
}  // namespace qipu::graph
