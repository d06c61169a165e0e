#include <algorithm>
#include <boost/graph/betweenness_centrality.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/graph_traits.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>

#include "query/algorithms/algorithms.h"

namespace qipu::graph {

// graph::Csr as a Boost.Graph VertexListGraph, EdgeListGraph and
// BidirectionalGraph: traits and free functions over the arrays it has. They stand in its
// namespace, where Boost finds them by argument.

/// An edge by its ends; parallel edges are one to the algorithms here.
struct CsrEdge {
  uint32_t source = 0, target = 0;
  friend bool operator==(const CsrEdge&, const CsrEdge&) = default;
};

/// Walks the edges at one vertex.
class CsrEdgeIterator : public boost::iterator_facade<CsrEdgeIterator, CsrEdge,
                                                      boost::forward_traversal_tag, CsrEdge> {
 public:
  CsrEdgeIterator() = default;
  CsrEdgeIterator(uint32_t vertex, const uint32_t* other, Direction direction)
      : vertex_(vertex), other_(other), direction_(direction) {}

 private:
  friend class boost::iterator_core_access;
  CsrEdge dereference() const {
    return direction_ == Direction::kOut ? CsrEdge{vertex_, *other_} : CsrEdge{*other_, vertex_};
  }
  bool equal(const CsrEdgeIterator& other) const { return other_ == other.other_; }
  void increment() { ++other_; }

  uint32_t vertex_ = 0;
  const uint32_t* other_ = nullptr;
  Direction direction_ = Direction::kOut;
};

/// Walks all edges in the order of their numbers.
class CsrAllEdgesIterator : public boost::iterator_facade<CsrAllEdgesIterator, CsrEdge,
                                                          boost::forward_traversal_tag, CsrEdge> {
 public:
  CsrAllEdgesIterator() = default;
  CsrAllEdgesIterator(const Csr& graph, uint64_t number) : graph_(&graph), number_(number) {
    FindSource();
  }

 private:
  friend class boost::iterator_core_access;
  CsrEdge dereference() const {
    return {source_, graph_->Out(source_)[number_ - graph_->FirstOutEdge(source_)]};
  }
  bool equal(const CsrAllEdgesIterator& other) const { return number_ == other.number_; }
  void increment() {
    ++number_;
    FindSource();
  }
  void FindSource() {
    while (source_ < graph_->size() &&
           number_ >= graph_->FirstOutEdge(source_) + graph_->Out(source_).size()) {
      ++source_;
    }
  }

  const Csr* graph_ = nullptr;
  uint64_t number_ = 0;
  uint32_t source_ = 0;
};

using CsrEdgeRange = std::pair<CsrEdgeIterator, CsrEdgeIterator>;
using CsrVertexIterator = boost::counting_iterator<uint32_t>;

std::pair<CsrVertexIterator, CsrVertexIterator> vertices(const Csr& graph) {
  return {CsrVertexIterator(0), CsrVertexIterator(graph.size())};
}
size_t num_vertices(const Csr& graph) { return graph.size(); }
CsrEdgeRange RangeOf(uint32_t vertex, std::span<const uint32_t> others, Direction direction) {
  return {{vertex, others.data(), direction}, {vertex, others.data() + others.size(), direction}};
}
CsrEdgeRange out_edges(uint32_t vertex, const Csr& graph) {
  return RangeOf(vertex, graph.Out(vertex), Direction::kOut);
}
size_t out_degree(uint32_t vertex, const Csr& graph) { return graph.Out(vertex).size(); }
CsrEdgeRange in_edges(uint32_t vertex, const Csr& graph) {
  return RangeOf(vertex, graph.In(vertex), Direction::kIn);
}
size_t in_degree(uint32_t vertex, const Csr& graph) { return graph.In(vertex).size(); }
size_t degree(uint32_t vertex, const Csr& graph) {
  return out_degree(vertex, graph) + in_degree(vertex, graph);
}
std::pair<CsrAllEdgesIterator, CsrAllEdgesIterator> edges(const Csr& graph) {
  return {{graph, 0}, {graph, graph.edge_count()}};
}
size_t num_edges(const Csr& graph) { return graph.edge_count(); }
uint32_t source(const CsrEdge& edge, const Csr&) { return edge.source; }
uint32_t target(const CsrEdge& edge, const Csr&) { return edge.target; }

}  // namespace qipu::graph

template <>
struct boost::graph_traits<qipu::graph::Csr> {
  struct traversal_category : boost::vertex_list_graph_tag,
                              boost::edge_list_graph_tag,
                              boost::bidirectional_graph_tag {};
  using vertex_descriptor = uint32_t;
  using edge_descriptor = qipu::graph::CsrEdge;
  using vertex_iterator = qipu::graph::CsrVertexIterator;
  using out_edge_iterator = qipu::graph::CsrEdgeIterator;
  using in_edge_iterator = qipu::graph::CsrEdgeIterator;
  using edge_iterator = qipu::graph::CsrAllEdgesIterator;
  using directed_category = boost::directed_tag;
  using edge_parallel_category = boost::allow_parallel_edge_tag;
  using vertices_size_type = size_t;
  using edges_size_type = size_t;
  using degree_size_type = size_t;
  static vertex_descriptor null_vertex() { return UINT32_MAX; }
};
template <>
struct boost::graph_traits<const qipu::graph::Csr> : boost::graph_traits<qipu::graph::Csr> {};

namespace qipu::query {
namespace {

using graph::Csr;
using graph::CsrEdge;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<Csr>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<Csr>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<Csr>));

/// What a depth-first search leaves behind.
struct Search {
  std::vector<uint32_t> parents, finished;
  std::vector<uint32_t> cycle;
};

class SearchVisitor : public boost::default_dfs_visitor {
 public:
  explicit SearchVisitor(Search& search) : search_(&search) {}
  void tree_edge(const CsrEdge& edge, const Csr&) { search_->parents[edge.target] = edge.source; }
  void finish_vertex(uint32_t vertex, const Csr&) { search_->finished.push_back(vertex); }
  // The way from target down to source is on the stack: with this edge it is a circle.
  void back_edge(const CsrEdge& edge, const Csr&) {
    if (!search_->cycle.empty()) return;
    for (uint32_t v = edge.source; v != edge.target; v = search_->parents[v]) {
      search_->cycle.push_back(v);
    }
    search_->cycle.push_back(edge.target);
    std::reverse(search_->cycle.begin(), search_->cycle.end());
  }

 private:
  Search* search_;  // Boost copies visitors
};

Search SearchDepthFirst(const Csr& graph) {
  Search search;
  search.parents.resize(graph.size());
  std::vector<boost::default_color_type> colours(graph.size());
  boost::depth_first_search(graph, SearchVisitor(search),
                            boost::make_iterator_property_map(
                                colours.begin(), boost::typed_identity_property_map<uint32_t>()));
  return search;
}

}  // namespace

std::vector<uint32_t> FindCycle(const Csr& graph) { return SearchDepthFirst(graph).cycle; }

std::vector<uint32_t> TopologicalOrder(const Csr& graph) {
  Search search = SearchDepthFirst(graph);
  if (!search.cycle.empty()) return {};
  std::reverse(search.finished.begin(), search.finished.end());
  return std::move(search.finished);
}

std::vector<uint32_t> LongestPath(const Csr& graph, const std::vector<uint32_t>& order,
                                  const VertexMask& present) {
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> edges(graph.size(), 0), from(graph.size(), kNone);
  uint32_t end = kNone;
  for (uint32_t v : order) {
    if (!present[v]) continue;
    for (uint32_t u : graph.In(v)) {
      if (!present[u] || edges[u] + 1 <= edges[v]) continue;
      edges[v] = edges[u] + 1;
      from[v] = u;
    }
    if (end == kNone || edges[v] > edges[end] || (edges[v] == edges[end] && v < end)) end = v;
  }
  std::vector<uint32_t> path;
  for (uint32_t v = end; v != kNone; v = from[v]) path.push_back(v);
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<double> Betweenness(const Csr& graph) {
  std::vector<double> centrality(graph.size(), 0);
  if (graph.size() < 3) return centrality;
  const boost::typed_identity_property_map<uint32_t> index;
  boost::brandes_betweenness_centrality(
      graph, boost::centrality_map(boost::make_iterator_property_map(centrality.begin(), index))
                 .vertex_index_map(index));
  const auto n = static_cast<double>(graph.size());
  for (double& share : centrality) share /= (n - 1) * (n - 2);
  return centrality;
}

}  // namespace qipu::query
