#ifndef QIPU_TESTS_QUERY_FIXTURE_H_
#define QIPU_TESTS_QUERY_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "graph/store.h"
#include "query/parse/ast.h"

namespace qipu::query {

/// A database in a directory of its own that goes away with it.
class TestGraph {
 public:
  /// An empty one; Firm and District have the keys `id` and `code`, other labels none.
  static Result<std::unique_ptr<TestGraph>> Make();
  ~TestGraph();

  /// Runs a text of CREATE clauses with literal properties, the way the language does. A vertex
  /// whose label has a key is found by it when it is there.
  Status Create(std::string_view text);
  graph::Snapshot TakeSnapshot() const { return store_->TakeSnapshot(); }
  graph::Store& store() { return *store_; }

 private:
  TestGraph() = default;
  Result<graph::VertexId> PutVertex(const NodePattern& node, graph::Transaction& transaction,
                                    std::map<std::string, graph::VertexId>& names);
  std::string directory_;
  std::unique_ptr<graph::Store> store_;
};

}  // namespace qipu::query

#endif  // QIPU_TESTS_QUERY_FIXTURE_H_
