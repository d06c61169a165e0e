#include <gmock/gmock.h>

#include "tests/ingest/files.h"

namespace qipu::ingest {
namespace {

/// Vectors of FIPS 180-4.
TEST(FileSha256, KnownAnswers) {
  const struct {
    std::string bytes;
    const char* want;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  const ScratchFolder folder;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.bytes.size());
    const auto hash = FileSha256(folder.Write("t", c.bytes));
    ASSERT_TRUE(hash.ok());
    EXPECT_EQ(*hash, c.want);
  }
}

TEST(FileSha256, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  const auto missing = FileSha256(folder.path() + "/none");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(FileSha256(folder.path()).ok());
}

}  // namespace
}  // namespace qipu::ingest
