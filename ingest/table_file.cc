#include "ingest/table_file.h"

#include "ingest/read/reader.h"

namespace qipu::ingest {

Result<TableFile> ReadTableFile(const std::string& path) {
  const auto reader = QIPU_TRY(CsvReader::Open(path, {}));
  TableFile table;
  table.columns = reader->header();
  RawRecord record;
  while (QIPU_TRY(reader->Next(record))) {
    const std::string place = path + ":" + std::to_string(record.span.line) + ": ";
    if (record.fault) return InvalidArgument(place + record.fault->reason);
    if (record.repeats_header) {
      return InvalidArgument(place + "the header once more; remove this line");
    }
    if (table.rows.size() == kTableRowsMax) {
      return InvalidArgument(place + "more than " + std::to_string(kTableRowsMax) + " rows");
    }
    table.rows.emplace_back(record.fields.begin(), record.fields.end());
    table.lines.push_back(record.span.line);
  }
  return table;
}

}  // namespace qipu::ingest
