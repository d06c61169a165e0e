#ifndef QIPU_GRAPH_TRANSACTION_H_
#define QIPU_GRAPH_TRANSACTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/element.h"
#include "graph/ids.h"
#include "graph/status.h"
#include "graph/value.h"

namespace qipu::graph {

namespace changes {
class ChangeSet;
}

/// What a commit changed. All zero: the graph already said all that, and nothing was written.
struct CommitSummary {
  uint64_t vertices_created = 0, vertices_changed = 0, vertices_deleted = 0;
  uint64_t edges_created = 0, edges_changed = 0, edges_deleted = 0;
  uint64_t ledger_entries = 0;
  CommitSummary& operator+=(const CommitSummary& other);
  friend bool operator==(const CommitSummary&, const CommitSummary&) = default;
};

enum class DetachEdges { kNo, kYes };

/// Changes to apply together. A transaction sees the state at its start and its own changes;
/// nobody else sees them before Commit, and a transaction destroyed without Commit leaves no trace.
///
/// One at a time per Store, used by one thread. What is set to the value it already has is no
/// change, so applying the same rows twice writes nothing the second time.
///
/// Size: the encoded changes are at most kTransactionBytesMax; check `bytes()` and commit before.
class Transaction {
 public:
  Transaction(Transaction&&) noexcept;
  Transaction& operator=(Transaction&&) noexcept;
  ~Transaction();

  // Interned names; new ones are committed with the rest.
  LabelId Label(std::string_view name);
  EdgeTypeId EdgeType(std::string_view name);
  PropertyId Property(std::string_view name);

  /// The vertex of `label` with that key, created if absent with the label and its key property.
  /// Errors: kInvalidArgument  the schema gives the label no key, or the key is empty or over
  ///                           kKeyBytesMax.
  Result<VertexId> MergeVertex(LabelId label, std::string_view key);
  /// The vertex of `label` with that key, if it exists.
  Result<std::optional<VertexId>> FindVertex(LabelId label, std::string_view key) const;
  /// Reads together what MergeVertex and FindVertex would read of these keys one by one, which
  /// takes longer. Changes nothing that they answer; keys may repeat. Errors: kIo, kCorruption.
  Status PrefetchKeys(LabelId label, std::span<const std::string_view> keys);
  /// A vertex without key, label or property.
  VertexId CreateVertex();
  /// The vertex as this transaction sees it; null when it does not exist.
  Result<std::optional<Vertex>> GetVertex(VertexId id) const;

  // Errors of all below: kNotFound for an absent vertex or edge; kInvalidArgument when the schema
  // forbids it (type of a declared property, undeclared name in a closed schema).
  Status AddLabel(VertexId vertex, LabelId label);
  Status RemoveLabel(VertexId vertex, LabelId label);
  /// A null value removes the property. A key property can't be changed.
  Status SetProperty(VertexId vertex, PropertyId property, Value value);
  /// kInvalidArgument when edges remain and `detach` is kNo.
  Status DeleteVertex(VertexId vertex, DetachEdges detach);

  /// Makes the edge if absent and sets its properties to exactly `properties`.
  Status PutEdge(const EdgeRef& edge, Properties properties);
  /// Makes one more edge, parallel to any there is.
  Result<EdgeRef> CreateEdge(VertexId source, EdgeTypeId type, VertexId target,
                             Properties properties);
  Status DeleteEdge(const EdgeRef& edge);
  /// The other ends as this transaction sees them, ascending.
  Result<std::vector<Neighbour>> Neighbours(VertexId vertex, EdgeTypeId type,
                                            Direction direction) const;
  Result<Properties> EdgeProperties(const EdgeRef& edge) const;

  // See Snapshot. A commit that changes only the ledger is a commit.
  void PutLedger(std::string_view key, std::string_view value);
  void DeleteLedger(std::string_view key);
  Result<std::optional<std::string>> GetLedger(std::string_view key) const;

  /// About how many bytes the commit will write.
  uint64_t bytes() const;

  /// Applies all changes atomically and durably: once Ok, they survive power loss.
  ///
  /// Errors: kInvalidArgument  over kTransactionBytesMax, or a required property is missing;
  ///                           nothing was written.
  ///         kIo               outcome unknown: after reopening, the changes are wholly there or
  ///                           wholly absent.
  /// Cost:   one log append and one fsync, whatever the size. The transaction is spent after it.
  Result<CommitSummary> Commit();

 private:
  friend class Store;
  explicit Transaction(std::unique_ptr<changes::ChangeSet> changes);
  std::unique_ptr<changes::ChangeSet> changes_;
};

inline constexpr uint64_t kTransactionBytesMax = uint64_t{256} << 20;
inline constexpr size_t kKeyBytesMax = 1024;

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_TRANSACTION_H_
