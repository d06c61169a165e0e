#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

using graph::JsonNode;

Result<std::vector<std::string>> ReadList(const JsonNode& root, std::string_view key) {
  const JsonNode* node = QIPU_TRY(root.Get(key));
  return node->Strings();
}

}  // namespace

Result<PlaceRules> ReadPlaceRules(const JsonNode& root) {
  QIPU_TRY(root.AllowOnly({"$schema", "title", "sources", "confidence", "suffixes", "peoples",
                           "spellings", "not_before", "skip_words", "skip_characters"}));
  PlaceRules rules;
  rules.suffixes = QIPU_TRY(ReadList(root, "suffixes"));
  rules.peoples = QIPU_TRY(ReadList(root, "peoples"));
  rules.not_before = QIPU_TRY(ReadList(root, "not_before"));
  rules.skip_words = QIPU_TRY(ReadList(root, "skip_words"));
  const JsonNode* characters = QIPU_TRY(root.Get("skip_characters"));
  rules.skip_characters = QIPU_TRY(characters->String());
  const JsonNode* spellings = QIPU_TRY(root.Get("spellings"));
  const std::vector<JsonNode>* groups = QIPU_TRY(spellings->Array());
  for (const JsonNode& group : *groups) rules.spellings.push_back(QIPU_TRY(group.Strings()));
  return rules;
}

}  // namespace qipu::ingest
