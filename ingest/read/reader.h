#ifndef QIPU_INGEST_READ_READER_H_
#define QIPU_INGEST_READ_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"

namespace qipu::ingest {

/// Where a record stands in its file. Lines count from 1, bytes from 0; both of the file as it is,
/// before any decoding.
struct Span {
  uint64_t line = 1;
  uint64_t byte_offset = 0;
  uint64_t byte_length = 0;  ///< without the line end
};

/// Why a record was refused. `code` is stable, `reason` is for people:
///   CSV_STRAY_QUOTE  text after a closing quote, or a quote inside a bare field
///   CSV_OPEN_QUOTE   a quoted field that is not closed
///   CSV_WIDTH        more or fewer fields than the header
///   CSV_BLANK        an empty line where the header has more than one column
///   ENC_INVALID      bytes that are not valid in the declared encoding
///   NUL_BYTE         a NUL byte
///   REC_TOO_LONG     longer than kRecordBytesMax
/// A record with several faults has the code of the one that stands first; `reason` has them all.
struct Fault {
  std::string code;
  std::string reason;
};

/// One record as read: its fields, or the fault that makes it unusable.
struct RawRecord {
  uint64_t number = 0;  ///< from 1, the header not counted
  Span span;
  /// The record's bytes as in the file; of a REC_TOO_LONG the first kRawBytesKept. Valid until the
  /// next read.
  std::string_view raw;
  std::vector<std::string_view> fields;  ///< UTF-8, unquoted; valid until the next read
  std::optional<Fault> fault;            ///< when set, `fields` is empty
  bool repeats_header = false;           ///< as where files were put one behind the other
};

/// How a CSV file is written. Declared by the mapping, never guessed while loading.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';
  std::string encoding = "utf-8";  ///< utf-8 or gb18030 (gbk and gb2312 are read as gb18030)
};

/// Errors: kUnsupported, kInvalidArgument: an encoding that is not read; a delimiter and a quote
/// that can't be told from each other, from a line end or from a part of a character.
Status CheckDialect(const CsvDialect& dialect);

inline constexpr size_t kRecordBytesMax = size_t{16} << 20;  ///< a longer record is a fault
inline constexpr size_t kRawBytesKept = 4096;  ///< of a refused record, in the list of rejects
inline constexpr size_t kColumnsMax = 4096;    ///< a wider header is no header
inline constexpr size_t kSampleBytes = size_t{1} << 20;  ///< of a file's start, to judge it by

/// Reads one CSV file record by record. A record that breaks a rule is returned with its fault
/// and reading goes on behind it: no record is dropped, none is repaired by guessing.
///
/// Rules (RFC 4180, strict): a quoted field holds anything, with `""` for a quote; text after a
/// closing quote, a quote inside a bare field and a wrong number of fields are faults, each with
/// the place where the record starts. Line ends LF, CRLF and CR; a UTF-8 BOM at the start of the
/// file is skipped; NUL bytes and bytes that are not valid in the encoding are faults.
///
/// Going on: a faulty record ends at the end of the line where its fault shows. When a quoted
/// field took further lines into it, it ends before the first of them that is a whole record by
/// itself (no fault, the header's width), and reading resumes there. Every byte behind the header
/// belongs to exactly one record or line end.
///
/// Cost: one pass, rereading only faulty records; memory: one window of 1 MiB, growing with the
/// longest record up to kRecordBytesMax.
class CsvReader {
 public:
  /// Reads the header. Errors, each naming the file and the remedy:
  ///   kNotFound         no such file
  ///   kIo               not readable
  ///   kUnsupported      an encoding that is not read
  ///   kInvalidArgument  a directory; empty; no text (binary); not in the declared encoding, with
  ///                     the encoding it seems to have; a header with an empty or repeated name;
  ///                     a dialect that contradicts itself
  static Result<std::unique_ptr<CsvReader>> Open(const std::string& path,
                                                 const CsvDialect& dialect);
  virtual ~CsvReader() = default;
  /// The names as written, in UTF-8.
  virtual const std::vector<std::string>& header() const = 0;
  /// The next record; false at the end of the file. Errors: kIo.
  virtual Result<bool> Next(RawRecord& record) = 0;
};

/// Lower-case hex SHA-256 of a file's bytes; the file's name for ever. Errors: kNotFound, kIo.
Result<std::string> FileSha256(const std::string& path);

// --- Files -----------------------------------------------------------------------------------

/// A sliding view over a regular file's bytes: grows at its end, is consumed at its start.
class Window {
 public:
  /// Errors: kNotFound, kIo, kInvalidArgument (not a regular file), naming the file.
  static Result<std::unique_ptr<Window>> Open(const std::string& path);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  std::string_view view() const { return {buffer_.data() + begin_, end_ - begin_}; }
  /// Offset in the file of the view's first byte.
  uint64_t offset() const { return offset_; }
  /// No byte follows the view.
  bool at_end() const { return at_end_; }
  /// Reads on. False when nothing was added: the end, or a view of kBytesMax. Moves the view.
  Result<bool> Extend();
  /// Drops the view's first `size` bytes.
  void Consume(size_t size);

  /// Room for the longest record, its line end and the byte that tells CR from CRLF.
  static constexpr size_t kBytesMax = kRecordBytesMax + 3;

 private:
  Window(int descriptor, std::string path);

  int descriptor_;
  std::string path_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t offset_ = 0;
  bool at_end_ = false;
};

// --- Encodings -------------------------------------------------------------------------------

enum class Encoding { kUtf8, kGb18030 };
/// `utf-8`, `utf8`, `gb18030`, `gbk`, `gb2312` in any case. Errors: kUnsupported.
Result<Encoding> EncodingByName(std::string_view name);
std::string_view EncodingName(Encoding encoding);
/// `byte 0xC4`.
std::string HexByte(char c);

/// Turns a declared encoding into UTF-8. Not to be shared between threads.
class Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> Create(Encoding encoding);
  virtual ~Decoder() = default;
  virtual Encoding encoding() const = 0;
  /// Offset of the first byte that is not valid; none when all of `text` is.
  virtual std::optional<size_t> FirstInvalid(std::string_view text) = 0;
  /// Whether `text` is valid and in UTF-8 already.
  virtual bool IsUtf8(std::string_view text) const = 0;
  /// `text` in UTF-8: itself, or a view of `buffer`. Null when a byte is not valid.
  virtual std::optional<std::string_view> Decode(std::string_view text, std::string& buffer) = 0;
};

/// Says why a file that starts with `sample` cannot be CSV text in the decoder's encoding: binary,
/// another format, UTF-16, or another encoding throughout. Single bad bytes are no reason: they
/// are faults of their records. `sample` is whole lines or the whole file. Messages start with
/// `path`.
Status CheckText(const std::string& path, std::string_view sample, Decoder& decoder);

// --- Records ---------------------------------------------------------------------------------

/// Splits one record by the strict rules, without looking at its encoding.
class RecordScanner {
 public:
  enum class State {
    kRecord,     ///< a record without fault
    kStray,      ///< text after a closing quote, or a quote inside a bare field
    kOpen,       ///< the text ends inside a quoted field
    kCut,        ///< the text is cut inside a bare field, or where the next byte decides
    kCutQuoted,  ///< the text is cut inside a quoted field
  };
  struct Scan {
    State state;
    size_t length;  ///< of a record, without its line end; otherwise where the scan stopped
    size_t next;    ///< where the next record starts
    size_t width;   ///< fields seen
    bool quoted;    ///< one of them begins with a quote: line ends may be inside
  };
  enum class Cut { kHere, kNowhere };  ///< whether the file goes on behind the text

  /// Keeps the first `width_max` fields, counts all.
  RecordScanner(const CsvDialect& dialect, size_t width_max);
  /// Scans the record `text` starts with.
  Scan Run(std::string_view text, Cut cut);
  /// Where in `text` delimiters, quotes and line ends are.
  void FindAllSpecial(std::string_view text, std::vector<uint32_t>& places);
  /// Turns `""` into `"` in the fields of the last Run; those fields then view `buffer`.
  void Unescape(std::string& buffer);
  /// The fields of the last Run, without their quotes.
  std::vector<std::string_view>& fields() { return fields_; }

 private:
  void MarkSpecial(const char* begin, const char* end);
  /// The first delimiter, quote or line end; `end` when there is none.
  const char* FindSpecial(const char* p, const char* end);
  const char* FindClosingQuote(const char* p, const char* end, Cut cut);
  void Add(const char* start, const char* end);

  char delimiter_;
  char quote_;
  size_t width_max_;
  size_t width_ = 0;
  bool escaped_ = false;  // the field at hand holds a doubled quote
  static constexpr size_t kMarkedBytes = 64;
  const char* marked_ = nullptr;  // which bytes of the text from here on are special
  uint64_t marks_ = 0;
  std::vector<std::string_view> fields_;
  std::vector<size_t> escapes_;
};

/// LF, CRLF and CR in `text`, which is not cut inside a CRLF.
size_t CountLineEnds(std::string_view text);

/// What a record must be, and where it stands, to say what is wrong with it.
struct RecordRules {
  CsvDialect dialect;
  size_t width = 0;
};

/// Names every fault of a refused record `raw` that starts at `offset` of its file.
/// REQUIRES: `raw` breaks a rule.
Fault ExplainFault(std::string_view raw, uint64_t offset, const RecordRules& rules,
                   Decoder& decoder);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_READ_READER_H_
