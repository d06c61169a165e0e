// What records become in the graph, and what is kept of them in the ledger.
#include "ingest/loader.h"

#include <gmock/gmock.h>

#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kAster = "QIPU00ASTERTEST001";

/// The text of the vertex with that key, as Dump writes it.
std::string VertexText(const std::string& dump, const std::string& key) {
  const auto at = dump.find("id = " + key + "\n");
  if (at == std::string::npos) return "";
  const auto start = dump.rfind("\n", dump.rfind(" :Company", at)) + 1;
  size_t end = dump.find('\n', at);
  while (end != std::string::npos && dump.compare(end + 1, 2, "  ") == 0) {
    end = dump.find('\n', end + 1);
  }
  return dump.substr(start, end - start);
}

class LoaderTest : public GuildTest {
 protected:
  std::string Lei(const std::string& base) const { return base + CheckDigits(base); }
  static std::string CheckDigits(const std::string& base) {
    int rest = 0;
    for (const char c : base + "00") {
      const int value = c <= '9' ? c - '0' : c - 'A' + 10;
      rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
    }
    const int digits = 98 - rest;
    return {static_cast<char>('0' + digits / 10), static_cast<char>('0' + digits % 10)};
  }
};

TEST_F(LoaderTest, ARecordBecomesAVertexWithItsEdgesAndProvenance) {
  const auto lei = Lei(kAster);
  const auto report = ImportGuild(
      {WriteGuild("a.csv", lei + ",Aster,2001-02-03,12,5 (k crown),T1,m/i,A. Clerk\n")});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{1, 1, 0, 0, 0}));
  EXPECT_EQ(report->changes.vertices_created, 1u);
  EXPECT_EQ(report->changes.edges_created, 1u);
  const auto text = VertexText(DumpStore(), "lei:" + lei);
  for (const auto* part :
       {":Company", ":Manufacturer", ":Integrator", "name = Aster", "founded = 2001-02-03",
        "employees = 12", "registered_capital_cny = 5000", "status = registered",
        "-LOCATED_IN-> 0 #0 method = declared"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("Clerk")));

  const auto snapshot = store_->TakeSnapshot();
  const auto vertex = *snapshot.FindVertex(*snapshot.catalog().FindLabel("Company"), "lei:" + lei);
  ASSERT_TRUE(vertex);
  const auto entries = *ReadProvenance(snapshot, *vertex);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].record, 1u);
  EXPECT_EQ(entries[0].span.line, 2u);
  EXPECT_EQ(entries[0].span.byte_offset, std::string(kGuildHeader).size());
  const auto file = *ReadFile(snapshot, entries[0].file);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->name, "a.csv");
  EXPECT_EQ(file->run, *report->run);
  const auto mapping = *ReadMapping(snapshot, file->mapping);
  ASSERT_TRUE(mapping);
  std::vector<std::string> gave;
  const auto& outputs = mapping->vertices[entries[0].rule].outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (entries[0].outputs >> i & 1) gave.push_back(outputs[i]);
  }
  EXPECT_THAT(gave, ElementsAre("name", "founded", "employees", "registered_capital_cny", "status",
                                "LOCATED_IN"));
}

TEST_F(LoaderTest, ACodeThatFailsItsCheckIsKeptAndNamesNothing) {
  const auto report =
      ImportGuild({WriteGuild("a.csv", kAster + "00,Aster,2001-02-03,,,,,\n" + kAster +
                                           "00,Birch,,,,,,\nnone,Cedar,,,,,,\n")});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{3, 3, 0, 0, 0}));
  const auto dump = DumpStore();
  const auto aster = VertexText(dump, "guild-local:Aster|2001-02-03");
  EXPECT_THAT(aster, HasSubstr("unverified_code = " + kAster + "00"));
  EXPECT_THAT(aster, HasSubstr("unverified_code_reason = "));
  EXPECT_THAT(VertexText(dump, "guild-local:Birch|"), HasSubstr("name = Birch"));
  EXPECT_THAT(VertexText(dump, "guild-local:Cedar|"), Not(HasSubstr("unverified")));
}

TEST_F(LoaderTest, TheLastRowWinsAndWhatItDoesNotSayStays) {
  const auto lei = Lei(kAster);
  const auto report = ImportGuild({WriteGuild(
      "a.csv", lei + ",Aster,2001-02-03,12,,T1,m,\n" + lei + ",Aster AG,,15,,T2,i,\n")});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{2, 2, 0, 0, 1}));
  const auto text = VertexText(DumpStore(), "lei:" + lei);
  EXPECT_THAT(text, HasSubstr("name = Aster AG"));
  EXPECT_THAT(text, HasSubstr("founded = 2001-02-03"));
  EXPECT_THAT(text, HasSubstr("employees = 15"));
  EXPECT_THAT(text, HasSubstr(":Manufacturer"));
  EXPECT_THAT(text, HasSubstr("-LOCATED_IN-> 1 "));
  EXPECT_THAT(text, Not(HasSubstr("-LOCATED_IN-> 0 ")));  // "one": the new town takes its place
}

TEST_F(LoaderTest, WhatCannotBeLoadedOfARecordIsNoted) {
  const auto report = ImportGuild({WriteGuild(
      "a.csv",
      "none,Aster,yesterday,,,,,\nnone,Birch,,,5 (shells),T9,,\nnone,Cedar,today,,,,,\n")});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals.loaded, 3u);
  EXPECT_THAT(report->notes, ElementsAre(Note{"DATE_INVALID", "founded", 2, 2},
                                         Note{"NUM_INVALID", "capital", 1, 3},
                                         Note{"REF_DANGLING", "LOCATED_IN", 1, 3}));
  EXPECT_THAT(VertexText(DumpStore(), "guild-local:Birch|"),
              HasSubstr("registered_capital_stated = 5 (shells)"));
}

TEST_F(LoaderTest, AHeaderAmongTheRecordsIsIgnoredAndNoted) {
  std::string blanks = kGuildHeader;
  blanks.replace(blanks.find(','), 1, " ,");
  const auto report = ImportGuild(
      {WriteGuild("a.csv", "none,Aster,,,,,,\n" + std::string(kGuildHeader) +
                               "none,Birch,,,,,,\n\xEF\xBB\xBF" + kGuildHeader + blanks)});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{5, 2, 0, 3, 0}));
  EXPECT_THAT(report->notes, ElementsAre(Note{"HDR_REPEAT", "", 3, 3}));
}

TEST_F(LoaderTest, AVertexThatMustExistIsNotMade) {
  const auto source = LoadSource("figures.json", R"({
    "source": "figures", "version": 1, "title": "Figures of towns", "licence": "CC0",
    "columns": {"code": {}, "people": {"type": "int"}},
    "vertices": {"town": {"label": "District", "key": "code", "must_exist": true,
                          "properties": {"population": "people"}}}})");
  const auto before = DumpStore();
  const auto report =
      Import(*store_, *source, Files({Write("a.csv", "code,people\nT1,7\nT9,8\nT8,9\n")}), {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{3, 3, 0, 0, 1}));
  EXPECT_THAT(report->notes, ElementsAre(Note{"REF_DANGLING", "District", 2, 3}));
  EXPECT_EQ(report->changes.vertices_created, 0u);
  EXPECT_EQ(report->changes.vertices_changed, 1u);
  EXPECT_THAT(DumpStore(), HasSubstr("population = 7"));
  EXPECT_THAT(DumpStore(), Not(HasSubstr("T9")));
  EXPECT_THAT(before, Not(HasSubstr("population")));
}

TEST_F(LoaderTest, EveryBatchOfAMixedFileIsCounted) {
  std::string lines;
  uint64_t rejected = 0;
  constexpr int kRecords = 5000;
  for (int i = 0; i < kRecords; ++i) {
    const bool bad = i % 7 == 0;
    rejected += bad ? 1 : 0;
    lines += "none,Firm " + std::to_string(i) + ",," + (bad ? "many" : "3") + ",,T1,,\n";
  }
  const auto report = ImportGuild({WriteGuild("a.csv", lines)});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{kRecords, kRecords - rejected, rejected, 0, 0}));
  EXPECT_EQ(report->changes.vertices_created, kRecords - rejected);
}

}  // namespace
}  // namespace qipu::ingest
