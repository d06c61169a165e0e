#ifndef QIPU_GRAPH_ELEMENT_H_
#define QIPU_GRAPH_ELEMENT_H_

#include <vector>

#include "graph/ids.h"
#include "graph/value.h"

namespace qipu::graph {

struct Property {
  PropertyId id;
  Value value;
  friend bool operator==(const Property&, const Property&) = default;
};

/// Ascending by id, no id twice, no null value.
using Properties = std::vector<Property>;

/// The value of `id` in `properties`, or null.
const Value* FindProperty(const Properties& properties, PropertyId id);
/// Sets, replaces or (for a null value) removes one property; keeps the order.
void SetProperty(Properties& properties, PropertyId id, Value value);
/// Whether they are in the order and with the absences that rows have.
bool IsCanonical(const Properties& properties);
/// The same made so; the last of two values wins.
Properties Canonical(Properties properties);

/// A vertex as stored: labels ascending, no label twice.
struct Vertex {
  VertexId id;
  std::vector<LabelId> labels;
  Properties properties;

  bool Has(LabelId label) const;
  const Value* Find(PropertyId property) const { return FindProperty(properties, property); }
};

/// One entry of an adjacency list: the vertex at the other end, and the edge's rank.
struct Neighbour {
  VertexId vertex;
  uint32_t rank = 0;
  friend auto operator<=>(const Neighbour&, const Neighbour&) = default;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_ELEMENT_H_
