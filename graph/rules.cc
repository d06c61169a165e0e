#include "graph/rules.h"

#include <algorithm>

namespace qipu::graph {

void PropertyRules::Declare(PropertyId id, const PropertySchema& property) {
  if (types_.size() <= id.value) types_.resize(id.value + 1, kUndeclared);
  types_[id.value] = static_cast<uint8_t>(property.type);
  if (property.required) {
    required_.insert(std::upper_bound(required_.begin(), required_.end(), id), id);
  }
}

bool PropertyRules::Accepts(PropertyId id, const Value& value) const {
  if (!Declares(id)) return true;
  const ValueType declared = TypeOf(id);
  return declared == ValueType::kNull || declared == value.type() ||
         (declared == ValueType::kFloat && value.type() == ValueType::kInt);
}

Rules::Rules(const Schema& schema, const Catalog& catalog) : closed_(schema.closed()) {
  const auto declare = [&catalog](const auto& declared, PropertyRules& rules) {
    for (const auto& [name, property] : declared) {
      rules.Declare(*catalog.FindProperty(name), property);
    }
  };
  labels_.resize(catalog.labels.size());
  for (const auto& [name, label] : schema.labels()) {
    const LabelId id = *catalog.FindLabel(name);
    LabelRule& rule = labels_[id.value];
    rule.declared = true;
    rule.dictionary = label.of.empty() ? id : *catalog.FindLabel(label.of);
    const std::string key(schema.KeyOf(name));
    if (!key.empty()) rule.key = catalog.FindProperty(key);
    declare(label.properties, rule.properties);
    if (rule.key && !rule.properties.Declares(*rule.key)) {
      rule.properties.Declare(*rule.key,
                              {.type = ValueType::kString, .unit = "", .description = ""});
    }
  }
  edges_.resize(catalog.edge_types.size());
  for (const auto& [name, edge] : schema.edges()) {
    EdgeRule& rule = edges_[catalog.FindEdgeType(name)->value];
    rule.declared = true;
    for (const auto& [from, to] : edge.ends) {
      rule.ends.emplace_back(*catalog.FindLabel(from), *catalog.FindLabel(to));
    }
    declare(edge.properties, rule.properties);
  }
}

const LabelRule& Rules::Of(LabelId label) const {
  static const LabelRule kUndeclared;
  return label.value < labels_.size() ? labels_[label.value] : kUndeclared;
}

const EdgeRule& Rules::Of(EdgeTypeId type) const {
  static const EdgeRule kUndeclared;
  return type.value < edges_.size() ? edges_[type.value] : kUndeclared;
}

Catalog CatalogOf(const Schema& schema) {
  Catalog catalog;
  for (const auto& [name, label] : schema.labels()) {
    catalog.labels.Intern(name);
    if (!label.key.empty()) catalog.properties.Intern(label.key);
    for (const auto& property : label.properties) catalog.properties.Intern(property.first);
  }
  for (const auto& [name, edge] : schema.edges()) {
    catalog.edge_types.Intern(name);
    for (const auto& property : edge.properties) catalog.properties.Intern(property.first);
  }
  return catalog;
}

}  // namespace qipu::graph
