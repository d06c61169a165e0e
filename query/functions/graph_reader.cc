#include "query/functions/functions.h"

namespace qipu::query {

GraphReader::GraphReader(const graph::Snapshot& snapshot) : snapshot_(snapshot), kept_(kKeptRows) {}

Result<const graph::Vertex*> GraphReader::Row(graph::VertexId id) {
  std::optional<graph::Vertex>& slot = kept_[id.value % kKeptRows];
  if (!slot || slot->id != id) {
    slot = QIPU_TRY(snapshot_.GetVertex(id));
    if (!slot) return Corruption("vertex " + std::to_string(id.value) + " has no row");
  }
  return &*slot;
}

void GraphReader::Keep(const graph::Vertex& vertex) { kept_[vertex.id.value % kKeptRows] = vertex; }

Result<DatumMap> GraphReader::PropertiesOf(const Datum& element) {
  const auto named = [&](const graph::Properties& properties) {
    DatumMap map;
    for (const graph::Property& property : properties) {
      PutInMap(map, catalog().NameOf(property.id), Datum::FromValue(property.value));
    }
    return map;
  };
  if (const graph::VertexId* vertex = element.AsVertex()) {
    return named(QIPU_TRY(Row(*vertex))->properties);
  }
  return named(QIPU_TRY(snapshot_.EdgeProperties(*element.AsEdge())));
}

Result<Datum> GraphReader::PropertyOf(const graph::EdgeRef& edge, graph::PropertyId property) {
  const graph::Properties properties = QIPU_TRY(snapshot_.EdgeProperties(edge));
  const graph::Value* value = graph::FindProperty(properties, property);
  return value == nullptr ? Datum() : Datum::FromValue(*value);
}

}  // namespace qipu::query
