#include "graph/analytics.h"

#include <algorithm>
#include <mutex>

#include "graph/columnar/columnar.h"

namespace qipu::graph {

using columnar::Section;
using columnar::SectionKind;

struct Analytics::Cache {
  std::mutex mutex;  // guards all
  std::map<std::pair<uint32_t, Direction>, std::unique_ptr<Adjacency>> adjacencies;
  std::map<uint32_t, std::unique_ptr<Table>> tables;
  std::map<std::pair<uint32_t, uint32_t>, std::unique_ptr<Column>> columns;
  std::map<uint32_t, std::shared_ptr<const columnar::StoredDictionary>> dictionaries;
  std::optional<std::vector<Vertex>> touched;  // those that exist, ascending
};

Analytics::Analytics(Snapshot snapshot, std::unique_ptr<columnar::SnapshotFile> file,
                     std::unique_ptr<columnar::Overlay> overlay)
    : snapshot_(std::move(snapshot)),
      file_(std::move(file)),
      overlay_(std::move(overlay)),
      cache_(std::make_unique<Cache>()) {}
Analytics::~Analytics() = default;

Result<std::unique_ptr<Analytics>> Analytics::Open(const Snapshot& snapshot,
                                                   const AnalyticsOptions& options) {
  const rocks::View& view = *snapshot.view_;
  auto [file, overlay] = QIPU_TRY(columnar::FindFile(snapshot, view));
  if (file == nullptr) {
    file = QIPU_TRY(columnar::MakeFile(snapshot, view, options.keep));
    overlay = std::make_unique<columnar::Overlay>();
  }
  return std::unique_ptr<Analytics>(
      new Analytics(Snapshot(snapshot.view_), std::move(file), std::move(overlay)));
}

uint64_t Analytics::file_epoch() const { return file_->stamp().epoch; }
uint64_t Analytics::touched_vertices() const { return overlay_->vertices.size(); }
Status Analytics::Verify() const { return file_->Verify(); }

Result<const Adjacency*> Analytics::Neighbours(EdgeTypeId type, Direction direction) const {
  const std::lock_guard lock(cache_->mutex);
  auto& adjacency = cache_->adjacencies[{type.value, direction}];
  if (adjacency == nullptr) adjacency = QIPU_TRY(MakeAdjacency(type, direction));
  return static_cast<const Adjacency*>(adjacency.get());
}

Result<const Table*> Analytics::VerticesOf(LabelId label) const {
  const std::lock_guard lock(cache_->mutex);
  auto& table = cache_->tables[label.value];
  if (table == nullptr) table = QIPU_TRY(MakeTable(label));
  return static_cast<const Table*>(table.get());
}

Result<const Column*> Analytics::Values(LabelId label, PropertyId property) const {
  const Table* table = QIPU_TRY(VerticesOf(label));
  const std::lock_guard lock(cache_->mutex);
  auto& column = cache_->columns[{label.value, property.value}];
  if (column == nullptr) column = QIPU_TRY(MakeColumn(label, *table, property));
  return static_cast<const Column*>(column.get());
}

Result<std::unique_ptr<Adjacency>> Analytics::MakeAdjacency(EdgeTypeId type,
                                                            Direction direction) const {
  auto adjacency = std::make_unique<Adjacency>();
  const auto put = [](std::vector<AdjacencyBlock>& blocks, uint64_t number,
                      const AdjacencyBlock& block) {
    if (blocks.size() <= number) blocks.resize(number + 1);
    blocks[number] = block;
  };
  AdjacencyBlock block;
  const uint32_t part = direction == Direction::kOut ? 0 : 1;
  for (const Section& section : file_->Find(SectionKind::kAdjacency, type.value, part)) {
    const std::string_view bytes = QIPU_TRY(file_->Read(section));
    if (section.chunk > file_->stamp().vertex_bound >> kChunkBits ||
        !columnar::ReadBlock(bytes, section, file_->stamp().vertex_bound, block)) {
      return file_->Damaged("an adjacency");
    }
    put(adjacency->blocks_, section.chunk, block);
  }
  adjacency->touched_ = overlay_->bits;

  columnar::BlockBuilder builder;
  const auto close = [&] {
    if (builder.empty()) return true;
    const uint64_t number = builder.number();
    Section section;
    // A short string would move with the vector; a block is never that short.
    adjacency->bytes_.push_back(builder.Take(section));
    const bool good =
        columnar::ReadBlock(adjacency->bytes_.back(), section, snapshot_.vertex_id_bound(), block);
    put(adjacency->later_, number, block);
    return good;
  };
  for (const uint32_t vertex : overlay_->vertices) {
    const auto list = QIPU_TRY(
        snapshot_.view_->ReadList(rocks::AdjacencyFamily(direction), VertexId{vertex}, type));
    if (builder.number() != vertex >> kChunkBits && !close()) return file_->Damaged("an overlay");
    builder.Put(VertexId{vertex}, list);
  }
  if (!close()) return file_->Damaged("an overlay");
  return adjacency;
}

Status Analytics::ReadTouched() const {
  if (cache_->touched) return Ok{};
  std::vector<Vertex> touched;
  for (const uint32_t id : overlay_->vertices) {
    auto vertex = QIPU_TRY(snapshot_.GetVertex(VertexId{id}));
    if (vertex) touched.push_back(*std::move(vertex));
  }
  cache_->touched = std::move(touched);
  return Ok{};
}

Result<std::unique_ptr<Table>> Analytics::MakeTable(LabelId label) const {
  auto table = std::make_unique<Table>();
  for (const Section& section : file_->Find(SectionKind::kTable, label.value, 0)) {
    columnar::ArrayReader reader(QIPU_TRY(file_->Read(section)));
    const uint64_t words = (file_->stamp().vertex_bound + 63) / 64;
    if (section.count != words || !reader.Take(words, table->bits_) ||
        !reader.Take(words + 1, table->before_) ||
        !columnar::AreCountsBefore(table->bits_, table->before_)) {
      return file_->Damaged("a table");
    }
  }
  uint64_t rows = 0;
  for (const Section& section : file_->Find(SectionKind::kRows, label.value, 0)) {
    columnar::ArrayReader reader(QIPU_TRY(file_->Read(section)));
    TableChunk& chunk = table->chunks_.emplace_back();
    if (section.chunk != table->file_chunks_++ || section.count > kChunkRows ||
        rows % kChunkRows != 0 || !reader.Take(section.count, chunk.vertices)) {
      return file_->Damaged("a table");
    }
    rows += section.count;
  }
  if (rows != (table->before_.empty() ? 0 : table->before_.back())) {
    return file_->Damaged("a table");
  }
  table->size_ = rows;
  table->touched_ = overlay_->bits;
  table->live_.resize(table->file_chunks_);
  for (const uint32_t vertex : overlay_->vertices) {
    if (vertex / 64 >= table->bits_.size() || !TestBit(table->bits_, vertex)) continue;
    const uint64_t row =
        table->before_[vertex / 64] + BitsBelow(table->bits_[vertex / 64], vertex % 64);
    std::vector<uint64_t>& live = table->live_[row >> kChunkBits];
    live.resize(kChunkRows / 64, ~uint64_t{0});
    live[(row & (kChunkRows - 1)) >> 6] &= ~(uint64_t{1} << (row & 63));
    --table->size_;
  }
  for (size_t i = 0; i < table->file_chunks_; ++i) table->chunks_[i].live = table->live_[i];
  QIPU_TRY(ReadTouched());
  for (const Vertex& vertex : *cache_->touched) {
    if (vertex.Has(label)) table->later_.push_back(static_cast<uint32_t>(vertex.id.value));
  }
  if (!table->later_.empty()) table->chunks_.push_back({table->later_, {}});
  table->size_ += table->later_.size();
  return table;
}

std::optional<Table::Row> Table::Find(VertexId vertex) const {
  const uint64_t word = vertex.value >> 6;
  if (word < touched_.size() && TestBit(touched_, vertex.value)) {
    const auto at = std::lower_bound(later_.begin(), later_.end(), vertex.value);
    if (at == later_.end() || *at != vertex.value) return std::nullopt;
    return Row{static_cast<uint32_t>(file_chunks_), static_cast<uint32_t>(at - later_.begin())};
  }
  if (word >= bits_.size() || !TestBit(bits_, vertex.value)) return std::nullopt;
  const uint32_t row = before_[word] + BitsBelow(bits_[word], vertex.value & 63);
  return Row{row >> kChunkBits, row & (kChunkRows - 1)};
}

Result<std::unique_ptr<Dictionary>> Analytics::MakeDictionary(PropertyId property) const {
  auto& stored = cache_->dictionaries[property.value];
  if (stored == nullptr) {
    auto read = std::make_shared<columnar::StoredDictionary>();
    for (const Section& section : file_->Find(SectionKind::kDictionary, property.value, 0)) {
      const std::string_view bytes = QIPU_TRY(file_->Read(section));
      if (!columnar::ReadDictionary(bytes, section.count, *read)) {
        return file_->Damaged("a dictionary");
      }
    }
    stored = std::move(read);
  }
  return std::make_unique<Dictionary>(stored);
}

Result<std::unique_ptr<Column>> Analytics::MakeColumn(LabelId label, const Table& table,
                                                      PropertyId property) const {
  if (!file_->Find(SectionKind::kDropped, property.value, 0).empty()) {
    return Unsupported("property " + snapshot_.catalog().NameOf(property) +
                       " has too many distinct values for a column; read it by vertex");
  }
  auto column = std::make_unique<Column>();
  column->dictionary_ = QIPU_TRY(MakeDictionary(property));
  for (const TableChunk& rows : table.chunks()) {
    ColumnChunk& chunk = column->chunks_.emplace_back();
    chunk.size = chunk.null_count = static_cast<uint32_t>(rows.vertices.size());
    chunk.dictionary = column->dictionary_.get();
  }
  for (const Section& section : file_->Find(SectionKind::kColumn, label.value, property.value)) {
    const std::string_view bytes = QIPU_TRY(file_->Read(section));
    if (section.chunk >= table.file_chunks_ ||
        section.count != column->chunks_[section.chunk].size ||
        !columnar::ReadChunk(bytes, section, column->dictionary_->size(),
                             column->chunks_[section.chunk])) {
      return file_->Damaged("a column");
    }
  }
  if (table.later_.empty()) return column;

  columnar::DictionaryBuilder dictionary(column->dictionary_->base_.get());
  columnar::ChunkBuilder builder(dictionary);
  uint32_t row = 0;
  for (const Vertex& vertex : *cache_->touched) {
    if (!vertex.Has(label)) continue;
    if (const Value* value = vertex.Find(property)) builder.Put(row, *value);
    ++row;
  }
  if (builder.empty()) return column;
  Section section;
  column->later_ = builder.Take(row, section);
  column->dictionary_->later_ = dictionary.Entries();
  columnar::PadToWord(column->later_);
  if (!columnar::ReadChunk(column->later_, section, column->dictionary_->size(),
                           column->chunks_.back())) {
    return file_->Damaged("an overlay");
  }
  return column;
}

}  // namespace qipu::graph
