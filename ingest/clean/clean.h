#ifndef QIPU_INGEST_CLEAN_CLEAN_H_
#define QIPU_INGEST_CLEAN_CLEAN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"
#include "graph/value.h"

namespace qipu::ingest {

// --- Identifiers -----------------------------------------------------------------------------

enum class CodeCheck {
  kValid,
  kRepaired,   ///< valid after removing blanks and raising case
  kCharset,    ///< a character the standard does not have
  kMasked,     ///< holds the registry's placeholder x or *
  kLength,     ///< not of the standard's length
  kCheckDigit  ///< right form, wrong check character
};
std::string_view CodeCheckName(CodeCheck check);

struct CheckedCode {
  CodeCheck check;
  std::string code;  ///< normalised when valid or repaired; as given otherwise
};

/// Unified social credit code, GB 32100-2015: 18 characters, weights 3^i mod 31.
CheckedCode CheckUscc(std::string_view text);
/// Registration number, GS 15-2006: 15 digits, ISO 7064 MOD 11,10.
CheckedCode CheckRegistrationNumber(std::string_view text);
/// Organisation code, GB 11714-1997: 8 + check, with or without the hyphen.
CheckedCode CheckOrganisationCode(std::string_view text);
/// Legal entity identifier, ISO 17442: mod 97 = 1.
CheckedCode CheckLei(std::string_view text);
/// Characters 3-8 of a unified code: the GB/T 2260 district that first registered the holder.
std::string_view UsccRegion(std::string_view uscc);

// --- Money -----------------------------------------------------------------------------------

/// An exact decimal number: units x 10^-scale.
struct Decimal {
  int64_t units = 0;
  int scale = 0;  ///< 0..18, no trailing zero in units
};

/// What a mapping file says of amounts: which word is which currency and how much.
struct AmountWords {
  /// e.g. "万元人民币" -> {"CNY", 10000}; an empty currency: the text names none.
  struct Word {
    std::string currency;  ///< ISO 4217 or empty
    int64_t factor = 1;
  };
  std::map<std::string, Word, std::less<>> words;
};

struct Amount {
  Decimal value;         ///< in whole units of the currency, the word's factor applied
  std::string currency;  ///< ISO 4217; empty when the text names none or one not in the words
  std::string stated;    ///< the text as given, trimmed
};

/// Reads `1,913.2157(万元人民币)`, `９（万美元）`, `50万`, `9( 万人民币元)`: a number with thousands
/// commas, half or full width, then a word, bracketed or not. Exact, never through a double.
/// Errors: kInvalidArgument: no number, a word the mapping does not list, negative, overflow.
Result<Amount> ReadAmount(std::string_view text, const AmountWords& words);

// --- Dates -----------------------------------------------------------------------------------

/// Reads a date in one of `formats`, tried in order: "Y-M-D", "Y/M/D", "YMD" (8 digits), "D/M/Y",
/// "M/D/Y", "Y年M月D日". Digits of any width; nothing may follow but a time of day after a blank or
/// T. Errors: kInvalidArgument: no format fits, or no such day.
Result<graph::Date> ReadDate(std::string_view text, const std::vector<std::string>& formats);

/// Exact decimal, optional thousands commas, half or full width digits. Errors: kInvalidArgument.
Result<Decimal> ReadDecimal(std::string_view text);
double ToDouble(const Decimal& decimal);

// --- Text ------------------------------------------------------------------------------------

/// Removes blanks (ASCII, U+3000, NBSP, zero width) at both ends.
std::string_view Trim(std::string_view text);
/// For comparison, not for display: full-width ASCII forms become half width, brackets and middle
/// dots are unified, inner blanks collapse, Latin letters become lower case.
std::string FoldText(std::string_view text);
/// Decodes `&#8226;`, `&amp;` and the other entities registries leave behind.
std::string DecodeEntities(std::string_view text);
/// True when the text holds a control, bidi-override or zero-width character.
bool HasHiddenCharacters(std::string_view text);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_CLEAN_CLEAN_H_
