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
  /// For people, never for keys: the valid code that `code` becomes when the letters the standard
  /// leaves out are read as what they look like (O as 0, I as 1, Z as 2, S as 5, V as U).
  std::string suggestion{};
};

// All of them take full-width letters and digits and blanks anywhere, as kRepaired.

/// Unified social credit code, GB 32100-2015: 18 characters, weights 3^i mod 31.
///
/// A lower-case x beside capital letters, or as the only letter, is the registry's mask; in a code
/// written in lower case it is a letter.
CheckedCode CheckUscc(std::string_view text);
/// Registration number, GS 15-2006: 15 digits, ISO 7064 MOD 11,10.
CheckedCode CheckRegistrationNumber(std::string_view text);
/// Organisation code, GB 11714-1997: 8 + check, with or without the hyphen; normalised without.
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
///
/// Words are written half width, without blanks and without brackets around the whole: `万美元`,
/// `万元(人民币)`. The empty word is that of a bare number.
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
  std::string currency;  ///< ISO 4217; empty when the text names none
  std::string stated;    ///< the text as given, trimmed
};

/// Reads `1,913.2157(万元人民币)`, `９（万美元）`, `50万`, `9( 万人民币元)`: a number as
/// ReadDecimal does, then a word, bracketed or not. Exact, never through a double. Errors:
/// kInvalidArgument: no number, a word the mapping does not list, negative, overflow.
Result<Amount> ReadAmount(std::string_view text, const AmountWords& words);
/// Whether a text states a number at all: a digit, half or full width, or a Chinese number. Where
/// none is, a field of amounts may hold a person's name; so a numeral alone is no number: 陆 and
/// 万 are surnames.
bool StatesNumber(std::string_view text);

// --- Dates -----------------------------------------------------------------------------------

/// Reads a date in one of `formats`, tried in order, as "Y-M-D", "Y/M/D", "YMD", "D/M/Y", "M/D/Y",
/// "Y年M月D日": Y stands for four digits, M and D for one or two, but for two where no other
/// character parts them. Digits half or full width. Nothing may follow but a time of day with or
/// without an offset, after a blank or T; it is checked and dropped, the day is the one written.
/// Errors: kInvalidArgument: no format fits, no such day, or something that is no format.
Result<graph::Date> ReadDate(std::string_view text, const std::vector<std::string>& formats);

/// Whether ReadDate understands a format: one Y, one M and one D, all parted or none, by characters
/// that are no letters of ASCII, no digits, no full-width forms and no NUL.
bool IsDateFormat(std::string_view format);
/// What a format must be, to follow its name in a message.
inline constexpr char kDateFormatRule[] =
    "must name Y, M and D once each, with marks between all of them or none, e.g. Y-M-D, "
    "Y年M月D日, "
    "YMD";

/// Exact decimal with an optional sign; commas only where they part thousands; half or full width.
/// Errors: kInvalidArgument: anything else, an exponent too; more digits than a Decimal holds.
Result<Decimal> ReadDecimal(std::string_view text);
/// The double nearest to it.
double ToDouble(const Decimal& decimal);

// --- Text ------------------------------------------------------------------------------------

/// Removes blanks (ASCII, U+0085, U+00A0, U+3000 and the other Unicode spaces, zero width, byte
/// order mark) at both ends.
std::string_view Trim(std::string_view text);
/// Removes such blanks everywhere.
std::string RemoveBlanks(std::string_view text);
/// Full-width forms of ASCII become ASCII, U+3000 a blank; the rest stays.
std::string HalfWidth(std::string_view text);
/// For comparison, not for display: NFKC with case folded (Unicode's NFKC_Casefold: full width
/// becomes half width, zero-width characters go), Chinese brackets become ( ), middle dots
/// U+00B7, blanks at the ends go and those inside collapse into one.
/// Cost: one pass over text that is Chinese, digits and lower-case letters; ICU for the rest.
std::string FoldText(std::string_view text);
/// Decodes decimal and hexadecimal character references (`&#8226;`, `&#x2022;`) and `&amp;`,
/// `&lt;`, `&gt;`, `&quot;`, `&apos;`, `&nbsp;`, `&middot;`, once; anything else stays as it is.
std::string DecodeEntities(std::string_view text);
/// True when the text holds a control, bidi or zero-width character (blanks other than ' ' that
/// ASCII has are controls).
bool HasHiddenCharacters(std::string_view text);

// --- Characters ------------------------------------------------------------------------------

/// Takes the first character off `text`. A byte that begins none counts as U+FFFD.
char32_t TakeCharacter(std::string_view& text);
/// Appends a character in UTF-8. REQUIRES: a Unicode scalar value.
void AppendCharacter(char32_t character, std::string& text);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_CLEAN_CLEAN_H_
