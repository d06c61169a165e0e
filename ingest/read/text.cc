#include <iconv.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

/// Bytes of the UTF-8 character at `i`, 0 when there is none (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
size_t Utf8Length(std::string_view text, size_t i) {
  const uint8_t lead = ByteAt(text, i);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (i + length > text.size()) return 0;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (ByteAt(text, i + 1) < low || ByteAt(text, i + 1) > high) return 0;
  for (size_t k = 2; k < length; ++k) {
    if ((ByteAt(text, i + k) & 0xC0) != 0x80) return 0;
  }
  return length;
}

class Utf8Decoder : public Decoder {
 public:
  Encoding encoding() const override { return Encoding::kUtf8; }
  bool IsUtf8(std::string_view text) const override { return simdjson::validate_utf8(text); }

  std::optional<size_t> FirstInvalid(std::string_view text) override {
    if (IsUtf8(text)) return std::nullopt;
    size_t i = 0;
    while (const size_t length = Utf8Length(text, i)) i += length;
    return i;
  }

  std::optional<std::string_view> Decode(std::string_view text, std::string&) override {
    if (!IsUtf8(text)) return std::nullopt;
    return text;
  }
};

class Gb18030Decoder : public Decoder {
 public:
  explicit Gb18030Decoder(iconv_t converter) : converter_(converter) {}
  ~Gb18030Decoder() override { iconv_close(converter_); }
  Encoding encoding() const override { return Encoding::kGb18030; }
  bool IsUtf8(std::string_view text) const override {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  }

  std::optional<size_t> FirstInvalid(std::string_view text) override {
    std::array<char, 8192> discarded;
    for (size_t i = 0; i < text.size();) {
      const Progress progress = Convert(text.substr(i), discarded.data(), discarded.size());
      i += progress.read;
      if (progress.stopped) return i;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> Decode(std::string_view text, std::string& buffer) override {
    if (IsUtf8(text)) return text;
    buffer.resize(std::max(buffer.size(), text.size() * kUtf8PerByteMax));
    const Progress progress = Convert(text, buffer.data(), buffer.size());
    if (progress.stopped) return std::nullopt;
    return std::string_view(buffer.data(), progress.written);
  }

 private:
  struct Progress {
    size_t read;
    size_t written;
    bool stopped;  ///< at a byte that is not valid
  };

  /// Converts until a byte is not valid or `out` is full.
  Progress Convert(std::string_view text, char* out, size_t out_size) {
    char* in = const_cast<char*>(text.data());  // iconv's signature; it does not write there
    size_t in_left = text.size();
    size_t out_left = out_size;
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    const bool failed = iconv(converter_, &in, &in_left, &out, &out_left) == size_t(-1);
    return {text.size() - in_left, out_size - out_left, failed && errno != E2BIG};
  }

  /// Two bytes of GB18030 become three of UTF-8, of a few pairs two characters of three.
  static constexpr size_t kUtf8PerByteMax = 3;

  iconv_t converter_;
};

struct Magic {
  std::string_view start;
  std::string_view what;
};

using namespace std::string_view_literals;

/// What people name .csv by mistake, by its first bytes.
constexpr Magic kMagics[] = {
    {"\x89PNG\r\n"sv, "a PNG picture; export the table as CSV"},
    {"\xFF\xD8\xFF"sv, "a JPEG picture; export the table as CSV"},
    {"%PDF-"sv, "a PDF document; export the table as CSV"},
    {"PK\x03\x04"sv, "a zip archive or an Excel workbook (.xlsx); unpack it or save it as CSV"},
    {"\xD0\xCF\x11\xE0"sv, "an Excel workbook (.xls); save it as CSV"},
    {"\x1F\x8B"sv, "gzip-compressed; unpack it with gunzip"},
    {"\x28\xB5\x2F\xFD"sv, "zstd-compressed; unpack it with unzstd"},
    {"\xFD\x37zXZ"sv, "xz-compressed; unpack it with unxz"},
    {"BZh91AY"sv, "bzip2-compressed; unpack it with bunzip2"},
    {"7z\xBC\xAF"sv, "a 7z archive; unpack it"},
    {"SQLite format 3"sv, "an SQLite database; export the table as CSV"},
    {"<?xml"sv, "XML; convert it to CSV"},
    {"<!DOCTYPE"sv, "an HTML page; download the file itself"},
    {"<html"sv, "an HTML page; download the file itself"},
    {"\xFF\xFE"sv, "UTF-16; convert it with iconv -f UTF-16 -t UTF-8"},
    {"\xFE\xFF"sv, "UTF-16; convert it with iconv -f UTF-16 -t UTF-8"},
};

bool LooksLikeJson(std::string_view sample) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t open = sample.find_first_not_of(kBlanks);
  if (open == std::string_view::npos || (sample[open] != '{' && sample[open] != '[')) return false;
  const size_t next = sample.find_first_not_of(kBlanks, open + 1);
  return next == std::string_view::npos || "\"{[]}"sv.find(sample[next]) != std::string_view::npos;
}

/// How a sample fares as UTF-8, in multi-byte characters and bytes that belong to none.
struct Tally {
  size_t good = 0;
  size_t bad = 0;
  std::optional<size_t> first_bad;
};

Tally TallyUtf8(std::string_view text) {
  Tally tally;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text, i);
    if (length > 1) ++tally.good;
    if (length == 0) {
      ++tally.bad;
      if (!tally.first_bad) tally.first_bad = i;
    }
    i += std::max<size_t>(length, 1);
  }
  return tally;
}

/// True when GB18030 explains nine in ten of what UTF-8 does not.
Result<bool> LooksLikeGb18030(std::string_view text, size_t bad_as_utf8) {
  const auto decoder = QIPU_TRY(Decoder::Create(Encoding::kGb18030));
  size_t bad = 0;
  while (const auto at = decoder->FirstInvalid(text)) {
    if (++bad * 10 > bad_as_utf8) return false;
    text.remove_prefix(*at + 1);
  }
  return true;
}

std::string_view FirstLine(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

Status CheckUtf8(const std::string& path, std::string_view sample) {
  if (simdjson::validate_utf8(sample)) return Ok{};
  const Tally tally = TallyUtf8(sample);
  const std::string evidence = path + ": not UTF-8: " + HexByte(sample[*tally.first_bad]) +
                               " at offset " + std::to_string(*tally.first_bad);
  if (tally.bad > tally.good && QIPU_TRY(LooksLikeGb18030(sample, tally.bad))) {
    return InvalidArgument(
        evidence + "; looks like GB18030; declare \"encoding\": \"gb18030\" in the mapping");
  }
  if (*tally.first_bad < FirstLine(sample).size()) {
    return InvalidArgument(evidence + ", in the header; convert the file to UTF-8");
  }
  return Ok{};
}

Status CheckGb18030(const std::string& path, std::string_view sample, Decoder& decoder) {
  /// So few characters can be valid in both encodings by chance.
  constexpr size_t kChanceMax = 8;
  const Tally tally = TallyUtf8(sample);
  if (sample.starts_with("\xEF\xBB\xBF") || (tally.bad == 0 && tally.good > kChanceMax)) {
    return InvalidArgument(path + ": not GB18030: valid UTF-8 with " + std::to_string(tally.good) +
                           " characters; declare \"encoding\": \"utf-8\" in the mapping");
  }
  const std::string_view head = FirstLine(sample);
  if (const auto bad = decoder.FirstInvalid(head)) {
    return InvalidArgument(path + ": not GB18030: " + HexByte(head[*bad]) + " at offset " +
                           std::to_string(*bad) +
                           ", in the header; declare the encoding the file has");
  }
  return Ok{};
}

}  // namespace

Result<Encoding> EncodingByName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  if (lower == "utf-8" || lower == "utf8") return Encoding::kUtf8;
  if (lower == "gb18030" || lower == "gbk" || lower == "gb2312") return Encoding::kGb18030;
  return Unsupported("encoding '" + std::string(name) +
                     "' is not read; use utf-8 or gb18030, or convert the file with iconv");
}

std::string_view EncodingName(Encoding encoding) {
  return encoding == Encoding::kUtf8 ? "UTF-8" : "GB18030";
}

std::string HexByte(char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<uint8_t>(c);
  return {'b', 'y', 't', 'e', ' ', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

Result<std::unique_ptr<Decoder>> Decoder::Create(Encoding encoding) {
  if (encoding == Encoding::kUtf8) return std::unique_ptr<Decoder>(new Utf8Decoder);
  // iconv_open reports failure as the all-ones pointer.
  const iconv_t converter = iconv_open("UTF-8", "GB18030");
  if (reinterpret_cast<intptr_t>(converter) == -1) {
    return Unsupported("this system's iconv cannot read GB18030; convert the file to UTF-8");
  }
  return std::unique_ptr<Decoder>(new Gb18030Decoder(converter));
}

Status CheckText(const std::string& path, std::string_view sample, Decoder& decoder) {
  for (const Magic& magic : kMagics) {
    if (sample.starts_with(magic.start)) {
      return InvalidArgument(path + ": no CSV: it is " + std::string(magic.what));
    }
  }
  if (LooksLikeJson(sample)) {
    return InvalidArgument(path + ": no CSV: it looks like JSON; convert it to CSV");
  }
  const std::string_view head = FirstLine(sample);
  if (const size_t nul = head.find('\0'); nul != std::string_view::npos) {
    return InvalidArgument(path + ": no CSV: NUL byte at offset " + std::to_string(nul) +
                           ", in the header; a binary file, or UTF-16 to be converted with iconv");
  }
  if (decoder.encoding() == Encoding::kUtf8) return CheckUtf8(path, sample);
  return CheckGb18030(path, sample, decoder);
}

}  // namespace qipu::ingest
