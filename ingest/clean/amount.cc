#include <algorithm>
#include <charconv>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

constexpr int kScaleMax = 18;
constexpr size_t kGroupDigits = 3;  ///< between thousands commas

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// Appends a digit; false when the units overflow.
bool Append(char digit, int64_t& units) {
  return !__builtin_mul_overflow(units, 10, &units) &&
         !__builtin_add_overflow(units, digit - '0', &units);
}

void DropTrailingZeros(Decimal& decimal) {
  while (decimal.scale > 0 && decimal.units % 10 == 0) {
    decimal.units /= 10;
    --decimal.scale;
  }
}

/// Commas part thousands, or there are none: `1,913`, never `12,5` or `1,,000`.
bool IsGrouped(std::string_view whole) {
  size_t comma = whole.find(',');
  if (comma == whole.npos) return true;
  if (comma == 0 || comma > kGroupDigits) return false;
  while (comma != whole.npos) {
    whole.remove_prefix(comma + 1);
    comma = whole.find(',');
    if (std::min(comma, whole.size()) != kGroupDigits) return false;
  }
  return true;
}

/// Takes the longest run of digits, commas and points off `text`.
std::string_view TakeNumber(std::string_view& text) {
  const size_t size = std::min(text.find_first_not_of("0123456789,."), text.size());
  const std::string_view number = text.substr(0, size);
  text.remove_prefix(size);
  return number;
}

/// An unsigned number in half width.
Result<Decimal> ReadUnsigned(std::string_view number) {
  const size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  std::string_view fraction = point == number.npos ? "" : number.substr(point + 1);
  const bool formed = !whole.empty() && IsGrouped(whole) &&
                      (point == number.npos || !fraction.empty()) &&
                      std::all_of(fraction.begin(), fraction.end(), IsDigit);
  if (!formed) return InvalidArgument(Quoted(number) + " is not a number");
  fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  Decimal decimal;
  decimal.scale = static_cast<int>(std::min(fraction.size(), size_t{kScaleMax} + 1));
  bool fits = decimal.scale <= kScaleMax;
  for (const char c : whole) fits = fits && (c == ',' || Append(c, decimal.units));
  for (const char c : fraction) fits = fits && Append(c, decimal.units);
  if (!fits) return InvalidArgument(Quoted(number) + " has too many digits");
  return decimal;
}

/// Where the bracket that opens `word` closes.
size_t ClosingBracket(std::string_view word) {
  int depth = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '(') ++depth;
    if (word[i] == ')' && --depth == 0) return i;
  }
  return word.npos;
}

/// `word` without the brackets around the whole of it.
std::string_view Unbracketed(std::string_view word) {
  if (!word.starts_with('(') || ClosingBracket(word) + 1 != word.size()) return word;
  return word.substr(1, word.size() - 2);
}

/// `decimal` times a whole factor; false on overflow.
bool Scale(int64_t factor, Decimal& decimal) {
  while (decimal.scale > 0 && factor % 10 == 0) {
    factor /= 10;
    --decimal.scale;
  }
  if (__builtin_mul_overflow(decimal.units, factor, &decimal.units)) return false;
  DropTrailingZeros(decimal);
  return true;
}

}  // namespace

Result<Decimal> ReadDecimal(std::string_view text) {
  const std::string half = HalfWidth(Trim(text));
  std::string_view number = half;
  const bool negative = number.starts_with('-');
  if (negative || number.starts_with('+')) number.remove_prefix(1);
  if (number.find_first_not_of("0123456789,.") != number.npos) {
    return InvalidArgument(Quoted(Trim(text)) + " is not a number");
  }
  Decimal decimal = QIPU_TRY(ReadUnsigned(number));
  if (negative) decimal.units = -decimal.units;
  return decimal;
}

double ToDouble(const Decimal& decimal) {
  const std::string text = std::to_string(decimal.units) + "e-" + std::to_string(decimal.scale);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<Amount> ReadAmount(std::string_view text, const AmountWords& words) {
  const std::string_view stated = Trim(text);
  const std::string half = RemoveBlanks(HalfWidth(stated));
  std::string_view word = half;
  const std::string_view number = TakeNumber(word);
  if (number.empty()) {
    const bool negative = half.starts_with('-') && half.size() > 1 && IsDigit(half[1]);
    return InvalidArgument(Quoted(stated) +
                           (negative ? " is negative" : " does not start with a number"));
  }
  Amount amount;
  amount.stated = stated;
  amount.value = QIPU_TRY(ReadUnsigned(number));
  word = Unbracketed(word);
  const auto found = words.words.find(word);
  if (found == words.words.end()) {
    return InvalidArgument(word.empty()
                               ? "a bare number, which the mapping's 'words' do not allow"
                               : "the word " + Quoted(word) + " is not in the mapping's 'words'");
  }
  amount.currency = found->second.currency;
  if (!Scale(found->second.factor, amount.value)) {
    return InvalidArgument(Quoted(stated) + " is too large");
  }
  return amount;
}

bool StatesNumber(std::string_view text) {
  const std::string half = HalfWidth(text);
  if (std::any_of(half.begin(), half.end(), IsDigit)) return true;
  constexpr std::u32string_view kNumerals =
      U"〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬億";
  constexpr int kBeforeAYuan = 2;  // 五万元, 人民币伍拾万圆
  constexpr int kAlone = 3;        // 壹佰万
  int run = 0;
  bool alone = true;
  for (std::string_view rest = half; !rest.empty();) {
    const char32_t character = TakeCharacter(rest);
    if (kNumerals.find(character) != kNumerals.npos) {
      ++run;
      continue;
    }
    if ((character == U'元' || character == U'圆') && run >= kBeforeAYuan) return true;
    run = 0;
    alone = false;
  }
  return alone && run >= kAlone;
}

}  // namespace qipu::ingest
