#include "graph/catalog.h"

namespace qipu::graph {

std::optional<uint32_t> NameTable::Find(std::string_view name) const {
  const auto at = numbers_.find(name);
  return at == numbers_.end() ? std::nullopt : std::optional(at->second);
}

uint32_t NameTable::Intern(std::string_view name) {
  if (const auto number = Find(name)) return *number;
  const uint32_t number = size();
  numbers_.emplace(name, number);
  names_.emplace_back(name);
  return number;
}

std::optional<LabelId> Catalog::FindLabel(std::string_view name) const {
  const auto number = labels.Find(name);
  return number ? std::optional(LabelId{*number}) : std::nullopt;
}

std::optional<EdgeTypeId> Catalog::FindEdgeType(std::string_view name) const {
  const auto number = edge_types.Find(name);
  return number ? std::optional(EdgeTypeId{*number}) : std::nullopt;
}

std::optional<PropertyId> Catalog::FindProperty(std::string_view name) const {
  const auto number = properties.Find(name);
  return number ? std::optional(PropertyId{*number}) : std::nullopt;
}

}  // namespace qipu::graph
