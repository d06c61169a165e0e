#include "graph/rules.h"

#include <algorithm>

namespace qipu::graph {
namespace {

Error Undeclared(const std::string& what) {
  return InvalidArgument("the schema is closed and declares no " + what);
}

Status CheckTypes(const Catalog& catalog, const PropertyRules& rules, const std::string& name,
                  const Properties& properties) {
  for (const auto& [id, value] : properties) {
    if (rules.Accepts(id, value)) continue;
    return InvalidArgument("property '" + catalog.NameOf(id) + "' of a " + name + " must be " +
                           std::string(ValueTypeName(rules.TypeOf(id))) + ", not " +
                           std::string(ValueTypeName(value.type())));
  }
  return Ok{};
}

Status CheckRequired(const Catalog& catalog, const PropertyRules& rules, const std::string& name,
                     const Properties& properties) {
  for (const PropertyId id : rules.required()) {
    if (FindProperty(properties, id) != nullptr) continue;
    return InvalidArgument("a " + name + " lacks the required property '" + catalog.NameOf(id) +
                           "'");
  }
  return Ok{};
}

}  // namespace

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

Status Rules::CheckVertex(const Catalog& catalog, const std::vector<LabelId>& labels,
                          const Properties& properties) const {
  for (const LabelId label : labels) {
    const std::string& name = catalog.NameOf(label);
    if (closed_ && !Of(label).declared) return Undeclared("label '" + name + "'");
    QIPU_TRY(CheckTypes(catalog, Of(label).properties, name, properties));
    QIPU_TRY(CheckRequired(catalog, Of(label).properties, name, properties));
  }
  if (!closed_) return Ok{};
  for (const Property& property : properties) {
    const bool declared = std::any_of(labels.begin(), labels.end(), [&](LabelId label) {
      return Of(label).properties.Declares(property.id);
    });
    if (!declared) return Undeclared("property '" + catalog.NameOf(property.id) + "'");
  }
  return Ok{};
}

Status Rules::CheckEdgeEnds(const Catalog& catalog, EdgeTypeId type,
                            const std::vector<LabelId>& from,
                            const std::vector<LabelId>& to) const {
  const EdgeRule& rule = Of(type);
  const auto has = [](const std::vector<LabelId>& labels, LabelId label) {
    return std::binary_search(labels.begin(), labels.end(), label);
  };
  const bool allowed =
      rule.ends.empty() || std::any_of(rule.ends.begin(), rule.ends.end(), [&](const auto& ends) {
        return has(from, ends.first) && has(to, ends.second);
      });
  if (!allowed) {
    return InvalidArgument("the schema allows no " + catalog.NameOf(type) +
                           " between vertices of these labels");
  }
  if (closed_ && !rule.declared) return Undeclared("edge type '" + catalog.NameOf(type) + "'");
  return Ok{};
}

Status Rules::CheckEdgeProperties(const Catalog& catalog, EdgeTypeId type,
                                  const Properties& properties) const {
  const EdgeRule& rule = Of(type);
  const std::string& name = catalog.NameOf(type);
  for (const Property& property : properties) {
    if (!closed_ || rule.properties.Declares(property.id)) continue;
    return Undeclared("property '" + catalog.NameOf(property.id) + "' of a " + name);
  }
  QIPU_TRY(CheckTypes(catalog, rule.properties, name, properties));
  return CheckRequired(catalog, rule.properties, name, properties);
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
