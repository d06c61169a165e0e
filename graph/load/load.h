#ifndef QIPU_GRAPH_LOAD_LOAD_H_
#define QIPU_GRAPH_LOAD_LOAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/bulk_load.h"
#include "graph/load/edges.h"
#include "graph/load/large_array.h"
#include "graph/rocks/database.h"
#include "graph/rocks/indexes.h"
#include "graph/rocks/rocks.h"

/// A bulk load: keys in a dictionary in memory, edges through an external sort, rows into tables.
namespace qipu::graph::load {

// --- key_dictionary.cc -------------------------------------------------------------------------

/// The keys of the new vertices. Memory: 8 bytes and the text in an arena, and a slot of 8 bytes
/// in a table at most 70 % full.
class KeyDictionary {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  struct Key {
    Key(LabelId of, std::string_view bytes) : Key(of, bytes, HashOf(of, bytes)) {}
    Key(LabelId of, std::string_view bytes, uint64_t known_hash)
        : dictionary(of), text(bytes), hash(known_hash) {}
    LabelId dictionary;
    std::string_view text;
    uint64_t hash;
  };
  static uint64_t HashOf(LabelId dictionary, std::string_view text);

  /// Begins to read what Insert or Find of that key will.
  void Prefetch(const Key& key) const;
  /// False, and nothing done, when the key is there. `vertex` counts from the first new one.
  bool Insert(const Key& key, uint32_t vertex);
  uint32_t Find(const Key& key) const;
  void FindAll(LabelId dictionary, std::span<const std::string_view> keys,
               std::span<uint32_t> vertices) const;
  size_t size() const { return size_; }
  uint64_t bytes() const { return slots_.size() * sizeof(uint64_t) + chunks_.size() * kChunkBytes; }

  struct Entry {
    uint32_t vertex;
    LabelId dictionary;
    std::string_view key;
  };
  /// Calls `use` for all entries by dictionary and key, until it fails. The look-up table is
  /// dropped: nothing is found after it. Memory: 16 bytes a key.
  Status UseSorted(const std::function<Status(const Entry&)>& use);

 private:
  static constexpr size_t kHeadBytes = 8;  // vertex, dictionary (16 bits), size of the key (16)
  static constexpr int kChunkBits = 22;
  static constexpr uint32_t kChunkBytes = 1u << kChunkBits;
  static constexpr uint64_t kOffsetMask = (uint64_t{1} << 40) - 1;  // the rest of a slot is a tag

  Entry EntryAt(uint64_t offset) const;
  template <class Use>
  void ForEach(Use use) const;
  uint64_t Append(const Key& key, uint32_t vertex);
  uint64_t SlotOf(const Key& key) const;
  std::optional<uint64_t> FindFrom(uint64_t offset, LabelId dictionary,
                                   std::string_view wanted) const;
  void Grow();
  size_t mask() const { return slots_.size() - 1; }

  std::vector<LargeArray<char>> chunks_;
  std::vector<uint32_t> chunk_bytes_;  // used of each
  LargeArray<uint64_t> slots_;         // tag << 40 | offset + 1; 0 is free
  size_t size_ = 0;
};

// --- properties_file.cc ------------------------------------------------------------------------

/// The encoded properties of edges, by number, on disk.
class PropertiesFile {
 public:
  static constexpr uint32_t kCountMax = LoadEdge::kRanked - 1;

  static Result<std::unique_ptr<PropertiesFile>> Make(
      const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& path_prefix);
  /// Its number, from 1 on.
  Result<uint32_t> Append(std::string_view bytes);
  Status EndWriting();

 private:
  friend class PropertiesReader;
  Status Flush(rocks::SpillFile& file, std::string& waiting, size_t at_least);

  std::unique_ptr<rocks::SpillFile> bytes_, ends_;  // ends_: 8 bytes each, where they end
  std::string waiting_bytes_, waiting_ends_;
  uint64_t end_ = 0;
  uint32_t count_ = 0;
};

/// Reads such a file; one for each thread that does.
class PropertiesReader {
 public:
  /// REQUIRES: EndWriting() was called.
  explicit PropertiesReader(const PropertiesFile& file) : file_(file) {}
  /// Valid until the next call. Cost: mostly none, when numbers come nearly in order.
  Result<std::string_view> Read(uint32_t number);

 private:
  struct Window {
    uint64_t offset = 0;
    std::string bytes;
  };
  Result<std::string_view> Through(const rocks::SpillFile& file, Window& window, uint64_t offset,
                                   size_t size);

  const PropertiesFile& file_;
  Window bytes_window_, ends_window_;
};

// --- row_sorter.cc -----------------------------------------------------------------------------

/// Sorts rows by their bytes. What exceeds memory waits in runs on disk.
class RowSorter {
 public:
  RowSorter(std::shared_ptr<rocksdb::FileSystem> files, std::string path_prefix,
            uint64_t memory_bytes);
  /// REQUIRES: the row is not empty.
  Status Add(std::string_view row);
  /// Ends adding. Cost: O(n log n).
  Status Sort();
  /// False at the end or on an error. REQUIRES: Sort() was called.
  bool Next(std::string& row);
  const Status& status() const { return status_; }

 private:
  struct Run {
    std::unique_ptr<rocks::SpillFile> file;
    uint64_t offset = 0;  // of what is not in `window` yet
    std::string window;
    size_t at = 0;         // in `window`, after `row`
    std::string_view row;  // in `window`
  };
  static bool Later(const Run* a, const Run* b) { return b->row < a->row; }
  std::string_view RowAt(uint64_t offset) const;
  void SortInMemory();
  Status Spill();
  Status Step(Run& run);

  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::string path_prefix_;
  const uint64_t memory_bytes_;
  std::string bytes_;              // rows, each after its size
  std::vector<uint64_t> offsets_;  // of the rows in `bytes_`
  size_t next_ = 0;
  std::deque<Run> runs_;
  std::vector<Run*> heap_;  // by their next row
  Status status_ = Ok{};
};

// --- tables.cc ---------------------------------------------------------------------------------

/// Where a load stages, and what it needs of the database.
struct Staging {
  rocks::Database& database;
  std::shared_ptr<const rocks::View> view;
  std::string folder;
  uint64_t first_vertex;  // older ones are below
  std::string Path(std::string_view name) const { return folder + '/' + std::string(name); }
};

struct AdjacencyTables {
  rocks::TableFiles lists;
  std::vector<uint64_t> per_type;    // edges
  std::vector<VertexId> older_ends;  // ascending: vertices with a list that are not of the load
};
/// Writes the lists of one direction; for kOut with the properties of the edges.
Result<AdjacencyTables> WriteAdjacency(const Staging& staging, Direction direction,
                                       SortedEdges edges, const PropertiesFile& properties);

/// Errors: kAlreadyExists  names a key that the database has.
Result<rocks::TableFiles> WriteKeys(const Staging& staging, KeyDictionary& keys);

/// The rows of `next` that differ from those of the database.
Result<rocks::Database::Tables> WriteMeta(const Staging& staging, const rocks::Head& next);

/// Collects which of the new vertices have which label.
class LabelLists {
 public:
  /// REQUIRES: vertices come in ascending order.
  void Add(LabelId label, VertexId vertex);
  const std::vector<uint64_t>& per_label() const { return per_label_; }
  Result<rocks::TableFiles> Write(const Staging& staging);

 private:
  struct Open {
    uint64_t row = 0;
    rocks::List low;
  };
  void Close(LabelId label, Open& open);
  std::vector<Open> open_;                                     // by label
  std::map<std::pair<uint32_t, uint64_t>, std::string> rows_;  // by label and row: encoded
  std::vector<uint64_t> per_label_;
};

// --- index_tables.cc ---------------------------------------------------------------------------

/// Collects the entries of indexes and writes them into tables.
class IndexTables {
 public:
  /// Entries that exceed `memory_bytes` wait in files.
  IndexTables(const Staging& staging, std::vector<Index> indexes, uint64_t memory_bytes);
  Status Add(VertexId vertex, std::span<const LabelId> labels, const Properties& properties);
  /// Tables of `indexes` and `postings`.
  Result<std::vector<rocks::Database::Tables>> Write();

 private:
  const Staging& staging_;
  const std::vector<Index> indexes_;
  RowSorter values_, postings_;
  rocks::IndexEntries entries_;  // scratch
};

/// Makes an index over what the database holds; see Store::MakeIndex.
Status MakeIndex(rocks::Database& database, Index index);
/// Takes it away with all its entries, in one write.
Status DropIndex(rocks::Database& database, const Index& index);

// --- rebuild.cc --------------------------------------------------------------------------------

/// Makes derived families anew, whatever is in them now: `labels`, `keys`, `in`, or `indexes` and
/// `postings` together, from `vertices` and `out`. Between its first write and its last nobody but
/// another Rebuild opens the database. Memory: keys as a load has them, and half of the database's.
Status Rebuild(rocks::Database& database, std::span<const rocks::Family> families);

// --- batches.cc --------------------------------------------------------------------------------

/// Combinations of labels, each ascending; one that is there stays where it is.
using LabelSets = std::deque<std::vector<LabelId>>;
/// The number of `labels` among them, which it gets when it has none.
/// Errors: kInvalidArgument  there are too many
Result<uint16_t> InternSet(const std::vector<LabelId>& labels, LabelSets& sets);

/// See VertexBatch: checked and encoded, but without ids.
class VertexRows {
 public:
  VertexRows(const Rules& rules, const Catalog& catalog) : rules_(rules), catalog_(catalog) {}
  Status Add(std::span<const LabelId> labels, const Properties& properties);
  size_t size() const { return sets_.size(); }
  void Clear();

 private:
  friend class Loader;
  struct PlacedKey {
    uint32_t vertex;  // in the batch
    LabelId dictionary;
    uint64_t begin;  // in key_texts_
    uint32_t size;
    uint64_t hash;
  };
  Result<uint16_t> LabelSetOf(std::span<const LabelId> labels);
  Status AddKeys(const std::vector<LabelId>& labels, const Properties& properties);
  KeyDictionary::Key KeyAt(size_t at) const;
  /// Forgets the vertices from `count` on.
  void Cut(size_t count);
  /// Gives them ids from `first` on; the rows.
  rocks::RowBlock& Number(VertexId first);

  const Rules& rules_;
  const Catalog& catalog_;
  LabelSets label_sets_;
  std::vector<LabelId> last_labels_;  // as given; they came to last_set_
  uint16_t last_set_ = 0;
  std::vector<uint16_t> sets_;   // of each vertex
  std::vector<PlacedKey> keys_;  // by vertex
  std::string key_texts_;
  rocks::RowBlock rows_;
};

/// See EdgeBatch: their properties are checked and encoded.
class EdgeRows {
 public:
  EdgeRows(const Rules& rules, const Catalog& catalog) : rules_(rules), catalog_(catalog) {}
  Status Add(const EdgeRef& edge, const Properties& properties);
  size_t size() const { return edges_.size(); }
  void Clear();

 private:
  friend class Loader;
  struct Row {
    EdgeRef edge;
    uint32_t record_bytes;  // in records_, after those of the edges before
  };
  const Rules& rules_;
  const Catalog& catalog_;
  std::vector<Row> edges_;
  std::string records_;  // of each edge: its rank if it has one, properties if it has any
};

// --- loader.cc ---------------------------------------------------------------------------------

/// See BulkLoad, whose calls these are.
class Loader {
 public:
  static Result<std::unique_ptr<Loader>> Begin(rocks::Database& database,
                                               const BulkLoadOptions& options);
  ~Loader();

  LabelId Label(std::string_view name) { return LabelId{Intern(&Catalog::labels, name)}; }
  EdgeTypeId EdgeType(std::string_view name) {
    return EdgeTypeId{Intern(&Catalog::edge_types, name)};
  }
  PropertyId Property(std::string_view name) {
    return PropertyId{Intern(&Catalog::properties, name)};
  }
  VertexRows MakeVertexRows() const { return {rules_, catalog_}; }
  EdgeRows MakeEdgeRows() const { return {rules_, catalog_}; }
  Result<VertexId> AddVertices(VertexRows& batch);
  Result<VertexId> AddVertex(std::span<const LabelId> labels, const Properties& properties);
  Status FindVertices(LabelId label, std::span<const std::string_view> keys,
                      std::span<VertexId> found) const;
  Status AddEdges(EdgeRows& batch);
  Status AddEdge(const EdgeRef& edge, const Properties& properties);
  Result<CommitSummary> Publish();

 private:
  static constexpr size_t kOlderKnownMax = size_t{1} << 18;  // 10 MiB

  Loader(Staging staging, const BulkLoadOptions& options);
  uint32_t Intern(NameTable Catalog::*table, std::string_view name);
  Result<VertexId> AddAll(VertexRows& batch);
  Status AddAll(const EdgeRows& batch);
  Status CheckUsable() const;
  template <class T>
  void RememberFailure(const Result<T>& result);
  Result<bool> HasLabel(VertexId vertex, LabelId label) const;
  Result<const std::vector<LabelId>*> LabelsOf(VertexId vertex);
  /// Among the new ones; of older ones beyond all.
  uint64_t PositionOf(VertexId vertex) const { return vertex.value - staging_.first_vertex; }
  void PrefetchLabels(VertexId vertex) const;
  Status AddKeys(VertexRows& batch);
  Status AddToIndexes(const VertexRows& batch, VertexId first);
  Status CheckEnds(const EdgeRef& edge);
  Status AddEdge(const EdgeRef& edge, std::string_view record);
  void Report(BulkProgress::Stage stage) const;
  uint64_t EdgeMemory() const;
  Result<CommitSummary> PublishTables(std::vector<rocks::Database::Tables> tables,
                                      const AdjacencyTables& out, const AdjacencyTables& in);

  const Staging staging_;
  const BulkLoadOptions options_;
  const Rules& rules_;
  Catalog catalog_;

  /// What the schema was last found to allow; of new vertices.
  struct Ends {
    EdgeTypeId type;
    uint16_t from, to;  // their sets of labels
    friend bool operator==(const Ends&, const Ends&) = default;
  };
  std::optional<Ends> checked_ends_;

  LabelSets label_sets_;                               // of new vertices
  std::vector<uint16_t> sets_;                         // of each new vertex
  LabelSets older_label_sets_;                         // of older vertices
  std::unordered_map<uint64_t, uint16_t> older_sets_;  // of some of them
  VertexRows single_vertex_;                           // scratch
  EdgeRows single_edge_;
  KeyDictionary keys_;
  LabelLists labels_;
  std::optional<IndexTables> indexes_;  // when there are any
  std::optional<rocks::TableWriter> vertices_;
  EdgeSorter edge_sorter_;
  std::unique_ptr<PropertiesFile> properties_;
  uint64_t edges_ = 0;
  std::string row_;
  std::optional<Error> failed_;  // nothing is published after it
  bool published_ = false;
};

}  // namespace qipu::graph::load

#endif  // QIPU_GRAPH_LOAD_LOAD_H_
