#ifndef QIPU_QUERY_FUNCTIONS_FUNCTIONS_H_
#define QIPU_QUERY_FUNCTIONS_FUNCTIONS_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "graph/ids.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"

namespace qipu::query {

class Datum;
using DatumList = std::vector<Datum>;
using DatumMap = std::vector<std::pair<std::string, Datum>>;  ///< ascending by key

/// vertices.size() == edges.size() + 1.
struct DatumPath {
  std::vector<graph::VertexId> vertices;
  std::vector<graph::EdgeRef> edges;
};

enum class DatumType {
  kNull,
  kBool,
  kInt,
  kFloat,
  kString,
  kDate,
  kVertex,
  kEdge,
  kList,
  kMap,
  kPath,
};
/// As the language calls it, e.g. "INTEGER".
std::string_view DatumTypeName(DatumType type);

/// A value while a query runs. Vertices and edges are references only; their properties are read
/// when asked for. Lists, maps and paths are immutable and shared by the rows that hold them.
class Datum {
 public:
  Datum() = default;
  explicit Datum(bool v) : state_(v) {}
  explicit Datum(int64_t v) : state_(v) {}
  explicit Datum(double v) : state_(v) {}
  explicit Datum(std::string v) : state_(std::move(v)) {}
  explicit Datum(graph::Date v) : state_(v) {}
  explicit Datum(graph::VertexId v) : state_(v) {}
  explicit Datum(const graph::EdgeRef& v) : state_(v) {}
  explicit Datum(DatumList v) : state_(std::make_shared<const DatumList>(std::move(v))) {}
  explicit Datum(DatumMap v) : state_(std::make_shared<const DatumMap>(std::move(v))) {}
  explicit Datum(DatumPath v) : state_(std::make_shared<const DatumPath>(std::move(v))) {}
  static Datum FromValue(const graph::Value& value);

  DatumType type() const { return static_cast<DatumType>(state_.index()); }
  bool is_null() const { return type() == DatumType::kNull; }
  bool is_number() const { return type() == DatumType::kInt || type() == DatumType::kFloat; }

  // Null pointer when the value is of another type.
  const bool* AsBool() const { return std::get_if<bool>(&state_); }
  const int64_t* AsInt() const { return std::get_if<int64_t>(&state_); }
  const double* AsFloat() const { return std::get_if<double>(&state_); }
  const std::string* AsString() const { return std::get_if<std::string>(&state_); }
  const graph::Date* AsDate() const { return std::get_if<graph::Date>(&state_); }
  const graph::VertexId* AsVertex() const { return std::get_if<graph::VertexId>(&state_); }
  const graph::EdgeRef* AsEdge() const { return std::get_if<graph::EdgeRef>(&state_); }
  const DatumList* AsList() const { return Shared<DatumList>(); }
  const DatumMap* AsMap() const { return Shared<DatumMap>(); }
  const DatumPath* AsPath() const { return Shared<DatumPath>(); }
  /// An integer or float as double. REQUIRES: is_number().
  double Number() const;

  /// About what it takes in memory, with what it shares.
  uint64_t Bytes() const;

 private:
  template <class T>
  const T* Shared() const {
    const auto* shared = std::get_if<std::shared_ptr<const T>>(&state_);
    return shared == nullptr ? nullptr : shared->get();
  }
  std::variant<std::monostate, bool, int64_t, double, std::string, graph::Date, graph::VertexId,
               graph::EdgeRef, std::shared_ptr<const DatumList>, std::shared_ptr<const DatumMap>,
               std::shared_ptr<const DatumPath>>
      state_;
};

/// Sets `key` in a map that stays ascending; the last one wins.
void PutInMap(DatumMap& map, std::string key, Datum value);
const Datum* FindInMap(const DatumMap& map, std::string_view key);

/// Three-valued logic.
enum class Truth { kFalse, kTrue, kUnknown };
inline Truth Not(Truth t) {
  return t == Truth::kUnknown ? t : t == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
}
Datum FromTruth(Truth truth);

/// `=`: null with anything is unknown, 1 = 1.0, NaN = NaN is false; lists and maps by element.
Truth Equals(const Datum& a, const Datum& b);
/// `<`, `<=`, `>`, `>=`: how a stands to b; null when the two can't be compared (other types, a
/// null within); unordered with a NaN.
std::optional<std::partial_ordering> Compare(const Datum& a, const Datum& b);
/// The total order of ORDER BY, min and max, ascending: map, vertex, edge, list, path, date,
/// string, boolean, number, NaN, null.
std::strong_ordering Order(const Datum& a, const Datum& b);
/// Appends bytes that are the same for values that DISTINCT and grouping take as one (null is
/// null, 1 is 1.0, NaN is NaN) and different for others.
void AppendGroupKey(const Datum& datum, std::string& key);

/// What functions may read of the graph: rows by id, the latest ones kept.
class GraphReader {
 public:
  explicit GraphReader(const graph::Snapshot& snapshot);
  const graph::Snapshot& snapshot() const { return snapshot_; }
  const graph::Catalog& catalog() const { return snapshot_.catalog(); }
  /// Valid until the next call. Cost: a point read unless the row is among the kept ones.
  /// Errors: kIo, kCorruption (the vertex is gone: an edge leads nowhere).
  Result<const graph::Vertex*> Row(graph::VertexId id);
  /// Keeps a row that a scan has at hand anyway.
  void Keep(const graph::Vertex& vertex);
  /// The properties of a vertex or edge by name, nulls left out.
  Result<DatumMap> PropertiesOf(const Datum& element);
  Result<Datum> PropertyOf(const graph::EdgeRef& edge, graph::PropertyId property);

 private:
  /// A power of two: the slot of a row is its id modulo this.
  static constexpr uint64_t kKeptRows = 1024;
  const graph::Snapshot& snapshot_;
  std::vector<std::optional<graph::Vertex>> kept_;
};

/// A function of the arguments alone (and of the graph they point into). It checks their types;
/// arguments are never null unless `null_call` says so. Errors carry no place: the caller adds it.
struct ScalarFunction {
  enum class Nulls { kGiveNull, kAreArguments };
  std::string_view name;
  std::string_view signature;  ///< for people; the docs are printed from it
  size_t arguments_min, arguments_max;
  Nulls nulls;
  Result<Datum> (*call)(GraphReader& graph, std::span<const Datum> arguments);
};
inline constexpr size_t kAnyNumber = SIZE_MAX;

std::span<const ScalarFunction> ScalarFunctions();
/// By name without regard to case; null when there is none.
const ScalarFunction* FindScalarFunction(std::string_view name);

/// Builds up one value over the rows of a group, in row order. Nulls are not passed in.
class Aggregator {
 public:
  virtual ~Aggregator() = default;
  virtual Status Add(const Datum& value) = 0;
  virtual Result<Datum> Finish() = 0;
  /// About what it holds, in bytes.
  virtual uint64_t Bytes() const { return 64; }
};

struct AggregateFunction {
  std::string_view name;
  std::string_view signature;
  std::unique_ptr<Aggregator> (*create)();
};
std::span<const AggregateFunction> AggregateFunctions();
const AggregateFunction* FindAggregateFunction(std::string_view name);

/// Longest list that range() makes.
inline constexpr int64_t kRangeElementsMax = 10'000'000;

// The groups of scalar functions; scalar.cc makes one table of them.
std::span<const ScalarFunction> GraphFunctions();
std::span<const ScalarFunction> StringFunctions();
std::span<const ScalarFunction> NumberFunctions();
std::span<const ScalarFunction> ListFunctions();
std::span<const ScalarFunction> DateFunctions();

/// A complaint about the type of an argument: `toUpper takes a STRING, not an INTEGER`.
Error WrongArgument(std::string_view function, std::string_view wanted, const Datum& got);

}  // namespace qipu::query

#endif  // QIPU_QUERY_FUNCTIONS_FUNCTIONS_H_
