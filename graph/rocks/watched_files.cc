#include <boost/crc.hpp>

#include <algorithm>
#include <utility>

#include "graph/rocks/database.h"
#include "graph/rocks/derived_files.h"

namespace qipu::graph::rocks {
namespace {

using rocksdb::IOOptions;
using rocksdb::IOStatus;

// RocksDB's logs, of which the manifest is one: blocks of 32 KiB, each of whole records with a
// head, or zeros where no head fits. Head: masked CRC-32C of kind and content, little-endian; size
// of the content, 2 bytes; kind.
constexpr size_t kBlockBytes = size_t{32} << 10;
constexpr size_t kHeadBytes = 7;

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

uint32_t LittleEndian(std::string_view bytes, size_t size) {
  uint32_t number = 0;
  for (size_t i = size; i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[i]);
  return number;
}

uint32_t Masked(const Crc32c& crc) {
  constexpr uint32_t kMask = 0xA282EAD8;
  const uint32_t sum = crc.checksum();
  return (sum >> 15 | sum << 17) + kMask;
}

/// Whether some part of `rest` from its start is a record's kind and content: then its size is what
/// is damaged, and the log was not cut off there.
bool IsWholeUpToSomewhere(std::string_view rest, uint32_t sum) {
  Crc32c crc;
  for (const char byte : rest) {
    crc.process_byte(static_cast<uint8_t>(byte));
    if (Masked(crc) == sum) return true;
  }
  return false;
}

/// What a block, or the part of one that a log ends with, says.
LogState StateOf(std::string_view block) {
  const bool last = block.size() < kBlockBytes;
  while (block.size() >= kHeadBytes) {
    if (block.find_first_not_of('\0') == block.npos) break;  // room that was never written
    const uint32_t sum = LittleEndian(block, 4);
    const size_t size = LittleEndian(block.substr(4), 2);
    const std::string_view record = block.substr(kHeadBytes - 1);  // from the kind on
    if (size + 1 > record.size()) {
      return last && !IsWholeUpToSomewhere(record, sum) ? LogState::kCutOff : LogState::kDamaged;
    }
    Crc32c crc;
    crc.process_bytes(record.data(), size + 1);
    if (Masked(crc) != sum) return LogState::kDamaged;
    block.remove_prefix(kHeadBytes + size);
  }
  return last && !block.empty() ? LogState::kCutOff : LogState::kSound;
}

/// A log that is checked while RocksDB reads it from front to back.
class WatchedLog : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  /// `state`, which lies in `watch`, is set to the worst that is seen.
  WatchedLog(std::unique_ptr<rocksdb::FSSequentialFile>&& file, std::shared_ptr<FileWatch> watch,
             LogState& state, Damage damage)
      : FSSequentialFileOwnerWrapper(std::move(file)),
        watch_(std::move(watch)),
        state_(state),
        damage_(damage) {}

  IOStatus Read(size_t wanted, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                rocksdb::IODebugContext* context) override {
    const auto status = target()->Read(wanted, options, result, scratch, context);
    if (!status.ok() || skipped_) return status;
    Take({result->data(), result->size()});
    if (result->size() < wanted) Tell(StateOf(block_));
    if (damage_ == Damage::kRefuse && state_ == LogState::kDamaged) {
      return IOStatus::IOError("a record of the log is not what was written");
    }
    return status;
  }
  IOStatus Skip(uint64_t bytes) override {
    skipped_ = true;
    return target()->Skip(bytes);
  }

 private:
  void Take(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), kBlockBytes - block_.size());
      block_.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (block_.size() < kBlockBytes) continue;
      Tell(StateOf(block_));
      block_.clear();
    }
  }
  void Tell(LogState state) { state_ = std::max(state_, state); }

  const std::shared_ptr<FileWatch> watch_;
  LogState& state_;
  const Damage damage_;
  std::string block_;     // what has been read of it
  bool skipped_ = false;  // blocks begin at unknown places from there on
};

class WatchedFiles : public rocksdb::FileSystemWrapper {
 public:
  WatchedFiles(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& directory,
               std::shared_ptr<FileWatch> watch, Damage damage)
      : FileSystemWrapper(files),
        folder_(RocksDirectory(directory) + '/'),
        watch_(std::move(watch)),
        damage_(damage) {}
  const char* Name() const override { return "WatchedFiles"; }

  IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             rocksdb::IODebugContext* context) override {
    const auto status = target()->NewSequentialFile(path, options, file, context);
    if (!status.ok()) return status;
    if (path.ends_with(".log")) {
      *file = std::make_unique<WatchedLog>(std::move(*file), watch_, watch_->logs, damage_);
    } else if (path.starts_with(folder_ + "MANIFEST-")) {
      *file =
          std::make_unique<WatchedLog>(std::move(*file), watch_, watch_->manifest, Damage::kRefuse);
    }
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      rocksdb::IODebugContext* context) override {
    if (watch_->keeps_tables && path.starts_with(folder_) && path.ends_with(".sst")) {
      return IOStatus::OK();
    }
    return target()->DeleteFile(path, options, context);
  }

 private:
  const std::string folder_;
  const std::shared_ptr<FileWatch> watch_;
  const Damage damage_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> WatchFiles(const std::shared_ptr<rocksdb::FileSystem>& files,
                                                const std::string& directory,
                                                std::shared_ptr<FileWatch> watch, Damage damage) {
  return std::make_shared<WatchedFiles>(files, directory, std::move(watch), damage);
}

Result<LogState> CheckLogs(const std::shared_ptr<rocksdb::FileSystem>& files,
                           const std::string& directory) {
  const std::string folder = RocksDirectory(directory);
  const auto watch = std::make_shared<FileWatch>();
  const auto watched = WatchFiles(files, directory, watch, Damage::kTell);
  std::string block(kBlockBytes, '\0');
  for (const std::string& name : QIPU_TRY(NamesIn(*files, folder))) {
    if (!name.ends_with(".log")) continue;
    std::unique_ptr<rocksdb::FSSequentialFile> log;
    const std::string path = folder + '/' + name;
    auto status = watched->NewSequentialFile(path, rocksdb::FileOptions(), &log, nullptr);
    for (rocksdb::Slice read(block); status.ok() && read.size() == kBlockBytes;) {
      status = log->Read(kBlockBytes, IOOptions(), &read, block.data(), nullptr);
    }
    if (!status.ok()) return FromRocks(status, "cannot read " + path);
  }
  return watch->logs;
}

}  // namespace qipu::graph::rocks
