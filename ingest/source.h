#ifndef QIPU_INGEST_SOURCE_H_
#define QIPU_INGEST_SOURCE_H_

#include <memory>
#include <string>

#include "graph/status.h"
#include "ingest/classify/classify.h"
#include "ingest/mapping.h"
#include "ingest/place/place.h"

namespace qipu::ingest {

/// A mapping with everything it needs to be applied: the gazetteer when it places, the rules of
/// its chain when it classifies. Immutable; shared by threads.
class Source {
 public:
  /// `schemas` is the folder with reference/ inside. Errors: those of the files that are read.
  static Result<Source> Load(const std::string& mapping_file, const std::string& schemas);
  /// Loads `schemas`/sources/NAME.json; an unknown name is an error that lists the known ones.
  static Result<Source> Named(const std::string& name, const std::string& schemas);

  const Mapping& mapping() const { return mapping_; }
  /// REQUIRES: the mapping places (classifies).
  const Gazetteer& gazetteer() const { return *gazetteer_; }
  const Classifier& classifier() const { return *classifier_; }
  /// Hex SHA-256 of the mapping and of every reference file that what it makes depends on, joined
  /// by `+`: the same file read under the same fingerprint gives the same graph.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  Mapping mapping_;
  std::unique_ptr<Gazetteer> gazetteer_;
  std::unique_ptr<Classifier> classifier_;
  std::string fingerprint_;
};

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_SOURCE_H_
