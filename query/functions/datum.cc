#include <algorithm>
#include <array>

#include "query/functions/functions.h"

namespace qipu::query {

std::string_view DatumTypeName(DatumType type) {
  constexpr std::array<std::string_view, 11> kNames = {
      "NULL", "BOOLEAN",      "INTEGER", "FLOAT", "STRING", "DATE",
      "NODE", "RELATIONSHIP", "LIST",    "MAP",   "PATH"};
  return kNames[static_cast<size_t>(type)];
}

Datum Datum::FromValue(const graph::Value& value) {
  if (const auto* b = value.AsBool()) return Datum(*b);
  if (const auto* i = value.AsInt()) return Datum(*i);
  if (const auto* f = value.AsFloat()) return Datum(*f);
  if (const auto* s = value.AsString()) return Datum(*s);
  if (const auto* d = value.AsDate()) return Datum(*d);
  if (const auto* list = value.AsList()) {
    DatumList out;
    out.reserve(list->size());
    for (const graph::Value& element : *list) out.push_back(FromValue(element));
    return Datum(std::move(out));
  }
  return Datum();
}

double Datum::Number() const {
  if (const int64_t* i = AsInt()) return static_cast<double>(*i);
  return *AsFloat();
}

uint64_t Datum::Bytes() const {
  uint64_t bytes = sizeof(Datum);
  if (const std::string* s = AsString()) bytes += s->size();
  if (const DatumList* list = AsList()) {
    for (const Datum& element : *list) bytes += element.Bytes();
  }
  if (const DatumMap* map = AsMap()) {
    for (const auto& [key, value] : *map) bytes += sizeof(std::string) + key.size() + value.Bytes();
  }
  if (const DatumPath* path = AsPath()) {
    bytes += path->vertices.size() * (sizeof(graph::VertexId) + sizeof(graph::EdgeRef));
  }
  return bytes;
}

void PutInMap(DatumMap& map, std::string key, Datum value) {
  const auto at =
      std::lower_bound(map.begin(), map.end(), key,
                       [](const auto& entry, const auto& k) { return entry.first < k; });
  if (at != map.end() && at->first == key) {
    at->second = std::move(value);
  } else {
    map.emplace(at, std::move(key), std::move(value));
  }
}

const Datum* FindInMap(const DatumMap& map, std::string_view key) {
  const auto at =
      std::lower_bound(map.begin(), map.end(), key,
                       [](const auto& entry, const auto& k) { return entry.first < k; });
  return at != map.end() && at->first == key ? &at->second : nullptr;
}

Datum FromTruth(Truth truth) {
  return truth == Truth::kUnknown ? Datum() : Datum(truth == Truth::kTrue);
}

Error WrongArgument(std::string_view function, std::string_view wanted, const Datum& got) {
  const std::string_view type = DatumTypeName(got.type());
  const bool vowel = type == "INTEGER";
  return InvalidArgument(std::string(function) + " takes " + std::string(wanted) + ", not " +
                         (vowel ? "an " : "a ") + std::string(type));
}

}  // namespace qipu::query
