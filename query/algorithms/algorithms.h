#ifndef QIPU_QUERY_ALGORITHMS_ALGORITHMS_H_
#define QIPU_QUERY_ALGORITHMS_ALGORITHMS_H_

#include <cstdint>
#include <vector>

#include "graph/csr.h"

namespace qipu::query {

/// Boost.Graph at work on a graph::Csr, which it reads in place. Vertices are local numbers.
/// All results are the same for the same graph, whatever the machine.

/// One flag per vertex: those that take part. The subgraph they induce is meant.
using VertexMask = std::vector<bool>;

/// The vertices of one circle in the order of its edges, empty when there is none.
/// Cost: vertices + edges.
std::vector<uint32_t> FindCycle(const graph::Csr& graph);

/// All vertices, every edge running forward; empty when there is a circle. Cost: vertices + edges.
std::vector<uint32_t> TopologicalOrder(const graph::Csr& graph);

/// The vertices of a path with the most edges through the vertices of `present`; empty when there
/// are none. Of several the one that ends, and then comes from, the least number.
/// `order`: of TopologicalOrder. Cost: vertices + edges.
std::vector<uint32_t> LongestPath(const graph::Csr& graph, const std::vector<uint32_t>& order,
                                  const VertexMask& present);

/// How many paths from a vertex of `sources` to one of `sinks` can run through `present` without
/// sharing a vertex, end points included (Menger 1927: the least number of vertices that cuts all).
/// Split vertices, unit capacities, maximum flow. Cost: paths times (vertices + edges).
int64_t DisjointPaths(const graph::Csr& graph, const VertexMask& sources, const VertexMask& sinks,
                      const VertexMask& present);

/// The vertices whose loss splits their part of `present`, edges taken without direction.
/// Source: Tarjan 1972. Cost: vertices + edges.
VertexMask ArticulationPoints(const graph::Csr& graph, const VertexMask& present);

/// Per vertex the share of shortest paths between two others that run through it, 0..1, summed over
/// pairs and divided by (n - 1)(n - 2), n = all vertices. Source: Brandes 2001.
/// Cost: vertices times edges.
std::vector<double> Betweenness(const graph::Csr& graph);

}  // namespace qipu::query

#endif  // QIPU_QUERY_ALGORITHMS_ALGORITHMS_H_
