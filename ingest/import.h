#ifndef QIPU_INGEST_IMPORT_H_
#define QIPU_INGEST_IMPORT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"
#include "ingest/ledger.h"
#include "ingest/source.h"

namespace qipu::ingest {

/// A file to load, and the name that is kept of it.
struct ImportFile {
  std::string path;
  std::string name;
};

enum class OnReject {
  kQuarantine,  ///< keep the refused record in the list of rejects, load its neighbours
  kFail         ///< refuse the whole import
};

/// More refused records than this, of all files together, refuse the whole import.
struct RejectLimit {
  std::optional<uint64_t> records;
  std::optional<double> share;  ///< of the records read, in [0, 1]
  /// Reads `12` or `0.5%`. Errors: kInvalidArgument.
  static Result<RejectLimit> Parse(std::string_view text);
  bool Exceeded(const Counts& counts) const;
};

/// What to do with a file that was loaded before with the same bytes and mapping.
enum class KnownFile { kSkip, kReadAgain };

struct ImportProgress {
  size_t file = 0, files = 0;
  uint64_t records = 0, bytes = 0;  ///< of all files so far
};

struct ImportOptions {
  OnReject on_reject = OnReject::kQuarantine;
  RejectLimit reject_limit;
  KnownFile known_file = KnownFile::kSkip;
  int threads = 0;  ///< that map records; 0: one per processor
  std::function<void(const ImportProgress&)> progress;
};

enum class FileOutcome { kLoaded, kCompleted, kKnown, kChecked };
/// `loaded`; `completed`, when an earlier import had been cut off in it; `known`, when it was
/// loaded before; `checked` by a dry run.
std::string_view FileOutcomeName(FileOutcome outcome);

struct FileReport {
  std::string name;
  FileOutcome outcome = FileOutcome::kLoaded;
  Counts counts;  ///< of the whole file, as of a first import
};

/// A note, and the first file that has it.
struct ReportNote : Note {
  std::string first_file;
};

struct ImportReport {
  std::optional<uint32_t> run;  ///< absent when there was nothing to load
  std::vector<FileReport> files;
  Counts totals;                  ///< of the files that are not `known`
  std::vector<ReportNote> notes;  ///< of the same
  graph::CommitSummary changes;
};

/// Loads files of one source, in the order given.
///
/// Every file is opened and its header matched before anything is written, so that a file that
/// can't be read, is empty, in another encoding, or has an unknown or missing column leaves the
/// database as it was. With OnReject::kFail or a limit, all records are read and checked before.
/// Then records are committed in batches, each whole with its entries in the ledger. An import that
/// was cut off is completed by importing the same files again; graph and ledger are then byte for
/// byte those of an import that was not.
///
/// Errors: kInvalidArgument, kNotFound  as above, or a mapping that doesn't fit the schema
///         kRefused                     too many records refused; nothing was written
///         kIo, kCorruption             whole batches may have been written
Result<ImportReport> Import(graph::Store& store, const Source& source,
                            const std::vector<ImportFile>& files, const ImportOptions& options);

/// Reads and maps all records, places and classifies them, and writes nothing. Needs no database;
/// whether the vertices that edges refer to exist is not looked at.
/// With a schema, also whether the mapping fits it.
Result<ImportReport> CheckFiles(const Source& source, const graph::Schema* schema,
                                const std::vector<ImportFile>& files, const ImportOptions& options);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_IMPORT_H_
