#ifndef QIPU_GRAPH_SCHEMA_H_
#define QIPU_GRAPH_SCHEMA_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"
#include "graph/value.h"

namespace qipu::graph {

/// What a schema file declares of one property. Undeclared properties may hold anything.
struct PropertySchema {
  ValueType type = ValueType::kNull;  ///< kNull: any type
  std::string unit;                   ///< e.g. "CNY", "km2"; empty when it has none
  bool required = false;
  std::string description;
};

struct LabelSchema {
  std::string key;  ///< the property whose value names a vertex of this label; empty for none
  std::string of;   ///< for a further label (`Manufacturer` of `Company`): the label it refines
  std::map<std::string, PropertySchema, std::less<>> properties;
  std::string description;
};

struct EdgeSchema {
  std::vector<std::pair<std::string, std::string>> ends;  ///< allowed (from, to) labels; empty: any
  std::map<std::string, PropertySchema, std::less<>> properties;
  std::string description;
};

/// The declarations of `schemas/graph.json` or of any file of its form. Kept in the database as
/// its own text, so that a database explains itself.
class Schema {
 public:
  /// Errors: kInvalidArgument with file, line and key.
  static Result<Schema> Parse(std::string_view text, const std::string& file);

  const LabelSchema* FindLabel(std::string_view name) const;
  const EdgeSchema* FindEdge(std::string_view name) const;
  /// The key property of a label, its own or that of the label it refines; empty for none.
  std::string_view KeyOf(std::string_view label) const;
  const std::map<std::string, LabelSchema, std::less<>>& labels() const { return labels_; }
  const std::map<std::string, EdgeSchema, std::less<>>& edges() const { return edges_; }
  /// A closed schema refuses labels, types and properties that it does not declare.
  bool closed() const { return closed_; }
  void set_closed(bool closed) { closed_ = closed; }
  const std::string& text() const { return text_; }

 private:
  std::map<std::string, LabelSchema, std::less<>> labels_;
  std::map<std::string, EdgeSchema, std::less<>> edges_;
  std::string text_;
  bool closed_ = false;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_SCHEMA_H_
