#include "graph/transaction.h"

#include "graph/changes/changes.h"

namespace qipu::graph {

CommitSummary& CommitSummary::operator+=(const CommitSummary& other) {
  vertices_created += other.vertices_created;
  vertices_changed += other.vertices_changed;
  vertices_deleted += other.vertices_deleted;
  edges_created += other.edges_created;
  edges_changed += other.edges_changed;
  edges_deleted += other.edges_deleted;
  ledger_entries += other.ledger_entries;
  return *this;
}

Transaction::Transaction(std::unique_ptr<changes::ChangeSet> changes)
    : changes_(std::move(changes)) {}
Transaction::Transaction(Transaction&&) noexcept = default;
Transaction& Transaction::operator=(Transaction&&) noexcept = default;
Transaction::~Transaction() = default;

LabelId Transaction::Label(std::string_view name) { return changes_->Label(name); }
EdgeTypeId Transaction::EdgeType(std::string_view name) { return changes_->EdgeType(name); }
PropertyId Transaction::Property(std::string_view name) { return changes_->Property(name); }

Result<VertexId> Transaction::MergeVertex(LabelId label, std::string_view key) {
  return changes_->MergeVertex(label, key);
}

Result<std::optional<VertexId>> Transaction::FindVertex(LabelId label, std::string_view key) const {
  return changes_->FindVertex(label, key);
}

Status Transaction::PrefetchKeys(LabelId label, std::span<const std::string_view> keys) {
  return changes_->PrefetchKeys(label, keys);
}

VertexId Transaction::CreateVertex() { return changes_->CreateVertex(); }

Result<std::optional<Vertex>> Transaction::GetVertex(VertexId id) const {
  return changes_->GetVertex(id);
}

Status Transaction::AddLabel(VertexId vertex, LabelId label) {
  return changes_->AddLabel(vertex, label);
}

Status Transaction::RemoveLabel(VertexId vertex, LabelId label) {
  return changes_->RemoveLabel(vertex, label);
}

Status Transaction::SetProperty(VertexId vertex, PropertyId property, Value value) {
  return changes_->SetProperty(vertex, property, std::move(value));
}

Status Transaction::DeleteVertex(VertexId vertex, DetachEdges detach) {
  return changes_->DeleteVertex(vertex, detach);
}

Status Transaction::PutEdge(const EdgeRef& edge, Properties properties) {
  return changes_->PutEdge(edge, std::move(properties));
}

Result<EdgeRef> Transaction::CreateEdge(VertexId source, EdgeTypeId type, VertexId target,
                                        Properties properties) {
  return changes_->CreateEdge(source, type, target, std::move(properties));
}

Status Transaction::DeleteEdge(const EdgeRef& edge) { return changes_->DeleteEdge(edge); }

Result<std::vector<Neighbour>> Transaction::Neighbours(VertexId vertex, EdgeTypeId type,
                                                       Direction direction) const {
  const auto list = QIPU_TRY(changes_->Neighbours(vertex, type, direction));
  return rocks::NeighboursOf(list);
}

Result<Properties> Transaction::EdgeProperties(const EdgeRef& edge) const {
  return changes_->EdgeProperties(edge);
}

void Transaction::PutLedger(std::string_view key, std::string_view value) {
  changes_->PutLedger(key, value);
}

void Transaction::DeleteLedger(std::string_view key) { changes_->DeleteLedger(key); }

Result<std::optional<std::string>> Transaction::GetLedger(std::string_view key) const {
  return changes_->GetLedger(key);
}

uint64_t Transaction::bytes() const { return changes_->bytes(); }

Result<CommitSummary> Transaction::Commit() { return changes_->Commit(); }

}  // namespace qipu::graph
