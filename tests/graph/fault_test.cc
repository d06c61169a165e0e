#include <gmock/gmock.h>
#include <rocksdb/file_system.h>

#include <atomic>

#include "graph/store.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

/// Lets so many steps that change the disk pass and fails all after them, as a full or dying disk
/// does.
class Budget {
 public:
  explicit Budget(int steps) : left_(steps) {}
  void Set(int steps) { left_ = steps; }
  rocksdb::IOStatus Spend() {
    if (left_.fetch_sub(1) > 0) return rocksdb::IOStatus::OK();
    return rocksdb::IOStatus::IOError("fault injected");
  }
  bool exhausted() const { return left_ < 0; }

 private:
  std::atomic<int> left_;
};

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, Budget& budget)
      : FSWritableFileOwnerWrapper(std::move(file)), budget_(budget) {}
  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, context) : status;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, verification, context)
                       : status;
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FSWritableFileOwnerWrapper::Sync(options, context) : status;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FSWritableFileOwnerWrapper::Fsync(options, context) : status;
  }

 private:
  Budget& budget_;
};

class FaultyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, Budget& budget)
      : FSDirectoryWrapper(std::move(directory)), budget_(budget) {}
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FSDirectoryWrapper::Fsync(options, context) : status;
  }

 private:
  Budget& budget_;
};

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(int steps)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), budget_(steps) {}
  const char* Name() const override { return "FaultyFileSystem"; }
  bool exhausted() const { return budget_.exhausted(); }
  void Allow(int steps) { budget_.Set(steps); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    // RocksDB's own diary matters to nobody: failing there would only make more rounds.
    if (path.ends_with("/LOG")) {
      return FileSystemWrapper::NewWritableFile(path, options, result, context);
    }
    auto status = budget_.Spend();
    if (status.ok()) status = FileSystemWrapper::NewWritableFile(path, options, result, context);
    if (status.ok()) *result = std::make_unique<FaultyFile>(std::move(*result), budget_);
    return status;
  }
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* context) override {
    const auto status = FileSystemWrapper::NewDirectory(path, options, result, context);
    if (status.ok()) *result = std::make_unique<FaultyDirectory>(std::move(*result), budget_);
    return status;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, context) : status;
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FileSystemWrapper::DeleteFile(path, options, context) : status;
  }

 private:
  Budget budget_;
};

constexpr int kStepsMax = 5000;  // far beyond what Create and a commit take

TEST(Fault, CreateIsADatabaseOrCanBeDoneAgain) {
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    const auto files = std::make_shared<FaultyFileSystem>(steps);
    const Status created = Store::Create(directory.path(), FirmSchema(), {.files = files});
    auto store = Store::Open(directory.path(), {});
    if (!created.ok()) {
      ++failures;
      EXPECT_EQ(created.error().code, ErrorCode::kIo) << created.error().message;
      if (!store.ok()) {
        EXPECT_EQ(store.error().code, ErrorCode::kNotFound) << store.error().message;
        EXPECT_OK(Store::Create(directory.path(), FirmSchema(), {}));
        store = Store::Open(directory.path(), {});
      }
    }
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ((*store)->TakeSnapshot().schema().text(), kFirmSchema);
    if (created.ok() && !files->exhausted()) break;
  }
  EXPECT_GT(failures, 10);
}

Result<CommitSummary> CommitTwoFirms(Store& store) {
  Transaction t = store.Begin();
  const auto aster = t.MergeVertex(t.Label("Firm"), "aster");
  const auto birch = t.MergeVertex(t.Label("Firm"), "birch");
  if (!aster.ok()) return aster.error();
  if (!birch.ok()) return birch.error();
  const Status put = t.PutEdge({*aster, t.EdgeType("KNOWS"), *birch}, {});
  if (!put.ok()) return put.error();
  t.PutLedger("row", std::string(100000, 'x'));
  return t.Commit();
}

TEST(Fault, CommitIsAllOrNothing) {
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    EXPECT_OK(Store::Create(directory.path(), FirmSchema(), {}));
    const auto files = std::make_shared<FaultyFileSystem>(kStepsMax);
    bool committed = false, unharmed = false;
    {
      const auto store = OpenStore(directory.path(), {.files = files});
      ASSERT_NE(store, nullptr);
      files->Allow(steps);
      const auto summary = CommitTwoFirms(*store);
      committed = summary.ok();
      unharmed = committed && !files->exhausted();
      if (!committed) {
        ++failures;
        EXPECT_EQ(summary.error().code, ErrorCode::kIo);
        EXPECT_FAILS(CommitTwoFirms(*store), ErrorCode::kIo, "open the database again");
        EXPECT_EQ(*store->TakeSnapshot().CountVertices(), 0u);
      }
    }
    const auto store = OpenStore(directory.path());
    ASSERT_NE(store, nullptr);
    const Snapshot snapshot = store->TakeSnapshot();
    const uint64_t edges = *snapshot.CountEdges();
    EXPECT_EQ(*snapshot.CountVertices(), 2 * edges);
    EXPECT_EQ(snapshot.epoch(), edges);
    EXPECT_EQ((*snapshot.GetLedger("row")).has_value(), edges == 1);
    EXPECT_EQ((*snapshot.GetVertex({1})).has_value(), edges == 1);
    EXPECT_TRUE(!committed || edges == 1);
    if (edges == 0) {
      EXPECT_OK(CommitTwoFirms(*store));
    }
    if (unharmed) break;
  }
  EXPECT_GT(failures, 1);
}

}  // namespace
}  // namespace qipu::graph
