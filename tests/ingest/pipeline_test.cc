// The order and completeness of what the pipeline gives, whatever the number of threads.
#include "ingest/pipeline.h"

#include <gmock/gmock.h>

#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

using testing::HasSubstr;

class PipelineTest : public testing::Test {
 protected:
  PipelineTest() {
    auto source = Source::Load(folder_.Write("guild.json", kGuildMapping), "");
    EXPECT_TRUE(source.ok()) << source.error().message;
    source_ = std::make_unique<Source>(*std::move(source));
  }
  FileToRead File(const std::string& name, const std::string& lines) const {
    FileToRead file;
    file.path = folder_.Write(name, kGuildHeader + lines);
    const auto reader = CsvReader::Open(file.path, {});
    EXPECT_TRUE(reader.ok());
    file.columns = *source_->mapping().MatchHeader(file.path, (*reader)->header());
    return file;
  }
  /// A line per record, and one per end of a file.
  std::string Run(const std::vector<FileToRead>& files, int threads) const {
    Pipeline pipeline(*source_, files, Depth::kWhole, threads);
    std::string text;
    while (true) {
      const auto batch = pipeline.Next();
      if (!batch.ok()) return text + "error: " + batch.error().message;
      if (!*batch) return text;
      for (const auto& record : (*batch)->records) {
        text += std::to_string((*batch)->file) + "." + std::to_string(record.number) + " line " +
                std::to_string(record.span.line) + " ";
        text += record.fault ? record.fault->code + " " + record.raw : record.vertices[0].key;
        text += "\n";
      }
      if ((*batch)->ends_file) text += "end\n";
    }
  }
  ScratchFolder folder_;
  std::unique_ptr<Source> source_;
};

TEST_F(PipelineTest, GivesEveryRecordInOrderAtAnyNumberOfThreads) {
  std::vector<FileToRead> files;
  for (int f = 0; f < 3; ++f) {
    std::string lines;
    for (int i = 0; i < 3000 * f; ++i) {
      lines += i % 11 == 0 ? "none,too,few\n" : "none,Firm " + std::to_string(i) + ",,1,,T1,,\n";
    }
    files.push_back(File("f" + std::to_string(f) + ".csv", lines));
  }
  const auto alone = Run(files, 1);
  EXPECT_EQ(std::ranges::count(alone, '\n'), 3000 + 6000 + 3);
  EXPECT_THAT(alone, HasSubstr("2.6000 line 6001 guild-local:Firm 5999|\n"));
  EXPECT_THAT(alone, HasSubstr("1.1 line 2 CSV_WIDTH none,too,few\n"));
  for (const int threads : {2, 3, 8}) EXPECT_EQ(Run(files, threads), alone) << threads;
}

TEST_F(PipelineTest, AFileGoesOnBehindTheRecordsThatAreIn) {
  auto file = File("f.csv", "none,A,,,,,,\nnone,B,,,,,,\nnone,C,,,,,,\n");
  file.skip_records = 2;
  EXPECT_EQ(Run({file}, 1), "0.3 line 4 guild-local:C|\nend\n");
  file.skip_records = 3;
  EXPECT_EQ(Run({file}, 1), "end\n");
}

TEST_F(PipelineTest, AFileThatIsGoneIsAnErrorBehindTheOthers) {
  const auto first = File("f.csv", "none,A,,,,,,\n");
  auto gone = first;
  gone.path = folder_.path() + "/gone.csv";
  const auto text = Run({first, gone}, 2);
  EXPECT_THAT(text, HasSubstr("guild-local:A|\nend\nerror: "));
  EXPECT_THAT(text, HasSubstr("gone.csv"));
}

TEST_F(PipelineTest, MayBeGivenUpAtAnyTime) {
  std::string lines;
  for (int i = 0; i < 50000; ++i) lines += "none,Firm,,1,,T1,,\n";
  const auto file = File("f.csv", lines);
  Pipeline pipeline(*source_, {file}, Depth::kWhole, 2);
  ASSERT_TRUE(pipeline.Next().ok());
}

TEST_F(PipelineTest, RefusesRecordsWithReasons) {
  const std::string long_name(2000, 'x');
  const struct {
    const char* name;
    std::string line;
    const char* want;
  } cases[] = {
      {"no name", "none,,,1,,T1,,", "FIELD_MISSING"},
      {"no number", "none,A,,x,,T1,,", "NUM_INVALID"},
      {"unknown word", "none,A,,1,,T1,m/z,", "VALUE_UNKNOWN"},
      {"key too long", "none," + long_name + ",,1,,T1,,", "KEY_TOO_LONG"},
      {"too few fields", "none,A", "CSV_WIDTH"},
      {"stray quote", "none,\"A\"B,,1,,T1,,", "CSV_STRAY_QUOTE"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(
        Run({File("f.csv", c.line + "\nnone,B,,,,,,\n")}, 1),
        "0.1 line 2 " + std::string(c.want) + " " + c.line + "\n0.2 line 3 guild-local:B|\nend\n");
  }
}

}  // namespace
}  // namespace qipu::ingest
