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

  /// Begins to read what Insert or Find of that key will.
  void Prefetch(LabelId dictionary, std::string_view key) const;
  /// False, and nothing done, when the key is there. `vertex` counts from the first new one.
  bool Insert(LabelId dictionary, std::string_view key, uint32_t vertex);
  uint32_t Find(LabelId dictionary, std::string_view key) const;
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
  uint64_t Append(LabelId dictionary, std::string_view key, uint32_t vertex);
  uint64_t SlotOf(LabelId dictionary, std::string_view key, uint64_t hash) const;
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
  std::vector<std::string> lists, edges;
  std::vector<uint64_t> per_type;    // edges
  std::vector<VertexId> older_ends;  // ascending: vertices with a list that are not of the load
};
/// Writes the lists of one direction and, for kOut, the rows of `edges`.
Result<AdjacencyTables> WriteAdjacency(const Staging& staging, Direction direction,
                                       SortedEdges edges, const PropertiesFile& properties);

/// Errors: kAlreadyExists  names a key that the database has.
Result<std::vector<std::string>> WriteKeys(const Staging& staging, KeyDictionary& keys);

/// The rows of `next` that differ from those of the database.
Result<rocks::Database::Tables> WriteMeta(const Staging& staging, const rocks::Head& next);

/// Collects which of the new vertices have which label.
class LabelLists {
 public:
  /// REQUIRES: vertices come in ascending order.
  void Add(LabelId label, VertexId vertex);
  const std::vector<uint64_t>& per_label() const { return per_label_; }
  Result<std::vector<std::string>> Write(const Staging& staging);

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
  Result<VertexId> AddVertex(std::span<const LabelId> labels, const Properties& properties);
  Status FindVertices(LabelId label, std::span<const std::string_view> keys,
                      std::span<VertexId> found) const;
  Status AddEdge(VertexId source, EdgeTypeId type, VertexId target, const Properties& properties,
                 uint32_t rank);
  Result<CommitSummary> Publish();

 private:
  static constexpr size_t kLabelSetsMax = UINT16_MAX;
  static constexpr size_t kOlderKnownMax = size_t{1} << 18;  // 10 MiB

  Loader(Staging staging, const BulkLoadOptions& options);
  uint32_t Intern(NameTable Catalog::*table, std::string_view name);
  Result<uint32_t> LabelSetOf(std::span<const LabelId> labels);
  Result<uint32_t> InternSet(std::vector<LabelId> labels) const;
  Result<const std::vector<LabelId>*> LabelsOf(VertexId vertex) const;
  void PrefetchKeys(const std::vector<LabelId>& labels, const Properties& properties) const;
  Status AddKeys(const std::vector<LabelId>& labels, const Properties& properties);
  Result<uint32_t> PutProperties(const Properties& properties, uint32_t rank);
  void Report(BulkProgress::Stage stage) const;
  uint64_t EdgeMemory() const;
  Result<CommitSummary> PublishTables(std::vector<rocks::Database::Tables> tables,
                                      const AdjacencyTables& out, const AdjacencyTables& in);

  const Staging staging_;
  const BulkLoadOptions options_;
  const Rules& rules_;
  Catalog catalog_;

  /// Labels by address: those of new vertices and those of older ones stay where they are.
  struct Ends {
    EdgeTypeId type;
    const std::vector<LabelId>* from = nullptr;
    const std::vector<LabelId>* to = nullptr;
    friend bool operator==(const Ends&, const Ends&) = default;
  };
  Ends checked_ends_;  // the last that the schema allows

  mutable std::deque<std::vector<LabelId>> label_sets_;  // each combination that came, ascending
  std::vector<LabelId> last_set_labels_;                 // as given, and what it came to
  uint32_t last_set_ = 0;
  std::vector<uint16_t> sets_;                                    // of each new vertex
  mutable std::unordered_map<uint64_t, uint32_t> older_sets_;     // of older vertices: some of them
  std::vector<std::pair<LabelId, const std::string*>> new_keys_;  // scratch
  KeyDictionary keys_;
  LabelLists labels_;
  std::optional<IndexTables> indexes_;  // when there are any
  std::optional<rocks::TableWriter> vertices_;
  EdgeSorter edge_sorter_;
  std::unique_ptr<PropertiesFile> properties_;
  uint64_t edges_ = 0;
  std::string row_;
  bool published_ = false;
};

}  // namespace qipu::graph::load

#endif  // QIPU_GRAPH_LOAD_LOAD_H_
