#include "query/algorithms/algorithms.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/query/landscape_fixture.h"

namespace qipu::query {
namespace {

using graph::Csr;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;

/// Writes graphs of n vertices into one database, an edge type each, and reads them as views.
class AlgorithmsTest : public testing::Test {
 protected:
  Csr Make(uint32_t n, const Edges& edges) {
    const std::string type = "LINK" + std::to_string(++graphs_);
    std::vector<graph::VertexId> vertices;
    for (uint32_t v = 0; v < n; ++v)
      vertices.push_back(t_.Vertex("Segment", std::to_string(v + 1)));
    std::sort(vertices.begin(), vertices.end());
    for (auto [from, to] : edges) t_.Edge(vertices[from], type.c_str(), vertices[to]);
    const graph::Snapshot snapshot = t_.Commit();
    const auto id = snapshot.catalog().FindEdgeType(type);
    // A graph without edges has no edge type of its own; any other has none between these.
    auto csr =
        Csr::Build(snapshot, id.value_or(*snapshot.catalog().FindEdgeType("OWNS")), vertices);
    EXPECT_OK(csr);
    return *csr;
  }
  TestLandscape t_;
  int graphs_ = 0;
};

VertexMask All(const Csr& graph) { return VertexMask(graph.size(), true); }

bool HasEdge(const Csr& graph, uint32_t from, uint32_t to) {
  const auto out = graph.Out(from);
  return std::find(out.begin(), out.end(), to) != out.end();
}

TEST_F(AlgorithmsTest, CycleIsNamedInOrder) {
  const struct {
    const char* name;
    uint32_t n;
    Edges edges;
    size_t length;
  } cases[] = {
      {"empty", 3, {}, 0},
      {"acyclic", 4, {{0, 1}, {1, 2}, {0, 2}, {3, 2}}, 0},
      {"two", 3, {{0, 1}, {1, 2}, {2, 1}}, 2},
      {"three behind a tail", 5, {{0, 1}, {1, 2}, {2, 3}, {3, 1}, {4, 0}}, 3},
      {"itself", 2, {{0, 1}, {1, 1}}, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Csr graph = Make(c.n, c.edges);
    const auto cycle = FindCycle(graph);
    EXPECT_EQ(cycle.size(), c.length);
    for (size_t i = 0; i < cycle.size(); ++i) {
      EXPECT_TRUE(HasEdge(graph, cycle[i], cycle[(i + 1) % cycle.size()]));
    }
    EXPECT_EQ(TopologicalOrder(graph).size(), c.length == 0 ? c.n : 0);
  }
}

TEST_F(AlgorithmsTest, LongestPathKeepsToWhatIsPresent) {
  const Csr graph = Make(6, {{0, 1}, {1, 2}, {2, 3}, {4, 3}, {0, 3}});
  const auto order = TopologicalOrder(graph);
  EXPECT_THAT(LongestPath(graph, order, All(graph)), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(LongestPath(graph, order, {true, false, true, true, true, true}), ElementsAre(0, 3));
  EXPECT_THAT(LongestPath(graph, order, {false, false, false, false, false, true}), ElementsAre(5));
  EXPECT_THAT(LongestPath(graph, order, VertexMask(6, false)), IsEmpty());
}

TEST_F(AlgorithmsTest, DisjointPathsAndArticulationPointsOfAButterfly) {
  // Two sources and two sinks, but all goes through vertex 2.
  const Csr graph = Make(6, {{0, 2}, {1, 2}, {2, 3}, {2, 4}});
  const VertexMask sources{true, true, false, false, false, false};
  const VertexMask sinks{false, false, false, true, true, false};
  EXPECT_EQ(DisjointPaths(graph, sources, sinks, All(graph)), 1);
  EXPECT_THAT(ArticulationPoints(graph, All(graph)),
              ElementsAre(false, false, true, false, false, false));
  VertexMask without = All(graph);
  without[2] = false;
  EXPECT_EQ(DisjointPaths(graph, sources, sinks, without), 0);
  EXPECT_THAT(ArticulationPoints(graph, without),
              ElementsAre(false, false, false, false, false, false));
  const Csr parallel = Make(6, {{0, 2}, {1, 5}, {2, 3}, {5, 4}});
  EXPECT_EQ(DisjointPaths(parallel, sources, sinks, All(parallel)), 2);
}

TEST_F(AlgorithmsTest, BetweennessOfAPathAndOfADiamond) {
  EXPECT_THAT(Betweenness(Make(3, {{0, 1}, {1, 2}})), ElementsAre(0, 0.5, 0));
  EXPECT_THAT(Betweenness(Make(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}})),
              ElementsAre(0, DoubleNear(0.5 / 6, 1e-15), DoubleNear(0.5 / 6, 1e-15), 0));
  EXPECT_THAT(Betweenness(Make(2, {{0, 1}})), ElementsAre(0, 0));
}

// ---- Against brute force on random acyclic graphs.

int LongestFrom(const Csr& graph, const VertexMask& present, uint32_t v) {
  int longest = 0;
  for (uint32_t w : graph.Out(v)) {
    if (present[w]) longest = std::max(longest, 1 + LongestFrom(graph, present, w));
  }
  return longest;
}

bool Reaches(const Csr& graph, const VertexMask& open, const VertexMask& sinks, uint32_t v) {
  if (sinks[v]) return true;
  for (uint32_t w : graph.Out(v)) {
    if (open[w] && Reaches(graph, open, sinks, w)) return true;
  }
  return false;
}

// Menger: as many disjoint paths as the least set of vertices that cuts every path.
int LeastCut(const Csr& graph, const VertexMask& sources, const VertexMask& sinks,
             const VertexMask& present) {
  const uint32_t n = graph.size();
  int least = static_cast<int>(n);
  for (uint32_t cut = 0; cut < (1u << n); ++cut) {
    VertexMask open = present;
    for (uint32_t v = 0; v < n; ++v) {
      if ((cut >> v & 1) != 0) open[v] = false;
    }
    bool connected = false;
    for (uint32_t v = 0; v < n && !connected; ++v) {
      connected = open[v] && sources[v] && Reaches(graph, open, sinks, v);
    }
    if (!connected) least = std::min(least, __builtin_popcount(cut));
  }
  return least;
}

int Parts(const Csr& graph, const VertexMask& present) {
  std::vector<uint32_t> part(graph.size());
  std::iota(part.begin(), part.end(), 0u);
  for (uint32_t round = 0; round < graph.size(); ++round) {
    for (uint32_t v = 0; v < graph.size(); ++v) {
      for (uint32_t w : graph.Out(v)) {
        if (present[v] && present[w]) part[v] = part[w] = std::min(part[v], part[w]);
      }
    }
  }
  int parts = 0;
  for (uint32_t v = 0; v < graph.size(); ++v) parts += present[v] && part[v] == v;
  return parts;
}

// Sum over pairs of (paths through v) / (paths), by counting shortest paths.
std::vector<double> BruteBetweenness(const Csr& graph) {
  const uint32_t n = graph.size();
  std::vector<std::vector<int>> distance(n, std::vector<int>(n, 99));
  std::vector<std::vector<double>> paths(n, std::vector<double>(n, 0));
  for (uint32_t s = 0; s < n; ++s) {
    distance[s][s] = 0;
    paths[s][s] = 1;
    for (int d = 0; d < static_cast<int>(n); ++d) {
      for (uint32_t v = 0; v < n; ++v) {
        if (distance[s][v] != d) continue;
        for (uint32_t w : graph.Out(v)) {
          if (distance[s][w] < d + 1) continue;
          distance[s][w] = d + 1;
          paths[s][w] += paths[s][v];
        }
      }
    }
  }
  std::vector<double> shares(n, 0);
  for (uint32_t v = 0; v < n; ++v) {
    for (uint32_t s = 0; s < n; ++s) {
      for (uint32_t t = 0; t < n; ++t) {
        if (s == v || t == v || s == t || distance[s][t] == 99) continue;
        if (distance[s][v] + distance[v][t] != distance[s][t]) continue;
        shares[v] += paths[s][v] * paths[v][t] / paths[s][t];
      }
    }
    shares[v] /= static_cast<double>(n - 1) * static_cast<double>(n - 2);
  }
  return shares;
}

TEST_F(AlgorithmsTest, AgreeWithBruteForceOnRandomAcyclicGraphs) {
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    const auto n = static_cast<uint32_t>(3 + random() % 6);
    Edges edges;
    VertexMask present(n), sources(n), sinks(n);
    for (uint32_t v = 0; v < n; ++v) {
      for (uint32_t w = v + 1; w < n; ++w) {
        if (random() % 3 == 0) edges.emplace_back(v, w);
      }
      present[v] = random() % 5 != 0;
      sources[v] = random() % 3 == 0;
      sinks[v] = random() % 3 == 0;
    }
    const Csr graph = Make(n, edges);
    const auto order = TopologicalOrder(graph);
    ASSERT_EQ(order.size(), n);
    std::vector<size_t> at(n);
    for (size_t i = 0; i < n; ++i) at[order[i]] = i;
    for (auto [v, w] : edges) EXPECT_LT(at[v], at[w]);

    int longest = -1;
    for (uint32_t v = 0; v < n; ++v) {
      if (present[v]) longest = std::max(longest, LongestFrom(graph, present, v));
    }
    const auto path = LongestPath(graph, order, present);
    EXPECT_EQ(static_cast<int>(path.size()) - 1, longest);
    for (size_t i = 1; i < path.size(); ++i) EXPECT_TRUE(HasEdge(graph, path[i - 1], path[i]));

    EXPECT_EQ(DisjointPaths(graph, sources, sinks, present),
              LeastCut(graph, sources, sinks, present));
    const VertexMask points = ArticulationPoints(graph, present);
    for (uint32_t v = 0; v < n; ++v) {
      if (!present[v]) {
        EXPECT_FALSE(points[v]);
        continue;
      }
      VertexMask without = present;
      without[v] = false;
      EXPECT_EQ(points[v], Parts(graph, without) > Parts(graph, present)) << v;
    }
    const auto want = BruteBetweenness(graph), got = Betweenness(graph);
    for (uint32_t v = 0; v < n; ++v) EXPECT_NEAR(got[v], want[v], 1e-12);
  }
}

}  // namespace
}  // namespace qipu::query
