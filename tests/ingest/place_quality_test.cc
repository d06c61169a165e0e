#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ingest/place/place.h"
#include "tests/ingest/place_reference.h"

namespace qipu::ingest {
namespace {

namespace fs = std::filesystem;

constexpr size_t kColumns = 10;
enum Column { kName = 0, kCode = 1, kProvince = 7, kCity = 8, kAddress = 9 };

/// Records of a file with quoted fields; those of another width are left out.
std::vector<std::vector<std::string>> ReadRecords(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream buffer;
  buffer << stream.rdbuf();
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : buffer.str()) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c == '\n' && !quoted) {
      if (fields.size() == kColumns) records.push_back(fields);
      fields.assign(1, "");
    } else {
      fields.back() += c;
    }
  }
  return records;
}

struct Counts {
  size_t all = 0;
  size_t same = 0;
  size_t other = 0;
  double Percent(size_t part) const {
    return 100.0 * static_cast<double>(part) / static_cast<double>(all);
  }
};

enum class Evidence { kAddressOnly, kAllButCode };

Counts Measure(const std::vector<std::vector<std::string>>& records, Evidence evidence) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  Counts counts;
  for (const auto& record : records) {
    if (record[kCode].size() != 18) continue;
    const std::string code = record[kCode].substr(2, 6);
    const Region* region = gazetteer.Find(code);
    if (region == nullptr || region->last_year != 0 || region->level != "county") continue;
    ++counts.all;
    PlaceQuery query;
    query.address = record[kAddress];
    if (evidence == Evidence::kAllButCode) {
      query.province = record[kProvince];
      query.city = record[kCity];
      query.name = record[kName];
    }
    const auto placing = gazetteer.PlaceByAddress(query);
    if (placing.has_value()) ++(placing->code == code ? counts.same : counts.other);
  }
  return counts;
}

// The unit that the registration code names is the truth here, although some registries give out
// local codes that the standard has since given to another unit.
TEST(PlaceQuality, FindsTheUnitOfRealAddresses) {
  const fs::path archive = QIPU_SHARED_DIR "/data/registry-cn/registry-cn.tar.zst";
  if (!fs::exists(archive)) GTEST_SKIP() << "needs " << archive << " (set QIPU_SHARED)";
  const fs::path folder = fs::path(testing::TempDir()) / "qipu_place_quality";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::string command = "tar --zstd -xf '" + archive.string() + "' -C '" + folder.string() +
                              "' --wildcards '*2019/*.csv'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::vector<std::vector<std::string>> records;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    for (auto& record : ReadRecords(entry.path())) records.push_back(std::move(record));
  }
  fs::remove_all(folder);
  for (const Evidence evidence : {Evidence::kAddressOnly, Evidence::kAllButCode}) {
    const Counts counts = Measure(records, evidence);
    EXPECT_GT(counts.all, 100000u);
    EXPECT_GE(counts.Percent(counts.same), 97.0);
    EXPECT_LE(counts.Percent(counts.other), 1.0);
    std::cout << (evidence == Evidence::kAddressOnly ? "address only: " : "all but the code: ")
              << counts.all << " rows, same " << counts.Percent(counts.same) << " %, other "
              << counts.Percent(counts.other) << " %\n";
  }
}

}  // namespace
}  // namespace qipu::ingest
