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
    const rocks::ListEntry entry{
        VertexId{vertex.value & ((uint64_t{1} << rocks::kLabelRowBits) - 1)}, 0};
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

  void IndexValue(const Difference& difference) {
    rocks::IndexKeyParts parts;
    rocks::ParseIndexKey(difference.item, parts);  // the scan has let none else through
    const std::string name = NameOf(parts.index), vertex = std::to_string(parts.vertex.value);
    if (difference.only_in == Side::kTruth) {
      if (!scanner_.bad_rows[Family::kIndexes].contains(difference.item)) {
        findings_.Add(Severity::kDerived, Family::kIndexes, difference.item,
                      name + " lacks vertex " + vertex);
      }
      if (repairs_ != nullptr) repairs_->index_puts.insert(difference.item);
    } else if (!scanner_.unreadable.Has(parts.vertex)) {
      findings_.Add(Severity::kDerived, Family::kIndexes, difference.item,
                    name + " has vertex " + vertex + " under a value that it has not");
      if (repairs_ != nullptr) repairs_->index_deletes.insert(difference.item);
    }
  }

  void Posting(const Difference& difference) {
    const rocks::Posting posting = rocks::UnpackPosting(difference.item);
    rocks::PostingKeyParts parts;
    rocks::ParsePostingKey(posting.row, parts);
    const VertexId vertex{parts.row << rocks::kLabelRowBits | posting.entry.vertex.value};
    const std::string problem =
        " vertex " + std::to_string(vertex.value) + " under '" + std::string(parts.token) + "'";
    if (difference.only_in == Side::kTruth) {
      Missing(Family::kPostings, posting.row, posting.entry,
              NameOf(parts.index) + " lacks" + problem);
    } else if (!scanner_.unreadable.Has(vertex)) {
      TooMuch(Family::kPostings, posting.row, posting.entry,
              NameOf(parts.index) + " has" + problem + ", which its text has not");
    }
  }

  void Edge(const Difference& difference) {
    const EdgeRef edge{VertexId{ReadBigEndian(difference.item, 0, 8)},
                       EdgeTypeId{static_cast<uint32_t>(ReadBigEndian(difference.item, 8, 4))},
                       VertexId{ReadBigEndian(difference.item, 12, 8)},
                       static_cast<uint32_t>(ReadBigEndian(difference.item, 20, 4))};
    const rocks::Key out = rocks::VertexKey(edge.source), in = rocks::VertexKey(edge.target);
    const std::string name = "the edge of type " +
                             NameOf(view_.catalog().edge_types, edge.type.value) + " from vertex " +
                             std::to_string(edge.source.value) + " to vertex " +
                             std::to_string(edge.target.value);
    if (difference.only_in == Side::kTruth) {
      Missing(Family::kIn, in.bytes(), {edge.source, edge.rank, edge.type},
              name + " is not in the list of its target");
    } else if (scanner_.bad_rows[Family::kOut].contains(out.bytes())) {
      // The list of the source can't be read; those of the targets still know its edges.
      Missing(Family::kOut, out.bytes(), {edge.target, edge.rank, edge.type}, "");
      Counted(edge.type);
    } else {
      TooMuch(Family::kIn, in.bytes(), {edge.source, edge.rank, edge.type},
              name + " is not in the list of its source");
    }
  }

 private:
  std::string NameOf(uint32_t index) const {
    for (const Index& known : view_.head().indexes) {
      if (known.number != index) continue;
      return "the index on (" + view_.catalog().NameOf(known.label) + ", " +
             view_.catalog().NameOf(known.property) + ")";
    }
    return "index " + std::to_string(index) + ", which does not exist,";
  }
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
  void Missing(Family family, std::string_view row, const rocks::ListEntry& entry,
               const std::string& problem) {
    if (!scanner_.bad_rows[family].contains(row)) {
      findings_.Add(Severity::kDerived, family, row, problem);
    }
    if (repairs_ != nullptr) repairs_->lists[family][std::string(row)].adds.push_back(entry);
  }

  void TooMuch(Family family, std::string_view row, const rocks::ListEntry& entry,
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
  for (SetComparison* sets :
       {&scanner.labels, &scanner.keys, &scanner.edges, &scanner.values, &scanner.postings}) {
    sets->EndSums();
  }
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
  while (readable(Family::kVertices, Family::kIndexes) && scanner.values.Choose()) {
    QIPU_TRY(scanner.Vertices(Round::kAgain));
    QIPU_TRY(scanner.IndexValues(Round::kAgain));
    for (const auto& difference : scanner.values.TakeDifferences()) teller.IndexValue(difference);
  }
  while (readable(Family::kVertices, Family::kPostings) && scanner.postings.Choose()) {
    QIPU_TRY(scanner.Vertices(Round::kAgain));
    QIPU_TRY(scanner.Postings(Round::kAgain));
    for (const auto& difference : scanner.postings.TakeDifferences()) teller.Posting(difference);
  }
  while (readable(Family::kOut, Family::kIn) && scanner.edges.Choose()) {
    QIPU_TRY(scanner.Out(Round::kAgain));
    QIPU_TRY(scanner.In(Round::kAgain));
    for (const Difference& difference : scanner.edges.TakeDifferences()) teller.Edge(difference);
  }
  return Ok{};
}

}  // namespace qipu::graph::verify
