#include "tools/export/export.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/graph/fresh_store.h"
#include "tests/tools/text_of.h"

namespace qipu::tools {
namespace {

using graph::Value;

TEST(Export, LeavesOutAndNamesWhatCsvCannotCarry) {
  const struct {
    const char* name;
    Value value;
    bool carried;
  } cases[] = {
      {"text", Value("a, \"b\"\nc"), true},
      {"empty text", Value(""), false},
      {"blank at the end", Value("a "), false},
      {"wide blank in front", Value("\u3000a"), false},
      {"whole number", Value(int64_t{-7}), true},
      {"short decimal", Value(0.1), true},
      {"more digits than an import reads", Value(1e-30), false},
      {"no number", Value(std::nan("")), false},
      {"truth", Value(true), false},
      {"list", Value(Value::List{Value("a;b"), Value("c")}), true},
      {"list of numbers", Value(Value::List{Value(int64_t{1})}), false},
      {"empty list", Value(Value::List{}), false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    graph::FreshDirectory directory;
    const auto store = graph::MakeStore(directory.File("db"));
    graph::Transaction t = store->Begin();
    const auto vertex = t.MergeVertex(t.Label("City"), "c");
    EXPECT_OK(vertex);
    EXPECT_OK(t.SetProperty(*vertex, t.Property("p"), c.value));
    EXPECT_OK(t.Commit());
    const auto report = ExportCsv(store->TakeSnapshot(), directory.File("out"));
    EXPECT_OK(report);
    EXPECT_EQ(report->left_out, c.carried ? 0u : 1u);
    EXPECT_EQ(report->first_left_out.find("City 'c', property 'p'") == 0, !c.carried);
    EXPECT_EQ(TextOf(directory.File("out/City.csv")).starts_with(":key,:labels,p\n"), c.carried);
  }
}

TEST(Export, NamesParallelEdgesAndVerticesWithoutKey) {
  graph::FreshDirectory directory;
  const auto store = graph::MakeStore(directory.File("db"));
  graph::Transaction t = store->Begin();
  const auto city = t.MergeVertex(t.Label("City"), "c");
  EXPECT_OK(city);
  EXPECT_OK(t.CreateEdge(*city, t.EdgeType("NEAR"), *city, {}));
  EXPECT_OK(t.CreateEdge(*city, t.EdgeType("NEAR"), *city, {}));
  EXPECT_OK(t.CreateEdge(*city, t.EdgeType("NEAR"), t.CreateVertex(), {}));
  EXPECT_OK(t.Commit());
  const auto report = ExportCsv(store->TakeSnapshot(), directory.File("out"));
  EXPECT_OK(report);
  EXPECT_EQ(report->left_out, 3u);
  EXPECT_EQ(TextOf(directory.File("out/City-NEAR-City.csv")), ":from,:to\nc,c\n");
  const auto all = ExportNdjson(store->TakeSnapshot(), directory.File("all"));
  EXPECT_OK(all);
  EXPECT_EQ(all->files[0].rows, 2u);
  EXPECT_EQ(all->files[1].rows, 3u);
  EXPECT_FAILS(ExportCsv(store->TakeSnapshot(), directory.File("out")), ErrorCode::kAlreadyExists,
               "not empty");
}

}  // namespace
}  // namespace qipu::tools
