#ifndef QIPU_GRAPH_ROCKS_ROCKS_H_
#define QIPU_GRAPH_ROCKS_ROCKS_H_

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/catalog.h"
#include "graph/change.h"
#include "graph/element.h"
#include "graph/ids.h"
#include "graph/index.h"
#include "graph/rules.h"
#include "graph/schema.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/store.h"
#include "graph/value.h"

/// The graph as bytes in RocksDB: keys, values, column families, and one database of them.
/// The format is written down in graph/README.md; golden bytes in the tests hold it.
namespace qipu::graph::rocks {

// --- families.cc -------------------------------------------------------------------------------

/// Column families by access pattern. Their names are on disk; the order is not.
enum class Family : uint8_t {
  kMeta,
  kKeys,
  kVertices,
  kLabels,
  kOut,
  kIn,
  kLedger,
  kChanges,
  kIndexes,
  kPostings
};
inline constexpr size_t kFamilyCount = 10;
std::string_view FamilyName(Family family);
inline Family AdjacencyFamily(Direction direction) {
  return direction == Direction::kOut ? Family::kOut : Family::kIn;
}

/// All that a database shares over its column families; one memory budget for reading and writing.
rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, std::shared_ptr<rocksdb::Cache> cache,
                                   uint64_t memory_bytes);
rocksdb::ColumnFamilyOptions FamilyOptions(Family family, std::shared_ptr<rocksdb::Cache> cache,
                                           uint64_t memory_bytes);

// --- keys.cc -----------------------------------------------------------------------------------

/// A key of fixed parts, at most 24 bytes, without allocation. All numbers are big-endian, so
/// that keys sort by number.
class Key {
 public:
  Key& Add32(uint32_t number) { return AddBytes(number, 4); }
  Key& Add48(uint64_t number) { return AddBytes(number, 6); }
  Key& Add64(uint64_t number) { return AddBytes(number, 8); }
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  Key& AddBytes(uint64_t number, size_t width);
  std::array<char, 24> bytes_;
  size_t size_ = 0;
};

/// Vertices whose ids share all but the low 16 bits share one row of `labels`.
inline constexpr int kLabelRowBits = 16;

Key VertexKey(VertexId vertex);  ///< in `vertices`, `out` and `in`
Key LabelRowKey(LabelId label, uint64_t row);
void AppendDictionaryKey(std::string& out, LabelId label, std::string_view key);

/// The number in the `width` bytes at `offset`. REQUIRES: they are there.
uint64_t ReadBigEndian(std::string_view bytes, size_t offset, size_t width);
/// A key for people: its bytes in hexadecimal.
std::string HexOf(std::string_view bytes);

// --- bytes.cc ----------------------------------------------------------------------------------

inline constexpr size_t kVarintBytesMax = 10;

/// Writes `number` at `out`; where it ends. REQUIRES: room for kVarintBytesMax bytes.
inline char* PutVarint(char* out, uint64_t number) {
  for (; number >= 0x80; number >>= 7) *out++ = static_cast<char>(number | 0x80);
  *out++ = static_cast<char>(number);
  return out;
}
void AppendVarint(std::string& out, uint64_t number);

/// Reads numbers off a byte string. Every read checks its bounds; the first that fails makes ok()
/// false for good and yields zero.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  size_t size() const { return rest_.size(); }
  uint8_t Byte() {
    if (rest_.empty()) {
      Fail();
      return 0;
    }
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  uint64_t Varint() {
    const bool is_short = !rest_.empty() && static_cast<uint8_t>(rest_.front()) < 0x80;
    return is_short ? Byte() : LongVarint();
  }
  uint32_t Varint32();
  uint64_t Fixed64();  ///< little-endian
  std::string_view Bytes(uint64_t size);
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  uint64_t LongVarint();

  std::string_view rest_;
  bool ok_ = true;
};

// --- property_codec.cc -------------------------------------------------------------------------

/// Lists in lists deeper than this are neither written nor read.
inline constexpr int kListDepthMax = 16;

void AppendValue(std::string& out, const Value& value);
void AppendProperties(std::string& out, const Properties& properties);
void AppendVertexRow(std::string& out, const std::vector<LabelId>& labels,
                     const Properties& properties);

/// False when the bytes are not what the Append function writes; the result is then undefined.
bool DecodeProperties(std::string_view bytes, Properties& properties);
/// Sets labels and properties; reuses their memory.
bool DecodeVertexRow(std::string_view bytes, Vertex& vertex);

// --- adjacency.cc ------------------------------------------------------------------------------

/// One entry of a list, which has no types where it is not of edges.
struct ListEntry {
  VertexId vertex;
  uint32_t rank = 0;
  EdgeTypeId type = {};
  /// Encoded, of an edge in `out` that has any. Points into what was decoded, or given to encode.
  std::string_view properties = {};
  friend bool operator==(const ListEntry&, const ListEntry&) = default;
  /// Of the place in a list: there is one entry for each.
  friend auto operator<=>(const ListEntry& a, const ListEntry& b) {
    if (const auto types = a.type <=> b.type; types != 0) return types;
    if (const auto vertices = a.vertex <=> b.vertex; vertices != 0) return vertices;
    return a.rank <=> b.rank;
  }
};
/// The content of one row of `out`, `in`, `labels` or `postings`: ascending, nothing twice.
using List = std::vector<ListEntry>;

/// A change to a list: take `deletes` away, then put `adds` in, in place of what is there. Both
/// ascending, nothing twice.
struct ListDelta {
  List deletes, adds;
  friend bool operator==(const ListDelta&, const ListDelta&) = default;
};

/// Without their type.
std::vector<Neighbour> NeighboursOf(const List& list);

/// The entries of the first type. REQUIRES: list is not empty.
std::span<const ListEntry> FirstGroup(std::span<const ListEntry> list);

void AppendList(std::string& out, std::span<const ListEntry> list);
bool DecodeList(std::string_view bytes, List& list);
/// The same for a row of `labels` or `postings`: false also when an entry has a type or properties.
bool DecodeUntyped(std::string_view bytes, List& list);

/// The entries of a list by type, undecoded.
class ListGroups {
 public:
  explicit ListGroups(ByteReader groups) : rest_(groups) {}
  /// To the next group; false at the end, or when the bytes are not what AppendList writes.
  bool Next();
  bool ok() const { return rest_.ok(); }
  EdgeTypeId type() const { return type_; }
  std::string_view entries() const { return entries_; }
  std::string_view properties() const { return properties_; }
  // False when the bytes are not what AppendList writes.
  /// Appends the entries of this group without their properties.
  bool Decode(List& list) const;
  /// Gives them to all entries of this group.
  bool DecodeProperties(std::span<ListEntry> group) const;

 private:
  ByteReader rest_;
  bool began_ = false;
  EdgeTypeId type_;
  std::string_view entries_, properties_;
};
ListGroups GroupsOf(std::string_view row);

void AppendDelta(std::string& out, const ListDelta& delta);
bool DecodeDelta(std::string_view bytes, ListDelta& delta);

List ApplyDelta(const List& list, const ListDelta& delta);
/// The one delta that does what `deltas` do one after another.
ListDelta ComposeDeltas(std::span<const ListDelta> deltas);

// --- change_codec.cc ---------------------------------------------------------------------------

Key ChangeKey(uint64_t epoch);
/// The row of a commit; of a bulk load.
void AppendCommit(std::string& out, const Change& change);
void AppendLoad(std::string& out, const Change& change);
/// False when the bytes are not what the Append functions write.
bool DecodeChange(std::string_view key, std::string_view bytes, Change& change);

// --- merge.cc ----------------------------------------------------------------------------------

/// Folds deltas into lists. One object serves all databases.
std::shared_ptr<rocksdb::MergeOperator> ListMergeOperator();

// --- format.cc ---------------------------------------------------------------------------------

/// Those to work on: the operating system's, unless `options` have others.
std::shared_ptr<rocksdb::FileSystem> FilesOf(const StoreOptions& options);

enum class Occupant { kNothing, kInterruptedCreate, kDatabase, kForeign };

/// What is in `directory`. Errors: kUnsupported (another format), kCorruption (FORMAT is damaged),
/// kIo.
Result<Occupant> Inspect(rocksdb::FileSystem& files, const std::string& directory);
/// Ok when it is a database. Errors: as Inspect's, kNotFound, kUnsupported (foreign).
Status RequireDatabase(rocksdb::FileSystem& files, const std::string& directory);
/// Makes the directory and what marks it as being made; takes away what an interrupted Create left.
Status PrepareDirectory(rocksdb::FileSystem& files, const std::string& directory);
/// Turns the mark into FORMAT: from here on it is a database.
Status PublishFormat(rocksdb::FileSystem& files, const std::string& directory);
std::string RocksDirectory(const std::string& directory);
/// Makes the folder where a load stages its files, empty; its path.
Result<std::string> MakeStaging(rocksdb::FileSystem& files, const std::string& directory);
/// Takes away what is there, if anything.
Status RemoveStaging(rocksdb::FileSystem& files, const std::string& directory);
/// The same, when it does not matter whether it can be done now: the next open does it again.
void DropStaging(rocksdb::FileSystem& files, const std::string& directory);

// --- view.cc -----------------------------------------------------------------------------------

class Database;

struct Counters {
  uint64_t vertices = 0, edges = 0;
  std::vector<uint64_t> per_label, per_type;  // shorter than the catalog: the rest is zero
};

/// What each commit replaces as a whole.
struct Head {
  std::shared_ptr<const Catalog> catalog;
  Counters counters;
  uint64_t epoch = 0;               // commits so far
  uint64_t next_vertex = 0;         // the id that the next new vertex gets
  std::vector<Index> indexes = {};  // ascending by number
  uint32_t next_index = 0;
  bool rebuilding = false;  // derived families are being made anew: they lack rows
};

/// The graph as of one commit, for any number of threads.
class View {
 public:
  View(Database& database, Head head);
  ~View();
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  const Database& database() const { return database_; }
  const Head& head() const { return head_; }
  const Catalog& catalog() const { return *head_.catalog; }
  const Schema& schema() const;
  const Rules& rules() const;

  /// False when there is no such key.
  Result<bool> Get(Family family, std::string_view key, rocksdb::PinnableSlice& value) const;
  /// Keys from `lower` on, below `upper`; all of them for an empty `upper`. `upper` must outlive
  /// the iterator.
  std::unique_ptr<rocksdb::Iterator> Iterate(Family family, const rocksdb::Slice* upper) const;
  /// For all rows of a family, read once: they displace nothing from the cache.
  std::unique_ptr<rocksdb::Iterator> Scan(Family family) const;

  Result<std::optional<VertexId>> FindKey(LabelId dictionary, std::string_view key) const;
  /// The same for each of `keys`, in their order, in less time than one by one.
  Result<std::vector<std::optional<VertexId>>> FindKeys(
      LabelId dictionary, std::span<const std::string_view> keys) const;
  /// False when the vertex does not exist.
  Result<bool> ReadVertex(VertexId id, Vertex& vertex) const;
  /// The edges of one vertex, of one type or of all, without their properties; empty when there are
  /// none.
  /// REQUIRES: family is kOut or kIn.
  Result<List> ReadList(Family family, VertexId vertex, EdgeTypeId type) const;
  Result<List> ReadList(Family family, VertexId vertex) const;
  /// The properties of an edge, encoded; empty when it has none, null when it does not exist. Cost:
  /// one point read of its source's row and a pass over its edges of that type. Of a row of 8 KiB
  /// or more these are kept for the next calls, the last of up to kKeptSlots sources, each in at
  /// most an eighth of the database's memory.
  Result<std::optional<std::string>> ReadEdge(const EdgeRef& edge) const;
  /// The types of the edges of one vertex, ascending.
  Result<std::vector<EdgeTypeId>> EdgeTypesAt(Family family, VertexId vertex) const;
  Result<std::vector<VertexId>> VerticesOf(LabelId label) const;

 private:
  struct KeptEdges {
    VertexId source;
    EdgeTypeId type;
    std::string bytes;  // what `edges` point into
    List edges;
  };
  static constexpr size_t kKeptSlots = 4;
  static size_t SlotOf(const EdgeRef& edge) {
    return (edge.source.value + edge.type.value) % kKeptSlots;
  }
  std::shared_ptr<const KeptEdges> Kept(const EdgeRef& edge) const;
  void Keep(const EdgeRef& edge, List edges, std::string_view bytes) const;
  Error ReadError(Family family, std::string_view key, const rocksdb::Status& status) const;
  std::unique_ptr<rocksdb::Iterator> Iterate(Family family, rocksdb::ReadOptions options) const;

  Database& database_;
  const Head head_;
  const rocksdb::Snapshot* snapshot_;
  mutable std::mutex kept_mutex_;
  mutable std::array<std::shared_ptr<const KeptEdges>, kKeptSlots> kept_;
};

/// kCorruption that names the place.
Error BadBytes(Family family, std::string_view key);
/// What RocksDB complains of, as an Error: kCorruption or kIo.
Error FromRocks(const rocksdb::Status& status, const std::string& doing);

// --- meta.cc -----------------------------------------------------------------------------------

/// What the default column family holds.
struct Meta {
  Schema schema;
  Head head;
};

/// Errors: kCorruption for a key or value that is not one of ours, or for a missing one.
Result<Meta> ReadMeta(rocksdb::Iterator& rows, const std::string& directory);
/// Rows of the default column family, by key.
using MetaRows = std::map<std::string, std::string, std::less<>>;
/// The rows of a new database.
void PutSchema(MetaRows& rows, const Schema& schema);
/// The rows that `next` has and `before` has not, or otherwise.
void PutHead(MetaRows& rows, const Head& before, const Head& next);
/// The key of the row that defines an index.
std::string IndexMetaKey(uint32_t number);

}  // namespace qipu::graph::rocks

#endif  // QIPU_GRAPH_ROCKS_ROCKS_H_
