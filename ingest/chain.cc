#include "ingest/chain.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace qipu::ingest {
namespace {

using graph::JsonNode;

/// Ids of a file and the places they name, with a suggestion for a name that is not among them.
class Places {
 public:
  Status Add(const JsonNode& node, const std::string& id) {
    if (id.empty()) return node.Complain("must not be empty");
    if (!places_.emplace(id, places_.size()).second) {
      return node.Complain("'" + id + "' is there twice; ids are unique");
    }
    return Ok{};
  }
  Result<size_t> Find(const JsonNode& node, std::string_view kind) const {
    const std::string id = QIPU_TRY(node.String());
    if (const auto found = places_.find(id); found != places_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [name, place] : places_) known.push_back(name);
    const std::string near = graph::NearestName(id, known);
    return node.Complain("unknown " + std::string(kind) + " '" + id + "'" +
                         (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }

 private:
  std::map<std::string, size_t, std::less<>> places_;
};

Result<std::string> Text(const JsonNode& object, std::string_view key) {
  const JsonNode* node = QIPU_TRY(object.Get(key));
  std::string text = QIPU_TRY(node->String());
  if (text.empty()) return node->Complain("must not be empty");
  return text;
}

Result<Stage> ReadStage(const JsonNode& object) {
  const JsonNode* node = QIPU_TRY(object.Get("stage"));
  const std::string name = QIPU_TRY(node->String());
  for (const Stage stage : {Stage::kUpstream, Stage::kMidstream, Stage::kDownstream}) {
    if (name == StageName(stage)) return stage;
  }
  return node->Complain("'" + name + "' is no stage; use upstream, midstream or downstream");
}

Result<ChainGroup> ReadGroup(const JsonNode& node, Places& groups) {
  QIPU_TRY(node.AllowOnly({"id", "name", "name_en", "stage"}));
  ChainGroup group;
  group.id = QIPU_TRY(Text(node, "id"));
  group.name = QIPU_TRY(Text(node, "name"));
  group.name_en = QIPU_TRY(Text(node, "name_en"));
  group.stage = QIPU_TRY(ReadStage(node));
  QIPU_TRY(groups.Add(*node.Find("id"), group.id));
  return group;
}

Result<ChainSegment> ReadSegment(const JsonNode& node, const Places& groups, Places& segments) {
  QIPU_TRY(node.AllowOnly({"id", "name", "name_en", "group", "stage", "weight", "role"}));
  ChainSegment segment;
  segment.id = QIPU_TRY(Text(node, "id"));
  segment.name = QIPU_TRY(Text(node, "name"));
  segment.name_en = QIPU_TRY(Text(node, "name_en"));
  segment.group = QIPU_TRY(Text(node, "group"));
  segment.stage = QIPU_TRY(ReadStage(node));
  segment.role = QIPU_TRY(Text(node, "role"));
  QIPU_TRY(groups.Find(*node.Find("group"), "group"));
  QIPU_TRY(segments.Add(*node.Find("id"), segment.id));
  if (const JsonNode* weight = node.Find("weight")) {
    segment.weight = QIPU_TRY(weight->Number());
    if (!(segment.weight > 0) || !std::isfinite(segment.weight)) {
      return weight->Complain("a weight is a number above 0");
    }
  }
  return segment;
}

/// Segments on a cycle of the links, first one repeated at the end; empty when there is none.
std::vector<size_t> FindCycle(const ChainDefinition& chain) {
  std::vector<std::vector<size_t>> suppliers(chain.segments.size());
  std::vector<std::vector<size_t>> customers(chain.segments.size());
  std::vector<size_t> waiting(chain.segments.size());  // suppliers not yet taken away
  for (const auto& [from, to] : chain.links) {
    customers[from].push_back(to);
    suppliers[to].push_back(from);
    ++waiting[to];
  }
  std::vector<size_t> ready;
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i] == 0) ready.push_back(i);
  }
  for (size_t done = 0; done < ready.size(); ++done) {
    for (const size_t to : customers[ready[done]]) {
      if (--waiting[to] == 0) ready.push_back(to);
    }
  }
  const auto stuck = std::ranges::find_if(waiting, [](size_t count) { return count > 0; });
  if (stuck == waiting.end()) return {};
  // Every segment still waiting has a supplier still waiting: walking up must come round.
  std::vector<size_t> walk = {static_cast<size_t>(stuck - waiting.begin())};
  for (;;) {
    const size_t next = *std::ranges::find_if(suppliers[walk.back()],
                                              [&](size_t from) { return waiting[from] > 0; });
    const bool closed = std::ranges::find(walk, next) != walk.end();
    walk.push_back(next);
    if (!closed) continue;
    walk.erase(walk.begin(), std::ranges::find(walk, next));
    std::ranges::reverse(walk);
    return walk;
  }
}

Status ReadLinks(const JsonNode& node, const Places& segments, ChainDefinition& chain) {
  std::set<std::pair<size_t, size_t>> seen;
  for (const JsonNode& link : *QIPU_TRY(node.Array())) {
    const auto& ends = *QIPU_TRY(link.Array());
    if (ends.size() != 2) return link.Complain("a link is [supplier, customer]");
    const size_t from = QIPU_TRY(segments.Find(ends[0], "segment"));
    const size_t to = QIPU_TRY(segments.Find(ends[1], "segment"));
    if (!seen.emplace(from, to).second) return link.Complain("this link is there twice");
    chain.links.emplace_back(from, to);
  }
  const std::vector<size_t> cycle = FindCycle(chain);
  if (cycle.empty()) return Ok{};
  std::string path;
  for (const size_t segment : cycle) {
    path += (path.empty() ? "" : " -> ") + chain.segments[segment].id;
  }
  return node.Complain("links must not form a cycle: " + path);
}

}  // namespace

std::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kUpstream:
      return "upstream";
    case Stage::kMidstream:
      return "midstream";
    case Stage::kDownstream:
      break;
  }
  return "downstream";
}

Result<ChainDefinition> ReadChain(const JsonNode& root) {
  QIPU_TRY(root.AllowOnly({"$schema", "chain", "version", "name", "name_en", "sources",
                           "confidence", "groups", "segments", "links", "rules"}));
  ChainDefinition chain;
  chain.id = QIPU_TRY(Text(root, "chain"));
  chain.version = QIPU_TRY(Text(root, "version"));
  chain.name = QIPU_TRY(Text(root, "name"));
  chain.name_en = QIPU_TRY(Text(root, "name_en"));
  chain.sources = QIPU_TRY(QIPU_TRY(root.Get("sources"))->Strings());
  if (const JsonNode* confidence = root.Find("confidence")) {
    chain.confidence = QIPU_TRY(confidence->Number());
    if (!(chain.confidence >= 0 && chain.confidence <= 1)) {
      return confidence->Complain("a confidence lies between 0 and 1");
    }
  }
  Places groups;
  Places segments;
  for (const JsonNode& node : *QIPU_TRY(QIPU_TRY(root.Get("groups"))->Array())) {
    chain.groups.push_back(QIPU_TRY(ReadGroup(node, groups)));
  }
  for (const JsonNode& node : *QIPU_TRY(QIPU_TRY(root.Get("segments"))->Array())) {
    chain.segments.push_back(QIPU_TRY(ReadSegment(node, groups, segments)));
  }
  QIPU_TRY(ReadLinks(*QIPU_TRY(root.Get("links")), segments, chain));
  return chain;
}

}  // namespace qipu::ingest
