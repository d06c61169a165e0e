#ifndef QIPU_INGEST_MAPPING_PARSER_H_
#define QIPU_INGEST_MAPPING_PARSER_H_

#include <string>
#include <vector>

#include "graph/json.h"
#include "ingest/mapping.h"

namespace qipu::ingest {

/// The words of a JSON member as an enum. Errors: with a 'did you mean'.
template <class T>
struct Word {
  const char* text;
  T value;
};
template <class T, size_t n>
Result<T> ReadWord(const graph::JsonNode& node, const Word<T> (&words)[n]) {
  auto text = node.String();
  if (!text.ok()) return text.error();
  std::vector<std::string> known;
  for (const auto& word : words) {
    if (*text == word.text) return word.value;
    known.push_back(word.text);
  }
  const auto nearest = graph::NearestName(*text, known);
  std::string message = "unknown word '" + *text + "'";
  if (!nearest.empty()) message += "; did you mean '" + nearest + "'?";
  message += " Words:";
  for (const auto& word : known) message += " " + word;
  return node.Complain(message);
}

/// What the columns of a mapping have in common.
struct ColumnContext {
  std::vector<std::string> nulls;  ///< of every column
  std::string folder;              ///< of the mapping, for the files it names
  std::vector<std::string> files;  ///< those read
};

/// The `columns` of a mapping.
Result<std::vector<Column>> ParseColumns(const graph::JsonNode& node, ColumnContext& context);

/// The rest of a mapping, whose columns and vertices are named by what came before.
class MappingParser {
 public:
  explicit MappingParser(Mapping& mapping) : mapping_(mapping) {}
  Status ParseConditions(const graph::JsonNode* node, Conditions& out) const;
  Status ParseVertices(const graph::JsonNode& node);
  Status ParseEdges(const graph::JsonNode* node);
  Status ParsePlace(const graph::JsonNode* node);
  Status ParseClassify(const graph::JsonNode* node);

 private:
  Result<uint32_t> ColumnNamed(const graph::JsonNode& node, const std::string& name) const;
  Result<FieldRef> ParseField(const graph::JsonNode& node) const;
  Status ParseOptionalField(const graph::JsonNode& parent, const char* name,
                            std::optional<FieldRef>& out) const;
  Result<std::vector<Setting>> ParseSettings(const graph::JsonNode* node) const;
  Result<std::vector<KeyRule>> ParseKeys(const graph::JsonNode& node) const;
  Result<VertexRule> ParseVertex(const std::string& name, const graph::JsonNode& node) const;
  Result<uint32_t> VertexNamed(const graph::JsonNode& node) const;
  Result<EdgeEnd> ParseEnd(const graph::JsonNode& node) const;
  Result<Multiplicity> ParseMultiplicity(const graph::JsonNode& edge) const;
  Result<uint32_t> AddFoundEdge(const graph::JsonNode& node, std::vector<std::string> properties);

  Mapping& mapping_;
};

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_MAPPING_PARSER_H_
