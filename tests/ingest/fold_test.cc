#include <gmock/gmock.h>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

struct Case {
  std::string text, want;
};

TEST(Trim, RemovesBlanksAtBothEnds) {
  const Case cases[] = {
      {"", ""},
      {" \t\r\n", ""},
      {"\u3000甲 乙\u00A0", "甲 乙"},
      {"\uFEFF甲\u200B", "甲"},
      {"\u2003a\u2028", "a"},
      {"甲", "甲"},
      {"\x80", "\x80"},
      {"a\xE3\x80", "a\xE3\x80"},
      {" \xE3\x80 ", "\xE3\x80"},
  };
  for (const Case& c : cases) EXPECT_EQ(Trim(c.text), c.want) << c.text;
}

TEST(FoldText, MakesSpellingsEqual) {
  const Case cases[] = {
      {"", ""},
      {"深圳市某某有限公司", "深圳市某某有限公司"},
      {"abc-123", "abc-123"},
      {"ＡＢＣ（中国）有限公司", "abc(中国)有限公司"},
      {"ABC(中国)有限公司", "abc(中国)有限公司"},
      {"甲【乙】〔丙〕［丁］[戊]", "甲(乙)(丙)(丁)(戊)"},
      {"阿·里", "阿·里"},
      {"阿•里", "阿·里"},
      {"阿・里", "阿·里"},
      {"阿･里", "阿·里"},
      {"阿‧里", "阿·里"},
      {"  甲 \u3000 乙\u00A0", "甲 乙"},
      {"甲\u200B乙\uFEFF", "甲乙"},
      {"Café ÉCOLE", "café école"},
      {"Cafe\u0301", "café"},
      {"１２３Ⅱ①㈱", "123ii1(株)"},
      {"ﾄﾖﾀ", "トヨタ"},
      {"\uF900", "豈"},
      {"𠀀", "𠀀"},
      {"龦", "龦"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(FoldText(c.text), c.want);
    EXPECT_EQ(FoldText(c.want), c.want) << "folding twice changes it";
  }
}

TEST(HalfWidth, TouchesNothingElse) {
  EXPECT_EQ(HalfWidth("Ａｂ１～！\u3000（甲）﹙乙·"), "Ab1~! (甲)﹙乙·");
  EXPECT_EQ(HalfWidth("\xEF\xBC"), "\xEF\xBC");
}

TEST(RemoveBlanks, EverywhereAndOnlyThose) {
  EXPECT_EQ(RemoveBlanks(" 甲\u3000乙\u200B a\tb "), "甲乙ab");
  EXPECT_EQ(RemoveBlanks("\xFF \xFE"), "\xFF\xFE");
}

TEST(DecodeEntities, KnownOnesOnce) {
  const Case cases[] = {
      {"", ""},
      {"甲&#8226;乙", "甲•乙"},
      {"&#x2022;&#X2022;", "••"},
      {"A&amp;B &lt;&gt;&quot;&apos;", "A&B <>\"'"},
      {"a&nbsp;b&middot;c", "a\u00A0b·c"},
      {"&amp;#8226;", "&#8226;"},
      {"&#128512;", "😀"},
      {"&", "&"},
      {"&&amp;", "&&"},
      {"R&D; A&B", "R&D; A&B"},
      {"&unknown;", "&unknown;"},
      {"&#0;&#xD800;&#x110000;&#99999999999;&#;&#x;&#12a;&#-5;",
       "&#0;&#xD800;&#x110000;&#99999999999;&#;&#x;&#12a;&#-5;"},
      {"&amp", "&amp"},
      {"&;", "&;"},
  };
  for (const Case& c : cases) EXPECT_EQ(DecodeEntities(c.text), c.want) << c.text;
}

TEST(HasHiddenCharacters, FindsThem) {
  for (const char* text : {"", "abc ·", "企业（中国）", "\u3000\u00A0", "😀"}) {
    EXPECT_FALSE(HasHiddenCharacters(text)) << text;
  }
  for (const char* text : {"a\tb", "a\nb", "\x7F", "\u0085", "甲\u200B乙", "\u200E", "a\u202E",
                           "\u2066", "\uFEFF甲", "\u061C", "\u2060"}) {
    EXPECT_TRUE(HasHiddenCharacters(text)) << testing::PrintToString(text);
  }
}

TEST(Characters, GoThereAndBack) {
  for (const char32_t c : {U'a', U'\x7F', U'\x80', U'\x7FF', U'\x800', U'\xD7FF', U'\xE000',
                           U'\xFFFF', U'\x10000', U'\x10FFFF'}) {
    std::string text;
    AppendCharacter(c, text);
    std::string_view left = text;
    EXPECT_EQ(TakeCharacter(left), c);
    EXPECT_TRUE(left.empty());
  }
  for (const char* bad : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xFF", "\xE4\xB8", "\xE4"}) {
    std::string_view left = bad;
    EXPECT_EQ(TakeCharacter(left), char32_t{0xFFFD});
    EXPECT_EQ(left, std::string_view(bad).substr(1));
  }
}

}  // namespace
}  // namespace qipu::ingest
