#ifndef QIPU_INGEST_RUN_H_
#define QIPU_INGEST_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/schema.h"
#include "graph/snapshot.h"
#include "graph/transaction.h"
#include "ingest/import.h"
#include "ingest/ledger.h"
#include "ingest/pipeline.h"
#include "ingest/source.h"

namespace qipu::ingest {

/// A file whose header was read and fits the mapping.
struct OpenedFile {
  std::string name;
  std::string sha256;
  uint64_t bytes = 0;
  size_t place = 0;  ///< in the list the user gave
  FileToRead to_read;
  FileEntry entry;  ///< what the ledger will say of it
};

/// The files that an import has to read, with the ledger entries they begin with.
struct PlannedRun {
  RunEntry entry;
  std::optional<MappingEntry> new_mapping;
  NextNumbers next;
  std::vector<OpenedFile> files;

  /// Writes the entries of the run, its mapping and its files.
  void Put(graph::Transaction& transaction) const;
};

/// Decides which of `opened` are to be read, and from which record on. The others, loaded before
/// or named twice, go to `known`. A run that was cut off keeps its number when the same files are
/// given again. Errors: kIo, kCorruption.
Result<PlannedRun> PlanRun(const graph::Snapshot& snapshot, const Source& source,
                           std::vector<OpenedFile> opened, KnownFile known_file,
                           std::vector<OpenedFile>& known);

/// Whether the vertices and edges that a mapping makes are such as the schema allows, so that no
/// record can be refused by it later. Errors: kInvalidArgument, naming mapping, line and label.
Status CheckFit(const Mapping& mapping, const graph::Schema& schema);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_RUN_H_
