#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "graph/store.h"
#include "graph/transaction.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using graph::Value;
using testing::HasSubstr;

// A database with one company in one segment of the chain `smart`.
class MapCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "qipu_map_XXXXXX";
    directory_ = mkdtemp(pattern.data());
    const auto schema = graph::Schema::Parse(
        R"({"labels": {"Company": {"key": "id"}, "Segment": {"key": "id"}, "Chain": {"key": "id"}},
            "edges": {}})",
        "schema.json");
    ASSERT_TRUE(schema.ok()) << schema.error().message;
    ASSERT_TRUE(graph::Store::Create(Path("db"), *schema, {}).ok());
    const auto store = graph::Store::Open(Path("db"), {});
    ASSERT_TRUE(store.ok());
    graph::Transaction t = (*store)->Begin();
    const auto put = [&](const char* label, const char* key, const char* name) {
      const graph::VertexId vertex = *t.MergeVertex(t.Label(label), key);
      EXPECT_TRUE(t.SetProperty(vertex, t.Property("name"), Value(name)).ok());
      return vertex;
    };
    const auto chain = put("Chain", "smart", "智能制造");
    const auto segment = put("Segment", "robots", "机器人");
    const auto company = put("Company", "x:1", "华芯");
    ASSERT_TRUE(t.PutEdge({segment, t.EdgeType("PART_OF"), chain, 0}, {}).ok());
    ASSERT_TRUE(t.PutEdge({company, t.EdgeType("OFFERS"), segment, 0}, {}).ok());
    ASSERT_TRUE(t.Commit().ok());
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  static std::string Contents(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
  }

  // Runs `qipu map` with those arguments.
  Status Run(std::vector<std::string> arguments) {
    CLI::App root("test");
    const Command command = AddMap(root);
    arguments.insert(arguments.begin(), "map");
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its end
    root.parse(arguments);
    Context context;
    context.db = Path("db");
    context.quiet = true;
    return command.run(context);
  }

  size_t FilesBesideTheDatabase() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  std::string directory_;
};

TEST_F(MapCommand, WritesEveryFormatAndTheReport) {
  const Status status =
      Run({"--chain", "smart", "--page", "a4", "--as-of", "2024-06-30", "-o", Path("m.svg"), "-o",
           Path("m.pdf"), "-o", Path("m.png"), "--report", Path("m.json")});
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_THAT(Contents(Path("m.svg")), HasSubstr("截至 2024-06-30"));
  EXPECT_THAT(Contents(Path("m.pdf")), testing::StartsWith("%PDF-"));
  EXPECT_THAT(Contents(Path("m.png")), testing::StartsWith("\x89PNG"));
  EXPECT_THAT(Contents(Path("m.json")), HasSubstr("\"failures\": []"));
  EXPECT_EQ(FilesBesideTheDatabase(), 4u);  // nothing half-written is left
  const std::string first = Contents(Path("m.pdf"));
  ASSERT_TRUE(Run({"--page", "a4", "--as-of", "2024-06-30", "-o", Path("m.pdf")}).ok());
  EXPECT_EQ(Contents(Path("m.pdf")), first);
}

TEST_F(MapCommand, SaysWhatIsWrongAndWritesNothing) {
  const struct {
    std::vector<std::string> arguments;
    ErrorCode code;
    const char* want;
  } cases[] = {
      {{"-o", Path("m.html")}, ErrorCode::kUnsupported, "not supported yet"},
      {{"-o", Path("m.gif")}, ErrorCode::kInvalidArgument, ".svg, .pdf or .png"},
      {{"-o", Path("m.svg"), "--page", "a33"}, ErrorCode::kInvalidArgument, "did you mean 'a3'"},
      {{"-o", Path("m.svg"), "--lang", "fr"}, ErrorCode::kInvalidArgument, "languages: zh, en"},
      {{"-o", Path("m.svg"), "--as-of", "2024-02-30"}, ErrorCode::kInvalidArgument, "YYYY-MM-DD"},
      {{"-o", Path("m.svg"), "--chain", "smrat"}, ErrorCode::kNotFound, "did you mean 'smart'"},
      {{"-o", Path("m.svg"), "--region", "440306"}, ErrorCode::kNotFound, "440306"},
      {{"-o", Path("m.svg"), "-o", Path("no/m.pdf")}, ErrorCode::kIo, "no/m.pdf"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    const Status status = Run(c.arguments);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, c.code) << status.error().message;
    EXPECT_THAT(status.error().message, HasSubstr(c.want));
    EXPECT_EQ(FilesBesideTheDatabase(), 0u);
  }
}

}  // namespace
}  // namespace qipu::tools
