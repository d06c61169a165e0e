#include <algorithm>
#include <thread>

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

Error AlreadyPublished() { return InvalidArgument("this load has been published already"); }

/// `a` and `b` ascend; their union.
std::vector<VertexId> Union(const std::vector<VertexId>& a, const std::vector<VertexId>& b) {
  std::vector<VertexId> all;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
  return all;
}

/// Whether a multiple of `step` lies in (before, after].
bool Passes(uint64_t before, uint64_t after, uint64_t step) {
  return before / step != after / step;
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
  // No filter: nobody asks a load's table for a vertex in its range that it has not.
  loader->vertices_.emplace(database, Family::kVertices, loader->staging_.Path("vertices"),
                            rocks::Filter::kNo);
  loader->properties_ = QIPU_TRY(
      PropertiesFile::Make(FilesOf(loader->staging_), loader->staging_.Path("properties_")));
  return loader;
}

Loader::Loader(Staging staging, const BulkLoadOptions& options)
    : staging_(std::move(staging)),
      options_(options),
      rules_(staging_.view->rules()),
      catalog_(staging_.view->catalog()),
      single_vertex_(rules_, catalog_),
      single_edge_(rules_, catalog_),
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

/// Puts the keys of `batch` in. Where one is taken the batch ends, before its vertex: that leaves
/// none.
Status Loader::AddKeys(VertexRows& batch) {
  constexpr size_t kAhead = 32;  // reads of memory under way
  const std::vector<VertexRows::PlacedKey>& keys = batch.keys_;
  size_t begin = 0;  // the keys of one vertex
  const auto taken = [&](const KeyDictionary::Key& key) -> Status {
    batch.Cut(keys[begin].vertex);
    return Error{ErrorCode::kAlreadyExists, "two vertices of this load are a " +
                                                catalog_.NameOf(key.dictionary) + " with key '" +
                                                std::string(key.text) + "'"};
  };
  for (size_t end = 0; begin < keys.size(); begin = end) {
    while (end < keys.size() && keys[end].vertex == keys[begin].vertex) ++end;
    if (end + kAhead < keys.size()) keys_.Prefetch(batch.KeyAt(end + kAhead));
    for (size_t i = begin; end - begin > 1 && i < end; ++i) {
      if (keys_.Find(batch.KeyAt(i)) != KeyDictionary::kAbsent) return taken(batch.KeyAt(i));
    }
    const auto vertex = static_cast<uint32_t>(sets_.size() + keys[begin].vertex);
    for (size_t i = begin; i < end; ++i) {
      if (!keys_.Insert(batch.KeyAt(i), vertex)) return taken(batch.KeyAt(i));
    }
  }
  return Ok{};
}

Status Loader::AddToIndexes(const VertexRows& batch, VertexId first) {
  Status status = Ok{};
  Vertex vertex;
  batch.rows_.Visit([&](rocks::RowChange, std::string_view key, std::string_view row) {
    status = rocks::DecodeVertexRow(row, vertex)
                 ? indexes_->Add(first, vertex.labels, vertex.properties)
                 : Status(rocks::BadBytes(Family::kVertices, key));
    ++first.value;
    return status.ok();
  });
  return status;
}

Status Loader::CheckUsable() const {
  if (published_) return AlreadyPublished();
  return failed_ ? Status(*failed_) : Status(Ok{});
}

/// A refused vertex or edge leaves no trace; what the disk refused has left some.
template <class T>
void Loader::RememberFailure(const Result<T>& result) {
  if (result.ok()) return;
  const ErrorCode code = result.error().code;
  if (code == ErrorCode::kIo || code == ErrorCode::kCorruption) failed_ = result.error();
}

Result<VertexId> Loader::AddVertices(VertexRows& batch) {
  const size_t before = sets_.size();
  const Status usable = CheckUsable();
  auto first = usable.ok() ? AddAll(batch) : Result<VertexId>(usable.error());
  RememberFailure(first);
  batch.Clear();
  if (Passes(before, sets_.size(), kMeasureEvery)) edge_sorter_.SetMemory(EdgeMemory());
  if (Passes(before, sets_.size(), kReportEvery)) Report(Stage::kReading);
  return first;
}

Result<VertexId> Loader::AddAll(VertexRows& batch) {
  if (batch.size() > KeyDictionary::kAbsent - sets_.size()) {
    return TooMany(KeyDictionary::kAbsent, "vertices");
  }
  std::vector<uint16_t> sets;  // the numbers here of those of the batch
  for (const auto& labels : batch.label_sets_) {
    sets.push_back(QIPU_TRY(InternSet(labels, label_sets_)));
  }
  const VertexId first{staging_.first_vertex + sets_.size()};
  const Status keyed = AddKeys(batch);
  for (const uint16_t set : batch.sets_) {
    const VertexId vertex{staging_.first_vertex + sets_.size()};
    sets_.push_back(sets[set]);
    for (const LabelId label : label_sets_[sets[set]]) labels_.Add(label, vertex);
  }
  if (indexes_) QIPU_TRY(AddToIndexes(batch, first));
  vertices_->Add(batch.Number(first));
  if (!keyed.ok()) return keyed.error();
  return first;
}

Result<VertexId> Loader::AddVertex(std::span<const LabelId> labels, const Properties& properties) {
  QIPU_TRY(single_vertex_.Add(labels, properties));
  return AddVertices(single_vertex_);
}

/// Touches nothing that AddEdges changes.
Result<bool> Loader::HasLabel(VertexId vertex, LabelId label) const {
  Vertex row;
  const std::vector<LabelId>* labels = &row.labels;
  if (vertex.value >= staging_.first_vertex) {
    labels = &label_sets_[sets_[PositionOf(vertex)]];
  } else {
    QIPU_TRY(staging_.view->ReadVertex(vertex, row));
  }
  return std::binary_search(labels->begin(), labels->end(), label);
}

Status Loader::FindVertices(LabelId label, std::span<const std::string_view> keys,
                            std::span<VertexId> found) const {
  if (published_) return AlreadyPublished();  // the keys are gone
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
    if (!QIPU_TRY(HasLabel(found[i], label))) found[i] = BulkLoad::kAbsent;
  }
  return Ok{};
}

Result<const std::vector<LabelId>*> Loader::LabelsOf(VertexId vertex) {
  if (vertex.value >= staging_.first_vertex) {
    const uint64_t position = PositionOf(vertex);
    if (position < sets_.size()) return &label_sets_[sets_[position]];
  } else {
    const auto known = older_sets_.find(vertex.value);
    if (known != older_sets_.end()) return &older_label_sets_[known->second];
    Vertex row;
    if (QIPU_TRY(staging_.view->ReadVertex(vertex, row))) {
      const uint16_t set = QIPU_TRY(InternSet(row.labels, older_label_sets_));
      if (older_sets_.size() >= kOlderKnownMax) older_sets_.clear();
      older_sets_.emplace(vertex.value, set);
      return &older_label_sets_[set];
    }
  }
  return NotFound("there is no vertex " + std::to_string(vertex.value));
}

Status Loader::CheckEnds(const EdgeRef& edge) {
  std::optional<Ends> ends;
  const uint64_t from = PositionOf(edge.source), to = PositionOf(edge.target);
  if (std::max(from, to) < sets_.size()) {
    ends = {edge.type, sets_[from], sets_[to]};
    if (ends == checked_ends_) return Ok{};
  }
  const auto* from_labels = QIPU_TRY(LabelsOf(edge.source));
  const auto* to_labels = QIPU_TRY(LabelsOf(edge.target));
  QIPU_TRY(rules_.CheckEdgeEnds(catalog_, edge.type, *from_labels, *to_labels));
  if (ends) checked_ends_ = ends;
  return Ok{};
}

Status Loader::AddEdge(const EdgeRef& edge, std::string_view record) {
  QIPU_TRY(CheckEnds(edge));
  if (edge.type.value > LoadEdge::kTypeMax) return TooMany(LoadEdge::kTypeMax, "edge types");
  uint32_t number = record.empty() ? 0 : QIPU_TRY(properties_->Append(record));
  if (edge.rank > 0) number |= LoadEdge::kRanked;
  return edge_sorter_.Add({edge.source.value, edge.type.value, edge.target.value, number});
}

void Loader::PrefetchLabels(VertexId vertex) const {
  if (PositionOf(vertex) < sets_.size()) __builtin_prefetch(&sets_[PositionOf(vertex)]);
}

Status Loader::AddEdges(EdgeRows& batch) {
  const uint64_t before = edges_;
  Status added = CheckUsable();
  if (added.ok()) added = AddAll(batch);
  RememberFailure(added);
  batch.Clear();
  if (Passes(before, edges_, kReportEvery)) Report(Stage::kReading);
  return added;
}

Status Loader::AddAll(const EdgeRows& batch) {
  constexpr size_t kAhead = 32;  // reads of memory under way
  std::string_view records = batch.records_;
  for (size_t i = 0; i < batch.edges_.size(); ++i) {
    if (i + kAhead < batch.edges_.size()) {
      PrefetchLabels(batch.edges_[i + kAhead].edge.source);
      PrefetchLabels(batch.edges_[i + kAhead].edge.target);
    }
    const auto& [edge, record_bytes] = batch.edges_[i];
    QIPU_TRY(AddEdge(edge, records.substr(0, record_bytes)));
    records.remove_prefix(record_bytes);
    ++edges_;
  }
  return Ok{};
}

Status Loader::AddEdge(const EdgeRef& edge, const Properties& properties) {
  QIPU_TRY(single_edge_.Add(edge, properties));
  return AddEdges(single_edge_);
}

void Loader::Report(Stage stage) const {
  if (options_.progress) options_.progress({stage, sets_.size(), edges_});
}

Result<CommitSummary> Loader::Publish() {
  QIPU_TRY(CheckUsable());
  published_ = true;
  Report(Stage::kSorting);
  QIPU_TRY(properties_->EndWriting());
  QIPU_TRY(edge_sorter_.EndAdding());
  const auto write_adjacency = [this](Direction direction) {
    return WriteAdjacency(staging_, direction, edge_sorter_.Sorted(direction), *properties_);
  };
  // All at once, so that none is left to be written while other processors wait.
  Result<AdjacencyTables> in = AdjacencyTables();
  Result<rocks::TableFiles> keys = rocks::TableFiles();
  std::thread in_thread([&] { in = write_adjacency(Direction::kIn); });
  std::thread keys_thread([&] { keys = WriteKeys(staging_, keys_); });
  auto vertices = vertices_->Finish();
  auto labels = labels_.Write(staging_);
  auto out = write_adjacency(Direction::kOut);
  in_thread.join();
  keys_thread.join();
  const AdjacencyTables out_tables = QIPU_TRY(std::move(out)), in_tables = QIPU_TRY(std::move(in));
  for (const auto* files : {&vertices, &labels, &keys}) {
    if (!files->ok()) return files->error();
  }
  std::vector<rocks::Database::Tables> tables = {{Family::kVertices, *std::move(vertices)},
                                                 {Family::kLabels, *std::move(labels)},
                                                 {Family::kKeys, *std::move(keys)},
                                                 {Family::kOut, out_tables.lists},
                                                 {Family::kIn, in_tables.lists}};
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
  auto change_files = QIPU_TRY(changes.Finish());
  tables.push_back({Family::kChanges, std::move(change_files)});

  tables.push_back(QIPU_TRY(WriteMeta(staging_, next)));
  QIPU_TRY(staging_.database.Ingest(tables, std::move(next)));
  return summary;
}

uint32_t Loader::Intern(NameTable Catalog::*table, std::string_view name) {
  return (catalog_.*table).Intern(name);
}

}  // namespace qipu::graph::load
