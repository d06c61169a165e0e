#ifndef QIPU_TESTS_GRAPH_FRESH_STORE_H_
#define QIPU_TESTS_GRAPH_FRESH_STORE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "graph/store.h"

namespace qipu::graph {

/// A directory of the running test alone, empty at first and gone after it.
class FreshDirectory {
 public:
  FreshDirectory() {
    // In memory where the system has such a place: hundreds of synced writes cost nothing there.
    const std::string memory = "/dev/shm/";
    const std::string parent = access(memory.c_str(), W_OK) == 0 ? memory : testing::TempDir();
    std::string pattern = parent + "qipu_graph_" + std::string(6, 'X');
    path_ = mkdtemp(pattern.data());
  }
  ~FreshDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FreshDirectory(const FreshDirectory&) = delete;
  FreshDirectory& operator=(const FreshDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string File(std::string_view name) const { return path_ + '/' + std::string(name); }

 private:
  std::string path_;
};

/// Firms (with a key and a refining label), places with two keyed labels, one edge type with ends.
inline constexpr std::string_view kFirmSchema = R"({
  "labels": {
    "Firm": {"key": "id", "properties": {"id": {"type": "string"}, "name": {"type": "string"},
             "capital": {"type": "float"}, "staff": {"type": "int"}}},
    "Maker": {"of": "Firm", "properties": {"plants": {"type": "int"}}},
    "City": {"key": "code"},
    "Province": {"key": "code"},
    "Licence": {"key": "no", "properties": {"until": {"type": "date", "required": true}}}
  },
  "edges": {
    "IN": {"ends": [["Firm", "City"]], "properties": {"share": {"type": "number"}}},
    "OWNS": {"properties": {"share": {"type": "float", "required": true}}}
  }
})";

inline Schema FirmSchema() {
  auto schema = Schema::Parse(kFirmSchema, "firms.json");
  EXPECT_TRUE(schema.ok()) << (schema.ok() ? "" : schema.error().message);
  return *std::move(schema);
}

inline std::unique_ptr<Store> OpenStore(const std::string& directory,
                                        const StoreOptions& options = {}) {
  auto store = Store::Open(directory, options);
  EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().message);
  return store.ok() ? *std::move(store) : nullptr;
}

inline std::unique_ptr<Store> MakeStore(const std::string& directory,
                                        const Schema& schema = FirmSchema()) {
  const Status made = Store::Create(directory, schema, {});
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return OpenStore(directory);
}

template <class T>
std::string MessageOf(const Result<T>& result) {
  return result.ok() ? "ok" : result.error().message;
}

#define EXPECT_OK(expression)                                     \
  do {                                                            \
    const auto& outcome = (expression);                           \
    EXPECT_TRUE(outcome.ok()) << qipu::graph::MessageOf(outcome); \
  } while (false)

#define EXPECT_FAILS(expression, wanted_code, wanted_text)                   \
  do {                                                                       \
    const auto& outcome = (expression);                                      \
    ASSERT_FALSE(outcome.ok());                                              \
    EXPECT_EQ(outcome.error().code, wanted_code) << outcome.error().message; \
    EXPECT_THAT(outcome.error().message, testing::HasSubstr(wanted_text));   \
  } while (false)

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_FRESH_STORE_H_
