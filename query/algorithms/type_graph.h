#ifndef QIPU_QUERY_ALGORITHMS_TYPE_GRAPH_H_
#define QIPU_QUERY_ALGORITHMS_TYPE_GRAPH_H_

#include <boost/graph/graph_traits.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <cstdint>
#include <span>
#include <utility>

#include "graph/analytics.h"

namespace qipu::query {

/// The edges of one type over all vertex ids, read in place from graph::Analytics: a Boost.Graph
/// VertexListGraph and BidirectionalGraph, and so IncidenceGraph. An id without vertex has no
/// edges; boost::filtered_graph over HasLabel keeps to the vertices of a label, and Undirected
/// forgets directions, both without copying. The Analytics must outlive it.
class TypeGraph {
 public:
  /// Errors: as of Analytics::Neighbours.
  static Result<TypeGraph> Of(const graph::Analytics& arrays, graph::EdgeTypeId type) {
    TypeGraph graph;
    for (const auto direction : {graph::Direction::kOut, graph::Direction::kIn}) {
      const auto adjacency = arrays.Neighbours(type, direction);
      if (!adjacency.ok()) return adjacency.error();
      (direction == graph::Direction::kOut ? graph.out_ : graph.in_) = *adjacency;
    }
    graph.size_ = static_cast<uint32_t>(arrays.snapshot().vertex_id_bound());
    return graph;
  }
  uint32_t size() const { return size_; }
  const graph::Adjacency& out() const { return *out_; }
  const graph::Adjacency& in() const { return *in_; }

 private:
  const graph::Adjacency* out_ = nullptr;
  const graph::Adjacency* in_ = nullptr;
  uint32_t size_ = 0;
};

/// The same without directions: each edge at both of its ends, a loop twice at its one.
class Undirected {
 public:
  explicit Undirected(const TypeGraph& graph) : graph_(graph) {}
  const TypeGraph& directed() const { return graph_; }

 private:
  TypeGraph graph_;
};

/// An edge as met at `source`; `flipped` when it runs the other way.
struct TypeEdge {
  uint32_t source = 0, target = 0, rank = 0;
  bool flipped = false;

  friend bool operator==(const TypeEdge& a, const TypeEdge& b) {
    return a.rank == b.rank && a.From() == b.From() && a.To() == b.To();
  }
  uint32_t From() const { return flipped ? target : source; }
  uint32_t To() const { return flipped ? source : target; }
};

/// What is walked at one vertex: its list in one direction, or both one after the other.
class TypeEdgeIterator : public boost::iterator_facade<TypeEdgeIterator, TypeEdge,
                                                       boost::forward_traversal_tag, TypeEdge> {
 public:
  enum class Lists { kOut, kIn, kBoth };
  TypeEdgeIterator() = default;
  TypeEdgeIterator(const TypeGraph& graph, uint32_t vertex, Lists lists, size_t at)
      : graph_(&graph), vertex_(vertex), lists_(lists), at_(at) {
    if (lists != Lists::kIn) outs_ = graph.out().Of({vertex});
    if (lists != Lists::kOut) ins_ = graph.in().Of({vertex});
  }
  size_t size() const { return outs_.size() + ins_.size(); }

 private:
  friend class boost::iterator_core_access;
  TypeEdge dereference() const {
    if (at_ < outs_.size()) {
      const auto ranks = graph_->out().RanksOf({vertex_});
      return {vertex_, outs_[at_], ranks.empty() ? 0 : ranks[at_], false};
    }
    const size_t at = at_ - outs_.size();
    const auto ranks = graph_->in().RanksOf({vertex_});
    const uint32_t rank = ranks.empty() ? 0 : ranks[at];
    if (lists_ == Lists::kIn) return {ins_[at], vertex_, rank, false};
    return {vertex_, ins_[at], rank, true};
  }
  bool equal(const TypeEdgeIterator& other) const { return at_ == other.at_; }
  void increment() { ++at_; }

  const TypeGraph* graph_ = nullptr;
  uint32_t vertex_ = 0;
  Lists lists_ = Lists::kOut;
  size_t at_ = 0;
  std::span<const uint32_t> outs_, ins_;
};

/// A vertex predicate for boost::filtered_graph.
class HasLabel {
 public:
  HasLabel() = default;
  explicit HasLabel(const graph::Table& table) : table_(&table) {}
  bool operator()(uint32_t vertex) const { return table_->Has({vertex}); }

 private:
  const graph::Table* table_ = nullptr;
};

using TypeEdgeRange = std::pair<TypeEdgeIterator, TypeEdgeIterator>;
using TypeVertexIterator = boost::counting_iterator<uint32_t>;

inline TypeEdgeRange RangeOf(const TypeGraph& graph, uint32_t vertex,
                             TypeEdgeIterator::Lists lists) {
  const TypeEdgeIterator begin(graph, vertex, lists, 0);
  return {begin, TypeEdgeIterator(graph, vertex, lists, begin.size())};
}

inline std::pair<TypeVertexIterator, TypeVertexIterator> vertices(const TypeGraph& graph) {
  return {TypeVertexIterator(0), TypeVertexIterator(graph.size())};
}
inline size_t num_vertices(const TypeGraph& graph) { return graph.size(); }
inline TypeEdgeRange out_edges(uint32_t vertex, const TypeGraph& graph) {
  return RangeOf(graph, vertex, TypeEdgeIterator::Lists::kOut);
}
inline size_t out_degree(uint32_t vertex, const TypeGraph& graph) {
  return graph.out().Of({vertex}).size();
}
inline TypeEdgeRange in_edges(uint32_t vertex, const TypeGraph& graph) {
  return RangeOf(graph, vertex, TypeEdgeIterator::Lists::kIn);
}
inline size_t in_degree(uint32_t vertex, const TypeGraph& graph) {
  return graph.in().Of({vertex}).size();
}
inline size_t degree(uint32_t vertex, const TypeGraph& graph) {
  return out_degree(vertex, graph) + in_degree(vertex, graph);
}
inline uint32_t source(const TypeEdge& edge, const TypeGraph&) { return edge.source; }
inline uint32_t target(const TypeEdge& edge, const TypeGraph&) { return edge.target; }

inline std::pair<TypeVertexIterator, TypeVertexIterator> vertices(const Undirected& graph) {
  return vertices(graph.directed());
}
inline size_t num_vertices(const Undirected& graph) { return graph.directed().size(); }
inline TypeEdgeRange out_edges(uint32_t vertex, const Undirected& graph) {
  return RangeOf(graph.directed(), vertex, TypeEdgeIterator::Lists::kBoth);
}
inline size_t out_degree(uint32_t vertex, const Undirected& graph) {
  return degree(vertex, graph.directed());
}
inline uint32_t source(const TypeEdge& edge, const Undirected&) { return edge.source; }
inline uint32_t target(const TypeEdge& edge, const Undirected&) { return edge.target; }

/// What Boost.Graph wants to know of both.
struct TypeGraphTraits {
  using vertex_descriptor = uint32_t;
  using edge_descriptor = TypeEdge;
  using vertex_iterator = TypeVertexIterator;
  using out_edge_iterator = TypeEdgeIterator;
  // Concepts that are not modelled; boost::filtered_graph asks for the names all the same.
  using edge_iterator = void;
  using adjacency_iterator = void;
  using edge_parallel_category = boost::allow_parallel_edge_tag;
  using vertices_size_type = size_t;
  using edges_size_type = size_t;
  using degree_size_type = size_t;
  static vertex_descriptor null_vertex() { return UINT32_MAX; }
};

}  // namespace qipu::query

template <>
struct boost::graph_traits<qipu::query::TypeGraph> : qipu::query::TypeGraphTraits {
  struct traversal_category : boost::vertex_list_graph_tag, boost::bidirectional_graph_tag {};
  using directed_category = boost::bidirectional_tag;
  using in_edge_iterator = qipu::query::TypeEdgeIterator;
};
template <>
struct boost::graph_traits<qipu::query::Undirected> : qipu::query::TypeGraphTraits {
  struct traversal_category : boost::vertex_list_graph_tag, boost::incidence_graph_tag {};
  using directed_category = boost::undirected_tag;
  using in_edge_iterator = void;
};
template <>
struct boost::graph_traits<const qipu::query::TypeGraph>
    : boost::graph_traits<qipu::query::TypeGraph> {};
template <>
struct boost::graph_traits<const qipu::query::Undirected>
    : boost::graph_traits<qipu::query::Undirected> {};

#endif  // QIPU_QUERY_ALGORITHMS_TYPE_GRAPH_H_
