#include <algorithm>
#include <array>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool IsNamePart(char c) { return IsNameStart(c) || IsDigit(c); }

/// Length of the UTF-8 sequence at the start of `text`, 0 when it is no valid one.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (lead >= 0xF5 || length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
  if (lead == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
  if (lead == 0xF0 && byte(1) < 0x90) return 0;   // overlong
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;  // past U+10FFFF
  return length;
}

void AppendUtf8(uint32_t point, std::string& out) {
  const auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

/// White space beyond ASCII that people paste: no-break space and ideographic space.
size_t SpaceLength(std::string_view rest) {
  const char c = rest[0];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (rest.starts_with("\xC2\xA0")) return 2;
  if (rest.starts_with("\xE3\x80\x80") || rest.starts_with("\xEF\xBB\xBF")) return 3;
  return 0;
}

struct WideSign {
  std::string_view sign, plain;
};
/// What a Chinese keyboard types in place of the signs of the language.
constexpr WideSign kWideSigns[] = {
    {"（", "("}, {"）", ")"}, {"［", "["}, {"］", "]"}, {"【", "["}, {"】", "]"},
    {"｛", "{"}, {"｝", "}"}, {"，", ","}, {"：", ":"}, {"；", ";"}, {"“", "\""},
    {"”", "\""}, {"‘", "'"},  {"’", "'"},  {"＝", "="}, {"＜", "<"}, {"＞", ">"},
    {"－", "-"}, {"＊", "*"}, {"．", "."}, {"、", ","},
};
constexpr std::string_view kPairs[] = {"..", "<>", "<=", ">=", "=~", "+="};
constexpr std::string_view kSigns = "()[]{},:;.|+-*/%^=<>";

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    if (text_.size() > kQueryBytesMax) {
      return InvalidArgument("the query is longer than " + std::to_string(kQueryBytesMax) +
                             " bytes; pass data as parameters");
    }
    QIPU_TRY(CheckUtf8());
    while (true) {
      QIPU_TRY(SkipBlanks());
      if (at_ == text_.size()) break;
      QIPU_TRY(Next());
    }
    Add(TokenKind::kEnd, at_, "");
    return std::move(tokens_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  Span From(size_t begin) const {
    return {static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)};
  }
  void Add(TokenKind kind, size_t begin, std::string text) {
    tokens_.push_back({kind, std::move(text), From(begin)});
  }
  Error Complain(size_t begin, std::string_view what) const {
    return SyntaxError(text_, From(begin), what);
  }

  Status CheckUtf8() {
    for (size_t i = 0; i < text_.size();) {
      const size_t length = SequenceLength(text_.substr(i));
      if (length == 0) {
        return InvalidArgument("the query is not UTF-8: byte " + std::to_string(i + 1) +
                               "; save it as UTF-8");
      }
      i += length;
    }
    return Ok{};
  }

  Status SkipBlanks() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (const size_t space = SpaceLength(rest); space > 0) {
        at_ += space;
      } else if (rest.starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (rest.starts_with("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return Complain(at_, "this comment has no end, '*/'");
        at_ = end + 2;
      } else {
        break;
      }
    }
    return Ok{};
  }

  Status Next() {
    const size_t begin = at_;
    const char c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !FollowsDot())) return Number();
    if (c == '\'' || c == '"') return String();
    if (c == '`') return Quoted(TokenKind::kQuotedName);
    if (c == '$') return Parameter();
    for (const WideSign& wide : kWideSigns) {
      if (text_.substr(at_).starts_with(wide.sign)) {
        return Complain(begin, "a full-width '" + std::string(wide.sign) + "'; write '" +
                                   std::string(wide.plain) + "'");
      }
    }
    if (IsNameStart(c)) {
      TakeName();
      Add(TokenKind::kName, begin, std::string(text_.substr(begin, at_ - begin)));
      return Ok{};
    }
    for (std::string_view pair : kPairs) {
      if (text_.substr(at_).starts_with(pair)) {
        at_ += 2;
        Add(TokenKind::kSymbol, begin, std::string(pair));
        return Ok{};
      }
    }
    if (c == '\0' || kSigns.find(c) == std::string_view::npos) {
      return Complain(begin, "'" + std::string(1, c) + "' has no meaning here");
    }
    ++at_;
    Add(TokenKind::kSymbol, begin, std::string(1, c));
    return Ok{};
  }

  /// `1..5`: the dot before the 5 belongs to the dots.
  bool FollowsDot() const { return at_ > 0 && text_[at_ - 1] == '.'; }

  void TakeName() {
    while (at_ < text_.size() && IsNamePart(text_[at_])) {
      if (static_cast<unsigned char>(text_[at_]) >= 0x80) {
        const std::string_view rest = text_.substr(at_);
        if (SpaceLength(rest) > 0) return;
        for (const WideSign& wide : kWideSigns) {
          if (rest.starts_with(wide.sign)) return;
        }
        at_ += SequenceLength(rest);
      } else {
        ++at_;
      }
    }
  }

  Status Number() {
    const size_t begin = at_;
    if (Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'o')) {
      at_ += 2;
      while (IsNamePart(Peek())) ++at_;
      Add(TokenKind::kInteger, begin, std::string(text_.substr(begin, at_ - begin)));
      return Ok{};
    }
    TokenKind kind = TokenKind::kInteger;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && IsDigit(Peek(1))) {
      kind = TokenKind::kFloat;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (IsDigit(Peek(1 + sign))) {
        kind = TokenKind::kFloat;
        at_ += 1 + sign;
        while (IsDigit(Peek())) ++at_;
      }
    }
    if (IsNamePart(Peek())) {
      while (IsNamePart(Peek())) ++at_;
      return Complain(begin,
                      "this is neither a number nor a name; a name that starts with a "
                      "digit stands in backticks");
    }
    Add(kind, begin, std::string(text_.substr(begin, at_ - begin)));
    return Ok{};
  }

  Status String() {
    const size_t begin = at_;
    const char quote = Peek();
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        Add(TokenKind::kString, begin, std::move(value));
        return Ok{};
      }
      if (c != '\\') {
        value.push_back(c);
        continue;
      }
      QIPU_TRY(Escape(value));
    }
    at_ = begin + 1;
    return Complain(begin, "this string has no closing quote");
  }

  /// REQUIRES: a backslash at at_. Leaves at_ on the last character of the escape.
  Status Escape(std::string& value) {
    const size_t begin = at_++;
    constexpr std::string_view kLetters = "\\'\"`bfnrt/";
    constexpr std::string_view kMeanings = "\\'\"`\b\f\n\r\t/";
    if (const size_t known = kLetters.find(Peek()); Peek() != '\0' && known != kLetters.npos) {
      value.push_back(kMeanings[known]);
      return Ok{};
    }
    const size_t digits = Peek() == 'u' ? 4 : Peek() == 'U' ? 8 : 0;
    if (digits == 0) {
      return Complain(begin, "there is no such escape; a backslash itself is written '\\\\'");
    }
    uint32_t point = 0;
    for (size_t i = 0; i < digits; ++i) {
      ++at_;
      const char c = Peek();
      if (!IsHexDigit(c)) {
        return Complain(begin, "'\\" + std::string(digits == 4 ? "u" : "U") + "' needs " +
                                   std::to_string(digits) + " hexadecimal digits");
      }
      const int digit = IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      point = point * 16 + static_cast<uint32_t>(digit);
    }
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      ++at_;
      return Complain(begin, "there is no such character in Unicode");
    }
    AppendUtf8(point, value);
    return Ok{};
  }

  Status Quoted(TokenKind kind) {
    const size_t begin = at_;
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '`') {
        if (Peek(1) != '`') {
          ++at_;
          if (value.empty()) return Complain(begin, "a name can't be empty");
          Add(kind, begin, std::move(value));
          return Ok{};
        }
        ++at_;
      }
      value.push_back(text_[at_]);
    }
    at_ = begin + 1;
    return Complain(begin, "this name has no closing backtick");
  }

  Status Parameter() {
    const size_t begin = at_++;
    if (Peek() == '`') {
      QIPU_TRY(Quoted(TokenKind::kParameter));
      tokens_.back().span = From(begin);
      return Ok{};
    }
    const size_t name = at_;
    TakeName();
    if (at_ == name) return Complain(begin, "a parameter needs a name after '$'");
    Add(TokenKind::kParameter, begin, std::string(text_.substr(name, at_ - name)));
    return Ok{};
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenise(std::string_view text) { return Lexer(text).Run(); }

}  // namespace qipu::query
