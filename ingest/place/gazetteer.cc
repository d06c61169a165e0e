#include <algorithm>
#include <utility>

#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

double ConfidenceOf(const AddressReading& reading) {
  switch (reading.form) {
    case NameForm::kAlias:
      return reading.certain ? kConfidenceAlias : kConfidenceMostly;
    case NameForm::kShort:
    case NameForm::kFormer:
    case NameForm::kFormerShort:
      return reading.adjacent ? kConfidenceShort : kConfidenceDistant;
    case NameForm::kFull:
    case NameForm::kDerived:
      break;
  }
  if (!reading.adjacent) return kConfidenceDistant;
  return reading.region == kNoCode ? kConfidenceFull : kConfidenceChain;
}

class TableGazetteer : public Gazetteer {
 public:
  TableGazetteer(RegionTable table, NameIndex index)
      : table_(std::move(table)), index_(std::move(index)) {}

  std::optional<Placing> Place(const PlaceQuery& query) const override;
  std::optional<Placing> PlaceByAddress(const PlaceQuery& query) const override;
  std::optional<Placing> PlaceByCode(std::string_view code, int year) const override;
  std::vector<std::string> LeavesOf(std::string_view code, int year) const override;
  bool InForce(std::string_view code) const override;
  const Region* Find(std::string_view code) const override;

 private:
  /// What the address and the columns say, before any choice among several.
  struct Reading {
    PlaceContext context;
    AddressReading address;
  };
  Reading ReadQuery(const PlaceQuery& query) const;
  std::optional<Placing> FromAddress(const Reading& reading) const;
  std::optional<Placing> FromColumn(const Reading& reading, const PlaceQuery& query) const;
  std::optional<Placing> FromName(const Reading& reading, const PlaceQuery& query) const;
  std::vector<RowId> LeafRowsOf(std::string_view code, int year) const;
  Placing Answer(RowId leaf, PlaceMethod method, double confidence,
                 std::string_view evidence) const;
  std::vector<std::string> CodesOf(const std::vector<RowId>& rows, RowId but) const;

  RegionTable table_;
  NameIndex index_;
};

Placing TableGazetteer::Answer(RowId leaf, PlaceMethod method, double confidence,
                               std::string_view evidence) const {
  return {table_.row(leaf).code, method, confidence, std::string(evidence), {}};
}

std::vector<std::string> TableGazetteer::CodesOf(const std::vector<RowId>& rows, RowId but) const {
  std::vector<std::string> codes;
  for (const RowId row : rows) {
    if (row != but) codes.push_back(table_.row(row).code);
  }
  return codes;
}

TableGazetteer::Reading TableGazetteer::ReadQuery(const PlaceQuery& query) const {
  Reading reading;
  reading.context = ReadColumns(index_, table_, query);
  reading.address =
      ReadAddress(index_, table_, reading.context, query.address, ReadMode::kAnywhere);
  return reading;
}

std::optional<Placing> TableGazetteer::FromAddress(const Reading& reading) const {
  const AddressReading& address = reading.address;
  if (address.leaves.size() == 1) {
    return Answer(address.leaves.front(), PlaceMethod::kAddress, ConfidenceOf(address),
                  address.words);
  }
  return std::nullopt;
}

std::optional<Placing> TableGazetteer::FromColumn(const Reading& reading,
                                                  const PlaceQuery& query) const {
  const std::vector<RowId>& leaves = reading.context.leaves;
  if (leaves.size() != 1) return std::nullopt;
  const RowId leaf = leaves.front();
  const AddressReading& address = reading.address;
  const bool contradicted = address.leaves.empty()
                                ? address.region != kNoCode && !table_.IsAbove(address.region, leaf)
                                : !std::ranges::binary_search(address.leaves, leaf);
  if (contradicted) return std::nullopt;
  Placing placing = Answer(leaf, PlaceMethod::kDeclared, kConfidenceColumn, query.city);
  placing.alternatives = CodesOf(address.leaves, leaf);
  return placing;
}

std::optional<Placing> TableGazetteer::FromName(const Reading& reading,
                                                const PlaceQuery& query) const {
  if (!reading.address.leaves.empty()) return std::nullopt;
  PlaceContext context = reading.context;
  if (reading.address.region != kNoCode) context.city = reading.address.region;
  const AddressReading name =
      ReadAddress(index_, table_, context, query.name, ReadMode::kStartOnly);
  if (name.leaves.size() != 1) return std::nullopt;
  return Answer(name.leaves.front(), PlaceMethod::kAddress, kConfidenceName, name.words);
}

std::optional<Placing> TableGazetteer::PlaceByAddress(const PlaceQuery& query) const {
  const Reading reading = ReadQuery(query);
  if (auto placing = FromAddress(reading)) return placing;
  if (auto placing = FromColumn(reading, query)) return placing;
  return FromName(reading, query);
}

std::optional<Placing> TableGazetteer::Place(const PlaceQuery& query) const {
  const Reading reading = ReadQuery(query);
  const std::vector<RowId> coded = LeafRowsOf(query.code, query.year);
  if (auto placing = FromAddress(reading)) {
    if (coded.size() == 1 && table_.row(coded.front()).code == placing->code) {
      placing->confidence = kConfidenceAgreed;
    } else {
      placing->alternatives = CodesOf(coded, reading.address.leaves.front());
    }
    return placing;
  }
  if (!reading.address.leaves.empty()) {
    std::vector<RowId> both;
    std::ranges::set_intersection(reading.address.leaves, coded, std::back_inserter(both));
    if (both.size() == 1) {
      Placing placing =
          Answer(both.front(), PlaceMethod::kAddress, kConfidenceTieBreak, reading.address.words);
      placing.alternatives = CodesOf(reading.address.leaves, both.front());
      return placing;
    }
  }
  if (auto placing = FromColumn(reading, query)) return placing;
  if (reading.address.leaves.empty()) {
    if (auto placing = PlaceByCode(query.code, query.year)) return placing;
  }
  return FromName(reading, query);
}

std::vector<RowId> TableGazetteer::LeafRowsOf(std::string_view code, int year) const {
  const CodeId id = code.empty() ? kNoCode : table_.FindCode(code);
  return id == kNoCode ? std::vector<RowId>() : table_.leads_to(table_.RowAt(id, year));
}

std::optional<Placing> TableGazetteer::PlaceByCode(std::string_view code, int year) const {
  const std::vector<RowId> leaves = LeafRowsOf(code, year);
  if (leaves.size() != 1) return std::nullopt;
  const bool same = table_.row(leaves.front()).code == code;
  return Answer(leaves.front(), PlaceMethod::kCode, same ? kConfidenceCode : kConfidenceSuccession,
                code);
}

std::vector<std::string> TableGazetteer::LeavesOf(std::string_view code, int year) const {
  std::vector<std::string> codes;
  for (const RowId leaf : LeafRowsOf(code, year)) codes.push_back(table_.row(leaf).code);
  return codes;
}

bool TableGazetteer::InForce(std::string_view code) const {
  const CodeId id = table_.FindCode(code);
  if (id == kNoCode) return false;
  const RowId row = table_.NewestRow(id);
  return table_.in_force(row) && table_.is_leaf(row);
}

const Region* TableGazetteer::Find(std::string_view code) const {
  const CodeId id = table_.FindCode(code);
  return id == kNoCode ? nullptr : &table_.row(table_.NewestRow(id));
}

}  // namespace

std::string_view PlaceMethodName(PlaceMethod method) {
  switch (method) {
    case PlaceMethod::kAddress:
      return "address";
    case PlaceMethod::kCode:
      return "code";
    case PlaceMethod::kDeclared:
      break;
  }
  return "declared";
}

Result<std::unique_ptr<Gazetteer>> Gazetteer::Make(std::vector<Region> regions,
                                                   std::vector<PlaceAlias> aliases,
                                                   const PlaceRules& rules) {
  RegionTable table = QIPU_TRY(RegionTable::Make(std::move(regions)));
  NameIndex index = QIPU_TRY(NameIndex::Make(table, aliases, rules));
  return std::unique_ptr<Gazetteer>(
      std::make_unique<TableGazetteer>(std::move(table), std::move(index)));
}

}  // namespace qipu::ingest
