#include <algorithm>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// Keys of the default column family; those that end in '/' are followed by a be32 number.
constexpr std::string_view kSchemaKey = "schema", kClosedKey = "closed", kEpochKey = "epoch",
                           kNextVertexKey = "next_vertex", kNextIndexKey = "next_index",
                           kRebuildingKey = "rebuilding";
constexpr std::string_view kIndexKey = "index/";
constexpr std::string_view kLabelNameKey = "name/label/", kTypeNameKey = "name/type/",
                           kPropertyNameKey = "name/property/";
constexpr std::string_view kVerticesKey = "count/vertices", kEdgesKey = "count/edges";
constexpr std::string_view kLabelCountKey = "count/label/", kTypeCountKey = "count/type/";

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string NumberedKey(std::string_view prefix, uint32_t number) {
  return std::string(prefix).append(Key().Add32(number).bytes());
}

/// The number after `prefix`, when `key` is `prefix` and a number.
std::optional<uint32_t> NumberAfter(std::string_view key, std::string_view prefix) {
  if (!key.starts_with(prefix) || key.size() != prefix.size() + 4) return std::nullopt;
  return static_cast<uint32_t>(ReadBigEndian(key, prefix.size(), 4));
}

bool ReadNumber(std::string_view bytes, uint64_t& number) {
  ByteReader reader(bytes);
  number = reader.Varint();
  return reader.ok() && reader.at_end();
}

/// Label, property and kind of an index, as varints.
bool ReadIndex(std::string_view bytes, Index& index) {
  ByteReader reader(bytes);
  index.label = LabelId{reader.Varint32()};
  index.property = PropertyId{reader.Varint32()};
  const uint8_t kind = reader.Byte();
  index.kind = static_cast<IndexKind>(kind);
  const bool known = index.kind == IndexKind::kValue || index.kind == IndexKind::kText;
  return known && reader.ok() && reader.at_end();
}

void PutIndex(MetaRows& rows, const Index& index) {
  std::string& value = rows[IndexMetaKey(index.number)];
  AppendVarint(value, index.label.value);
  AppendVarint(value, index.property.value);
  AppendVarint(value, static_cast<uint64_t>(index.kind));
}

void PutNumber(MetaRows& rows, std::string_view key, uint64_t before, uint64_t next) {
  if (before == next) return;
  std::string value;
  AppendVarint(value, next);
  rows[std::string(key)] = std::move(value);
}

/// Collects the rows of the default column family.
struct MetaReader {
  Catalog catalog;
  Head head;
  std::optional<std::string> schema;
  bool closed = false;

  /// False when the row is none of ours.
  bool Take(std::string_view key, std::string_view value) {
    if (key == kSchemaKey) {
      schema = std::string(value);
      return true;
    }
    if (key == kClosedKey) {
      closed = value == "1";
      return closed || value == "0";
    }
    if (key == kRebuildingKey) {
      head.rebuilding = value == "1";
      return head.rebuilding || value == "0";
    }
    if (key == kEpochKey) return ReadNumber(value, head.epoch);
    if (key == kNextVertexKey) return ReadNumber(value, head.next_vertex);
    if (key == kNextIndexKey) return TakeNextIndex(value);
    if (key == kVerticesKey) return ReadNumber(value, head.counters.vertices);
    if (key == kEdgesKey) return ReadNumber(value, head.counters.edges);
    return TakeIndex(key, value) || TakeName(key, value, kLabelNameKey, catalog.labels) ||
           TakeName(key, value, kTypeNameKey, catalog.edge_types) ||
           TakeName(key, value, kPropertyNameKey, catalog.properties) ||
           TakeCount(key, value, kLabelCountKey, head.counters.per_label) ||
           TakeCount(key, value, kTypeCountKey, head.counters.per_type);
  }

  bool TakeNextIndex(std::string_view value) {
    ByteReader reader(value);
    head.next_index = reader.Varint32();
    return reader.ok() && reader.at_end();
  }

  bool TakeIndex(std::string_view key, std::string_view value) {
    const auto number = NumberAfter(key, kIndexKey);  // ascending: keys are sorted
    if (!number) return false;
    head.indexes.push_back({*number});
    return ReadIndex(value, head.indexes.back());
  }

  static bool TakeName(std::string_view key, std::string_view value, std::string_view prefix,
                       NameTable& names) {
    const auto number = NumberAfter(key, prefix);  // ascending: keys are sorted
    return number && *number == names.size() && names.Intern(value) == *number;
  }

  static bool TakeCount(std::string_view key, std::string_view value, std::string_view prefix,
                        std::vector<uint64_t>& counts) {
    constexpr uint32_t kNamesMax = 1 << 20;  // beyond any catalog; bounds the resize below
    const auto number = NumberAfter(key, prefix);
    if (!number || *number >= kNamesMax) return false;
    counts.resize(std::max<size_t>(counts.size(), *number + 1));
    return ReadNumber(value, counts[*number]);
  }
};

/// Whether the names in `table` begin with those that the schema declares.
bool BeginsWith(const NameTable& table, const NameTable& declared) {
  return table.size() >= declared.size() &&
         std::equal(declared.names().begin(), declared.names().end(), table.names().begin());
}

void PutNames(MetaRows& rows, std::string_view prefix, const NameTable& before,
              const NameTable& next) {
  for (uint32_t number = before.size(); number < next.size(); ++number) {
    rows[NumberedKey(prefix, number)] = next.NameOf(number);
  }
}

void PutCounts(MetaRows& rows, std::string_view prefix, const std::vector<uint64_t>& before,
               const std::vector<uint64_t>& next) {
  for (uint32_t number = 0; number < next.size(); ++number) {
    PutNumber(rows, NumberedKey(prefix, number), number < before.size() ? before[number] : 0,
              next[number]);
  }
}

}  // namespace

Result<Meta> ReadMeta(rocksdb::Iterator& rows, const std::string& directory) {
  MetaReader reader;
  for (rows.SeekToFirst(); rows.Valid(); rows.Next()) {
    if (!reader.Take(ViewOf(rows.key()), ViewOf(rows.value()))) {
      return BadBytes(Family::kMeta, ViewOf(rows.key()));
    }
  }
  if (!rows.status().ok()) return FromRocks(rows.status(), "cannot read " + directory);
  if (!reader.schema) return Corruption(directory + ": the schema is missing");
  Meta meta{QIPU_TRY(Schema::Parse(*reader.schema, directory + " (its schema)")),
            std::move(reader.head)};
  meta.schema.set_closed(reader.closed);
  const Catalog declared = CatalogOf(meta.schema);
  if (!BeginsWith(reader.catalog.labels, declared.labels) ||
      !BeginsWith(reader.catalog.edge_types, declared.edge_types) ||
      !BeginsWith(reader.catalog.properties, declared.properties)) {
    return Corruption(directory + ": names that the schema declares are missing");
  }
  for (const Index& index : meta.head.indexes) {
    if (index.number >= meta.head.next_index || index.label.value >= reader.catalog.labels.size() ||
        index.property.value >= reader.catalog.properties.size()) {
      return BadBytes(Family::kMeta, IndexMetaKey(index.number));
    }
  }
  meta.head.catalog = std::make_shared<const Catalog>(std::move(reader.catalog));
  return meta;
}

void PutSchema(MetaRows& rows, const Schema& schema) {
  rows.emplace(kSchemaKey, schema.text().empty() ? "{}" : schema.text());
  rows.emplace(kClosedKey, schema.closed() ? "1" : "0");
}

void PutHead(MetaRows& rows, const Head& before, const Head& next) {
  PutNames(rows, kLabelNameKey, before.catalog->labels, next.catalog->labels);
  PutNames(rows, kTypeNameKey, before.catalog->edge_types, next.catalog->edge_types);
  PutNames(rows, kPropertyNameKey, before.catalog->properties, next.catalog->properties);
  PutNumber(rows, kEpochKey, before.epoch, next.epoch);
  PutNumber(rows, kNextVertexKey, before.next_vertex, next.next_vertex);
  PutNumber(rows, kVerticesKey, before.counters.vertices, next.counters.vertices);
  PutNumber(rows, kEdgesKey, before.counters.edges, next.counters.edges);
  PutCounts(rows, kLabelCountKey, before.counters.per_label, next.counters.per_label);
  PutCounts(rows, kTypeCountKey, before.counters.per_type, next.counters.per_type);
  if (before.rebuilding != next.rebuilding) {
    rows[std::string(kRebuildingKey)] = std::string(1, next.rebuilding ? '1' : '0');
  }
  PutNumber(rows, kNextIndexKey, before.next_index, next.next_index);
  for (const Index& index : next.indexes) {
    const auto& old = before.indexes;
    if (std::find(old.begin(), old.end(), index) == old.end()) PutIndex(rows, index);
  }
}

std::string IndexMetaKey(uint32_t number) { return NumberedKey(kIndexKey, number); }

}  // namespace qipu::graph::rocks
