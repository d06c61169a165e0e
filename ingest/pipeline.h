#ifndef QIPU_INGEST_PIPELINE_H_
#define QIPU_INGEST_PIPELINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/status.h"
#include "ingest/mapper.h"
#include "ingest/source.h"

namespace qipu::ingest {

/// A file whose header has been matched with the mapping.
struct FileToRead {
  std::string path;
  std::vector<std::optional<uint32_t>> columns;  ///< see Mapping::MatchHeader
  uint64_t skip_records = 0;                     ///< known already, from the start of the file
};

/// Some records of one file that follow each other.
struct MappedBatch {
  size_t file = 0;  ///< place in the list of files
  std::vector<MappedRecord> records;
  uint64_t bytes = 0;  ///< of these records
  bool ends_file = false;
};

/// Reads files one after the other and maps their records on several threads.
///
///   reader thread -> batches -> `threads` mappers -> Next(), in the order of files and records
///
/// What comes out does not depend on the number of threads. Memory: at most
/// kBatchesPerThread batches per mapper are under way.
class Pipeline {
 public:
  /// `source` must outlive the pipeline. `threads` >= 1.
  Pipeline(const Source& source, std::vector<FileToRead> files, Depth depth, int threads);
  ~Pipeline();
  /// The next batch; null after the last file. Every file has a last batch, an empty file an empty
  /// one. Errors: those of CsvReader, after the batches before them.
  Result<std::optional<MappedBatch>> Next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr size_t kRecordsPerBatch = 1024;
inline constexpr size_t kBytesPerBatch = size_t{1} << 20;
inline constexpr size_t kBatchesPerThread = 8;

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_PIPELINE_H_
