#ifndef QIPU_GRAPH_BULK_LOAD_H_
#define QIPU_GRAPH_BULK_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/element.h"
#include "graph/ids.h"
#include "graph/status.h"
#include "graph/transaction.h"

namespace qipu::graph {

namespace load {
class EdgeRows;
class Loader;
class VertexRows;
}  // namespace load

/// How far a bulk load is.
struct BulkProgress {
  enum class Stage { kReading, kSorting, kPublishing };
  Stage stage = Stage::kReading;
  uint64_t vertices = 0, edges = 0;  ///< added so far
};

struct BulkLoadOptions {
  /// For the keys of the new vertices (20 to 50 bytes each and their text, always in memory) and
  /// for edges that wait to be sorted: they get what keys leave, but a quarter in any case; what
  /// does not fit waits in files beside the database. 0: half of the store's, whose cache has that
  /// much less meanwhile.
  uint64_t memory_bytes = 0;
  /// Called from the adding thread, about once for each million of rows, and at each stage.
  std::function<void(const BulkProgress&)> progress = nullptr;
};

class BulkLoad;

/// New vertices for BulkLoad::AddVertices. Making them, the larger part of the work, needs no turn
/// with the load: other threads may do it, each for a batch of its own.
class VertexBatch {
 public:
  /// REQUIRES: `load` outlives it, and interns no name while vertices are added here.
  explicit VertexBatch(const BulkLoad& load);
  VertexBatch(VertexBatch&&) noexcept;
  VertexBatch& operator=(VertexBatch&&) noexcept;
  ~VertexBatch();
  /// As BulkLoad::AddVertex, but looks at no key. Errors: kInvalidArgument; the batch is as it was.
  Status Add(std::span<const LabelId> labels, const Properties& properties);
  size_t size() const;

 private:
  friend class BulkLoad;
  std::unique_ptr<load::VertexRows> rows_;
};

/// The same for edges.
class EdgeBatch {
 public:
  explicit EdgeBatch(const BulkLoad& load);
  EdgeBatch(EdgeBatch&&) noexcept;
  EdgeBatch& operator=(EdgeBatch&&) noexcept;
  ~EdgeBatch();
  /// As BulkLoad::AddEdge, but looks at no end; the rank of `edge` is the lowest that it may get.
  /// Errors: kInvalidArgument; the batch is as it was.
  Status Add(const EdgeRef& edge, const Properties& properties);
  size_t size() const;

 private:
  friend class BulkLoad;
  std::unique_ptr<load::EdgeRows> rows_;
};

/// Loads many vertices and edges at once: sorted tables are written beside the database and taken
/// in together, so that nothing of it shows before Publish and all of it after. A load that is
/// dropped, fails or is killed leaves the graph as it was; what it staged goes at the next open.
///
/// One at a time per Store, no Transaction beside it; used by one thread, but for batches and
/// FindVertices, which nobody may call while vertices are added.
class BulkLoad {
 public:
  BulkLoad(BulkLoad&&) noexcept;
  BulkLoad& operator=(BulkLoad&&) noexcept;
  ~BulkLoad();

  // Interned names; new ones are published with the rest.
  LabelId Label(std::string_view name);
  EdgeTypeId EdgeType(std::string_view name);
  PropertyId Property(std::string_view name);

  /// A new vertex with its labels (and those that they refine) and properties.
  /// One that is refused leaves no trace.
  /// Errors: kAlreadyExists    this load has a vertex with that key already
  ///         kInvalidArgument  the schema forbids it, as Transaction says
  Result<VertexId> AddVertex(std::span<const LabelId> labels, const Properties& properties);

  /// Adds all of `batch`, which is empty then; the id of the first, those of the others follow it.
  /// REQUIRES: the batch was made for this load.
  /// Errors: kAlreadyExists    as above; those before it were added, it and those after it were not
  ///         kInvalidArgument  too many vertices or combinations of labels; none was added
  ///         kIo, kCorruption  the load can only be dropped
  Result<VertexId> AddVertices(VertexBatch& batch);

  /// The vertex of `label` with that key: of this load, else of the database.
  Result<std::optional<VertexId>> FindVertex(LabelId label, std::string_view key) const;
  /// The same for many keys at once, which waits for memory once and not for each. `found` has the
  /// size of `keys`; kAbsent stands for what there is not.
  static constexpr VertexId kAbsent{UINT64_MAX};
  Status FindVertices(LabelId label, std::span<const std::string_view> keys,
                      std::span<VertexId> found) const;

  /// A new edge; parallel to those that are there. Of the parallel edges of one load, those without
  /// properties get the lower ranks, then the others in the order in which they came; last, also in
  /// that order, those with a `rank` above 0, the lowest that the edge may get.
  /// Errors: kNotFound an end is neither old nor of this load; kInvalidArgument as above.
  Status AddEdge(VertexId source, EdgeTypeId type, VertexId target, const Properties& properties,
                 uint32_t rank = 0);

  /// Adds all of `batch`, which is empty then. REQUIRES: the batch was made for this load.
  /// Errors: as above; those before it were added, it and those after it were not; kIo,
  ///         kCorruption: the load can only be dropped
  Status AddEdges(EdgeBatch& batch);

  /// Sorts, writes and publishes all that was added, atomically and durably. The load is spent.
  /// Memory beyond the options': the edges of one vertex, with their properties, at a time.
  /// Errors: kAlreadyExists    a key that the database has already; nothing was published
  ///         kInvalidArgument  no rank is left between two vertices, or the edges of one take more
  ///                           than 1 GiB; nothing was published. Or it was published already.
  ///         kIo               after reopening, the load is wholly there or wholly absent
  Result<CommitSummary> Publish();

 private:
  friend class Store;
  friend class VertexBatch;
  friend class EdgeBatch;
  explicit BulkLoad(std::unique_ptr<load::Loader> loader);
  std::unique_ptr<load::Loader> loader_;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_BULK_LOAD_H_
