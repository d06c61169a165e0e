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

/// Where a record stands in its file. Lines count from 1, bytes from 0.
struct Span {
  uint64_t line = 1;
  uint64_t byte_offset = 0;
  uint64_t byte_length = 0;  ///< without the line end
};

/// Why a record was refused. `code` is stable (see ingest/README.md), `reason` is for people.
struct Fault {
  std::string code;
  std::string reason;
};

/// One record as read: its fields, or the fault that makes it unusable.
struct RawRecord {
  uint64_t number = 0;  ///< from 1, the header not counted
  Span span;
  std::string_view raw;                  ///< the record's bytes; valid until the next read
  std::vector<std::string_view> fields;  ///< unquoted; valid until the next read; empty on a fault
  std::optional<Fault> fault;
};

/// How a CSV file is written. Declared by the mapping, never guessed while loading.
struct CsvDialect {
  char delimiter = ',';
  char quote = '"';
  std::string encoding = "utf-8";  ///< utf-8 or gb18030 (gbk and gb2312 are read as gb18030)
};

inline constexpr size_t kRecordBytesMax = size_t{16} << 20;  ///< a longer record is a fault
inline constexpr size_t kRawBytesKept = 4096;  ///< of a refused record, in the list of rejects

/// Reads one CSV file record by record. A record that breaks a rule is returned with its fault
/// and reading goes on behind it: no record is dropped, none is repaired by guessing.
///
/// Rules (RFC 4180, strict): a quoted field holds anything, with `""` for a quote; text after a
/// closing quote, a quote inside a bare field and a wrong number of fields are faults, each with
/// the place where the record starts. An unterminated quote ends at the end of its line when the
/// next line is a whole record again. Line ends LF, CRLF and CR; a UTF-8 BOM is skipped; NUL bytes
/// and bytes that are not valid in the encoding are faults.
class CsvReader {
 public:
  /// Reads the header. Errors, each naming the file and the remedy:
  ///   kNotFound, kIo    no such file, not readable, a directory
  ///   kInvalidArgument  empty; no text (binary); not in the declared encoding, with the encoding
  ///                     it seems to have; a header with an empty or repeated name
  static Result<std::unique_ptr<CsvReader>> Open(const std::string& path,
                                                 const CsvDialect& dialect);
  virtual ~CsvReader() = default;
  virtual const std::vector<std::string>& header() const = 0;
  /// The next record; false at the end of the file. Errors: kIo.
  virtual Result<bool> Next(RawRecord& record) = 0;
};

/// Lower-case hex SHA-256 of a file's bytes; the file's name for ever.
Result<std::string> FileSha256(const std::string& path);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_READ_READER_H_
