#include "graph/rocks/database.h"

#include <algorithm>
#include <utility>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

/// Another process writes: RocksDB only tells so in words.
bool IsLocked(const rocksdb::Status& status) {
  return status.IsIOError() && (status.ToString().find("While lock file") != std::string::npos ||
                                status.ToString().find("lock hold by") != std::string::npos);
}

/// A repair dropped a column family and did not come to make it anew.
bool LacksFamily(const rocksdb::Status& status) {
  return status.IsInvalidArgument() &&
         status.ToString().find("Column family not found") != std::string::npos;
}

rocksdb::Status Append(rocksdb::WriteBatch& batch, rocksdb::ColumnFamilyHandle* family,
                       RowChange change, std::string_view key, std::string_view value) {
  switch (change) {
    case RowChange::kPut:
      return batch.Put(family, key, value);
    case RowChange::kMerge:
      return batch.Merge(family, key, value);
    case RowChange::kDelete:
      return batch.Delete(family, key);
    case RowChange::kDeleteRange:
      return batch.DeleteRange(family, key, value);
  }
  return rocksdb::Status::OK();
}

constexpr std::string_view kRepairRemedy =
    "a repair was interrupted, `qipu verify --repair` completes it";

}  // namespace

Database::Database(const std::string& directory, const StoreOptions& options, Damage damage)
    : directory_(directory),
      access_(options.access),
      memory_bytes_(options.memory_bytes),
      table_commit_bytes_(options.table_commit_bytes),
      commits_per_sync_(options.commits_per_sync),
      damage_(damage) {
  env_ = rocksdb::NewCompositeEnv(WatchFiles(FilesOf(options), directory, watch_, damage));
  cache_ = rocksdb::NewLRUCache(memory_bytes_);
}

Database::~Database() { Close(); }

void Database::Close() {
  current_.reset();
  if (!db_) return;
  // What lies in tables needs no log to be replayed: the next one to open does not wait. All that
  // was committed is in the log already, so a failure here loses nothing.
  if (has_written_ && !write_failed_) {
    db_->Flush(rocksdb::FlushOptions(), handles_).PermitUncheckedError();
  }
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  handles_.clear();
  db_->Close().PermitUncheckedError();
  db_.reset();
}

Status Database::OpenRocks(Opening opening) {
  const bool create = opening == Opening::kCreate, lenient = opening == Opening::kLenient;
  rocksdb::DBOptions options = DatabaseOptions(env(), cache_, memory_bytes_);
  options.create_if_missing = create;
  options.create_missing_column_families = lenient;  // a repair was dropping them
  options.error_if_exists = create;
  options.paranoid_checks = !lenient;  // which refuse a database for one table
  if (access_ == Access::kReadOnly) options.max_open_files = -1;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    families.emplace_back(std::string(FamilyName(family)),
                          FamilyOptions(family, cache_, memory_bytes_));
    // A compaction that meets a damaged table would stop all writing.
    families.back().options.disable_auto_compactions = damage_ == Damage::kTell;
  }
  // Those of a new database are made together: Open makes them one by one, and writes all options
  // anew after each.
  const auto others = families.begin() + (create ? 1 : families.size());
  const std::vector<rocksdb::ColumnFamilyDescriptor> made(others, families.end());
  families.erase(others, families.end());
  rocksdb::DB* db = nullptr;
  const std::string path = RocksDirectory(directory_);
  auto status = access_ == Access::kReadOnly && !create
                    ? rocksdb::DB::OpenForReadOnly(options, path, families, &handles_, &db)
                    : rocksdb::DB::Open(options, path, families, &handles_, &db);
  if (status.ok()) db_.reset(db);
  if (status.ok() && create) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    status = db_->CreateColumnFamilies(made, &handles);
    handles_.insert(handles_.end(), handles.begin(), handles.end());
  }
  if (IsLocked(status)) {
    return Error{ErrorCode::kBusy, directory_ +
                                       ": another process is writing this database; wait until it "
                                       "is done, or stop it (readers need not wait)"};
  }
  if (!status.ok() && watch_->manifest == LogState::kDamaged) {
    return Corruption(directory_ +
                      ": the list of its tables (rocksdb/MANIFEST-...) is not what was written; "
                      "restore a backup");
  }
  if (!status.ok() && log_state() == LogState::kDamaged) {
    return Corruption(directory_ +
                      ": a record of the log is not what was written, and what follows it can't be "
                      "read; restore a backup, or give up those commits "
                      "(`qipu verify --give-up-log`)");
  }
  if (LacksFamily(status)) return Corruption(directory_ + ": " + std::string(kRepairRemedy));
  if (!status.ok()) return FromRocks(status, "cannot open " + directory_);
  return Ok{};
}

Status Database::LoadMeta() {
  const std::unique_ptr<rocksdb::Iterator> rows(
      db_->NewIterator(rocksdb::ReadOptions(), handle(Family::kMeta)));
  Meta meta = QIPU_TRY(ReadMeta(*rows, directory_));
  schema_ = std::move(meta.schema);
  rules_ = std::make_unique<const Rules>(schema_, *meta.head.catalog);
  if (meta.head.rebuilding && damage_ == Damage::kRefuse) {
    return Corruption(directory_ + ": " + std::string(kRepairRemedy));
  }
  current_ = std::make_shared<const View>(*this, std::move(meta.head));
  return Ok{};
}

Status Database::Create(const std::string& directory, const Schema& schema,
                        const StoreOptions& options) {
  StoreOptions writing = options;
  writing.access = Access::kReadWrite;
  Database database(directory, writing, Damage::kRefuse);
  QIPU_TRY(database.OpenRocks(Opening::kCreate));
  MetaRows rows;
  PutSchema(rows, schema);
  Head head;
  head.catalog = std::make_shared<const Catalog>(CatalogOf(schema));
  PutHead(rows, Head{std::make_shared<const Catalog>(), {}, 0, 0}, head);
  Batch batch;
  for (const auto& [key, value] : rows) batch.Put(Family::kMeta, key, value);
  rocksdb::WriteOptions write;
  write.sync = true;
  auto status = database.WriteLog(batch, write);
  // A table file instead of a log to replay: the first reader may lack the right to write.
  if (status.ok()) status = database.db_->Flush(rocksdb::FlushOptions(), database.handles_);
  if (!status.ok()) return FromRocks(status, "cannot make " + directory);
  return Ok{};
}

Result<std::unique_ptr<Database>> Database::Open(const std::string& directory,
                                                 const StoreOptions& options, Damage damage) {
  auto opened = OpenOnce(directory, options, damage, Opening::kStrict);
  if (opened.ok() || damage == Damage::kRefuse) return opened;
  // RocksDB also passes over what is wrong with a log when it is lenient with tables.
  if (options.access == Access::kReadWrite &&
      QIPU_TRY(CheckLogs(FilesOf(options), directory)) == LogState::kDamaged) {
    return opened;
  }
  return OpenOnce(directory, options, damage, Opening::kLenient);
}

Result<std::unique_ptr<Database>> Database::OpenOnce(const std::string& directory,
                                                     const StoreOptions& options, Damage damage,
                                                     Opening opening) {
  StoreOptions reading = options;
  if (options.access == Access::kReadOnly) {
    reading.files = QIPU_TRY(FreezeFiles(FilesOf(options), directory));
  }
  std::unique_ptr<Database> database(new Database(directory, reading, damage));
  QIPU_TRY(database->OpenRocks(opening));
  if (options.access == Access::kReadWrite) {
    // What a load left that was killed. Only now: before the lock it may be another writer's.
    QIPU_TRY(RemoveStaging(*database->env()->GetFileSystem(), directory));
  }
  QIPU_TRY(database->LoadMeta());
  return database;
}

std::shared_ptr<const View> Database::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Status Database::CheckWritable() const {
  if (access_ == Access::kReadOnly) {
    return InvalidArgument(directory_ + " is open for reading only");
  }
  if (write_failed_) {
    return IoError(directory_ + ": an earlier commit failed; open the database again");
  }
  return Ok{};
}

Status Database::Publish(const rocksdb::Status& written, Head next) {
  if (!written.ok()) {
    write_failed_ = true;
    return FromRocks(written, "commit to " + directory_ +
                                  " failed; open the database again to see "
                                  "whether it is there as a whole or not at all");
  }
  has_written_ = true;
  auto view = std::make_shared<const View>(*this, std::move(next));
  const std::lock_guard lock(mutex_);
  current_.swap(view);
  return Ok{};
}

Status Database::Apply(Batch& batch, Head next) {
  QIPU_TRY(CheckWritable());
  MetaRows rows;
  PutHead(rows, current()->head(), next);
  for (const auto& [key, value] : rows) batch.Put(Family::kMeta, key, value);
  if (batch.bytes() >= table_commit_bytes_ && FitsTables(batch)) {
    const auto tables = WriteTables(batch);
    write_failed_ = !tables.ok();
    if (!tables.ok()) return tables.error();
    Status ingested = Ingest(*tables, std::move(next));
    DropStaging(*env()->GetFileSystem(), directory_);
    return ingested;
  }
  rocksdb::WriteOptions options;
  options.sync = ++unsynced_ >= commits_per_sync_;
  if (options.sync) unsynced_ = 0;
  return Publish(WriteLog(batch, options), std::move(next));
}

rocksdb::Status Database::WriteLog(const Batch& batch, const rocksdb::WriteOptions& options) {
  rocksdb::WriteBatch log(batch.bytes());
  rocksdb::Status status;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    for (const RowBlock& block : batch.families_[i].blocks) {
      block.Visit([&](RowChange change, std::string_view key, std::string_view value) {
        status = Append(log, handles_[i], change, key, value);
        return status.ok();
      });
      if (!status.ok()) return status;
    }
  }
  return db_->Write(options, &log);
}

Status Database::Renew(std::span<const Family> families) {
  Head marked = current()->head();
  marked.rebuilding = true;
  Batch nothing;
  QIPU_TRY(Apply(nothing, std::move(marked)));
  QIPU_TRY(Sync());
  for (const Family family : families) {
    rocksdb::ColumnFamilyHandle*& at = handles_[static_cast<size_t>(family)];
    auto status = db_->DropColumnFamily(at);
    if (status.ok()) status = db_->DestroyColumnFamilyHandle(std::exchange(at, nullptr));
    if (status.ok()) {
      status = db_->CreateColumnFamily(FamilyOptions(family, cache_, memory_bytes_),
                                       std::string(FamilyName(family)), &at);
    }
    write_failed_ = !status.ok();
    if (write_failed_) return FromRocks(status, "cannot empty a column family of " + directory_);
  }
  return Ok{};
}

Status Database::Sync() {
  QIPU_TRY(CheckWritable());
  if (unsynced_ == 0) return Ok{};
  const auto status = db_->SyncWAL();
  write_failed_ = !status.ok();
  if (!status.ok()) return FromRocks(status, "cannot make the log of " + directory_ + " durable");
  unsynced_ = 0;
  return Ok{};
}

void Database::Lend(uint64_t bytes) {
  constexpr uint64_t kKeptShare = 4;  // of the cache, whoever asks for how much
  cache_->SetCapacity(memory_bytes_ -
                      std::min(bytes, memory_bytes_ / kKeptShare * (kKeptShare - 1)));
}

Status Database::Ingest(const std::vector<Tables>& tables, Head next) {
  QIPU_TRY(CheckWritable());
  std::vector<rocksdb::IngestExternalFileArg> args;
  for (const Tables& family : tables) {
    if (family.files.empty()) continue;
    rocksdb::IngestExternalFileArg& arg = args.emplace_back();
    arg.column_family = handle(family.family);
    for (const TableFile& file : family.files) {
      arg.external_files.push_back(file.path);
      arg.files_checksums.push_back(file.checksum);
      arg.files_checksum_func_names.emplace_back(rocksdb::kStandardDbFileChecksumFuncName);
    }
    arg.options.verify_file_checksum = false;  // what is just written is not read again
    arg.options.move_files = true;
    arg.options.write_global_seqno = false;  // the manifest has it
  }
  // RocksDB 7.8 can order an ingested table wrongly beside a memtable that overlaps it.
  auto status = db_->Flush(rocksdb::FlushOptions(), handles_);
  if (!status.ok()) return FromRocks(status, "cannot flush " + directory_);
  unsynced_ = 0;
  // RocksDB 7.8 chooses the level by a version that a compaction may be just replacing: it asserts.
  // Memtables are empty, so that no flush is waited for meanwhile.
  status = db_->PauseBackgroundWork();
  if (!status.ok()) return FromRocks(status, "cannot pause compaction of " + directory_);
  // When the manifest can't be made durable, RocksDB deletes the tables, though it may name them.
  watch_->keeps_tables = true;
  status = db_->IngestExternalFiles(args);
  watch_->keeps_tables = false;
  const auto resumed = db_->ContinueBackgroundWork();
  return Publish(status.ok() ? resumed : status, std::move(next));
}

}  // namespace qipu::graph::rocks
