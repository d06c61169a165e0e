#include "graph/rocks/derived_files.h"
#include "graph/rocks/keeping.h"

namespace qipu::graph::rocks {

namespace {

/// The files of RocksDB's backups need the lists that lie beside them. Making the first backup may
/// have been interrupted before there was a list, but not before there was their place.
Status RequireLists(rocksdb::FileSystem& files, const std::string& folder) {
  const std::string path = RocksDirectory(folder);
  const auto there = files.FileExists(path + "/meta", rocksdb::IOOptions(), nullptr);
  if (!there.IsNotFound() || QIPU_TRY(NamesIn(files, path + "/shared_checksum")).empty()) {
    return Ok{};
  }
  return Corruption(folder + ": the lists of files (" + path +
                    "/meta) are gone, nothing can be restored; back up to a new folder");
}

}  // namespace

Result<std::unique_ptr<BackupFolder>> BackupFolder::Open(const std::string& folder,
                                                         const StoreOptions& options) {
  const auto files = FilesOf(options);
  if (!QIPU_TRY(IsBackupFolder(*files, folder))) {
    return NotFound(folder + ": no backups there; `qipu backup " + folder + "` makes one");
  }
  QIPU_TRY(RequireLists(*files, folder));
  std::unique_ptr<BackupFolder> opened(new BackupFolder(folder));
  opened->env_ = rocksdb::NewCompositeEnv(files);
  rocksdb::BackupEngineOptions engine(RocksDirectory(folder));
  engine.backup_env = opened->env_.get();
  engine.share_table_files = true;
  engine.share_files_with_checksum = true;
  engine.sync = true;
  rocksdb::BackupEngine* made = nullptr;
  const auto status = rocksdb::BackupEngine::Open(engine, opened->env_.get(), &made);
  if (!status.ok()) return FromRocks(status, "cannot open the backups in " + folder);
  opened->engine_.reset(made);
  return opened;
}

std::vector<rocksdb::BackupInfo> BackupFolder::List() const {
  std::vector<rocksdb::BackupInfo> backups;
  engine_->GetBackupInfo(&backups);
  return backups;
}

std::vector<uint32_t> BackupFolder::ListDamaged() const {
  std::vector<rocksdb::BackupID> ids;
  engine_->GetCorruptedBackups(&ids);
  return ids;
}

Result<uint32_t> BackupFolder::Add(Database& database, const std::string& note) {
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;  // tables are shared with the next backup, logs are not
  uint32_t id = 0;
  auto status = engine_->GarbageCollect();  // what an interrupted backup has left
  if (status.ok()) {
    status = engine_->CreateNewBackupWithMetadata(options, &database.db(), note, &id);
  }
  if (!status.ok()) return FromRocks(status, "cannot back up to " + folder_);
  status = engine_->VerifyBackup(id, true);
  if (status.ok()) return id;
  engine_->DeleteBackup(id).PermitUncheckedError();  // what is left of it is told as damaged
  if (!status.IsCorruption()) return FromRocks(status, "cannot back up to " + folder_);
  return Corruption(folder_ + ": a file that earlier backups share is damaged (" +
                    status.ToString() +
                    "), no backup was added; the database is sound: back it up to a new folder");
}

Status BackupFolder::Restore(uint32_t id, const std::string& directory) const {
  auto status = engine_->VerifyBackup(id, true);
  if (!status.ok()) {
    return FromRocks(status, folder_ + ": backup " + std::to_string(id) +
                                 " is damaged; restore another (`qipu backup --list " + folder_ +
                                 "`)");
  }
  const std::string path = RocksDirectory(directory);
  status = engine_->RestoreDBFromBackup(rocksdb::RestoreOptions(), id, path, path);
  if (!status.ok()) return FromRocks(status, "cannot restore to " + directory);
  return SyncDirectory(*env_->GetFileSystem(), path);
}

}  // namespace qipu::graph::rocks
