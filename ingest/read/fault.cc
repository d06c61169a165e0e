#include <algorithm>
#include <cassert>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

struct Finding {
  size_t at;
  const char* code;
  std::string reason;
};

std::string Counted(size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// Splits a broken record as a lenient reader would, and notes where it is broken: behind a
/// misplaced quote a field goes on to the next delimiter.
class Examination {
 public:
  Examination(std::string_view raw, const CsvDialect& dialect)
      : raw_(raw), delimiter_(dialect.delimiter), quote_(dialect.quote) {
    do {
      ++width_;
      if (at_ < raw_.size() && raw_[at_] == quote_) {
        PassQuoted();
      } else {
        PassBare();
      }
    } while (at_++ < raw_.size());
  }

  size_t width() const { return width_; }
  bool open() const { return open_; }
  std::vector<Finding> TakeFindings() { return std::move(findings_); }

 private:
  void PassQuoted() {
    const size_t opening = at_++;
    while (at_ < raw_.size() && (raw_[at_] != quote_ || Doubled())) {
      at_ += raw_[at_] == quote_ ? 2 : 1;
    }
    if (at_ >= raw_.size()) {
      open_ = true;
      findings_.push_back(
          {opening, "CSV_OPEN_QUOTE",
           "the quote that opens field " + std::to_string(width_) + " is not closed"});
      return;
    }
    if (++at_ == raw_.size() || raw_[at_] == delimiter_) return;
    NoteStray("text after a closing quote in field ");
    while (at_ < raw_.size() && raw_[at_] != delimiter_) ++at_;
  }

  void PassBare() {
    for (; at_ < raw_.size() && raw_[at_] != delimiter_; ++at_) {
      if (raw_[at_] == quote_) NoteStray("a quote inside the bare field ");
    }
  }

  bool Doubled() const { return at_ + 1 < raw_.size() && raw_[at_ + 1] == quote_; }

  void NoteStray(const char* what) {
    if (stray_) return;
    stray_ = true;
    findings_.push_back({at_, "CSV_STRAY_QUOTE", what + std::to_string(width_)});
  }

  std::string_view raw_;
  char delimiter_;
  char quote_;
  size_t at_ = 0;
  size_t width_ = 0;
  bool open_ = false;
  bool stray_ = false;
  std::vector<Finding> findings_;
};

}  // namespace

Fault ExplainFault(std::string_view raw, uint64_t offset, const RecordRules& rules,
                   Decoder& decoder) {
  if (raw.empty()) return {"CSV_BLANK", "a blank line"};
  Examination examination(raw, rules.dialect);
  std::vector<Finding> findings = examination.TakeFindings();
  // How many fields there are behind an open quote cannot be known.
  if (!examination.open() && examination.width() != rules.width) {
    findings.push_back({raw.size(), "CSV_WIDTH",
                        Counted(examination.width(), "field") + " where the header has " +
                            std::to_string(rules.width)});
  }
  if (const size_t nul = raw.find('\0'); nul != raw.npos) {
    findings.push_back({nul, "NUL_BYTE", "a NUL byte at offset " + std::to_string(offset + nul)});
  }
  if (const auto bad = decoder.FirstInvalid(raw)) {
    findings.push_back({*bad, "ENC_INVALID",
                        HexByte(raw[*bad]) + " at offset " + std::to_string(offset + *bad) +
                            " is not valid " + std::string(EncodingName(decoder.encoding()))});
  }
  assert(!findings.empty());
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.at < b.at; });
  Fault fault{findings.front().code, ""};
  for (const Finding& finding : findings) {
    if (!fault.reason.empty()) fault.reason += "; ";
    fault.reason += finding.reason;
  }
  if (const size_t ends = CountLineEnds(raw); ends > 0) {
    fault.reason += "; takes " + Counted(ends + 1, "line");
  }
  return fault;
}

}  // namespace qipu::ingest
