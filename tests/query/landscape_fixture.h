#ifndef QIPU_TESTS_QUERY_LANDSCAPE_FIXTURE_H_
#define QIPU_TESTS_QUERY_LANDSCAPE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/store.h"
#include "tests/graph/fresh_store.h"

namespace qipu::query {

using Named = std::vector<std::pair<const char*, graph::Value>>;

/// A company as a test writes it.
struct TestCompany {
  const char* id;
  std::vector<const char*> roles, districts, offers;
  Named properties;
};

/// Writes a small landscape with the default schema into a fresh database, as an import would.
class TestLandscape {
 public:
  TestLandscape() {
    std::ifstream in(std::string(QIPU_SOURCE_DIR) + "/schemas/graph.json");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    auto schema = graph::Schema::Parse(text, "graph.json");
    EXPECT_OK(schema);
    store_ = graph::MakeStore(directory_.path(), *schema);
    change_.emplace(store_->Begin());
  }

  graph::VertexId Vertex(const char* label, const std::string& key, const Named& properties = {}) {
    const auto vertex = change_->MergeVertex(change_->Label(label), key);
    EXPECT_OK(vertex);
    for (const auto& [name, value] : properties) {
      EXPECT_OK(change_->SetProperty(*vertex, change_->Property(name), value));
    }
    return *vertex;
  }
  void AddLabel(graph::VertexId vertex, const char* label) {
    EXPECT_OK(change_->AddLabel(vertex, change_->Label(label)));
  }
  void Edge(graph::VertexId from, const char* type, graph::VertexId to,
            const Named& properties = {}) {
    graph::Properties set;
    for (const auto& [name, value] : properties) {
      graph::SetProperty(set, change_->Property(name), value);
    }
    EXPECT_OK(change_->PutEdge({from, change_->EdgeType(type), to}, set));
  }
  graph::VertexId Company(const TestCompany& company) {
    const graph::VertexId vertex = Vertex("Company", company.id, company.properties);
    for (const char* role : company.roles) AddLabel(vertex, role);
    for (const char* district : company.districts) {
      Edge(vertex, "LOCATED_IN", Vertex("District", district));
    }
    for (const char* segment : company.offers) Edge(vertex, "OFFERS", Vertex("Segment", segment));
    return vertex;
  }

  /// Commits what was written; more can be written after it.
  graph::Snapshot Commit() {
    EXPECT_OK(change_->Commit());
    graph::Snapshot snapshot = store_->TakeSnapshot();
    change_.reset();
    change_.emplace(store_->Begin());
    return snapshot;
  }

 private:
  graph::FreshDirectory directory_;
  std::unique_ptr<graph::Store> store_;
  std::optional<graph::Transaction> change_;
};

/// Two cities, one a municipality, with three districts in force and a retired one; a chain
///   chip -> servo -> robot -> line, sensor -> robot, and cad, which nothing is linked to.
inline void AddRegionsAndChain(TestLandscape& t) {
  using graph::Date;
  using graph::Value;
  const auto day = [](const char* text) { return Value(*Date::Parse(text)); };
  const auto big = t.Vertex("City", "310000", {{"name", Value("Big")}, {"gdp_cny", Value(4e12)}});
  t.AddLabel(big, "Province");
  const auto south = t.Vertex("Province", "440000", {{"name", Value("South")}});
  const auto town = t.Vertex("City", "440300", {{"name", Value("Town")}, {"gdp_cny", Value(3e11)}});
  t.Edge(town, "PART_OF", south);
  const auto a = t.Vertex("District", "310101",
                          {{"name", Value("A")},
                           {"area_km2", Value(20.0)},
                           {"population", Value(int64_t{500'000})},
                           {"lon", Value(121.0)},
                           {"lat", Value(31.0)}});
  const auto b = t.Vertex("District", "310102",
                          {{"name", Value("B")},
                           {"area_km2", Value(0.5)},
                           {"lon", Value(121.5)},
                           {"lat", Value(31.0)}});
  const auto c = t.Vertex("District", "440301",
                          {{"name", Value("C")},
                           {"area_km2", Value(100.0)},
                           {"population", Value(int64_t{1'000'000})},
                           {"lon", Value(114.0)},
                           {"lat", Value(22.5)}});
  const auto old =
      t.Vertex("District", "440399",
               {{"name", Value("Old")}, {"area_km2", Value(7.0)}, {"valid_to", day("2020-01-01")}});
  for (auto district : {a, b}) t.Edge(district, "PART_OF", big);
  for (auto district : {c, old}) t.Edge(district, "PART_OF", town);
  const auto chain = t.Vertex("Chain", "robots");
  const auto segment = [&](const char* id, const char* stage, double weight) {
    const auto vertex = t.Vertex(
        "Segment", id, {{"name", Value(id)}, {"stage", Value(stage)}, {"weight", Value(weight)}});
    t.Edge(vertex, "PART_OF", chain);
    return vertex;
  };
  const auto chip = segment("chip", "upstream", 1), sensor = segment("sensor", "upstream", 1);
  const auto servo = segment("servo", "upstream", 2), robot = segment("robot", "midstream", 1);
  const auto line = segment("line", "downstream", 1);
  segment("cad", "midstream", 2);
  t.Edge(chip, "FEEDS", servo);
  t.Edge(servo, "FEEDS", robot);
  t.Edge(sensor, "FEEDS", robot);
  t.Edge(robot, "FEEDS", line);
}

}  // namespace qipu::query

#endif  // QIPU_TESTS_QUERY_LANDSCAPE_FIXTURE_H_
