#ifndef QIPU_GRAPH_ANALYTICS_H_
#define QIPU_GRAPH_ANALYTICS_H_

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/ids.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"

/// The graph as arrays: neighbours per edge type, columns per label and property. The arrays lie in
/// a memory-mapped file of an earlier epoch; what was committed since lies over it, so that they
/// show exactly what the snapshot shows. Vertex ids are 32 bits wide here.
namespace qipu::graph {

namespace columnar {
class SnapshotFile;
struct Overlay;
struct StoredDictionary;
}  // namespace columnar

/// Rows of a chunk of a column, and vertices of a block of an adjacency.
inline constexpr int kChunkBits = 16;
inline constexpr uint32_t kChunkRows = uint32_t{1} << kChunkBits;

/// A file is used as long as at most this share of the vertices was touched after its epoch, or
/// this many; then it is made anew.
inline constexpr double kOverlayShareMax = 0.05;
inline constexpr uint64_t kOverlayVerticesMin = 1024;

/// Bits of a row or vertex. REQUIRES: the word is there.
inline bool TestBit(std::span<const uint64_t> words, uint64_t bit) {
  return (words[bit >> 6] >> (bit & 63) & 1) != 0;
}

/// The set bits of a word below one of its bits. Of full words, as vertices with an edge each have
/// them, none need be counted.
inline uint32_t BitsBelow(uint64_t word, uint64_t bit) {
  if (word == UINT64_MAX) return static_cast<uint32_t>(bit);
  return static_cast<uint32_t>(std::popcount(word & ((uint64_t{1} << bit) - 1)));
}

/// Some of 65,536 vertices and their lists, wherever the arrays lie.
struct AdjacencyBlock {
  const uint64_t* bits = nullptr;     ///< a bit per vertex: has it a list? Null: none has.
  const uint32_t* before = nullptr;   ///< per word of `bits`: the lists before it
  const uint32_t* offsets = nullptr;  ///< per list: where it begins; where the last ends
  const uint32_t* others = nullptr;
  const uint32_t* ranks = nullptr;  ///< beside `others`; null when all are zero
};

/// The edges of one type in one direction.
class Adjacency {
 public:
  /// The ids of the vertices at the other ends, ascending; parallel edges appear once each.
  /// Empty for a vertex without such edges and for one that does not exist. Cost: a few reads.
  std::span<const uint32_t> Of(VertexId vertex) const {
    const Place place = Find(vertex);
    return {place.block->others + place.begin, place.size};
  }
  /// The ranks of those edges; empty when all are zero.
  std::span<const uint32_t> RanksOf(VertexId vertex) const {
    const Place place = Find(vertex);
    if (place.block->ranks == nullptr) return {};
    return {place.block->ranks + place.begin, place.size};
  }

 private:
  friend class Analytics;
  struct Place {
    const AdjacencyBlock* block;
    uint32_t begin, size;
  };
  Place Find(VertexId vertex) const {
    static constexpr AdjacencyBlock kEmpty;
    const uint64_t number = vertex.value >> kChunkBits;
    const bool touched = vertex.value < touched_.size() * 64 && TestBit(touched_, vertex.value);
    const std::vector<AdjacencyBlock>& blocks = touched ? later_ : blocks_;
    if (number >= blocks.size() || blocks[number].bits == nullptr) return {&kEmpty, 0, 0};
    const AdjacencyBlock& block = blocks[number];
    const uint64_t bit = vertex.value & (kChunkRows - 1);
    const uint64_t word = block.bits[bit >> 6];
    if ((word >> (bit & 63) & 1) == 0) return {&kEmpty, 0, 0};
    const uint32_t* list = block.offsets + block.before[bit >> 6] + BitsBelow(word, bit & 63);
    return {&block, list[0], list[1] - list[0]};
  }

  std::vector<AdjacencyBlock> blocks_, later_;  // by number: of the file; of touched vertices
  std::span<const uint64_t> touched_;           // a bit per vertex
  std::vector<std::string> bytes_;              // what `later_` points into
};

/// DO NOT RENUMBER: these numbers are in snapshot files.
enum class ColumnType : uint32_t {
  kNull = 0,  ///< every row is null; there are no values
  kBool = 1,
  kInt = 2,
  kFloat = 3,
  kString = 4,  ///< codes of a dictionary, all of strings
  kDate = 5,
  kMixed = 6,  ///< codes of a dictionary, of lists or of several types
};

/// The distinct values of one property, numbered by codes.
class Dictionary {
 public:
  explicit Dictionary(std::shared_ptr<const columnar::StoredDictionary> base)
      : base_(std::move(base)) {}
  uint32_t size() const;
  /// REQUIRES: code < size(). Text is empty for what is no string.
  Value At(uint32_t code) const;
  std::string_view Text(uint32_t code) const;
  /// Cost: logarithmic.
  std::optional<uint32_t> Find(const Value& value) const;

 private:
  friend class Analytics;
  std::string_view Encoded(uint32_t code) const;
  std::shared_ptr<const columnar::StoredDictionary> base_;  // shared by the labels' columns
  std::vector<std::string> later_;                          // codes from the base's size on
};

/// The values of one property in the rows of one chunk.
struct ColumnChunk {
  ColumnType type = ColumnType::kNull;
  uint32_t size = 0;
  uint32_t null_count = 0;
  /// Bounds of the values that are there, also when some rows of the chunk are not live:
  /// integers, days, codes or 0/1 in the first two, floats in the others (infinite when one is
  /// NaN).
  int64_t min = 0, max = 0;
  double float_min = 0, float_max = 0;
  /// A bit per row that has a value. Empty: every row has one, or none for kNull.
  std::span<const uint64_t> valid;
  const void* values = nullptr;
  const Dictionary* dictionary = nullptr;

  bool IsNull(uint32_t row) const {
    return type == ColumnType::kNull || (!valid.empty() && !TestBit(valid, row));
  }
  // REQUIRES: the type that each names. What stands in a null row means nothing.
  std::span<const uint8_t> bools() const { return As<uint8_t>(); }
  std::span<const int64_t> ints() const { return As<int64_t>(); }
  std::span<const double> floats() const { return As<double>(); }
  std::span<const int32_t> days() const { return As<int32_t>(); }
  std::span<const uint32_t> codes() const { return As<uint32_t>(); }  ///< kString, kMixed
  /// The value of one row, for those who don't count nanoseconds.
  Value At(uint32_t row) const;

 private:
  template <class T>
  std::span<const T> As() const {
    return {static_cast<const T*>(values), size};
  }
};

/// The vertices of a label in chunks: those of the file, ascending, and last, when there are any,
/// those written later, ascending, in one chunk of any size.
struct TableChunk {
  std::span<const uint32_t> vertices;
  /// A bit per row that still stands; empty: all stand.
  std::span<const uint64_t> live;

  bool IsLive(uint32_t row) const { return live.empty() || TestBit(live, row); }
};
class Table {
 public:
  /// Vertices that have the label.
  uint64_t size() const { return size_; }
  const std::vector<TableChunk>& chunks() const { return chunks_; }
  bool Has(VertexId vertex) const { return Find(vertex).has_value(); }
  struct Row {
    uint32_t chunk, row;
  };
  /// Where the vertex stands; null when it does not have the label.
  std::optional<Row> Find(VertexId vertex) const;

 private:
  friend class Analytics;
  uint64_t size_ = 0;
  std::vector<TableChunk> chunks_;
  size_t file_chunks_ = 0;
  std::span<const uint64_t> bits_, touched_;  // a bit per vertex: in the file; written later
  std::span<const uint32_t> before_;          // per word of bits_: the rows before it
  std::vector<std::vector<uint64_t>> live_;   // what chunks_ points into
  std::vector<uint32_t> later_;               // vertices, ascending
};

/// One property of the vertices of a label, in the chunks of its Table.
class Column {
 public:
  const std::vector<ColumnChunk>& chunks() const { return chunks_; }

 private:
  friend class Analytics;
  std::vector<ColumnChunk> chunks_;
  std::unique_ptr<Dictionary> dictionary_;  // what chunks_ point to
  std::string later_;
};

struct AnalyticsOptions {
  /// Whether what was built is kept as a file for the next one.
  enum class Keep { kFile, kNothing } keep = Keep::kFile;
};

/// Arrays of the whole graph as one snapshot shows it. For any number of threads.
class Analytics {
 public:
  /// Maps the newest file in `snapshots/` of the database that is no newer than the snapshot and
  /// reads what changed since; builds a new one when there is none or too much has changed. A file
  /// that is damaged or of another database is passed over. Where the folder can't be written, the
  /// arrays are built in memory.
  /// Cost: of a file, a few ms and the change log since; of building, two scans of the database.
  /// Memory: of building, at most 32 MiB of distinct values for each property, 65,536 rows of each
  /// column, as many lists of each edge type, and a bit per vertex for each label; of a file, the
  /// pages that are read, which the system takes back when it lacks memory.
  /// Errors: kUnsupported  ids or lists beyond 32 bits
  ///         kIo, kCorruption  as of the snapshot's reads
  static Result<std::unique_ptr<Analytics>> Open(const Snapshot& snapshot,
                                                 const AnalyticsOptions& options);
  ~Analytics();

  // Each is made when first asked for, and lives as long as this. Bytes of the file are compared
  // with their checksums then, before anything reads them. Cost, first: one pass over them, and one
  // point read per touched vertex; later: a look-up.
  // Errors: kCorruption names the file; kIo.

  /// Of any type number; without edges it is empty.
  Result<const Adjacency*> Neighbours(EdgeTypeId type, Direction direction) const;
  Result<const Table*> VerticesOf(LabelId label) const;
  /// Errors also: kUnsupported  the property has so many distinct strings that it is not kept as a
  ///                            column; read it by Snapshot::GetVertex
  Result<const Column*> Values(LabelId label, PropertyId property) const;

  const Snapshot& snapshot() const { return snapshot_; }
  /// What it stands on: the epoch of the file, and how many vertices were touched since.
  uint64_t file_epoch() const;
  uint64_t touched_vertices() const;
  /// Compares the whole file with its checksums. Errors: kCorruption
  Status Verify() const;

 private:
  struct Cache;
  Analytics(Snapshot snapshot, std::unique_ptr<columnar::SnapshotFile> file,
            std::unique_ptr<columnar::Overlay> overlay);
  Result<std::unique_ptr<Adjacency>> MakeAdjacency(EdgeTypeId type, Direction direction) const;
  Result<std::unique_ptr<Table>> MakeTable(LabelId label) const;
  Result<std::unique_ptr<Column>> MakeColumn(LabelId label, const Table& table,
                                             PropertyId property) const;
  Result<std::unique_ptr<Dictionary>> MakeDictionary(PropertyId property) const;
  Status ReadTouched() const;

  const Snapshot snapshot_;
  const std::unique_ptr<const columnar::SnapshotFile> file_;
  const std::unique_ptr<const columnar::Overlay> overlay_;
  const std::unique_ptr<Cache> cache_;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_ANALYTICS_H_
