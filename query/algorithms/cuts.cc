#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/edmonds_karp_max_flow.hpp>

#include "query/algorithms/algorithms.h"

namespace qipu::query {
namespace {

using graph::Csr;

// Maximum flow needs a residual graph, which the Csr is not: each vertex becomes two, `in` and
// `out`, with one unit between them, so that one path at most runs through it.
using FlowTraits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using FlowGraph = boost::adjacency_list<
    boost::vecS, boost::vecS, boost::directedS, boost::no_property,
    boost::property<
        boost::edge_capacity_t, int64_t,
        boost::property<boost::edge_residual_capacity_t, int64_t,
                        boost::property<boost::edge_reverse_t, FlowTraits::edge_descriptor>>>>;

void AddUnit(FlowGraph& flow, size_t from, size_t to) {
  const auto forward = boost::add_edge(from, to, flow).first;
  const auto backward = boost::add_edge(to, from, flow).first;
  auto capacity = boost::get(boost::edge_capacity, flow);
  auto reverse = boost::get(boost::edge_reverse, flow);
  capacity[forward] = 1;
  capacity[backward] = 0;
  reverse[forward] = backward;
  reverse[backward] = forward;
}

}  // namespace

int64_t DisjointPaths(const Csr& graph, const VertexMask& sources, const VertexMask& sinks,
                      const VertexMask& present) {
  const size_t source = 2 * size_t{graph.size()}, sink = source + 1;
  const auto in = [](uint32_t v) { return 2 * size_t{v}; };
  const auto out = [](uint32_t v) { return 2 * size_t{v} + 1; };
  FlowGraph flow(sink + 1);
  for (uint32_t v = 0; v < graph.size(); ++v) {
    if (!present[v]) continue;
    AddUnit(flow, in(v), out(v));
    if (sources[v]) AddUnit(flow, source, in(v));
    if (sinks[v]) AddUnit(flow, out(v), sink);
    for (uint32_t w : graph.Out(v)) {
      if (present[w]) AddUnit(flow, out(v), in(w));
    }
  }
  return boost::edmonds_karp_max_flow(flow, source, sink);
}

VertexMask ArticulationPoints(const Csr& graph, const VertexMask& present) {
  using Undirected = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;
  Undirected copy(graph.size());
  for (uint32_t v = 0; v < graph.size(); ++v) {
    for (uint32_t w : graph.Out(v)) {
      if (present[v] && present[w]) boost::add_edge(v, w, copy);
    }
  }
  std::vector<Undirected::vertex_descriptor> points;
  boost::articulation_points(copy, std::back_inserter(points));
  VertexMask mask(graph.size());
  for (auto point : points) mask[point] = true;
  return mask;
}

}  // namespace qipu::query
