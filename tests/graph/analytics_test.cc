#include "graph/analytics.h"

#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <random>
#include <set>

#include "graph/rocks/database.h"
#include "tests/graph/analytics_same.h"
#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

constexpr AnalyticsOptions kInMemory{AnalyticsOptions::Keep::kNothing};

std::vector<std::string> FilesIn(const std::string& directory) {
  std::set<std::string> names;
  const std::filesystem::path folder = directory + "/snapshots";
  if (!std::filesystem::exists(folder)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.insert(entry.path().filename());
  }
  return {names.begin(), names.end()};
}

void ExpectSame(const Store& store, const AnalyticsOptions& options = {}) {
  const Snapshot snapshot = store.TakeSnapshot();
  const auto arrays = Analytics::Open(snapshot, options);
  ASSERT_TRUE(arrays.ok()) << MessageOf(arrays);
  ExpectSameEdges(**arrays, snapshot);
  ExpectSameVertices(**arrays, snapshot);
  EXPECT_OK((*arrays)->Verify());
}

/// Writes random graphs: values of every type, mixed ones, parallel edges, loops.
class Writer {
 public:
  explicit Writer(uint32_t seed) : random_(seed) {}

  void Commit(Store& store, int operations) {
    Transaction t = store.Begin();
    for (int i = 0; i < operations; ++i) Step(t);
    EXPECT_OK(t.Commit());
  }

  void Load(Store& store, int vertices) {
    auto load = *store.BeginLoad({.memory_bytes = 1 << 20});
    for (int i = 0; i < vertices; ++i) {
      const auto vertex =
          load.AddVertex({{load.Label(Below(2) == 0 ? "Firm" : "Maker")}},
                         {{load.Property("id"), Value("b" + std::to_string(++loaded_))}});
      EXPECT_OK(vertex);
      vertices_.push_back(*vertex);
      for (int edge = 0; edge < 2; ++edge) {
        const Status added = load.AddEdge(Any(), load.EdgeType("KNOWS"), Any(), {});
        // A deleted end is refused.
        EXPECT_TRUE(added.ok() || added.error().code == ErrorCode::kNotFound);
      }
    }
    EXPECT_OK(load.Publish());
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  VertexId Any() { return vertices_[Below(vertices_.size())]; }

  Value AnyValue(uint64_t kind) {
    switch (kind) {
      case 0:
        return Value(static_cast<int64_t>(random_()) - (int64_t{1} << 31));
      case 1:
        return Value(static_cast<double>(random_()) / 7 - 1e8);
      case 2:
        return Value(Below(2) == 0);
      case 3:
        return Value(Date{static_cast<int32_t>(Below(40000)) - 20000});
      case 4:
        return Value("字" + std::to_string(Below(50)));
      default:
        return Value(Value::List{Value("x"), Value(0.5), Value(static_cast<int64_t>(Below(3)))});
    }
  }

  void Step(Transaction& t) {
    if (vertices_.size() < 5 || Below(4) == 0) {
      const char* const labels[] = {"Firm", "Maker", "City"};
      const VertexId vertex =
          *t.MergeVertex(t.Label(labels[Below(3)]), "k" + std::to_string(Below(300)));
      vertices_.push_back(vertex);
      return;
    }
    const VertexId vertex = Any();
    if (!*t.GetVertex(vertex)) return;
    switch (const uint64_t kind = Below(6); Below(8)) {
      case 0:
        EXPECT_OK(t.AddLabel(vertex, t.Label("Stray")));
        break;
      case 1:
        EXPECT_OK(t.RemoveLabel(vertex, t.Label("Stray")));
        break;
      case 2:
        if (Below(4) == 0) EXPECT_OK(t.DeleteVertex(vertex, DetachEdges::kYes));
        break;
      case 3:
        EXPECT_OK(t.SetProperty(vertex, t.Property("p" + std::to_string(kind)),
                                Below(3) == 0 ? Value() : AnyValue(kind)));
        break;
      case 4:
        EXPECT_OK(t.SetProperty(vertex, t.Property("mixed"), AnyValue(kind)));
        break;
      case 5:
        DropEdge(t, vertex);
        break;
      default:
        AddEdge(t, vertex, Any());
    }
  }

  void DropEdge(Transaction& t, VertexId vertex) {
    const EdgeTypeId type = t.EdgeType("KNOWS");
    const auto others = *t.Neighbours(vertex, type, Direction::kOut);
    if (others.empty()) return;
    EXPECT_OK(t.DeleteEdge({vertex, type, others[0].vertex, others[0].rank}));
  }

  void AddEdge(Transaction& t, VertexId source, VertexId target) {
    if (!*t.GetVertex(target)) return;
    EXPECT_OK(t.CreateEdge(source, t.EdgeType(Below(3) == 0 ? "LIKES" : "KNOWS"), target, {}));
  }

  std::mt19937 random_;
  std::vector<VertexId> vertices_;
  int loaded_ = 0;
};

TEST(Analytics, OfAnEmptyDatabaseIsEmpty) {
  const FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  ExpectSame(*store);
  ExpectSame(*store, kInMemory);
  EXPECT_THAT(FilesIn(directory.path()), testing::ElementsAre("0.qsnap"));
}

TEST(Analytics, ShowsWhatTheSnapshotShows) {
  for (const uint32_t seed : {1, 2, 3}) {
    SCOPED_TRACE(seed);
    const FreshDirectory directory;
    auto store = MakeStore(directory.path());
    Writer writer(seed);
    writer.Commit(*store, 400);
    ExpectSame(*store);
    for (int round = 0; round < 6; ++round) {
      writer.Commit(*store, 40);
      if (round == 3) writer.Load(*store, 30);
      ExpectSame(*store);  // the first file and what lies over it
    }
    EXPECT_THAT(FilesIn(directory.path()), testing::ElementsAre("1.qsnap"));
    ExpectSame(*store, kInMemory);
    std::filesystem::remove_all(directory.path() + "/snapshots");
    ExpectSame(*store);
    store.reset();
    store = OpenStore(directory.path(), {.access = Access::kReadOnly});
    ExpectSame(*store);
  }
}

TEST(Analytics, IsMadeAnewWhenTooMuchHasChanged) {
  const FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Writer writer(5);
  writer.Commit(*store, 300);
  const Snapshot early = store->TakeSnapshot();
  ExpectSame(*store);
  const auto old = *Analytics::Open(early, {});
  writer.Load(*store, static_cast<int>(kOverlayVerticesMin) + 1);
  ExpectSame(*store);
  EXPECT_THAT(FilesIn(directory.path()), testing::ElementsAre("2.qsnap"));
  // What was open stays readable, and an older snapshot gets its own without a file.
  ExpectSameVertices(*old, early);
  const auto again = *Analytics::Open(early, {});
  ExpectSameEdges(*again, early);
  EXPECT_EQ(again->file_epoch(), 1);
  EXPECT_THAT(FilesIn(directory.path()), testing::ElementsAre("2.qsnap"));
}

TEST(Analytics, SpansChunks) {
  const FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Writer writer(6);
  writer.Commit(*store, 50);
  writer.Load(*store, 2 * static_cast<int>(kChunkRows));
  const Snapshot loaded = store->TakeSnapshot();
  EXPECT_OK(Analytics::Open(loaded, {}));
  writer.Commit(*store, 2000);
  const Snapshot snapshot = store->TakeSnapshot();
  const auto later = *Analytics::Open(snapshot, {});
  EXPECT_EQ(later->file_epoch(), 2);
  EXPECT_GT(later->touched_vertices(), 100);
  ExpectSameEdges(*later, snapshot, 29);
  ExpectSameVertices(*later, snapshot, 29);
}

TEST(Analytics, KeepsNoColumnOfTextsThatAreAllDistinct) {
  constexpr int kTexts = 600, kTextBytes = 1 << 16;  // more than a dictionary may take
  const FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Transaction t = store->Begin();
  for (int i = 0; i < kTexts; ++i) {
    const VertexId firm = *t.MergeVertex(t.Label("Firm"), std::to_string(i));
    EXPECT_OK(t.SetProperty(firm, t.Property("scope"),
                            Value(std::to_string(i) + std::string(kTextBytes, 'x'))));
    EXPECT_OK(t.SetProperty(firm, t.Property("staff"), Value(int64_t{i})));
  }
  EXPECT_OK(t.Commit());
  const Snapshot snapshot = store->TakeSnapshot();
  const auto arrays = *Analytics::Open(snapshot, {});
  const LabelId firm = *snapshot.catalog().FindLabel("Firm");
  EXPECT_FAILS(arrays->Values(firm, *snapshot.catalog().FindProperty("scope")),
               ErrorCode::kUnsupported, "scope has too many distinct values");
  ExpectSameColumn(*arrays, snapshot, firm, *snapshot.catalog().FindProperty("staff"), 1);
  EXPECT_OK(arrays->Verify());
}

TEST(Analytics, PassesOverFilesThatAreNotItsOwn) {
  const FreshDirectory directory, other;
  const auto store = MakeStore(directory.path()), stranger = MakeStore(other.path());
  Writer(7).Commit(*store, 200);
  Writer(8).Commit(*stranger, 200);
  ExpectSame(*store);
  ExpectSame(*stranger);
  const std::string mine = directory.path() + "/snapshots/1.qsnap";
  const auto size = std::filesystem::file_size(mine);
  const struct {
    const char* name;
    std::function<void()> spoil;
  } cases[] = {
      {"of another database",
       [&] {
         std::filesystem::copy_file(other.path() + "/snapshots/1.qsnap", mine,
                                    std::filesystem::copy_options::overwrite_existing);
       }},
      {"empty", [&] { std::filesystem::resize_file(mine, 0); }},
      {"truncated", [&] { std::filesystem::resize_file(mine, size / 2); }},
      {"too long", [&] { std::filesystem::resize_file(mine, size + 8); }},
      {"text", [&] { std::ofstream(mine) << "not a snapshot\n"; }},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::filesystem::remove(mine);
    ExpectSame(*store);
    c.spoil();
    ExpectSame(*store);
    EXPECT_EQ(std::filesystem::file_size(mine), size);  // made anew
  }
}

TEST(Analytics, RefusesAChangeOfAVertexThatNeverWas) {
  const FreshDirectory directory;
  {
    const auto store = MakeStore(directory.path());
    Writer(7).Commit(*store, 200);
    ExpectSame(*store);
  }
  {
    const auto database = *rocks::Database::Open(directory.path(), {});
    rocks::Head next = database->current()->head();
    Change change;
    change.vertices = {{VertexId{uint64_t{1} << 50}, Step::kChanged}};
    std::string row;
    rocks::AppendCommit(row, change);
    rocks::Batch batch;
    batch.Put(rocks::Family::kChanges, rocks::ChangeKey(++next.epoch).bytes(), row);
    EXPECT_OK(database->Apply(batch, next));
  }
  const auto store = OpenStore(directory.path());
  EXPECT_FAILS(Analytics::Open(store->TakeSnapshot(), {}), ErrorCode::kCorruption,
               "vertex 1125899906842624 in epoch 2");
}

// Every step that changes the disk fails once: the answer is right all the same, and what is there
// afterwards is whole.
TEST(Analytics, OutlivesFailingWrites) {
  for (int budget = 0;; ++budget) {
    SCOPED_TRACE(budget);
    const FreshDirectory directory;
    Writer writer(9);
    writer.Commit(*MakeStore(directory.path()), 100);
    const auto files = std::make_shared<FaultyFileSystem>(1 << 20);
    const auto store = OpenStore(directory.path(), {.files = files});
    files->Allow(budget);
    ExpectSame(*store);
    const bool failed = files->exhausted();
    files->Allow(1 << 20);
    ExpectSame(*store);
    EXPECT_THAT(FilesIn(directory.path()), testing::Contains("1.qsnap"));
    if (!failed || testing::Test::HasFailure()) break;
  }
}

/// Asks for all there is; the first error.
Status UseAll(const Analytics& arrays, const Catalog& catalog) {
  for (uint32_t type = 0; type < catalog.edge_types.size(); ++type) {
    QIPU_TRY(arrays.Neighbours({type}, Direction::kOut));
    QIPU_TRY(arrays.Neighbours({type}, Direction::kIn));
  }
  for (uint32_t label = 0; label < catalog.labels.size(); ++label) {
    QIPU_TRY(arrays.VerticesOf({label}));
    for (uint32_t property = 0; property < catalog.properties.size(); ++property) {
      QIPU_TRY(arrays.Values({label}, {property}));
    }
  }
  return Ok{};
}

// No byte of a file is without a checksum, and none is used that does not match it.
TEST(Analytics, FindsEveryFlippedByte) {
  const FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Writer(10).Commit(*store, 60);
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_OK(Analytics::Open(snapshot, {}));
  const std::string path = directory.path() + "/snapshots/1.qsnap";
  const auto size = std::filesystem::file_size(path);
  // Most of a small file is the zeros of blocks: of the rest every byte, of those every 61st.
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  size_t checked = 0;
  for (size_t at = 0; at < size; ++at) {
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get());
    if (byte == 0 && at % 61 != 0) continue;
    ++checked;
    const auto put = [&](char value) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(value);
      file.flush();
    };
    put(static_cast<char>(byte ^ (1 << at % 8)));
    const auto arrays = Analytics::Open(snapshot, kInMemory);
    ASSERT_TRUE(arrays.ok());
    // In directory or trailer: passed over, and the arrays are built in memory.
    const Status verified = (*arrays)->Verify(), used = UseAll(**arrays, snapshot.catalog());
    if (verified.ok()) {
      ExpectSameEdges(**arrays, snapshot);
      ExpectSameVertices(**arrays, snapshot);
    } else {
      EXPECT_EQ(verified.error().code, ErrorCode::kCorruption);
      EXPECT_FALSE(used.ok());
    }
    put(byte);
    if (testing::Test::HasFailure()) FAIL() << "byte " << at;
  }
  EXPECT_GT(checked, 1000);
}

}  // namespace
}  // namespace qipu::graph
