#include <cmath>

#include "ingest/dump.h"
#include "query/table.h"
#include "tools/export/export.h"

namespace qipu::tools {
namespace {

/// What LoadDump of ingest/ reads back as the same value.
std::string ValueJson(const graph::Value& value) {
  if (const auto* date = value.AsDate()) return R"({"$date":)" + JsonText(date->ToString()) + '}';
  if (const auto* number = value.AsFloat(); number != nullptr && !std::isfinite(*number)) {
    return R"({"$numberDouble":)" + JsonText(value.ToString()) + '}';
  }
  const auto* list = value.AsList();
  if (list == nullptr) return query::CellJson(query::Cell{value});
  std::string json = "[";
  for (const graph::Value& item : *list) json += (json.size() > 1 ? "," : "") + ValueJson(item);
  return json + ']';
}

std::string PropertiesJson(const graph::Catalog& catalog, const graph::Properties& properties) {
  std::map<std::string, std::string> sorted;
  for (const auto& [id, value] : properties) {
    sorted[catalog.NameOf(id)] = ValueJson(value);
  }
  std::string json = "{";
  for (const auto& [name, value] : sorted) {
    json += (json.size() > 1 ? "," : "") + JsonText(name) + ':' + value;
  }
  return json + '}';
}

std::string VertexJson(const graph::Catalog& catalog, const graph::Vertex& vertex) {
  std::set<std::string> names;
  for (const auto label : vertex.labels) names.insert(catalog.NameOf(label));
  std::string labels;
  for (const auto& name : names) labels += (labels.empty() ? "" : ",") + JsonText(name);
  return "{\"id\":" + std::to_string(vertex.id.value) + ",\"labels\":[" + labels +
         "],\"properties\":" + PropertiesJson(catalog, vertex.properties) + "}\n";
}

}  // namespace

Result<ExportReport> ExportNdjson(const graph::Snapshot& snapshot, const std::string& folder) {
  QIPU_TRY(MakeFolder(folder));
  const graph::Catalog& catalog = snapshot.catalog();
  OutFile vertices(folder + "/vertices.ndjson"), edges(folder + "/edges.ndjson");
  uint64_t vertex_rows = 0, edge_rows = 0;
  auto cursor = snapshot.ScanVertices();
  while (cursor.Next()) {
    const graph::VertexId source = cursor.id();
    vertices.Write(VertexJson(catalog, cursor.vertex()));
    ++vertex_rows;
    for (const auto type : QIPU_TRY(snapshot.EdgeTypesAt(source, graph::Direction::kOut))) {
      for (const auto& other :
           QIPU_TRY(snapshot.Neighbours(source, type, graph::Direction::kOut))) {
        const auto properties =
            QIPU_TRY(snapshot.EdgeProperties({source, type, other.vertex, other.rank}));
        edges.Write("{\"type\":" + JsonText(catalog.NameOf(type)) + ",\"from\":" +
                    std::to_string(source.value) + ",\"to\":" + std::to_string(other.vertex.value) +
                    ",\"rank\":" + std::to_string(other.rank) +
                    ",\"properties\":" + PropertiesJson(catalog, properties) + "}\n");
        ++edge_rows;
      }
    }
  }
  if (!cursor.status().ok()) return cursor.status().error();
  QIPU_TRY(vertices.Close());
  QIPU_TRY(edges.Close());
  QIPU_TRY(WriteFile(folder + "/schema.json", SchemaText(snapshot.schema())));
  QIPU_TRY(ingest::SealDump(folder, vertex_rows, edge_rows));
  return ExportReport{
      {{"vertices.ndjson", "", vertex_rows}, {"edges.ndjson", "", edge_rows}}, 0, ""};
}

}  // namespace qipu::tools
