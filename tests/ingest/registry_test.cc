// The real registry: every malformed record is found where the reference answers say, and no
// other. Never prints a record's bytes: they name people.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

#include "graph/json.h"
#include "ingest/clean/clean.h"
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

  /// Calls `use(file, record)` for every sound record.
  template <class Use>
  static void ForEachRecord(const Use& use) {
    for (const std::string& file : Files()) {
      const auto reader = CsvReader::Open(folder_->path() + "/" + file, {});
      ASSERT_TRUE(reader.ok()) << reader.error().message;
      RawRecord record;
      while (*(*reader)->Next(record)) {
        if (!record.fault) use(file, record);
      }
    }
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

/// What a code comes to, in the reference answers' words.
std::string Outcome(std::string_view code) {
  const bool is_number = CheckRegistrationNumber(code).check != CodeCheck::kLength;
  const CodeCheck check = is_number ? CheckRegistrationNumber(code).check : CheckUscc(code).check;
  switch (check) {
    case CodeCheck::kValid:
    case CodeCheck::kRepaired:
      return is_number ? "reg15_ok" : "uscc_ok";
    case CodeCheck::kCharset:
    case CodeCheck::kMasked:
      return "id_charset";
    case CodeCheck::kLength:
      return "id_len";
    case CodeCheck::kCheckDigit:
      return "id_check";
  }
  return "";
}

TEST_F(Registry, ChecksEveryCode) {
  constexpr size_t kCode = 1;
  const auto expected = graph::JsonDocument::Load(kFolder + "/expected.json");
  ASSERT_TRUE(expected.ok());
  const graph::JsonNode* counted = expected->root().Find("files");
  std::map<std::string, int64_t> got;
  ForEachRecord([&](const std::string& file, const RawRecord& record) {
    if (counted->Find("csv/" + file)) ++got[Outcome(record.fields[kCode])];
  });
  const graph::JsonNode* totals = expected->root().Find("totals");
  for (const char* name : {"uscc_ok", "reg15_ok", "id_charset", "id_len", "id_check"}) {
    EXPECT_EQ(got[name], *totals->Find(name)->Int()) << name;
  }
}

/// What a capital comes to: its currency, or why it is not read, without the text of the column
/// where it may name people.
std::string Outcome(std::string_view capital, const AmountWords& words) {
  if (capital == "N/A" || capital == "-") return "null";
  const auto amount = ReadAmount(capital, words);
  if (amount.ok()) return amount->currency.empty() ? "no currency" : amount->currency;
  const std::string& why = amount.error().message;
  return why.find("start with a number") == why.npos ? why : "no number";
}

/// Every spelling of a capital is read, or refused for a reason that is counted here.
TEST_F(Registry, ReadsEveryCapital) {
  constexpr size_t kCapital = 5;
  const auto file =
      graph::JsonDocument::Load(QIPU_SOURCE_DIR "/schemas/reference/cn-amount-words.json");
  ASSERT_TRUE(file.ok()) << file.error().message;
  AmountWords words;
  for (const auto& [text, word] : **file->root().Find("words")->Object()) {
    words.words[text] = {*word.Find("currency")->String(), *word.Find("factor")->Int()};
  }
  std::map<std::string, int> got;
  ForEachRecord([&](const std::string&, const RawRecord& record) {
    ++got[Outcome(record.fields[kCapital], words)];
  });
  const std::map<std::string, int> want = {
      {"CNY", 153'244},
      {"EUR", 15},
      {"HKD", 101},
      {"JPY", 32},
      {"SGD", 2},
      {"USD", 574},
      {"no currency", 34'523},             // `27,850.0875(万)`, `5()`, `6`
      {"null", 32'549},                    // `N/A`, `-`
      {"no number", 21},                   // `万人民币`, words of other columns
      {"'1,0000000' is not a number", 9},  // a thousands comma or a decimal point: not to be known
      {"'1,9630000' is not a number", 1},
      {"'10,1520000' is not a number", 1},
      {"'2,0000000' is not a number", 3},
      {"'3,0000000' is not a number", 1},
      {"'3,9380000' is not a number", 1},
      {"'31,8000000' is not a number", 1},
      {"'5,0000000' is not a number", 3},
      {"the word '万美' is not in the mapping's 'words'", 1},
  };
  EXPECT_EQ(got, want);
}

}  // namespace
}  // namespace qipu::ingest
