#ifndef QIPU_TESTS_GRAPH_BULK_PLAN_H_
#define QIPU_TESTS_GRAPH_BULK_PLAN_H_

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "graph/bulk_load.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {

/// A graph to build in two ways: firms and cities, edges between them with and without properties,
/// some of them parallel and some loops.
struct Plan {
  struct Edge {
    std::string from, to;
    bool to_city;
    int share;  // 0: no property
  };
  int first_firm = 0, firms = 0, cities = 0;
  std::vector<Edge> edges;

  /// Edges also lead to and from the firms below `first_firm`.
  static Plan Random(int first_firm, int firms, int cities, int edges, uint32_t seed) {
    Plan plan{first_firm, firms, cities, {}};
    std::mt19937 random(seed);
    const auto firm = [&] {
      const double skewed = std::pow(static_cast<double>(random()) / 4294967296.0, 3);
      return "f" + std::to_string(static_cast<int>(skewed * (first_firm + firms)));
    };
    for (int i = 0; i < edges; ++i) {
      const bool to_city = random() % 3 == 0;
      Edge edge{firm(), to_city ? "c" + std::to_string(random() % 5) : firm(), to_city, 0};
      // Between the same two all have the property or none has: the order then is that of coming.
      const bool has_share = std::hash<std::string>()(edge.from + edge.to) % 4 != 0;
      if (has_share) edge.share = 1 + static_cast<int>(random() % 3);
      plan.edges.push_back(std::move(edge));
    }
    return plan;
  }
};

template <class Names>
Properties FirmProperties(Names& names, int number) {
  Properties properties;
  SetProperty(properties, names.Property("id"), Value("f" + std::to_string(number)));
  if (number % 3 != 0) SetProperty(properties, names.Property("staff"), Value(int64_t{number}));
  if (number % 7 == 0) {
    SetProperty(properties, names.Property("tags"), Value(Value::List{Value("a"), Value(1.5)}));
  }
  return properties;
}

template <class Names>
Properties EdgeProperties(Names& names, int share) {
  if (share == 0) return {};
  return {{names.Property("share"), Value(int64_t{share})}};
}

inline void Fill(BulkLoad& load, const Plan& plan) {
  const LabelId firm = load.Label("Firm"), maker = load.Label("Maker"), city = load.Label("City");
  for (int i = plan.first_firm; i < plan.first_firm + plan.firms; ++i) {
    EXPECT_OK(load.AddVertex({{i % 2 == 0 ? firm : maker}}, FirmProperties(load, i)));
  }
  for (int i = 0; i < plan.cities; ++i) {
    EXPECT_OK(load.AddVertex({{city}}, {{load.Property("code"), Value("c" + std::to_string(i))}}));
  }
  for (const Plan::Edge& edge : plan.edges) {
    EXPECT_OK(load.AddEdge(
        **load.FindVertex(firm, edge.from), load.EdgeType(edge.to_city ? "IN" : "KNOWS"),
        **load.FindVertex(edge.to_city ? city : firm, edge.to), EdgeProperties(load, edge.share)));
  }
}

inline CommitSummary Load(Store& store, const Plan& plan, uint64_t memory_bytes = 1 << 20) {
  auto load = store.BeginLoad({.memory_bytes = memory_bytes});
  EXPECT_OK(load);
  Fill(*load, plan);
  const auto summary = load->Publish();
  EXPECT_OK(summary);
  return *summary;
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_BULK_PLAN_H_
