#include "graph/bulk_load.h"

#include "graph/load/load.h"

namespace qipu::graph {

VertexBatch::VertexBatch(const BulkLoad& load)
    : rows_(std::make_unique<load::VertexRows>(load.loader_->MakeVertexRows())) {}
VertexBatch::VertexBatch(VertexBatch&&) noexcept = default;
VertexBatch& VertexBatch::operator=(VertexBatch&&) noexcept = default;
VertexBatch::~VertexBatch() = default;
Status VertexBatch::Add(std::span<const LabelId> labels, const Properties& properties) {
  return rows_->Add(labels, properties);
}
size_t VertexBatch::size() const { return rows_->size(); }

EdgeBatch::EdgeBatch(const BulkLoad& load)
    : rows_(std::make_unique<load::EdgeRows>(load.loader_->MakeEdgeRows())) {}
EdgeBatch::EdgeBatch(EdgeBatch&&) noexcept = default;
EdgeBatch& EdgeBatch::operator=(EdgeBatch&&) noexcept = default;
EdgeBatch::~EdgeBatch() = default;
Status EdgeBatch::Add(const EdgeRef& edge, const Properties& properties) {
  return rows_->Add(edge, properties);
}
size_t EdgeBatch::size() const { return rows_->size(); }

BulkLoad::BulkLoad(std::unique_ptr<load::Loader> loader) : loader_(std::move(loader)) {}
BulkLoad::BulkLoad(BulkLoad&&) noexcept = default;
BulkLoad& BulkLoad::operator=(BulkLoad&&) noexcept = default;
BulkLoad::~BulkLoad() = default;

LabelId BulkLoad::Label(std::string_view name) { return loader_->Label(name); }
EdgeTypeId BulkLoad::EdgeType(std::string_view name) { return loader_->EdgeType(name); }
PropertyId BulkLoad::Property(std::string_view name) { return loader_->Property(name); }

Result<VertexId> BulkLoad::AddVertex(std::span<const LabelId> labels,
                                     const Properties& properties) {
  return loader_->AddVertex(labels, properties);
}

Result<VertexId> BulkLoad::AddVertices(VertexBatch& batch) {
  return loader_->AddVertices(*batch.rows_);
}

Result<std::optional<VertexId>> BulkLoad::FindVertex(LabelId label, std::string_view key) const {
  VertexId found = kAbsent;
  QIPU_TRY(loader_->FindVertices(label, {&key, 1}, {&found, 1}));
  return found == kAbsent ? std::nullopt : std::optional(found);
}

Status BulkLoad::FindVertices(LabelId label, std::span<const std::string_view> keys,
                              std::span<VertexId> found) const {
  return loader_->FindVertices(label, keys, found);
}

Status BulkLoad::AddEdge(VertexId source, EdgeTypeId type, VertexId target,
                         const Properties& properties, uint32_t rank) {
  return loader_->AddEdge({source, type, target, rank}, properties);
}

Status BulkLoad::AddEdges(EdgeBatch& batch) { return loader_->AddEdges(*batch.rows_); }

Result<CommitSummary> BulkLoad::Publish() { return loader_->Publish(); }

}  // namespace qipu::graph
