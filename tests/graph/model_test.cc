#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "graph/backup.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

constexpr const char* kLabels[] = {"Firm", "Maker", "Stray"};  // Maker refines Firm
constexpr const char* kTypes[] = {"KNOWS", "LIKES"};
constexpr const char* kNames[] = {"name", "staff", "note"};

/// The graph as a user thinks of it, without ids of names, lists or bytes.
struct ModelGraph {
  struct Node {
    std::set<std::string> labels;
    std::map<std::string, Value> properties;
  };
  struct Edge {
    uint64_t source;
    std::string type;
    uint64_t target;
    uint32_t rank;
    friend auto operator<=>(const Edge&, const Edge&) = default;
  };
  std::map<uint64_t, Node> vertices;
  std::map<Edge, std::map<std::string, Value>> edges;

  void Delete(uint64_t id) {
    vertices.erase(id);
    std::erase_if(edges,
                  [id](const auto& e) { return e.first.source == id || e.first.target == id; });
  }
};

/// Calls a transaction or a load and the model with the same random operations.
class Player {
 public:
  explicit Player(uint32_t seed) : random_(seed), store_(MakeStore(database_)) {}

  void Play(int operations) {
    while (operations > 0) {
      const int batch = static_cast<int>(1 + Below(60));
      switch (Below(12)) {
        case 0:
          Below(8) == 0 ? Restore() : Reopen();
          break;
        case 1:
          BulkLoadSome(batch);
          break;
        case 2:
          Commit(batch, false);
          break;
        default:
          Commit(batch, true);
      }
      operations -= batch;
      // Comparing reads all: the larger the graph, the rarer.
      if (Below(20 + model_.vertices.size() / 500) == 0) Compare();
      if (testing::Test::HasFailure()) return;
    }
    Compare();
    Reopen();
    Compare();
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  Value RandomValue(const std::string& property) {
    if (property == "staff") return Value(static_cast<int64_t>(random_()));
    if (property == "name") return Value("n" + std::to_string(Below(1000)));
    return Below(2) == 0 ? Value(Value::List{Value("x"), Value(0.5)})
                         : Value(Date{int32_t(Below(9))});
  }
  uint64_t AnyVertex() {
    auto at = model_.vertices.lower_bound(Below(bound_ + 1));
    return at == model_.vertices.end() ? model_.vertices.begin()->first : at->first;
  }

  void Reopen() {
    store_.reset();
    // Sometimes every commit of more than a kilobyte is written as tables: always would leave
    // thousands of files.
    StoreOptions options;
    if (Below(4) == 0) options.table_commit_bytes = 1024;
    store_ = OpenStore(database_, options);
  }

  /// Goes on with what a backup gives back.
  void Restore() {
    store_.reset();
    EXPECT_OK(MakeBackup(database_, directory_.File("backups"), {}));
    const std::string restored = directory_.File("db" + std::to_string(++restored_));
    EXPECT_OK(RestoreBackup(directory_.File("backups"), std::nullopt, restored, {}));
    std::filesystem::remove_all(database_);
    database_ = restored;
    Reopen();
  }

  void Commit(int operations, bool keep) {
    const ModelGraph before = keep ? ModelGraph() : model_;
    {
      Transaction t = store_->Begin();
      for (int i = 0; i < operations; ++i) Step(t);
      if (keep) EXPECT_OK(t.Commit());
    }
    if (!keep) model_ = before;  // dropped: no trace
    bound_ = store_->TakeSnapshot().vertex_id_bound();
  }

  void Step(Transaction& t) {
    if (model_.vertices.empty() || Below(4) == 0) return Merge(t);
    const uint64_t id = AnyVertex();
    ModelGraph::Node& node = model_.vertices[id];
    const std::string name = kNames[Below(3)];
    switch (Below(9)) {
      case 0: {
        const Value value = Below(4) == 0 ? Value() : RandomValue(name);
        EXPECT_OK(t.SetProperty({id}, t.Property(name), value));
        node.properties.erase(name);
        if (!value.is_null()) node.properties[name] = value;
        break;
      }
      case 1:
        EXPECT_OK(t.AddLabel({id}, t.Label("Stray")));
        node.labels.insert("Stray");
        break;
      case 2:
        EXPECT_OK(t.RemoveLabel({id}, t.Label("Stray")));
        node.labels.erase("Stray");
        break;
      case 3:
        if (Below(6) != 0) break;
        EXPECT_OK(t.DeleteVertex({id}, DetachEdges::kYes));
        model_.Delete(id);
        break;
      case 4:
        DropEdge(t);
        break;
      default:
        AddEdge(t, id, AnyVertex());
    }
  }

  void Merge(Transaction& t) {
    const std::string key = "k" + std::to_string(Below(400));
    const std::string label = kLabels[Below(2)];
    const uint64_t id = (*t.MergeVertex(t.Label(label), key)).value;
    ModelGraph::Node& node = model_.vertices[id];
    node.labels.insert({label, "Firm"});
    node.properties["id"] = Value(key);
    bound_ = std::max(bound_, id + 1);
  }

  void AddEdge(Transaction& t, uint64_t from, uint64_t to) {
    const std::string type = kTypes[Below(2)];
    std::map<std::string, Value> properties;
    if (Below(2) == 0) properties["note"] = RandomValue("name");
    const Properties values =
        properties.empty() ? Properties() : Properties{{t.Property("note"), properties["note"]}};
    if (Below(2) == 0) {
      EXPECT_OK(t.PutEdge({{from}, t.EdgeType(type), {to}, 0}, values));
      model_.edges[{from, type, to, 0}] = properties;
    } else {
      const auto made = t.CreateEdge({from}, t.EdgeType(type), {to}, values);
      EXPECT_OK(made);
      EXPECT_TRUE(
          model_.edges.emplace(ModelGraph::Edge{from, type, to, made->rank}, properties).second);
    }
  }

  void DropEdge(Transaction& t) {
    if (model_.edges.empty()) return;
    auto at = model_.edges.lower_bound({AnyVertex(), kTypes[0], 0, 0});
    if (at == model_.edges.end()) at = model_.edges.begin();
    const ModelGraph::Edge& e = at->first;
    EXPECT_OK(t.DeleteEdge({{e.source}, t.EdgeType(e.type), {e.target}, e.rank}));
    model_.edges.erase(at);
  }

  void BulkLoadSome(int vertices) {
    auto load = *store_->BeginLoad({.memory_bytes = 1});
    for (int i = 0; i < vertices; ++i) {
      const std::string key = "bulk" + std::to_string(++loaded_);
      const auto made =
          load.AddVertex({{load.Label("Maker")}}, {{load.Property("id"), Value(key)}});
      EXPECT_OK(made);
      model_.vertices[made->value] = {{"Firm", "Maker"}, {{"id", Value(key)}}};
      const uint64_t other = AnyVertex();
      EXPECT_OK(load.AddEdge({other}, load.EdgeType("LIKES"), *made, {}));
      model_.edges[{other, "LIKES", made->value, 0}] = {};
    }
    EXPECT_OK(load.Publish());
    bound_ = store_->TakeSnapshot().vertex_id_bound();
  }

  void Compare() const {
    const Snapshot snapshot = store_->TakeSnapshot();
    const Catalog& catalog = snapshot.catalog();
    ModelGraph read;
    VertexCursor cursor = snapshot.ScanVertices();
    while (cursor.Next()) {
      const Vertex& vertex = cursor.vertex();
      ModelGraph::Node& node = read.vertices[vertex.id.value];
      for (const LabelId label : vertex.labels) node.labels.insert(catalog.NameOf(label));
      for (const Property& p : vertex.properties) node.properties[catalog.NameOf(p.id)] = p.value;
      ReadEdges(snapshot, vertex.id, read);
    }
    EXPECT_OK(cursor.status());
    ExpectSame(read);
    EXPECT_EQ(*snapshot.CountVertices(), model_.vertices.size());
    EXPECT_EQ(*snapshot.CountEdges(), model_.edges.size());
    ExpectIndexed(snapshot);
    DumpOf(snapshot);  // counts by label agree with their lists
  }

  static void ReadEdges(const Snapshot& snapshot, VertexId vertex, ModelGraph& read) {
    const Catalog& catalog = snapshot.catalog();
    for (uint32_t type = 0; type < catalog.edge_types.size(); ++type) {
      const auto targets = *snapshot.Neighbours(vertex, {type}, Direction::kOut);
      for (const Neighbour& other : targets) {
        auto& properties = read.edges[{vertex.value, catalog.edge_types.NameOf(type),
                                       other.vertex.value, other.rank}];
        const auto stored = *snapshot.EdgeProperties({vertex, {type}, other.vertex, other.rank});
        for (const Property& p : stored) properties[catalog.NameOf(p.id)] = p.value;
        const auto back = *snapshot.Neighbours(other.vertex, {type}, Direction::kIn);
        EXPECT_TRUE(std::binary_search(back.begin(), back.end(), Neighbour{vertex, other.rank}));
      }
    }
  }

  void ExpectSame(const ModelGraph& read) const {
    ASSERT_EQ(read.vertices.size(), model_.vertices.size());
    for (const auto& [id, node] : model_.vertices) {
      SCOPED_TRACE(id);
      const auto found = read.vertices.find(id);
      ASSERT_NE(found, read.vertices.end());
      EXPECT_EQ(found->second.labels, node.labels);
      EXPECT_EQ(found->second.properties, node.properties);
    }
    EXPECT_EQ(read.edges, model_.edges);
  }

  void ExpectIndexed(const Snapshot& snapshot) const {
    const LabelId firm = *snapshot.catalog().FindLabel("Firm");
    for (const auto& [id, node] : model_.vertices) {
      const auto key = node.properties.find("id");
      if (key == node.properties.end()) continue;
      EXPECT_EQ(*snapshot.FindVertex(firm, *key->second.AsString()), VertexId{id});
    }
  }

  std::mt19937_64 random_;
  FreshDirectory directory_;
  std::string database_ = directory_.File("db0");
  int restored_ = 0;
  std::unique_ptr<Store> store_;
  ModelGraph model_;  // as the open transaction sees it
  uint64_t bound_ = 0;
  int loaded_ = 0;
};

class Model : public testing::TestWithParam<uint32_t> {};

// QIPU_MODEL_OPERATIONS=1000000 is the long form; each of two seeds plays half of them.
TEST_P(Model, RandomOperationsGiveTheSameGraph) {
  const char* asked = std::getenv("QIPU_MODEL_OPERATIONS");
  const int operations = asked ? std::atoi(asked) : 20000;
  Player(GetParam()).Play(operations / 2);
}
INSTANTIATE_TEST_SUITE_P(Seeds, Model, testing::Values(1, 2));

}  // namespace
}  // namespace qipu::graph
