// Imports as a whole: nothing is written of a wrong one, nothing twice of a right one, and one
// that was killed is completed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

using RunsTest = GuildTest;

constexpr char kGoodLine[] = "none,Aster,2001-02-03,12,,T1,m,\n";

TEST_F(RunsTest, AWrongFileAnywhereInTheListLeavesTheDatabaseAsItWas) {
  const auto good = WriteGuild("good.csv", kGoodLine);
  // 企业, as GBK has it.
  const std::string gbk = "\xC6\xF3\xD2\xB5";
  std::string many_gbk = kGuildHeader;
  for (int i = 0; i < 200; ++i) many_gbk += "none," + gbk + gbk + gbk + ",,1,,T1,,\n";
  std::string binary = "\x7F";
  binary += "ELF";
  binary += std::string(200, '\0');
  const struct {
    const char* name;
    std::string path;
    ErrorCode code;
    std::vector<const char*> says;
  } cases[] = {
      {"unknown column",
       Write("unknown.csv", "code,firm,founded,staff,capital,town,trades,chief\n"),
       ErrorCode::kInvalidArgument,
       {"unknown.csv:1", "'chief'", "ignore"}},
      {"prose",
       Write("prose.csv", "A letter, not a table.\nIt has two lines.\n"),
       ErrorCode::kInvalidArgument,
       {"prose.csv:1", "no column is known", "header line"}},
      {"another delimiter",
       Write("semicolons.csv", "code;firm;founded\n1;2;3\n"),
       ErrorCode::kInvalidArgument,
       {"semicolons.csv:1", "'code;firm;founded'", "',' between the columns"}},
      {"missing column",
       Write("missing.csv", "code,firm\n"),
       ErrorCode::kInvalidArgument,
       {"missing.csv:1", "no column"}},
      {"missing file", Path("absent.csv"), ErrorCode::kNotFound, {"absent.csv"}},
      {"no CSV", Write("binary.csv", binary), ErrorCode::kInvalidArgument, {"binary.csv"}},
      {"GBK declared UTF-8",
       Write("gbk.csv", many_gbk),
       ErrorCode::kInvalidArgument,
       {"gbk.csv", "gb18030"}},
      {"empty", Write("empty.csv", ""), ErrorCode::kInvalidArgument, {"empty.csv", "empty"}},
      {"folder", folder_.path(), ErrorCode::kInvalidArgument, {"director"}},
  };
  const auto before = DumpStore();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto report = ImportGuild({good, c.path});
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, c.code) << report.error().message;
    for (const auto* text : c.says) EXPECT_THAT(report.error().message, HasSubstr(text));
    EXPECT_EQ(DumpStore(), before);
  }
}

TEST_F(RunsTest, ADatabaseThatAnotherWritesIsBusy) {
  const auto second = graph::Store::Open(Path("guild.db"), {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_THAT(second.error().message, HasSubstr("guild.db"));
}

TEST_F(RunsTest, AMappingThatTheSchemaForbidsLeavesTheDatabaseAsItWas) {
  const auto with = [](std::string from, const std::string& to) {
    std::string text = kGuildMapping;
    const auto at = text.find(from);
    return text.replace(at, from.size(), to);
  };
  const struct {
    const char* name;
    std::string mapping;
    const char* says;
  } cases[] = {
      {"label without key", with("\"label\": \"Company\"", "\"label\": \"Compny\""),
       "did you mean 'Company'"},
      {"property of another type", with("\"employees\": \"staff\"", "\"employees\": \"name\""),
       "'employees'"},
      {"edge to another label", with("\"label\": \"District\"", "\"label\": \"Segment\""),
       "LOCATED_IN from Company to Segment"},
  };
  const auto before = DumpStore();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    source_ = LoadSource("other.json", c.mapping);
    const auto report = ImportGuild({WriteGuild("a.csv", kGoodLine)});
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(report.error().message, HasSubstr(c.says));
    EXPECT_EQ(DumpStore(), before);
  }
}

TEST_F(RunsTest, TheSameBytesAgainAreKnownWhateverTheirName) {
  const auto first = ImportGuild({WriteGuild("a.csv", kGoodLine)});
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first->files[0].outcome, FileOutcome::kLoaded);
  const auto before = DumpStore();
  const auto second = ImportGuild({WriteGuild("b.csv", kGoodLine), Path("a.csv")});
  ASSERT_TRUE(second.ok()) << second.error().message;
  EXPECT_EQ(second->files[0].outcome, FileOutcome::kKnown);
  EXPECT_EQ(second->files[1].outcome, FileOutcome::kKnown);
  EXPECT_FALSE(second->run);
  EXPECT_EQ(second->totals, Counts());
  EXPECT_EQ(DumpStore(), before);
}

TEST_F(RunsTest, AFileNamedTwiceIsLoadedOnce) {
  const auto path = WriteGuild("a.csv", kGoodLine);
  const auto report = ImportGuild({path, path});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->files[0].outcome, FileOutcome::kLoaded);
  EXPECT_EQ(report->files[1].outcome, FileOutcome::kKnown);
  EXPECT_EQ(report->totals, (Counts{1, 1, 0, 0, 0}));
}

TEST_F(RunsTest, ReadingAgainChangesNothingInTheGraph) {
  const auto path = WriteGuild("a.csv", std::string(kGoodLine) + "none,Birch,,x,,,,\n");
  ASSERT_TRUE(ImportGuild({path}).ok());
  ImportOptions again;
  again.known_file = KnownFile::kReadAgain;
  const auto report = ImportGuild({path}, again);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{2, 1, 1, 0, 1}));
  auto changes = report->changes;
  changes.ledger_entries = 0;
  EXPECT_EQ(changes, graph::CommitSummary());
}

TEST_F(RunsTest, AChangedMappingReadsAKnownFile) {
  const auto path = WriteGuild("a.csv", kGoodLine);
  ASSERT_TRUE(ImportGuild({path}).ok());
  std::string text = kGuildMapping;
  source_ = LoadSource("guild.json", text.replace(text.find("registered\""), 10, "in trade  "));
  const auto report = ImportGuild({path});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->files[0].outcome, FileOutcome::kLoaded);
  EXPECT_EQ(report->changes.vertices_changed, 1u);
}

TEST_F(RunsTest, TooManyRefusedRecordsRefuseTheImport) {
  const auto path =
      WriteGuild("a.csv", std::string(kGoodLine) + "none,Birch,,x,,,,\nnone,Cedar,,y,,,,\n");
  const auto with = [](const char* limit) {
    ImportOptions options;
    options.reject_limit = *RejectLimit::Parse(limit);
    return options;
  };
  ImportOptions fail;
  fail.on_reject = OnReject::kFail;
  const auto before = DumpStore();
  for (const auto& options : {with("1"), with("50%"), with("0"), fail}) {
    const auto report = ImportGuild({path}, options);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, ErrorCode::kRefused);
    EXPECT_THAT(report.error().message, HasSubstr("2 of 3"));
    EXPECT_THAT(report.error().message, HasSubstr("a.csv:3: NUM_INVALID"));
    EXPECT_EQ(DumpStore(), before);
  }
  for (const char* enough : {"2", "67%", "100%"})
    EXPECT_TRUE(ImportGuild({path}, with(enough)).ok());
}

TEST(RejectLimit, RefusesWhatIsNoLimit) {
  for (const char* text : {"", "%", "-1", "1.5", "101%", "x", "5 %", "nan%"}) {
    EXPECT_FALSE(RejectLimit::Parse(text).ok()) << text;
  }
}

TEST_F(RunsTest, ADryRunFindsEverythingWithoutADatabase) {
  const auto path = WriteGuild("a.csv", std::string(kGoodLine) + "none,Birch,,x,,,,\n");
  const auto report = CheckFiles(*source_, nullptr, Files({path}), {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->totals, (Counts{2, 1, 1, 0, 0}));
  EXPECT_EQ(report->files[0].outcome, FileOutcome::kChecked);
}

TEST_F(RunsTest, TheDatabaseIsTheSameAtAnyNumberOfThreads) {
  std::string lines;
  for (int i = 0; i < 20000; ++i) {
    lines += "none,Firm " + std::to_string(i % 15000) + ",," + std::to_string(i) + ",,T1,m,\n";
  }
  const auto path = WriteGuild("a.csv", lines);
  std::vector<std::string> dumps;
  for (const int threads : {1, 3}) {
    const auto name = "t" + std::to_string(threads) + ".db";
    MakeDatabase(name);
    store_ = Open(name);
    ImportOptions options;
    options.threads = threads;
    ASSERT_TRUE(ImportGuild({path}, options).ok());
    dumps.push_back(DumpStore());
  }
  EXPECT_EQ(dumps[0], dumps[1]);
}

// --- kill -9 -----------------------------------------------------------------------------------

constexpr int kFirms = 40000;
constexpr char kFolderVariable[] = "QIPU_TEST_KILL_FOLDER";

/// Runs in a process of its own, which KilledImport starts and kills: RocksDB's threads would not
/// survive a fork. It writes a byte to standard output per batch.
TEST(KilledImport, DISABLED_Child) {
  const char* folder = std::getenv(kFolderVariable);
  ASSERT_NE(folder, nullptr);
  const std::string path(folder);
  const auto store = graph::Store::Open(path + "/kill.db", {});
  ASSERT_TRUE(store.ok());
  const auto source = Source::Load(path + "/guild.json", "");
  ASSERT_TRUE(source.ok());
  ImportOptions options;
  options.progress = [](const ImportProgress&) { ASSERT_EQ(write(STDOUT_FILENO, "\x01", 1), 1); };
  ASSERT_TRUE(
      Import(**store, *source, {{path + "/a.csv", "a.csv"}, {path + "/b.csv", "b.csv"}}, options)
          .ok());
}

/// Starts the child and kills it after `batches` batches. False when it ended by itself.
bool KillChildAfter(const std::string& folder, int batches) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  setenv(kFolderVariable, folder.c_str(), 1);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    execl("/proc/self/exe", "ingest_test", "--gtest_filter=KilledImport.DISABLED_Child",
          "--gtest_also_run_disabled_tests", nullptr);
    _exit(127);
  }
  close(ends[1]);
  char byte = 0;
  for (int seen = 0; seen < batches && read(ends[0], &byte, 1) == 1;) seen += byte == 1 ? 1 : 0;
  kill(child, SIGKILL);
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST_F(RunsTest, AKilledImportHoldsWholeBatchesAndIsCompletedByAnother) {
  std::string lines, more;
  for (int i = 0; i < kFirms; ++i) {
    const auto number = std::to_string(i);
    lines += i % 100 == 7 ? "none,no number " + number + ",,x,,,,\n"
                          : "none,Firm " + number + ",," + number + ",,T1,m,\n";
    if (i % 4 == 0) more += "none,Firm " + number + ",,1,,T2,i,\n";
  }
  const std::vector<std::string> files = {WriteGuild("a.csv", lines), WriteGuild("b.csv", more)};
  ASSERT_TRUE(ImportGuild(files).ok());
  const auto undisturbed = DumpStore();

  int killed = 0, partly = 0;
  for (const int batches : {1, 16, 17, 25, 33, 40, 41, 45, 50}) {
    SCOPED_TRACE(batches);
    store_.reset();
    std::filesystem::remove_all(Path("kill.db"));
    MakeDatabase("kill.db");
    killed += KillChildAfter(folder_.path(), batches) ? 1 : 0;
    store_ = Open("kill.db");
    ASSERT_NE(store_, nullptr);
    const auto snapshot = store_->TakeSnapshot();
    uint64_t loaded = 0, merged = 0;
    for (uint32_t number = 1; const auto file = *ReadFile(snapshot, number); ++number) {
      if (file->name == "towns.csv") continue;
      EXPECT_TRUE(file->counts.add_up());
      EXPECT_EQ(file->counts.read, file->records_done);
      loaded += file->counts.loaded;
      merged += file->counts.merged;
    }
    const auto label = *snapshot.catalog().FindLabel("Company");
    EXPECT_EQ(*snapshot.CountVertices(label), loaded - merged);
    partly += loaded > 0 ? 1 : 0;
    const auto completed = ImportGuild(files);
    ASSERT_TRUE(completed.ok()) << completed.error().message;
    EXPECT_EQ(DumpStore(), undisturbed);
  }
  EXPECT_GE(killed, 5);
  EXPECT_GE(partly, 2);
}

}  // namespace
}  // namespace qipu::ingest
