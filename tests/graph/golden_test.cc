#include <gtest/gtest.h>

#include <map>
#include <string>

#include "graph/rocks/database.h"
#include "tests/graph/damage.h"
#include "tests/graph/fresh_store.h"

/// The format is to last: whoever changes these bytes makes a new kFormatVersion.
namespace qipu::graph {
namespace {

using rocks::Family;
using Rows = std::map<std::string, std::string>;

std::string Hex(std::string_view text) { return rocks::HexOf(text); }

const std::string kZero = "00000000", kOne = "00000001", kZero64 = kZero + kZero,
                  kOne64 = kZero + kOne, kRow0 = "000000000000";

const std::map<Family, Rows> kGolden = {
    {Family::kKeys, {{kZero + Hex("x"), "00"}, {kZero + Hex("y"), "01"}}},
    {Family::kVertices,
     {{kZero64,
       "0100"
       "0100040178"},
      {kOne64,
       "0100"
       "0100040179"}}},
    {Family::kLabels,
     {{kZero + kRow0,
       "01"
       "0002"
       "0002"}}},
    {Family::kOut,
     {{kZero64,
       "01"
       "0103"
       "02"
       "0101"
       "06"
       "0401010206"
       "00"}}},
    {Family::kIn,
     {{kOne64,
       "01"
       "0003"
       "00"
       "0101"}}},
    {Family::kLedger, {{Hex("run"), Hex("1")}}},
    {Family::kChanges,
     {{kOne64,
       "01"
       "020105"
       "02"
       "01000100"
       "01000101"
       "01"}}},
    {Family::kIndexes,
     {{kZero +
           "0378"
           "0001" +
           kZero64,
       ""},
      {kZero +
           "0379"
           "0001" +
           kOne64,
       ""}}},
    {Family::kPostings,
     {{kOne + Hex("x") + "00" + kRow0,
       "01"
       "0002"
       "0101"},
      {kOne + Hex("y") + "00" + kRow0,
       "01"
       "0002"
       "0301"}}},
    {Family::kMeta,
     {{Hex("schema"), Hex(R"({"labels": {"A": {"key": "k"}}})")},
      {Hex("closed"), Hex("0")},
      {Hex("epoch"), "01"},
      {Hex("next_vertex"), "02"},
      {Hex("next_index"), "02"},
      {Hex("index/") + kZero, "000001"},
      {Hex("index/") + kOne, "000002"},
      {Hex("name/label/") + kZero, Hex("A")},
      {Hex("name/type/") + kZero, Hex("E")},
      {Hex("name/property/") + kZero, Hex("k")},
      {Hex("name/property/") + kOne, Hex("w")},
      {Hex("count/vertices"), "02"},
      {Hex("count/edges"), "02"},
      {Hex("count/label/") + kZero, "02"},
      {Hex("count/type/") + kZero, "02"}}},
};

Rows RowsOf(const std::string& directory, rocks::Family family) {
  const auto database = rocks::Database::Open(directory, {.access = Access::kReadOnly});
  EXPECT_OK(database);
  Rows rows;
  const auto iterator = (*database)->current()->Iterate(family, nullptr);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    rows[rocks::HexOf({iterator->key().data(), iterator->key().size()})] =
        rocks::HexOf({iterator->value().data(), iterator->value().size()});
  }
  return rows;
}

TEST(Format, GoldenRowsOfEachFamily) {
  FreshDirectory directory;
  {
    const auto schema = Schema::Parse(R"({"labels": {"A": {"key": "k"}}})", "a.json");
    const auto store = MakeStore(directory.path(), *schema);
    Transaction t = store->Begin();
    const VertexId x = *t.MergeVertex(t.Label("A"), "x"), y = *t.MergeVertex(t.Label("A"), "y");
    EXPECT_OK(t.PutEdge({x, t.EdgeType("E"), y}, {{t.Property("w"), Value(int64_t{3})}}));
    EXPECT_OK(t.CreateEdge(x, t.EdgeType("E"), y, {}));
    t.PutLedger("run", "1");
    EXPECT_OK(t.Commit());
    EXPECT_OK(store->MakeIndex("A", "k", IndexKind::kValue));
    EXPECT_OK(store->MakeIndex("A", "k", IndexKind::kText));
  }
  EXPECT_EQ(kGolden.size(), rocks::kFamilyCount);
  for (const auto& [family, rows] : kGolden) {
    EXPECT_EQ(RowsOf(directory.path(), family), rows) << rocks::FamilyName(family);
  }
  EXPECT_EQ(BytesOf(directory.File("FORMAT")), "qipu graph\nformat 3\n");
}

}  // namespace
}  // namespace qipu::graph
