#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

using testing::ElementsAre;

class FigureText : public testing::Test {
 protected:
  void SetUp() override {
    auto measure = TextMeasure::Create();
    ASSERT_TRUE(measure.ok()) << measure.error().message;
    measure_ = *std::move(measure);
  }
  std::unique_ptr<TextMeasure> measure_;
};

TEST(PrintableText, KeepsOnlyWhatCanBePrinted) {
  const struct {
    const char* name;
    std::string text, want;
  } cases[] = {
      {"plain", "华芯微电", "华芯微电"},
      {"empty", "", ""},
      {"white space as one space", " \t华芯\n\n微 电\u3000 ", "华芯 微 电"},
      {"control characters",
       "a\x01"
       "b\x1b[31mc\x7f",
       "ab[31mc"},
      {"direction overrides", "a\u202E\u2066b\u200F", "ab"},
      {"zero-width joiners", "a\u200B\u200Db\uFEFF", "ab"},
      {"invalid UTF-8",
       "a\xff\xfe"
       "b",
       "a\uFFFD\uFFFDb"},
      {"right to left", "شركة", "شركة"},
      {"emoji", "店🏭", "店🏭"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(PrintableText(c.text), c.want);
  }
}

TEST(PrintableText, IsBounded) {
  std::string text;
  for (size_t i = 0; i < 3 * kTextCharactersMax; ++i) text += "长";
  EXPECT_EQ(PrintableText(text).size(), kTextCharactersMax * std::string("长").size());
}

TEST_F(FigureText, WidthIsProportionalAndNeverLessThanDrawn) {
  for (const char* text :
       {"华芯微电", "AVATAR To", "友车科技(用友汽车)", "ABB机器人 (上海)", "شركة", ""}) {
    SCOPED_TRACE(text);
    const Unit width = measure_->Width(text, Weight::kRegular, 10 * kPoint);
    EXPECT_NEAR(measure_->Width(text, Weight::kRegular, 40 * kPoint), 4 * width, 4);
    EXPECT_LE(measure_->DrawnWidth(text, Weight::kRegular, 10 * kPoint), width + 1);
  }
  EXPECT_EQ(measure_->Width("华芯微电", Weight::kBold, 10 * kPoint), 40 * kPoint);
}

TEST_F(FigureText, FindsGlyphsThatNoFontHas) {
  EXPECT_EQ(measure_->UnknownGlyphs("华芯 Aster", Weight::kRegular), 0);
  EXPECT_EQ(measure_->UnknownGlyphs("\U0010FFFD", Weight::kRegular), 1);
}

TEST_F(FigureText, BreaksWhereReadersExpectIt) {
  const Unit sizes[] = {10 * kPoint};
  const struct {
    const char* text;
    Unit ems;  // width in font sizes
    std::vector<std::string> want;
  } cases[] = {
      {"华芯微电", 4, {"华芯微电"}},
      {"华芯微电", 3, {"华芯", "微电"}},
      {"鲸落微电子", 3, {"鲸落", "微电子"}},
      {"友车科技(用友汽车)", 6, {"友车科技", "(用友汽车)"}},
      {"北京（海淀）科技", 6, {"北京", "（海淀）科技"}},
      {"Maple Software", 5, {"Maple", "Software"}},
      {"汽车、电子、医药", 5, {"汽车、", "电子、医药"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const FittedText fitted =
        FitText(*measure_, c.text, {c.ems * 10 * kPoint, 24 * kPoint, Weight::kRegular, sizes, 2});
    EXPECT_EQ(fitted.lines, c.want);
    EXPECT_FALSE(fitted.shortened);
  }
}

TEST_F(FigureText, ShrinksBeforeItShortens) {
  const Unit sizes[] = {10 * kPoint, 8 * kPoint, 6 * kPoint};
  const FitRequest request{33 * kPoint, 12 * kPoint, Weight::kRegular, sizes, 1};
  EXPECT_EQ(FitText(*measure_, "三个字", request).size, 10 * kPoint);
  EXPECT_EQ(FitText(*measure_, "四个字呢", request).size, 8 * kPoint);
  const FittedText cut = FitText(*measure_, "这个名字太长了", request);
  EXPECT_EQ(cut.size, 6 * kPoint);
  EXPECT_TRUE(cut.shortened);
  EXPECT_THAT(cut.lines, ElementsAre("这个名字…"));
}

TEST_F(FigureText, CutsAWordThatFitsNoLine) {
  const Unit sizes[] = {6 * kPoint};
  const FittedText cut = FitText(*measure_, "Donaudampfschifffahrtsgesellschaft",
                                 {30 * kPoint, 20 * kPoint, Weight::kRegular, sizes, 2});
  ASSERT_EQ(cut.lines.size(), 1u);
  EXPECT_TRUE(cut.shortened);
  EXPECT_LE(measure_->Width(cut.lines[0], Weight::kRegular, 6 * kPoint), 30 * kPoint);
}

TEST_F(FigureText, WrapsRunningTextAndKeepsDatesWhole) {
  const Unit sizes[] = {10 * kPoint};
  const FittedText text =
      WrapText(*measure_, "截至 2024-06-30", {70 * kPoint, 0, Weight::kRegular, sizes, 4});
  EXPECT_THAT(text.lines, ElementsAre("截至", "2024-06-30"));
  const FittedText cut =
      WrapText(*measure_, "一二三四五六七八九十", {30 * kPoint, 0, Weight::kRegular, sizes, 2});
  EXPECT_THAT(cut.lines, ElementsAre("一二三", "四五…"));
  EXPECT_TRUE(cut.shortened);
}

TEST(Palette, CarriesWhiteTextAndDiffersForEveryReader) {
  for (size_t a = 0; a < kHues; ++a) {
    EXPECT_GE(Contrast(BandColour(a), kWhite), 4.5) << a;
    for (size_t b = 0; b < a; ++b) {
      for (const Vision vision : {Vision::kNormal, Vision::kProtan, Vision::kDeutan}) {
        EXPECT_GE(ColourDistance(BandColour(a), BandColour(b), vision), 15) << a << ' ' << b;
      }
    }
  }
}

TEST(Palette, MeasuresAsTheStandardsDo) {
  EXPECT_NEAR(Contrast(kBlack, kWhite), 21, 0.01);
  EXPECT_NEAR(Contrast({0x77, 0x77, 0x77}, kWhite), 4.48, 0.01);  // the known grey just below AA
  EXPECT_NEAR(ColourDistance(kBlack, kWhite, Vision::kNormal), 100, 0.05);
  const Colour red{0xd0, 0x40, 0x40}, green{0x70, 0x80, 0x30};
  EXPECT_LT(ColourDistance(red, green, Vision::kDeutan),
            ColourDistance(red, green, Vision::kNormal) / 2);
}

}  // namespace
}  // namespace qipu::tools
