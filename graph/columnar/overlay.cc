#include <algorithm>

#include "graph/columnar/columnar.h"

namespace qipu::graph::columnar {

void Overlay::Add(VertexId vertex) {
  const uint64_t word = vertex.value >> 6;
  if (word >= bits.size()) bits.resize(word + 1);
  uint64_t& bit_word = bits[word];
  const uint64_t bit = uint64_t{1} << (vertex.value & 63);
  if ((bit_word & bit) != 0) return;
  bit_word |= bit;
  vertices.push_back(static_cast<uint32_t>(vertex.value));
}

void Overlay::Sort() { std::sort(vertices.begin(), vertices.end()); }

Result<std::unique_ptr<Overlay>> ReadOverlay(const Snapshot& snapshot, uint64_t epoch,
                                             uint64_t vertices_max) {
  auto overlay = std::make_unique<Overlay>();
  const uint64_t bound = snapshot.vertex_id_bound();
  std::optional<VertexId> unknown;
  const auto add = [&](VertexId vertex) {
    if (vertex.value >= bound) unknown = vertex;
    if (!unknown) overlay->Add(vertex);
  };
  ChangeCursor cursor = snapshot.ScanChanges(epoch);
  while (cursor.Next()) {
    const Change& change = cursor.change();
    if (change.loaded_bound.value - change.first_loaded.value > vertices_max) {
      return std::unique_ptr<Overlay>();
    }
    for (const VertexStep& step : change.vertices) add(step.vertex);
    for (const EdgeStep& step : change.edges) {
      add(step.edge.source);
      add(step.edge.target);
    }
    for (uint64_t v = change.first_loaded.value; v < change.loaded_bound.value; ++v) {
      add(VertexId{v});
    }
    for (const VertexId end : change.loaded_ends) add(end);
    if (unknown) {
      return Corruption("the change log names vertex " + std::to_string(unknown->value) +
                        " in epoch " + std::to_string(change.epoch) + ", but ids are below " +
                        std::to_string(bound));
    }
    if (overlay->vertices.size() > vertices_max) return std::unique_ptr<Overlay>();
  }
  QIPU_TRY(Status(cursor.status()));
  overlay->Sort();
  return overlay;
}

}  // namespace qipu::graph::columnar
