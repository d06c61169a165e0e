#include <algorithm>
#include <thread>

#include "graph/changes/changes.h"
#include "graph/load/load.h"

namespace qipu::graph::load {
namespace {

using rocks::Family;
using Stage = BulkProgress::Stage;

constexpr uint64_t kReportEvery = uint64_t{1} << 20;
constexpr uint64_t kMeasureEvery = uint64_t{1} << 16;  // vertices: what their keys take

std::shared_ptr<rocksdb::FileSystem> FilesOf(const Staging& staging) {
  return staging.database.env()->GetFileSystem();
}

Error TooMany(uint64_t limit, const char* what) {
  return InvalidArgument("one load takes at most " + std::to_string(limit) + ' ' + what +
                         "; load in parts");
}

/// `a` and `b` ascend; their union.
std::vector<VertexId> Union(const std::vector<VertexId>& a, const std::vector<VertexId>& b) {
  std::vector<VertexId> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

void AddCounts(std::vector<uint64_t>& counts, const std::vector<uint64_t>& more) {
  if (counts.size() < more.size()) counts.resize(more.size());
  for (size_t i = 0; i < more.size(); ++i) counts[i] += more[i];
}

}  // namespace

Result<std::unique_ptr<Loader>> Loader::Begin(rocks::Database& database,
                                              const BulkLoadOptions& options) {
  if (database.access() == Access::kReadOnly) {
    return InvalidArgument(database.directory() + " is open for reading only");
  }
  const auto view = database.current();
  if (view->head().next_vertex > LoadEdge::kVertexMax - KeyDictionary::kAbsent) {
    return InvalidArgument("a load can't reach vertex ids above " +
                           std::to_string(LoadEdge::kVertexMax) + "; write by transactions");
  }
  BulkLoadOptions resolved = options;
  if (resolved.memory_bytes == 0) resolved.memory_bytes = database.memory_bytes() / 2;
  const std::string folder =
      QIPU_TRY(rocks::MakeStaging(*database.env()->GetFileSystem(), database.directory()));
  std::unique_ptr<Loader> loader(
      new Loader({database, view, folder, view->head().next_vertex}, resolved));
  loader->vertices_.emplace(database, Family::kVertices, loader->staging_.Path("vertices"));
  loader->properties_ = QIPU_TRY(
      PropertiesFile::Make(FilesOf(loader->staging_), loader->staging_.Path("properties_")));
  return loader;
}

Loader::Loader(Staging staging, const BulkLoadOptions& options)
    : staging_(std::move(staging)),
      options_(options),
      rules_(staging_.view->rules()),
      catalog_(staging_.view->catalog()),
      edge_sorter_(FilesOf(staging_), staging_.Path("edges_by_"), EdgeMemory()) {
  const std::vector<Index>& indexes = staging_.view->head().indexes;
  if (!indexes.empty()) indexes_.emplace(staging_, indexes, options.memory_bytes / 4);
  staging_.database.Lend(options.memory_bytes);
}

Loader::~Loader() {
  vertices_.reset();  // its thread may still be making files
  properties_.reset();
  rocks::DropStaging(*FilesOf(staging_), staging_.database.directory());
  staging_.database.Lend(0);
}

/// What keys and indexes leave of the memory to the edges, but a share in any case. An order of
/// them counts the edges of each vertex.
uint64_t Loader::EdgeMemory() const {
  constexpr uint64_t kShare = 4;  // of all: what indexes have, what edges have at least
  const uint64_t all = options_.memory_bytes;
  const uint64_t indexes = staging_.view->head().indexes.empty() ? 0 : all / kShare;
  const uint64_t counters = 2 * sizeof(uint32_t) * (staging_.first_vertex + sets_.size());
  const uint64_t taken = indexes + keys_.bytes() + std::min(counters, all / kShare);
  return std::max(all - std::min(all, taken), all / kShare);
}

Result<uint32_t> Loader::LabelSetOf(std::span<const LabelId> labels) {
  if (!last_set_labels_.empty() &&
      std::equal(labels.begin(), labels.end(), last_set_labels_.begin(), last_set_labels_.end())) {
    return last_set_;
  }
  std::vector<LabelId> all(labels.begin(), labels.end());
  for (const LabelId label : labels) {
    if (rules_.closed() && !rules_.Of(label).declared) {
      return InvalidArgument("the schema is closed and declares no label '" +
                             catalog_.NameOf(label) + "'");
    }
    all.push_back(rules_.DictionaryOf(label));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  last_set_ = QIPU_TRY(InternSet(std::move(all)));
  last_set_labels_.assign(labels.begin(), labels.end());
  return last_set_;
}

/// The number of a combination of labels, which stays where it is.
Result<uint32_t> Loader::InternSet(std::vector<LabelId> labels) const {
  const auto at = std::find(label_sets_.begin(), label_sets_.end(), labels);
  const auto number = static_cast<uint32_t>(at - label_sets_.begin());
  if (at != label_sets_.end()) return number;
  if (label_sets_.size() > kLabelSetsMax) {
    return TooMany(kLabelSetsMax, "combinations of labels");
  }
  label_sets_.push_back(std::move(labels));
  return number;
}

void Loader::PrefetchKeys(const std::vector<LabelId>& labels, const Properties& properties) const {
  for (const LabelId label : labels) {
    const LabelRule& rule = rules_.Of(label);
    if (!rule.key || rule.dictionary != label) continue;
    const Value* value = FindProperty(properties, *rule.key);
    const std::string* key = value == nullptr ? nullptr : value->AsString();
    if (key != nullptr) keys_.Prefetch(label, *key);
  }
}

/// All of them or none: a vertex that is refused leaves no key.
Status Loader::AddKeys(const std::vector<LabelId>& labels, const Properties& properties) {
  new_keys_.clear();
  for (const LabelId label : labels) {
    const LabelRule& rule = rules_.Of(label);
    if (!rule.key || rule.dictionary != label) continue;
    const Value* value = FindProperty(properties, *rule.key);
    if (value == nullptr) continue;
    const std::string* key = value->AsString();
    if (key == nullptr || key->empty() || key->size() > kKeyBytesMax || label.value > UINT16_MAX) {
      return InvalidArgument("the key of a " + catalog_.NameOf(label) +
                             " must be a string of 1 to " + std::to_string(kKeyBytesMax) +
                             " bytes");
    }
    new_keys_.emplace_back(label, key);
  }
  for (size_t i = 0; i < new_keys_.size(); ++i) {
    const auto [label, key] = new_keys_[i];
    // Of one key its insertion says whether it is there; before that of several all are looked for.
    const bool last = new_keys_.size() == 1;
    const bool taken = last ? !keys_.Insert(label, *key, static_cast<uint32_t>(sets_.size()))
                            : keys_.Find(label, *key) != KeyDictionary::kAbsent;
    if (taken) {
      return Error{
          ErrorCode::kAlreadyExists,
          "two vertices of this load are a " + catalog_.NameOf(label) + " with key '" + *key + "'"};
    }
  }
  if (new_keys_.size() == 1) return Ok{};
  for (const auto& [label, key] : new_keys_) {
    keys_.Insert(label, *key, static_cast<uint32_t>(sets_.size()));
  }
  return Ok{};
}

Result<VertexId> Loader::AddVertex(std::span<const LabelId> labels, const Properties& properties) {
  if (sets_.size() >= KeyDictionary::kAbsent) return TooMany(KeyDictionary::kAbsent, "vertices");
  const uint32_t set = QIPU_TRY(LabelSetOf(labels));
  const std::vector<LabelId>& all = label_sets_[set];
  PrefetchKeys(all, properties);
  QIPU_TRY(rules_.CheckVertex(catalog_, all, properties));
  for (const auto& property : properties) QIPU_TRY(changes::CheckDepth(property.value));
  row_.clear();
  rocks::AppendVertexRow(row_, all, properties);
  QIPU_TRY(AddKeys(all, properties));
  const VertexId vertex{staging_.first_vertex + sets_.size()};
  sets_.push_back(static_cast<uint16_t>(set));
  vertices_->Put(rocks::VertexKey(vertex).bytes(), row_);
  for (const LabelId label : all) labels_.Add(label, vertex);
  if (indexes_) QIPU_TRY(indexes_->Add(vertex, all, properties));
  if (sets_.size() % kMeasureEvery == 0) edge_sorter_.SetMemory(EdgeMemory());
  if (sets_.size() % kReportEvery == 0) Report(Stage::kReading);
  return vertex;
}

Status Loader::FindVertices(LabelId label, std::span<const std::string_view> keys,
                            std::span<VertexId> found) const {
  const LabelId dictionary = rules_.DictionaryOf(label);
  std::vector<uint32_t> vertices(keys.size());
  keys_.FindAll(dictionary, keys, vertices);
  for (size_t i = 0; i < keys.size(); ++i) {
    found[i] = BulkLoad::kAbsent;
    if (vertices[i] != KeyDictionary::kAbsent) {
      found[i] = VertexId{staging_.first_vertex + vertices[i]};
    } else if (staging_.first_vertex > 0) {
      found[i] = QIPU_TRY(staging_.view->FindKey(dictionary, keys[i])).value_or(found[i]);
    }
    if (found[i] == BulkLoad::kAbsent || label == dictionary) continue;
    const std::vector<LabelId>& labels = *QIPU_TRY(LabelsOf(found[i]));
    if (!std::binary_search(labels.begin(), labels.end(), label)) found[i] = BulkLoad::kAbsent;
  }
  return Ok{};
}

Result<const std::vector<LabelId>*> Loader::LabelsOf(VertexId vertex) const {
  if (vertex.value >= staging_.first_vertex) {
    const uint64_t position = vertex.value - staging_.first_vertex;
    if (position < sets_.size()) return &label_sets_[sets_[position]];
  } else {
    const auto known = older_sets_.find(vertex.value);
    if (known != older_sets_.end()) return &label_sets_[known->second];
    Vertex row;
    if (QIPU_TRY(staging_.view->ReadVertex(vertex, row))) {
      const uint32_t set = QIPU_TRY(InternSet(std::move(row.labels)));
      if (older_sets_.size() >= kOlderKnownMax) older_sets_.clear();
      older_sets_.emplace(vertex.value, set);
      return &label_sets_[set];
    }
  }
  return NotFound("there is no vertex " + std::to_string(vertex.value));
}

/// The number of a record; 0 when there is nothing to record.
Result<uint32_t> Loader::PutProperties(const Properties& properties, uint32_t rank) {
  if (properties.empty() && rank == 0) return uint32_t{0};
  for (const auto& property : properties) QIPU_TRY(changes::CheckDepth(property.value));
  row_.clear();
  if (rank > 0) rocks::AppendVarint(row_, rank);
  if (!properties.empty()) rocks::AppendProperties(row_, properties);
  const uint32_t number = QIPU_TRY(properties_->Append(row_));
  return rank > 0 ? number | LoadEdge::kRanked : number;
}

Status Loader::AddEdge(VertexId source, EdgeTypeId type, VertexId target,
                       const Properties& properties, uint32_t rank) {
  const auto* from = QIPU_TRY(LabelsOf(source));
  const auto* to = QIPU_TRY(LabelsOf(target));
  const Ends ends{type, from, to};
  if (ends != checked_ends_) {
    QIPU_TRY(rules_.CheckEdgeEnds(catalog_, type, *from, *to));
    checked_ends_ = ends;
  }
  QIPU_TRY(rules_.CheckEdgeProperties(catalog_, type, properties));
  if (type.value > LoadEdge::kTypeMax) return TooMany(LoadEdge::kTypeMax, "edge types");
  const uint32_t number = QIPU_TRY(PutProperties(properties, rank));
  QIPU_TRY(edge_sorter_.Add({source.value, type.value, target.value, number}));
  if (++edges_ % kReportEvery == 0) Report(Stage::kReading);
  return Ok{};
}

void Loader::Report(Stage stage) const {
  if (options_.progress) options_.progress({stage, sets_.size(), edges_});
}

Result<CommitSummary> Loader::Publish() {
  if (published_) return InvalidArgument("this load has been published already");
  published_ = true;
  Report(Stage::kSorting);
  QIPU_TRY(properties_->EndWriting());
  QIPU_TRY(edge_sorter_.EndAdding());
  const auto write_adjacency = [this](Direction direction) {
    return WriteAdjacency(staging_, direction, edge_sorter_.Sorted(direction), *properties_);
  };
  // One thread for each direction; keys come after the lighter one.
  Result<AdjacencyTables> in = AdjacencyTables();
  Result<std::vector<std::string>> keys = std::vector<std::string>();
  std::thread beside([&] {
    in = write_adjacency(Direction::kIn);
    if (in.ok()) keys = WriteKeys(staging_, keys_);
  });
  auto vertices = vertices_->Finish();
  auto labels = labels_.Write(staging_);
  auto out = write_adjacency(Direction::kOut);
  beside.join();
  const AdjacencyTables out_tables = QIPU_TRY(std::move(out)), in_tables = QIPU_TRY(std::move(in));
  for (const auto* paths : {&vertices, &labels, &keys}) {
    if (!paths->ok()) return paths->error();
  }
  std::vector<rocks::Database::Tables> tables = {{Family::kVertices, *std::move(vertices)},
                                                 {Family::kLabels, *std::move(labels)},
                                                 {Family::kKeys, *std::move(keys)},
                                                 {Family::kOut, out_tables.lists},
                                                 {Family::kIn, in_tables.lists},
                                                 {Family::kEdges, out_tables.edges}};
  if (indexes_) {
    for (auto& entries : QIPU_TRY(indexes_->Write())) tables.push_back(std::move(entries));
  }
  return PublishTables(std::move(tables), out_tables, in_tables);
}

Result<CommitSummary> Loader::PublishTables(std::vector<rocks::Database::Tables> tables,
                                            const AdjacencyTables& out, const AdjacencyTables& in) {
  Report(Stage::kPublishing);
  CommitSummary summary;
  summary.vertices_created = sets_.size();
  summary.edges_created = edges_;
  if (summary == CommitSummary()) return summary;

  rocks::Head next = staging_.view->head();
  next.catalog = std::make_shared<const Catalog>(catalog_);
  next.epoch += 1;
  next.next_vertex += sets_.size();
  next.counters.vertices += sets_.size();
  next.counters.edges += edges_;
  AddCounts(next.counters.per_label, labels_.per_label());
  AddCounts(next.counters.per_type, out.per_type);

  Change change;
  change.first_loaded = VertexId{staging_.first_vertex};
  change.loaded_bound = VertexId{next.next_vertex};
  change.loaded_edges = edges_;
  change.loaded_ends = Union(out.older_ends, in.older_ends);
  rocks::TableWriter changes(staging_.database, Family::kChanges, staging_.Path("changes"));
  row_.clear();
  rocks::AppendLoad(row_, change);
  changes.Put(rocks::ChangeKey(next.epoch).bytes(), row_);
  auto change_paths = QIPU_TRY(changes.Finish());
  tables.push_back({Family::kChanges, std::move(change_paths)});

  tables.push_back(QIPU_TRY(WriteMeta(staging_, next)));
  QIPU_TRY(staging_.database.Ingest(tables, std::move(next)));
  return summary;
}

uint32_t Loader::Intern(NameTable Catalog::*table, std::string_view name) {
  return (catalog_.*table).Intern(name);
}

}  // namespace qipu::graph::load
