// Mutated queries, from a fixed seed: whatever they are, the engine answers or complains.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "query/engine.h"
#include "tests/query/fixture.h"

namespace qipu::query {
namespace {

constexpr auto kDuration = std::chrono::seconds(2);
/// Queries that could run long by themselves are only planned.
constexpr size_t kRunBytesMax = 60;

std::vector<std::string> Corpus() {
  std::vector<std::string> corpus;
  const auto folder = std::filesystem::path(QIPU_SOURCE_DIR) / "tests/query/cases";
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.find("RETURN") != std::string::npos) corpus.push_back(line);
    }
  }
  return corpus;
}

std::string Mutated(const std::vector<std::string>& corpus, std::mt19937& random) {
  const auto below = [&](size_t n) {
    return std::uniform_int_distribution<size_t>(0, n - 1)(random);
  };
  std::string text = corpus[below(corpus.size())];
  constexpr std::string_view kPieces[] = {
      "(",    ")",    "[",    "]",      "{",  "}",  "'",  "`",      "-",       "->", "<-",
      "*",    "..",   "NOT ", ",",      "$p", ".",  ":",  "1",      "null",    "|",  " AND ",
      " IN ", "\xff", "企",   "count(", "\\", "//", "/*", " WITH ", " RETURN "};
  for (size_t changes = 1 + below(4); changes > 0; --changes) {
    const size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.erase(at, below(8) + 1);
        break;
      case 1:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size() + 1), below(30)));
        break;
      default: {
        const std::string& other = corpus[below(corpus.size())];
        text = text.substr(0, at) + other.substr(std::min(at, other.size()));
      }
    }
  }
  return text;
}

TEST(QueryFuzz, NeverFails) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_GT(corpus.size(), 100u);
  auto graph = TestGraph::Make();
  ASSERT_TRUE(graph.ok());
  ASSERT_TRUE((*graph)->Create("CREATE (a:Firm {id: 'f:1'})-[:OWNS]->(b:Firm {id: 'f:2'})").ok());
  const graph::Snapshot snapshot = (*graph)->TakeSnapshot();
  std::mt19937 random(20240229);
  const auto end = std::chrono::steady_clock::now() + kDuration;
  size_t valid = 0, tried = 0;
  while (std::chrono::steady_clock::now() < end) {
    const std::string text = Mutated(corpus, random);
    ++tried;
    const auto prepared = Prepare(snapshot, text);
    if (!prepared.ok()) {
      EXPECT_FALSE(prepared.error().message.empty()) << text;
      continue;
    }
    ++valid;
    if (text.size() > kRunBytesMax || text.find("range") != std::string::npos) continue;
    const auto result = prepared->Run({{"p", Cell{graph::Value(int64_t{1})}}});
    EXPECT_TRUE(result.ok() || !result.error().message.empty()) << text;
  }
  EXPECT_GT(valid, tried / 100);
}

}  // namespace
}  // namespace qipu::query
