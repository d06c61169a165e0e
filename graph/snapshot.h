#ifndef QIPU_GRAPH_SNAPSHOT_H_
#define QIPU_GRAPH_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/catalog.h"
#include "graph/change.h"
#include "graph/element.h"
#include "graph/ids.h"
#include "graph/index.h"
#include "graph/schema.h"
#include "graph/status.h"

namespace qipu::graph {

namespace rocks {
class View;
}

/// Walks vertices in ascending id order.
///
///   auto cursor = snapshot.ScanLabel(label);
///   while (cursor.Next()) Use(cursor.vertex());
///   if (!cursor.status().ok()) return cursor.status().error();
class VertexCursor {
 public:
  VertexCursor(VertexCursor&&) noexcept;
  VertexCursor& operator=(VertexCursor&&) noexcept;
  ~VertexCursor();
  /// Steps to the next vertex; false at the end or on an error.
  bool Next();
  VertexId id() const;
  /// The whole row of the current vertex; valid until the next Next().
  const Vertex& vertex() const;
  const Status& status() const;

 private:
  friend class Snapshot;
  struct State;
  explicit VertexCursor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Walks ledger entries in ascending key order.
class LedgerCursor {
 public:
  LedgerCursor(LedgerCursor&&) noexcept;
  LedgerCursor& operator=(LedgerCursor&&) noexcept;
  ~LedgerCursor();
  bool Next();
  /// Views valid until the next Next().
  std::string_view key() const;
  std::string_view value() const;
  const Status& status() const;

 private:
  friend class Snapshot;
  struct State;
  explicit LedgerCursor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Walks the change log in the order of commits.
class ChangeCursor {
 public:
  ChangeCursor(ChangeCursor&&) noexcept;
  ChangeCursor& operator=(ChangeCursor&&) noexcept;
  ~ChangeCursor();
  bool Next();
  /// Valid until the next Next().
  const Change& change() const;
  const Status& status() const;

 private:
  friend class Snapshot;
  struct State;
  explicit ChangeCursor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One immutable view of the whole graph: it sees every commit made before it was taken and none
/// made after. Cheap to take; readers on many threads may share one. Its Store must outlive it.
/// Errors of every read: kIo, kCorruption.
class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  const Catalog& catalog() const;
  const Schema& schema() const;
  /// The number of commits this view includes.
  uint64_t epoch() const;

  /// The vertex of `label` whose key is `key`. Cost: one point read.
  Result<std::optional<VertexId>> FindVertex(LabelId label, std::string_view key) const;
  /// Null when the vertex does not exist (any more). Cost: one point read.
  Result<std::optional<Vertex>> GetVertex(VertexId id) const;
  /// Every vertex there is, with its row.
  VertexCursor ScanVertices() const;
  /// The vertices that have `label`, with their rows.
  VertexCursor ScanLabel(LabelId label) const;
  /// The ids of the vertices that have `label`, ascending.
  Result<std::vector<VertexId>> VerticesOf(LabelId label) const;

  /// The other ends of the edges of `type` at `vertex`, ascending. Cost: one point read, of the row
  /// with the edges of all types.
  Result<std::vector<Neighbour>> Neighbours(VertexId vertex, EdgeTypeId type,
                                            Direction direction) const;
  /// The types of the edges at `vertex` in that direction, ascending.
  Result<std::vector<EdgeTypeId>> EdgeTypesAt(VertexId vertex, Direction direction) const;
  /// Empty for an edge without properties and for an edge that does not exist. Cost: one point read
  /// of the source's edges; where it has many of the type, only of the first asked for in a row.
  Result<Properties> EdgeProperties(const EdgeRef& edge) const;

  /// The indexes that this view has, in the order in which they were made.
  const std::vector<Index>& indexes() const;
  std::optional<Index> FindIndex(LabelId label, PropertyId property, IndexKind kind) const;
  /// The vertices of the index with a value that equals `value` (lies in `range`), by value and id.
  /// REQUIRES: `index` is one of indexes(), of kValue. Cost: one seek and a step for each vertex.
  Result<std::vector<VertexId>> FindByValue(const Index& index, const Value& value) const;
  Result<std::vector<VertexId>> FindInRange(const Index& index, const ValueRange& range) const;
  /// At most `limit` vertices whose text has every word and every pair of neighbouring Chinese
  /// characters of `text`; its last word may be the beginning of one. Shorter texts first, then by
  /// id. REQUIRES: `index` is one of indexes(), of kText.
  Result<std::vector<VertexId>> Search(const Index& index, std::string_view text,
                                       size_t limit) const;

  /// Exact counts, kept by every commit. Cost: one point read each.
  Result<uint64_t> CountVertices() const;
  Result<uint64_t> CountVertices(LabelId label) const;
  Result<uint64_t> CountEdges() const;
  Result<uint64_t> CountEdges(EdgeTypeId type) const;
  /// Every vertex id is below this.
  uint64_t vertex_id_bound() const;

  /// The ledger: ordered bytes beside the graph, where its users keep what is about the graph but
  /// not in it (runs, refused rows, provenance). Same snapshot, same commits.
  Result<std::optional<std::string>> GetLedger(std::string_view key) const;
  /// Entries whose key starts with `prefix`.
  LedgerCursor ScanLedger(std::string_view prefix) const;

  /// What every commit and bulk load after `epoch` did, up to this snapshot's own epoch.
  ChangeCursor ScanChanges(uint64_t epoch) const;

 private:
  friend class Store;
  friend class Analytics;
  explicit Snapshot(std::shared_ptr<const rocks::View> view);
  std::shared_ptr<const rocks::View> view_;  // shared with the cursors it made and the Store
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_SNAPSHOT_H_
