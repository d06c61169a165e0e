// The real registry through the whole pipeline: what is refused, where, and that nothing else is.
// Never prints a record's bytes: they name people.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "graph/json.h"
#include "ingest/mapper.h"
#include "ingest/reference.h"
#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

const std::string kRegistry = std::string(QIPU_SHARED_DIR) + "/data/registry-cn";
const std::string kSchemas = QIPU_SOURCE_DIR "/schemas";
using Place = std::tuple<std::string, uint64_t, uint64_t>;  // file, line, byte offset

class RejectsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kRegistry)) GTEST_SKIP() << "needs " << kRegistry;
    const std::string command =
        "tar --zstd -xf '" + kRegistry + "/registry-cn.tar.zst' -C '" + folder_.path() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (entry.path().extension() != ".csv") continue;
      files_.push_back({entry.path().string(),
                        std::filesystem::relative(entry.path(), folder_.path()).string()});
    }
    std::ranges::sort(files_, {}, &ImportFile::name);
    std::ifstream file(kSchemas + "/graph.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto schema = graph::Schema::Parse(text.str(), "graph.json");
    ASSERT_TRUE(schema.ok());
    const auto path = folder_.path() + "/registry.db";
    ASSERT_TRUE(graph::Store::Create(path, *schema, {}).ok());
    auto store = graph::Store::Open(path, {});
    ASSERT_TRUE(store.ok());
    store_ = *std::move(store);
    const auto reference = Reference::Load(kSchemas + "/reference/reference.json");
    ASSERT_TRUE(reference.ok()) << reference.error().message;
    const auto loaded = LoadReference(*store_, *reference, kSchemas, [](const ImportReport&) {});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  }

  std::map<Place, std::string> Rejects(uint32_t run) const {
    std::map<Place, std::string> rejects;
    const auto snapshot = store_->TakeSnapshot();
    const auto entry = ReadRun(snapshot, run);
    if (!entry.ok() || !*entry) {
      ADD_FAILURE() << "no run " << run;
      return rejects;
    }
    for (const auto number : (*entry)->files) {
      const auto file = *ReadFile(snapshot, number);
      EXPECT_TRUE(VisitRejects(snapshot, number, [&](const RejectEntry& reject) -> Status {
                    EXPECT_EQ(reject.raw.size(), reject.span.byte_length);
                    rejects[{file->name, reject.span.line, reject.span.byte_offset}] = reject.code;
                    return Ok{};
                  }).ok());
    }
    return rejects;
  }

  /// Companies whose key has that scheme.
  uint64_t CountScheme(const std::string& scheme) const {
    const auto snapshot = store_->TakeSnapshot();
    const auto id = *snapshot.catalog().FindProperty("id");
    uint64_t count = 0;
    auto companies = snapshot.ScanLabel(*snapshot.catalog().FindLabel("Company"));
    while (companies.Next()) {
      count += companies.vertex().Find(id)->AsString()->starts_with(scheme + ":") ? 1 : 0;
    }
    EXPECT_TRUE(companies.status().ok());
    return count;
  }

  ScratchFolder folder_;
  std::vector<ImportFile> files_;
  std::unique_ptr<graph::Store> store_;
};

TEST_F(RejectsTest, TheRealRegistryLosesNothingButItsMalformedRecords) {
  const auto expected = graph::JsonDocument::Load(kRegistry + "/expected.json");
  ASSERT_TRUE(expected.ok());
  std::map<Place, std::string> want;
  for (const auto& reject : **expected->root().Find("rejects")->Array()) {
    const auto reason = *reject.Find("reason")->String();
    want[{reject.Find("file")->String()->substr(4),
          static_cast<uint64_t>(*reject.Find("line")->Int()),
          static_cast<uint64_t>(*reject.Find("byte_offset")->Int())}] =
        reason == "too_many_fields" ? "CSV_WIDTH" : "CSV_STRAY_QUOTE";
  }
  ASSERT_EQ(want.size(), 12u);
  ASSERT_EQ(files_.size(), 240u);

  const auto source = Source::Named("cn-registry", kSchemas);
  ASSERT_TRUE(source.ok()) << source.error().message;
  const auto report = Import(*store_, *source, files_, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(Rejects(*report->run), want);
  EXPECT_TRUE(report->totals.add_up());
  EXPECT_EQ(report->totals.read, 221'094u);
  EXPECT_EQ(report->totals.rejected, 12u);
  EXPECT_EQ(report->totals.ignored, 0u);

  const auto* files = expected->root().Find("files");
  uint64_t checked = 0, records = 0, loaded = 0;
  for (const auto& file : report->files) {
    const auto* counts = files->Find("csv/" + file.name);
    if (counts == nullptr) continue;
    SCOPED_TRACE(file.name);
    ++checked;
    records += file.counts.read;
    loaded += file.counts.loaded;
    EXPECT_EQ(file.counts.read, static_cast<uint64_t>(*counts->Find("records")->Int()));
    EXPECT_EQ(file.counts.loaded, static_cast<uint64_t>(*counts->Find("rows_ok")->Int()));
  }
  EXPECT_EQ(checked, 211u);
  const auto* totals = expected->root().Find("totals");
  EXPECT_EQ(records, static_cast<uint64_t>(*totals->Find("records")->Int()));
  EXPECT_EQ(records - loaded, 12u);

  EXPECT_EQ(CountScheme("cn-uscc"), 220'837u);

  const auto again = Import(*store_, *source, files_, {});
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->run);
  EXPECT_EQ(again->totals, Counts());
}

/// Codes that stand in two files are one company, so they are counted before they meet.
TEST_F(RejectsTest, ValidCodesAreAsManyAsExpected) {
  const auto expected = graph::JsonDocument::Load(kRegistry + "/expected.json");
  const auto source = Source::Named("cn-registry", kSchemas);
  ASSERT_TRUE(expected.ok() && source.ok());
  const auto* files = expected->root().Find("files");
  uint64_t all = 0;
  for (const auto& file : files_) {
    SCOPED_TRACE(file.name);
    const auto reader = CsvReader::Open(file.path, source->mapping().dialect);
    ASSERT_TRUE(reader.ok());
    const auto columns = source->mapping().MatchHeader(file.path, (*reader)->header());
    ASSERT_TRUE(columns.ok());
    Mapper mapper(*source, *columns);
    uint64_t valid = 0;
    for (RawRecord record; *(*reader)->Next(record);) {
      const auto mapped = mapper.Map(record, Depth::kCheck);
      if (mapped.vertices.empty() || !mapped.vertices[0].key.starts_with("cn-uscc:")) continue;
      ++valid;
    }
    all += valid;
    if (const auto* counts = files->Find("csv/" + file.name)) {
      EXPECT_EQ(valid, static_cast<uint64_t>(*counts->Find("uscc_ok")->Int()));
    }
  }
  EXPECT_EQ(all, 220'967u);
}

}  // namespace
}  // namespace qipu::ingest
