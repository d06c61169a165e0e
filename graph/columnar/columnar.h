#ifndef QIPU_GRAPH_COLUMNAR_COLUMNAR_H_
#define QIPU_GRAPH_COLUMNAR_COLUMNAR_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/analytics.h"
#include "graph/rocks/derived_files.h"
#include "graph/rocks/rocks.h"

/// Snapshot files: the graph of one epoch as sections of plain arrays, made by scans of the
/// database and read in place. The format is written down in graph/README.md.
namespace qipu::graph::columnar {

// --- sections.cc -------------------------------------------------------------------------------

/// DO NOT RENUMBER: these numbers are in snapshot files.
enum class SectionKind : uint32_t {
  kUnused = 0,      ///< written, then not needed
  kTable = 1,       ///< owner: label. A bit per vertex, and per word the rows before it
  kRows = 2,        ///< owner: label; part: chunk. Vertex ids
  kColumn = 3,      ///< owner: label; part: property; chunk
  kDictionary = 4,  ///< owner: property
  kDropped = 5,     ///< owner: property. It has too many distinct strings for a column
  kAdjacency = 6,   ///< owner: type; part: 0 out, 1 in; chunk: block of vertices
};

/// An entry of the directory of a file. As in memory, little-endian.
struct Section {
  SectionKind kind = SectionKind::kUnused;
  uint32_t owner = 0, part = 0, chunk = 0;
  ColumnType type = ColumnType::kNull;  // of kColumn
  uint32_t nulls = 0;                   // of kColumn
  uint64_t count = 0;                   // rows, entries; of kAdjacency: lists << 32 | edges
  uint64_t min = 0, max = 0;  // of kColumn: bits of an int64 or a double; of kAdjacency: has ranks
  uint64_t offset = 0, bytes = 0, checksum = 0;
};
static_assert(sizeof(Section) == 72);

/// What a file is of.
struct Stamp {
  uint64_t epoch = 0;
  uint64_t fingerprint = 0;  // of that epoch's row in the change log: tells databases apart
  uint64_t vertex_bound = 0;
};

/// The order of the directory.
bool IsBefore(const Section& a, const Section& b);

/// The end of a file, after its directory. `checksum` is of the directory and all before itself.
struct Trailer {
  uint64_t magic = kMagic;
  uint64_t version = kVersion;
  Stamp stamp;
  uint64_t sections = 0;
  uint64_t checksum = 0;

  static constexpr uint64_t kMagic = 0x70616e7375706971;  // "qipusnap"
  static constexpr uint64_t kVersion = 1;
};
static_assert(sizeof(Trailer) == 56);

/// XXH64 of Collet's xxHash with seed 0.
uint64_t Checksum(std::string_view bytes);

/// Pads `bytes` to whole words.
void PadToWord(std::string& bytes);

template <class T>
void AppendArray(std::string& out, std::span<const T> values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

/// Takes typed arrays off the front of a section; false when it is too short.
class ArrayReader {
 public:
  explicit ArrayReader(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  bool Take(uint64_t count, std::span<const T>& values) {
    if (count > rest_.size() / sizeof(T)) return false;
    values = {reinterpret_cast<const T*>(rest_.data()), count};
    rest_.remove_prefix(count * sizeof(T));
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// Writes a snapshot file section by section.
class SectionWriter {
 public:
  /// Into a file, or for null into memory.
  explicit SectionWriter(rocks::DerivedFile* file) : file_(file) {}
  /// Fills offset, bytes and checksum in.
  Status Add(Section section, std::string bytes);
  /// Chunks of that property are not needed any more.
  void Drop(uint32_t property);
  /// Adds directory and trailer.
  Status Finish(const Stamp& stamp);
  std::string TakeMemory() { return std::move(memory_); }

 private:
  Status Append(std::string_view bytes);
  rocks::DerivedFile* const file_;
  std::string memory_;
  uint64_t at_ = 0;
  std::vector<Section> sections_;
};

// --- snapshot_file.cc --------------------------------------------------------------------------

/// A file of sections, mapped or in memory. Its directory is checked when it is opened, a section's
/// bytes when it is read first.
class SnapshotFile {
 public:
  /// Errors: kIo, kCorruption (truncated, damaged or no such file), kUnsupported (other version).
  static Result<std::unique_ptr<SnapshotFile>> Map(const std::string& path);
  static Result<std::unique_ptr<SnapshotFile>> InMemory(std::string bytes);
  ~SnapshotFile();
  SnapshotFile(const SnapshotFile&) = delete;
  SnapshotFile& operator=(const SnapshotFile&) = delete;

  const Stamp& stamp() const { return stamp_; }
  /// Those sections, by chunk.
  std::span<const Section> Find(SectionKind kind, uint32_t owner, uint32_t part) const;
  /// The bytes of one of them, compared with their checksum. Errors: kCorruption
  Result<std::string_view> Read(const Section& section) const;
  Status Verify() const;
  Error Damaged(const std::string& what) const;

 private:
  SnapshotFile(std::string path, std::string_view bytes) : path_(std::move(path)), bytes_(bytes) {}
  Status ReadDirectory();

  const std::string path_;
  std::string memory_;      // empty: mapped
  std::string_view bytes_;  // of the file or of memory_
  Stamp stamp_;
  std::span<const Section> sections_;
  std::unique_ptr<std::atomic<bool>[]> checked_;  // per section
};

// --- dictionary.cc -----------------------------------------------------------------------------

/// The distinct values of one property as a file has them: encoded as in a row of `vertices`.
struct StoredDictionary {
  std::span<const uint32_t> offsets, order;  // order: codes by encoded bytes
  std::string_view text;

  uint32_t size() const { return static_cast<uint32_t>(order.size()); }
  std::string_view At(uint32_t code) const {
    return text.substr(offsets[code], offsets[code + 1] - offsets[code]);
  }
  std::optional<uint32_t> Find(std::string_view encoded) const;
};
/// False when the bytes are no dictionary of `count` entries.
bool ReadDictionary(std::string_view bytes, uint64_t count, StoredDictionary& dictionary);

/// Gives codes to values, those of a base the codes they have there.
class DictionaryBuilder {
 public:
  explicit DictionaryBuilder(const StoredDictionary* base = nullptr) : base_(base) {}
  uint32_t CodeOf(const Value& value);
  /// The memory that its own entries take, about.
  uint64_t memory_bytes() const { return memory_bytes_; }
  /// Its own entries, by code from the base's size on.
  std::vector<std::string> Entries() const;
  std::string Encode() const;

 private:
  const StoredDictionary* base_;
  std::unordered_map<std::string, uint32_t> codes_;
  uint64_t memory_bytes_ = 0;
  std::string encoded_;
};

// --- chunks.cc ---------------------------------------------------------------------------------

/// Collects the values of one property in the rows of a chunk.
class ChunkBuilder {
 public:
  explicit ChunkBuilder(DictionaryBuilder& dictionary) : dictionary_(&dictionary) {}
  /// REQUIRES: rows come in ascending order; the value is not null.
  void Put(uint32_t row, const Value& value);
  bool empty() const { return present_ == 0; }
  /// The bytes of the chunk of `rows` rows; sets what the section says of it. Begins a new one.
  std::string Take(uint32_t rows, Section& section);

 private:
  void MakeMixed();
  void SetBounds(Section& section) const;
  template <class T>
  void AppendSlots(std::string& out) const;

  DictionaryBuilder* dictionary_;
  ColumnType type_ = ColumnType::kNull;
  uint32_t present_ = 0;
  std::vector<uint64_t> slots_, valid_;
};
/// False when the bytes are not those of such a chunk; `codes` bounds the codes.
bool ReadChunk(std::string_view bytes, const Section& section, uint64_t codes, ColumnChunk& chunk);

/// Collects the lists of a block of vertices.
class BlockBuilder {
 public:
  /// REQUIRES: vertices come in ascending order, once each, all of one block.
  void Put(VertexId vertex, std::span<const rocks::ListEntry> list);
  bool empty() const { return bits_.empty(); }
  uint64_t number() const { return number_; }
  uint64_t edges() const { return others_.size(); }
  std::string Take(Section& section);

 private:
  uint64_t number_ = 0;
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> offsets_, others_;
  std::vector<uint32_t> ranks_;  // as many as others_ from the first on that is not 0
};
/// False when the bytes are not those of such a block, or lead to a vertex from `bound` on.
bool ReadBlock(std::string_view bytes, const Section& section, uint64_t bound,
               AdjacencyBlock& block);

/// Per word of `bits` the set bits before it; one more for all.
std::vector<uint32_t> CountBefore(std::span<const uint64_t> bits);
bool AreCountsBefore(std::span<const uint64_t> bits, std::span<const uint32_t> before);

// --- build.cc ----------------------------------------------------------------------------------

/// A property whose distinct strings take more memory than this gets no column: names and
/// addresses, of which each vertex has its own.
inline constexpr uint64_t kDictionaryBytesMax = uint64_t{32} << 20;

/// Writes all sections of the graph that `view` shows.
/// Memory: per label and property a chunk, 0.5 MiB; per property a dictionary; the lists of 65,536
/// vertices per edge type. Errors: kUnsupported, kIo, kCorruption.
Status BuildSnapshot(const rocks::View& view, VertexCursor vertices, SectionWriter& writer);
/// What tells the databases apart that have that epoch.
Result<uint64_t> FingerprintOf(const rocks::View& view, uint64_t epoch);

// --- overlay.cc --------------------------------------------------------------------------------

/// The vertices that commits touched after a file was made.
struct Overlay {
  std::vector<uint64_t> bits;      // a bit per vertex; empty: none was touched
  std::vector<uint32_t> vertices;  // ascending
  void Add(VertexId vertex);
  void Sort();
};
/// Null when there are more than `vertices_max` of them.
Result<std::unique_ptr<Overlay>> ReadOverlay(const Snapshot& snapshot, uint64_t epoch,
                                             uint64_t vertices_max);

// --- files.cc ----------------------------------------------------------------------------------

/// The newest file that shows the view's database at an epoch not after its own, and the vertices
/// touched since; the file is null when there is none to use.
struct Found {
  std::unique_ptr<SnapshotFile> file;
  std::unique_ptr<Overlay> overlay;
};
Result<Found> FindFile(const Snapshot& snapshot, const rocks::View& view);
/// Builds the view's own, in the folder or, where that fails or is not wanted, in memory.
Result<std::unique_ptr<SnapshotFile>> MakeFile(const Snapshot& snapshot, const rocks::View& view,
                                               AnalyticsOptions::Keep keep);
/// Compares all files with their checksums and the database; `tell` gets the name of each that is
/// not what was written, and why. The number of files. Errors: kIo, kCorruption (of the database)
Result<uint64_t> CheckFiles(
    const rocks::View& view,
    const std::function<void(const std::string&, const std::string&)>& tell);
/// Takes all of them away.
Status RemoveFiles(const rocks::View& view);

}  // namespace qipu::graph::columnar

#endif  // QIPU_GRAPH_COLUMNAR_COLUMNAR_H_
