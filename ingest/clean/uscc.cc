#include <algorithm>
#include <array>

#include "ingest/clean/clean.h"

namespace qipu::ingest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

/// 0-9, then A = 10 to Z = 35. REQUIRES: a digit or a capital letter.
int Base36(char c) { return IsDigit(c) ? c - '0' : c - 'A' + 10; }

bool IsDigitOrCapital(char c) { return IsDigit(c) || IsUpper(c); }

/// A code as compared: half width, without blanks, in capitals; and whether that changed it.
struct Normalised {
  std::string code;
  bool repaired;
};

Normalised Normalise(std::string_view text) {
  std::string code = RemoveBlanks(HalfWidth(text));
  for (char& c : code) {
    if (IsLower(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  const bool repaired = code != text;
  return {std::move(code), repaired};
}

CheckedCode Passed(Normalised normalised) {
  return {normalised.repaired ? CodeCheck::kRepaired : CodeCheck::kValid,
          std::move(normalised.code)};
}

CheckedCode Failed(CodeCheck check, std::string_view text) { return {check, std::string(text)}; }

/// GB 32100's alphabet: no I, O, S, V, Z.
constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr size_t kUsccLength = 18;
constexpr size_t kUsccRegion = 2;  ///< where the region starts
constexpr size_t kUsccRegionDigits = 6;

bool HasUsccForm(std::string_view code) {
  const std::string_view region = code.substr(kUsccRegion, kUsccRegionDigits);
  return std::all_of(region.begin(), region.end(), IsDigit) &&
         code.find_first_not_of(kUsccAlphabet) == code.npos;
}

/// check = alphabet[(31 - sum of value x 3^i mod 31) mod 31], GB 32100-2015, 5.
/// REQUIRES: HasUsccForm.
bool HasUsccCheck(std::string_view code) {
  constexpr size_t kModulus = 31;
  size_t sum = 0;
  size_t weight = 1;
  for (const char c : code.substr(0, kUsccLength - 1)) {
    sum += kUsccAlphabet.find(c) * weight;
    weight = weight * 3 % kModulus;
  }
  return kUsccAlphabet[(kModulus - sum % kModulus) % kModulus] == code.back();
}

/// Whether a lower-case x stands for a character the registry hides.
bool IsMasked(std::string_view text) {
  if (text.find('*') != text.npos) return true;
  const bool other_lower =
      std::any_of(text.begin(), text.end(), [](char c) { return IsLower(c) && c != 'x'; });
  return !other_lower && text.find('x') != text.npos;
}

std::string SuggestUscc(std::string code) {
  constexpr std::string_view kOutside = "IOSVZ";
  constexpr std::string_view kMeant = "105U2";
  for (char& c : code) {
    if (const size_t i = kOutside.find(c); i != kOutside.npos) c = kMeant[i];
  }
  return HasUsccForm(code) && HasUsccCheck(code) ? code : std::string();
}

}  // namespace

std::string_view CodeCheckName(CodeCheck check) {
  switch (check) {
    case CodeCheck::kValid:
      return "valid";
    case CodeCheck::kRepaired:
      return "repaired";
    case CodeCheck::kCharset:
      return "charset";
    case CodeCheck::kMasked:
      return "masked";
    case CodeCheck::kLength:
      return "length";
    case CodeCheck::kCheckDigit:
      return "check digit";
  }
  return "";
}

CheckedCode CheckUscc(std::string_view text) {
  Normalised normalised = Normalise(text);
  const std::string& code = normalised.code;
  if (code.size() != kUsccLength) return Failed(CodeCheck::kLength, text);
  if (IsMasked(text)) return Failed(CodeCheck::kMasked, text);
  if (!HasUsccForm(code)) {
    return {CodeCheck::kCharset, std::string(text), SuggestUscc(code)};
  }
  if (!HasUsccCheck(code)) return Failed(CodeCheck::kCheckDigit, text);
  return Passed(std::move(normalised));
}

std::string_view UsccRegion(std::string_view uscc) {
  if (uscc.size() != kUsccLength) return {};
  return uscc.substr(kUsccRegion, kUsccRegionDigits);
}

CheckedCode CheckRegistrationNumber(std::string_view text) {
  constexpr size_t kLength = 15;
  Normalised normalised = Normalise(text);
  const std::string& code = normalised.code;
  if (code.size() != kLength) return Failed(CodeCheck::kLength, text);
  if (text.find_first_of("x*") != text.npos) return Failed(CodeCheck::kMasked, text);
  if (!std::all_of(code.begin(), code.end(), IsDigit)) return Failed(CodeCheck::kCharset, text);
  // ISO 7064 MOD 11,10: p starts at 10, each digit makes it ((p + d) mod 10, 0 as 10) x 2 mod 11;
  // the check digit brings p + d to 1 mod 10.
  int p = 10;
  for (const char c : std::string_view(code).substr(0, kLength - 1)) {
    const int sum = (p + (c - '0')) % 10;
    p = (sum == 0 ? 10 : sum) * 2 % 11;
  }
  if ((p + (code.back() - '0')) % 10 != 1) return Failed(CodeCheck::kCheckDigit, text);
  return Passed(std::move(normalised));
}

CheckedCode CheckOrganisationCode(std::string_view text) {
  constexpr std::array<int, 8> kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  Normalised normalised = Normalise(text);
  std::string& code = normalised.code;
  if (code.size() == kWeights.size() + 2 && code[kWeights.size()] == '-') {
    code.erase(kWeights.size(), 1);
  }
  if (code.size() != kWeights.size() + 1) return Failed(CodeCheck::kLength, text);
  if (text.find('*') != text.npos) return Failed(CodeCheck::kMasked, text);
  const bool in_charset = std::all_of(code.begin(), code.end() - 1, IsDigitOrCapital) &&
                          (IsDigit(code.back()) || code.back() == 'X');
  if (!in_charset) return Failed(CodeCheck::kCharset, text);
  // GB 11714-1997: check = 11 - sum of value x weight mod 11, 10 written X, 11 written 0.
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += Base36(code[i]) * kWeights[i];
  const int check = 11 - sum % 11;
  const char want = check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
  if (code.back() != want) return Failed(CodeCheck::kCheckDigit, text);
  return Passed(std::move(normalised));
}

CheckedCode CheckLei(std::string_view text) {
  constexpr size_t kLength = 20;
  constexpr size_t kCheckDigits = 2;
  Normalised normalised = Normalise(text);
  const std::string& code = normalised.code;
  if (code.size() != kLength) return Failed(CodeCheck::kLength, text);
  if (text.find('*') != text.npos) return Failed(CodeCheck::kMasked, text);
  const bool in_charset = std::all_of(code.begin(), code.end(), IsDigitOrCapital) &&
                          std::all_of(code.end() - kCheckDigits, code.end(), IsDigit);
  if (!in_charset) return Failed(CodeCheck::kCharset, text);
  // ISO 17442 by ISO 7064 MOD 97-10: letters count as two digits, the whole leaves 1.
  int remainder = 0;
  for (const char c : code) {
    const int value = Base36(c);
    remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
  }
  if (remainder != 1) return Failed(CodeCheck::kCheckDigit, text);
  return Passed(std::move(normalised));
}

}  // namespace qipu::ingest
