#include <array>

#include "query/functions/functions.h"

namespace qipu::query {
namespace {

using Arguments = std::span<const Datum>;
using Nulls = ScalarFunction::Nulls;

Result<Datum> Labels(GraphReader& graph, Arguments arguments) {
  const graph::VertexId* vertex = arguments[0].AsVertex();
  if (vertex == nullptr) return WrongArgument("labels", "a NODE", arguments[0]);
  DatumList labels;
  for (const graph::LabelId label : QIPU_TRY(graph.Row(*vertex))->labels) {
    labels.emplace_back(graph.catalog().NameOf(label));
  }
  return Datum(std::move(labels));
}

Result<Datum> Type(GraphReader& graph, Arguments arguments) {
  const graph::EdgeRef* edge = arguments[0].AsEdge();
  if (edge == nullptr) return WrongArgument("type", "a RELATIONSHIP", arguments[0]);
  return Datum(graph.catalog().NameOf(edge->type));
}

Result<DatumMap> MapOf(GraphReader& graph, std::string_view function, const Datum& datum) {
  if (const DatumMap* map = datum.AsMap()) return *map;
  if (datum.AsVertex() || datum.AsEdge()) return graph.PropertiesOf(datum);
  return WrongArgument(function, "a NODE, RELATIONSHIP or MAP", datum);
}

Result<Datum> Properties(GraphReader& graph, Arguments arguments) {
  return Datum(QIPU_TRY(MapOf(graph, "properties", arguments[0])));
}

Result<Datum> Keys(GraphReader& graph, Arguments arguments) {
  const DatumMap map = QIPU_TRY(MapOf(graph, "keys", arguments[0]));
  DatumList keys;
  for (const auto& entry : map) keys.emplace_back(entry.first);
  return Datum(std::move(keys));
}

Result<Datum> StartNode(GraphReader&, Arguments arguments) {
  const graph::EdgeRef* edge = arguments[0].AsEdge();
  if (edge == nullptr) return WrongArgument("startNode", "a RELATIONSHIP", arguments[0]);
  return Datum(edge->source);
}

Result<Datum> EndNode(GraphReader&, Arguments arguments) {
  const graph::EdgeRef* edge = arguments[0].AsEdge();
  if (edge == nullptr) return WrongArgument("endNode", "a RELATIONSHIP", arguments[0]);
  return Datum(edge->target);
}

Result<Datum> Nodes(GraphReader&, Arguments arguments) {
  const DatumPath* path = arguments[0].AsPath();
  if (path == nullptr) return WrongArgument("nodes", "a PATH", arguments[0]);
  DatumList out;
  for (const graph::VertexId vertex : path->vertices) out.emplace_back(vertex);
  return Datum(std::move(out));
}

Result<Datum> Relationships(GraphReader&, Arguments arguments) {
  const DatumPath* path = arguments[0].AsPath();
  if (path == nullptr) return WrongArgument("relationships", "a PATH", arguments[0]);
  DatumList out;
  for (const graph::EdgeRef& edge : path->edges) out.emplace_back(edge);
  return Datum(std::move(out));
}

Result<Datum> Length(GraphReader&, Arguments arguments) {
  const DatumPath* path = arguments[0].AsPath();
  if (path == nullptr) return WrongArgument("length", "a PATH", arguments[0]);
  return Datum(static_cast<int64_t>(path->edges.size()));
}

Result<Datum> Coalesce(GraphReader&, Arguments arguments) {
  for (const Datum& argument : arguments) {
    if (!argument.is_null()) return argument;
  }
  return Datum();
}

constexpr std::array kFunctions = {
    ScalarFunction{"labels", "(NODE) -> LIST of STRING", 1, 1, Nulls::kGiveNull, Labels},
    ScalarFunction{"type", "(RELATIONSHIP) -> STRING", 1, 1, Nulls::kGiveNull, Type},
    ScalarFunction{"properties", "(NODE, RELATIONSHIP or MAP) -> MAP", 1, 1, Nulls::kGiveNull,
                   Properties},
    ScalarFunction{"keys", "(NODE, RELATIONSHIP or MAP) -> LIST of STRING, ascending", 1, 1,
                   Nulls::kGiveNull, Keys},
    ScalarFunction{"startNode", "(RELATIONSHIP) -> NODE", 1, 1, Nulls::kGiveNull, StartNode},
    ScalarFunction{"endNode", "(RELATIONSHIP) -> NODE", 1, 1, Nulls::kGiveNull, EndNode},
    ScalarFunction{"nodes", "(PATH) -> LIST of NODE", 1, 1, Nulls::kGiveNull, Nodes},
    ScalarFunction{"relationships", "(PATH) -> LIST of RELATIONSHIP", 1, 1, Nulls::kGiveNull,
                   Relationships},
    ScalarFunction{"length", "(PATH) -> INTEGER, the number of relationships", 1, 1,
                   Nulls::kGiveNull, Length},
    ScalarFunction{"coalesce", "(ANY, ...) -> ANY, the first that is not null", 1, kAnyNumber,
                   Nulls::kAreArguments, Coalesce},
};

}  // namespace

std::span<const ScalarFunction> GraphFunctions() { return kFunctions; }

}  // namespace qipu::query
