#ifndef QIPU_GRAPH_IDS_H_
#define QIPU_GRAPH_IDS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace qipu::graph {

/// A number that only fits where its own kind is asked for.
template <class Tag, class Rep>
struct Id {
  Rep value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

/// Dense: the n-th vertex ever made has id n-1, so that arrays can be indexed by it.
using VertexId = Id<struct VertexTag, uint64_t>;
/// Numbers of interned names, dense per kind, in order of first use. They are on disk.
using LabelId = Id<struct LabelTag, uint32_t>;
using EdgeTypeId = Id<struct EdgeTypeTag, uint32_t>;
using PropertyId = Id<struct PropertyTag, uint32_t>;

/// An edge is its end points, its type and a rank that tells parallel edges apart (0 for the
/// first). There is no other edge id: the same edge has the same reference for ever.
struct EdgeRef {
  VertexId source;
  EdgeTypeId type;
  VertexId target;
  uint32_t rank = 0;
  friend auto operator<=>(const EdgeRef&, const EdgeRef&) = default;
};

enum class Direction { kOut, kIn };

}  // namespace qipu::graph

template <class Tag, class Rep>
struct std::hash<qipu::graph::Id<Tag, Rep>> {
  size_t operator()(const qipu::graph::Id<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>()(id.value);
  }
};

#endif  // QIPU_GRAPH_IDS_H_
