#include "graph/store.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>
#include <thread>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

using testing::ElementsAre;

void WriteFile(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

TEST(Store, CreateRefusesWhatIsThere) {
  const struct {
    const char* name;
    std::vector<const char*> files;
    const char* want;
  } cases[] = {
      {"some file", {"notes.txt"}, "not empty"},
      {"a foreign RocksDB", {"CURRENT", "MANIFEST-000004"}, "not empty"},
      {"a directory rocksdb that we did not make", {"rocksdb"}, "not empty"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    FreshDirectory directory;
    for (const char* file : c.files) WriteFile(directory.File(file), "x");
    EXPECT_FAILS(Store::Create(directory.path(), FirmSchema(), {}), ErrorCode::kAlreadyExists,
                 c.want);
    EXPECT_FAILS(Store::Open(directory.path(), {}), ErrorCode::kUnsupported, "no qipu database");
    for (const char* file : c.files) EXPECT_TRUE(std::filesystem::exists(directory.File(file)));
  }
  FreshDirectory directory;
  MakeStore(directory.path());
  EXPECT_FAILS(Store::Create(directory.path(), FirmSchema(), {}), ErrorCode::kAlreadyExists,
               "a database already");
}

TEST(Store, OpenSaysWhatIsWrong) {
  FreshDirectory directory;
  EXPECT_FAILS(Store::Open(directory.path(), {}), ErrorCode::kNotFound, "qipu init");
  EXPECT_FAILS(Store::Open(directory.File("absent"), {}), ErrorCode::kNotFound, "qipu init");
  MakeStore(directory.path());
  const struct {
    const char* name;
    std::string text;
    ErrorCode code;
    const char* want;
  } cases[] = {
      {"newer", "qipu graph\nformat 4\n", ErrorCode::kUnsupported,
       "format 4, this qipu reads format 3; use a newer qipu"},
      {"older", "qipu graph\nformat 2\n", ErrorCode::kUnsupported,
       "format 2, this qipu reads format 3; with the qipu that made it, export it"},
      {"garbage", "hello", ErrorCode::kCorruption, "damaged"},
      {"empty", "", ErrorCode::kCorruption, "damaged"},
      {"no number", "qipu graph\nformat \n", ErrorCode::kCorruption, "damaged"},
      {"number too large", "qipu graph\nformat 99999999999\n", ErrorCode::kCorruption, "damaged"},
      {"text after it", "qipu graph\nformat 3\nmore\n", ErrorCode::kCorruption, "damaged"},
      {"zero", "qipu graph\nformat 0\n", ErrorCode::kCorruption, "no format 0"},
      {"very long", std::string(1000, 'x'), ErrorCode::kCorruption, "damaged"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    WriteFile(directory.File("FORMAT"), c.text);
    EXPECT_FAILS(Store::Open(directory.path(), {}), c.code, c.want);
  }
  WriteFile(directory.File("FORMAT"), "qipu graph\nformat 3\n");
  EXPECT_NE(OpenStore(directory.path()), nullptr);
}

TEST(Store, SecondWriterIsBusyAndReaderIsNot) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Transaction t = store->Begin();
  EXPECT_OK(t.MergeVertex(t.Label("Firm"), "aster"));
  EXPECT_OK(t.Commit());
  const pid_t child = fork();
  if (child == 0) {
    const auto writer = Store::Open(directory.path(), {});
    const bool busy = !writer.ok() && writer.error().code == ErrorCode::kBusy &&
                      writer.error().message.find(directory.path()) != std::string::npos;
    const auto reader = Store::Open(directory.path(), {.access = Access::kReadOnly});
    const bool reads = reader.ok() && *(*reader)->TakeSnapshot().CountVertices() == 1;
    _exit((busy ? 0 : 1) + (reads ? 0 : 2));
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "1: second writer not refused, 2: reader refused";
}

TEST(Store, ReaderCannotCommit) {
  FreshDirectory directory;
  MakeStore(directory.path());
  const auto reader = OpenStore(directory.path(), {.access = Access::kReadOnly});
  Transaction t = reader->Begin();
  t.PutLedger("a", "b");
  EXPECT_FAILS(t.Commit(), ErrorCode::kInvalidArgument, "reading only");
}

/// Runs something once, before one of the steps in which a reader opens files.
class Interrupting : public rocksdb::FileSystemWrapper {
 public:
  Interrupting(int step, std::function<void()> interruption)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        left_(step),
        interruption_(std::move(interruption)) {}
  const char* Name() const override { return "Interrupting"; }
  bool interrupted() const { return left_ < 0; }

  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* context) override {
    Step();
    return FileSystemWrapper::GetChildren(path, options, names, context);
  }
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override {
    Step();
    return FileSystemWrapper::NewSequentialFile(path, options, file, context);
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    Step();
    return FileSystemWrapper::NewRandomAccessFile(path, options, file, context);
  }
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions& options,
                                uint64_t* size, rocksdb::IODebugContext* context) override {
    Step();
    return FileSystemWrapper::GetFileSize(path, options, size, context);
  }

 private:
  void Step() {
    if (left_-- == 0) interruption_();
  }

  std::atomic<int> left_;
  const std::function<void()> interruption_;
};

/// One firm, one edge and one ledger entry in each commit.
void CommitFirms(Store& store, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string key = std::to_string(store.TakeSnapshot().epoch());
    Transaction t = store.Begin();
    const VertexId firm = *t.MergeVertex(t.Label("Firm"), key);
    EXPECT_OK(t.SetProperty(firm, t.Property("name"), Value(std::string(3000, 'x'))));
    EXPECT_OK(t.PutEdge({firm, t.EdgeType("KNOWS"), firm}, {}));
    t.PutLedger(key, "row");
    EXPECT_OK(t.Commit());
  }
}

/// As many rows of each kind as there were commits.
uint64_t ExpectWholeCommits(const Store& store) {
  const Snapshot snapshot = store.TakeSnapshot();
  const uint64_t epoch = snapshot.epoch();
  EXPECT_EQ(*snapshot.CountVertices(), epoch);
  EXPECT_EQ(*snapshot.CountEdges(), epoch);
  uint64_t rows = 0, entries = 0;
  VertexCursor vertices = snapshot.ScanVertices();
  while (vertices.Next()) ++rows;
  EXPECT_OK(vertices.status());
  LedgerCursor ledger = snapshot.ScanLedger("");
  while (ledger.Next()) ++entries;
  EXPECT_EQ(rows, epoch);
  EXPECT_EQ(entries, epoch);
  return epoch;
}

// Between any two steps of a reader's opening, a writer commits, turns its logs into tables, merges
// tables and deletes what it no longer needs. The reader sees a whole state all the same.
TEST(Store, ReaderSeesWholeCommitsWhateverGoesWhileItOpens) {
  for (int step = 0;; ++step) {
    SCOPED_TRACE(step);
    ASSERT_LT(step, 1000);
    FreshDirectory directory;
    auto writer = MakeStore(directory.path());
    CommitFirms(*writer, 3);
    writer.reset();
    writer = OpenStore(directory.path());
    CommitFirms(*writer, 2);
    const auto files = std::make_shared<Interrupting>(step, [&] {
      writer.reset();  // flushes
      writer = OpenStore(directory.path());
      CommitFirms(*writer, 2);
    });
    const auto reader =
        Store::Open(directory.path(), {.access = Access::kReadOnly, .files = files});
    EXPECT_OK(reader);
    if (!reader.ok()) break;
    EXPECT_GE(ExpectWholeCommits(**reader), 5u);
    if (!files->interrupted()) break;
  }
}

// The same by chance, with memtables that flush while the writer goes on.
TEST(Store, ReadersBesideAWriterSeeWholeCommits) {
  FreshDirectory directory;
  constexpr uint64_t kSmall = uint64_t{16} << 20;  // flushes every few hundred commits
  EXPECT_OK(Store::Create(directory.path(), FirmSchema(), {}));
  const auto store = OpenStore(directory.path(), {.memory_bytes = kSmall});
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) CommitFirms(*store, 1);
  });
  uint64_t seen = 0;
  for (int round = 0; round < 30; ++round) {
    const auto reader = Store::Open(directory.path(), {.access = Access::kReadOnly});
    EXPECT_OK(reader);
    if (!reader.ok()) break;
    const uint64_t epoch = ExpectWholeCommits(**reader);
    EXPECT_GE(epoch, seen);
    seen = epoch;
  }
  stop = true;
  writer.join();
}

TEST(Store, SurvivesReopeningAndKeepsNamesAndCounts) {
  FreshDirectory directory;
  {
    const auto store = MakeStore(directory.path());
    Transaction t = store->Begin();
    const VertexId firm = *t.MergeVertex(t.Label("Maker"), "aster");
    EXPECT_OK(t.AddLabel(firm, t.Label("Stray")));
    EXPECT_OK(t.Commit());
  }
  const auto store = OpenStore(directory.path());
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(snapshot.epoch(), 1u);
  EXPECT_EQ(snapshot.schema().text(), kFirmSchema);
  EXPECT_EQ(*snapshot.CountVertices(*snapshot.catalog().FindLabel("Stray")), 1u);
  EXPECT_EQ(snapshot.catalog().NameOf((*snapshot.GetVertex({0}))->labels.back()), "Stray");
}

/// Rows of a commit in any order, a key twice, a range: with tables and with the log, the same.
TEST(Store, ABatchIsTheSameInTablesAndInTheLog) {
  using rocks::Family;
  const auto key = [](uint64_t n) { return std::string(rocks::VertexKey({n}).bytes()); };
  const std::string large(1000, 'x');
  for (const uint64_t table_commit_bytes : {uint64_t{1} << 30, uint64_t{0}}) {
    SCOPED_TRACE(table_commit_bytes);
    FreshDirectory directory;
    MakeStore(directory.path());
    auto database =
        *rocks::Database::Open(directory.path(), {.table_commit_bytes = table_commit_bytes});
    const auto value_of = [&](uint64_t n) -> std::string {
      rocksdb::PinnableSlice row;
      return *database->current()->Get(Family::kIndexes, key(n), row) ? row.ToString() : "none";
    };
    rocks::Batch unsorted;  // several blocks of it
    for (uint64_t n = 3000; n-- > 0;) {
      unsorted.Put(Family::kIndexes, key(n), std::to_string(n) + large);
    }
    EXPECT_OK(database->Apply(unsorted, database->current()->head()));
    for (const uint64_t n : {0, 1, 1049, 2999}) EXPECT_EQ(value_of(n), std::to_string(n) + large);

    rocks::Batch twice;
    twice.Put(Family::kIndexes, key(1), "first");
    twice.Put(Family::kIndexes, key(2), "first");
    twice.Delete(Family::kIndexes, key(2));
    twice.Put(Family::kIndexes, key(1), "second");
    EXPECT_OK(database->Apply(twice, database->current()->head()));
    EXPECT_EQ(value_of(1), "second");
    EXPECT_EQ(value_of(2), "none");

    rocks::Batch range;
    range.DeleteRange(Family::kIndexes, key(10), key(2000));
    range.Delete(Family::kIndexes, key(9));
    EXPECT_OK(database->Apply(range, database->current()->head()));
    for (const uint64_t n : {9, 10, 1999}) EXPECT_EQ(value_of(n), "none") << n;
    for (const uint64_t n : {8, 2000}) EXPECT_EQ(value_of(n), std::to_string(n) + large);
  }
}

TEST(Store, BadBytesAreCorruptionThatNamesTheKey) {
  FreshDirectory directory;
  {
    const auto store = MakeStore(directory.path());
    Transaction t = store->Begin();
    EXPECT_OK(t.MergeVertex(t.Label("Firm"), "x"));
    EXPECT_OK(t.Commit());
  }
  {
    auto database = *rocks::Database::Open(directory.path(), {});
    rocks::Batch batch;
    batch.Put(rocks::Family::kVertices, rocks::VertexKey({0}).bytes(), "\x09");
    batch.Put(rocks::Family::kOut, rocks::VertexKey({0}).bytes(), "\x09");
    EXPECT_OK(database->Apply(batch, database->current()->head()));
  }
  const auto store = OpenStore(directory.path());
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_FAILS(snapshot.GetVertex({0}), ErrorCode::kCorruption, "key 0000000000000000");
  EXPECT_FAILS(snapshot.Neighbours({0}, {0}, Direction::kOut), ErrorCode::kCorruption,
               "key 0000000000000000 of column family 'out'");
  VertexCursor cursor = snapshot.ScanVertices();
  EXPECT_FALSE(cursor.Next());
  EXPECT_FAILS(cursor.status(), ErrorCode::kCorruption, "vertices");
}

}  // namespace
}  // namespace qipu::graph
