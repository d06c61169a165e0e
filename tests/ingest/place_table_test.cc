#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ingest/place/place.h"
#include "tests/ingest/place_reference.h"

namespace qipu::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Repeated(std::string_view text, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(PlaceByCode, FollowsRetiredCodes) {
  const struct {
    const char* what;
    const char* code;
    int year;
    std::vector<std::string> leaves;
  } cases[] = {
      {"in force", "440305", 0, {"440305"}},
      {"in force, any year", "440305", 1985, {"440305"}},
      {"a part left it, the rest went on", "440306", 2010, {"440306"}},
      {"merged", "110103", 0, {"110101"}},
      {"raised twice", "120223", 1990, {"120118"}},
      {"split", "330104", 0, {"330102", "330114"}},
      {"used twice, now", "130107", 0, {"130107"}},
      {"used twice, then", "130107", 1985, {"130121"}},
      {"used twice, moved to another province", "511421", 1996, {"500231"}},
      {"used twice, the later", "511421", 2005, {"511421"}},
      {"became a city with districts", "422101", 1982, {}},
      {"a city", "440300", 0, {}},
      {"a city without districts", "441900", 0, {"441900"}},
      {"a province", "440000", 0, {}},
      {"unknown", "999999", 0, {}},
      {"empty", "", 0, {}},
  };
  const Gazetteer& gazetteer = ReferenceGazetteer();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    EXPECT_EQ(gazetteer.LeavesOf(c.code, c.year), c.leaves);
    const auto placing = gazetteer.PlaceByCode(c.code, c.year);
    ASSERT_EQ(placing.has_value(), c.leaves.size() == 1);
    if (placing.has_value()) {
      EXPECT_EQ(placing->code, c.leaves.front());
      EXPECT_EQ(placing->method, PlaceMethod::kCode);
      EXPECT_EQ(placing->evidence, c.code);
    }
  }
}

TEST(Gazetteer, KnowsWhatIsInForce) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  for (const char* code : {"440305", "441900", "320571", "110105"}) {
    EXPECT_TRUE(gazetteer.InForce(code)) << code;
  }
  for (const char* code : {"110103", "440300", "440000", "810000", "999999", ""}) {
    EXPECT_FALSE(gazetteer.InForce(code)) << code;
  }
  EXPECT_EQ(gazetteer.Find("120110")->name, "东丽区");
  EXPECT_EQ(gazetteer.Find("110103")->last_year, 2010);
  EXPECT_EQ(gazetteer.Find("999999"), nullptr);
}

TEST(Gazetteer, SurvivesHostileText) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  const std::string address = "广东省深圳市南山区";
  for (size_t cut = 0; cut <= address.size(); ++cut) {
    SCOPED_TRACE(cut);
    const auto placing = gazetteer.PlaceByAddress({std::string_view(address).substr(0, cut)});
    const bool short_name_whole = cut >= address.size() - std::string_view("区").size();
    EXPECT_EQ(placing.has_value(), short_name_whole);
  }
  const std::string texts[] = {
      "",
      std::string(1, '\0'),
      std::string("广东省\0深圳市南山区", 28),
      "\xff\xfe\x80",
      "\xe5\xb9",
      "\xf5\x80\x80\x80",
      std::string(1 << 20, ' '),
      std::string(1 << 20, 'a'),
      std::string(1 << 20, '\xff'),
      Repeated("北京市", 1 << 18),
      Repeated("（", 1 << 18),
  };
  for (const std::string& text : texts) {
    const auto placing = gazetteer.Place({text, text, text, text, text});
    if (placing.has_value()) {
      EXPECT_EQ(placing->code, "440305");
    }
  }
  EXPECT_EQ(gazetteer.PlaceByAddress({"\xff\xfe" + address})->code, "440305");
  EXPECT_EQ(gazetteer.PlaceByAddress({address + Repeated("北京市", 1 << 18)})->code, "440305");
}

Region MakeRegion(std::string code, std::string name, std::string parent) {
  Region region;
  region.code = std::move(code);
  region.name = std::move(name);
  region.parent = std::move(parent);
  region.first_year = 2000;
  return region;
}

std::string MakeError(std::vector<Region> regions, std::vector<PlaceAlias> aliases = {}) {
  const auto made = Gazetteer::Make(std::move(regions), std::move(aliases), {});
  return made.ok() ? "" : made.error().message;
}

TEST(GazetteerMake, RefusesBrokenTables) {
  const Region top = MakeRegion("1", "Northland", "");
  EXPECT_THAT(MakeError({}), HasSubstr("empty"));
  EXPECT_THAT(MakeError({top, MakeRegion("2", "Ash", "9")}),
              HasSubstr("region 2 Ash (2000-): parent '9' is not in the table"));
  EXPECT_THAT(MakeError({MakeRegion("1", "Ash", "2"), MakeRegion("2", "Elm", "1")}),
              HasSubstr("circle"));
  Region retired = MakeRegion("2", "Ash", "1");
  retired.last_year = 2005;
  retired.successors = {"7"};
  EXPECT_THAT(MakeError({top, retired}), HasSubstr("successor '7' is not in the table"));
  retired.successors = {"1@20x5"};
  EXPECT_THAT(MakeError({top, retired}), HasSubstr("write code@year"));
  EXPECT_THAT(MakeError({top, MakeRegion("2", "Ash", "1")}, {{"Port", "1", "", true}}),
              HasSubstr("place alias 'Port': code '1'"));
  EXPECT_THAT(MakeError({top, MakeRegion("2", "Ash", "1")}, {{"Port", "2", "8", true}}),
              HasSubstr("within '8'"));
  EXPECT_THAT(MakeError({top, MakeRegion("2", "Ash", "1")}, {{"Port", "9", "", true, "a.csv:7: "}}),
              testing::StartsWith("a.csv:7: place alias 'Port': code '9'"));
  Region placed = MakeRegion("2", "Ash", "9");
  placed.place = "r.csv:5: ";
  EXPECT_THAT(MakeError({top, placed}), testing::StartsWith("r.csv:5: region 2 Ash"));
}

TEST(GazetteerMake, EndsOnSuccessorsInACircle) {
  const Region top = MakeRegion("1", "Northland", "");
  Region ash = MakeRegion("2", "Ash", "1");
  Region elm = MakeRegion("3", "Elm", "1");
  ash.last_year = elm.last_year = 2005;
  ash.successors = {"3"};
  elm.successors = {"2"};
  const auto made = Gazetteer::Make({top, ash, elm}, {}, {});
  ASSERT_TRUE(made.ok());
  EXPECT_THAT((*made)->LeavesOf("2"), IsEmpty());
}

TEST(GazetteerMake, WorksForAnyCountry) {
  PlaceRules rules;
  rules.skip_characters = ",";
  const auto made =
      Gazetteer::Make({MakeRegion("de:1", "Bayern", ""), MakeRegion("de:2", "München", "de:1"),
                       MakeRegion("de:3", "Augsburg", "de:1")},
                      {{"Schwabing", "de:2", "", true}}, rules);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)->PlaceByAddress({"Bayern, München, Marienplatz 1"})->code, "de:2");
  EXPECT_EQ((*made)->PlaceByAddress({"Schwabing"})->code, "de:2");
}

TEST(ReadPlaceRules, NamesWhatIsWrong) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"{}", "suffixes"},
      {R"({"peoples": [], "sufixes": []})", "sufixes"},
      {R"({"suffixes": 3, "peoples": [], "spellings": [], "not_before": [],
           "skip_words": [], "skip_characters": ""})",
       "suffixes"},
  };
  for (const auto& c : cases) {
    const auto document = graph::JsonDocument::Parse(c.text, "rules.json");
    ASSERT_TRUE(document.ok());
    const auto rules = ReadPlaceRules(document->root());
    ASSERT_FALSE(rules.ok());
    EXPECT_THAT(rules.error().message, HasSubstr("rules.json"));
    EXPECT_THAT(rules.error().message, HasSubstr(c.message));
  }
}

TEST(PlaceReference, EveryAliasIsFoundWhereItLies) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  std::multiset<std::pair<std::string, std::string>> bearers;
  for (const PlaceAlias& alias : ReferenceAliases()) bearers.emplace(alias.within, alias.name);
  for (const PlaceAlias& alias : ReferenceAliases()) {
    if (bearers.count({alias.within, alias.name}) > 1) continue;
    SCOPED_TRACE(alias.within + " " + alias.name);
    std::string address = alias.name;
    if (const Region* within = gazetteer.Find(alias.within); within != nullptr) {
      address = within->name + alias.name;
    }
    const auto placing = gazetteer.PlaceByAddress({address});
    ASSERT_TRUE(placing.has_value());
    EXPECT_EQ(placing->code, alias.code);
  }
}

TEST(PlaceReference, EveryUnitInForceIsFoundByItsFullAddress) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  size_t units = 0;
  for (const Region& region : ReferenceRegions()) {
    if (region.last_year != 0 || !gazetteer.InForce(region.code)) continue;
    ++units;
    std::string address = region.name;
    for (const Region* upper = gazetteer.Find(region.parent); upper != nullptr;
         upper = gazetteer.Find(upper->parent)) {
      address.insert(0, upper->name);
    }
    const auto placing = gazetteer.PlaceByAddress({address});
    ASSERT_TRUE(placing.has_value()) << address;
    EXPECT_EQ(placing->code, region.code) << address;
  }
  EXPECT_EQ(units, 2860u);  // 2,846 counties, 10 zones, 4 cities without districts
}

}  // namespace
}  // namespace qipu::ingest
