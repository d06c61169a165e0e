#ifndef QIPU_INGEST_TABLE_FILE_H_
#define QIPU_INGEST_TABLE_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "graph/status.h"

namespace qipu::ingest {

/// A whole CSV file in memory, as text.
struct TableFile {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`
  std::vector<uint64_t> lines;                 ///< where each row starts
};

/// For small tables that a person wrote: comma, UTF-8, and no faulty record at all.
/// Errors: those of CsvReader; kInvalidArgument with file and line for the first faulty record, for
/// the header once more, and for more than kTableRowsMax rows.
Result<TableFile> ReadTableFile(const std::string& path);

inline constexpr size_t kTableRowsMax = 1'000'000;

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_TABLE_FILE_H_
