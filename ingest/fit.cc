// CheckFit of ingest/run.h: a mapping against a schema, before any record is read.
#include <algorithm>

#include "graph/json.h"
#include "ingest/run.h"

namespace qipu::ingest {
namespace {

using graph::PropertySchema;
using graph::ValueType;
using PropertySchemas = std::map<std::string, PropertySchema, std::less<>>;

ValueType TypeOf(const Mapping& mapping, const Setting& setting) {
  if (const auto* constant = std::get_if<graph::Value>(&setting.from)) return constant->type();
  const auto& field = std::get<FieldRef>(setting.from);
  switch (mapping.columns[field.column].type) {
    case ColumnType::kInt:
      return ValueType::kInt;
    case ColumnType::kFloat:
    case ColumnType::kNumber:
      return ValueType::kFloat;
    case ColumnType::kDate:
    case ColumnType::kYear:
      return ValueType::kDate;
    case ColumnType::kList:
      return ValueType::kList;
    case ColumnType::kAmount:
      return field.part == Part::kAmountValue || field.part == Part::kAmountIn ? ValueType::kFloat
                                                                               : ValueType::kString;
    case ColumnType::kString:
    case ColumnType::kIdentifier:
      break;
  }
  return ValueType::kString;
}

bool Holds(ValueType declared, ValueType given) {
  return declared == ValueType::kNull || declared == given ||
         (declared == ValueType::kFloat && given == ValueType::kInt);
}

Error Unfit(const Mapping& mapping, int line, const std::string& what) {
  return InvalidArgument(mapping.file + ":" + std::to_string(line) + ": " + what);
}

Status CheckSettings(const Mapping& mapping, const std::vector<Setting>& settings,
                     const std::string& of, const PropertySchemas* declared, bool closed) {
  for (const auto& setting : settings) {
    const auto* property = declared ? [&]() -> const PropertySchema* {
      const auto found = declared->find(setting.property);
      return found == declared->end() ? nullptr : &found->second;
    }()
        : nullptr;
    if (property == nullptr) {
      if (!closed) continue;
      return Unfit(mapping, setting.line,
                   "the database's schema is closed and does not declare property '" +
                       setting.property + "' of " + of);
    }
    const ValueType given = TypeOf(mapping, setting);
    if (given == ValueType::kNull || Holds(property->type, given)) continue;
    return Unfit(mapping, setting.line,
                 "property '" + setting.property + "' of " + of + " is " +
                     std::string(graph::ValueTypeName(property->type)) +
                     " in the database's schema, " + std::string(graph::ValueTypeName(given)) +
                     " here");
  }
  return Ok{};
}

Status CheckVertex(const Mapping& mapping, const VertexRule& rule, const graph::Schema& schema) {
  if (schema.KeyOf(rule.label).empty()) {
    std::vector<std::string> known;
    for (const auto& [name, label] : schema.labels()) known.push_back(name);
    const auto nearest = graph::NearestName(rule.label, known);
    return Unfit(mapping, rule.line,
                 "vertex '" + rule.name + "': the database's schema gives no key to label '" +
                     rule.label + "'" +
                     (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
  }
  const auto* label = schema.FindLabel(rule.label);
  const auto* refined =
      label != nullptr && !label->of.empty() ? schema.FindLabel(label->of) : label;
  return CheckSettings(mapping, rule.properties, rule.label,
                       refined ? &refined->properties : nullptr, schema.closed());
}

/// The labels that the vertex at an end may have; empty when nothing is known of it.
std::vector<std::string> LabelsOf(const Mapping& mapping, const EdgeEnd& end) {
  if (const auto* lookup = std::get_if<Lookup>(&end)) return lookup->labels;
  return {mapping.vertices[std::get<uint32_t>(end)].label};
}

Status CheckEdge(const Mapping& mapping, const EdgeRule& rule, const graph::Schema& schema) {
  const auto* edge = schema.FindEdge(rule.type);
  if (edge == nullptr) {
    if (!schema.closed()) return Ok{};
    return Unfit(
        mapping, rule.line,
        "the database's schema is closed and does not declare edge type '" + rule.type + "'");
  }
  QIPU_TRY(CheckSettings(mapping, rule.properties, rule.type, &edge->properties, schema.closed()));
  for (const auto& from : LabelsOf(mapping, rule.from)) {
    for (const auto& to : LabelsOf(mapping, rule.to)) {
      const std::pair ends(from, to);
      if (edge->ends.empty() || std::ranges::find(edge->ends, ends) != edge->ends.end()) continue;
      return Unfit(mapping, rule.line,
                   "the database's schema has no " + rule.type + " from " + from + " to " + to);
    }
  }
  return Ok{};
}

}  // namespace

Status CheckFit(const Mapping& mapping, const graph::Schema& schema) {
  for (const auto& rule : mapping.vertices) QIPU_TRY(CheckVertex(mapping, rule, schema));
  for (const auto& rule : mapping.edges) QIPU_TRY(CheckEdge(mapping, rule, schema));
  return Ok{};
}

}  // namespace qipu::ingest
