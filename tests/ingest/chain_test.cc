#include "ingest/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace qipu::ingest {
namespace {

using testing::HasSubstr;

Result<ChainDefinition> Read(const std::string& text) {
  auto document = graph::JsonDocument::Parse(text, "chain.json");
  if (!document.ok()) return document.error();
  return ReadChain(document->root());
}

/// A chain file with these parts: three segments a, b, c.
std::string ChainText(const std::string& links, const std::string& extra = "",
                      const std::string& stage = "upstream") {
  return R"({
"chain": "test", "version": "1", "name": "测试", "name_en": "Test", "sources": ["own"],
"groups": [{"id": "g", "name": "组", "name_en": "Group", "stage": "upstream"}],
"segments": [
{"id": "a", "name": "甲", "name_en": "A", "group": "g", "stage": ")" +
         stage + R"(", "role": "device"},
{"id": "b", "name": "乙", "name_en": "B", "group": "g", "stage": "midstream", "role": "device"},
{"id": "robot", "name": "丙", "name_en": "C", "group": "g", "stage": "downstream", "role": "x",
 "weight": 2.5}],
"links": )" +
         links + extra + "}";
}

TEST(ReadChain, TakesGroupsSegmentsAndLinks) {
  const auto chain = Read(ChainText(R"([["a", "b"], ["b", "robot"]])"));
  ASSERT_TRUE(chain.ok()) << chain.error().message;
  EXPECT_EQ(chain->id, "test");
  ASSERT_EQ(chain->segments.size(), 3u);
  EXPECT_EQ(chain->segments[0].weight, 1);
  EXPECT_EQ(chain->segments[2].weight, 2.5);
  EXPECT_EQ(chain->segments[1].stage, Stage::kMidstream);
  EXPECT_THAT(chain->links, testing::ElementsAre(std::pair(0, 1), std::pair(1, 2)));
}

TEST(ReadChain, NamesFileLineAndKeyOfWhatIsWrong) {
  const struct {
    const char* name;
    std::string text;
    std::vector<const char*> want;
  } cases[] = {
      {"unknown segment in a link",
       ChainText(R"([["a", "robt"]])"),
       {"chain.json:9", "links[0][1]", "unknown segment 'robt'", "did you mean 'robot'?"}},
      {"link of three",
       ChainText(R"([["a", "b", "robot"]])"),
       {"links[0]", "[supplier, customer]"}},
      {"link twice", ChainText(R"([["a", "b"], ["a", "b"]])"), {"links[1]", "twice"}},
      {"link to itself", ChainText(R"([["a", "a"]])"), {"cycle: a -> a"}},
      {"cycle",
       ChainText(R"([["a", "b"], ["b", "robot"], ["robot", "b"]])"),
       {"chain.json:9", "cycle: b -> robot -> b"}},
      {"unknown stage", ChainText("[]", "", "upsteam"), {"segments[0].stage", "'upsteam'"}},
      {"unknown key", ChainText("[]", R"(, "ruels": {})"), {"'ruels'", "rules"}},
      {"confidence", ChainText("[]", R"(, "confidence": 1.5)"), {"confidence", "between 0 and 1"}},
      {"missing", R"({"chain": "x"})", {"version"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto chain = Read(c.text);
    ASSERT_FALSE(chain.ok());
    EXPECT_EQ(chain.error().code, ErrorCode::kInvalidArgument);
    for (const char* part : c.want) EXPECT_THAT(chain.error().message, HasSubstr(part));
  }
}

TEST(ReadChain, RefusesDoubleIdsAndUnknownGroups) {
  std::string twice = ChainText("[]");
  twice.replace(twice.find(R"("id": "b")"), 9, R"("id": "a")");
  EXPECT_THAT(Read(twice).error().message, HasSubstr("segments[1].id"));
  std::string group = ChainText("[]");
  group.replace(group.find(R"("group": "g")"), 12, R"("group": "h")");
  EXPECT_THAT(Read(group).error().message, HasSubstr("unknown group 'h'"));
  std::string weight = ChainText("[]");
  weight.replace(weight.find("2.5"), 3, "0.0");
  EXPECT_THAT(Read(weight).error().message, HasSubstr("segments[2].weight"));
}

TEST(ReadChain, TakesTheChainWeShip) {
  const std::string path =
      std::string(QIPU_SOURCE_DIR) + "/schemas/reference/chains/smart-manufacturing.json";
  const auto document = graph::JsonDocument::Load(path);
  ASSERT_TRUE(document.ok()) << document.error().message;
  const auto chain = ReadChain(document->root());
  ASSERT_TRUE(chain.ok()) << chain.error().message;
  EXPECT_EQ(chain->groups.size(), 15u);
  EXPECT_EQ(chain->segments.size(), 86u);
  EXPECT_EQ(chain->links.size(), 261u);
  std::set<size_t> linked;
  for (const auto& [from, to] : chain->links) {
    linked.insert(from);
    linked.insert(to);
  }
  EXPECT_EQ(linked.size(), chain->segments.size()) << "a segment without any link";
}

}  // namespace
}  // namespace qipu::ingest
