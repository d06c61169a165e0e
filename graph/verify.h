#ifndef QIPU_GRAPH_VERIFY_H_
#define QIPU_GRAPH_VERIFY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"

namespace qipu::graph {

enum class Severity {
  kNote,     ///< nothing is wrong, but one should know
  kDerived,  ///< derived from rows that are there: a repair rebuilds it
  kLost,     ///< what was written can't be read or contradicts itself: only a backup has it
};
std::string_view SeverityName(Severity severity);

/// One thing that is not as it should be.
struct Finding {
  Severity severity;
  std::string place;    ///< a column family, or a file
  std::string key;      ///< of the row, in hexadecimal; empty where no single row is meant
  std::string problem;  ///< in words, with the vertex or edge
};

enum class Repair { kNo, kYes };
enum class DamagedLog {
  kKeep,
  kGiveUp,  ///< the commits from the damaged record on are given up, for good
};

struct VerifyOptions {
  /// Rebuilds what is derived, in one commit; a column family with damaged tables as a whole, in
  /// several. Needs the database for itself.
  Repair repair = Repair::kNo;
  /// What a repair does about a log that has a record which is not what was written.
  DamagedLog damaged_log = DamagedLog::kKeep;
  /// So many findings are told; all are counted.
  size_t findings_max = 100;
  /// Called at the beginning of each step.
  std::function<void(const std::string& step)> progress = nullptr;
};

struct VerifyReport {
  // What was looked at.
  uint64_t tables = 0, vertices = 0, edges = 0, keys = 0, ledger_entries = 0, changes = 0;
  uint64_t index_entries = 0, snapshot_files = 0;
  // How many findings there are of each kind, told or not.
  uint64_t derived = 0, lost = 0;
  std::vector<Finding> findings;
  /// The repair was made; what is `lost` is as it was.
  bool repaired = false;
  bool clean() const { return derived == 0 && lost == 0; }
};

/// Checks every block of every table, every row, and that the rows agree with each other: edges in
/// both directions, their ends and properties, keys, label lists and indexes against the vertices,
/// counts, the change log; and the files of Analytics. Reads only, and beside a writer, unless it
/// repairs.
///
/// Memory: one bit per vertex and 10 MiB beside the cache, and what a repair writes.
/// Errors: as Store::Open's; kCorruption  nothing can be read at all
///         kRefused  a repair was asked for, but rows it would be made from can't be read, or the
///                   log is damaged and is to be kept
Result<VerifyReport> Verify(const std::string& directory, const StoreOptions& store_options,
                            const VerifyOptions& options);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_VERIFY_H_
