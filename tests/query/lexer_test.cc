#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

/// Tokens as `kind:text`, without the end.
std::vector<std::string> Kinds(std::string_view text) {
  const auto tokens = Tokenise(text);
  if (!tokens.ok()) return {tokens.error().message};
  std::vector<std::string> out;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::kEnd) break;
    constexpr const char* kNames[] = {"end",   "name",   "quoted", "int",
                                      "float", "string", "param",  ""};
    const std::string kind = kNames[static_cast<size_t>(token.kind)];
    out.push_back(kind.empty() ? token.text : kind + ":" + token.text);
  }
  return out;
}

TEST(Tokenise, SplitsText) {
  const struct {
    const char* text;
    std::vector<std::string> want;
  } cases[] = {
      {"", {}},
      {"MATCH (n)", {"name:MATCH", "(", "name:n", ")"}},
      {"a<=b<>c>=d=~e", {"name:a", "<=", "name:b", "<>", "name:c", ">=", "name:d", "=~", "name:e"}},
      {"<-[r]->", {"<", "-", "[", "name:r", "]", "-", ">"}},
      {"1 2.5 .5 1e3 1.5E-2 0x1F 0o17",
       {"int:1", "float:2.5", "float:.5", "float:1e3", "float:1.5E-2", "int:0x1F", "int:0o17"}},
      {"*1..3", {"*", "int:1", "..", "int:3"}},
      {"*..3", {"*", "..", "int:3"}},
      {"x.y", {"name:x", ".", "name:y"}},
      {"'it\\'s' \"a\\tb\" '\\u4f01\\U0001F600'", {"string:it's", "string:a\tb", "string:企😀"}},
      {"`a b` `a``b`", {"quoted:a b", "quoted:a`b"}},
      {"$name $1 $`my name`", {"param:name", "param:1", "param:my name"}},
      {"a // comment\nb /* more\n */ c", {"name:a", "name:b", "name:c"}},
      {"企业　n\u00a0m", {"name:企业", "name:n", "name:m"}},
      {"'（，）'", {"string:（，）"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(Kinds(c.text), ElementsAreArray(c.want));
  }
}

TEST(Tokenise, RefusesWithThePlace) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"RETURN 'abc", "line 1, column 8: this string has no closing quote"},
      {"RETURN\n `abc", "line 2, column 2: this name has no closing backtick"},
      {"RETURN ``", "a name can't be empty"},
      {"RETURN 1 /* never", "this comment has no end"},
      {"RETURN '\\q'", "column 9: there is no such escape"},
      {"RETURN '\\u12'", "needs 4 hexadecimal digits"},
      {"RETURN '\\uD800'", "no such character in Unicode"},
      {"RETURN 12ab", "neither a number nor a name"},
      {"RETURN $", "a parameter needs a name"},
      {"RETURN 1 ! 2", "'!' has no meaning here"},
      {"MATCH （n）", "column 7: a full-width '（'; write '('"},
      {"RETURN 企业，b", "column 10: a full-width '，'; write ','"},
      {"RETURN '\xff'", "the query is not UTF-8: byte 9"},
      {"RETURN '\xc0\x80'", "not UTF-8"},
      {"RETURN '\xed\xa0\x80'", "not UTF-8"},
      {"RETURN '\xe4\xbc", "not UTF-8"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto tokens = Tokenise(c.text);
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(tokens.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(tokens.error().message, HasSubstr(c.want));
  }
}

TEST(Tokenise, RefusesTooLongText) {
  const std::string text(kQueryBytesMax + 1, ' ');
  EXPECT_FALSE(Tokenise(text).ok());
  EXPECT_TRUE(Tokenise(text.substr(1)).ok());
}

TEST(ErrorAt, PutsTheCaretUnderThePlace) {
  const std::string text = "MATCH (企业:A)\nRETURN 企业.名 +\tx";
  const auto at = static_cast<uint32_t>(text.find("x"));
  EXPECT_EQ(ErrorAt(text, {at, at + 1}, ErrorCode::kUnsupported, "what").message,
            "line 2, column 15: what\n  RETURN 企业.名 + x\n                   ^");
  EXPECT_EQ(ErrorAt("", {0, 0}, ErrorCode::kIo, "what").message, "line 1, column 1: what\n  \n  ^");
  EXPECT_EQ(ErrorAt("ab", {9, 9}, ErrorCode::kIo, "what").message,
            "line 1, column 3: what\n  ab\n    ^");
}

}  // namespace
}  // namespace qipu::query
