#ifndef QIPU_GRAPH_ROCKS_DATABASE_H_
#define QIPU_GRAPH_ROCKS_DATABASE_H_

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "graph/rocks/rocks.h"
#include "graph/store.h"

/// The open database: opening it beside a writer, writing it, and tables and files beside it.
namespace qipu::graph::rocks {

// --- frozen_files.cc ---------------------------------------------------------------------------

/// The files of the database in `directory` as they lie at one moment, for one read-only open
/// beside a writer: no commit is missed, and none is seen in part, whatever the writer deletes.
/// Errors: kIo  the writer never left them alone long enough.
Result<std::shared_ptr<rocksdb::FileSystem>> FreezeFiles(
    const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& directory);

// --- database.cc -------------------------------------------------------------------------------

/// Puts, merges and deletes to write together.
class Batch {
 public:
  Batch(Database& database, size_t reserved_bytes);
  void Put(Family family, std::string_view key, std::string_view value);
  void Merge(Family family, std::string_view key, std::string_view delta);
  void Delete(Family family, std::string_view key);
  /// Keys from `lower` on, below `upper`.
  void DeleteRange(Family family, std::string_view lower, std::string_view upper);
  size_t bytes() const { return batch_.GetDataSize(); }

 private:
  friend class Database;
  Database& database_;
  rocksdb::WriteBatch batch_;
};

/// The open RocksDB, and the newest view of it.
class Database {
 public:
  /// Fills `RocksDirectory(directory)`, which must be absent, with an empty graph.
  static Status Create(const std::string& directory, const Schema& schema,
                       const StoreOptions& options);
  static Result<std::unique_ptr<Database>> Open(const std::string& directory,
                                                const StoreOptions& options);
  ~Database();

  std::shared_ptr<const View> current() const;
  /// Writes `batch` and what differs in `next` from the current head, and publishes the result.
  /// After an error nothing more can be written until the database is opened again.
  Status Apply(Batch& batch, Head next);

  /// Tables of one family, to be taken in together. They are linked or moved, not copied.
  struct Tables {
    Family family;
    std::vector<std::string> paths;
  };
  /// Takes in all `tables`, which hold the rows of `next` as well (see PutHead), and publishes the
  /// result. All or nothing, durably. Errors as Apply's.
  Status Ingest(const std::vector<Tables>& tables, Head next);

  /// Waits until all that was applied is durable. Errors: kIo
  Status Sync();

  /// Someone else uses so many bytes of the memory from now on: the cache has what is left.
  void Lend(uint64_t bytes);

  const std::string& directory() const { return directory_; }
  Access access() const { return access_; }
  uint64_t memory_bytes() const { return memory_bytes_; }
  rocksdb::Env* env() const { return env_ ? env_.get() : rocksdb::Env::Default(); }
  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

 private:
  friend class View;
  friend class Batch;
  Database(const std::string& directory, const StoreOptions& options);
  Status OpenRocks(bool create);
  Status LoadMeta();
  Status CheckWritable() const;
  /// The rows of `batch` as tables beside the database; null when some key is in it twice.
  Result<std::optional<std::vector<Tables>>> WriteTables(const Batch& batch) const;
  /// Makes `next` the current head after a write, or remembers that the write failed.
  Status Publish(const rocksdb::Status& written, Head next);
  void Close();

  const std::string directory_;
  const Access access_;
  const uint64_t memory_bytes_, table_commit_bytes_;
  const uint32_t commits_per_sync_;
  uint32_t unsynced_ = 0;              // commits since the last sync
  std::unique_ptr<rocksdb::Env> env_;  // over StoreOptions::files; null for the default one
  std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // owned by db_, closed before it
  Schema schema_;
  std::unique_ptr<const Rules> rules_;
  bool has_written_ = false, write_failed_ = false;

  mutable std::mutex mutex_;             // guards current_
  std::shared_ptr<const View> current_;  // shared with snapshots and the transaction
};

// --- table_writer.cc ---------------------------------------------------------------------------

/// Writes rows of one family into table files outside the database, on a thread of its own;
/// Database::Ingest takes them in.
class TableWriter {
 public:
  /// Files are `path_prefix` + number + ".sst".
  TableWriter(const Database& database, Family family, std::string path_prefix);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  /// REQUIRES: keys come in ascending order.
  void Put(std::string_view key, std::string_view value) { Add(Change::kPut, key, value); }
  void Merge(std::string_view key, std::string_view delta) { Add(Change::kMerge, key, delta); }
  enum class Change : uint8_t { kPut, kMerge, kDelete };
  void Add(Change change, std::string_view key, std::string_view value);
  uint64_t rows() const { return rows_; }
  /// Waits until all is written and durable; the files. Errors: kIo, also of any earlier row.
  Result<std::vector<std::string>> Finish();

 private:
  struct Block;
  struct Files;
  void Send();
  void Work();
  void Stop();

  const Family family_;
  uint64_t rows_ = 0;
  std::unique_ptr<Files> files_;  // the worker's until it has stopped
  std::unique_ptr<Block> block_;  // being filled
  std::mutex mutex_;              // guards what follows
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Block>> waiting_;
  bool stopping_ = false;
  std::string failure_;
  std::thread worker_;  // last: it begins to work when it is made
};

// --- spill.cc ----------------------------------------------------------------------------------

/// Bytes that wait on disk: appended first, read back later. Not durable.
class SpillFile {
 public:
  static Result<std::unique_ptr<SpillFile>> Make(const std::shared_ptr<rocksdb::FileSystem>& files,
                                                 const std::string& path);
  ~SpillFile();
  Status Append(std::string_view bytes);
  /// From here on it is read.
  Status EndWriting();
  /// REQUIRES: offset + size <= bytes().
  Status Read(uint64_t offset, size_t size, char* into) const;
  uint64_t bytes() const { return bytes_; }

 private:
  SpillFile(std::shared_ptr<rocksdb::FileSystem> files, std::string path,
            std::unique_ptr<rocksdb::FSWritableFile> out);
  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::string path_;
  std::unique_ptr<rocksdb::FSWritableFile> out_;
  std::unique_ptr<rocksdb::FSRandomAccessFile> in_;
  uint64_t bytes_ = 0;
};

}  // namespace qipu::graph::rocks

#endif  // QIPU_GRAPH_ROCKS_DATABASE_H_
