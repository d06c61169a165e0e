#ifndef QIPU_GRAPH_RULES_H_
#define QIPU_GRAPH_RULES_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "graph/catalog.h"
#include "graph/element.h"
#include "graph/ids.h"
#include "graph/schema.h"
#include "graph/value.h"

namespace qipu::graph {

/// The declared types of the properties of one label or edge type, by property number.
class PropertyRules {
 public:
  void Declare(PropertyId id, const PropertySchema& property);
  bool Declares(PropertyId id) const {
    return id.value < types_.size() && types_[id.value] != kUndeclared;
  }
  /// Whether `value` has the declared type; true for what is not declared.
  bool Accepts(PropertyId id, const Value& value) const;
  /// kNull for any type. REQUIRES: Declares(id).
  ValueType TypeOf(PropertyId id) const { return static_cast<ValueType>(types_[id.value]); }
  /// Ascending.
  const std::vector<PropertyId>& required() const { return required_; }

 private:
  static constexpr uint8_t kUndeclared = 0xFF;
  std::vector<uint8_t> types_;
  std::vector<PropertyId> required_;
};

struct LabelRule {
  bool declared = false;
  LabelId dictionary;             ///< the label that its keys are filed under
  std::optional<PropertyId> key;  ///< the property that holds the key
  PropertyRules properties;
};

struct EdgeRule {
  bool declared = false;
  std::vector<std::pair<LabelId, LabelId>> ends;  ///< empty: any
  PropertyRules properties;
};

/// A Schema with numbers for names, so that checking a row costs no name look-up.
/// All names that a schema declares are interned when the database is made.
class Rules {
 public:
  /// REQUIRES: `catalog` has every name that `schema` declares.
  Rules(const Schema& schema, const Catalog& catalog);

  bool closed() const { return closed_; }
  const LabelRule& Of(LabelId label) const;
  const EdgeRule& Of(EdgeTypeId type) const;
  /// Whether a whole row is what the schema allows. `catalog` names things in messages.
  /// Errors: kInvalidArgument.
  Status CheckVertex(const Catalog& catalog, const std::vector<LabelId>& labels,
                     const Properties& properties) const;
  /// `from` and `to`: the labels of the ends, ascending.
  Status CheckEdgeEnds(const Catalog& catalog, EdgeTypeId type, const std::vector<LabelId>& from,
                       const std::vector<LabelId>& to) const;
  Status CheckEdgeProperties(const Catalog& catalog, EdgeTypeId type,
                             const Properties& properties) const;

  /// The label that `label` refines, or itself.
  LabelId DictionaryOf(LabelId label) const {
    return Of(label).declared ? Of(label).dictionary : label;
  }

 private:
  std::vector<LabelRule> labels_;
  std::vector<EdgeRule> edges_;
  bool closed_ = false;
};

/// Interns every name that `schema` declares, in a fixed order.
Catalog CatalogOf(const Schema& schema);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_RULES_H_
