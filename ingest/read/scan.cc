#include <bit>
#include <cstring>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

/// The high bit of each byte of `word` that equals `pattern`'s; above the lowest one set, false
/// positives may follow.
uint64_t EqualBytes(uint64_t word, uint64_t pattern) {
  const uint64_t difference = word ^ pattern;
  return (difference - kOnes) & ~difference & kHighs;
}

uint64_t Repeat(char c) { return kOnes * static_cast<uint8_t>(c); }

}  // namespace

RecordScanner::RecordScanner(const CsvDialect& dialect, size_t width_max)
    : delimiter_(dialect.delimiter), quote_(dialect.quote), width_max_(width_max) {}

const char* RecordScanner::FindSpecial(const char* p, const char* end) const {
  static_assert(std::endian::native == std::endian::little);
  const uint64_t delimiters = Repeat(delimiter_);
  const uint64_t quotes = Repeat(quote_);
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    const uint64_t found = EqualBytes(word, delimiters) | EqualBytes(word, quotes) |
                           EqualBytes(word, Repeat('\n')) | EqualBytes(word, Repeat('\r'));
    if (found != 0) return p + std::countr_zero(found) / 8;
  }
  while (p < end && *p != delimiter_ && *p != quote_ && *p != '\n' && *p != '\r') ++p;
  return p;
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
  width_ = 0;
  fields_.clear();
  escapes_.clear();
  const auto stop = [&](State state, const char* at) {
    return Scan{state, static_cast<size_t>(at - begin), text.size(), width_};
  };
  for (;; ++p) {
    escaped_ = false;
    if (p < end && *p == quote_) {
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
    return {State::kRecord, length, length + (two ? 2 : 1), width_};
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
