#include <algorithm>

#include "query/score/score.h"

namespace qipu::query {
namespace {

using graph::JsonNode;

/// A scalar to equal, or {"min": x, "max": y}.
Result<Condition> ParseCondition(const std::string& property, const JsonNode& node) {
  Condition condition;
  condition.property = property;
  if (node.is_object()) {
    QIPU_TRY(node.AllowOnly({"min", "max"}));
    if (const JsonNode* min = node.Find("min")) condition.min = QIPU_TRY(min->Number());
    if (const JsonNode* max = node.Find("max")) condition.max = QIPU_TRY(max->Number());
    if (condition.min || condition.max) return condition;
    return node.Complain("expected 'min', 'max' or both");
  }
  if (node.is_bool()) {
    condition.equals = graph::Value(QIPU_TRY(node.Bool()));
  } else if (node.is_number()) {
    condition.min = condition.max = QIPU_TRY(node.Number());
  } else {
    condition.equals = graph::Value(QIPU_TRY(node.String()));
  }
  return condition;
}

Status ParseConditions(const JsonNode& node, std::string_view key,
                       std::vector<Condition>& conditions) {
  const JsonNode* member = node.Find(key);
  if (member == nullptr) return Ok{};
  for (const auto& [property, value] : *QIPU_TRY(member->Object())) {
    conditions.push_back(QIPU_TRY(ParseCondition(property, value)));
  }
  return Ok{};
}

Result<RegionLevel> ParseLevel(const JsonNode& node) {
  const auto level = ParseRegionLevel(QIPU_TRY(node.String()));
  if (!level.ok()) return node.Complain(level.error().message);
  return *level;
}

/// A name that must be among `known`.
Result<std::string> OneOf(const JsonNode& node, const std::vector<std::string>& known) {
  const std::string name = QIPU_TRY(node.String());
  if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  return NoneOf(node, name, known);
}

Result<Source> ParseDensitySource(const JsonNode& node, const Method& method) {
  QIPU_TRY(node.AllowOnly({"density", "role", "segment", "chain", "per", "size"}));
  DensitySource source;
  source.column = QIPU_TRY(OneOf(*node.Find("density"), DensityValueNames()));
  source.options.by = *method.level;
  source.options.as_of = method.as_of;
  if (const JsonNode* roles = node.Find("role")) source.options.roles = QIPU_TRY(roles->Strings());
  QIPU_TRY(ReadString(node, "segment", source.options.segment));
  QIPU_TRY(ReadString(node, "chain", source.options.chain));
  QIPU_TRY(ReadString(node, "size", source.options.size));
  if (const JsonNode* per = node.Find("per")) {
    const auto basis = ParseDensityBasis(QIPU_TRY(per->String()));
    if (!basis.ok()) return per->Complain(basis.error().message);
    source.options.per = *basis;
  }
  if (source.column.ends_with("density") && source.options.per == DensityBasis::kNone) {
    return node.Complain("'" + source.column + "' needs 'per'");
  }
  if (source.column.starts_with("size") && source.options.size.empty()) {
    return node.Complain("'" + source.column + "' needs 'size'");
  }
  return Source(source);
}

Result<Source> ParseCoverageSource(const JsonNode& node, const Method& method) {
  QIPU_TRY(node.AllowOnly({"coverage", "chain", "min_companies", "neighbour_weight"}));
  CoverageSource source;
  source.column = QIPU_TRY(OneOf(*node.Find("coverage"), CoverageValueNames()));
  source.options.by = *method.level;
  source.options.as_of = method.as_of;
  source.options.chain = QIPU_TRY(QIPU_TRY(node.Get("chain"))->String());
  if (const JsonNode* least = node.Find("min_companies")) {
    source.options.min_companies = QIPU_TRY(least->Int());
    if (source.options.min_companies < 1) return least->Complain("must be 1 or more");
  }
  if (const JsonNode* lambda = node.Find("neighbour_weight")) {
    source.options.neighbour_weight = QIPU_TRY(lambda->Number());
  }
  return Source(source);
}

Result<Source> ParsePropertySource(const JsonNode& node) {
  QIPU_TRY(node.AllowOnly({"property", "of", "divide_by"}));
  PropertySource source;
  QIPU_TRY(ReadString(node, "property", source.property));
  QIPU_TRY(ReadString(node, "divide_by", source.divide_by));
  if (const JsonNode* of = node.Find("of")) source.of = QIPU_TRY(ParseLevel(*of));
  return Source(source);
}

}  // namespace

Status ReadString(const JsonNode& node, std::string_view key, std::string& into) {
  if (const JsonNode* member = node.Find(key)) into = QIPU_TRY(member->String());
  return Ok{};
}

Error NoneOf(const JsonNode& node, const std::string& name, const std::vector<std::string>& known) {
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
  const std::string near = graph::NearestName(name, known);
  return node.Complain("'" + name + "' is none of " + list +
                       (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Result<Source> ParseSource(const JsonNode& node, const Method& method) {
  if (node.Find("column") != nullptr) {
    QIPU_TRY(node.AllowOnly({"column", "divide_by"}));
    ColumnSource source;
    QIPU_TRY(ReadString(node, "column", source.column));
    QIPU_TRY(ReadString(node, "divide_by", source.divide_by));
    if (method.code_column.empty()) {
      return node.Complain("'units.column' must name the column of the data with the units' codes");
    }
    return Source(source);
  }
  QIPU_TRY(node.AllowOnly({"column", "property", "of", "divide_by", "density", "coverage", "role",
                           "segment", "chain", "per", "size", "min_companies", "query",
                           "neighbour_weight"}));
  if (!method.level) {
    return node.Complain("comes from the graph, so the units must too: give 'units.level'");
  }
  if (node.Find("property") != nullptr) return ParsePropertySource(node);
  if (node.Find("density") != nullptr) return ParseDensitySource(node, method);
  if (node.Find("coverage") != nullptr) return ParseCoverageSource(node, method);
  if (const JsonNode* text = node.Find("query")) {
    QIPU_TRY(node.AllowOnly({"query"}));
    return Source(QuerySource{QIPU_TRY(text->String())});
  }
  return node.Complain("expected one of 'property', 'density', 'coverage', 'query', 'column'");
}

Status ParseUnits(const JsonNode& root, Method& method) {
  const JsonNode* node = QIPU_TRY(root.Get("units"));
  QIPU_TRY(
      node->AllowOnly({"level", "where", "parent_where", "column", "name", "parent", "group"}));
  QIPU_TRY(ParseConditions(*node, "where", method.where));
  QIPU_TRY(ParseConditions(*node, "parent_where", method.parent_where));
  QIPU_TRY(ReadString(*node, "column", method.code_column));
  QIPU_TRY(ReadString(*node, "name", method.name_column));
  QIPU_TRY(ReadString(*node, "parent", method.parent_column));
  QIPU_TRY(ReadString(*node, "group", method.group));
  if (const JsonNode* level = node->Find("level")) method.level = QIPU_TRY(ParseLevel(*level));
  if (!method.level && method.code_column.empty()) {
    return node->Complain("needs 'level' (units from the graph) or 'column' (units from the data)");
  }
  if (const JsonNode* as_of = root.Find("as_of")) {
    method.as_of = graph::Date::Parse(QIPU_TRY(as_of->String()));
    if (!method.as_of) return as_of->Complain("expected a day, YYYY-MM-DD");
  }
  return Ok{};
}

}  // namespace qipu::query
