#include "query/table.h"

#include <cmath>

#include "graph/json.h"

namespace qipu::query {
namespace {

/// Text within a list or map, where null must be seen.
std::string Inner(const Cell& cell) {
  const auto* value = std::get_if<graph::Value>(&cell.value);
  return value != nullptr && value->is_null() ? "null" : CellText(cell);
}

std::string MapText(const CellMap& map) {
  std::string out = "{";
  for (const auto& [key, value] : map) {
    out += (out.size() == 1 ? "" : ", ") + key + ": " + Inner(value);
  }
  return out + "}";
}

std::string VertexText(const VertexCell& vertex) {
  std::string out = "(";
  for (const std::string& label : vertex.labels) out += ":" + label;
  if (vertex.properties.empty()) return out + ")";
  return out + (out.size() == 1 ? "" : " ") + MapText(vertex.properties) + ")";
}

std::string EdgeText(const EdgeCell& edge) {
  return "[:" + edge.type + (edge.properties.empty() ? "" : " " + MapText(edge.properties)) + "]";
}

struct TextWriter {
  std::string operator()(const graph::Value& value) const { return value.ToString(); }
  std::string operator()(const CellMap& map) const { return MapText(map); }
  std::string operator()(const VertexCell& vertex) const { return VertexText(vertex); }
  std::string operator()(const EdgeCell& edge) const { return EdgeText(edge); }
  std::string operator()(const CellList& list) const {
    std::string out = "[";
    for (const Cell& cell : list) out += (out.size() == 1 ? "" : ", ") + Inner(cell);
    return out + "]";
  }
  std::string operator()(const PathCell& path) const {
    std::string out = "<" + VertexText(path.vertices[0]);
    for (size_t i = 0; i < path.edges.size(); ++i) {
      const bool forwards = path.edges[i].edge.source == path.vertices[i].id;
      out += (forwards ? "-" : "<-") + EdgeText(path.edges[i]) + (forwards ? "->" : "-") +
             VertexText(path.vertices[i + 1]);
    }
    return out + ">";
  }
};

std::string ValueJson(const graph::Value& value) {
  if (value.is_null()) return "null";
  if (const auto* number = value.AsFloat()) {
    return std::isfinite(*number) ? graph::FormatFloat(*number) : "null";
  }
  if (const auto* list = value.AsList()) {
    std::string out = "[";
    for (const graph::Value& element : *list) {
      out += (out.size() == 1 ? "" : ",") + ValueJson(element);
    }
    return out + "]";
  }
  if (value.AsBool() || value.AsInt()) return value.ToString();
  return graph::JsonQuote(value.ToString());
}

std::string MapJson(const CellMap& map) {
  std::string out = "{";
  for (const auto& [key, value] : map) {
    out += (out.size() == 1 ? "" : ",") + graph::JsonQuote(key) + ":" + CellJson(value);
  }
  return out + "}";
}

struct JsonWriter {
  std::string operator()(const graph::Value& value) const { return ValueJson(value); }
  std::string operator()(const CellMap& map) const { return MapJson(map); }
  std::string operator()(const CellList& list) const {
    std::string out = "[";
    for (const Cell& cell : list) out += (out.size() == 1 ? "" : ",") + CellJson(cell);
    return out + "]";
  }
  std::string operator()(const VertexCell& vertex) const {
    std::string labels;
    for (const std::string& label : vertex.labels) {
      labels += (labels.empty() ? "" : ",") + graph::JsonQuote(label);
    }
    return "{\"id\":" + std::to_string(vertex.id.value) + ",\"labels\":[" + labels +
           "],\"properties\":" + MapJson(vertex.properties) + "}";
  }
  std::string operator()(const EdgeCell& edge) const {
    return "{\"source\":" + std::to_string(edge.edge.source.value) +
           ",\"type\":" + graph::JsonQuote(edge.type) +
           ",\"target\":" + std::to_string(edge.edge.target.value) +
           ",\"rank\":" + std::to_string(edge.edge.rank) +
           ",\"properties\":" + MapJson(edge.properties) + "}";
  }
  std::string operator()(const PathCell& path) const {
    std::string out = "{\"vertices\":[";
    for (const VertexCell& vertex : path.vertices) {
      out += (&vertex == path.vertices.data() ? "" : ",") + (*this)(vertex);
    }
    out += "],\"edges\":[";
    for (const EdgeCell& edge : path.edges) {
      out += (&edge == path.edges.data() ? "" : ",") + (*this)(edge);
    }
    return out + "]}";
  }
};

}  // namespace

std::string CellText(const Cell& cell) { return std::visit(TextWriter(), cell.value); }

std::string CellJson(const Cell& cell) { return std::visit(JsonWriter(), cell.value); }

}  // namespace qipu::query
