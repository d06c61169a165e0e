#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/classify/classify.h"

namespace qipu::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::unique_ptr<Classifier>> Make(const std::string& rules) {
  const std::string text = R"({
"chain": "test", "version": "1", "name": "n", "name_en": "n", "sources": [],
"groups": [{"id": "g", "name": "n", "name_en": "n", "stage": "upstream"}],
"segments": [
{"id": "robot", "name": "n", "name_en": "n", "group": "g", "stage": "upstream", "role": "device"},
{"id": "tool", "name": "n", "name_en": "n", "group": "g", "stage": "upstream", "role": "device"}],
"links": [],
"rules": )" + rules + "}";
  const auto document = graph::JsonDocument::Parse(text, "chain.json");
  if (!document.ok()) return document.error();
  return Classifier::Make(document->root());
}

// Rules of a registry in English: nothing of a language stands in the code.
constexpr const char* kEnglish = R"json({
"text": {"separators": [";", "."], "commas": [","], "list_marks": ["and"], "brackets": [["(", ")"]],
  "particles": ["of"], "followers": ["systems"], "not_after": ["except"], "heads": ["equipment"]},
"verbs": {
  "make": {"words": ["manufacture of", "making", "manufacturing"], "confidence": 0.9},
  "trade": {"words": ["sale of", "wholesale of"]}},
"defaults": {"device": {"verbs": ["make"]}},
"roles": [{"label": "DeviceSupplier", "segment_role": "device"}],
"segments": {
  "robot": [{"terms": ["robots", "robot"]}],
  "tool": [{"terms": ["machine tools"], "confidence": 0.5, "without": ["toy"]}]}})json";

TEST(ClassifyRules, KnowNoLanguage) {
  const auto classifier = Make(kEnglish);
  ASSERT_TRUE(classifier.ok()) << classifier.error().message;
  const struct {
    const char* scope;
    std::vector<std::string> want;
  } cases[] = {
      {"Manufacture of Robots; sale of machine tools", {"robot"}},
      {"MANUFACTURE OF ROBOTS, machine tools", {"robot", "tool"}},
      {"Manufacture of pumps and machine tools and systems", {"tool"}},
      {"Manufacture of robot systems (industrial)", {"robot"}},
      {"Manufacture of robotsuits", {}},
      {"Sale of robots, machine tools", {}},
      {"Manufacture of toy machine tools", {}},
      {"Manufacture of pumps, except robots", {}},
      {"Robots", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.scope);
    std::vector<std::string> found;
    for (const auto& match : (*classifier)->Classify("X Ltd", c.scope).segments) {
      found.push_back(match.segment);
    }
    EXPECT_EQ(found, c.want);
  }
}

TEST(ClassifyRules, AreNotNeeded) {
  const auto document = graph::JsonDocument::Parse(
      R"({"chain": "x", "version": "1", "name": "n", "name_en": "n", "sources": [], "groups": [],
          "segments": [], "links": []})",
      "chain.json");
  const auto classifier = Classifier::Make(document->root());
  ASSERT_TRUE(classifier.ok());
  EXPECT_TRUE((*classifier)->Classify("机器人", "机器人制造").segments.empty());
}

TEST(ClassifyRules, SayWhereTheyAreWrong) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string rules = kEnglish;
    return rules.replace(rules.find(from), from.size(), to);
  };
  const struct {
    const char* name;
    std::string rules;
    std::vector<const char*> want;
  } cases[] = {
      {"unknown key",
       with(R"("terms": ["robots")", R"("trems": ["robots")"),
       {"chain.json:", "rules.segments.robot[0].trems", "'terms'"}},
      {"unknown segment",
       with(R"("robot": [{)", R"("robbot": [{)"),
       {"unknown segment 'robbot'", "did you mean 'robot'?"}},
      {"unknown verb group",
       with(R"("verbs": ["make"])", R"("verbs": ["maek"])"),
       {"rules.defaults.device.verbs", "unknown verb group 'maek'", "'make'"}},
      {"verbs that prove nothing",
       with(R"("verbs": ["make"])", R"("verbs": ["trade"])"),
       {"rules.defaults.device.verbs", "no confidence"}},
      {"unknown role", with(R"({"device": )", R"({"devise": )"), {"'devise'", "'device'"}},
      {"no defaults",
       with(R"({"device": {"verbs": ["make"]}})", "{}"),
       {"rules.segments.robot[0]", "defaults of the role 'device'"}},
      {"confidence",
       with(R"("confidence": 0.5)", R"("confidence": 50)"),
       {"chain.json:18", "rules.segments.tool[0].confidence"}},
      {"blank word", with(R"("machine tools")", R"("  ")"), {"tool[0].terms", "blank"}},
      {"a rule of nothing",
       with(R"("terms": ["machine tools"], )", ""),
       {"rules.segments.tool[0]", "'terms', 'activities' or 'name'"}},
      {"boilerplate of all",
       with(R"("particles")", R"("boilerplate": ["*"], "particles")"),
       {"rules.text.boilerplate", "every clause"}},
      {"brackets",
       with(R"json(["(", ")"])json", R"json(["("])json"),
       {"rules.text.brackets[0]", "[opening, closing]"}},
      {"roles", with(R"("segment_role": "device")", R"("segment_role": "devic")"), {"'device'"}},
      {"too many words",
       with(R"("machine tools")", '"' + std::string(classify::kPhraseBytesMax + 1, 'x') + '"'),
       {"words of all rules"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto classifier = Make(c.rules);
    ASSERT_FALSE(classifier.ok());
    EXPECT_EQ(classifier.error().code, ErrorCode::kInvalidArgument);
    for (const char* part : c.want) EXPECT_THAT(classifier.error().message, HasSubstr(part));
  }
}

}  // namespace

namespace classify {
namespace {

TEST(Cleaner, FoldsAndDropsBrackets) {
  const Cleaner cleaner({{"(", ")"}, {"【", "】"}});
  const struct {
    const char* source;
    const char* want;
  } cases[] = {
      {"ＰＬＣ　控制柜", "plc控制柜"},
      {"a（b(c)d）e", "ae"},
      {"a【b)c", "ac"},
      {"a)b", "ab"},
      {"a(b", "a(b"},
      {"MES  System 系统 1 2", "mes system系统1 2"},
      {" \t a", "a"},
      {"", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.source);
    const CleanText clean = cleaner.Clean(c.source, Offsets::kKeep);
    EXPECT_EQ(clean.text, c.want);
    EXPECT_EQ(clean.offsets.size(), clean.text.size() + 1);
    EXPECT_EQ(clean.offsets.back(), std::string_view(c.source).size());
    EXPECT_EQ(cleaner.Clean(c.source, Offsets::kDrop).text, c.want);
  }
}

TEST(Cleaner, TellsWhereTheBracketsWere) {
  const Cleaner cleaner(Cleaner::Brackets{{"(", ")"}});
  const auto groups = [&](const char* source) {
    std::vector<std::pair<uint32_t, uint32_t>> places;
    for (const Span& group : cleaner.Clean(source, Offsets::kKeep).groups) {
      places.emplace_back(group.begin, group.end);
    }
    return places;
  };
  EXPECT_THAT(groups("a(b(c)d)(e)"), ElementsAre(std::pair(1, 8), std::pair(8, 11)));
  EXPECT_THAT(groups("（a）b"), ElementsAre(std::pair(0, 7)));
  EXPECT_THAT(groups("a(b(c)d"), ElementsAre(std::pair(3, 6)));
  EXPECT_THAT(groups("a)b"), ElementsAre());
}

TEST(PhraseSet, FindsAllPhrases) {
  PhraseSet set;
  const uint32_t he = set.Add("he");
  const uint32_t robot = set.Add("机器人");
  const uint32_t maker = set.Add("人造");
  const uint32_t digits = set.Add("5g");
  EXPECT_EQ(set.Add("he"), he);
  set.Compile({{1, 0}, {2, 2}, {}, {0, 1}});
  EXPECT_THAT(set.Find("机器人造"), ElementsAre(Hit{0, 9, robot}, Hit{6, 12, maker}));
  EXPECT_THAT(set.Find("she he 15g 5g5"), ElementsAre(Hit{4, 6, he}, Hit{11, 13, digits}));
  EXPECT_THAT(set.Find(""), ElementsAre());
  const auto triggered = [&](std::string_view text) { return set.Triggered(text).size(); };
  EXPECT_EQ(triggered("机器人"), 1u);
  EXPECT_EQ(triggered("he"), 0u);
  EXPECT_EQ(triggered("he 5g"), 1u);
}

}  // namespace
}  // namespace classify
}  // namespace qipu::ingest
