#include "query/exec/exec.h"

namespace qipu::query {
namespace {

Result<CellMap> CellsOf(const DatumMap& map, Execution& run) {
  CellMap out;
  out.reserve(map.size());
  for (const auto& [key, value] : map) out.emplace_back(key, QIPU_TRY(MakeCell(value, run)));
  return out;
}

Result<VertexCell> MakeVertexCell(graph::VertexId id, Execution& run) {
  VertexCell cell{id, {}, {}};
  for (const graph::LabelId label : QIPU_TRY(run.graph().Row(id))->labels) {
    cell.labels.push_back(run.graph().catalog().NameOf(label));
  }
  cell.properties = QIPU_TRY(CellsOf(QIPU_TRY(run.graph().PropertiesOf(Datum(id))), run));
  return cell;
}

Result<EdgeCell> MakeEdgeCell(const graph::EdgeRef& edge, Execution& run) {
  EdgeCell cell{edge, run.graph().catalog().NameOf(edge.type), {}};
  cell.properties = QIPU_TRY(CellsOf(QIPU_TRY(run.graph().PropertiesOf(Datum(edge))), run));
  return cell;
}

}  // namespace

Result<Cell> MakeCell(const Datum& datum, Execution& run) {
  switch (datum.type()) {
    case DatumType::kNull:
      return Cell{graph::Value()};
    case DatumType::kBool:
      return Cell{graph::Value(*datum.AsBool())};
    case DatumType::kInt:
      return Cell{graph::Value(*datum.AsInt())};
    case DatumType::kFloat:
      return Cell{graph::Value(*datum.AsFloat())};
    case DatumType::kString:
      return Cell{graph::Value(*datum.AsString())};
    case DatumType::kDate:
      return Cell{graph::Value(*datum.AsDate())};
    case DatumType::kVertex:
      return Cell{QIPU_TRY(MakeVertexCell(*datum.AsVertex(), run))};
    case DatumType::kEdge:
      return Cell{QIPU_TRY(MakeEdgeCell(*datum.AsEdge(), run))};
    case DatumType::kMap:
      return Cell{QIPU_TRY(CellsOf(*datum.AsMap(), run))};
    case DatumType::kList: {
      CellList list;
      list.reserve(datum.AsList()->size());
      for (const Datum& element : *datum.AsList()) list.push_back(QIPU_TRY(MakeCell(element, run)));
      return Cell{std::move(list)};
    }
    case DatumType::kPath: {
      PathCell path;
      for (const graph::VertexId vertex : datum.AsPath()->vertices) {
        path.vertices.push_back(QIPU_TRY(MakeVertexCell(vertex, run)));
      }
      for (const graph::EdgeRef& edge : datum.AsPath()->edges) {
        path.edges.push_back(QIPU_TRY(MakeEdgeCell(edge, run)));
      }
      return Cell{std::move(path)};
    }
  }
  return Cell{graph::Value()};
}

uint64_t CellBytes(const Cell& cell) {
  uint64_t bytes = sizeof(Cell);
  const auto add_map = [&](const CellMap& map) {
    for (const auto& [key, value] : map)
      bytes += sizeof(std::string) + key.size() + CellBytes(value);
  };
  const auto add_vertex = [&](const VertexCell& vertex) {
    bytes += sizeof(VertexCell) + vertex.labels.size() * sizeof(std::string);
    add_map(vertex.properties);
  };
  if (const auto* value = std::get_if<graph::Value>(&cell.value)) {
    if (const std::string* text = value->AsString()) bytes += text->size();
  } else if (const auto* list = std::get_if<CellList>(&cell.value)) {
    for (const Cell& element : *list) bytes += CellBytes(element);
  } else if (const auto* map = std::get_if<CellMap>(&cell.value)) {
    add_map(*map);
  } else if (const auto* vertex = std::get_if<VertexCell>(&cell.value)) {
    add_vertex(*vertex);
  } else if (const auto* edge = std::get_if<EdgeCell>(&cell.value)) {
    add_map(edge->properties);
  } else {
    const PathCell& path = std::get<PathCell>(cell.value);
    for (const VertexCell& at : path.vertices) add_vertex(at);
    for (const EdgeCell& hop : path.edges) {
      bytes += sizeof(EdgeCell);
      add_map(hop.properties);
    }
  }
  return bytes;
}

Result<Datum> FromCell(const Cell& cell) {
  if (const auto* value = std::get_if<graph::Value>(&cell.value)) return Datum::FromValue(*value);
  if (const auto* list = std::get_if<CellList>(&cell.value)) {
    DatumList out;
    for (const Cell& element : *list) out.push_back(QIPU_TRY(FromCell(element)));
    return Datum(std::move(out));
  }
  if (const auto* map = std::get_if<CellMap>(&cell.value)) {
    DatumMap out;
    for (const auto& [key, value] : *map) PutInMap(out, key, QIPU_TRY(FromCell(value)));
    return Datum(std::move(out));
  }
  return InvalidArgument("a parameter is a plain value, a list or a map");
}

}  // namespace qipu::query
