#ifndef QIPU_TOOLS_EXPORT_EXPORT_H_
#define QIPU_TOOLS_EXPORT_EXPORT_H_

#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"

namespace qipu::tools {

struct ExportedFile {
  std::string data;     ///< name in the folder
  std::string mapping;  ///< the same; empty where there is none
  uint64_t rows = 0;
};

struct ExportReport {
  std::vector<ExportedFile> files;  ///< in the order in which they are to be imported
  /// Vertices, edges and values that the form can't carry so that an import gives them back.
  uint64_t left_out = 0;
  std::string first_left_out;
};

/// A CSV file and its mapping for each label with keys, and for each edge type between two such
/// labels; and the schema. An import of them into a new database gives the same graph, but for what
/// the report says is left out. `folder` must be absent or empty.
/// Errors: kAlreadyExists, kIo, and those of reading.
Result<ExportReport> ExportCsv(const graph::Snapshot& snapshot, const std::string& folder);

/// All there is, a JSON object on each line of two files, and the schema. Nothing is left out;
/// ingest::LoadDump takes it back.
Result<ExportReport> ExportNdjson(const graph::Snapshot& snapshot, const std::string& folder);

// --- files.cc ----------------------------------------------------------------------------------

/// Makes `folder`, or finds it empty. Errors: kAlreadyExists, kIo.
Status MakeFolder(const std::string& folder);
Status WriteFile(const std::string& path, const std::string& text);
/// The schema as its file has it, closed where the database is.
std::string SchemaText(const graph::Schema& schema);

/// A file being written. Errors are kept until Close.
class OutFile {
 public:
  explicit OutFile(const std::string& path) : path_(path), out_(path, std::ios::binary) {}
  void Write(const std::string& text) {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  Status Close();

 private:
  std::string path_;
  std::ofstream out_;
};

// --- columns.cc --------------------------------------------------------------------------------

/// What the values of one property need of a CSV column.
class PropertyColumn {
 public:
  /// Makes room for `value`; false when no column can carry it.
  bool Take(const graph::Value& value);
  /// Whether Take said so of `value`, now that all are known.
  bool Carries(const graph::Value& value) const;
  /// REQUIRES: Carries(value).
  std::string TextOf(const graph::Value& value) const;
  /// The column as a mapping has it.
  std::string Json(const std::string& header) const;
  bool used() const { return !types_.empty(); }

 private:
  std::string Separator() const;
  std::set<graph::ValueType> types_;
  uint32_t separators_taken_ = 0;  // a bit for each that an item contains
};

std::string JsonText(const std::string& text);
/// A field of CSV, quoted where it must be.
std::string CsvField(const std::string& text);
/// Whether an import reads exactly this text from a field.
bool IsPlainText(const std::string& text);

}  // namespace qipu::tools

#endif  // QIPU_TOOLS_EXPORT_EXPORT_H_
