#include <algorithm>

#include "graph/columnar/columnar.h"

namespace qipu::graph::columnar {
namespace {

constexpr uint64_t kVerticesMax = uint64_t{1} << 32;
constexpr size_t kVertexBytes = 8;

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Turns a scan of all vertices into tables, columns and dictionaries.
class ColumnsBuilder {
 public:
  ColumnsBuilder(uint64_t vertex_bound, SectionWriter& writer)
      : words_((vertex_bound + 63) / 64), writer_(writer) {}

  Status Add(const Vertex& vertex) {
    for (const LabelId label : vertex.labels) QIPU_TRY(AddRow(label.value, vertex));
    return DropLargeDictionaries(vertex.properties);
  }
  Status Finish();

 private:
  struct Label {
    std::vector<uint64_t> bits;
    std::vector<uint32_t> rows;  // of the open chunk
    uint32_t chunk = 0;
    std::map<uint32_t, ChunkBuilder> columns;  // by property
  };
  struct Values {
    DictionaryBuilder dictionary;
    bool dropped = false;
  };

  Status AddRow(uint32_t label, const Vertex& vertex);
  Status CloseChunk(uint32_t label, Label& open);
  Status DropLargeDictionaries(const Properties& properties);

  const size_t words_;
  SectionWriter& writer_;
  std::map<uint32_t, Label> labels_;
  std::map<uint32_t, Values> values_;  // by property
};

Status ColumnsBuilder::AddRow(uint32_t number, const Vertex& vertex) {
  Label& label = labels_[number];
  label.bits.resize(words_);
  label.bits[vertex.id.value >> 6] |= uint64_t{1} << (vertex.id.value & 63);
  const auto row = static_cast<uint32_t>(label.rows.size());
  label.rows.push_back(static_cast<uint32_t>(vertex.id.value));
  for (const Property& property : vertex.properties) {
    Values& values = values_[property.id.value];
    if (values.dropped) continue;
    label.columns.try_emplace(property.id.value, values.dictionary)
        .first->second.Put(row, property.value);
  }
  return label.rows.size() == kChunkRows ? CloseChunk(number, label) : Status(Ok{});
}

Status ColumnsBuilder::CloseChunk(uint32_t number, Label& label) {
  const auto rows = static_cast<uint32_t>(label.rows.size());
  if (rows == 0) return Ok{};
  for (auto& [property, builder] : label.columns) {
    if (builder.empty()) continue;
    Section section{SectionKind::kColumn, number, property, label.chunk};
    std::string bytes = builder.Take(rows, section);
    QIPU_TRY(writer_.Add(section, std::move(bytes)));
  }
  Section section{SectionKind::kRows, number, 0, label.chunk};
  section.count = rows;
  std::string bytes;
  AppendArray(bytes, std::span<const uint32_t>(label.rows));
  QIPU_TRY(writer_.Add(section, std::move(bytes)));
  label.rows.clear();
  ++label.chunk;
  return Ok{};
}

Status ColumnsBuilder::DropLargeDictionaries(const Properties& properties) {
  for (const Property& property : properties) {
    Values& values = values_[property.id.value];
    if (values.dropped || values.dictionary.memory_bytes() <= kDictionaryBytesMax) continue;
    for (auto& [number, label] : labels_) label.columns.erase(property.id.value);
    values.dictionary = DictionaryBuilder();
    values.dropped = true;
    writer_.Drop(property.id.value);
    QIPU_TRY(writer_.Add({SectionKind::kDropped, property.id.value}, {}));
  }
  return Ok{};
}

Status ColumnsBuilder::Finish() {
  for (auto& [number, label] : labels_) {
    QIPU_TRY(CloseChunk(number, label));
    Section section{SectionKind::kTable, number};
    section.count = words_;
    std::string bytes;
    AppendArray(bytes, std::span<const uint64_t>(label.bits));
    AppendArray(bytes, std::span<const uint32_t>(CountBefore(label.bits)));
    QIPU_TRY(writer_.Add(section, std::move(bytes)));
  }
  for (auto& [property, values] : values_) {
    if (values.dictionary.memory_bytes() == 0) continue;
    Section section{SectionKind::kDictionary, property};
    section.count = values.dictionary.Entries().size();
    QIPU_TRY(writer_.Add(section, values.dictionary.Encode()));
  }
  return Ok{};
}

/// Turns a scan of the lists of one direction into blocks.
class AdjacencyBuilder {
 public:
  AdjacencyBuilder(Direction direction, SectionWriter& writer)
      : part_(direction == Direction::kOut ? 0 : 1), writer_(writer) {}

  /// `list` is of one type.
  Status Add(VertexId vertex, std::span<const rocks::ListEntry> list) {
    const uint32_t type = list.front().type.value;
    BlockBuilder& block = blocks_[type];
    if (!block.empty() && block.number() != vertex.value >> kChunkBits) {
      QIPU_TRY(Close(type, block));
    }
    if (block.edges() + list.size() > UINT32_MAX) {
      return Unsupported("more than " + std::to_string(UINT32_MAX) + " edges of a type at " +
                         std::to_string(kChunkRows) + " vertices; ask by queries");
    }
    block.Put(vertex, list);
    return Ok{};
  }

  Status Finish() {
    for (auto& [type, block] : blocks_) QIPU_TRY(Close(type, block));
    return Ok{};
  }

 private:
  Status Close(uint32_t type, BlockBuilder& block) {
    if (block.empty()) return Ok{};
    Section section{SectionKind::kAdjacency, type, part_, static_cast<uint32_t>(block.number())};
    std::string bytes = block.Take(section);
    return writer_.Add(section, std::move(bytes));
  }

  const uint32_t part_;
  SectionWriter& writer_;
  std::map<uint32_t, BlockBuilder> blocks_;  // by type
};

Status BuildAdjacency(const rocks::View& view, Direction direction, SectionWriter& writer) {
  const rocks::Family family = rocks::AdjacencyFamily(direction);
  AdjacencyBuilder builder(direction, writer);
  rocks::List list;
  const auto rows = view.Scan(family);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (key.size() != kVertexBytes) return rocks::BadBytes(family, key);
    const VertexId vertex{rocks::ReadBigEndian(key, 0, kVertexBytes)};
    rocks::ListGroups groups = rocks::GroupsOf(ViewOf(rows->value()));
    while (groups.Next()) {
      list.clear();
      if (!groups.Decode(list)) return rocks::BadBytes(family, key);
      QIPU_TRY(builder.Add(vertex, list));
    }
    if (!groups.ok()) return rocks::BadBytes(family, key);
  }
  if (!rows->status().ok()) return rocks::FromRocks(rows->status(), "cannot read edges");
  return builder.Finish();
}

}  // namespace

Result<uint64_t> FingerprintOf(const rocks::View& view, uint64_t epoch) {
  const rocks::Key key = rocks::ChangeKey(epoch);
  rocksdb::PinnableSlice row;
  if (!QIPU_TRY(view.Get(rocks::Family::kChanges, key.bytes(), row))) return uint64_t{0};
  return Checksum(ViewOf(row));
}

Status BuildSnapshot(const rocks::View& view, VertexCursor vertices, SectionWriter& writer) {
  Stamp stamp;
  stamp.epoch = view.head().epoch;
  stamp.fingerprint = QIPU_TRY(FingerprintOf(view, stamp.epoch));
  stamp.vertex_bound = view.head().next_vertex;
  if (stamp.vertex_bound > kVerticesMax) {
    return Unsupported("more than " + std::to_string(kVerticesMax) + " vertices; ask by queries");
  }
  ColumnsBuilder columns(stamp.vertex_bound, writer);
  while (vertices.Next()) QIPU_TRY(columns.Add(vertices.vertex()));
  QIPU_TRY(Status(vertices.status()));
  QIPU_TRY(columns.Finish());
  QIPU_TRY(BuildAdjacency(view, Direction::kOut, writer));
  QIPU_TRY(BuildAdjacency(view, Direction::kIn, writer));
  return writer.Finish(stamp);
}

}  // namespace qipu::graph::columnar
