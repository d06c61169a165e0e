#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include "graph/rocks/keeping.h"

namespace qipu::graph::rocks {
namespace {

constexpr uint64_t kMemoryBytes = uint64_t{64} << 20;

rocksdb::Status OpenWith(rocksdb::WALRecoveryMode mode, rocksdb::Env* env,
                         const std::string& directory) {
  const auto cache = rocksdb::NewLRUCache(kMemoryBytes);
  rocksdb::DBOptions options = DatabaseOptions(env, cache, kMemoryBytes);
  options.max_open_files = -1;
  options.wal_recovery_mode = mode;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    families.emplace_back(std::string(FamilyName(family)),
                          FamilyOptions(family, cache, kMemoryBytes));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  auto status =
      rocksdb::DB::OpenForReadOnly(options, RocksDirectory(directory), families, &handles, &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  return status;
}

}  // namespace

Result<uint64_t> CheckTables(const Database& database, const TellDamage& tell) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.db().GetLiveFilesMetaData(&tables);
  const auto cache = rocksdb::NewLRUCache(kMemoryBytes);
  const rocksdb::Options options(DatabaseOptions(database.env(), cache, kMemoryBytes),
                                 FamilyOptions(Family::kMeta, cache, kMemoryBytes));
  for (const rocksdb::LiveFileMetaData& table : tables) {
    rocksdb::SstFileReader reader(options);
    auto status = reader.Open(table.db_path + table.name);
    if (status.ok()) status = reader.VerifyChecksum();
    // Its writer has replaced it meanwhile. The rows are read from the file that is held open.
    if (status.ok() || status.IsNotFound() || status.IsPathNotFound()) continue;
    if (!status.IsCorruption()) return FromRocks(status, "cannot read " + table.name);
    tell(table.name.substr(1), "table of column family '" + table.column_family_name +
                                   "' is damaged: " + status.ToString());
  }
  return uint64_t{tables.size()};
}

Result<LogState> CheckLogs(const std::string& directory, const StoreOptions& options) {
  const struct {
    rocksdb::WALRecoveryMode mode;
    LogState passes;
  } modes[] = {
      {rocksdb::WALRecoveryMode::kAbsoluteConsistency, LogState::kSound},
      {rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords, LogState::kCutOff},
      {rocksdb::WALRecoveryMode::kPointInTimeRecovery, LogState::kDamaged},
  };
  rocksdb::Status status;
  for (const auto& [mode, passes] : modes) {
    // Files are handed out once, so that each opening needs its own.
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(QIPU_TRY(
        FreezeFiles(options.files ? options.files : rocksdb::FileSystem::Default(), directory)));
    status = OpenWith(mode, env.get(), directory);
    if (status.ok()) return passes;
  }
  return FromRocks(status, "cannot open " + directory);
}

}  // namespace qipu::graph::rocks
