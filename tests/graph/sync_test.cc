#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "tests/graph/fresh_store.h"

/// How many commits wait for the disk, and what a loss of power takes.
namespace qipu::graph {
namespace {

/// Remembers how much of each log a sync has made durable.
class Durable {
 public:
  void Add(const std::string& path, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_[path] = bytes;
    ++syncs_;
  }
  std::map<std::string, uint64_t> bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  int syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> bytes_;
  int syncs_ = 0;
};

class LogFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, Durable& durable)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), durable_(durable) {}
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    durable_.Add(path_, std::filesystem::file_size(path_));
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }

 private:
  const std::string path_;
  Durable& durable_;
};

class Files : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(Durable& durable)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), durable_(durable) {}
  const char* Name() const override { return "Files"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    const auto status = FileSystemWrapper::NewWritableFile(path, options, file, context);
    if (status.ok() && path.ends_with(".log")) {
      *file = std::make_unique<LogFile>(std::move(*file), path, durable_);
    }
    return status;
  }

 private:
  Durable& durable_;
};

void CommitFirm(Store& store, int number) {
  Transaction t = store.Begin();
  EXPECT_OK(t.MergeVertex(t.Label("Firm"), std::to_string(number)));
  EXPECT_OK(t.Commit());
}

std::set<std::string> NamesIn(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

void CopyFiles(const std::string& from, const std::string& to) {
  std::filesystem::create_directories(to);
  for (const std::string& name : NamesIn(from)) {
    std::error_code gone;
    if (std::filesystem::is_directory(from + '/' + name, gone)) continue;
    std::filesystem::copy_file(from + '/' + name, to + '/' + name, gone);
  }
}

/// A copy of the database as a loss of power would leave it.
std::string AfterPowerLoss(const FreshDirectory& directory, const Durable& durable) {
  const std::string copy = directory.File("copy"), tables = directory.File("db/rocksdb");
  std::set<std::string> before;
  do {  // RocksDB may take away files that it needs no more
    before = NamesIn(tables);
    std::filesystem::remove_all(copy);
    CopyFiles(directory.File("db"), copy);
    CopyFiles(tables, copy + "/rocksdb");
  } while (before != NamesIn(tables) || before != NamesIn(copy + "/rocksdb"));
  const auto durable_bytes = durable.bytes();
  for (const std::string& name : before) {
    if (!name.ends_with(".log")) continue;
    const auto known = durable_bytes.find(tables + '/' + name);
    std::filesystem::resize_file(copy + "/rocksdb/" + name,
                                 known == durable_bytes.end() ? 0 : known->second);
  }
  return copy;
}

TEST(Sync, OneOfSoManyCommitsWaitsForTheDisk) {
  constexpr int kCommits = 20;
  const struct {
    uint32_t commits_per_sync;
    int syncs;
    uint64_t kept;  // after a loss of power
  } cases[] = {{1, 20, 20}, {8, 2, 16}, {100, 0, 0}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.commits_per_sync);
    FreshDirectory directory;
    MakeStore(directory.File("db"));
    Durable durable;
    StoreOptions options;
    options.files = std::make_shared<Files>(durable);
    options.commits_per_sync = c.commits_per_sync;
    const auto store = OpenStore(directory.File("db"), options);
    const int before = durable.syncs();
    for (int i = 0; i < kCommits; ++i) CommitFirm(*store, i);
    EXPECT_EQ(durable.syncs() - before, c.syncs);
    EXPECT_EQ(*OpenStore(AfterPowerLoss(directory, durable))->TakeSnapshot().CountVertices(),
              c.kept);
    EXPECT_OK(store->Sync());
    EXPECT_EQ(*OpenStore(AfterPowerLoss(directory, durable))->TakeSnapshot().CountVertices(),
              uint64_t{kCommits});
  }
}

TEST(Sync, ReadersHaveNothingToSync) {
  FreshDirectory directory;
  MakeStore(directory.File("db"));
  const auto reader = OpenStore(directory.File("db"), {.access = Access::kReadOnly});
  EXPECT_FALSE(reader->Sync().ok());
}

}  // namespace
}  // namespace qipu::graph
