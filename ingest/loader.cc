#include "ingest/loader.h"

#include <algorithm>

namespace qipu::ingest {

using graph::VertexId;

Loader::Loader(graph::Store& store, const Mapping& mapping) : store_(store), mapping_(mapping) {
  next_vertex_ = store.TakeSnapshot().vertex_id_bound();
  applied_.resize(mapping.vertices.size());
  Begin();
}

/// Names are interned anew in every transaction: those of one that had nothing to commit are gone.
void Loader::Begin() {
  transaction_.emplace(store_.Begin());
  labels_.clear();
  vertex_names_.clear();
  for (const auto& rule : mapping_.vertices) {
    VertexNames names{LabelOf(rule.label), {}, {}};
    for (const auto& setting : rule.properties) {
      names.properties.push_back(transaction_->Property(setting.property));
    }
    vertex_names_.push_back(std::move(names));
  }
  edge_names_.clear();
  for (uint32_t i = 0; i < mapping_.edges.size(); ++i) {
    const EdgeRule& rule = mapping_.edges[i];
    EdgeNames names{transaction_->EdgeType(rule.type), {}, {}, {}};
    for (const auto& setting : rule.properties) {
      names.properties.push_back(transaction_->Property(setting.property));
    }
    if (const auto* lookup = std::get_if<Lookup>(&rule.from)) {
      for (const auto& label : lookup->labels) names.from_labels.push_back(LabelOf(label));
    } else {
      vertex_names_[std::get<uint32_t>(rule.from)].edges.push_back(i);
    }
    if (const auto* lookup = std::get_if<Lookup>(&rule.to)) {
      for (const auto& label : lookup->labels) names.to_labels.push_back(LabelOf(label));
    }
    edge_names_.push_back(std::move(names));
  }
}

graph::LabelId Loader::LabelOf(const std::string& name) {
  const auto found = labels_.find(name);
  if (found != labels_.end()) return found->second;
  return labels_.emplace(name, transaction_->Label(name)).first->second;
}

Status Loader::Prefetch(const std::vector<MappedRecord>& records) {
  for (uint32_t rule = 0; rule < mapping_.vertices.size(); ++rule) {
    std::vector<std::string_view> keys;
    for (const auto& record : records) {
      for (const auto& vertex : record.vertices) {
        if (vertex.rule == rule) keys.push_back(vertex.key);
      }
    }
    QIPU_TRY(transaction_->PrefetchKeys(vertex_names_[rule].label, keys));
  }
  return Ok{};
}

Status Loader::Apply(MappedRecord record, FileEntry& file) {
  ++records_since_commit_;
  ++file.records_done;
  ++file.counts.read;
  switch (record.fate) {
    case RecordFate::kIgnored:
      ++file.counts.ignored;
      for (const auto& note : record.notes) AddNote(file.notes, note, record.span.line);
      return Ok{};
    case RecordFate::kRejected:
      ++file.counts.rejected;
      PutReject(*transaction_, {file.number, record.number, record.span, record.fault->code,
                                record.fault->reason, record.raw});
      return Ok{};
    case RecordFate::kLoaded:
      ++file.counts.loaded;
      return ApplyLoaded(record, file);
  }
  return Ok{};
}

Status Loader::ApplyLoaded(MappedRecord& record, FileEntry& file) {
  for (auto& applied : applied_) applied = Applied();
  for (const auto& note : record.notes) AddNote(file.notes, note, record.span.line);
  for (auto& vertex : record.vertices) {
    if (QIPU_TRY(IsDangling(vertex))) {
      AddNote(file.notes, {"REF_DANGLING", mapping_.vertices[vertex.rule].label}, record.span.line);
      continue;
    }
    Applied& applied = applied_[vertex.rule];
    applied.vertex = QIPU_TRY(ApplyVertex(vertex, applied.outputs));
    applied.created = applied.vertex->value >= next_vertex_;
    if (applied.created) next_vertex_ = applied.vertex->value + 1;
  }
  if (!record.vertices.empty()) {
    const Applied& first = applied_[record.vertices.front().rule];
    if (first.vertex && !first.created) ++file.counts.merged;
  }
  for (auto& edge : record.edges) QIPU_TRY(ApplyEdge(edge, record.span.line, file));
  for (const auto& vertex : record.vertices) {
    const Applied& applied = applied_[vertex.rule];
    if (!applied.vertex) continue;
    PutProvenance(*transaction_, {*applied.vertex, file.number, record.number, record.span,
                                  vertex.rule, applied.outputs});
  }
  return Ok{};
}

Result<bool> Loader::IsDangling(const MappedVertex& vertex) const {
  if (mapping_.vertices[vertex.rule].existence == Existence::kEither) return false;
  const auto label = vertex_names_[vertex.rule].label;
  return !QIPU_TRY(transaction_->FindVertex(label, vertex.key)).has_value();
}

Result<VertexId> Loader::ApplyVertex(MappedVertex& vertex, uint64_t& outputs) {
  const VertexNames& names = vertex_names_[vertex.rule];
  const VertexId id = QIPU_TRY(transaction_->MergeVertex(names.label, vertex.key));
  for (size_t i = 0; i < vertex.values.size(); ++i) {
    // A source that says nothing of a property takes nothing away.
    if (vertex.values[i].is_null()) continue;
    QIPU_TRY(transaction_->SetProperty(id, names.properties[i], std::move(vertex.values[i])));
    outputs |= uint64_t{1} << i;
  }
  for (const auto& label : vertex.labels) QIPU_TRY(transaction_->AddLabel(id, LabelOf(label)));
  return id;
}

Result<std::optional<VertexId>> Loader::FindEnd(const EdgeEnd& end,
                                                const std::vector<graph::LabelId>& labels,
                                                const std::string& key) {
  if (const auto* rule = std::get_if<uint32_t>(&end)) return applied_[*rule].vertex;
  for (const auto label : labels) {
    const std::pair wanted(label.value, key);
    if (const auto known = found_.find(wanted); known != found_.end()) {
      return std::optional(known->second);
    }
    if (const auto vertex = QIPU_TRY(transaction_->FindVertex(label, key))) {
      found_.emplace(wanted, *vertex);
      return vertex;
    }
  }
  return std::optional<VertexId>();
}

Status Loader::DropOtherEdges(VertexId from, graph::EdgeTypeId type, VertexId to) {
  for (const auto& old : QIPU_TRY(transaction_->Neighbours(from, type, graph::Direction::kOut))) {
    if (old.vertex == to) continue;
    QIPU_TRY(transaction_->DeleteEdge({from, type, old.vertex, old.rank}));
  }
  return Ok{};
}

Status Loader::ApplyEdge(MappedEdge& edge, uint64_t line, FileEntry& file) {
  const EdgeRule& rule = mapping_.edges[edge.rule];
  const EdgeNames& names = edge_names_[edge.rule];
  const auto from = QIPU_TRY(FindEnd(rule.from, names.from_labels, edge.from_key));
  const auto to = QIPU_TRY(FindEnd(rule.to, names.to_labels, edge.to_key));
  if (!from || !to) {
    AddNote(file.notes, {"REF_DANGLING", rule.type}, line);
    return Ok{};
  }
  const auto* from_rule = std::get_if<uint32_t>(&rule.from);
  const bool may_have_others = from_rule == nullptr || !applied_[*from_rule].created;
  if (rule.multiplicity == Multiplicity::kOne && may_have_others) {
    QIPU_TRY(DropOtherEdges(*from, names.type, *to));
  }
  graph::Properties properties;
  for (size_t i = 0; i < edge.values.size(); ++i) {
    graph::SetProperty(properties, names.properties[i], std::move(edge.values[i]));
  }
  QIPU_TRY(transaction_->PutEdge({*from, names.type, *to, 0}, std::move(properties)));
  if (from_rule != nullptr) {
    const VertexNames& start = vertex_names_[*from_rule];
    const auto place = std::ranges::find(start.edges, edge.rule) - start.edges.begin();
    applied_[*from_rule].outputs |= uint64_t{1}
                                    << (start.properties.size() + static_cast<size_t>(place));
  }
  return Ok{};
}

Status Loader::EndPart(const FileEntry& file) {
  PutFile(*transaction_, file);
  if (records_since_commit_ < kRecordsPerCommit && transaction_->bytes() < kBytesPerCommit) {
    return Ok{};
  }
  QIPU_TRY(Commit());
  Begin();
  return Ok{};
}

Status Loader::Commit() {
  changes_ += QIPU_TRY(transaction_->Commit());
  transaction_.reset();
  records_since_commit_ = 0;
  return Ok{};
}

Status Loader::Finish() { return Commit(); }

void AddNote(std::vector<Note>& notes, const MappedNote& note, uint64_t line) {
  const auto known = std::ranges::find_if(notes, [&](const Note& other) {
    return other.code == note.code && other.column == note.column;
  });
  if (known == notes.end()) {
    notes.push_back({note.code, note.column, 1, line});
  } else {
    ++known->count;
  }
}

}  // namespace qipu::ingest
