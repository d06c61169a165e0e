#include "graph/element.h"

#include <algorithm>

namespace qipu::graph {
namespace {

bool IsBefore(const Property& property, PropertyId id) { return property.id < id; }

}  // namespace

const Value* FindProperty(const Properties& properties, PropertyId id) {
  const auto at = std::lower_bound(properties.begin(), properties.end(), id, IsBefore);
  return at != properties.end() && at->id == id ? &at->value : nullptr;
}

void SetProperty(Properties& properties, PropertyId id, Value value) {
  const auto at = std::lower_bound(properties.begin(), properties.end(), id, IsBefore);
  const bool there = at != properties.end() && at->id == id;
  if (value.is_null()) {
    if (there) properties.erase(at);
  } else if (there) {
    at->value = std::move(value);
  } else {
    properties.insert(at, Property{id, std::move(value)});
  }
}

bool IsCanonical(const Properties& properties) {
  for (size_t i = 0; i < properties.size(); ++i) {
    if (properties[i].value.is_null()) return false;
    if (i > 0 && properties[i].id <= properties[i - 1].id) return false;
  }
  return true;
}

Properties Canonical(Properties properties) {
  if (IsCanonical(properties)) return properties;
  Properties result;
  for (Property& property : properties) {
    SetProperty(result, property.id, std::move(property.value));
  }
  return result;
}

bool Vertex::Has(LabelId label) const {
  return std::binary_search(labels.begin(), labels.end(), label);
}

}  // namespace qipu::graph
