#include <gmock/gmock.h>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

struct Case {
  const char* text;
  CodeCheck check;
  const char* code;  ///< null: as given
};

void Check(CheckedCode (*check)(std::string_view), const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const CheckedCode got = check(c.text);
    EXPECT_EQ(CodeCheckName(got.check), CodeCheckName(c.check));
    EXPECT_EQ(got.code, c.code != nullptr ? c.code : c.text);
  }
}

constexpr auto kValid = CodeCheck::kValid;
constexpr auto kRepaired = CodeCheck::kRepaired;
constexpr auto kCharset = CodeCheck::kCharset;
constexpr auto kMasked = CodeCheck::kMasked;
constexpr auto kLength = CodeCheck::kLength;
constexpr auto kCheckDigit = CodeCheck::kCheckDigit;

TEST(CheckUscc, RealCodes) {
  Check(CheckUscc, {
                       {"91350100M000100Y43", kValid, nullptr},
                       {"91110000600037341L", kValid, nullptr},
                       {"91440300708461136T", kValid, nullptr},
                       {"91110108551385082Q", kValid, nullptr},
                       {"91340600MA2PBP2120", kValid, nullptr},
                       {"911522010783917502", kValid, nullptr},
                       {"91620105L015101280", kValid, nullptr},
                       {"91110000600037341N", kCheckDigit, nullptr},
                       {"A1110000600037341L", kCheckDigit, nullptr},
                       {"91340000148941384F", kCheckDigit, nullptr},
                       {"91340000148941325J", kCheckDigit, nullptr},
                       {"9111000060003IOZSV", kCharset, nullptr},
                       {"9111A000600037341L", kCharset, nullptr},
                       {"91-10000600037341L", kCharset, nullptr},
                       {"91440300x18837140K", kMasked, nullptr},
                       {"914403001188xxxx0x", kMasked, nullptr},
                       {"9144**********140K", kMasked, nullptr},
                       {"", kLength, nullptr},
                       {"无", kLength, nullptr},
                       {"320404000009558", kLength, nullptr},
                       {"91350100M000100Y4", kLength, nullptr},
                       {"91350100M000100Y433", kLength, nullptr},
                   });
}

TEST(CheckUscc, RepairsBlanksWidthAndCase) {
  Check(CheckUscc, {
                       {"91350100m000100y43", kRepaired, "91350100M000100Y43"},
                       {" 91350100 M000100Y43\t", kRepaired, "91350100M000100Y43"},
                       {"\u3000"
                        "91350100M000100Y43\u00A0",
                        kRepaired, "91350100M000100Y43"},
                       {"９１３５０１００Ｍ０００１００Ｙ４３", kRepaired, "91350100M000100Y43"},
                       {"91350100m000100y44", kCheckDigit, nullptr},
                   });
}

TEST(CheckUscc, SuggestsWhatOnlyLooksWrong) {
  EXPECT_EQ(CheckUscc("911IOOOO600037341L").suggestion, "91110000600037341L");
  EXPECT_EQ(CheckUscc("9II1OOOO6OOO37341l").suggestion, "91110000600037341L");
  EXPECT_EQ(CheckUscc("9111000060003IOZSV").suggestion, "");
  EXPECT_EQ(CheckUscc("91110000600037341N").suggestion, "");
}

/// The weights are powers of 3 modulo a prime: a single wrong character is always found, and so is
/// a swap of two neighbours that differ.
TEST(CheckUscc, FindsEverySingleErrorAndSwap) {
  const std::string code = "91350100M000100Y43";
  for (size_t i = 0; i < code.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      std::string wrong = code;
      wrong[i] = c;
      EXPECT_EQ(CheckUscc(wrong).check == kValid, wrong == code) << wrong;
    }
    if (i + 1 == code.size() || code[i] == code[i + 1]) continue;
    std::string swapped = code;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_NE(CheckUscc(swapped).check, kValid) << swapped;
  }
}

TEST(UsccRegion, IsCharacters3To8) {
  EXPECT_EQ(UsccRegion("91350100M000100Y43"), "350100");
  EXPECT_EQ(UsccRegion("320404000009558"), "");
  EXPECT_EQ(UsccRegion(""), "");
}

TEST(CheckRegistrationNumber, RealNumbers) {
  Check(CheckRegistrationNumber, {
                                     {"320404000009558", kValid, nullptr},
                                     {"320404000005886", kValid, nullptr},
                                     {"320382000007600", kValid, nullptr},
                                     {"321283000042188", kValid, nullptr},
                                     {"110108000000016", kValid, nullptr},
                                     {"110108 000000016", kRepaired, "110108000000016"},
                                     {"320404000009559", kCheckDigit, nullptr},
                                     {"32040400000955A", kCharset, nullptr},
                                     {"32040400000955x", kMasked, nullptr},
                                     {"3204040000095", kLength, nullptr},
                                     {"企合苏锡总字第0001", kLength, nullptr},
                                 });
}

TEST(CheckOrganisationCode, RealCodes) {
  Check(CheckOrganisationCode, {
                                   {"D2143569X", kValid, nullptr},
                                   {"13830295-X", kValid, "13830295X"},
                                   {"13497257-7", kValid, "134972577"},
                                   {"95028570-8", kValid, "950285708"},
                                   {"M000100Y4", kValid, nullptr},
                                   {"d2143569x", kRepaired, "D2143569X"},
                                   {"13830295 - X", kRepaired, "13830295X"},
                                   {"13830295-1", kCheckDigit, nullptr},
                                   {"13830295-A", kCharset, nullptr},
                                   {"1383*295-X", kMasked, nullptr},
                                   {"1383029-5X", kLength, nullptr},
                                   {"13830295", kLength, nullptr},
                               });
}

TEST(CheckLei, RealCodes) {
  Check(CheckLei, {
                      {"213800KUD8LAJWSQ9D15", kValid, nullptr},
                      {"001GPB6A9XPE8XJICC14", kValid, nullptr},
                      {"5493001KJTIIGC8Y1R12", kValid, nullptr},
                      {"097900BID10000147476", kValid, nullptr},
                      {"213800kud8lajwsq9d15", kRepaired, "213800KUD8LAJWSQ9D15"},
                      {"213800KUD8LXJWSQ9D15", kCheckDigit, nullptr},
                      {"315700659AA1E1SMI000", kCheckDigit, nullptr},
                      {"213800KUD8LAJWSQ9D1A", kCharset, nullptr},
                      {"213800KUD8LAJ-SQ9D15", kCharset, nullptr},
                      {"213800KUD8LAJWSQ9D1", kLength, nullptr},
                  });
}

}  // namespace
}  // namespace qipu::ingest
