#ifndef QIPU_GRAPH_CATALOG_H_
#define QIPU_GRAPH_CATALOG_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/ids.h"

namespace qipu::graph {

/// The names of one kind (labels, edge types or properties) and their dense numbers.
/// Names are only ever added, so a number once seen keeps its meaning.
class NameTable {
 public:
  std::optional<uint32_t> Find(std::string_view name) const;
  /// The number of `name`, the next free one if it is new.
  uint32_t Intern(std::string_view name);
  /// REQUIRES: number < size().
  const std::string& NameOf(uint32_t number) const { return names_[number]; }
  uint32_t size() const { return static_cast<uint32_t>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>()(name);
    }
  };
  std::unordered_map<std::string, uint32_t, Hash, std::equal_to<>> numbers_;
};

/// All interned names of a database, as one snapshot or transaction sees them.
class Catalog {
 public:
  std::optional<LabelId> FindLabel(std::string_view name) const;
  std::optional<EdgeTypeId> FindEdgeType(std::string_view name) const;
  std::optional<PropertyId> FindProperty(std::string_view name) const;
  const std::string& NameOf(LabelId id) const { return labels.NameOf(id.value); }
  const std::string& NameOf(EdgeTypeId id) const { return edge_types.NameOf(id.value); }
  const std::string& NameOf(PropertyId id) const { return properties.NameOf(id.value); }

  NameTable labels, edge_types, properties;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_CATALOG_H_
