#include "graph/backup.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <sstream>

#include "graph/columnar/columnar.h"
#include "graph/rocks/keeping.h"
#include "graph/verify/verify.h"

namespace qipu::graph {
namespace {

/// What is noted with a backup: time, epoch, vertices, edges and the checksum of these, with a
/// space after each but the last.
std::string NoteOf(const rocks::Head& head) {
  std::string note;
  for (const uint64_t number : {static_cast<uint64_t>(std::time(nullptr)), head.epoch,
                                head.counters.vertices, head.counters.edges}) {
    note += std::to_string(number) + ' ';
  }
  return note + std::to_string(columnar::Checksum(note));
}

Backup FromInfo(const rocksdb::BackupInfo& info) {
  Backup backup{.id = info.backup_id, .files = info.number_files, .bytes = info.size};
  const std::string& note = info.app_metadata;
  const std::string numbers = note.substr(0, note.find_last_of(' ') + 1);
  std::istringstream(numbers) >> backup.made_s >> backup.epoch >> backup.vertices >> backup.edges;
  backup.damaged = note != numbers + std::to_string(columnar::Checksum(numbers));
  return backup;
}

/// All of a folder, oldest first.
std::vector<Backup> ListAll(const rocks::BackupFolder& folder) {
  std::vector<Backup> backups;
  for (const auto& info : folder.List()) backups.push_back(FromInfo(info));
  for (const uint32_t id : folder.ListDamaged()) backups.push_back({.id = id, .damaged = true});
  std::sort(backups.begin(), backups.end(),
            [](const Backup& a, const Backup& b) { return a.id < b.id; });
  return backups;
}

Result<Backup> Find(const rocks::BackupFolder& folder, const std::string& path,
                    std::optional<uint32_t> id) {
  const std::vector<Backup> backups = ListAll(folder);
  if (backups.empty()) return NotFound(path + ": there is no backup in it");
  const auto found = id ? std::find_if(backups.begin(), backups.end(),
                                       [id](const Backup& b) { return b.id == *id; })
                        : std::prev(backups.end());
  const std::string others = "; `qipu backup --list " + path + "` shows those there are";
  if (found == backups.end()) {
    return NotFound(path + ": there is no backup " + std::to_string(*id) + others);
  }
  if (found->damaged) {
    return Corruption(path + ": backup " + std::to_string(found->id) + (id ? "" : ", the newest,") +
                      " is damaged or incomplete; restore another" + (id ? "" : " by its number") +
                      others);
  }
  return *found;
}

Status RefuseDamage(const rocks::Database& database) {
  std::string damage;
  QIPU_TRY(rocks::CheckTables(database, [&](const rocks::DamagedTable& table) {
    if (damage.empty()) damage = table.file + ": " + table.problem;
  }));
  if (damage.empty()) return Ok{};
  return Corruption(database.directory() + " is damaged and is not backed up; " + damage);
}

/// A backup in the database's own directory would go with it.
Status RequireOutside(const std::string& directory, const std::string& backups) {
  std::error_code failed;
  const auto whole = [&failed](const std::string& path) {
    const auto absolute = std::filesystem::absolute(path, failed);
    return failed ? absolute : std::filesystem::weakly_canonical(absolute, failed);
  };
  const auto inner = whole(backups), outer = failed ? inner : whole(directory);
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  if (failed || end != outer.end() || rest == inner.end()) return Ok{};
  return InvalidArgument(backups + ": lies in the database " + directory +
                         "; name a folder outside of it");
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
  const auto files = rocks::FilesOf(options);
  QIPU_TRY(rocks::RequireDatabase(*files, directory));
  QIPU_TRY(RequireOutside(directory, backups));
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
  return ListAll(*folder);
}

Result<Backup> RestoreBackup(const std::string& backups, std::optional<uint32_t> id,
                             const std::string& directory, const StoreOptions& options) {
  const auto files = rocks::FilesOf(options);
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
  const rocks::Head& head = database->current()->head();
  if (head.epoch != backup.epoch || head.counters.vertices != backup.vertices ||
      head.counters.edges != backup.edges) {
    return Corruption(backups + ": backup " + std::to_string(backup.id) +
                      " is not the graph that is noted with it; restore another");
  }
  QIPU_TRY(rocks::PublishFormat(*files, directory));
  return backup;
}

}  // namespace qipu::graph
