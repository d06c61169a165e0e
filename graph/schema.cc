#include "graph/schema.h"

#include "graph/json.h"

namespace qipu::graph {
namespace {

using PropertySchemas = std::map<std::string, PropertySchema, std::less<>>;

// What a schema file may say after "type". `number` takes whole and broken numbers alike, and so
// does `float`: a file without a decimal point must not change a property's type.
constexpr struct {
  std::string_view name;
  ValueType type;
} kTypes[] = {
    {"any", ValueType::kNull},    {"bool", ValueType::kBool},    {"int", ValueType::kInt},
    {"float", ValueType::kFloat}, {"number", ValueType::kFloat}, {"string", ValueType::kString},
    {"date", ValueType::kDate},   {"list", ValueType::kList},
};

template <class Map>
std::vector<std::string> NamesOf(const Map& map) {
  std::vector<std::string> names;
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}

Error UnknownLabel(const JsonNode& node, const std::string& name,
                   const std::map<std::string, LabelSchema, std::less<>>& labels) {
  const std::string nearest = NearestName(name, NamesOf(labels));
  return node.Complain("no label '" + name + "' is declared" +
                       (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
}

Result<std::string> OptionalString(const JsonNode& node, std::string_view name) {
  const JsonNode* member = node.Find(name);
  if (member == nullptr) return std::string();
  return member->String();
}

Result<ValueType> ParseType(const JsonNode& node) {
  const std::string name = QIPU_TRY(node.String());
  std::vector<std::string> known;
  for (const auto& type : kTypes) {
    if (type.name == name) return type.type;
    known.emplace_back(type.name);
  }
  const std::string nearest = NearestName(name, known);
  if (!nearest.empty()) {
    return node.Complain("unknown type '" + name + "'; did you mean '" + nearest + "'?");
  }
  return node.Complain("unknown type '" + name +
                       "'; one of any, bool, int, float, number, string, date, list");
}

Result<PropertySchemas> ParseProperties(const JsonNode& owner) {
  PropertySchemas properties;
  const JsonNode* node = owner.Find("properties");
  if (node == nullptr) return properties;
  for (const auto& [name, member] : *QIPU_TRY(node->Object())) {
    if (name.empty()) return member.Complain("a property needs a name");
    QIPU_TRY(member.AllowOnly({"type", "unit", "required", "description"}));
    PropertySchema property;
    if (const JsonNode* type = member.Find("type")) property.type = QIPU_TRY(ParseType(*type));
    property.unit = QIPU_TRY(OptionalString(member, "unit"));
    property.description = QIPU_TRY(OptionalString(member, "description"));
    if (const JsonNode* required = member.Find("required")) {
      property.required = QIPU_TRY(required->Bool());
    }
    properties.emplace(name, std::move(property));
  }
  return properties;
}

Result<LabelSchema> ParseLabel(const JsonNode& node) {
  QIPU_TRY(node.AllowOnly({"key", "of", "description", "properties"}));
  LabelSchema label;
  label.key = QIPU_TRY(OptionalString(node, "key"));
  label.of = QIPU_TRY(OptionalString(node, "of"));
  label.description = QIPU_TRY(OptionalString(node, "description"));
  label.properties = QIPU_TRY(ParseProperties(node));
  if (label.key.empty()) return label;
  if (!label.of.empty()) {
    return QIPU_TRY(node.Get("key"))->Complain("a label that refines another has that one's key");
  }
  const auto property = label.properties.find(label.key);
  if (property != label.properties.end() && property->second.type != ValueType::kString &&
      property->second.type != ValueType::kNull) {
    return QIPU_TRY(node.Get("key"))->Complain("the key property must be of type string");
  }
  return label;
}

/// What can only be checked once every label is known: `of` names a label that refines no other.
Status CheckRefinements(const JsonNode& labels_node,
                        const std::map<std::string, LabelSchema, std::less<>>& labels) {
  for (const auto& [name, member] : *QIPU_TRY(labels_node.Object())) {
    const std::string& of = labels.find(name)->second.of;
    if (of.empty()) continue;
    const JsonNode& of_node = *QIPU_TRY(member.Get("of"));
    const auto base = labels.find(of);
    if (base == labels.end()) return UnknownLabel(of_node, of, labels);
    if (!base->second.of.empty() || of == name) {
      return of_node.Complain("'" + of + "' refines a label itself; name that one");
    }
  }
  return Ok{};
}

Result<EdgeSchema> ParseEdge(const JsonNode& node,
                             const std::map<std::string, LabelSchema, std::less<>>& labels) {
  QIPU_TRY(node.AllowOnly({"ends", "description", "properties"}));
  EdgeSchema edge;
  edge.description = QIPU_TRY(OptionalString(node, "description"));
  edge.properties = QIPU_TRY(ParseProperties(node));
  const JsonNode* ends = node.Find("ends");
  if (ends == nullptr) return edge;
  for (const JsonNode& pair : *QIPU_TRY(ends->Array())) {
    const std::vector<std::string> names = QIPU_TRY(pair.Strings());
    if (names.size() != 2) return pair.Complain("expected [from label, to label]");
    for (const std::string& name : names) {
      if (labels.find(name) == labels.end()) return UnknownLabel(pair, name, labels);
    }
    edge.ends.emplace_back(names[0], names[1]);
  }
  return edge;
}

}  // namespace

Result<Schema> Schema::Parse(std::string_view text, const std::string& file) {
  const JsonDocument document = QIPU_TRY(JsonDocument::Parse(text, file));
  const JsonNode& root = document.root();
  QIPU_TRY(root.AllowOnly({"$schema", "title", "description", "closed", "labels", "edges"}));
  Schema schema;
  schema.text_ = text;
  if (const JsonNode* closed = root.Find("closed")) schema.closed_ = QIPU_TRY(closed->Bool());
  if (const JsonNode* labels = root.Find("labels")) {
    for (const auto& [name, member] : *QIPU_TRY(labels->Object())) {
      if (name.empty()) return member.Complain("a label needs a name");
      schema.labels_.emplace(name, QIPU_TRY(ParseLabel(member)));
    }
    QIPU_TRY(CheckRefinements(*labels, schema.labels_));
  }
  if (const JsonNode* edges = root.Find("edges")) {
    for (const auto& [name, member] : *QIPU_TRY(edges->Object())) {
      if (name.empty()) return member.Complain("an edge type needs a name");
      schema.edges_.emplace(name, QIPU_TRY(ParseEdge(member, schema.labels_)));
    }
  }
  return schema;
}

const LabelSchema* Schema::FindLabel(std::string_view name) const {
  const auto at = labels_.find(name);
  return at == labels_.end() ? nullptr : &at->second;
}

const EdgeSchema* Schema::FindEdge(std::string_view name) const {
  const auto at = edges_.find(name);
  return at == edges_.end() ? nullptr : &at->second;
}

std::string_view Schema::KeyOf(std::string_view label) const {
  const LabelSchema* declared = FindLabel(label);
  if (declared != nullptr && !declared->of.empty()) declared = FindLabel(declared->of);
  return declared == nullptr ? std::string_view() : declared->key;
}

}  // namespace qipu::graph
