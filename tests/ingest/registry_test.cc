// The real registry: every malformed record is found where the reference answers say, and no
// other. Never prints a record's bytes: they name people.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "graph/json.h"
#include "tests/ingest/files.h"

namespace qipu::ingest {
namespace {

const std::string kFolder = std::string(QIPU_SHARED_DIR) + "/data/registry-cn";
constexpr uint64_t kAllRecords = 221'094;

class Registry : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(kFolder)) return;
    folder_ = new ScratchFolder;
    const std::string command =
        "tar --zstd -xf '" + kFolder + "/registry-cn.tar.zst' -C '" + folder_->path() + "'";
    unpacked_ = std::system(command.c_str()) == 0;
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    if (folder_ == nullptr) GTEST_SKIP() << "needs " << kFolder;
    ASSERT_TRUE(unpacked_) << "tar --zstd failed";
  }

  /// Names as `1978/吉林.csv`, in order.
  static std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_->path())) {
      if (entry.path().extension() != ".csv") continue;
      files.push_back(std::filesystem::relative(entry.path(), folder_->path()).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static ScratchFolder* folder_;
  static bool unpacked_;
};
ScratchFolder* Registry::folder_ = nullptr;
bool Registry::unpacked_ = false;

using Place = std::tuple<std::string, uint64_t, uint64_t>;

TEST_F(Registry, RefusesExactlyTheMalformedRecords) {
  const auto expected = graph::JsonDocument::Load(kFolder + "/expected.json");
  ASSERT_TRUE(expected.ok()) << expected.error().message;
  std::map<Place, std::string> want;
  for (const auto& reject : **expected->root().Find("rejects")->Array()) {
    const std::string reason = *reject.Find("reason")->String();
    want[{reject.Find("file")->String()->substr(4),
          static_cast<uint64_t>(*reject.Find("line")->Int()),
          static_cast<uint64_t>(*reject.Find("byte_offset")->Int())}] =
        reason == "too_many_fields"
            ? "CSV_WIDTH " + std::to_string(*reject.Find("fields")->Int()) + " fields"
            : "CSV_STRAY_QUOTE";
  }
  ASSERT_EQ(want.size(), 12u);
  const graph::JsonNode* counts = expected->root().Find("files");
  std::map<Place, std::string> got;
  uint64_t all = 0;
  const auto files = Files();
  ASSERT_EQ(files.size(), 240u);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const auto reader = CsvReader::Open(folder_->path() + "/" + file, {});
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    uint64_t records = 0;
    for (RawRecord record;; ++records) {
      const auto more = (*reader)->Next(record);
      ASSERT_TRUE(more.ok());
      if (!*more) break;
      ASSERT_EQ(record.number, records + 1);
      if (!record.fault) continue;
      const std::string said = record.fault->code + " " + record.fault->reason;
      const Place place{file, record.span.line, record.span.byte_offset};
      got[place] = said.substr(0, want[place].size());
    }
    all += records;
    if (const graph::JsonNode* count = counts->Find("csv/" + file)) {
      EXPECT_EQ(records, static_cast<uint64_t>(*count->Find("records")->Int()));
    }
  }
  EXPECT_EQ(got, want);
  EXPECT_EQ(all, kAllRecords);
}

}  // namespace
}  // namespace qipu::ingest
