#include <algorithm>
#include <cassert>
#include <set>

#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

using Scan = RecordScanner::Scan;
using State = RecordScanner::State;
using Cut = RecordScanner::Cut;

/// A stretch of the window, from its start.
struct Extent {
  size_t length;  ///< without the line end
  size_t next;    ///< where the next stretch starts
};

/// A name without the byte order mark and the blanks around it.
std::string_view BareName(std::string_view name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (name.starts_with(kByteOrderMark)) name.remove_prefix(kByteOrderMark.size());
  while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  return name;
}

bool IsSameName(std::string_view a, std::string_view b) {
  return a == b || (!a.empty() && !b.empty() && BareName(a) == BareName(b));
}

class CsvFile : public CsvReader {
 public:
  CsvFile(std::string path, std::unique_ptr<Window> window, std::unique_ptr<Decoder> decoder,
          const CsvDialect& dialect)
      : path_(std::move(path)),
        window_(std::move(window)),
        decoder_(std::move(decoder)),
        scanner_(dialect, kColumnsMax),
        rules_{dialect, 0} {}

  const std::vector<std::string>& header() const override { return header_; }
  Status ReadHeader();
  Result<bool> Next(RawRecord& record) override;

 private:
  Cut cut() const { return window_->at_end() ? Cut::kNowhere : Cut::kHere; }
  void Drop(size_t size);
  void Pass(size_t size);
  Result<Scan> ScanAt(size_t at);
  Result<std::optional<Extent>> LineAt(size_t at);
  Result<bool> IsWholeRecord(size_t at);
  Result<std::optional<Extent>> EndBeforeWholeRecord(size_t limit);
  Result<std::optional<Extent>> FaultyExtent(const Scan& scan);
  void LookAhead();
  bool IsPlain(size_t size);
  size_t LineEndAt(size_t at) const;
  bool NextPlain(RawRecord& record);
  bool Accept(const Scan& scan, RawRecord& record);
  void Refuse(const Extent& extent, RawRecord& record);
  Status SkipTooLong(const Scan& scan, RawRecord& record);
  Status CheckNames() const;

  std::string path_;
  std::unique_ptr<Window> window_;
  std::unique_ptr<Decoder> decoder_;
  RecordScanner scanner_;
  RecordRules rules_;
  std::vector<std::string> header_;
  uint64_t line_ = 1;
  uint64_t number_ = 0;
  size_t returned_ = 0;            // bytes of the window that the last record took
  bool returned_line_ = false;     // they are known to be one line
  size_t looked_at_ = 0;           // bytes of the window: whole lines, see LookAhead
  size_t passed_ = 0;              // bytes that were looked at and are not in the window any more
  bool is_plain_ = false;          // both of them
  std::vector<uint32_t> special_;  // where in both delimiters, quotes and line ends are
  size_t next_special_ = 0;        // of these, the first that may be in the window
  std::string decoded_;            // what the last record's views may point into
  std::string unescaped_;
  std::string kept_;
};

Status CsvFile::ReadHeader() {
  while (window_->view().size() < kSampleBytes && QIPU_TRY(window_->Extend())) {
  }
  std::string_view sample = window_->view();
  if (!window_->at_end()) {
    sample = sample.substr(0, sample.find_last_of("\r\n") + 1);
    if (sample.empty()) {
      return InvalidArgument(path_ + ": no CSV: no line end in the first " +
                             std::to_string(kSampleBytes) + " bytes");
    }
  }
  QIPU_TRY(CheckText(path_, sample, *decoder_));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (sample.starts_with(kByteOrderMark)) window_->Consume(kByteOrderMark.size());
  if (window_->view().empty()) {
    return InvalidArgument(path_ + ": is empty; a CSV file has at least a header line");
  }
  const Scan scan = scanner_.Run(window_->view(), cut());
  const std::string_view raw = window_->view().substr(0, scan.length);
  if (scan.state != State::kRecord) {
    const std::string at = std::to_string(window_->offset() + scan.length);
    return InvalidArgument(path_ + ":1: no CSV header: " +
                           (scan.state == State::kStray
                                ? "misplaced quote at offset " + at
                                : "a quote is not closed before offset " + at) +
                           "; check the delimiter and the quote declared in the mapping");
  }
  const auto text = decoder_->Decode(raw, decoded_);
  if (!text) return InvalidArgument(path_ + ":1: no CSV header: not in the declared encoding");
  scanner_.Run(*text, Cut::kNowhere);
  scanner_.Unescape(unescaped_);
  header_.assign(scanner_.fields().begin(), scanner_.fields().end());
  if (scan.width > kColumnsMax) {
    return InvalidArgument(path_ + ":1: no CSV header: " + std::to_string(scan.width) +
                           " columns, more than " + std::to_string(kColumnsMax));
  }
  QIPU_TRY(CheckNames());
  rules_.width = header_.size();
  scanner_ = RecordScanner(rules_.dialect, rules_.width);
  returned_ = scan.next;
  return Ok{};
}

Status CsvFile::CheckNames() const {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < header_.size(); ++i) {
    const std::string where = path_ + ":1: column " + std::to_string(i + 1) + " of the header ";
    if (header_[i].empty()) return InvalidArgument(where + "has no name; name it");
    if (!seen.insert(header_[i]).second) {
      return InvalidArgument(where + "repeats the name '" + header_[i] + "'; rename one");
    }
  }
  return Ok{};
}

void CsvFile::Drop(size_t size) {
  line_ += CountLineEnds(window_->view().substr(0, size));
  Pass(size);
}

void CsvFile::Pass(size_t size) {
  window_->Consume(size);
  looked_at_ -= std::min(looked_at_, size);
  passed_ += size;
}

/// Scans at an offset of the window, reading on as far as the record needs and the window grows:
/// the state is kCut or kCutQuoted only when the window is full.
Result<Scan> CsvFile::ScanAt(size_t at) {
  for (;;) {
    const Scan scan = scanner_.Run(window_->view().substr(at), cut());
    if (scan.state != State::kCut && scan.state != State::kCutQuoted) return scan;
    if (!QIPU_TRY(window_->Extend()) && !window_->at_end()) return scan;
  }
}

/// From the window's start to the first line end at or behind `at`; none when the window ends or
/// is full before.
Result<std::optional<Extent>> CsvFile::LineAt(size_t at) {
  for (;;) {
    const std::string_view view = window_->view();
    const size_t end = view.find_first_of("\r\n", at);
    const bool last = end + 1 >= view.size();  // also when there is none: npos + 1 is 0
    if (end != view.npos && (view[end] == '\n' || !last || window_->at_end())) {
      const bool two = view[end] == '\r' && !last && view[end + 1] == '\n';
      return std::optional(Extent{end, end + (two ? 2 : 1)});
    }
    at = end != view.npos ? end : view.size();
    if (!QIPU_TRY(window_->Extend()) && !(window_->at_end() && at < window_->view().size())) {
      return std::optional<Extent>();
    }
  }
}

Result<bool> CsvFile::IsWholeRecord(size_t at) {
  const Scan scan = QIPU_TRY(ScanAt(at));
  return scan.state == State::kRecord && scan.width == rules_.width && scan.length > 0 &&
         scan.length <= kRecordBytesMax;
}

/// Ends the faulty record before the first line that starts in [1, limit) and is a whole record.
///
/// Cost: linear. Each line end flips or keeps the quoted state by the line's count of quotes, so
/// only the last of the lines tried can run past its own end.
Result<std::optional<Extent>> CsvFile::EndBeforeWholeRecord(size_t limit) {
  auto line = QIPU_TRY(LineAt(0));
  while (line && line->next < limit) {
    if (QIPU_TRY(IsWholeRecord(line->next))) return line;
    line = QIPU_TRY(LineAt(line->next));
  }
  return std::optional<Extent>();
}

/// The bytes of a record that is not as it should be; none when they don't fit the window.
Result<std::optional<Extent>> CsvFile::FaultyExtent(const Scan& scan) {
  // Split as it should be: only its bytes are at fault.
  const bool in_shape = scan.state == State::kRecord && scan.width == rules_.width;
  if (!in_shape) {
    const auto shorter = QIPU_TRY(EndBeforeWholeRecord(scan.length));
    if (shorter) return shorter;
  }
  std::optional<Extent> extent;
  if (scan.state == State::kRecord || scan.state == State::kOpen) {
    extent = Extent{scan.length, scan.next};
  } else if (scan.state == State::kStray) {
    extent = QIPU_TRY(LineAt(scan.length));
    const size_t size = window_->view().size();
    if (!extent && window_->at_end()) extent = Extent{size, size};
  }
  return extent && extent->length <= kRecordBytesMax ? extent : std::nullopt;
}

Result<bool> CsvFile::Next(RawRecord& record) {
  if (returned_line_) {
    ++line_;
    Pass(returned_);
  } else {
    Drop(returned_);
  }
  returned_ = 0;
  returned_line_ = false;
  if (window_->view().empty() && !QIPU_TRY(window_->Extend())) return false;
  record.number = ++number_;
  record.fault.reset();
  record.fields.clear();
  record.repeats_header = false;
  if (NextPlain(record)) return true;
  const Scan scan = QIPU_TRY(ScanAt(0));
  record.span = {line_, window_->offset(), scan.length};
  record.fields.clear();
  if (scan.state == State::kRecord && scan.width == rules_.width &&
      scan.length <= kRecordBytesMax && Accept(scan, record)) {
    return true;
  }
  if (const auto extent = QIPU_TRY(FaultyExtent(scan))) {
    Refuse(*extent, record);
  } else {
    QIPU_TRY(SkipTooLong(scan, record));
  }
  return true;
}

/// Looks at many lines at once, which takes a fraction of the time: whether they are all plain,
/// text in UTF-8 without NUL, and where they are to be cut.
void CsvFile::LookAhead() {
  constexpr size_t kBytesAtOnce = size_t{1} << 16;
  const std::string_view lines = window_->view().substr(0, kBytesAtOnce);
  looked_at_ = lines.find_last_of("\r\n") + 1;  // npos + 1 is 0
  passed_ = 0;
  const std::string_view whole = lines.substr(0, looked_at_);
  is_plain_ = whole.find('\0') == whole.npos && decoder_->IsUtf8(whole);
  scanner_.FindAllSpecial(is_plain_ ? whole : std::string_view(), special_);
  next_special_ = 0;
}

/// Whether the first `size` bytes of the window are plain; false also when lines beside them are
/// not.
bool CsvFile::IsPlain(size_t size) {
  if (size > looked_at_) LookAhead();
  return size <= looked_at_ && is_plain_;
}

/// How many bytes of a line end the window has at `at`; 0 when that can't be told.
size_t CsvFile::LineEndAt(size_t at) const {
  const std::string_view view = window_->view();
  if (view[at] == '\n') return 1;
  return view[at] == '\r' && at + 1 < view.size() && view[at + 1] == '\n' ? 2 : 0;
}

/// Hands out the next record if it is plain, without quotes and in shape.
bool CsvFile::NextPlain(RawRecord& record) {
  if (looked_at_ == 0) LookAhead();
  const std::string_view view = window_->view();
  while (next_special_ < special_.size() && special_[next_special_] < passed_) ++next_special_;
  size_t begin = 0;  // of a field, in the window
  for (size_t i = next_special_; i < special_.size(); ++i) {
    const size_t end = special_[i] - passed_;
    const bool is_field = view[end] == rules_.dialect.delimiter;
    const size_t line_end = is_field ? 0 : LineEndAt(end);
    if (!is_field && line_end == 0) return false;
    record.fields.push_back(view.substr(begin, end - begin));
    begin = end + 1;
    if (is_field) continue;
    if (end == 0 || end > kRecordBytesMax || record.fields.size() != rules_.width) return false;
    record.raw = view.substr(0, end);
    record.span = {line_, window_->offset(), end};
    record.repeats_header = std::ranges::equal(record.fields, header_, IsSameName);
    returned_ = end + line_end;
    returned_line_ = true;
    next_special_ = i + line_end;
    return true;
  }
  return false;
}

/// Hands out the record just scanned, unless its bytes are not valid text.
bool CsvFile::Accept(const Scan& scan, RawRecord& record) {
  record.raw = window_->view().substr(0, scan.length);
  if (!IsPlain(scan.length)) {
    if (record.raw.find('\0') != record.raw.npos) return false;
    const auto text = decoder_->Decode(record.raw, decoded_);
    if (!text) return false;
    if (text->data() != record.raw.data()) scanner_.Run(*text, Cut::kNowhere);
  }
  scanner_.Unescape(unescaped_);
  record.fields.swap(scanner_.fields());
  record.repeats_header = std::ranges::equal(record.fields, header_, IsSameName);
  returned_ = scan.next;
  returned_line_ = !scan.quoted;
  return true;
}

void CsvFile::Refuse(const Extent& extent, RawRecord& record) {
  record.raw = window_->view().substr(0, extent.length);
  record.span.byte_length = extent.length;
  record.fault = ExplainFault(record.raw, record.span.byte_offset, rules_, *decoder_);
  returned_ = extent.next;
}

/// Passes a record that does not fit the window, dropping it piece by piece: to the end of its
/// line or, from within a quoted field, to the first line that is a whole record.
Status CsvFile::SkipTooLong(const Scan& scan, RawRecord& record) {
  const bool quoted = scan.state == State::kCutQuoted || scan.state == State::kOpen;
  size_t from = quoted ? 0 : scan.length;
  kept_ = window_->view().substr(0, kRawBytesKept);
  uint64_t end = 0;
  for (;; from = 0) {
    const auto line = QIPU_TRY(LineAt(from));
    if (!line) {
      const std::string_view view = window_->view();
      if (view.empty()) break;
      // A CR at the end stays: it may be half a line end.
      const size_t size = view.size() - (view.back() == '\r' && !window_->at_end() ? 1 : 0);
      end = window_->offset() + size;
      Drop(size);
      continue;
    }
    end = window_->offset() + line->length;
    if (!quoted || QIPU_TRY(IsWholeRecord(line->next))) {
      returned_ = line->next;
      break;
    }
    Drop(line->next);
  }
  record.raw = kept_;
  record.span.byte_length = end - record.span.byte_offset;
  record.fault = Fault{"REC_TOO_LONG", std::to_string(record.span.byte_length) +
                                           " bytes, more than " + std::to_string(kRecordBytesMax)};
  return Ok{};
}

}  // namespace

Status CheckDialect(const CsvDialect& dialect) {
  const Encoding encoding = QIPU_TRY(EncodingByName(dialect.encoding));
  const auto usable = [](char c) { return c > 0 && c != '\n' && c != '\r'; };
  if (!usable(dialect.delimiter) || !usable(dialect.quote) || dialect.delimiter == dialect.quote) {
    return InvalidArgument(
        "delimiter and quote must be two different ASCII characters, and no line ends");
  }
  // From 0x40 on (and in 0x30..0x39) a byte can be the later part of a GB18030 character.
  const auto free = [](char c) { return c < '0' || (c > '9' && c < '@'); };
  if (encoding == Encoding::kGb18030 && !(free(dialect.delimiter) && free(dialect.quote))) {
    return Unsupported(
        "delimiter or quote can be part of a character in GB18030; convert the file to UTF-8");
  }
  return Ok{};
}

Result<std::unique_ptr<CsvReader>> CsvReader::Open(const std::string& path,
                                                   const CsvDialect& dialect) {
  const Encoding encoding = QIPU_TRY(EncodingByName(dialect.encoding));
  QIPU_TRY(CheckDialect(dialect));
  auto window = QIPU_TRY(Window::Open(path));
  auto file = std::make_unique<CsvFile>(path, std::move(window),
                                        QIPU_TRY(Decoder::Create(encoding)), dialect);
  QIPU_TRY(file->ReadHeader());
  return std::unique_ptr<CsvReader>(std::move(file));
}

}  // namespace qipu::ingest
