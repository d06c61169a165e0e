#include <algorithm>

#include "ingest/mapping_parser.h"

namespace qipu::ingest {
namespace {

using graph::JsonNode;

constexpr Word<Part> kAmountParts[] = {{"value", Part::kAmountValue},
                                       {"currency", Part::kAmountCurrency},
                                       {"stated", Part::kAmountStated}};
constexpr Word<Part> kIdentifierParts[] = {{"key", Part::kKey},
                                           {"unverified", Part::kUnverified},
                                           {"reason", Part::kReason},
                                           {"region", Part::kRegion}};

template <size_t n>
const Word<Part>* FindPart(const Word<Part> (&parts)[n], const std::string& name) {
  const auto* found =
      std::find_if(parts, parts + n, [&](const auto& part) { return name == part.text; });
  return found == parts + n ? nullptr : found;
}

bool IsCurrencyCode(const std::string& text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// `{"value": 3}`, or `{"date": "2020-11-01"}`, because JSON has no days.
Result<graph::Value> ParseConstant(const JsonNode& constant) {
  if (const auto* day = constant.Find("date")) {
    QIPU_TRY(constant.AllowOnly({"date"}));
    const auto date = graph::Date::Parse(QIPU_TRY(day->String()));
    if (!date) return day->Complain("must be a day, YYYY-MM-DD");
    return graph::Value(*date);
  }
  QIPU_TRY(constant.AllowOnly({"value", "date"}));
  const JsonNode& node = *QIPU_TRY(constant.Get("value"));
  if (node.is_string()) return graph::Value(QIPU_TRY(node.String()));
  if (node.is_bool()) return graph::Value(QIPU_TRY(node.Bool()));
  if (const auto whole = node.Int(); whole.ok()) return graph::Value(*whole);
  if (node.is_number()) return graph::Value(QIPU_TRY(node.Number()));
  return node.Complain("a constant is a string, a number, true or false");
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& known) {
  const auto nearest = graph::NearestName(name, known);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

}  // namespace

Result<uint32_t> MappingParser::ColumnNamed(const JsonNode& node, const std::string& name) const {
  std::vector<std::string> known;
  for (uint32_t i = 0; i < mapping_.columns.size(); ++i) {
    if (mapping_.columns[i].name == name) return i;
    known.push_back(mapping_.columns[i].name);
  }
  return node.Complain("no column is called '" + name + "'" + DidYouMean(name, known));
}

Result<FieldRef> MappingParser::ParseField(const JsonNode& node) const {
  const auto text = QIPU_TRY(node.String());
  const auto dot = text.find('.');
  FieldRef field;
  field.column = QIPU_TRY(ColumnNamed(node, text.substr(0, dot)));
  const auto type = mapping_.columns[field.column].type;
  const bool has_parts = type == ColumnType::kAmount || type == ColumnType::kIdentifier;
  if (dot == std::string::npos) {
    if (has_parts)
      return node.Complain("say which part of '" + text + "', e.g. '" + text +
                           (type == ColumnType::kAmount ? ".value'" : ".key'"));
    return field;
  }
  const auto part = text.substr(dot + 1);
  const auto* word = type == ColumnType::kAmount       ? FindPart(kAmountParts, part)
                     : type == ColumnType::kIdentifier ? FindPart(kIdentifierParts, part)
                                                       : nullptr;
  if (word != nullptr) {
    field.part = word->value;
  } else if (type == ColumnType::kAmount && IsCurrencyCode(part)) {
    field.part = Part::kAmountIn;
    field.currency = part;
  } else {
    return node.Complain("a column of this type has no part '" + part + "'");
  }
  return field;
}

Status MappingParser::ParseOptionalField(const JsonNode& parent, const char* name,
                                         std::optional<FieldRef>& out) const {
  if (const auto* node = parent.Find(name)) out = QIPU_TRY(ParseField(*node));
  return Ok{};
}

Status MappingParser::ParseConditions(const JsonNode* node, Conditions& out) const {
  if (node == nullptr) return Ok{};
  for (const auto& [name, wanted] : *QIPU_TRY(node->Object())) {
    Condition condition;
    condition.column = QIPU_TRY(ColumnNamed(wanted, name));
    if (wanted.is_null()) {
      condition.kind = Condition::Kind::kAbsent;
    } else if (wanted.is_bool()) {
      if (!QIPU_TRY(wanted.Bool())) return wanted.Complain("true: present; null: absent");
      condition.kind = Condition::Kind::kPresent;
    } else {
      condition.kind = Condition::Kind::kOneOf;
      condition.words = QIPU_TRY(wanted.Strings());
      if (mapping_.columns[condition.column].type != ColumnType::kString) {
        return wanted.Complain("only a column of type string can be compared with words");
      }
    }
    out.push_back(std::move(condition));
  }
  return Ok{};
}

Result<std::vector<Setting>> MappingParser::ParseSettings(const JsonNode* node) const {
  std::vector<Setting> settings;
  if (node == nullptr) return settings;
  for (const auto& [property, from] : *QIPU_TRY(node->Object())) {
    Setting& setting = settings.emplace_back();
    setting.property = property;
    setting.line = from.line();
    if (from.is_object()) {
      setting.from = QIPU_TRY(ParseConstant(from));
    } else {
      setting.from = QIPU_TRY(ParseField(from));
    }
  }
  return settings;
}

Result<std::vector<KeyRule>> MappingParser::ParseKeys(const JsonNode& node) const {
  std::vector<KeyRule> keys;
  const auto parse = [&](const JsonNode& item) -> Status {
    KeyRule rule;
    if (item.is_string()) {
      rule.fields.push_back(QIPU_TRY(ParseField(item)));
    } else {
      QIPU_TRY(item.AllowOnly({"scheme", "of"}));
      rule.scheme = QIPU_TRY(QIPU_TRY(item.Get("scheme"))->String());
      const auto* of = QIPU_TRY(item.Get("of"));
      if (of->is_array()) {
        for (const auto& field : *QIPU_TRY(of->Array())) {
          rule.fields.push_back(QIPU_TRY(ParseField(field)));
        }
      } else {
        rule.fields.push_back(QIPU_TRY(ParseField(*of)));
      }
      if (rule.fields.empty()) return of->Complain("a key needs a column");
    }
    keys.push_back(std::move(rule));
    return Ok{};
  };
  if (!node.is_array()) {
    QIPU_TRY(parse(node));
  } else {
    for (const auto& item : *QIPU_TRY(node.Array())) QIPU_TRY(parse(item));
  }
  if (keys.empty()) return node.Complain("a vertex needs a key");
  return keys;
}

Result<VertexRule> MappingParser::ParseVertex(const std::string& name, const JsonNode& node) const {
  QIPU_TRY(node.AllowOnly({"label", "key", "properties", "labels", "when", "must_exist"}));
  VertexRule rule;
  rule.name = name;
  rule.line = node.line();
  rule.label = QIPU_TRY(QIPU_TRY(node.Get("label"))->String());
  rule.keys = QIPU_TRY(ParseKeys(*QIPU_TRY(node.Get("key"))));
  rule.properties = QIPU_TRY(ParseSettings(node.Find("properties")));
  QIPU_TRY(ParseConditions(node.Find("when"), rule.when));
  if (const auto* must = node.Find("must_exist"); must != nullptr && QIPU_TRY(must->Bool())) {
    rule.existence = Existence::kBefore;
  }
  const auto* labels = node.Find("labels");
  if (labels == nullptr) return rule;
  for (const auto& item : *QIPU_TRY(labels->Array())) {
    QIPU_TRY(item.AllowOnly({"label", "from", "when"}));
    if (const auto* from = item.Find("from")) {
      if (item.Find("label") || item.Find("when")) {
        return item.Complain("give 'from', or 'label' and 'when'");
      }
      rule.label_columns.push_back(QIPU_TRY(ColumnNamed(*from, QIPU_TRY(from->String()))));
      continue;
    }
    ExtraLabel extra;
    extra.label = QIPU_TRY(QIPU_TRY(item.Get("label"))->String());
    QIPU_TRY(ParseConditions(item.Find("when"), extra.when));
    rule.labels.push_back(std::move(extra));
  }
  return rule;
}

Status MappingParser::ParseVertices(const JsonNode& node) {
  for (const auto& [name, vertex] : *QIPU_TRY(node.Object())) {
    mapping_.vertices.push_back(QIPU_TRY(ParseVertex(name, vertex)));
  }
  return Ok{};
}

Result<uint32_t> MappingParser::VertexNamed(const JsonNode& node) const {
  const auto name = QIPU_TRY(node.String());
  std::vector<std::string> known;
  for (uint32_t i = 0; i < mapping_.vertices.size(); ++i) {
    if (mapping_.vertices[i].name == name) return i;
    known.push_back(mapping_.vertices[i].name);
  }
  return node.Complain("no vertex is called '" + name + "'" + DidYouMean(name, known));
}

Result<EdgeEnd> MappingParser::ParseEnd(const JsonNode& node) const {
  if (node.is_string()) return EdgeEnd(QIPU_TRY(VertexNamed(node)));
  QIPU_TRY(node.AllowOnly({"label", "key"}));
  Lookup lookup;
  lookup.labels = QIPU_TRY(QIPU_TRY(node.Get("label"))->Strings());
  lookup.key = QIPU_TRY(ParseField(*QIPU_TRY(node.Get("key"))));
  return EdgeEnd(std::move(lookup));
}

Result<Multiplicity> MappingParser::ParseMultiplicity(const JsonNode& edge) const {
  constexpr Word<Multiplicity> kMultiplicities[] = {{"many", Multiplicity::kMany},
                                                    {"one", Multiplicity::kOne}};
  const auto* node = edge.Find("multiplicity");
  return node ? ReadWord(*node, kMultiplicities) : Multiplicity::kMany;
}

Status MappingParser::ParseEdges(const JsonNode* node) {
  if (node == nullptr) return Ok{};
  for (const auto& item : *QIPU_TRY(node->Array())) {
    QIPU_TRY(item.AllowOnly({"type", "from", "to", "properties", "when", "multiplicity"}));
    EdgeRule rule;
    rule.line = item.line();
    rule.type = QIPU_TRY(QIPU_TRY(item.Get("type"))->String());
    rule.from = QIPU_TRY(ParseEnd(*QIPU_TRY(item.Get("from"))));
    rule.to = QIPU_TRY(ParseEnd(*QIPU_TRY(item.Get("to"))));
    if (const auto* from = std::get_if<Lookup>(&rule.from);
        from != nullptr && mapping_.columns[from->key.column].type == ColumnType::kList) {
      return item.Complain("'from' can't be a list; a list may stand at 'to'");
    }
    rule.properties = QIPU_TRY(ParseSettings(item.Find("properties")));
    QIPU_TRY(ParseConditions(item.Find("when"), rule.when));
    rule.multiplicity = QIPU_TRY(ParseMultiplicity(item));
    mapping_.edges.push_back(std::move(rule));
  }
  return Ok{};
}

Result<uint32_t> MappingParser::AddFoundEdge(const JsonNode& node,
                                             std::vector<std::string> properties) {
  EdgeRule rule;
  rule.line = node.line();
  rule.type = QIPU_TRY(QIPU_TRY(node.Get("edge"))->String());
  rule.from = QIPU_TRY(VertexNamed(*QIPU_TRY(node.Get("vertex"))));
  Lookup to;
  to.labels = QIPU_TRY(QIPU_TRY(node.Get("to"))->Strings());
  rule.to = std::move(to);
  for (auto& property : properties)
    rule.properties.push_back({std::move(property), graph::Value(), node.line()});  // found later
  rule.multiplicity = QIPU_TRY(ParseMultiplicity(node));
  mapping_.edges.push_back(std::move(rule));
  return static_cast<uint32_t>(mapping_.edges.size() - 1);
}

Status MappingParser::ParsePlace(const JsonNode* node) {
  if (node == nullptr) return Ok{};
  QIPU_TRY(node->AllowOnly(
      {"vertex", "edge", "to", "multiplicity", "address", "province", "city", "name", "code"}));
  PlaceRule rule;
  rule.edge = QIPU_TRY(AddFoundEdge(*node, {"method", "confidence", "evidence"}));
  QIPU_TRY(ParseOptionalField(*node, "address", rule.address));
  QIPU_TRY(ParseOptionalField(*node, "province", rule.province));
  QIPU_TRY(ParseOptionalField(*node, "city", rule.city));
  QIPU_TRY(ParseOptionalField(*node, "name", rule.name));
  QIPU_TRY(ParseOptionalField(*node, "code", rule.code));
  if (!rule.address && !rule.code) return node->Complain("give 'address', 'code' or both");
  mapping_.place = std::move(rule);
  return Ok{};
}

Status MappingParser::ParseClassify(const JsonNode* node) {
  if (node == nullptr) return Ok{};
  QIPU_TRY(node->AllowOnly({"vertex", "edge", "to", "chain", "name", "scope"}));
  ClassifyRule rule;
  rule.edge = QIPU_TRY(AddFoundEdge(*node, {"confidence", "evidence", "rule"}));
  rule.vertex = *std::get_if<uint32_t>(&mapping_.edges[rule.edge].from);
  const auto* chain = QIPU_TRY(node->Get("chain"));
  rule.chain = QIPU_TRY(chain->String());
  rule.chain_place = chain->Complain("").message;
  QIPU_TRY(ParseOptionalField(*node, "name", rule.name));
  QIPU_TRY(ParseOptionalField(*node, "scope", rule.scope));
  if (!rule.name && !rule.scope) return node->Complain("give 'name', 'scope' or both");
  mapping_.classify = std::move(rule);
  return Ok{};
}

}  // namespace qipu::ingest
