#ifndef QIPU_GRAPH_INDEX_H_
#define QIPU_GRAPH_INDEX_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "graph/ids.h"
#include "graph/value.h"

namespace qipu::graph {

/// What an index answers. DO NOT RENUMBER: these numbers are on disk.
enum class IndexKind : uint8_t {
  kValue = 1,  ///< equality and ranges of booleans, numbers, strings and dates
  kText = 2,   ///< words, and characters of Chinese, within strings
};
std::string_view IndexKindName(IndexKind kind);

/// An index over one property of the vertices of one label. Null, NaN and lists have no entry: no
/// comparison with one is ever true, or it is not answered from here.
struct Index {
  uint32_t number = 0;  ///< never used twice
  LabelId label = {};
  PropertyId property = {};
  IndexKind kind = IndexKind::kValue;
  friend bool operator==(const Index&, const Index&) = default;
};

/// One end of a range of values.
struct RangeBound {
  enum class Kind { kInclusive, kExclusive };
  Value value;
  Kind kind = Kind::kInclusive;
};

/// The values between two bounds, as openCypher compares: values of another type than a bound's are
/// not in it, 1 and 1.0 are the same, NaN as a bound lets nothing pass.
struct ValueRange {
  std::optional<RangeBound> lower = std::nullopt, upper = std::nullopt;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_INDEX_H_
