#include <gmock/gmock.h>

#include <tuple>

#include "graph/store.h"
#include "graph/verify.h"
#include "tests/graph/dump.h"
#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/told.h"

namespace qipu::graph {
namespace {

constexpr int kStepsMax = 5000;  // far beyond what Create and a commit take

TEST(Fault, CreateIsADatabaseOrCanBeDoneAgain) {
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    const auto files = std::make_shared<FaultyFileSystem>(steps);
    const Status created = Store::Create(directory.path(), FirmSchema(), {.files = files});
    auto store = Store::Open(directory.path(), {});
    if (!created.ok()) {
      ++failures;
      EXPECT_EQ(created.error().code, ErrorCode::kIo) << created.error().message;
      if (!store.ok()) {
        EXPECT_EQ(store.error().code, ErrorCode::kNotFound) << store.error().message;
        EXPECT_OK(Store::Create(directory.path(), FirmSchema(), {}));
        store = Store::Open(directory.path(), {});
      }
    }
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_EQ((*store)->TakeSnapshot().schema().text(), kFirmSchema);
    if (created.ok() && !files->exhausted()) break;
  }
  EXPECT_GT(failures, 10);
}

Result<CommitSummary> CommitTwoFirms(Store& store) {
  Transaction t = store.Begin();
  const auto aster = t.MergeVertex(t.Label("Firm"), "aster");
  const auto birch = t.MergeVertex(t.Label("Firm"), "birch");
  if (!aster.ok()) return aster.error();
  if (!birch.ok()) return birch.error();
  const Status put = t.PutEdge({*aster, t.EdgeType("KNOWS"), *birch}, {});
  if (!put.ok()) return put.error();
  t.PutLedger("row", std::string(100000, 'x'));
  return t.Commit();
}

void ExpectSound(const std::string& directory) {
  const auto report = Verify(directory, {}, {});
  ASSERT_TRUE(report.ok()) << MessageOf(report);
  EXPECT_TRUE(report->clean()) << Told(*report);
}

/// A commit that goes to the log, or one that is written as tables.
class CommitFault : public testing::TestWithParam<std::tuple<uint64_t, Faults>> {};
INSTANTIATE_TEST_SUITE_P(LogAndTables, CommitFault,
                         testing::Combine(testing::Values(uint64_t{1} << 40, 0),
                                          testing::Values(Faults::kFromThereOn, Faults::kOne)));

TEST_P(CommitFault, IsAllOrNothing) {
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    EXPECT_OK(Store::Create(directory.path(), FirmSchema(), {}));
    const auto [table_commit_bytes, faults] = GetParam();
    const auto files = std::make_shared<FaultyFileSystem>(kStepsMax, faults);
    bool committed = false, unharmed = false;
    {
      const auto store =
          OpenStore(directory.path(), {.table_commit_bytes = table_commit_bytes, .files = files});
      ASSERT_NE(store, nullptr);
      files->Allow(steps);
      const auto summary = CommitTwoFirms(*store);
      committed = summary.ok();
      unharmed = committed && !files->exhausted();
      if (!committed) {
        ++failures;
        EXPECT_EQ(summary.error().code, ErrorCode::kIo);
        EXPECT_FAILS(CommitTwoFirms(*store), ErrorCode::kIo, "open the database again");
        EXPECT_EQ(*store->TakeSnapshot().CountVertices(), 0u);
      }
    }
    ExpectSound(directory.path());
    const auto store = OpenStore(directory.path());
    ASSERT_NE(store, nullptr);
    const Snapshot snapshot = store->TakeSnapshot();
    const uint64_t edges = *snapshot.CountEdges();
    EXPECT_EQ(*snapshot.CountVertices(), 2 * edges);
    EXPECT_EQ(snapshot.epoch(), edges);
    EXPECT_EQ((*snapshot.GetLedger("row")).has_value(), edges == 1);
    EXPECT_EQ((*snapshot.GetVertex({1})).has_value(), edges == 1);
    EXPECT_TRUE(!committed || edges == 1);
    if (edges == 0) {
      EXPECT_OK(CommitTwoFirms(*store));
    }
    if (unharmed) break;
  }
  EXPECT_GT(failures, 1);
}

/// Loads firms on top of what is there, with edges to old ones.
Status LoadFirms(Store& store) {
  auto load = store.BeginLoad({});
  if (!load.ok()) return load.error();
  const LabelId firm = load->Label("Firm");
  const PropertyId id = load->Property("id");
  for (int i = 0; i < 20; ++i) {
    const auto made = load->AddVertex({{firm}}, {{id, Value("f" + std::to_string(i))}});
    if (!made.ok()) return made.error();
    const Status linked =
        load->AddEdge(*made, load->EdgeType("KNOWS"), {0}, {{load->Property("since"), Value("x")}});
    if (!linked.ok()) return linked;
  }
  const auto published = load->Publish();
  return published.ok() ? Status(Ok{}) : published.error();
}

class LoadFault : public testing::TestWithParam<Faults> {};
INSTANTIATE_TEST_SUITE_P(OneAndAll, LoadFault, testing::Values(Faults::kFromThereOn, Faults::kOne));

TEST_P(LoadFault, IsAllOrNothing) {
  std::string before, after;
  const auto fresh = [](const FreshDirectory& directory) {
    const auto store = MakeStore(directory.path());
    EXPECT_OK(CommitTwoFirms(*store));
    return DumpOf(store->TakeSnapshot());
  };
  {
    FreshDirectory directory;
    before = fresh(directory);
    const auto store = OpenStore(directory.path());
    EXPECT_OK(LoadFirms(*store));
    after = DumpOf(store->TakeSnapshot());
  }
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    fresh(directory);
    const auto files = std::make_shared<FaultyFileSystem>(kStepsMax, GetParam());
    bool loaded = false, unharmed = false;
    {
      const auto store = OpenStore(directory.path(), {.files = files});
      ASSERT_NE(store, nullptr);
      files->Allow(steps);
      const Status status = LoadFirms(*store);
      loaded = status.ok();
      unharmed = loaded && !files->exhausted();
      if (!loaded) {
        ++failures;
        EXPECT_EQ(status.error().code, ErrorCode::kIo) << status.error().message;
        EXPECT_EQ(DumpOf(store->TakeSnapshot()), before);
      }
    }
    ExpectSound(directory.path());
    const auto store = OpenStore(directory.path());
    ASSERT_NE(store, nullptr);
    EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
    const std::string dump = DumpOf(store->TakeSnapshot());
    EXPECT_EQ(dump, loaded || dump != before ? after : before);
    if (dump == before) {
      EXPECT_OK(LoadFirms(*store));
      EXPECT_EQ(DumpOf(store->TakeSnapshot()), after);
    }
    if (unharmed) break;
  }
  EXPECT_GT(failures, 20);
}

}  // namespace
}  // namespace qipu::graph
