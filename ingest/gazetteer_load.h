#ifndef QIPU_INGEST_GAZETTEER_LOAD_H_
#define QIPU_INGEST_GAZETTEER_LOAD_H_

#include <memory>

#include "graph/status.h"
#include "ingest/place/place.h"
#include "ingest/reference.h"

namespace qipu::ingest {

/// Makes the gazetteer of a reference's tables and rules; their columns are described in
/// schemas/reference/README.md. Errors: those of the files, with file and line.
Result<std::unique_ptr<Gazetteer>> LoadGazetteer(const Reference& reference);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_GAZETTEER_LOAD_H_
