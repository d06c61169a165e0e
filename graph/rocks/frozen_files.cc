#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

using rocksdb::FileOptions;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr char kCurrent[] = "CURRENT";  // names the manifest

/// Bytes in memory, read from front to back.
class MemoryFile : public rocksdb::FSSequentialFile {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  IOStatus Read(size_t wanted, const IOOptions&, rocksdb::Slice* result, char* scratch,
                rocksdb::IODebugContext*) override {
    const size_t size = std::min(wanted, bytes_.size() - at_);
    std::copy_n(bytes_.data() + at_, size, scratch);
    *result = rocksdb::Slice(scratch, size);
    at_ += size;
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t count) override {
    at_ += std::min<uint64_t>(count, bytes_.size() - at_);
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

/// The files of a database as they lay at one moment. Logs and tables stay readable after their
/// writer deletes them, and no file that came later is there.
class FrozenFiles : public rocksdb::FileSystemWrapper {
 public:
  FrozenFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::string directory)
      : FileSystemWrapper(files), directory_(std::move(directory)) {}
  const char* Name() const override { return "FrozenFiles"; }

  /// False when the writer changed files meanwhile. Anything else that fails is left for the
  /// opening of the database to complain of.
  bool Freeze();

  IOStatus GetChildren(const std::string& path, const IOOptions& options,
                       std::vector<std::string>* names, rocksdb::IODebugContext* context) override {
    if (path != directory_) return FileSystemWrapper::GetChildren(path, options, names, context);
    *names = names_;
    return IOStatus::OK();
  }
  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             rocksdb::IODebugContext* context) override {
    if (path == PathOf(kCurrent) || path == PathOf(manifest_name_)) {
      *file = std::make_unique<MemoryFile>(path == PathOf(kCurrent) ? current_ : manifest_);
      return IOStatus::OK();
    }
    if (HandOut(logs_, path, file)) return IOStatus::OK();
    return FileSystemWrapper::NewSequentialFile(path, options, file, context);
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               rocksdb::IODebugContext* context) override {
    if (HandOut(tables_, path, file)) return IOStatus::OK();
    return FileSystemWrapper::NewRandomAccessFile(path, options, file, context);
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, uint64_t* bytes,
                       rocksdb::IODebugContext* context) override {
    const auto found = table_bytes_.find(path);
    if (found == table_bytes_.end()) {
      return FileSystemWrapper::GetFileSize(path, options, bytes, context);
    }
    *bytes = found->second;
    return IOStatus::OK();
  }

 private:
  template <class File>
  using Held = std::map<std::string, std::unique_ptr<File>, std::less<>>;  // by path

  std::string PathOf(std::string_view name) const { return directory_ + '/' + std::string(name); }
  std::string ReadText(const std::string& name) const {
    std::string text;
    rocksdb::ReadFileToString(target(), PathOf(name), &text).PermitUncheckedError();
    return text;
  }
  std::vector<std::string> ListSorted() const;
  bool HoldAll();

  /// A file is handed out once: a reader that keeps all its tables open asks no second time.
  template <class File>
  bool HandOut(Held<File>& held, const std::string& path, std::unique_ptr<File>* file) {
    const std::lock_guard lock(mutex_);
    const auto found = held.find(path);
    if (found == held.end()) return false;
    *file = std::move(found->second);
    held.erase(found);
    return true;
  }

  const std::string directory_;
  std::vector<std::string> names_;  // ascending
  std::string current_, manifest_name_, manifest_;
  std::map<std::string, uint64_t> table_bytes_;  // by path
  std::mutex mutex_;  // guards what follows: RocksDB opens tables on several threads
  Held<rocksdb::FSSequentialFile> logs_;
  Held<rocksdb::FSRandomAccessFile> tables_;
};

std::vector<std::string> FrozenFiles::ListSorted() const {
  std::vector<std::string> names;
  target()->GetChildren(directory_, IOOptions(), &names, nullptr).PermitUncheckedError();
  std::sort(names.begin(), names.end());
  return names;
}

/// Opens every log and table; false when one is gone already.
bool FrozenFiles::HoldAll() {
  for (const std::string& name : names_) {
    const std::string path = PathOf(name);
    IOStatus status;
    if (name.ends_with(".log")) {
      std::unique_ptr<rocksdb::FSSequentialFile> log;
      status = target()->NewSequentialFile(path, FileOptions(), &log, nullptr);
      if (status.ok()) logs_[path] = std::move(log);
    } else if (name.ends_with(".sst")) {
      std::unique_ptr<rocksdb::FSRandomAccessFile> table;
      status = target()->NewRandomAccessFile(path, FileOptions(), &table, nullptr);
      if (status.ok()) {
        tables_[path] = std::move(table);
        status = target()->GetFileSize(path, IOOptions(), &table_bytes_[path], nullptr);
      }
    }
    if (status.IsNotFound() || status.IsPathNotFound()) return false;
  }
  return true;
}

/// A writer deletes a log or table only after it has appended to the manifest, or begun another
/// one. If the manifest is the same after all files were opened as it was before, all that it
/// needs is held. A listing may miss a file that is made meanwhile; two equal ones missed none.
bool FrozenFiles::Freeze() {
  current_ = ReadText(kCurrent);
  manifest_name_ = current_.substr(0, current_.find('\n'));
  manifest_ = ReadText(manifest_name_);
  names_ = ListSorted();
  if (!HoldAll() || names_ != ListSorted() || current_ != ReadText(kCurrent)) {
    return false;
  }
  uint64_t bytes = 0;
  target()
      ->GetFileSize(PathOf(manifest_name_), IOOptions(), &bytes, nullptr)
      .PermitUncheckedError();
  return bytes == manifest_.size();
}

}  // namespace

Result<std::shared_ptr<rocksdb::FileSystem>> FreezeFiles(
    const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& directory) {
  constexpr int kAttempts = 1000;
  constexpr auto kPause = std::chrono::milliseconds(2);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto frozen = std::make_shared<FrozenFiles>(files, RocksDirectory(directory));
    if (frozen->Freeze()) return std::shared_ptr<rocksdb::FileSystem>(std::move(frozen));
    std::this_thread::sleep_for(kPause);
  }
  std::string current;
  rocksdb::ReadFileToString(files.get(), RocksDirectory(directory) + "/" + std::string(kCurrent),
                            &current)
      .PermitUncheckedError();
  if (current.empty()) {
    return Corruption(directory + ": the file rocksdb/" + std::string(kCurrent) +
                      ", which names all others, is missing or empty; restore a backup");
  }
  return IoError(directory + ": its writer kept changing files while they were opened; " +
                 "open it once more");
}

}  // namespace qipu::graph::rocks
