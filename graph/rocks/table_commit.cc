#include <algorithm>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

using RowChange = TableWriter::Change;

/// The rows of a batch by column family; they view the batch.
class RowCollector : public rocksdb::WriteBatch::Handler {
 public:
  struct Row {
    RowChange change;
    std::string_view key, value;
  };

  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    return Take(family, RowChange::kPut, key, value);
  }
  rocksdb::Status MergeCF(uint32_t family, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override {
    return Take(family, RowChange::kMerge, key, value);
  }
  rocksdb::Status DeleteCF(uint32_t family, const rocksdb::Slice& key) override {
    return Take(family, RowChange::kDelete, key, rocksdb::Slice());
  }

  /// By RocksDB's number of the family.
  std::map<uint32_t, std::vector<Row>> rows;

 private:
  rocksdb::Status Take(uint32_t family, RowChange change, const rocksdb::Slice& key,
                       const rocksdb::Slice& value) {
    rows[family].push_back({change, {key.data(), key.size()}, {value.data(), value.size()}});
    return rocksdb::Status::OK();
  }
};

/// Sorts by key; false when one is there twice.
bool SortRows(std::vector<RowCollector::Row>& rows) {
  const auto before = [](const auto& a, const auto& b) { return a.key < b.key; };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) {
    std::sort(rows.begin(), rows.end(), before);
  }
  return std::adjacent_find(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
           return a.key == b.key;
         }) == rows.end();
}

}  // namespace

Result<std::optional<std::vector<Database::Tables>>> Database::WriteTables(
    const Batch& batch) const {
  RowCollector collector;
  const auto status = batch.batch_.Iterate(&collector);
  if (!status.ok()) return FromRocks(status, "cannot read back a commit");
  for (auto& [number, rows] : collector.rows) {
    if (!SortRows(rows)) return std::optional<std::vector<Tables>>();
  }
  const std::string folder = QIPU_TRY(MakeStaging(*env()->GetFileSystem(), directory_));
  std::vector<std::pair<Family, std::unique_ptr<TableWriter>>> writers;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const auto rows = collector.rows.find(handles_[i]->GetID());
    if (rows == collector.rows.end()) continue;
    const auto family = static_cast<Family>(i);
    writers.emplace_back(
        family, std::make_unique<TableWriter>(*this, family,
                                              folder + '/' + std::string(FamilyName(family))));
    for (const RowCollector::Row& row : rows->second) {
      writers.back().second->Add(row.change, row.key, row.value);
    }
  }
  std::vector<Tables> tables;
  for (auto& [family, writer] : writers) {
    auto paths = QIPU_TRY(writer->Finish());
    tables.push_back({family, std::move(paths)});
  }
  return std::optional(std::move(tables));
}

}  // namespace qipu::graph::rocks
