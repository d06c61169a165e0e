#include <algorithm>

#include "graph/verify/verify.h"

namespace qipu::graph::verify {
namespace {

using rocks::Family;
using rocks::ReadBigEndian;

constexpr size_t kVertexBytes = 8, kNumberBytes = 4;

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

void Count(std::vector<uint64_t>& counts, uint32_t number) {
  if (counts.size() <= number) counts.resize(number + size_t{1});
  ++counts[number];
}

/// For the comparison of `out` with `in`: bytes that sort as edges do.
rocks::Key ItemOf(const EdgeRef& edge) {
  return rocks::Key()
      .Add64(edge.source.value)
      .Add32(edge.type.value)
      .Add64(edge.target.value)
      .Add32(edge.rank);
}

bool NamesAre(const Properties& properties, const NameTable& names) {
  return properties.empty() || properties.back().id.value < names.size();
}

}  // namespace

bool IsDerived(Family family) {
  return family == Family::kLabels || family == Family::kKeys || family == Family::kIn ||
         family == Family::kIndexes || family == Family::kPostings;
}

void Findings::Add(Severity severity, std::string place, std::string_view key,
                   std::string problem) {
  if (severity == Severity::kDerived) ++report_.derived;
  if (severity == Severity::kLost) ++report_.lost;
  if (report_.findings.size() >= told_max_) return;
  report_.findings.push_back({severity, std::move(place), rocks::HexOf(key), std::move(problem)});
}

Scanner::Scanner(const rocks::View& view, VerifyReport& report, Findings& findings)
    : view_(view), report_(report), findings_(findings) {}

/// Calls `use` with key and value of every row. A block that can't be read ends it.
template <class Use>
Status Scanner::ForEachRow(Family family, Use use) {
  const auto rows = view_.Scan(family);
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    use(ViewOf(rows->key()), ViewOf(rows->value()));
  }
  const rocksdb::Status status = rows->status();
  if (status.ok()) return Ok{};
  if (!status.IsCorruption()) return rocks::FromRocks(status, "cannot read rows");
  if (broken.insert(family).second) {
    const bool derived = IsDerived(family);
    findings_.Add(derived ? Severity::kDerived : Severity::kLost, family, "",
                  "can't be read to its end (" + status.ToString() + ')' +
                      (derived ? "" : "; restore a backup"));
  }
  return Ok{};
}

void Scanner::Bad(Round round, Severity severity, Family family, std::string_view key,
                  const std::string& problem) {
  if (round == Round::kAgain) return;
  if (severity == Severity::kDerived) bad_rows[family].emplace(key);
  findings_.Add(severity, family, key, problem);
}

void Scanner::CheckVertex(const Vertex& vertex, std::string_view key) {
  const std::string name = "vertex " + std::to_string(vertex.id.value);
  const Status allowed =
      view_.rules().CheckVertex(view_.catalog(), vertex.labels, vertex.properties);
  if (!allowed.ok()) {
    findings_.Add(Severity::kLost, Family::kVertices, key, name + ": " + allowed.error().message);
  }
  for (const LabelId label : vertex.labels) {
    const LabelId refined = view_.rules().DictionaryOf(label);
    if (vertex.Has(refined)) continue;
    findings_.Add(Severity::kLost, Family::kVertices, key,
                  name + " has label " + view_.catalog().NameOf(label) + " but not " +
                      view_.catalog().NameOf(refined) + ", which that refines");
  }
}

/// What `labels`, `keys` and the indexes should say of it.
void Scanner::ShowVertex(const Vertex& vertex) {
  for (const LabelId label : vertex.labels) {
    item_ = rocks::Key().Add32(label.value).Add64(vertex.id.value).bytes();
    labels.Add(Side::kTruth, item_);
    const LabelRule& rule = view_.rules().Of(label);
    if (!rule.key || rule.dictionary != label) continue;
    const Value* key = vertex.Find(*rule.key);
    const std::string* text = key == nullptr ? nullptr : key->AsString();
    if (text == nullptr) continue;
    item_ += *text;
    keys.Add(Side::kTruth, item_);
  }
  entries_.values.clear();
  entries_.postings.clear();
  rocks::AppendEntries(view_.head().indexes, vertex.id, vertex.labels, vertex.properties, entries_);
  for (const std::string& entry : entries_.values) values.Add(Side::kTruth, entry);
  for (const std::string& entry : entries_.postings) postings.Add(Side::kTruth, entry);
}

Status Scanner::Vertices(Round round) {
  Vertex vertex;
  const Catalog& catalog = view_.catalog();
  return ForEachRow(Family::kVertices, [&](std::string_view key, std::string_view value) {
    if (key.size() != kVertexBytes) {
      return Bad(round, Severity::kLost, Family::kVertices, key, "the key is no vertex id");
    }
    vertex.id = VertexId{ReadBigEndian(key, 0, kVertexBytes)};
    const bool reads =
        rocks::DecodeVertexRow(value, vertex) && NamesAre(vertex.properties, catalog.properties) &&
        (vertex.labels.empty() || vertex.labels.back().value < catalog.labels.size());
    if (round == Round::kFirst) {
      ++counted.vertices;
      ++report_.vertices;
      vertex_bound = vertex.id.value + 1;
      present_.Insert(vertex.id);
      if (!reads) unreadable.Insert(vertex.id);
      if (reads) CheckVertex(vertex, key);
      for (const LabelId label : vertex.labels) {
        if (reads) Count(counted.per_label, label.value);
      }
    }
    if (reads) return ShowVertex(vertex);
    Bad(round, Severity::kLost, Family::kVertices, key,
        "the row of vertex " + std::to_string(vertex.id.value) + " can't be read");
  });
}

Status Scanner::Keys(Round round) {
  return ForEachRow(Family::kKeys, [&](std::string_view key, std::string_view value) {
    rocks::ByteReader reader(value);
    const VertexId vertex{reader.Varint()};
    if (round == Round::kFirst) ++report_.keys;
    if (key.size() <= kNumberBytes || !reader.ok() || !reader.at_end()) {
      return Bad(round, Severity::kDerived, Family::kKeys, key, "the row can't be read");
    }
    item_ = key.substr(0, kNumberBytes);
    item_ += rocks::VertexKey(vertex).bytes();
    item_ += key.substr(kNumberBytes);
    keys.Add(Side::kDerived, item_);
  });
}

Status Scanner::Labels(Round round) {
  constexpr size_t kKeyBytes = 10;
  rocks::List list;
  return ForEachRow(Family::kLabels, [&](std::string_view key, std::string_view value) {
    if (key.size() != kKeyBytes || !rocks::DecodeUntyped(value, list) ||
        (!list.empty() && list.back().vertex.value >> rocks::kLabelRowBits != 0)) {
      return Bad(round, Severity::kDerived, Family::kLabels, key, "the list can't be read");
    }
    const uint32_t label = static_cast<uint32_t>(ReadBigEndian(key, 0, kNumberBytes));
    const uint64_t high = ReadBigEndian(key, kNumberBytes, 6) << rocks::kLabelRowBits;
    for (const rocks::ListEntry& entry : list) {
      const VertexId vertex{high | entry.vertex.value};
      // A vertex that can't be read has the labels that list it.
      if (round == Round::kFirst && unreadable.Has(vertex)) Count(counted.per_label, label);
      labels.Add(Side::kDerived, rocks::Key().Add32(label).Add64(vertex.value).bytes());
    }
  });
}

void Scanner::CheckEdge(const EdgeRef& edge, std::string_view key) {
  ++counted.edges;
  ++report_.edges;
  Count(counted.per_type, edge.type.value);
  if (broken.contains(Family::kVertices)) return;  // nobody knows which ends are there
  for (const VertexId end : {edge.source, edge.target}) {
    if (present_.Has(end)) continue;
    findings_.Add(Severity::kLost, Family::kOut, key,
                  "an edge of type " + view_.catalog().NameOf(edge.type) + " from vertex " +
                      std::to_string(edge.source.value) + " to vertex " +
                      std::to_string(edge.target.value) + ": vertex " + std::to_string(end.value) +
                      " does not exist");
  }
}

void Scanner::CheckEdgeProperties(const EdgeRef& edge, std::string_view key,
                                  std::string_view encoded) {
  Properties properties;
  const auto ends = [&edge] {
    return "the edge from vertex " + std::to_string(edge.source.value) + " to vertex " +
           std::to_string(edge.target.value);
  };
  if (!encoded.empty() && !(rocks::DecodeProperties(encoded, properties) &&
                            NamesAre(properties, view_.catalog().properties))) {
    findings_.Add(Severity::kLost, Family::kOut, key,
                  "the properties of " + ends() + " can't be read");
    return;
  }
  const Status allowed = view_.rules().CheckEdgeProperties(view_.catalog(), edge.type, properties);
  if (!allowed.ok()) {
    findings_.Add(Severity::kLost, Family::kOut, key, ends() + ": " + allowed.error().message);
  }
}

Status Scanner::Adjacency(Family family, Round round) {
  const bool out = family == Family::kOut;
  rocks::List list;
  return ForEachRow(family, [&](std::string_view key, std::string_view value) {
    const bool reads =
        key.size() == kVertexBytes && rocks::DecodeList(value, list) &&
        (list.empty() || list.back().type.value < view_.catalog().edge_types.size()) &&
        (out ||
         std::ranges::all_of(list, [](const auto& entry) { return entry.properties.empty(); }));
    if (!reads) {
      if (out && round == Round::kFirst) {
        findings_.Add(Severity::kLost, family, key,
                      "the properties of its edges, if they had any, can't be read; a repair makes "
                      "the list anew without them");
      }
      return Bad(round, Severity::kDerived, family, key, "the list can't be read");
    }
    const VertexId vertex{ReadBigEndian(key, 0, kVertexBytes)};
    for (const rocks::ListEntry& other : list) {
      const EdgeRef edge = out ? EdgeRef{vertex, other.type, other.vertex, other.rank}
                               : EdgeRef{other.vertex, other.type, vertex, other.rank};
      if (out && round == Round::kFirst) {
        CheckEdge(edge, key);
        CheckEdgeProperties(edge, key, other.properties);
      }
      edges.Add(out ? Side::kTruth : Side::kDerived, ItemOf(edge).bytes());
    }
  });
}

Status Scanner::Out(Round round) { return Adjacency(Family::kOut, round); }
Status Scanner::In(Round round) { return Adjacency(Family::kIn, round); }

Status Scanner::IndexValues(Round round) {
  rocks::IndexKeyParts parts;
  return ForEachRow(Family::kIndexes, [&](std::string_view key, std::string_view value) {
    if (round == Round::kFirst) ++report_.index_entries;
    if (!value.empty() || !rocks::ParseIndexKey(key, parts)) {
      return Bad(round, Severity::kDerived, Family::kIndexes, key, "the entry can't be read");
    }
    values.Add(Side::kDerived, key);
  });
}

Status Scanner::Postings(Round round) {
  rocks::PostingKeyParts parts;
  rocks::List list;
  return ForEachRow(Family::kPostings, [&](std::string_view key, std::string_view value) {
    const bool reads =
        rocks::ParsePostingKey(key, parts) && rocks::DecodeUntyped(value, list) &&
        std::ranges::all_of(list, [](const rocks::ListEntry& entry) {
          return entry.vertex.value >> rocks::kLabelRowBits == 0 && entry.rank <= UINT16_MAX;
        });
    if (!reads) {
      return Bad(round, Severity::kDerived, Family::kPostings, key, "the list can't be read");
    }
    if (round == Round::kFirst) report_.index_entries += list.size();
    for (const rocks::ListEntry& entry : list) {
      postings.Add(Side::kDerived, rocks::PackPosting({std::string(key), entry}));
    }
  });
}

Status Scanner::Ledger() {
  return ForEachRow(Family::kLedger,
                    [this](std::string_view, std::string_view) { ++report_.ledger_entries; });
}

Status Scanner::Changes() {
  Change change;
  uint64_t next = 1;
  const uint64_t epoch = view_.head().epoch;
  const auto lacks = [&](uint64_t before) {
    if (next >= before) return;
    findings_.Add(Severity::kLost, Family::kChanges, rocks::ChangeKey(next).bytes(),
                  "the change log lacks epoch " + std::to_string(next) +
                      (before - next > 1 ? " and those up to " + std::to_string(before - 1) : ""));
  };
  QIPU_TRY(ForEachRow(Family::kChanges, [&](std::string_view key, std::string_view value) {
    ++report_.changes;
    const bool reads = rocks::DecodeChange(key, value, change);
    if (!reads) {
      findings_.Add(Severity::kLost, Family::kChanges, key, "the change can't be read");
    }
    if (key.size() != sizeof(uint64_t)) return;
    const uint64_t at = ReadBigEndian(key, 0, sizeof(uint64_t));
    if (at > epoch || at == 0) {
      findings_.Add(Severity::kLost, Family::kChanges, key,
                    "a change of epoch " + std::to_string(at) + ", but the graph is at epoch " +
                        std::to_string(epoch));
      return;
    }
    lacks(at);
    next = at + 1;
  }));
  if (!broken.contains(Family::kChanges)) lacks(epoch + 1);
  return Ok{};
}

}  // namespace qipu::graph::verify
