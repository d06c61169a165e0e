#include <tuple>
#include <vector>

#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

using rocks::Family;

Status AddAll(const Staging& staging, IndexTables& tables) {
  Vertex vertex;
  const auto rows = staging.view->Scan(Family::kVertices);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key(rows->key().data(), rows->key().size());
    const std::string_view value(rows->value().data(), rows->value().size());
    if (key.size() != sizeof(uint64_t) || !rocks::DecodeVertexRow(value, vertex)) {
      return rocks::BadBytes(Family::kVertices, key);
    }
    vertex.id = VertexId{rocks::ReadBigEndian(key, 0, sizeof(uint64_t))};
    QIPU_TRY(tables.Add(vertex.id, vertex.labels, vertex.properties));
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read vertices");
  return Ok{};
}

Status MakeStaged(const Staging& staging, const Index& index) {
  constexpr uint64_t kMemoryShare = 4;  // the cache and write buffers have the rest
  IndexTables entries(staging, {index}, staging.database.memory_bytes() / kMemoryShare);
  QIPU_TRY(AddAll(staging, entries));
  auto tables = QIPU_TRY(entries.Write());
  rocks::Head next = staging.view->head();
  next.indexes.push_back(index);
  next.next_index = index.number + 1;
  tables.push_back(QIPU_TRY(WriteMeta(staging, next)));
  return staging.database.Ingest(tables, std::move(next));
}

}  // namespace

IndexTables::IndexTables(const Staging& staging, std::vector<Index> indexes, uint64_t memory_bytes)
    : staging_(staging),
      indexes_(std::move(indexes)),
      values_(staging.database.env()->GetFileSystem(), staging.Path("values_"), memory_bytes / 2),
      postings_(staging.database.env()->GetFileSystem(), staging.Path("postings_"),
                memory_bytes / 2) {}

Status IndexTables::Add(VertexId vertex, std::span<const LabelId> labels,
                        const Properties& properties) {
  entries_.values.clear();
  entries_.postings.clear();
  rocks::AppendEntries(indexes_, vertex, labels, properties, entries_);
  for (const std::string& row : entries_.values) QIPU_TRY(values_.Add(row));
  for (const std::string& row : entries_.postings) QIPU_TRY(postings_.Add(row));
  return Ok{};
}

Result<std::vector<rocks::Database::Tables>> IndexTables::Write() {
  std::string row;
  QIPU_TRY(values_.Sort());
  rocks::TableWriter values(staging_.database, Family::kIndexes, staging_.Path("indexes"));
  while (values_.Next(row)) values.Put(row, {});
  QIPU_TRY(values_.status());

  QIPU_TRY(postings_.Sort());
  rocks::TableWriter postings(staging_.database, Family::kPostings, staging_.Path("postings"));
  std::string open, delta;
  rocks::List list;
  const auto close = [&] {
    if (list.empty()) return;
    delta.clear();
    rocks::AppendDelta(delta, {{}, std::move(list)});
    postings.Merge(open, delta);  // also where no row is: a delta on nothing is a list
    list.clear();
  };
  while (postings_.Next(row)) {
    rocks::Posting posting = rocks::UnpackPosting(row);
    if (posting.row != open) {
      close();
      open = std::move(posting.row);
    }
    list.push_back(posting.entry);
  }
  QIPU_TRY(postings_.status());
  close();
  auto value_files = QIPU_TRY(values.Finish());
  auto posting_files = QIPU_TRY(postings.Finish());
  return std::vector<rocks::Database::Tables>{{Family::kIndexes, std::move(value_files)},
                                              {Family::kPostings, std::move(posting_files)}};
}

Status MakeIndex(rocks::Database& database, Index index) {
  const auto view = database.current();
  index.number = view->head().next_index;
  rocksdb::FileSystem& files = *database.env()->GetFileSystem();
  const std::string folder = QIPU_TRY(rocks::MakeStaging(files, database.directory()));
  const Staging staging{database, view, folder, view->head().next_vertex};
  const Status made = MakeStaged(staging, index);
  // What can't be taken away now goes when the database is opened next.
  std::ignore = rocks::RemoveStaging(files, database.directory());
  return made;
}

Status DropIndex(rocks::Database& database, const Index& index) {
  rocks::Head next = database.current()->head();
  std::erase(next.indexes, index);
  rocks::Batch batch;
  batch.Delete(Family::kMeta, rocks::IndexMetaKey(index.number));
  const rocks::Key lower = rocks::Key().Add32(index.number);
  const rocks::Key upper = rocks::Key().Add32(index.number + 1);
  batch.DeleteRange(Family::kIndexes, lower.bytes(), upper.bytes());
  batch.DeleteRange(Family::kPostings, lower.bytes(), upper.bytes());
  return database.Apply(batch, std::move(next));
}

}  // namespace qipu::graph::load
