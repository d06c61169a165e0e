#ifndef QIPU_GRAPH_ROCKS_KEEPING_H_
#define QIPU_GRAPH_ROCKS_KEEPING_H_

#include <rocksdb/utilities/backup_engine.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

/// What keeps a database sound, beside reading and writing it.
namespace qipu::graph::rocks {

// --- soundness.cc ------------------------------------------------------------------------------

/// A table whose bytes are not what was written, or that is not there.
struct DamagedTable {
  std::string file, family;  ///< names
  std::string problem;
};

/// Reads all tables of `database` and compares them with their checksums. The number of tables.
/// Errors: kIo
Result<uint64_t> CheckTables(const Database& database,
                             const std::function<void(const DamagedTable&)>& tell);

// --- format.cc ---------------------------------------------------------------------------------

/// Whether `folder` is one of backups; false when it is absent or empty.
/// Errors: kAlreadyExists  it holds something else; kUnsupported, kCorruption, kIo
Result<bool> IsBackupFolder(rocksdb::FileSystem& files, const std::string& folder);
/// Makes the folder and what marks it as one of backups.
Status PrepareBackupFolder(rocksdb::FileSystem& files, const std::string& folder);
/// Makes the names in `directory` durable.
Status SyncDirectory(rocksdb::FileSystem& files, const std::string& directory);

// --- backups.cc --------------------------------------------------------------------------------

/// An open folder of backups, over the files of StoreOptions.
class BackupFolder {
 public:
  /// Errors: kNotFound  there is none; as IsBackupFolder's
  static Result<std::unique_ptr<BackupFolder>> Open(const std::string& folder,
                                                    const StoreOptions& options);
  std::vector<rocksdb::BackupInfo> List() const;
  /// The ids of those that lack files or whose list of files can't be read.
  std::vector<uint32_t> ListDamaged() const;
  /// The id of the new backup. Errors: kIo, kCorruption; the others are as they were.
  Result<uint32_t> Add(Database& database, const std::string& note);
  /// Fills RocksDirectory(directory). Errors: kIo, kCorruption
  Status Restore(uint32_t id, const std::string& directory) const;

 private:
  explicit BackupFolder(std::string folder) : folder_(std::move(folder)) {}
  const std::string folder_;
  std::unique_ptr<rocksdb::Env> env_;  // outlives the engine
  std::unique_ptr<rocksdb::BackupEngine> engine_;
};

// --- sizes.cc ----------------------------------------------------------------------------------

struct FamilySize {
  uint64_t rows = 0;  ///< an estimate: rows that wait to be folded count more than once
  uint64_t tables = 0, bytes = 0;
};
/// What one column family takes on disk, without what is in the log alone.
FamilySize SizeOf(const Database& database, Family family);

}  // namespace qipu::graph::rocks

#endif  // QIPU_GRAPH_ROCKS_KEEPING_H_
