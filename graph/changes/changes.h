#ifndef QIPU_GRAPH_CHANGES_CHANGES_H_
#define QIPU_GRAPH_CHANGES_CHANGES_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/element.h"
#include "graph/ids.h"
#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"
#include "graph/status.h"
#include "graph/transaction.h"

/// What a transaction has collected: the changed vertices, edges and ledger entries over a view.
namespace qipu::graph::changes {

// --- position_index.cc -------------------------------------------------------------------------

/// Hash to position: an open-addressing index over entries that lie in a vector elsewhere, so that
/// an entry costs 8 bytes here and no allocation of its own. Entries are never taken out.
class PositionIndex {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// The position whose entry is the wanted one by `is_wanted(position)`, or kNone.
  template <class IsWanted>
  uint32_t Find(uint64_t hash, IsWanted is_wanted) const {
    if (slots_.empty()) return kNone;
    const auto tag = static_cast<uint32_t>(hash >> 32);
    for (size_t at = hash & mask(); slots_[at].position != kNone; at = (at + 1) & mask()) {
      if (slots_[at].tag == tag && is_wanted(slots_[at].position)) return slots_[at].position;
    }
    return kNone;
  }
  /// REQUIRES: the entry is not there yet.
  void Insert(uint64_t hash, uint32_t position);

 private:
  struct Slot {
    uint32_t tag = 0;  // the high half of the hash
    uint32_t low = 0;  // the low half, to grow without the entries
    uint32_t position = kNone;
  };
  size_t mask() const { return slots_.size() - 1; }
  void Place(const Slot& slot);
  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t used_ = 0;
};

uint64_t HashNumbers(uint64_t a, uint64_t b);
uint64_t HashBytes(std::string_view bytes);

// --- the entries -------------------------------------------------------------------------------

struct VertexChange {
  Vertex now;
  std::vector<LabelId> labels_before;
  std::string row_before;  // as stored; empty when it was not there
  bool existed = false;
  bool exists = false;
  bool touched = false;  // else only looked at
};

struct EdgeChange {
  EdgeRef edge;
  Properties now;
  std::string properties_before;  // encoded, as stored; empty for none
  std::string properties_now;     // encoded by the commit
  bool existed = false;
  bool exists = false;
  uint32_t next[2] = {PositionIndex::kNone, PositionIndex::kNone};  // at the same source, target
};

struct KeyChange {
  LabelId dictionary;
  std::string key;
  std::optional<VertexId> before, now;
};

struct LedgerChange {
  std::string key;
  std::optional<std::string> value;  // null: deleted
};

/// One adjacency list that was looked at: as stored, and the edges changed at it.
struct ListState {
  VertexId vertex;
  EdgeTypeId type;
  Direction direction;
  bool loaded = false;
  rocks::List stored;
  uint32_t head = PositionIndex::kNone;  // chain through EdgeChange::next
};

// --- change_set.cc, vertices.cc, edges.cc, ledger.cc, commit.cc, index_changes.cc --------------

/// See Transaction, whose calls these are.
class ChangeSet {
 public:
  explicit ChangeSet(rocks::Database& database);

  // change_set.cc: names, sizes, and what others are built from
  LabelId Label(std::string_view name);
  EdgeTypeId EdgeType(std::string_view name);
  PropertyId Property(std::string_view name);
  uint64_t bytes() const { return bytes_; }

  // vertices.cc
  Result<VertexId> MergeVertex(LabelId label, std::string_view key);
  Result<std::optional<VertexId>> FindVertex(LabelId label, std::string_view key);
  Status PrefetchKeys(LabelId label, std::span<const std::string_view> keys);
  VertexId CreateVertex();
  Result<std::optional<Vertex>> GetVertex(VertexId id);
  Status AddLabel(VertexId id, LabelId label);
  Status RemoveLabel(VertexId id, LabelId label);
  Status SetProperty(VertexId id, PropertyId property, Value value);
  Status DeleteVertex(VertexId id, DetachEdges detach);

  // edges.cc
  Status PutEdge(const EdgeRef& edge, Properties properties);
  Result<EdgeRef> CreateEdge(VertexId source, EdgeTypeId type, VertexId target,
                             Properties properties);
  Status DeleteEdge(const EdgeRef& edge);
  Result<rocks::List> Neighbours(VertexId vertex, EdgeTypeId type, Direction direction);
  Result<Properties> EdgeProperties(const EdgeRef& edge);

  // ledger.cc
  void PutLedger(std::string_view key, std::string_view value);
  void DeleteLedger(std::string_view key);
  Result<std::optional<std::string>> GetLedger(std::string_view key) const;

  // commit.cc
  Result<CommitSummary> Commit();

 private:
  /// The vertex as it is now, read on first sight. Stable until the transaction ends.
  Result<VertexChange*> Look(VertexId id);
  /// The same, and kNotFound when it does not exist.
  Result<VertexChange*> Require(VertexId id);
  Result<bool> Exists(VertexId id);
  bool IsNew(VertexId id) const { return id.value >= view_->head().next_vertex; }

  /// The dictionary entry, read on first sight.
  Result<KeyChange*> LookKey(LabelId dictionary, std::string_view key);
  /// The entry, or null when it was not read yet.
  KeyChange* KnownKey(LabelId dictionary, std::string_view key);
  KeyChange& AddKey(LabelId dictionary, std::string_view key, std::optional<VertexId> stored);
  Status CheckProperty(const VertexChange& vertex, PropertyId id, const Value& value) const;
  /// The entry of a key that `vertex` may have. Errors: kInvalidArgument, kAlreadyExists.
  Result<KeyChange*> FreeKey(const VertexChange& vertex, LabelId dictionary, const Value& key);
  Status DropKey(const VertexChange& vertex, LabelId label);
  VertexChange& NewVertex();
  /// The edges at `vertex` in that direction.
  Result<std::vector<EdgeRef>> EdgesAt(VertexId vertex, Direction direction);

  Status CheckEdge(const EdgeRef& edge, const Properties& properties);
  Result<EdgeChange*> LookEdge(const EdgeRef& edge);
  Result<bool> EdgeIsStored(const EdgeRef& edge);
  uint32_t FindEdgeChange(const EdgeRef& edge) const;
  /// Position in lists_ of the list, made on first sight.
  uint32_t ListAt(VertexId vertex, EdgeTypeId type, Direction direction);
  Status LoadLists(VertexId vertex, Direction direction);
  Result<uint32_t> LoadedListAt(VertexId vertex, EdgeTypeId type, Direction direction);
  void ChainEdges();

  uint32_t FindLedger(std::string_view key) const;
  void SetLedger(std::string_view key, std::optional<std::string> value);

  // Parts of Commit: each writes its rows into the batch and counts them.
  struct Commitment;
  Status CheckRequired() const;
  Status CheckRequired(const VertexChange& vertex) const;
  Status WriteVertex(Commitment& commitment, const VertexChange& vertex) const;
  Status EraseVertex(Commitment& commitment, const VertexChange& vertex) const;
  void WriteLabels(Commitment& commitment) const;
  /// Values at once; postings are collected, as vertices share their rows.
  Status WriteIndexes(Commitment& commitment, const VertexChange& vertex) const;
  static void WritePostings(Commitment& commitment);
  void WriteKeys(Commitment& commitment) const;
  Status WriteEdges(Commitment& commitment);
  std::vector<EdgeChange*> SortedEdges();
  Status WriteLists(Commitment& commitment, Direction direction,
                    std::span<const EdgeChange* const> edges);
  Status WriteList(Commitment& commitment, VertexId vertex, Direction direction,
                   std::span<const EdgeChange* const> edges);
  Status WriteLedger(Commitment& commitment) const;
  void WriteChange(Commitment& commitment) const;

  Catalog& WritableCatalog();
  const std::string& NameOf(PropertyId id) const { return catalog_->NameOf(id); }
  Error AbsentVertex(VertexId id) const;

  rocks::Database& database_;
  const std::shared_ptr<const rocks::View> view_;
  const Rules& rules_;
  std::shared_ptr<const Catalog> catalog_;  // the view's until a new name comes
  std::shared_ptr<Catalog> own_catalog_;

  std::deque<VertexChange> new_vertices_;  // the n-th has id next_vertex + n
  std::deque<VertexChange> old_vertices_;
  PositionIndex old_index_;
  std::deque<KeyChange> keys_;
  PositionIndex key_index_;
  std::deque<EdgeChange> edges_;
  PositionIndex edge_index_;
  uint32_t chained_edges_ = 0;  // edges before this are in the chains of lists_
  std::deque<ListState> lists_;
  PositionIndex list_index_;
  std::deque<LedgerChange> ledger_;
  PositionIndex ledger_index_;
  uint64_t bytes_ = 0;
  bool spent_ = false;
};

struct LabelStep {
  LabelId label;
  VertexId vertex;
  bool add;
};

/// What the parts of Commit fill.
struct ChangeSet::Commitment {
  rocks::Batch batch;
  rocks::Head next;
  CommitSummary summary;
  Change change;
  std::vector<LabelStep> label_steps;
  std::map<std::string, rocks::ListDelta> postings;  // by key of the row
  std::string row;                                   // scratch
};

/// Whether the types, names and depth of the edge's or vertex's value are what a row can hold.
Status CheckDepth(const Value& value);
/// About how many bytes `value` takes in a row.
uint64_t SizeOf(const Value& value);

}  // namespace qipu::graph::changes

#endif  // QIPU_GRAPH_CHANGES_CHANGES_H_
