#ifndef QIPU_INGEST_LOADER_H_
#define QIPU_INGEST_LOADER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/store.h"
#include "graph/transaction.h"
#include "ingest/ledger.h"
#include "ingest/mapper.h"
#include "ingest/mapping.h"

namespace qipu::ingest {

/// Applies mapped records to a graph, in the order given, and commits them with the ledger entries
/// that tell of them: whatever was committed is complete.
///
/// Records are collected until kRecordsPerCommit of them or kBytesPerCommit of changes have come
/// together; a file's entry says how many of its records are in, so that an import that was cut
/// off goes on there.
class Loader {
 public:
  /// Both must outlive the loader; no other transaction of the store may be alive.
  Loader(graph::Store& store, const Mapping& mapping);

  /// The transaction that collects, for entries of the ledger that belong to the next commit.
  graph::Transaction& transaction() { return *transaction_; }
  /// Looks up the vertices of records that are to be applied next: together it takes less time.
  Status Prefetch(const std::vector<MappedRecord>& records);
  /// Applies one record of `file`, whose counts and notes it keeps. Errors: those of Transaction.
  Status Apply(MappedRecord record, FileEntry& file);
  /// Writes the entry of a file; commits when enough has come together. To be called between
  /// records whenever a part of a file may stand alone.
  Status EndPart(const FileEntry& file);
  /// Commits what is left.
  Status Finish();
  /// What the commits so far changed.
  const graph::CommitSummary& changes() const { return changes_; }

 private:
  struct EdgeNames {
    graph::EdgeTypeId type;
    std::vector<graph::PropertyId> properties;
    std::vector<graph::LabelId> from_labels, to_labels;  // of a look-up
  };
  struct VertexNames {
    graph::LabelId label;
    std::vector<graph::PropertyId> properties;
    std::vector<uint32_t> edges;  // rules of the edges that start there, in order
  };

  void Begin();
  Status Commit();
  Status ApplyLoaded(MappedRecord& record, FileEntry& file);
  /// Whether the vertex is one that its rule may not make.
  Result<bool> IsDangling(const MappedVertex& vertex) const;
  Result<graph::VertexId> ApplyVertex(MappedVertex& vertex, uint64_t& outputs);
  Status ApplyEdge(MappedEdge& edge, uint64_t line, FileEntry& file);
  Result<std::optional<graph::VertexId>> FindEnd(const EdgeEnd& end,
                                                 const std::vector<graph::LabelId>& labels,
                                                 const std::string& key);
  Status DropOtherEdges(graph::VertexId from, graph::EdgeTypeId type, graph::VertexId to);
  graph::LabelId LabelOf(const std::string& name);

  graph::Store& store_;
  const Mapping& mapping_;
  std::optional<graph::Transaction> transaction_;
  std::vector<VertexNames> vertex_names_;
  std::vector<EdgeNames> edge_names_;
  std::unordered_map<std::string, graph::LabelId> labels_;
  // Vertices that were looked up, by their label's number and key. An id is for ever.
  std::map<std::pair<uint32_t, std::string>, graph::VertexId> found_;
  // Of the record being applied, per vertex rule: the vertex, whether it is new, what was given.
  struct Applied {
    std::optional<graph::VertexId> vertex;
    bool created = false;
    uint64_t outputs = 0;
  };
  std::vector<Applied> applied_;
  uint64_t next_vertex_ = 0;  // a merged vertex with this id was made just now
  uint64_t records_since_commit_ = 0;
  graph::CommitSummary changes_;
};

inline constexpr uint64_t kRecordsPerCommit = 16384;
inline constexpr uint64_t kBytesPerCommit = uint64_t{64} << 20;

/// Adds one to the note of that code and column, in the order in which they first come.
void AddNote(std::vector<Note>& notes, const MappedNote& note, uint64_t line);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_LOADER_H_
