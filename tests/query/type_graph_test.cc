#include "query/algorithms/type_graph.h"

#include <gmock/gmock.h>

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <deque>
#include <functional>
#include <numeric>
#include <random>
#include <set>

#include "tests/graph/fresh_store.h"

namespace qipu::query {
namespace {

using graph::Direction;
using graph::VertexId;
using OfLabel = boost::filtered_graph<TypeGraph, boost::keep_all, HasLabel>;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<TypeGraph>));
BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<TypeGraph>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<TypeGraph>));
BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<Undirected>));
BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<Undirected>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<OfLabel>));

/// A random graph with parallel edges and loops, a third of it written after the file was made.
class TypeGraphTest : public testing::Test {
 protected:
  static constexpr uint32_t kVertices = 120;

  TypeGraphTest() : store_(graph::MakeStore(directory_.path())) {
    Write(200);
    EXPECT_OK(graph::Analytics::Open(store_->TakeSnapshot(), {}));
    Write(100);
    arrays_ = *graph::Analytics::Open(store_->TakeSnapshot(), {});
    EXPECT_GT(arrays_->touched_vertices(), 0);
    firm_ = *snapshot().catalog().FindLabel("Firm");
    knows_ = *snapshot().catalog().FindEdgeType("KNOWS");
  }

  void Write(int edges) {
    graph::Transaction t = store_->Begin();
    const auto any = [&] {
      const auto number = random_() % kVertices;
      return *t.MergeVertex(t.Label(number % 3 == 0 ? "City" : "Firm"), std::to_string(number));
    };
    for (int i = 0; i < edges; ++i) {
      const VertexId from = any(), to = random_() % 20 == 0 ? from : any();
      EXPECT_OK(t.CreateEdge(from, t.EdgeType("KNOWS"), to, {}));
    }
    EXPECT_OK(t.DeleteVertex(any(), graph::DetachEdges::kYes));
    EXPECT_OK(t.Commit());
  }

  const graph::Snapshot& snapshot() const { return arrays_->snapshot(); }
  std::vector<graph::Neighbour> Others(uint32_t vertex, Direction direction) const {
    return *snapshot().Neighbours({vertex}, knows_, direction);
  }

  graph::FreshDirectory directory_;
  std::unique_ptr<graph::Store> store_;
  std::unique_ptr<graph::Analytics> arrays_;
  std::mt19937 random_{3};
  graph::LabelId firm_;
  graph::EdgeTypeId knows_;
};

/// Steps from `start` to each vertex, -1 where there is no way, by Boost.
template <class Graph>
std::vector<int> DistancesByBoost(const Graph& graph, uint32_t start, uint32_t size) {
  const boost::typed_identity_property_map<uint32_t> index;
  std::vector<int> distances(size, -1);
  std::vector<boost::default_color_type> colours(size);
  distances[start] = 0;
  boost::breadth_first_search(
      graph, start,
      boost::visitor(
          boost::make_bfs_visitor(boost::record_distances(
              boost::make_iterator_property_map(distances.begin(), index), boost::on_tree_edge())))
          .color_map(boost::make_iterator_property_map(colours.begin(), index)));
  return distances;
}

std::vector<int> DistancesByHand(
    uint32_t start, uint32_t size,
    const std::function<std::vector<graph::Neighbour>(uint32_t)>& others_of) {
  std::vector<int> distances(size, -1);
  distances[start] = 0;
  for (std::deque<uint32_t> waiting{start}; !waiting.empty(); waiting.pop_front()) {
    for (const graph::Neighbour& other : others_of(waiting.front())) {
      const auto to = static_cast<uint32_t>(other.vertex.value);
      if (distances[to] >= 0) continue;
      distances[to] = distances[waiting.front()] + 1;
      waiting.push_back(to);
    }
  }
  return distances;
}

TEST_F(TypeGraphTest, WalksTheEdgesOfTheSnapshot) {
  const TypeGraph graph = *TypeGraph::Of(*arrays_, knows_);
  for (uint32_t v = 0; v < graph.size(); ++v) {
    std::vector<graph::Neighbour> out, in;
    for (auto [at, end] = out_edges(v, graph); at != end; ++at) {
      EXPECT_EQ(source(*at, graph), v);
      out.push_back({{target(*at, graph)}, at->rank});
    }
    for (auto [at, end] = in_edges(v, graph); at != end; ++at) {
      EXPECT_EQ(target(*at, graph), v);
      in.push_back({{source(*at, graph)}, at->rank});
    }
    EXPECT_EQ(out, Others(v, Direction::kOut));
    EXPECT_EQ(in, Others(v, Direction::kIn));
  }
}

TEST_F(TypeGraphTest, CarriesBreadthFirstSearch) {
  const TypeGraph graph = *TypeGraph::Of(*arrays_, knows_);
  const OfLabel firms(graph, {}, HasLabel(**arrays_->VerticesOf(firm_)));
  std::set<VertexId> of_label;
  const std::vector<VertexId> labelled = *snapshot().VerticesOf(firm_);
  of_label.insert(labelled.begin(), labelled.end());
  const auto out = [&](uint32_t v) { return Others(v, Direction::kOut); };
  const auto out_to_firms = [&](uint32_t v) {
    auto others = out(v);
    std::erase_if(others, [&](const auto& other) { return of_label.count(other.vertex) == 0; });
    return others;
  };
  const auto start = static_cast<uint32_t>(of_label.begin()->value);
  EXPECT_EQ(DistancesByBoost(graph, start, graph.size()),
            DistancesByHand(start, graph.size(), out));
  EXPECT_EQ(DistancesByBoost(firms, start, graph.size()),
            DistancesByHand(start, graph.size(), out_to_firms));
}

TEST_F(TypeGraphTest, FindsComponentsWithoutDirections) {
  const Undirected graph(*TypeGraph::Of(*arrays_, knows_));
  const uint32_t size = graph.directed().size();
  std::vector<int> parts(size);
  const boost::typed_identity_property_map<uint32_t> index;
  std::vector<boost::default_color_type> colours(size);
  boost::connected_components(
      graph, boost::make_iterator_property_map(parts.begin(), index),
      boost::color_map(boost::make_iterator_property_map(colours.begin(), index)));
  const auto both = [&](uint32_t v) {
    auto others = Others(v, Direction::kOut);
    for (const auto& other : Others(v, Direction::kIn)) others.push_back(other);
    EXPECT_EQ(out_degree(v, graph), others.size());
    return others;
  };
  for (uint32_t start = 0; start < size; start += 7) {
    const std::vector<int> distances = DistancesByHand(start, size, both);
    for (uint32_t v = 0; v < size; ++v) {
      EXPECT_EQ(parts[v] == parts[start], distances[v] >= 0) << start << ' ' << v;
    }
  }
}

}  // namespace
}  // namespace qipu::query
