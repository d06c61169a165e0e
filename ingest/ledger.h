#ifndef QIPU_INGEST_LEDGER_H_
#define QIPU_INGEST_LEDGER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/ids.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/transaction.h"
#include "ingest/read/reader.h"

namespace qipu::ingest {

// What is kept about imports, beside the graph and committed with it. Keys begin with a letter per
// kind and have numbers big-endian, so that scans come in order; the layout of keys and values is
// in ingest/README.md and held by tests.

/// Records of a file, by what became of them. read = loaded + rejected + ignored.
struct Counts {
  uint64_t read = 0, loaded = 0, rejected = 0, ignored = 0;
  uint64_t merged = 0;  ///< of the loaded: their first vertex was there already
  Counts& operator+=(const Counts& other);
  bool add_up() const { return read == loaded + rejected + ignored; }
  /// `read 3 = loaded 2 + rejected 1 + ignored 0`.
  std::string Balance() const;
  friend bool operator==(const Counts&, const Counts&) = default;
};

/// Records loaded with something left out, by reason and column.
struct Note {
  std::string code;    ///< see ingest/README.md
  std::string column;  ///< header of the column, the type of the edge, or the label
  uint64_t count = 0;
  uint64_t first_line = 0;  ///< of the first such record
  friend bool operator==(const Note&, const Note&) = default;
};

enum class FileState : uint8_t { kPlanned = 0, kReading = 1, kDone = 2 };  // on disk

/// A file as some run loads it.
struct FileEntry {
  uint32_t number = 0;
  uint32_t run = 0;      ///< the last run that read it
  uint32_t mapping = 0;  ///< number of a MappingEntry
  FileState state = FileState::kPlanned;
  std::string name;  ///< as given
  std::string sha256;
  uint64_t bytes = 0;
  uint64_t records_done = 0;  ///< committed so far, counted with refused and ignored ones
  Counts counts;
  std::vector<Note> notes;
};

/// One version of a mapping and its reference files, as runs have used it.
struct MappingEntry {
  uint32_t number = 0;
  std::string source;
  int64_t version = 0;
  std::string title, licence, as_of;
  std::string fingerprint;
  /// Per vertex rule its label, and what a record can say of it (see Mapping::OutputsOf).
  struct Vertex {
    std::string label;
    std::vector<std::string> outputs;
    friend bool operator==(const Vertex&, const Vertex&) = default;
  };
  std::vector<Vertex> vertices;
};

struct RunEntry {
  uint32_t number = 0;
  uint32_t mapping = 0;
  std::vector<uint32_t> files;
};

/// A refused record.
struct RejectEntry {
  uint32_t file = 0;
  uint64_t record = 0;
  Span span;
  std::string code, reason;
  std::string raw;  ///< at most kRawBytesKept
};

/// One source record that made or added to a vertex.
struct ProvenanceEntry {
  graph::VertexId vertex;
  uint32_t file = 0;
  uint64_t record = 0;
  Span span;
  uint32_t rule = 0;     ///< place in MappingEntry::vertices
  uint64_t outputs = 0;  ///< bit i: it gave the i-th of that rule's outputs
};

// --- Writing -----------------------------------------------------------------------------------

void PutFile(graph::Transaction& transaction, const FileEntry& file);
void PutMapping(graph::Transaction& transaction, const MappingEntry& mapping);
void PutRun(graph::Transaction& transaction, const RunEntry& run);
void PutReject(graph::Transaction& transaction, const RejectEntry& reject);
void PutProvenance(graph::Transaction& transaction, const ProvenanceEntry& entry);

/// The number after the last one given, per kind.
struct NextNumbers {
  uint32_t run = 1, file = 1, mapping = 1;
};
void PutNextNumbers(graph::Transaction& transaction, const NextNumbers& next);

// --- Reading -----------------------------------------------------------------------------------
// Errors of all: kIo, kCorruption.

Result<NextNumbers> ReadNextNumbers(const graph::Snapshot& snapshot);
Result<std::optional<FileEntry>> ReadFile(const graph::Snapshot& snapshot, uint32_t number);
/// The entry of the file with these bytes under this mapping.
Result<std::optional<FileEntry>> FindFile(const graph::Snapshot& snapshot,
                                          const std::string& sha256, uint32_t mapping);
Result<std::optional<MappingEntry>> ReadMapping(const graph::Snapshot& snapshot, uint32_t number);
Result<std::optional<uint32_t>> FindMapping(const graph::Snapshot& snapshot,
                                            const std::string& fingerprint);
Result<std::optional<RunEntry>> ReadRun(const graph::Snapshot& snapshot, uint32_t number);
/// Ascending by number.
Result<std::vector<RunEntry>> ReadRuns(const graph::Snapshot& snapshot);
/// The refused records of a file, in its order, to `use`; stops at its first error.
Status VisitRejects(const graph::Snapshot& snapshot, uint32_t file,
                    const std::function<Status(const RejectEntry&)>& use);
/// The source records of a vertex, by file and record.
Result<std::vector<ProvenanceEntry>> ReadProvenance(const graph::Snapshot& snapshot,
                                                    graph::VertexId vertex);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_LEDGER_H_
