#include "graph/backup.h"

#include <sstream>

#include "graph/rocks/keeping.h"
#include "graph/verify/verify.h"

namespace qipu::graph {
namespace {

std::shared_ptr<rocksdb::FileSystem> FilesOf(const StoreOptions& options) {
  return options.files ? options.files : rocksdb::FileSystem::Default();
}

/// What is noted with a backup: epoch, vertices and edges, with spaces between.
std::string NoteOf(const rocks::Head& head) {
  return std::to_string(head.epoch) + ' ' + std::to_string(head.counters.vertices) + ' ' +
         std::to_string(head.counters.edges);
}

Backup FromInfo(const rocksdb::BackupInfo& info) {
  Backup backup{.id = info.backup_id,
                .made_s = info.timestamp,
                .files = info.number_files,
                .bytes = info.size};
  std::istringstream(info.app_metadata) >> backup.epoch >> backup.vertices >> backup.edges;
  return backup;
}

Result<Backup> Find(const rocks::BackupFolder& folder, const std::string& path,
                    std::optional<uint32_t> id) {
  const auto backups = folder.List();
  if (backups.empty()) return NotFound(path + ": there is no backup in it");
  if (!id) return FromInfo(backups.back());
  for (const auto& info : backups) {
    if (info.backup_id == *id) return FromInfo(info);
  }
  return NotFound(path + ": there is no backup " + std::to_string(*id) + "; `qipu backup --list " +
                  path + "` shows those there are");
}

Status RefuseDamage(const rocks::Database& database) {
  std::string damage;
  QIPU_TRY(rocks::CheckTables(database, [&](const rocks::DamagedTable& table) {
    if (damage.empty()) damage = table.file + ": " + table.problem;
  }));
  if (damage.empty()) return Ok{};
  return Corruption(database.directory() + " is damaged and is not backed up; " + damage);
}

/// Whether a database may be made there.
Status RequireRoom(rocksdb::FileSystem& files, const std::string& directory) {
  switch (QIPU_TRY(rocks::Inspect(files, directory))) {
    case rocks::Occupant::kNothing:
    case rocks::Occupant::kInterruptedCreate:
      break;
    case rocks::Occupant::kDatabase:
    case rocks::Occupant::kForeign:
      return Error{ErrorCode::kAlreadyExists,
                   directory + ": the directory is not empty; name one that is absent or empty"};
  }
  return Ok{};
}

}  // namespace

Result<Backup> MakeBackup(const std::string& directory, const std::string& backups,
                          const StoreOptions& options) {
  const auto files = FilesOf(options);
  QIPU_TRY(rocks::RequireDatabase(*files, directory));
  const bool there = QIPU_TRY(rocks::IsBackupFolder(*files, backups));
  StoreOptions writing = options;
  writing.access = Access::kReadWrite;
  const auto database = QIPU_TRY(rocks::Database::Open(directory, writing));
  QIPU_TRY(RefuseDamage(*database));
  if (!there) QIPU_TRY(rocks::PrepareBackupFolder(*files, backups));
  const auto folder = QIPU_TRY(rocks::BackupFolder::Open(backups, options));
  const uint32_t id = QIPU_TRY(folder->Add(*database, NoteOf(database->current()->head())));
  return Find(*folder, backups, id);
}

Result<std::vector<Backup>> ListBackups(const std::string& backups, const StoreOptions& options) {
  const auto folder = QIPU_TRY(rocks::BackupFolder::Open(backups, options));
  std::vector<Backup> list;
  for (const auto& info : folder->List()) list.push_back(FromInfo(info));
  return list;
}

Result<Backup> RestoreBackup(const std::string& backups, std::optional<uint32_t> id,
                             const std::string& directory, const StoreOptions& options) {
  const auto files = FilesOf(options);
  QIPU_TRY(RequireRoom(*files, directory));
  const auto folder = QIPU_TRY(rocks::BackupFolder::Open(backups, options));
  const Backup backup = QIPU_TRY(Find(*folder, backups, id));
  QIPU_TRY(rocks::PrepareDirectory(*files, directory));
  QIPU_TRY(folder->Restore(backup.id, directory));
  StoreOptions reading = options;
  reading.access = Access::kReadOnly;
  const auto database = QIPU_TRY(rocks::Database::Open(directory, reading));
  VerifyReport report;
  QIPU_TRY(verify::Check(*database, {}, report));
  if (!report.clean()) {
    return Corruption(backups + ": backup " + std::to_string(backup.id) +
                      " is damaged: " + report.findings.front().problem + "; restore another");
  }
  QIPU_TRY(rocks::PublishFormat(*files, directory));
  return backup;
}

}  // namespace qipu::graph
