#include "graph/json.h"

#include <gmock/gmock.h>

#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

using testing::HasSubstr;

TEST(Json, KnowsLineAndPathOfEachNode) {
  const auto document = JsonDocument::Parse(
      "{\n  \"tree\": {\"children\": [1,\n    {\"weight\": 0.5}]},\n\n  \"n\\u0061me\": \"x\"}",
      "m.json");
  ASSERT_TRUE(document.ok());
  const JsonNode* children = document->root().Find("tree")->Find("children");
  const JsonNode& weight = *(**children->Array())[1].Find("weight");
  EXPECT_EQ(weight.path(), "tree.children[1].weight");
  EXPECT_EQ(weight.line(), 3);
  EXPECT_EQ(*weight.Number(), 0.5);
  EXPECT_EQ(document->root().Find("name")->line(), 5);
  EXPECT_FAILS(weight.String(), ErrorCode::kInvalidArgument,
               "m.json:3: key 'tree.children[1].weight': expected a string, found a number");
}

TEST(Json, RefusesWhatIsNoJson) {
  const struct {
    const char* name;
    std::string text;
    const char* want;
  } cases[] = {
      {"nothing", "", "f.json:1: "},
      {"comment", "// a\n{}", "f.json:1: "},
      {"trailing comma", "{\n\"a\": 1,\n}", "f.json:3: "},
      {"trailing content", "{}\n{}", "f.json:2: "},
      {"missing colon", "{\"a\" 1}", "f.json:1: "},
      {"cut off in a string", "{\n\"a\": \"x", "f.json:2: "},
      {"cut off in an object", "{\n\"a\": 1,\n\"b\"", "f.json:3: "},
      {"bare word", "{\"a\":\nyes}", "f.json:2: "},
      {"leading zero", "[01]", "f.json:1: "},
      {"number too large", "[1e999]", "f.json:1: "},
      {"bad escape", "[\"\\x\"]", "f.json:1: "},
      {"bad UTF-8", "[\"\xff\"]", "f.json:1: "},
      {"open string", "[\"a]", "f.json:1: "},
      {"wrong bracket", "[1}", "f.json:1: "},
      {"byte order mark", "\xEF\xBB\xBF{}", "byte order mark"},
      {"key twice", "{\"a\": {\"b\": 1,\n\"b\": 2}}", "f.json:2: key 'a.b': is there twice"},
      {"too deep", std::string(70, '[') + std::string(70, ']'), "nested deeper than 64"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FAILS(JsonDocument::Parse(c.text, "f.json"), ErrorCode::kInvalidArgument, c.want);
  }
}

TEST(Json, TakesScalarsAsRoot) {
  for (const char* text : {"12", "\"x\"", "true", "null", " [ ] "}) {
    EXPECT_OK(JsonDocument::Parse(text, "f.json"));
  }
}

TEST(Json, ReadersCheckTypes) {
  const auto document = JsonDocument::Parse(
      R"({"i": 3, "f": 3.0, "s": "a", "l": ["a", "b"], "m": [1], "o": {}, "n": null, "b": false,
          "big": 18446744073709551615})",
      "f.json");
  ASSERT_TRUE(document.ok());
  const JsonNode& root = document->root();
  EXPECT_EQ(*root.Find("i")->Int(), 3);
  EXPECT_EQ(*root.Find("i")->Number(), 3.0);
  EXPECT_FAILS(root.Find("f")->Int(), ErrorCode::kInvalidArgument, "expected a whole number");
  EXPECT_FAILS(root.Find("big")->Int(), ErrorCode::kInvalidArgument, "expected a whole number");
  EXPECT_EQ(*root.Find("l")->Strings(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*root.Find("s")->Strings(), (std::vector<std::string>{"a"}));
  EXPECT_FAILS(root.Find("m")->Strings(), ErrorCode::kInvalidArgument, "key 'm[0]'");
  EXPECT_FALSE(*root.Find("b")->Bool());
  EXPECT_TRUE(root.Find("n")->is_null());
  EXPECT_EQ(root.Find("absent"), nullptr);
  EXPECT_EQ(root.Find("i")->Find("x"), nullptr);
  EXPECT_FAILS(root.Get("absent"), ErrorCode::kInvalidArgument, "the key 'absent' is missing");
  EXPECT_FAILS(root.Find("o")->Array(), ErrorCode::kInvalidArgument, "expected an array");
}

TEST(Json, AllowOnlySuggests) {
  const auto document = JsonDocument::Parse("{\n\"lables\": 1}", "f.json");
  EXPECT_FAILS(document->root().AllowOnly({"labels", "edges"}), ErrorCode::kInvalidArgument,
               "f.json:2: key 'lables': unknown key; did you mean 'labels'?");
  EXPECT_FAILS(document->root().AllowOnly({"edges"}), ErrorCode::kInvalidArgument,
               "known here: edges");
}

TEST(Json, LoadNamesTheFile) {
  EXPECT_FAILS(JsonDocument::Load("no/such.json"), ErrorCode::kNotFound, "no/such.json");
}

TEST(JsonQuote, Escapes) {
  EXPECT_EQ(JsonQuote("a\"\\\n\t\x01企"), "\"a\\\"\\\\\\n\\t\\u0001企\"");
}

TEST(NearestName, FindsSlipsAndNothingElse) {
  const std::vector<std::string> names = {"Company", "City", "Province", "产业链"};
  const struct {
    const char* name;
    const char* want;
  } cases[] = {
      {"Compnay", "Company"}, {"company", "Company"},
      {"Citi", "City"},       {"Provinces", "Province"},
      {"产业琏", "产业链"},   {"x", ""},
      {"Segment", ""},        {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(NearestName(c.name, names), c.want) << c.name;
}

}  // namespace
}  // namespace qipu::graph
