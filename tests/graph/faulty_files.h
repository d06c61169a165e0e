#ifndef QIPU_TESTS_GRAPH_FAULTY_FILES_H_
#define QIPU_TESTS_GRAPH_FAULTY_FILES_H_

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>

namespace qipu::graph {

enum class Faults {
  kFromThereOn,  ///< as of a full or dying disk
  kOne,          ///< a single step, and the next ones pass
};

/// Lets so many steps that change the disk pass, and fails what comes after them.
class Budget {
 public:
  Budget(int steps, Faults faults) : left_(steps), faults_(faults) {}
  void Set(int steps) { left_ = steps; }
  rocksdb::IOStatus Spend() {
    const int left = left_.fetch_sub(1);
    const bool fails = faults_ == Faults::kOne ? left == 0 : left <= 0;
    return fails ? rocksdb::IOStatus::IOError("fault injected") : rocksdb::IOStatus::OK();
  }
  bool exhausted() const { return left_ < 0; }

 private:
  std::atomic<int> left_;
  const Faults faults_;
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
  explicit FaultyFileSystem(int steps, Faults faults = Faults::kFromThereOn)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), budget_(steps, faults) {}
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
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FileSystemWrapper::LinkFile(from, to, options, context) : status;
  }
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FileSystemWrapper::CreateDirIfMissing(path, options, context) : status;
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    const auto status = budget_.Spend();
    return status.ok() ? FileSystemWrapper::DeleteFile(path, options, context) : status;
  }

 private:
  Budget budget_;
};

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_FAULTY_FILES_H_
