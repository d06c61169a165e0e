#ifndef QIPU_INGEST_CLASSIFY_CLASSIFY_H_
#define QIPU_INGEST_CLASSIFY_CLASSIFY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/json.h"
#include "graph/status.h"

namespace qipu::ingest {

/// A segment of a chain that a company was found to offer, and why.
struct SegmentMatch {
  std::string segment;   ///< Segment id
  std::string rule;      ///< name of the rule in the chain file, e.g. `robot_ind/1`
  std::string evidence;  ///< the clause (or name) as written
  double confidence = 0; ///< as the rule says, in [0, 1]
};

struct Classification {
  std::vector<SegmentMatch> segments;  ///< ascending by segment, the best match of each
  std::vector<std::string> roles;      ///< further labels, ascending, e.g. DeviceSupplier
};

/// The `rules` part of a chain file (`schemas/reference/chains/*.json`): what a business scope or
/// a name must say for a company to offer a segment. Compiled once; immutable; shared by threads.
class Classifier {
 public:
  /// Errors: kInvalidArgument with file, line and key.
  static Result<std::unique_ptr<Classifier>> Make(const graph::JsonNode& chain);
  virtual ~Classifier() = default;
  virtual Classification Classify(std::string_view name, std::string_view scope) const = 0;
};

/// Splits a business scope into its clauses, in order: at ；;。 and at ，,、 where the two sides
/// are activities of their own; boilerplate that names no activity is left out by the rules.
std::vector<std::string_view> SplitClauses(std::string_view scope);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_CLASSIFY_CLASSIFY_H_
