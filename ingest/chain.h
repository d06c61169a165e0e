#ifndef QIPU_INGEST_CHAIN_H_
#define QIPU_INGEST_CHAIN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/json.h"
#include "graph/status.h"

namespace qipu::ingest {

enum class Stage { kUpstream, kMidstream, kDownstream };
/// `upstream`, `midstream` or `downstream`, as chain files and the graph write it.
std::string_view StageName(Stage stage);

struct ChainGroup {
  std::string id;
  std::string name;
  std::string name_en;
  Stage stage = Stage::kUpstream;
};

struct ChainSegment {
  std::string id;  ///< unique over all chains of a database
  std::string name;
  std::string name_en;
  std::string group;  ///< id of a ChainGroup
  Stage stage = Stage::kUpstream;
  double weight = 1;  ///< > 0; its share in coverage is weight / sum of weights
  std::string role;   ///< what offering it makes a company, e.g. `device`; `rules` refers to it
};

/// An industry chain as a file describes it (`schemas/reference/chains/*.json`): its segments, in
/// groups, and which segment supplies which. The file's `rules` are the Classifier's.
struct ChainDefinition {
  std::string id;
  std::string version;
  std::string name;
  std::string name_en;
  std::vector<std::string> sources;
  double confidence = 1;  ///< how sure the author is of segments and links, in [0, 1]
  std::vector<ChainGroup> groups;
  std::vector<ChainSegment> segments;
  /// (supplier, customer) as places in `segments`; acyclic, each link once, in the file's order.
  std::vector<std::pair<size_t, size_t>> links;
};

/// Reads and checks a chain file's structure.
///
/// Errors: kInvalidArgument, naming file, line and key: a missing or unknown key, an id used twice,
/// a group or segment that is not in the file, a link used twice, a cycle (with its path).
Result<ChainDefinition> ReadChain(const graph::JsonNode& root);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_CHAIN_H_
