#ifndef QIPU_INGEST_DUMP_H_
#define QIPU_INGEST_DUMP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "graph/status.h"
#include "graph/store.h"

namespace qipu::ingest {

/// Loads a dump: the files `vertices.ndjson` and `edges.ndjson` that an export in that form wrote,
/// one object a line:
///
///   {"id":7,"labels":["Company"],"properties":{"id":"x","founded":{"$date":"2018-05-04"}}}
///   {"type":"OFFERS","from":7,"to":2,"rank":0,"properties":{"confidence":0.5}}
///
/// and `dump.json`, which SealDump writes, with the numbers and hashes of both: files that were cut
/// or changed are refused. Who changes them on purpose deletes it.
///
/// What JSON has no value for stands as in MongoDB's Extended JSON: dates as `$date`, floats that
/// are no numbers as `$numberDouble`. Vertices get new ids in the order of the file; edges keep
/// their ranks when parallel ones come with ascending ranks. All of it is published as one bulk
/// load, or not. Memory: 16 bytes per vertex beside that of graph::BulkLoad. `progress` as there.
/// Errors: kInvalidArgument  names file, line and key; kAlreadyExists  the database has one of the
/// keys: a dump is for a new one; kNotFound, kIo; those of graph::BulkLoad.
Result<graph::CommitSummary> LoadDump(
    graph::Store& store, const std::string& folder,
    const std::function<void(const graph::BulkProgress&)>& progress);

/// Writes `dump.json` beside the two files. Errors: kNotFound, kIo.
Status SealDump(const std::string& folder, uint64_t vertices, uint64_t edges);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_DUMP_H_
