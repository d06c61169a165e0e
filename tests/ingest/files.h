#ifndef QIPU_TESTS_INGEST_FILES_H_
#define QIPU_TESTS_INGEST_FILES_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "ingest/read/reader.h"

namespace qipu::ingest {

/// A folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("qipu-ingest-" + std::to_string(getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(path_);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string Write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

/// A record that outlives the reader.
struct KeptRecord {
  Span span;
  std::string raw;
  std::vector<std::string> fields;
  Fault fault;  ///< empty code: none
};

inline std::vector<KeptRecord> ReadAll(CsvReader& reader) {
  std::vector<KeptRecord> records;
  for (RawRecord record;;) {
    const auto more = reader.Next(record);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !*more) return records;
    EXPECT_EQ(record.number, records.size() + 1);
    records.push_back({record.span,
                       std::string(record.raw),
                       {record.fields.begin(), record.fields.end()},
                       record.fault.value_or(Fault{})});
  }
}

inline std::vector<KeptRecord> ReadBytes(std::string_view bytes, const CsvDialect& dialect = {}) {
  const ScratchFolder folder;
  const auto reader = CsvReader::Open(folder.Write("t.csv", bytes), dialect);
  if (!reader.ok()) {
    ADD_FAILURE() << reader.error().message;
    return {};
  }
  return ReadAll(**reader);
}

}  // namespace qipu::ingest

#endif  // QIPU_TESTS_INGEST_FILES_H_
