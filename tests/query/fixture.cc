#include "tests/query/fixture.h"

#include <unistd.h>

#include <filesystem>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

constexpr std::string_view kSchema = R"({
  "labels": {
    "Firm": {"key": "id", "properties": {}},
    "District": {"key": "code", "properties": {}},
    "Maker": {"of": "Firm"}
  },
  "edges": {}
})";

Result<graph::Value> Literal(const Expr& expr) {
  if (expr.kind == ExprKind::kLiteral) return expr.literal;
  if (expr.kind == ExprKind::kList) {
    graph::Value::List list;
    for (const ExprPtr& child : expr.children) list.push_back(QIPU_TRY(Literal(*child)));
    return graph::Value(std::move(list));
  }
  if (expr.kind == ExprKind::kOperator && expr.op == Operator::kNegate) {
    const graph::Value value = QIPU_TRY(Literal(*expr.children[0]));
    if (value.AsFloat()) return graph::Value(-*value.AsFloat());
  }
  if (expr.kind == ExprKind::kFunction && expr.name == "date") {
    const auto date = graph::Date::Parse(*expr.children[0]->literal.AsString());
    if (date) return graph::Value(*date);
  }
  return InvalidArgument("a fixture takes literals only");
}

}  // namespace

Result<std::unique_ptr<TestGraph>> TestGraph::Make() {
  static int number = 0;
  std::unique_ptr<TestGraph> graph(new TestGraph());
  graph->directory_ = std::filesystem::temp_directory_path() /
                      ("qipu_query_" + std::to_string(getpid()) + "_" + std::to_string(number++));
  std::filesystem::remove_all(graph->directory_);
  const auto schema = QIPU_TRY(graph::Schema::Parse(kSchema, "fixture.json"));
  graph::StoreOptions options;
  options.memory_bytes = uint64_t{16} << 20;
  QIPU_TRY(graph::Store::Create(graph->directory_, schema, options));
  graph->store_ = QIPU_TRY(graph::Store::Open(graph->directory_, options));
  return graph;
}

TestGraph::~TestGraph() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Result<graph::VertexId> TestGraph::PutVertex(const NodePattern& node,
                                             graph::Transaction& transaction,
                                             std::map<std::string, graph::VertexId>& names) {
  if (const auto known = names.find(node.variable);
      !node.variable.empty() && known != names.end()) {
    return known->second;
  }
  std::map<std::string, graph::Value> properties;
  for (size_t i = 0; node.properties && i < node.properties->names.size(); ++i) {
    properties[node.properties->names[i]] = QIPU_TRY(Literal(*node.properties->children[i]));
  }
  std::optional<graph::VertexId> vertex;
  for (const std::string& label : node.labels) {
    const std::string key(store_->TakeSnapshot().schema().KeyOf(label));
    if (key.empty() || !properties.contains(key) || vertex) continue;
    vertex =
        QIPU_TRY(transaction.MergeVertex(transaction.Label(label), *properties.at(key).AsString()));
    properties.erase(key);
  }
  if (!vertex) vertex = transaction.CreateVertex();
  for (const std::string& label : node.labels) {
    QIPU_TRY(transaction.AddLabel(*vertex, transaction.Label(label)));
  }
  for (const auto& [name, value] : properties) {
    QIPU_TRY(transaction.SetProperty(*vertex, transaction.Property(name), value));
  }
  if (!node.variable.empty()) names[node.variable] = *vertex;
  return *vertex;
}

Status TestGraph::Create(std::string_view text) {
  const QueryAst query = QIPU_TRY(Parse(text));
  graph::Transaction transaction = store_->Begin();
  std::map<std::string, graph::VertexId> names;
  for (const Clause& clause : query.parts[0].clauses) {
    const auto* create = std::get_if<CreateClause>(&clause);
    if (create == nullptr) return InvalidArgument("a fixture consists of CREATE clauses");
    for (const PathPattern& path : create->pattern.paths) {
      graph::VertexId left = QIPU_TRY(PutVertex(path.nodes[0], transaction, names));
      for (size_t i = 0; i < path.relationships.size(); ++i) {
        const RelationshipPattern& relationship = path.relationships[i];
        const graph::VertexId right = QIPU_TRY(PutVertex(path.nodes[i + 1], transaction, names));
        graph::Properties properties;
        for (size_t k = 0; relationship.properties && k < relationship.properties->names.size();
             ++k) {
          graph::SetProperty(properties, transaction.Property(relationship.properties->names[k]),
                             QIPU_TRY(Literal(*relationship.properties->children[k])));
        }
        const bool turned = relationship.direction == ArrowDirection::kLeft;
        if (relationship.types.size() != 1) return InvalidArgument("CREATE takes one type");
        QIPU_TRY(transaction.CreateEdge(turned ? right : left,
                                        transaction.EdgeType(relationship.types[0]),
                                        turned ? left : right, std::move(properties)));
        left = right;
      }
    }
  }
  QIPU_TRY(transaction.Commit());
  return Ok{};
}

}  // namespace qipu::query
