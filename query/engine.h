#ifndef QIPU_QUERY_ENGINE_H_
#define QIPU_QUERY_ENGINE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"
#include "query/table.h"

namespace qipu::query {

/// Values for the $names of a query: plain values, lists and maps.
using Parameters = std::map<std::string, Cell>;

struct QueryResult {
  Table table;
  /// What is worth knowing about the answer, e.g. `no label 'Frim' in this database; did you mean
  /// 'Firm'?`: no error, as an unknown name matches nothing.
  std::vector<std::string> notices;
};

struct RunLimits {
  /// What sorting, grouping, DISTINCT and the result may hold in memory together, about.
  uint64_t bytes_held_max = uint64_t{1} << 30;
};

/// A query made ready for one snapshot: parsed, bound and planned. It may run many times. The
/// snapshot must outlive it.
class Prepared {
 public:
  Prepared(Prepared&&) noexcept;
  Prepared& operator=(Prepared&&) noexcept;
  ~Prepared();

  /// Errors: kInvalidArgument  a parameter is missing; a value of the wrong type, an INTEGER
  ///                           overflow, a division by zero; with line, column and the place
  ///         kRefused          the query would hold more memory than `limits` allow
  ///         kIo, kCorruption
  Result<QueryResult> Run(const Parameters& parameters, const RunLimits& limits = {}) const;
  /// The operators as an indented tree with estimated rows, the last one first.
  std::string Explain() const;
  /// Runs the query and gives the tree with the rows and time of each operator.
  Result<std::string> Profile(const Parameters& parameters) const;

 private:
  friend Result<Prepared> Prepare(const graph::Snapshot& snapshot, std::string_view text);
  struct State;
  explicit Prepared(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

/// Reads and plans a query in the part of openCypher 9 that this version implements.
///
/// Errors: kInvalidArgument  not in the language, an undefined variable, an unknown function, ...
///         kUnsupported      in the language, but not executed yet
///         kIo, kCorruption
/// All but the last name line and column and show the place.
Result<Prepared> Prepare(const graph::Snapshot& snapshot, std::string_view text);

/// Prepare and Run. The same data and query give the same rows in the same order; without ORDER BY
/// that order follows the ids of the vertices scanned.
Result<QueryResult> Run(const graph::Snapshot& snapshot, std::string_view text,
                        const Parameters& parameters);

/// Prepare and Explain.
Result<std::string> Explain(const graph::Snapshot& snapshot, std::string_view text);

/// The functions a query may call, as a table `name, signature, kind`.
Table FunctionTable();

}  // namespace qipu::query

#endif  // QIPU_QUERY_ENGINE_H_
