#include <bit>
#include <cstring>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

using Bytes16 __attribute__((vector_size(16))) = uint8_t;
using Words2 __attribute__((vector_size(16))) = uint64_t;

Bytes16 Repeat(char c) { return Bytes16{} + static_cast<uint8_t>(c); }

/// The lowest bit of each byte of `word`, side by side.
uint64_t LowBits(uint64_t word) { return (word & 0x0101010101010101) * 0x0102040810204080 >> 56; }

}  // namespace

RecordScanner::RecordScanner(const CsvDialect& dialect, size_t width_max)
    : delimiter_(dialect.delimiter), quote_(dialect.quote), width_max_(width_max) {}

void RecordScanner::MarkSpecial(const char* begin, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  marked_ = begin;
  marks_ = 0;
  const auto size = static_cast<size_t>(end - begin);
  char padded[kMarkedBytes];
  if (size < kMarkedBytes) {
    std::memset(padded, 0, kMarkedBytes);  // no special byte
    std::memcpy(padded, begin, size);
    begin = padded;
  }
  for (size_t i = 0; i < kMarkedBytes; i += sizeof(Bytes16)) {
    Bytes16 bytes;
    std::memcpy(&bytes, begin + i, sizeof bytes);
    const auto equal = (bytes == Repeat(delimiter_)) | (bytes == Repeat(quote_)) |
                       (bytes == Repeat('\n')) | (bytes == Repeat('\r'));
    const auto words = reinterpret_cast<Words2>(equal);
    marks_ |= (LowBits(words[0]) | LowBits(words[1]) << 8) << i;
  }
}

const char* RecordScanner::FindSpecial(const char* p, const char* end) {
  while (p < end) {
    if (static_cast<size_t>(p - marked_) >= kMarkedBytes) MarkSpecial(p, end);
    const uint64_t left = marks_ >> (p - marked_);
    if (left != 0) return p + std::countr_zero(left);
    if (static_cast<size_t>(end - marked_) <= kMarkedBytes) break;
    p = marked_ + kMarkedBytes;
  }
  return end;
}

void RecordScanner::FindAllSpecial(std::string_view text, std::vector<uint32_t>& places) {
  places.clear();
  const char* const end = text.data() + text.size();
  for (size_t at = 0; at < text.size(); at += kMarkedBytes) {
    MarkSpecial(text.data() + at, end);
    for (; marks_ != 0; marks_ &= marks_ - 1) {
      places.push_back(static_cast<uint32_t>(at + static_cast<size_t>(std::countr_zero(marks_))));
    }
  }
}

const char* RecordScanner::FindClosingQuote(const char* p, const char* end, Cut cut) {
  for (;;) {
    p = static_cast<const char*>(std::memchr(p, quote_, static_cast<size_t>(end - p)));
    if (p == nullptr) return nullptr;
    if (p + 1 == end) return cut == Cut::kHere ? nullptr : p;
    if (p[1] != quote_) return p;
    escaped_ = true;
    p += 2;
  }
}

void RecordScanner::Add(const char* start, const char* end) {
  if (width_++ >= width_max_) return;
  if (escaped_) escapes_.push_back(fields_.size());
  fields_.emplace_back(start, static_cast<size_t>(end - start));
}

RecordScanner::Scan RecordScanner::Run(std::string_view text, Cut cut) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* p = begin;
  if (begin != end) MarkSpecial(begin, end);
  width_ = 0;
  fields_.clear();
  escapes_.clear();
  bool quoted = false;
  const auto stop = [&](State state, const char* at) {
    return Scan{state, static_cast<size_t>(at - begin), text.size(), width_, quoted};
  };
  for (;; ++p) {
    escaped_ = false;
    if (p < end && *p == quote_) {
      quoted = true;
      const char* const closing = FindClosingQuote(p + 1, end, cut);
      if (closing == nullptr)
        return stop(cut == Cut::kHere ? State::kCutQuoted : State::kOpen, end);
      Add(p + 1, closing);
      p = closing + 1;
      if (p < end && *p != delimiter_ && *p != '\n' && *p != '\r') return stop(State::kStray, p);
    } else {
      const char* const special = FindSpecial(p, end);
      if (special < end && *special == quote_) return stop(State::kStray, special);
      Add(p, special);
      p = special;
    }
    if (p == end) return stop(cut == Cut::kHere ? State::kCut : State::kRecord, end);
    if (*p == delimiter_) continue;
    if (*p == '\r' && p + 1 == end && cut == Cut::kHere) return stop(State::kCut, end);
    const bool two = *p == '\r' && p + 1 < end && p[1] == '\n';
    const auto length = static_cast<size_t>(p - begin);
    return {State::kRecord, length, length + (two ? 2 : 1), width_, quoted};
  }
}

void RecordScanner::Unescape(std::string& buffer) {
  if (escapes_.empty()) return;
  size_t room = 0;
  for (const size_t i : escapes_) room += fields_[i].size();
  buffer.clear();
  buffer.reserve(room);
  for (const size_t i : escapes_) {
    const size_t start = buffer.size();
    for (size_t k = 0; k < fields_[i].size(); ++k) {
      buffer += fields_[i][k];
      if (fields_[i][k] == quote_) ++k;
    }
    fields_[i] = std::string_view(buffer).substr(start);
  }
}

size_t CountLineEnds(std::string_view text) {
  size_t count = 0;
  for (size_t i = text.find('\n'); i != text.npos; i = text.find('\n', i + 1)) ++count;
  for (size_t i = text.find('\r'); i != text.npos; i = text.find('\r', i + 1)) {
    if (i + 1 == text.size() || text[i + 1] != '\n') ++count;
  }
  return count;
}

}  // namespace qipu::ingest
