#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "graph/verify.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/told.h"

/// A process that commits, loads and indexes is killed at random moments: after each, the graph is
/// that of one of its epochs, and no commit that was acknowledged is missing.
namespace qipu::graph {
namespace {

constexpr const char* kDirectoryVariable = "QIPU_KILL_DIRECTORY";
constexpr const char* kPipeVariable = "QIPU_KILL_PIPE";
using Random = std::mt19937;

uint32_t Below(Random& random, uint32_t bound) { return static_cast<uint32_t>(random() % bound); }

constexpr uint64_t kEpochsMax = 120;  // then the next database begins
// Commits above it are written as tables, those below it to the log.
const StoreOptions kOptions = {.memory_bytes = uint64_t{16} << 20, .table_commit_bytes = 4096};

std::string KeyOf(uint64_t number) { return "k" + std::to_string(number); }

/// Vertices and edges as one bulk load, with keys that no other epoch has.
void LoadSome(Store& store, uint64_t epoch, Random& random) {
  const Snapshot snapshot = store.TakeSnapshot();
  auto load = store.BeginLoad({});
  ASSERT_TRUE(load.ok()) << MessageOf(load);
  const LabelId firm = load->Label("Firm");
  const PropertyId id = load->Property("id"), name = load->Property("name");
  const uint32_t count = 1 + Below(random, 300);
  for (uint32_t i = 0; i < count; ++i) {
    const std::string key = "load" + std::to_string(epoch) + '-' + std::to_string(i);
    const auto vertex = load->AddVertex({{firm}}, {{id, Value(key)}, {name, Value("n" + key)}});
    ASSERT_TRUE(vertex.ok()) << MessageOf(vertex);
    const VertexId other{random() % vertex->value};
    const auto there = snapshot.GetVertex(other);
    ASSERT_TRUE(there.ok()) << MessageOf(there);
    if (*there) EXPECT_OK(load->AddEdge(*vertex, load->EdgeType("KNOWS"), other, {}));
  }
  EXPECT_OK(load->Publish());
}

void CommitSome(Store& store, Random& random) {
  Transaction t = store.Begin();
  const LabelId firm = t.Label("Firm");
  const EdgeTypeId knows = t.EdgeType("KNOWS");
  const PropertyId name = t.Property("name"), since = t.Property("since");
  const uint32_t steps = 1 + Below(random, Below(random, 3) == 0 ? 400 : 20);
  for (uint32_t i = 0; i < steps; ++i) {
    const auto a = t.MergeVertex(firm, KeyOf(Below(random, 500)));
    const auto b = t.MergeVertex(firm, KeyOf(Below(random, 500)));
    ASSERT_TRUE(a.ok()) << MessageOf(a);
    ASSERT_TRUE(b.ok()) << MessageOf(b);
    switch (Below(random, 8)) {
      case 0:
        EXPECT_OK(t.DeleteVertex(*a, DetachEdges::kYes));
        break;
      case 1:
      case 2:
        EXPECT_OK(t.SetProperty(*a, name, Value("n" + std::to_string(Below(random, 50)))));
        break;
      default:
        EXPECT_OK(t.PutEdge({*a, knows, *b, 0}, {{since, Value(int64_t{Below(random, 9)})}}));
    }
  }
  t.PutLedger("step", std::to_string(random()));  // so that it is never empty
  EXPECT_OK(t.Commit());
}

/// Makes the next epoch; the same one from the same graph.
void Advance(Store& store) {
  const Snapshot snapshot = store.TakeSnapshot();
  const uint64_t epoch = snapshot.epoch();
  Random random(static_cast<uint32_t>(epoch));
  const struct {
    const char* property;
    IndexKind kind;
  } indexes[] = {{"id", IndexKind::kValue}, {"name", IndexKind::kText}};
  const auto& [property, kind] = indexes[epoch / 10 % 2];
  const auto known = snapshot.FindIndex(*snapshot.catalog().FindLabel("Firm"),
                                        *snapshot.catalog().FindProperty(property), kind);
  if (epoch % 10 == 3 && !known) EXPECT_OK(store.MakeIndex("Firm", property, kind));
  if (epoch % 10 == 8 && known) EXPECT_OK(store.DropIndex("Firm", property, kind));
  if (epoch % 4 == 3) {
    LoadSome(store, epoch, random);
  } else {
    CommitSome(store, random);
  }
}

/// Not a test: the process to be killed. Tells each epoch that it has committed.
TEST(KillWorker, DISABLED_Runs) {
  const char* directory = std::getenv(kDirectoryVariable);
  const char* pipe = std::getenv(kPipeVariable);
  ASSERT_TRUE(directory != nullptr && pipe != nullptr);
  const auto store = OpenStore(directory, kOptions);
  uint64_t epoch = store->TakeSnapshot().epoch();
  while (write(std::atoi(pipe), &epoch, sizeof epoch) == sizeof epoch && epoch < kEpochsMax) {
    Advance(*store);
    if (HasFailure()) std::exit(1);
    epoch = store->TakeSnapshot().epoch();
  }
  pause();
}

/// Runs the worker on `directory`, kills it `after` it has opened; the last epoch that it told.
uint64_t RunAndKill(const std::string& directory, std::chrono::microseconds after) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  setenv(kDirectoryVariable, directory.c_str(), 1);
  setenv(kPipeVariable, std::to_string(ends[1]).c_str(), 1);
  std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::string all = "--gtest_also_run_disabled_tests", only = "--gtest_filter=KillWorker.*";
  char* arguments[] = {program.data(), all.data(), only.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t worker = 0;
  EXPECT_EQ(posix_spawn(&worker, program.c_str(), &quiet, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&quiet);
  close(ends[1]);
  uint64_t told = 0;
  EXPECT_EQ(read(ends[0], &told, sizeof told), ssize_t{sizeof told}) << "the worker did not open";
  std::this_thread::sleep_for(after);
  kill(worker, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(worker, &status, 0), worker);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the worker ended by itself, status " << status;
  while (read(ends[0], &told, sizeof told) == ssize_t{sizeof told}) continue;
  close(ends[0]);
  return told;
}

/// What the graph is at each epoch, by a store that nobody kills.
class Reference {
 public:
  Reference() : store_(MakeStore(directory_.path())) {
    store_.reset();
    store_ = OpenStore(directory_.path(), kOptions);
    dumps_.push_back(DumpOf(store_->TakeSnapshot()));
  }
  const std::string& At(uint64_t epoch) {
    while (dumps_.size() <= epoch && !testing::Test::HasFailure()) {
      Advance(*store_);
      dumps_.push_back(DumpOf(store_->TakeSnapshot()));
    }
    return dumps_.at(epoch);
  }

 private:
  FreshDirectory directory_;
  std::unique_ptr<Store> store_;
  std::vector<std::string> dumps_;
};

/// 15 kills; QIPU_KILLS=200 for the long form.
TEST(Kill, LeavesOneOfTheEpochsWhole) {
  const char* asked = std::getenv("QIPU_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 15;
  Random random(7);
  Reference reference;
  std::optional<FreshDirectory> directory;
  uint64_t epoch = kEpochsMax, moved = 0;
  for (int i = 0; i < kills; ++i) {
    SCOPED_TRACE("kill " + std::to_string(i));
    if (epoch >= kEpochsMax) {
      directory.emplace();
      MakeStore(directory->path());
      epoch = 0;
    }
    const uint64_t told =
        RunAndKill(directory->path(), std::chrono::microseconds(Below(random, 80000)));
    const auto report = Verify(directory->path(), {}, {});
    ASSERT_TRUE(report.ok()) << MessageOf(report);
    EXPECT_TRUE(report->clean()) << Told(*report);
    const auto store = OpenStore(directory->path(), kOptions);
    ASSERT_NE(store, nullptr);
    const Snapshot snapshot = store->TakeSnapshot();
    EXPECT_GE(snapshot.epoch(), told) << "a commit that was acknowledged is gone";
    EXPECT_LE(snapshot.epoch(), told + 1);
    EXPECT_EQ(DumpOf(snapshot), reference.At(snapshot.epoch()));
    moved += snapshot.epoch() - epoch;
    epoch = snapshot.epoch();
    if (HasFailure()) return;
  }
  EXPECT_TRUE(moved > 0 || kills < 5) << "every one struck before the first commit";
}

}  // namespace
}  // namespace qipu::graph
