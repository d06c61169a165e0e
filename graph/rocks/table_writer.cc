#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <utility>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

constexpr size_t kBlocksMax = 4;                       // waiting; the producer then waits too
constexpr uint64_t kTableBytes = uint64_t{128} << 20;  // then the next file begins

/// Options of the family, but with filters and compression that are quick to write: compaction
/// makes smaller ones of them.
rocksdb::Options TableOptions(rocksdb::Env* env, Family family, uint64_t memory_bytes,
                              Filter filter) {
  constexpr double kFilterBitsPerKey = 10;
  const auto cache = rocksdb::NewLRUCache(0);
  rocksdb::Options options(DatabaseOptions(env, cache, memory_bytes),
                           FamilyOptions(family, cache, memory_bytes));
  options.bottommost_compression = options.compression;
  auto* table = options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table->filter_policy.reset(
      filter == Filter::kNo ? nullptr : rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  return options;
}

}  // namespace

struct TableWriter::Files {
  Files(rocksdb::Env* env, Family family, uint64_t memory_bytes, Filter filter, std::string prefix)
      : path_prefix(std::move(prefix)),
        options(TableOptions(env, family, memory_bytes, filter)),
        writer(rocksdb::EnvOptions(options), options) {}

  rocksdb::Status Write(const RowBlock& block) {
    rocksdb::Status status;
    block.Visit([&](RowChange change, std::string_view key, std::string_view value) {
      if (!open) status = Begin();
      if (status.ok()) status = Write(change, key, value);
      return status.ok();
    });
    if (status.ok() && open && writer.FileSize() >= kTableBytes) status = End();
    return status;
  }
  rocksdb::Status Write(RowChange change, const rocksdb::Slice& key, const rocksdb::Slice& value) {
    switch (change) {
      case RowChange::kPut:
        return writer.Put(key, value);
      case RowChange::kMerge:
        return writer.Merge(key, value);
      case RowChange::kDelete:
        return writer.Delete(key);
      case RowChange::kDeleteRange:
        return writer.DeleteRange(key, value);
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status Begin() {
    written.push_back({path_prefix + std::to_string(written.size()) + ".sst", {}});
    const auto status = writer.Open(written.back().path);
    open = status.ok();
    return status;
  }
  rocksdb::Status End() {
    if (!open) return rocksdb::Status::OK();
    open = false;
    rocksdb::ExternalSstFileInfo info;
    const auto status = writer.Finish(&info);
    written.back().checksum = std::move(info.file_checksum);
    return status;
  }

  const std::string path_prefix;
  const rocksdb::Options options;
  rocksdb::SstFileWriter writer;
  bool open = false;
  TableFiles written;
};

TableWriter::TableWriter(const Database& database, Family family, std::string path_prefix,
                         Filter filter)
    : family_(family),
      files_(std::make_unique<Files>(database.env(), family, database.memory_bytes(), filter,
                                     std::move(path_prefix))),
      worker_([this] { Work(); }) {}

TableWriter::~TableWriter() { Stop(); }

void TableWriter::Stop() {
  if (!worker_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void TableWriter::Add(RowChange change, std::string_view key, std::string_view value) {
  if (block_.rows.empty()) block_.bytes.reserve(RowBlock::kBytes + RowBlock::kBytes / 64);
  block_.Add(change, key, value);
  ++rows_;
  if (block_.full()) Send();
}

void TableWriter::Add(RowBlock& block) {
  constexpr size_t kCopiedBytes = RowBlock::kBytes / 16;  // rather than sent as they are
  if (block.bytes.size() < kCopiedBytes) {
    block.Visit([this](RowChange change, std::string_view key, std::string_view value) {
      Add(change, key, value);
      return true;
    });
    block.rows.clear();
    block.bytes.clear();
    return;
  }
  if (!block_.rows.empty()) Send();
  rows_ += block.rows.size();
  block_ = std::exchange(block, RowBlock());
  Send();
}

/// Hands the block to the worker; waits while too many are on their way.
void TableWriter::Send() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kBlocksMax; });
  waiting_.push_back(std::exchange(block_, RowBlock()));
  lock.unlock();
  changed_.notify_all();
}

void TableWriter::Work() {
  while (true) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const RowBlock block = std::move(waiting_.front());
    waiting_.pop_front();
    const bool failed = !failure_.empty();
    lock.unlock();
    changed_.notify_all();
    if (failed) continue;  // what comes is dropped: nothing will be published
    const auto status = files_->Write(block);
    lock.lock();
    if (!status.ok()) failure_ = status.ToString();
  }
}

Result<TableFiles> TableWriter::Finish() {
  if (!block_.rows.empty()) Send();
  Stop();
  if (failure_.empty()) {
    const auto status = files_->End();
    if (!status.ok()) failure_ = status.ToString();
  }
  if (!failure_.empty()) {
    return IoError("cannot write tables of column family '" + std::string(FamilyName(family_)) +
                   "': " + failure_);
  }
  return files_->written;
}

}  // namespace qipu::graph::rocks
