#include "graph/json.h"
#include "ingest/chain.h"
#include "ingest/reference.h"

namespace qipu::ingest {
namespace {

using graph::Value;
using graph::VertexId;

Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

const ChainGroup* GroupOf(const ChainDefinition& chain, const ChainSegment& segment) {
  for (const auto& group : chain.groups) {
    if (group.id == segment.group) return &group;
  }
  return nullptr;
}

Status SetAll(graph::Transaction& transaction, VertexId vertex,
              std::initializer_list<std::pair<const char*, Value>> values) {
  for (const auto& [name, value] : values) {
    QIPU_TRY(transaction.SetProperty(vertex, transaction.Property(name), value));
  }
  return Ok{};
}

}  // namespace

Result<graph::CommitSummary> LoadChain(graph::Store& store, const std::string& file) {
  const auto document = QIPU_TRY(graph::JsonDocument::Load(file));
  const auto chain = QIPU_TRY(ReadChain(document.root()));
  auto transaction = store.Begin();
  const auto part_of = transaction.EdgeType("PART_OF");
  const auto feeds = transaction.EdgeType("FEEDS");
  const auto whole = QIPU_TRY(transaction.MergeVertex(transaction.Label("Chain"), chain.id));
  QIPU_TRY(SetAll(transaction, whole,
                  {{"name", TextOrNull(chain.name)},
                   {"name_en", TextOrNull(chain.name_en)},
                   {"version", TextOrNull(chain.version)}}));
  const auto label = transaction.Label("Segment");
  std::vector<VertexId> segments;
  for (const auto& segment : chain.segments) {
    const auto vertex = QIPU_TRY(transaction.MergeVertex(label, segment.id));
    segments.push_back(vertex);
    const auto* group = GroupOf(chain, segment);
    QIPU_TRY(SetAll(transaction, vertex,
                    {{"name", TextOrNull(segment.name)},
                     {"name_en", TextOrNull(segment.name_en)},
                     {"stage", Value(StageName(segment.stage))},
                     {"group", TextOrNull(segment.group)},
                     {"group_name", group ? TextOrNull(group->name) : Value()},
                     {"group_name_en", group ? TextOrNull(group->name_en) : Value()},
                     {"weight", Value(segment.weight)}}));
    QIPU_TRY(transaction.PutEdge({vertex, part_of, whole, 0}, {}));
  }
  for (const auto& [from, to] : chain.links) {
    QIPU_TRY(transaction.PutEdge({segments[from], feeds, segments[to], 0}, {}));
  }
  return transaction.Commit();
}

}  // namespace qipu::ingest
