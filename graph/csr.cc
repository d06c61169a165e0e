#include "graph/csr.h"

#include <algorithm>

namespace qipu::graph {

Result<Csr> Csr::Build(const Snapshot& snapshot, EdgeTypeId type, std::vector<VertexId> vertices) {
  if (vertices.size() > UINT32_MAX) {
    return InvalidArgument("a view holds at most " + std::to_string(UINT32_MAX) + " vertices");
  }
  Csr csr;
  csr.vertices_ = std::move(vertices);
  csr.out_offsets_.reserve(csr.vertices_.size() + 1);
  csr.in_offsets_.assign(csr.vertices_.size() + 1, 0);
  csr.out_offsets_.push_back(0);
  for (const VertexId vertex : csr.vertices_) {
    const auto neighbours = QIPU_TRY(snapshot.Neighbours(vertex, type, Direction::kOut));
    for (const Neighbour& neighbour : neighbours) {
      const auto local = csr.Local(neighbour.vertex);
      if (!local) continue;
      csr.out_targets_.push_back(*local);
      ++csr.in_offsets_[*local + 1];
    }
    csr.out_offsets_.push_back(csr.out_targets_.size());
  }
  for (size_t i = 1; i < csr.in_offsets_.size(); ++i) csr.in_offsets_[i] += csr.in_offsets_[i - 1];
  csr.in_sources_.resize(csr.out_targets_.size());
  std::vector<uint64_t> free = csr.in_offsets_;  // the next free place of each target
  for (uint32_t source = 0; source < csr.size(); ++source) {
    for (const uint32_t target : csr.Out(source)) csr.in_sources_[free[target]++] = source;
  }
  return csr;
}

std::optional<uint32_t> Csr::Local(VertexId vertex) const {
  const auto at = std::lower_bound(vertices_.begin(), vertices_.end(), vertex);
  if (at == vertices_.end() || *at != vertex) return std::nullopt;
  return static_cast<uint32_t>(at - vertices_.begin());
}

std::span<const uint32_t> Csr::Out(uint32_t local) const {
  return std::span(out_targets_)
      .subspan(out_offsets_[local], out_offsets_[local + 1] - out_offsets_[local]);
}

std::span<const uint32_t> Csr::In(uint32_t local) const {
  return std::span(in_sources_)
      .subspan(in_offsets_[local], in_offsets_[local + 1] - in_offsets_[local]);
}

}  // namespace qipu::graph
