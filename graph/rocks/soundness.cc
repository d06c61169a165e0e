#include <rocksdb/file_checksum.h>
#include <rocksdb/metadata.h>

#include <vector>

#include "graph/rocks/keeping.h"

namespace qipu::graph::rocks {
namespace {

/// The checksum of all bytes of a file, as the manifest notes it.
rocksdb::IOStatus ChecksumOf(rocksdb::FileSystem& files, const std::string& path,
                             std::string& checksum) {
  constexpr size_t kBytesAtOnce = size_t{1} << 20;
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  auto status = files.NewSequentialFile(path, rocksdb::FileOptions(), &file, nullptr);
  const auto generator = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(
      rocksdb::FileChecksumGenContext());
  std::vector<char> bytes(kBytesAtOnce);
  while (status.ok()) {
    rocksdb::Slice read;
    status = file->Read(bytes.size(), rocksdb::IOOptions(), &read, bytes.data(), nullptr);
    if (read.empty()) break;
    generator->Update(read.data(), read.size());
  }
  generator->Finalize();
  checksum = generator->GetChecksum();
  return status;
}

}  // namespace

Result<uint64_t> CheckTables(const Database& database,
                             const std::function<void(const DamagedTable&)>& tell) {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database.db().GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    std::string checksum;
    const auto status =
        ChecksumOf(*database.env()->GetFileSystem(), table.db_path + table.name, checksum);
    const bool gone = status.IsNotFound() || status.IsPathNotFound();
    // Its writer, or a compaction of this process, has replaced it meanwhile. The rows are read
    // from the file that is held open.
    if (gone && !database.is_still()) continue;
    if (!gone && !status.ok()) return FromRocks(status, "cannot read " + table.name);
    if (!gone && checksum == table.file_checksum) continue;
    tell({table.name.substr(1), table.column_family_name,
          "table of column family '" + table.column_family_name +
              (gone ? "' is not there" : "' is damaged: its bytes are not what was written")});
  }
  return uint64_t{tables.size()};
}

}  // namespace qipu::graph::rocks
