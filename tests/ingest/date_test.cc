#include <gmock/gmock.h>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

using testing::HasSubstr;
using Formats = std::vector<std::string>;

TEST(ReadDate, ReadsEachFormat) {
  const struct {
    const char* text;
    Formats formats;
    const char* want;
  } cases[] = {
      {"2018-01-05", {"Y-M-D"}, "2018-01-05"},
      {"2018-1-5", {"Y-M-D"}, "2018-01-05"},
      {"2018/01/05", {"Y-M-D", "Y/M/D"}, "2018-01-05"},
      {"20180105", {"YMD"}, "2018-01-05"},
      {"05/01/2018", {"D/M/Y"}, "2018-01-05"},
      {"05/01/2018", {"M/D/Y"}, "2018-05-01"},
      {"31/12/2018", {"M/D/Y", "D/M/Y"}, "2018-12-31"},
      {"2018年1月5日", {"Y年M月D日"}, "2018-01-05"},
      {"２０１８年１月５日", {"Y年M月D日"}, "2018-01-05"},
      {"５.1.2018", {"D.M.Y"}, "2018-01-05"},
      {" 2018-01-05\u3000", {"Y-M-D"}, "2018-01-05"},
      {"2018-01-05 00:00", {"Y-M-D"}, "2018-01-05"},
      {"2018-01-05 00:00:00.0", {"Y-M-D"}, "2018-01-05"},
      {"2017-09-20T08:00:00+02:00", {"Y-M-D"}, "2017-09-20"},
      {"2017-09-20T23:59:60Z", {"Y-M-D"}, "2017-09-20"},
      {"2000-02-29", {"Y-M-D"}, "2000-02-29"},
      {"9999-12-31", {"Y-M-D"}, "9999-12-31"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto date = ReadDate(c.text, c.formats);
    ASSERT_TRUE(date.ok()) << date.error().message;
    EXPECT_EQ(date->ToString(), c.want);
  }
}

TEST(ReadDate, Refuses) {
  const struct {
    const char* text;
    Formats formats;
    const char* want;
  } cases[] = {
      {"", {"Y-M-D"}, "no date of the form Y-M-D"},
      {"1978-00-00", {"Y-M-D"}, "no day of the calendar"},
      {"2018-02-30", {"Y-M-D"}, "no day of the calendar"},
      {"1900-02-29", {"Y-M-D"}, "no day of the calendar"},
      {"01/05/18", {"D/M/Y", "M/D/Y"}, "no date of the form D/M/Y, M/D/Y"},
      {"43105", {"Y-M-D", "YMD"}, "no date of the form Y-M-D, YMD"},
      {"民国107年", {"Y年M月D日"}, "no date"},
      {"Mar 25, 2015", {"Y-M-D"}, "no date"},
      {"2018-01-05x", {"Y-M-D"}, "no date"},
      {"2018-01-05 ", {"Y-M-DT"}, "no date"},
      {"2018-01-05 25:00", {"Y-M-D"}, "no date"},
      {"2018-01-05T08", {"Y-M-D"}, "no date"},
      {"2018-01-05T08:00:00+2", {"Y-M-D"}, "no date"},
      {"2018-01-05T08:00Zx", {"Y-M-D"}, "no date"},
      {"2018-001-05", {"Y-M-D"}, "no date"},
      {"2018015", {"YMD"}, "no date"},
      {"-2018-01-05", {"Y-M-D"}, "no date"},
      {"2018-01-05", {"Y-M"}, "must name Y, M and D once"},
      {"2018-01-05", {"yyyy-MM-dd"}, "must name Y, M and D once"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto date = ReadDate(c.text, c.formats);
    ASSERT_FALSE(date.ok());
    EXPECT_EQ(date.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(date.error().message, HasSubstr(c.want));
  }
}

TEST(IsDateFormat, IsWhatReadDateUnderstands) {
  for (const char* format :
       {"Y-M-D", "YMD", "D/M/Y", "M.D.Y", "Y年M月D日", "D Y M", "YMD日", "Y-M/D"}) {
    EXPECT_TRUE(IsDateFormat(format)) << format;
  }
  for (const char* format : {"", "Q-Z", "Y-M", "Y-M-D-D", "yyyy-MM-dd", "Y-M-DT", "Y0M0D", " Y-M-D",
                             "Y-M-D\n", "Y／M／D", "Ｙ-M-D", "YM-D", "Y-MD", "Y年MD日"}) {
    EXPECT_FALSE(IsDateFormat(format)) << format;
  }
  EXPECT_FALSE(IsDateFormat(std::string_view("Y\0M\0D", 5)));
}

}  // namespace
}  // namespace qipu::ingest
