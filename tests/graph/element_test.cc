#include "graph/element.h"

#include <gmock/gmock.h>

namespace qipu::graph {
namespace {

TEST(Properties, KeepOrderReplaceAndRemove) {
  Properties properties;
  SetProperty(properties, {5}, Value("b"));
  SetProperty(properties, {2}, Value("a"));
  SetProperty(properties, {9}, Value("c"));
  SetProperty(properties, {5}, Value("d"));
  SetProperty(properties, {9}, Value());
  SetProperty(properties, {7}, Value());
  EXPECT_EQ(properties, (Properties{{{2}, Value("a")}, {{5}, Value("d")}}));
  EXPECT_EQ(*FindProperty(properties, {5}), Value("d"));
  EXPECT_EQ(FindProperty(properties, {9}), nullptr);
}

TEST(Vertex, HasItsLabels) {
  const Vertex vertex{{1}, {{2}, {4}}, {}};
  EXPECT_TRUE(vertex.Has({4}));
  EXPECT_FALSE(vertex.Has({3}));
}

}  // namespace
}  // namespace qipu::graph
