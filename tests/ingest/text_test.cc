#include <gmock/gmock.h>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

TEST(Encoding, ByName) {
  EXPECT_EQ(*EncodingByName("UTF-8"), Encoding::kUtf8);
  EXPECT_EQ(*EncodingByName("utf8"), Encoding::kUtf8);
  EXPECT_EQ(*EncodingByName("GB2312"), Encoding::kGb18030);
  const auto other = EncodingByName("big5");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::kUnsupported);
}

TEST(Decoder, FindsTheFirstInvalidByte) {
  using Offset = std::optional<size_t>;
  const struct {
    const char* name;
    Encoding encoding;
    std::string text;
    Offset want;
  } cases[] = {
      {"UTF-8", Encoding::kUtf8, "a\u00E9甲𠀀\U0010FFFF", {}},
      {"stray continuation", Encoding::kUtf8, "ab\x80", 2},
      {"cut", Encoding::kUtf8, "ab\xE7\x94", 2},
      {"overlong two", Encoding::kUtf8, "\xC1\xBF", 0},
      {"overlong three", Encoding::kUtf8, "a\xE0\x9F\xBF", 1},
      {"overlong four", Encoding::kUtf8, "\xF0\x8F\xBF\xBF", 0},
      {"surrogate", Encoding::kUtf8, "\xED\xA0\x80", 0},
      {"above the last", Encoding::kUtf8, "\xF4\x90\x80\x80", 0},
      {"GB18030", Encoding::kGb18030, "a\xBC\xD7\x95\x32\x82\x36\xA2\xE3", {}},
      {"GB18030 cut", Encoding::kGb18030, "a\xBC", 1},
      {"GB18030 bad", Encoding::kGb18030, "\xBC\xD7\xFF\xBC", 2},
      {"GB18030 bad, late", Encoding::kGb18030, std::string(20'000, 'x') + "\xFF", 20'000},
      {"GB18030 long", Encoding::kGb18030, std::string(20'000, '\xB0'), {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto decoder = *Decoder::Create(c.encoding);
    EXPECT_EQ(decoder->FirstInvalid(c.text), c.want);
    std::string buffer;
    EXPECT_EQ(decoder->Decode(c.text, buffer).has_value(), !c.want);
  }
}

/// Few bad bytes are faults of their records; a file of another encoding is refused as a whole.
TEST(CheckText, TellsStrayBytesFromAnotherEncoding) {
  const auto utf8 = *Decoder::Create(Encoding::kUtf8);
  std::string good, gbk, latin = "name,b\n";
  for (int i = 0; i < 100; ++i) {
    good += "企业名称,x\n";
    gbk += "\xC6\xF3\xD2\xB5\xC3\xFB\xB3\xC6,x\n";
    latin += "Caf\xE9 du Nord,x\n";
  }
  EXPECT_TRUE(CheckText("f", good + "\xFF\n" + good, *utf8).ok());
  EXPECT_TRUE(CheckText("f", "a,b\nplain,\xFF\n", *utf8).ok());
  EXPECT_TRUE(CheckText("f", latin, *utf8).ok());
  EXPECT_FALSE(CheckText("f", gbk, *utf8).ok());
  EXPECT_FALSE(CheckText("f", "a,b\n" + gbk + "\xFF\n" + gbk, *utf8).ok());
  EXPECT_TRUE(CheckText("f", "[id],[name]\n1,2\n", *utf8).ok());
}

}  // namespace
}  // namespace qipu::ingest
