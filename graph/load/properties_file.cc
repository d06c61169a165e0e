#include <algorithm>
#include <cstring>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;

}  // namespace

Result<std::unique_ptr<PropertiesFile>> PropertiesFile::Make(
    const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& path_prefix) {
  auto made = std::make_unique<PropertiesFile>();
  made->bytes_ = QIPU_TRY(rocks::SpillFile::Make(files, path_prefix + "bytes"));
  made->ends_ = QIPU_TRY(rocks::SpillFile::Make(files, path_prefix + "ends"));
  return made;
}

Status PropertiesFile::Flush(rocks::SpillFile& file, std::string& waiting, size_t at_least) {
  if (waiting.size() < at_least || waiting.empty()) return Ok{};
  QIPU_TRY(file.Append(waiting));
  waiting.clear();
  return Ok{};
}

Result<uint32_t> PropertiesFile::Append(std::string_view bytes) {
  if (count_ == kCountMax) {
    return InvalidArgument("one load takes at most " + std::to_string(kCountMax) +
                           " edges with properties or a rank; load in parts");
  }
  end_ += bytes.size();
  waiting_bytes_.append(bytes);
  char end[sizeof end_];
  std::memcpy(end, &end_, sizeof end_);
  waiting_ends_.append(end, sizeof end);
  QIPU_TRY(Flush(*bytes_, waiting_bytes_, kBufferBytes));
  QIPU_TRY(Flush(*ends_, waiting_ends_, kBufferBytes));
  return ++count_;
}

Status PropertiesFile::EndWriting() {
  QIPU_TRY(Flush(*bytes_, waiting_bytes_, 0));
  QIPU_TRY(Flush(*ends_, waiting_ends_, 0));
  QIPU_TRY(bytes_->EndWriting());
  return ends_->EndWriting();
}

/// Bytes of a file by way of a window, which moves when they are not in it.
Result<std::string_view> PropertiesReader::Through(const rocks::SpillFile& file, Window& window,
                                                   uint64_t offset, size_t size) {
  const bool inside =
      offset >= window.offset && offset + size <= window.offset + window.bytes.size();
  if (!inside) {
    window.offset = offset - offset % (kBufferBytes / 16);  // a little before: order is only near
    window.bytes.resize(std::min<uint64_t>(
        file.bytes() - window.offset,
        std::max(kBufferBytes / 8, size + static_cast<size_t>(offset - window.offset))));
    QIPU_TRY(file.Read(window.offset, window.bytes.size(), window.bytes.data()));
  }
  return std::string_view(window.bytes).substr(offset - window.offset, size);
}

Result<std::string_view> PropertiesReader::Read(uint32_t number) {
  uint64_t ends[2] = {0, 0};
  if (number == 1) {
    const auto read = QIPU_TRY(Through(*file_.ends_, ends_window_, 0, sizeof ends[0]));
    std::memcpy(&ends[1], read.data(), read.size());
  } else {
    const auto read =
        QIPU_TRY(Through(*file_.ends_, ends_window_, (number - 2) * sizeof ends[0], sizeof ends));
    std::memcpy(ends, read.data(), read.size());
  }
  return Through(*file_.bytes_, bytes_window_, ends[0], ends[1] - ends[0]);
}

}  // namespace qipu::graph::load
