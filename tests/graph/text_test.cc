#include "graph/text.h"

#include <gmock/gmock.h>

namespace qipu::graph {
namespace {

using testing::ElementsAreArray;
using Tokens = std::vector<std::string>;

TEST(Text, TokensOf) {
  const struct {
    const char* name;
    std::string text;
    Tokens want;
  } cases[] = {
      {"nothing", "", {}},
      {"no letters", " -·()", {}},
      {"case folded", "ABB Robotics", {"abb", "robotics"}},
      {"width folded", "ＡＢＢ１２", {"abb12"}},
      {"each once", "a a A", {"a"}},
      {"one character", "企", {"企"}},
      {"characters and pairs", "海尔智", {"尔", "尔智", "智", "海", "海尔"}},
      {"a gap parts pairs", "海(尔)", {"尔", "海"}},
      {"scripts part", "华为5G", {"5g", "为", "华", "华为"}},
      {"kana with a long vowel", "データ", {"ー", "ータ", "タ", "デ", "デー"}},
      {"marks belong to words", "É", {"é"}},
      {"broken bytes part words",
       "ab\xFF"
       "cd",
       {"ab", "cd"}},
      {"a long word is cut", std::string(100, 'x'), {std::string(kTokenBytesMax, 'x')}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Tokens want = c.want;
    std::sort(want.begin(), want.end());
    EXPECT_THAT(TokensOf(c.text), ElementsAreArray(want));
  }
}

TEST(Text, ParseTextQuery) {
  const struct {
    const char* name;
    std::string query;
    Tokens tokens;
    std::string prefix;
  } cases[] = {
      {"nothing", " ", {}, ""},
      {"a word may go on", "Robo", {}, "robo"},
      {"words before it are whole", "ABB Robo", {"abb"}, "robo"},
      {"a gap ends the last", "abb ", {"abb"}, ""},
      {"one character", "海", {"海"}, ""},
      {"pairs only", "海尔智", {"尔智", "海尔"}, ""},
      {"mixed", "华为5", {"华为"}, "5"},
      {"word then characters", "5G华为", {"5g", "华为"}, ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Tokens want = c.tokens;
    std::sort(want.begin(), want.end());
    const TextQuery parsed = ParseTextQuery(c.query);
    EXPECT_THAT(parsed.tokens, ElementsAreArray(want));
    EXPECT_EQ(parsed.prefix, c.prefix);
  }
}

TEST(Text, LengthOf) {
  EXPECT_EQ(LengthOf(""), 0u);
  EXPECT_EQ(LengthOf("a企é"), 3u);
}

}  // namespace
}  // namespace qipu::graph
