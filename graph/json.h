#ifndef QIPU_GRAPH_JSON_H_
#define QIPU_GRAPH_JSON_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "graph/status.h"

namespace qipu::graph {

/// One value of a JSON document that people write (a schema, a mapping, a method), with the place
/// it stands at, so that every complaint can say `file:line: key 'a.b': ...`.
///
/// Nodes are owned by their JsonDocument and live as long as it.
class JsonNode {
 public:
  using Members = std::vector<std::pair<std::string, JsonNode>>;  ///< in the order written

  /// Readers: the value, or an error that names file, line and key.
  Result<std::string> String() const;
  Result<int64_t> Int() const;
  Result<double> Number() const;
  Result<bool> Bool() const;
  Result<const std::vector<JsonNode>*> Array() const;
  Result<const Members*> Object() const;
  /// An array of strings; a single string counts as an array of one.
  Result<std::vector<std::string>> Strings() const;

  bool is_null() const;
  bool is_string() const;
  bool is_number() const;
  bool is_bool() const;
  bool is_array() const;
  bool is_object() const;

  /// The member of that name, or null; null as well when this is no object.
  const JsonNode* Find(std::string_view name) const;
  /// The member of that name, or an error that names the missing key.
  Result<const JsonNode*> Get(std::string_view name) const;
  /// Errors with a 'did you mean' when the object has a member that is not in `names`.
  Status AllowOnly(std::initializer_list<std::string_view> names) const;

  /// An error at this node: `file:line: key 'path': what`.
  Error Complain(std::string_view what) const;
  int line() const { return line_; }
  /// Dotted path from the root, e.g. `tree.children[2].weight`; empty for the root.
  const std::string& path() const { return path_; }

 private:
  friend class JsonBuilder;
  friend class JsonDocument;
  std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<JsonNode>, Members>
      state_;
  int line_ = 1;
  std::string path_;
  std::shared_ptr<const std::string> file_;  // shared by all nodes of one document
};

/// A parsed JSON text. Duplicate keys, depth over kJsonDepthMax and text over kJsonBytesMax are
/// errors, as is anything that is not JSON (no comments, no trailing commas).
class JsonDocument {
 public:
  static Result<JsonDocument> Parse(std::string_view text, std::string file);
  /// Reads and parses a file.
  static Result<JsonDocument> Load(const std::string& path);
  const JsonNode& root() const { return *root_; }

 private:
  std::unique_ptr<JsonNode> root_;
};

inline constexpr int kJsonDepthMax = 64;
inline constexpr size_t kJsonBytesMax = size_t{64} << 20;

/// Quotes and escapes `text` as a JSON string.
std::string JsonQuote(std::string_view text);

/// The candidate nearest to `name` by edit distance, for 'did you mean'; empty when none is near.
std::string NearestName(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_JSON_H_
