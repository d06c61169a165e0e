#ifndef QIPU_GRAPH_BACKUP_H_
#define QIPU_GRAPH_BACKUP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"

namespace qipu::graph {

/// One backup of a folder of backups.
struct Backup {
  uint32_t id = 0;
  int64_t made_s = 0;  ///< seconds since 1970-01-01
  /// What the graph was then.
  uint64_t epoch = 0, vertices = 0, edges = 0;
  /// Of its files; what it shares with other backups is counted in each.
  uint64_t files = 0, bytes = 0;
  /// It is incomplete, or what is noted of it is not what was written: it is not restored, and the
  /// other members say nothing. A restore finds what else may be wrong.
  bool damaged = false;
};

/// Adds a backup of the database in `directory` to the folder `backups`, which must be absent,
/// empty or one of backups. Tables that an earlier backup has are not copied again. Checks every
/// block before and every file after. Readers in other processes need not stop.
///
/// Errors: as Store::Open's (kReadWrite); kAlreadyExists  `backups` holds something else
///         kCorruption  the database is damaged: it is not backed up; or a table in `backups` is
///         kIo          no backup was added; those that are there are as they were
Result<Backup> MakeBackup(const std::string& directory, const std::string& backups,
                          const StoreOptions& options);

/// The backups in a folder, oldest first. Errors: kNotFound, kUnsupported, kCorruption, kIo.
Result<std::vector<Backup>> ListBackups(const std::string& backups, const StoreOptions& options);

/// Makes the database of one backup, the newest for null, in `directory`, which must be absent or
/// empty. The result is verified as a whole before it is a database.
///
/// Errors: kAlreadyExists  `directory` is not empty; kNotFound  no such backup: nothing was made
///         kCorruption     the backup is damaged, also the newest for null; kIo. The same call may
///         be tried again.
Result<Backup> RestoreBackup(const std::string& backups, std::optional<uint32_t> id,
                             const std::string& directory, const StoreOptions& options);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_BACKUP_H_
