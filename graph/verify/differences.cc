#include "graph/verify/verify.h"

namespace qipu::graph::verify {
namespace {

using rocks::Family;
using rocks::ReadBigEndian;
using Difference = SetComparison::Difference;

/// Tells one kind of difference at a time.
class Teller {
 public:
  Teller(const rocks::View& view, Scanner& scanner, Findings& findings, Repairs* repairs)
      : view_(view), scanner_(scanner), findings_(findings), repairs_(repairs) {}

  void Label(const Difference& difference) {
    const LabelId label{static_cast<uint32_t>(ReadBigEndian(difference.item, 0, 4))};
    const VertexId vertex{ReadBigEndian(difference.item, 4, 8)};
    const rocks::Key row = rocks::LabelRowKey(label, vertex.value >> rocks::kLabelRowBits);
    const Neighbour entry{VertexId{vertex.value & ((uint64_t{1} << rocks::kLabelRowBits) - 1)}, 0};
    const std::string name = NameOf(view_.catalog().labels, label.value);
    if (difference.only_in == Side::kTruth) {
      Missing(Family::kLabels, row.bytes(), entry,
              "the list of label " + name + " lacks vertex " + std::to_string(vertex.value));
    } else if (!scanner_.unreadable.Has(vertex)) {
      TooMuch(Family::kLabels, row.bytes(), entry,
              "the list of label " + name + " has vertex " + std::to_string(vertex.value) +
                  ", which is none of it");
    }
  }

  Status Key(const Difference& difference) {
    const LabelId label{static_cast<uint32_t>(ReadBigEndian(difference.item, 0, 4))};
    const VertexId vertex{ReadBigEndian(difference.item, 4, 8)};
    const std::string key = difference.item.substr(12);
    std::string row;
    rocks::AppendDictionaryKey(row, label, key);
    const std::string name = NameOf(view_.catalog().labels, label.value) + " '" + key + "'";
    if (difference.only_in == Side::kDerived) {
      if (scanner_.unreadable.Has(vertex)) return Ok{};
      findings_.Add(Severity::kDerived, Family::kKeys, row,
                    "the key of " + name + " leads to vertex " + std::to_string(vertex.value) +
                        ", which has no such key");
      if (repairs_ != nullptr) repairs_->key_deletes.insert(row);
      return Ok{};
    }
    const bool bad = scanner_.bad_rows[Family::kKeys].contains(row);
    if (!bad) {
      const auto other = QIPU_TRY(view_.FindKey(label, key));
      if (other && QIPU_TRY(HasKey(*other, label, key))) {
        findings_.Add(Severity::kLost, Family::kKeys, row,
                      "vertices " + std::to_string(other->value) + " and " +
                          std::to_string(vertex.value) + " are both " + name);
        return Ok{};
      }
      findings_.Add(Severity::kDerived, Family::kKeys, row,
                    "the key of " + name + ", vertex " + std::to_string(vertex.value) +
                        ", is not in the dictionary");
    }
    if (repairs_ != nullptr) repairs_->key_puts.emplace(row, vertex);
    return Ok{};
  }

  void Edge(const Difference& difference) {
    const EdgeRef edge{VertexId{ReadBigEndian(difference.item, 0, 8)},
                       EdgeTypeId{static_cast<uint32_t>(ReadBigEndian(difference.item, 8, 4))},
                       VertexId{ReadBigEndian(difference.item, 12, 8)},
                       static_cast<uint32_t>(ReadBigEndian(difference.item, 20, 4))};
    const rocks::Key out = rocks::AdjacencyKey(edge.source, edge.type);
    const rocks::Key in = rocks::AdjacencyKey(edge.target, edge.type);
    const std::string name = "the edge of type " +
                             NameOf(view_.catalog().edge_types, edge.type.value) + " from vertex " +
                             std::to_string(edge.source.value) + " to vertex " +
                             std::to_string(edge.target.value);
    if (difference.only_in == Side::kTruth) {
      Missing(Family::kIn, in.bytes(), {edge.source, edge.rank},
              name + " is not in the list of its target");
    } else if (scanner_.bad_rows[Family::kOut].contains(out.bytes())) {
      // The list of the source can't be read; those of the targets still know its edges.
      Missing(Family::kOut, out.bytes(), {edge.target, edge.rank}, "");
      Counted(edge.type);
    } else {
      TooMuch(Family::kIn, in.bytes(), {edge.source, edge.rank},
              name + " is not in the list of its source");
    }
  }

 private:
  static std::string NameOf(const NameTable& names, uint32_t number) {
    return number < names.size() ? names.NameOf(number) : "number " + std::to_string(number);
  }

  void Counted(EdgeTypeId type) {
    auto& counts = scanner_.counted.per_type;
    if (counts.size() <= type.value) counts.resize(type.value + size_t{1});
    ++counts[type.value];
    ++scanner_.counted.edges;
  }

  Result<bool> HasKey(VertexId id, LabelId label, const std::string& key) const {
    Vertex vertex;
    if (scanner_.unreadable.Has(id)) return true;
    if (!QIPU_TRY(view_.ReadVertex(id, vertex)) || !vertex.Has(label)) return false;
    const Value* value = vertex.Find(*view_.rules().Of(label).key);
    return value != nullptr && value->AsString() != nullptr && *value->AsString() == key;
  }

  /// A row that can't be read has been told already as a whole.
  void Missing(Family family, std::string_view row, const Neighbour& entry,
               const std::string& problem) {
    if (!scanner_.bad_rows[family].contains(row)) {
      findings_.Add(Severity::kDerived, family, row, problem);
    }
    if (repairs_ != nullptr) repairs_->lists[family][std::string(row)].adds.push_back(entry);
  }

  void TooMuch(Family family, std::string_view row, const Neighbour& entry,
               const std::string& problem) {
    findings_.Add(Severity::kDerived, family, row, problem);
    if (repairs_ != nullptr) repairs_->lists[family][std::string(row)].deletes.push_back(entry);
  }

  const rocks::View& view_;
  Scanner& scanner_;
  Findings& findings_;
  Repairs* const repairs_;
};

}  // namespace

Status TellDifferences(const rocks::View& view, Scanner& scanner, Findings& findings,
                       Repairs* repairs) {
  Teller teller(view, scanner, findings, repairs);
  for (SetComparison* sets : {&scanner.labels, &scanner.keys, &scanner.edges}) sets->EndSums();
  const auto readable = [&scanner](Family a, Family b) {
    return !scanner.broken.contains(a) && !scanner.broken.contains(b);
  };
  while (readable(Family::kVertices, Family::kLabels) && scanner.labels.Choose()) {
    QIPU_TRY(scanner.Vertices(Round::kAgain));
    QIPU_TRY(scanner.Labels(Round::kAgain));
    for (const Difference& difference : scanner.labels.TakeDifferences()) teller.Label(difference);
  }
  while (readable(Family::kVertices, Family::kKeys) && scanner.keys.Choose()) {
    QIPU_TRY(scanner.Vertices(Round::kAgain));
    QIPU_TRY(scanner.Keys(Round::kAgain));
    for (const Difference& difference : scanner.keys.TakeDifferences()) {
      QIPU_TRY(teller.Key(difference));
    }
  }
  while (readable(Family::kOut, Family::kIn) && scanner.edges.Choose()) {
    QIPU_TRY(scanner.Out(Round::kAgain));
    QIPU_TRY(scanner.In(Round::kAgain));
    for (const Difference& difference : scanner.edges.TakeDifferences()) teller.Edge(difference);
  }
  return Ok{};
}

}  // namespace qipu::graph::verify
