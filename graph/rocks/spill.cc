#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {

Result<std::unique_ptr<SpillFile>> SpillFile::Make(
    const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSWritableFile> out;
  const auto status = files->NewWritableFile(path, rocksdb::FileOptions(), &out, nullptr);
  if (!status.ok()) return IoError("cannot make " + path + ": " + status.ToString());
  return std::unique_ptr<SpillFile>(new SpillFile(files, path, std::move(out)));
}

SpillFile::SpillFile(std::shared_ptr<rocksdb::FileSystem> files, std::string path,
                     std::unique_ptr<rocksdb::FSWritableFile> out)
    : files_(std::move(files)), path_(std::move(path)), out_(std::move(out)) {}

SpillFile::~SpillFile() = default;

Status SpillFile::Append(std::string_view bytes) {
  const auto status = out_->Append(bytes, rocksdb::IOOptions(), nullptr);
  if (!status.ok()) return IoError("cannot write " + path_ + ": " + status.ToString());
  bytes_ += bytes.size();
  return Ok{};
}

Status SpillFile::EndWriting() {
  auto status = out_->Close(rocksdb::IOOptions(), nullptr);
  out_.reset();
  if (status.ok()) {
    status = files_->NewRandomAccessFile(path_, rocksdb::FileOptions(), &in_, nullptr);
  }
  if (!status.ok()) return IoError("cannot read back " + path_ + ": " + status.ToString());
  return Ok{};
}

Status SpillFile::Read(uint64_t offset, size_t size, char* into) const {
  rocksdb::Slice read;
  const auto status = in_->Read(offset, size, rocksdb::IOOptions(), &read, into, nullptr);
  if (!status.ok() || read.size() != size) {
    return IoError("cannot read back " + path_ + ": " + status.ToString());
  }
  if (read.data() != into) std::copy_n(read.data(), size, into);
  return Ok{};
}

}  // namespace qipu::graph::rocks
