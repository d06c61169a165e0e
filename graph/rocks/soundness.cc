#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include "graph/rocks/keeping.h"

namespace qipu::graph::rocks {
namespace {

constexpr uint64_t kMemoryBytes = uint64_t{64} << 20;

}  // namespace

Result<uint64_t> CheckTables(const Database& database,
                             const std::function<void(const DamagedTable&)>& tell) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.db().GetLiveFilesMetaData(&tables);
  const auto cache = rocksdb::NewLRUCache(kMemoryBytes);
  const rocksdb::Options options(DatabaseOptions(database.env(), cache, kMemoryBytes),
                                 FamilyOptions(Family::kMeta, cache, kMemoryBytes));
  for (const rocksdb::LiveFileMetaData& table : tables) {
    rocksdb::SstFileReader reader(options);
    auto status = reader.Open(table.db_path + table.name);
    if (status.ok()) status = reader.VerifyChecksum();
    const bool gone = status.IsNotFound() || status.IsPathNotFound();
    // Its writer, or a compaction of this process, has replaced it meanwhile. The rows are read
    // from the file that is held open.
    if (status.ok() || (gone && !database.is_still())) continue;
    if (!gone && !status.IsCorruption()) return FromRocks(status, "cannot read " + table.name);
    tell({table.name.substr(1), table.column_family_name,
          "table of column family '" + table.column_family_name +
              "' is damaged: " + status.ToString()});
  }
  return uint64_t{tables.size()};
}

}  // namespace qipu::graph::rocks
