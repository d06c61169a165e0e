#include "graph/rocks/derived_files.h"

#include <unistd.h>

#include <algorithm>

namespace qipu::graph::rocks {
namespace {

Error Failed(const rocksdb::IOStatus& status, const std::string& doing) {
  return IoError("cannot " + doing + ": " + status.ToString());
}

}  // namespace

Result<std::unique_ptr<DerivedFile>> DerivedFile::Make(
    const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
    const std::string& name) {
  auto status = files->CreateDirIfMissing(folder, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "make " + folder);
  std::unique_ptr<DerivedFile> file(new DerivedFile(files, folder, name));
  status = files->NewWritableFile(file->making(), rocksdb::FileOptions(), &file->out_, nullptr);
  if (!status.ok()) return Failed(status, "make " + file->making());
  return file;
}

DerivedFile::DerivedFile(std::shared_ptr<rocksdb::FileSystem> files, std::string folder,
                         std::string name)
    : files_(std::move(files)), folder_(std::move(folder)), name_(std::move(name)) {}

DerivedFile::~DerivedFile() {
  if (published_) return;
  out_.reset();
  files_->DeleteFile(making(), rocksdb::IOOptions(), nullptr).PermitUncheckedError();
}

// With the process in its name: a reader and the writer may make the same one at the same time.
std::string DerivedFile::making() const {
  return folder_ + '/' + name_ + '.' + std::to_string(getpid()) + ".making";
}

Status DerivedFile::Append(std::string_view bytes) {
  const auto status = out_->Append(bytes, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "write " + making());
  return Ok{};
}

Status DerivedFile::Publish() {
  auto status = out_->Fsync(rocksdb::IOOptions(), nullptr);
  if (status.ok()) status = out_->Close(rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "write " + making());
  status = files_->RenameFile(making(), folder_ + '/' + name_, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return Failed(status, "rename " + making());
  published_ = true;
  return Ok{};
}

Result<std::vector<std::string>> NamesIn(rocksdb::FileSystem& files, const std::string& folder) {
  std::vector<std::string> names;
  const auto status = files.GetChildren(folder, rocksdb::IOOptions(), &names, nullptr);
  if (status.IsNotFound() || status.IsPathNotFound()) return std::vector<std::string>();
  if (!status.ok()) return Failed(status, "list " + folder);
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  std::sort(names.begin(), names.end());
  return names;
}

Status RemoveFile(rocksdb::FileSystem& files, const std::string& path) {
  const auto status = files.DeleteFile(path, rocksdb::IOOptions(), nullptr);
  if (!status.ok() && !status.IsNotFound() && !status.IsPathNotFound()) {
    return Failed(status, "delete " + path);
  }
  return Ok{};
}

}  // namespace qipu::graph::rocks
