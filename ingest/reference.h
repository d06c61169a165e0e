#ifndef QIPU_INGEST_REFERENCE_H_
#define QIPU_INGEST_REFERENCE_H_

#include <functional>
#include <string>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"
#include "ingest/import.h"

namespace qipu::ingest {

/// What a new database begins with, as a file such as schemas/reference/reference.json says: tables
/// with their mappings, chains, and what places are found by. Paths are absolute or relative to the
/// working directory.
struct Reference {
  struct Table {
    std::string source;  ///< a mapping in `schemas`/sources/
    std::string file;
    std::string name;  ///< of the file, as written
  };
  std::vector<Table> tables;
  std::vector<std::string> chains;
  std::string regions, aliases, place_rules;  ///< the gazetteer's files

  /// Errors: kNotFound, kIo, kInvalidArgument with file, line and key.
  static Result<Reference> Load(const std::string& file);
};

/// Loads all of `reference` in its order; `done` hears of every table's report. Loading again
/// changes nothing. Reference tables arrive whole or not at all: others build on them. The
/// gazetteer is read as well, so that what is wrong with it shows here.
///
/// Errors: kInvalidArgument  a table without records; a record that is refused, or loaded without
///                           one of its values, edges or vertices; a vertex that two records of a
///                           table tell of; a faulty gazetteer. Names file and line. The store may
///                           hold a part by then
///         others            those of Import and of reading a chain
Status LoadReference(graph::Store& store, const Reference& reference, const std::string& schemas,
                     const std::function<void(const ImportReport&)>& done);

/// Writes an industry chain: its Chain and Segment vertices, PART_OF and FEEDS. Errors:
/// kInvalidArgument with file, line and key; those of Transaction.
Result<graph::CommitSummary> LoadChain(graph::Store& store, const std::string& file);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_REFERENCE_H_
