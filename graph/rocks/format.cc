#include <algorithm>
#include <charconv>

#include "graph/rocks/derived_files.h"
#include "graph/rocks/keeping.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// What marks a directory. The text is written as kMakingName first and gets its real name last.
constexpr char kFormatName[] = "FORMAT";
constexpr char kMakingName[] = "FORMAT.making";
constexpr char kRocksName[] = "rocksdb";
constexpr char kStagingName[] = "staging";
constexpr char kBackupName[] = "BACKUP";  // in a folder of backups, with the text of FORMAT
constexpr char kBackupMakingName[] = "BACKUP.making";
constexpr std::string_view kMagic = "qipu graph\nformat ";
constexpr size_t kFormatBytesMax = 64;

std::string Join(const std::string& directory, std::string_view name) {
  return directory + '/' + std::string(name);
}

Error Failed(const rocksdb::IOStatus& status, const std::string& doing) {
  return IoError("cannot " + doing + ": " + status.ToString() +
                 "; is the place there, writable, not full?");
}

Status MakeDirectory(rocksdb::FileSystem& files, const std::string& path) {
  const auto status = files.CreateDirIfMissing(path, rocksdb::IOOptions(), nullptr);
  if (status.ok()) return Ok{};
  bool is_directory = true;
  const auto known = files.IsDirectory(path, rocksdb::IOOptions(), &is_directory, nullptr);
  if (known.ok() && !is_directory) {
    return InvalidArgument(path + ": is a file; name a directory");
  }
  if (status.IsNotFound() || status.IsPathNotFound()) {
    return InvalidArgument(path + ": the directory that it would be in is not there; make it");
  }
  return Failed(status, "make " + path);
}

Status WriteDurably(rocksdb::FileSystem& files, const std::string& path, const std::string& text) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  auto status = files.NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = file->Append(text, rocksdb::IOOptions(), nullptr);
  if (status.ok()) status = file->Fsync(rocksdb::IOOptions(), nullptr);
  if (status.ok()) status = file->Close(rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "write " + path);
  return Ok{};
}

Status CheckFormat(rocksdb::FileSystem& files, const std::string& path) {
  std::string text;
  const auto status = rocksdb::ReadFileToString(&files, path, &text);
  if (!status.ok()) return Failed(status, "read " + path);
  text.resize(std::min(text.size(), kFormatBytesMax));
  uint32_t version = 0;
  const bool magic = text.starts_with(kMagic) && text.ends_with('\n');
  const char* begin = text.data() + std::min(kMagic.size(), text.size());
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, version);
  if (!magic || parsed.ec != std::errc() || parsed.ptr + 1 != end) {
    return Corruption(path + " is damaged: it should say 'qipu graph' and a format number; " +
                      "restore the database from a backup");
  }
  if (version > kFormatVersion) {
    return Unsupported(path + ": has format " + std::to_string(version) +
                       ", this qipu reads format " + std::to_string(kFormatVersion) +
                       "; use a newer qipu");
  }
  if (version == 0) return Corruption(path + " is damaged: there is no format 0");
  if (version < kFormatVersion) {
    return Unsupported(
        path + ": has format " + std::to_string(version) + ", this qipu reads format " +
        std::to_string(kFormatVersion) +
        "; with the qipu that made it, export it (a backup: restored), and import that");
  }
  return Ok{};
}

Status RemoveTree(rocksdb::FileSystem& files, const std::string& directory) {
  for (const std::string& name : QIPU_TRY(NamesIn(files, directory))) {
    const std::string path = Join(directory, name);
    const auto status = files.DeleteFile(path, rocksdb::IOOptions(), nullptr);
    if (!status.ok()) return Failed(status, "delete " + path);
  }
  const auto status = files.DeleteDir(directory, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "delete " + directory);
  return Ok{};
}

}  // namespace

std::shared_ptr<rocksdb::FileSystem> FilesOf(const StoreOptions& options) {
  return options.files ? options.files : rocksdb::FileSystem::Default();
}

Status SyncDirectory(rocksdb::FileSystem& files, const std::string& directory) {
  std::unique_ptr<rocksdb::FSDirectory> handle;
  auto status = files.NewDirectory(directory, rocksdb::IOOptions(), &handle, nullptr);
  if (status.ok()) status = handle->Fsync(rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "sync " + directory);
  return Ok{};
}

std::string RocksDirectory(const std::string& directory) { return Join(directory, kRocksName); }

Result<Occupant> Inspect(rocksdb::FileSystem& files, const std::string& directory) {
  const std::vector<std::string> names = QIPU_TRY(NamesIn(files, directory));
  if (names.empty()) return Occupant::kNothing;
  const auto has = [&names](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has(kFormatName)) {
    QIPU_TRY(CheckFormat(files, Join(directory, kFormatName)));
    return Occupant::kDatabase;
  }
  const bool ours = std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kMakingName || name == kRocksName;
  });
  return ours && has(kMakingName) ? Occupant::kInterruptedCreate : Occupant::kForeign;
}

Status RequireDatabase(rocksdb::FileSystem& files, const std::string& directory) {
  switch (QIPU_TRY(Inspect(files, directory))) {
    case Occupant::kDatabase:
      break;
    case Occupant::kNothing:
      return NotFound(directory + ": no database there; make one with 'qipu init --db " +
                      directory + "'");
    case Occupant::kInterruptedCreate:
      return NotFound(directory + ": making this database was interrupted; do 'qipu init --db " +
                      directory + "' again");
    case Occupant::kForeign:
      return Unsupported(directory +
                         ": no qipu database (there is no file FORMAT); name another "
                         "directory with --db");
  }
  return Ok{};
}

Status PrepareDirectory(rocksdb::FileSystem& files, const std::string& directory) {
  QIPU_TRY(MakeDirectory(files, directory));
  // The mark is durable before there is anything else: what bears it was made here, and may go.
  QIPU_TRY(WriteDurably(files, Join(directory, kMakingName),
                        std::string(kMagic) + std::to_string(kFormatVersion) + '\n'));
  QIPU_TRY(SyncDirectory(files, directory));
  const std::vector<std::string> names = QIPU_TRY(NamesIn(files, directory));
  if (std::find(names.begin(), names.end(), kRocksName) != names.end()) {
    QIPU_TRY(RemoveTree(files, RocksDirectory(directory)));
  }
  return Ok{};
}

Result<std::string> MakeStaging(rocksdb::FileSystem& files, const std::string& directory) {
  QIPU_TRY(RemoveStaging(files, directory));
  const std::string path = Join(directory, kStagingName);
  QIPU_TRY(MakeDirectory(files, path));
  return path;
}

Status RemoveStaging(rocksdb::FileSystem& files, const std::string& directory) {
  const std::string path = Join(directory, kStagingName);
  const auto status = files.FileExists(path, rocksdb::IOOptions(), nullptr);
  if (status.IsNotFound()) return Ok{};
  if (!status.ok()) return Failed(status, "look for " + path);
  return RemoveTree(files, path);
}

void DropStaging(rocksdb::FileSystem& files, const std::string& directory) {
  if (!RemoveStaging(files, directory).ok()) return;
}

Status PublishFormat(rocksdb::FileSystem& files, const std::string& directory) {
  QIPU_TRY(SyncDirectory(files, directory));
  const std::string making = Join(directory, kMakingName);
  const auto status =
      files.RenameFile(making, Join(directory, kFormatName), rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "rename " + making);
  return SyncDirectory(files, directory);
}

Result<bool> IsBackupFolder(rocksdb::FileSystem& files, const std::string& folder) {
  const std::vector<std::string> names = QIPU_TRY(NamesIn(files, folder));
  const auto is = [](const char* wanted) {
    return [wanted](const std::string& name) { return name == wanted; };
  };
  if (std::any_of(names.begin(), names.end(), is(kBackupName))) {
    QIPU_TRY(CheckFormat(files, Join(folder, kBackupName)));
    return true;
  }
  if (std::all_of(names.begin(), names.end(), is(kBackupMakingName))) return false;
  return Error{ErrorCode::kAlreadyExists,
               folder + ": the folder is not empty and holds no backups of qipu; name another"};
}

Status PrepareBackupFolder(rocksdb::FileSystem& files, const std::string& folder) {
  QIPU_TRY(MakeDirectory(files, folder));
  const std::string making = Join(folder, kBackupMakingName);
  QIPU_TRY(
      WriteDurably(files, making, std::string(kMagic) + std::to_string(kFormatVersion) + '\n'));
  const auto status =
      files.RenameFile(making, Join(folder, kBackupName), rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "rename " + making);
  return SyncDirectory(files, folder);
}

}  // namespace qipu::graph::rocks
