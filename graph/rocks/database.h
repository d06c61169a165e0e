#ifndef QIPU_GRAPH_ROCKS_DATABASE_H_
#define QIPU_GRAPH_ROCKS_DATABASE_H_

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
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

// --- watched_files.cc --------------------------------------------------------------------------

enum class LogState {
  kSound,
  kCutOff,   ///< ends inside a record, as a writer's log does that was killed
  kDamaged,  ///< has a record that is not what was written: what follows it is lost
};

/// What opening does about a damaged log, tables that can't be opened, and a repair that was
/// interrupted.
enum class Damage {
  kRefuse,  ///< fails: to write after a damaged record would make the loss of the rest final
  kTell,    ///< opens what there is, for a verification or a repair
};

/// What is seen of the files, and asked of them.
struct FileWatch {
  LogState logs = LogState::kSound;  ///< the worst that was seen of those that were read
  LogState manifest = LogState::kSound;
  /// Tables in the database are not deleted: the next opening takes away what is not needed.
  std::atomic<bool> keeps_tables = false;
};

/// `files`, on which logs are checked as they are read: RocksDB passes silently over what follows
/// a damaged record. So is the manifest, of which it passes over a last record with a damaged size;
/// a damaged one is always refused. Cost: 3 ns a byte of a log.
std::shared_ptr<rocksdb::FileSystem> WatchFiles(const std::shared_ptr<rocksdb::FileSystem>& files,
                                                const std::string& directory,
                                                std::shared_ptr<FileWatch> watch, Damage damage);
/// All logs of the database in `directory`, which nobody else writes. Errors: kIo
Result<LogState> CheckLogs(const std::shared_ptr<rocksdb::FileSystem>& files,
                           const std::string& directory);

// --- rows to write -----------------------------------------------------------------------------

/// What to do with a row.
enum class RowChange : uint8_t { kPut, kMerge, kDelete, kDeleteRange };

/// Rows of one family, one after another: key, value, key, value.
struct RowBlock {
  struct Row {
    RowChange change;
    uint32_t key_bytes, value_bytes;
  };
  std::vector<Row> rows;
  std::string bytes;

  void Add(RowChange change, std::string_view key, std::string_view value);
  bool full() const { return bytes.size() >= kBytes; }
  /// Calls `use(change, key, value)` for each row, until it returns false.
  template <class Use>
  void Visit(Use use) const {
    const char* at = bytes.data();
    for (const Row& row : rows) {
      const std::string_view key(at, row.key_bytes), value(at + row.key_bytes, row.value_bytes);
      at += row.key_bytes + row.value_bytes;
      if (!use(row.change, key, value)) return;
    }
  }

  static constexpr size_t kBytes = size_t{1} << 20;
};

// --- batch.cc ----------------------------------------------------------------------------------

/// Puts, merges and deletes to write together. Those of one family apply in the order given.
class Batch {
 public:
  void Put(Family family, std::string_view key, std::string_view value);
  void Merge(Family family, std::string_view key, std::string_view delta);
  void Delete(Family family, std::string_view key);
  /// Keys from `lower` on, below `upper`.
  void DeleteRange(Family family, std::string_view lower, std::string_view upper);
  size_t bytes() const { return bytes_; }

 private:
  friend class Database;
  struct Rows {
    std::deque<RowBlock> blocks;
    bool ascending = true;  ///< the keys, each once
    std::string last_key;
  };
  void Add(Family family, RowChange change, std::string_view key, std::string_view value);
  /// Sorts the rows of a family unless they are sorted; false when a key is there twice.
  static bool Sort(Rows& rows);

  std::array<Rows, kFamilyCount> families_;
  size_t bytes_ = 0;
  bool has_range_ = false;
};

// --- files of tables ---------------------------------------------------------------------------

/// A table that lies outside the database.
struct TableFile {
  std::string path;
  std::string checksum;  ///< of all its bytes, as the manifest notes it
};
using TableFiles = std::vector<TableFile>;

// --- database.cc, table_commit.cc --------------------------------------------------------------

/// The open RocksDB, and the newest view of it.
class Database {
 public:
  /// Fills `RocksDirectory(directory)`, which must be absent, with an empty graph.
  static Status Create(const std::string& directory, const Schema& schema,
                       const StoreOptions& options);
  /// Errors: kBusy, kIo; kCorruption
  static Result<std::unique_ptr<Database>> Open(const std::string& directory,
                                                const StoreOptions& options,
                                                Damage damage = Damage::kRefuse);
  ~Database();

  std::shared_ptr<const View> current() const;
  /// Writes `batch` and what differs in `next` from the current head, and publishes the result.
  /// After an error nothing more can be written until the database is opened again.
  Status Apply(Batch& batch, Head next);

  /// Tables of one family, to be taken in together. They are linked or moved, not copied.
  struct Tables {
    Family family;
    TableFiles files;
  };
  /// Takes in all `tables`, which hold the rows of `next` as well (see PutHead), and publishes the
  /// result. All or nothing, durably. Errors as Apply's.
  Status Ingest(const std::vector<Tables>& tables, Head next);

  /// Empties column families, to be filled by an Ingest whose head is `rebuilding` no more; until
  /// then the database is opened by a repair alone. REQUIRES: nobody reads them meanwhile.
  Status Renew(std::span<const Family> families);

  /// Waits until all that was applied is durable. Errors: kIo
  Status Sync();

  /// Someone else uses so many bytes of the memory from now on: the cache has what is left.
  void Lend(uint64_t bytes);

  /// Of the logs that were read at opening.
  LogState log_state() const { return watch_->logs; }
  /// Nobody replaces tables: it was opened for a repair, without compaction.
  bool is_still() const { return access_ == Access::kReadWrite && damage_ == Damage::kTell; }
  const std::string& directory() const { return directory_; }
  Access access() const { return access_; }
  uint64_t memory_bytes() const { return memory_bytes_; }
  rocksdb::Env* env() const { return env_.get(); }
  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

 private:
  friend class View;
  Database(const std::string& directory, const StoreOptions& options, Damage damage);
  enum class Opening { kCreate, kStrict, kLenient };
  static Result<std::unique_ptr<Database>> OpenOnce(const std::string& directory,
                                                    const StoreOptions& options, Damage damage,
                                                    Opening opening);
  Status OpenRocks(Opening opening);
  Status LoadMeta();
  Status CheckWritable() const;
  /// Writes `batch` to the log and the memtables.
  rocksdb::Status WriteLog(const Batch& batch, const rocksdb::WriteOptions& options);
  /// Whether `batch` can be written as tables; sorts it.
  static bool FitsTables(Batch& batch);
  /// The rows of `batch`, which fits tables and is spent, as tables beside the database.
  Result<std::vector<Tables>> WriteTables(Batch& batch) const;
  /// Makes `next` the current head after a write, or remembers that the write failed.
  Status Publish(const rocksdb::Status& written, Head next);
  void Close();

  const std::string directory_;
  const Access access_;
  const uint64_t memory_bytes_, table_commit_bytes_;
  const uint32_t commits_per_sync_;
  const Damage damage_;
  uint32_t unsynced_ = 0;  // commits since the last sync
  std::shared_ptr<FileWatch> watch_ = std::make_shared<FileWatch>();
  std::unique_ptr<rocksdb::Env> env_;
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

/// Whether a table has a filter, which spares looking for rows that it has not.
enum class Filter { kYes, kNo };

/// Writes rows of one family into table files outside the database, on a thread of its own;
/// Database::Ingest takes them in.
class TableWriter {
 public:
  /// Files are `path_prefix` + number + ".sst".
  TableWriter(const Database& database, Family family, std::string path_prefix,
              Filter filter = Filter::kYes);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  /// REQUIRES: keys come in ascending order.
  void Put(std::string_view key, std::string_view value) { Add(RowChange::kPut, key, value); }
  void Merge(std::string_view key, std::string_view delta) { Add(RowChange::kMerge, key, delta); }
  void Add(RowChange change, std::string_view key, std::string_view value);
  /// The same for all rows of `block`, which is empty then.
  void Add(RowBlock& block);
  uint64_t rows() const { return rows_; }
  /// Waits until all is written and durable; the files. Errors: kIo, also of any earlier row.
  Result<TableFiles> Finish();

 private:
  struct Files;
  void Send();
  void Work();
  void Stop();

  const Family family_;
  uint64_t rows_ = 0;
  std::unique_ptr<Files> files_;  // the worker's until it has stopped
  RowBlock block_;                // being filled
  std::mutex mutex_;              // guards what follows
  std::condition_variable changed_;
  std::deque<RowBlock> waiting_;
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
