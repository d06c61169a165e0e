#include <gmock/gmock.h>

#include <map>
#include <random>

#include "graph/rocks/database.h"
#include "graph/verify.h"
#include "tests/graph/damage.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

namespace fs = std::filesystem;

/// Fifty firms in tables, and fifty more in the log alone.
void Fill(const std::string& directory) {
  const auto fill = [](Store& store, int first) {
    Transaction t = store.Begin();
    for (int i = first; i < first + 50; ++i) {
      const VertexId vertex = *t.MergeVertex(t.Label("Firm"), "f" + std::to_string(i));
      EXPECT_OK(t.SetProperty(vertex, t.Property("name"), Value("firm " + std::to_string(i))));
      EXPECT_OK(t.PutEdge({vertex, t.EdgeType("KNOWS"), {0}}, {{t.Property("x"), Value(i * 1.5)}}));
    }
    t.PutLedger("run" + std::to_string(first), "text");
    EXPECT_OK(t.Commit());
  };
  fill(*MakeStore(directory), 0);
  const auto store = OpenStore(directory);
  fill(*store, 50);
  // As the disk is now, with the second commit in the log: what a killed writer leaves.
  // RocksDB may be just deleting a file that it does not need: then once more.
  std::error_code gone;
  do {
    gone.clear();
    fs::remove_all(directory + ".killed");
    fs::copy(directory, directory + ".killed", fs::copy_options::recursive, gone);
  } while (gone);
}

/// What can be read of each vertex and of its edges, as text.
std::map<std::string, std::string> PartsOf(const std::string& directory) {
  std::map<std::string, std::string> parts;
  const auto store = Store::Open(directory, {.access = Access::kReadOnly});
  if (!store.ok()) return parts;
  const Snapshot snapshot = (*store)->TakeSnapshot();
  const EdgeTypeId knows = *snapshot.catalog().FindEdgeType("KNOWS");
  for (VertexId id{0}; id.value < 100; ++id.value) {
    const std::string name = std::to_string(id.value);
    const auto vertex = snapshot.GetVertex(id);
    if (vertex.ok()) {
      std::string& text = parts[name] = *vertex ? "there" : "not there";
      if (*vertex) DumpProperties(snapshot, (*vertex)->properties, text);
    }
    for (const Direction direction : {Direction::kOut, Direction::kIn}) {
      const auto others = snapshot.Neighbours(id, knows, direction);
      if (!others.ok()) continue;
      std::string& text = parts[name + (direction == Direction::kOut ? " out" : " in")];
      for (const Neighbour& other : *others) text += ' ' + std::to_string(other.vertex.value);
    }
    const auto properties = snapshot.EdgeProperties({id, knows, {0}});
    if (properties.ok()) DumpProperties(snapshot, *properties, parts[name + " edge"]);
  }
  return parts;
}

// In each file, bytes spread over it: with one flipped, opening fails or verifying tells, and what
// is read is what was written.
TEST(FlippedByte, IsFoundAndNeverReturnedAsData) {
  FreshDirectory parent;
  const std::string made = parent.File("db"), directory = made + ".killed";
  Fill(made);
  const auto parts = PartsOf(directory);
  ASSERT_EQ(parts.size(), 400u);
  const auto clean = Verify(directory, {}, {});
  EXPECT_OK(clean);
  EXPECT_TRUE(clean->clean());
  constexpr size_t kFlipsPerFile = 16;
  std::map<std::string, int> flips;  // of each kind of file
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    // What RocksDB writes for people, and reads nothing from that is of the graph.
    if (name.starts_with("LOG") || name == "IDENTITY" || name.starts_with("OPTIONS")) continue;
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  size_t read = 0;
  for (const fs::path& file : files) {
    const size_t size = fs::file_size(file);
    const size_t step = std::max<size_t>(1, size / kFlipsPerFile);
    for (size_t at = 0; at < size; at += step) {
      SCOPED_TRACE(file.filename().string() + " byte " + std::to_string(at));
      Flip(file, at, static_cast<int>(at % 8));
      const auto report = Verify(directory, {}, {});
      EXPECT_TRUE(!report.ok() || !report->clean());
      ++flips[file.has_extension() ? file.extension().string()
                                   : file.filename().string().substr(0, 7)];
      for (const auto& [name, text] : PartsOf(directory)) {
        ++read;
        EXPECT_EQ(text, parts.at(name)) << name;
      }
      Flip(file, at, static_cast<int>(at % 8));
    }
  }
  for (const char* kind : {".sst", ".log", "MANIFES", "CURRENT", "FORMAT"}) {
    EXPECT_GT(flips[kind], 10) << kind;
  }
  EXPECT_GT(read, 1000u);
}

/// The log of the database in `directory` that has something in it.
fs::path LogIn(const std::string& directory) {
  for (const auto& entry : fs::directory_iterator(directory + "/rocksdb")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) return entry.path();
  }
  return {};
}

// What follows a damaged record of the log is neither passed over in silence nor made final by
// writing.
TEST(FlippedByte, NobodyOpensADatabaseWithADamagedLog) {
  FreshDirectory parent;
  const std::string made = parent.File("db"), directory = made + ".killed";
  Fill(made);
  const std::string text = DumpAt(directory);
  const fs::path log = LogIn(directory);
  const std::string bytes = BytesOf(log);
  ASSERT_GT(bytes.size(), 1000u);
  // Each byte of the first heads, where sizes and kinds are, and some of the rest.
  for (size_t at = 0; at < bytes.size(); at += at < 16 ? 1 : bytes.size() / 20) {
    SCOPED_TRACE(at);
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << at % 8));
    WriteBytes(log, flipped);
    for (const Access access : {Access::kReadOnly, Access::kReadWrite}) {
      EXPECT_FAILS(Store::Open(directory, {.access = access}), ErrorCode::kCorruption,
                   "a record of the log is not what was written");
    }
    EXPECT_FAILS(Verify(directory, {}, {.repair = Repair::kYes}), ErrorCode::kRefused, "log");
    EXPECT_EQ(BytesOf(log), flipped);
  }
  WriteBytes(log, bytes);
  EXPECT_EQ(DumpAt(directory), text);
}

// RocksDB takes a last record whose size is damaged for one that was cut off, and would lose what
// it says: a whole load.
TEST(FlippedByte, NobodyOpensADatabaseWithADamagedManifest) {
  FreshDirectory parent;
  const std::string made = parent.File("db"), directory = made + ".killed";
  Fill(made);
  fs::path manifest;
  for (const auto& entry : fs::directory_iterator(directory + "/rocksdb")) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) manifest = entry.path();
  }
  const std::string bytes = BytesOf(manifest);
  constexpr size_t kHeadBytes = 7, kSizeAt = 4;
  size_t last = 0;  // record
  for (size_t at = 0; at + kHeadBytes < bytes.size();) {
    last = at;
    at += kHeadBytes + static_cast<uint8_t>(bytes[at + kSizeAt]) +
          256 * static_cast<uint8_t>(bytes[at + kSizeAt + 1]);
  }
  for (size_t at = last; at < bytes.size(); ++at) {
    SCOPED_TRACE(at - last);
    Flip(manifest, at, static_cast<int>(at % 8));
    for (const Access access : {Access::kReadOnly, Access::kReadWrite}) {
      EXPECT_FAILS(Store::Open(directory, {.access = access}), ErrorCode::kCorruption, "MANIFEST");
    }
    EXPECT_FAILS(Verify(directory, {}, {.repair = Repair::kYes}), ErrorCode::kCorruption,
                 "MANIFEST");
    Flip(manifest, at, static_cast<int>(at % 8));
  }
  EXPECT_TRUE(Verify(directory, {}, {})->clean());
}

TEST(FlippedByte, ADamagedLogCanBeGivenUp) {
  FreshDirectory parent;
  const std::string made = parent.File("db"), directory = made + ".killed";
  Fill(made);
  const fs::path log = LogIn(directory);
  std::string bytes = BytesOf(log);
  bytes[bytes.size() / 2] ^= 1;
  WriteBytes(log, bytes);
  const auto report =
      Verify(directory, {}, {.repair = Repair::kYes, .damaged_log = DamagedLog::kGiveUp});
  EXPECT_OK(report);
  EXPECT_TRUE(report->clean());
  EXPECT_THAT(report->findings.front().problem, testing::HasSubstr("given up"));
  const auto store = OpenStore(directory);
  const Snapshot snapshot = store->TakeSnapshot();
  EXPECT_EQ(*snapshot.CountVertices(), 50u);
  EXPECT_EQ(snapshot.epoch(), 1u);
}

// Whatever bytes a log has, checking it reads none beyond them.
TEST(FlippedByte, LogsOfAnyBytesAreChecked) {
  FreshDirectory parent;
  const std::string made = parent.File("db");
  Fill(made);
  const std::string good = BytesOf(LogIn(made + ".killed"));
  std::mt19937 random(20261127);
  fs::create_directories(parent.File("any/rocksdb"));
  std::map<rocks::LogState, int> seen;
  for (int i = 0; i < 3000; ++i) {
    SCOPED_TRACE(i);
    std::string bytes = i % 3 == 0 ? std::string(random() % 70000, '\0') : good + good + good;
    for (size_t k = random() % 8; k > 0 && !bytes.empty(); --k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % (bytes.size() + 1));
    WriteBytes(parent.File("any/rocksdb/000001.log"), bytes);
    const auto state = rocks::CheckLogs(rocksdb::FileSystem::Default(), parent.File("any"));
    ASSERT_TRUE(state.ok()) << state.error().message;
    ++seen[*state];
  }
  EXPECT_EQ(seen.size(), 3u);
}

// As a writer leaves it that is killed while it writes.
TEST(FlippedByte, ALogThatIsCutOffIsNotDamaged) {
  FreshDirectory parent;
  const std::string made = parent.File("db"), directory = made + ".killed";
  Fill(made);
  const fs::path log = LogIn(directory);
  const std::string bytes = BytesOf(log);
  for (size_t size = 0; size < bytes.size(); size += size < 20 ? 1 : bytes.size() / 20) {
    SCOPED_TRACE(size);
    WriteBytes(log, bytes.substr(0, size));
    const auto report = Verify(directory, {}, {});
    EXPECT_OK(report);
    EXPECT_TRUE(report->clean());
    EXPECT_EQ(report->findings.size(), size == 0 ? 0u : 1u) << "a note";
    const auto store = Store::Open(directory, {.access = Access::kReadOnly});
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ(*(*store)->TakeSnapshot().CountVertices(), 50u);
  }
}

}  // namespace
}  // namespace qipu::graph
