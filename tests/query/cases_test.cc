// Runs the scripts of tests/query/cases. A script is a sequence of
//
//   fixture NAME              the graph of NAME.graph (CREATE clauses) for what follows
//   index LABEL PROPERTY      a value index on it, made on that graph
//   query TITLE               a query, `----`, the rows it must give in that order, an empty line
//   error TITLE               a query, `----`, `kCode: part of the message`
//   plan TITLE                a query, `----`, what --explain must print
//
// `columns a|b` before the rows checks the names of the columns as well; cells are joined by `|`.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "query/engine.h"
#include "tests/query/fixture.h"

namespace qipu::query {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const std::filesystem::path kCases = std::filesystem::path(QIPU_SOURCE_DIR) / "tests/query/cases";

struct Case {
  std::string kind, title, text;
  std::vector<std::string> want;
  int line = 0;
};

std::vector<std::string> ReadLines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<Case> ReadCases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  const std::vector<std::string> lines = ReadLines(path);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i][0] == '#') continue;
    Case c;
    c.line = static_cast<int>(i) + 1;
    c.kind = lines[i].substr(0, lines[i].find(' '));
    c.title = lines[i].substr(std::min(lines[i].size(), c.kind.size() + 1));
    if (c.kind != "fixture" && c.kind != "index") {
      for (++i; i < lines.size() && lines[i] != "----"; ++i) c.text += lines[i] + "\n";
      for (++i; i < lines.size() && !lines[i].empty(); ++i) c.want.push_back(lines[i]);
    }
    cases.push_back(std::move(c));
  }
  return cases;
}

std::string CodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "kInvalidArgument";
    case ErrorCode::kUnsupported:
      return "kUnsupported";
    case ErrorCode::kRefused:
      return "kRefused";
    default:
      return "another code";
  }
}

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (&part == parts.data() ? "" : "|") + part;
  return out;
}

void CheckRows(const Case& c, const graph::Snapshot& snapshot) {
  const auto result = query::Run(snapshot, c.text, {});
  ASSERT_TRUE(result.ok()) << result.error().message;
  std::vector<std::string> rows;
  if (!c.want.empty() && c.want[0].starts_with("columns ")) {
    rows.push_back("columns " + Joined(result->table.columns));
  }
  for (const auto& row : result->table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) cells.push_back(CellText(cell));
    rows.push_back(Joined(cells));
  }
  EXPECT_THAT(rows, ElementsAreArray(c.want));
}

void CheckPlan(const Case& c, const graph::Snapshot& snapshot) {
  const auto plan = Explain(snapshot, c.text);
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::string want;
  for (const std::string& line : c.want) want += line + "\n";
  EXPECT_EQ(*plan, want);
}

class CasesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(CasesTest, Holds) {
  std::unique_ptr<TestGraph> graph;
  std::optional<graph::Snapshot> snapshot;
  const auto cases = ReadCases(kCases / (GetParam() + ".test"));
  ASSERT_FALSE(cases.empty());
  for (const Case& c : cases) {
    SCOPED_TRACE(GetParam() + ".test:" + std::to_string(c.line) + ": " + c.title);
    if (c.kind == "fixture") {
      snapshot.reset();
      graph.reset();
      auto made = TestGraph::Make();
      ASSERT_TRUE(made.ok()) << made.error().message;
      graph = std::move(*made);
      std::string text;
      for (const std::string& line : ReadLines(kCases / (c.title + ".graph"))) text += line + "\n";
      const Status created = text.empty() ? Status(Ok{}) : graph->Create(text);
      ASSERT_TRUE(created.ok()) << created.error().message;
      snapshot.emplace(graph->TakeSnapshot());
      continue;
    }
    ASSERT_TRUE(snapshot.has_value()) << "no fixture before";
    if (c.kind == "index") {
      const size_t blank = c.title.find(' ');
      const auto made = graph->store().MakeIndex(
          c.title.substr(0, blank), c.title.substr(blank + 1), graph::IndexKind::kValue);
      ASSERT_TRUE(made.ok()) << made.error().message;
      snapshot.emplace(graph->TakeSnapshot());
      continue;
    }
    if (c.kind == "query") {
      CheckRows(c, *snapshot);
    } else if (c.kind == "plan") {
      CheckPlan(c, *snapshot);
    } else {
      ASSERT_EQ(c.kind, "error");
      ASSERT_EQ(c.want.size(), 1u);
      const auto result = query::Run(*snapshot, c.text, {});
      ASSERT_FALSE(result.ok());
      EXPECT_THAT(CodeName(result.error().code) + ": " + result.error().message,
                  HasSubstr(c.want[0].substr(c.want[0].find(": ") + 2)));
      EXPECT_EQ(CodeName(result.error().code), c.want[0].substr(0, c.want[0].find(": ")));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, CasesTest,
                         ::testing::Values("expressions", "functions", "indexes", "match",
                                           "optional", "plans", "projection", "var_length"),
                         [](const auto& script) { return script.param; });

}  // namespace
}  // namespace qipu::query
