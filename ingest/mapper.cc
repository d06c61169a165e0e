#include "ingest/mapper.h"

#include <algorithm>

namespace qipu::ingest {
namespace {

using graph::Value;

/// Joins the fields of a key. It can't stand in a date or code, so that no two records' fields
/// that differ give the same key by accident of where one field ends.
constexpr char kKeySeparator = '|';

std::string_view Capped(std::string_view raw) { return raw.substr(0, kRawBytesKept); }

void Reject(MappedRecord& record, Fault fault, std::string_view raw) {
  record.fate = RecordFate::kRejected;
  record.fault = std::move(fault);
  record.raw = Capped(raw);
  record.vertices.clear();
  record.edges.clear();
  record.notes.clear();
}

MappedVertex* VertexOf(MappedRecord& record, uint32_t rule) {
  const auto found = std::ranges::find(record.vertices, rule, &MappedVertex::rule);
  return found == record.vertices.end() ? nullptr : &*found;
}

}  // namespace

Mapper::Mapper(const Source& source, std::vector<std::optional<uint32_t>> columns)
    : source_(source),
      mapping_(source.mapping()),
      columns_(std::move(columns)),
      fields_(mapping_.columns.size()) {}

MappedRecord Mapper::Map(const RawRecord& record, Depth depth) {
  MappedRecord out;
  out.number = record.number;
  out.span = record.span;
  if (record.repeats_header) {
    out.fate = RecordFate::kIgnored;
    out.notes.push_back({"HDR_REPEAT", ""});
    return out;
  }
  auto fault = record.fault;
  if (!fault) fault = ReadFields(record, out);
  if (!fault && !Holds(mapping_.only_when)) {
    out.notes.clear();
    out.fate = RecordFate::kIgnored;
    return out;
  }
  if (!fault) fault = MakeVertices(out);
  if (fault) {
    Reject(out, *std::move(fault), record.raw);
    return out;
  }
  if (depth == Depth::kCheck) return out;
  MakeEdges(out);
  FindPlace(out);
  FindSegments(out);
  return out;
}

std::optional<Fault> Mapper::ReadFields(const RawRecord& record, MappedRecord& out) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i]) continue;
    const Column& column = mapping_.columns[*columns_[i]];
    Field& field = fields_[*columns_[i]];
    if (auto fault = ReadField(column, record.fields[i], field)) {
      if (column.on_error == OnError::kReject) return fault;
      out.notes.push_back({fault->code, column.headers.front()});
    }
    if (column.required && !field.present()) {
      return Fault{"FIELD_MISSING", "column '" + column.headers.front() + "' is empty"};
    }
  }
  return std::nullopt;
}

bool Mapper::Holds(const Conditions& conditions) const {
  return std::ranges::all_of(conditions, [this](const Condition& condition) {
    const Field& field = fields_[condition.column];
    if (condition.kind == Condition::Kind::kAbsent) return !field.present();
    if (condition.kind == Condition::Kind::kPresent) return field.present();
    return std::ranges::find(condition.words, field.text) != condition.words.end();
  });
}

std::string Mapper::KeyOf(const VertexRule& rule) const {
  for (const auto& way : rule.keys) {
    if (ValueAt(way.fields.front()).is_null()) continue;
    std::string key = way.scheme.empty() ? "" : way.scheme + ":";
    for (const auto& field : way.fields) {
      if (&field != &way.fields.front()) key += kKeySeparator;
      key += ValueAt(field).ToString();
    }
    return key;
  }
  return "";
}

std::vector<Value> Mapper::ValuesOf(const std::vector<Setting>& settings) const {
  std::vector<Value> values;
  values.reserve(settings.size());
  for (const auto& setting : settings) {
    const auto* ref = std::get_if<FieldRef>(&setting.from);
    values.push_back(ref ? ValueAt(*ref) : std::get<Value>(setting.from));
  }
  return values;
}

std::optional<Fault> Mapper::MakeVertices(MappedRecord& out) const {
  for (uint32_t i = 0; i < mapping_.vertices.size(); ++i) {
    const VertexRule& rule = mapping_.vertices[i];
    if (!Holds(rule.when)) continue;
    MappedVertex vertex;
    vertex.rule = i;
    vertex.key = KeyOf(rule);
    if (vertex.key.empty())
      return Fault{"KEY_MISSING", "nothing to name the " + rule.label + " by"};
    if (vertex.key.size() > graph::kKeyBytesMax) {
      return Fault{"KEY_TOO_LONG", "the key of the " + rule.label + " has " +
                                       std::to_string(vertex.key.size()) + " bytes; at most " +
                                       std::to_string(graph::kKeyBytesMax)};
    }
    vertex.values = ValuesOf(rule.properties);
    for (const auto& extra : rule.labels) {
      if (Holds(extra.when)) vertex.labels.push_back(extra.label);
    }
    for (const auto column : rule.label_columns) {
      const Field& words = fields_[column];
      if (!words.text.empty()) vertex.labels.emplace_back(words.text);
      if (const auto* list = words.value.AsList()) {
        for (const auto& word : *list) vertex.labels.push_back(word.ToString());
      }
    }
    out.vertices.push_back(std::move(vertex));
  }
  return std::nullopt;
}

bool Mapper::HasEnds(const EdgeRule& rule, const MappedRecord& record) const {
  for (const auto* end : {&rule.from, &rule.to}) {
    const auto* vertex = std::get_if<uint32_t>(end);
    if (vertex &&
        std::ranges::find(record.vertices, *vertex, &MappedVertex::rule) == record.vertices.end()) {
      return false;
    }
  }
  return Holds(rule.when);
}

void Mapper::MakeEdges(MappedRecord& out) const {
  for (uint32_t i = 0; i < mapping_.edges.size(); ++i) {
    const EdgeRule& rule = mapping_.edges[i];
    const bool found_otherwise = (mapping_.place && mapping_.place->edge == i) ||
                                 (mapping_.classify && mapping_.classify->edge == i);
    if (found_otherwise || !HasEnds(rule, out)) continue;
    MappedEdge edge;
    edge.rule = i;
    if (const auto* lookup = std::get_if<Lookup>(&rule.from)) {
      edge.from_key = ValueAt(lookup->key).ToString();
      if (edge.from_key.empty()) continue;
    }
    edge.values = ValuesOf(rule.properties);
    const auto* lookup = std::get_if<Lookup>(&rule.to);
    if (lookup == nullptr) {
      out.edges.push_back(std::move(edge));
      continue;
    }
    const Value to = ValueAt(lookup->key);
    if (to.is_null()) continue;
    if (const auto* list = to.AsList()) {
      for (const auto& item : *list) {
        edge.to_key = item.ToString();
        out.edges.push_back(edge);
      }
      continue;
    }
    edge.to_key = to.ToString();
    out.edges.push_back(std::move(edge));
  }
}

std::string_view Mapper::TextOf(const std::optional<FieldRef>& ref) const {
  if (!ref) return {};
  const Field& field = fields_[ref->column];
  return ref->part == Part::kRegion ? std::string_view(field.region) : field.text;
}

void Mapper::FindPlace(MappedRecord& out) const {
  if (!mapping_.place || !HasEnds(mapping_.edges[mapping_.place->edge], out)) return;
  const PlaceRule& rule = *mapping_.place;
  const auto placing =
      source_.gazetteer().Place({TextOf(rule.address), TextOf(rule.province), TextOf(rule.city),
                                 TextOf(rule.name), TextOf(rule.code)});
  if (!placing) {
    out.notes.push_back({"PLACE_UNKNOWN", ""});
    return;
  }
  out.edges.push_back({rule.edge,
                       "",
                       placing->code,
                       {Value(PlaceMethodName(placing->method)), Value(placing->confidence),
                        Value(placing->evidence)}});
}

void Mapper::FindSegments(MappedRecord& out) const {
  if (!mapping_.classify || !HasEnds(mapping_.edges[mapping_.classify->edge], out)) return;
  const ClassifyRule& rule = *mapping_.classify;
  auto found = source_.classifier().Classify(TextOf(rule.name), TextOf(rule.scope));
  for (auto& match : found.segments) {
    out.edges.push_back({rule.edge,
                         "",
                         std::move(match.segment),
                         {Value(match.confidence), Value(std::move(match.evidence)),
                          Value(std::move(match.rule))}});
  }
  auto* vertex = VertexOf(out, rule.vertex);
  for (auto& role : found.roles) vertex->labels.push_back(std::move(role));
}

}  // namespace qipu::ingest
