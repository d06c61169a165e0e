#include "graph/snapshot.h"

#include <cassert>

#include "graph/rocks/indexes.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph {
namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

uint64_t CountAt(const std::vector<uint64_t>& counts, uint32_t number) {
  return number < counts.size() ? counts[number] : 0;
}

}  // namespace

struct VertexCursor::State {
  std::shared_ptr<const rocks::View> view;
  std::unique_ptr<rocksdb::Iterator> rows;
  std::optional<LabelId> label;  // null: every vertex
  std::vector<VertexId> ids;     // of the label, once started
  size_t next = 0;               // in ids
  bool started = false;
  Vertex vertex;
  Status status = Ok{};

  bool Fail(Error error) {
    status = std::move(error);
    return false;
  }

  bool ReadRow() {
    const std::string_view key = ViewOf(rows->key());
    if (key.size() != sizeof(uint64_t)) return Fail(BadBytes(rocks::Family::kVertices, key));
    vertex.id = VertexId{rocks::ReadBigEndian(key, 0, sizeof(uint64_t))};
    if (rocks::DecodeVertexRow(ViewOf(rows->value()), vertex)) return true;
    return Fail(BadBytes(rocks::Family::kVertices, key));
  }

  bool AtEnd() {
    if (rows->Valid()) return false;
    if (!rows->status().ok()) Fail(rocks::FromRocks(rows->status(), "cannot read vertices"));
    return true;
  }

  bool NextOfAll() {
    if (started && !rows->Valid()) return false;
    if (started) {
      rows->Next();
    } else {
      rows->SeekToFirst();
    }
    started = true;
    return !AtEnd() && ReadRow();
  }

  bool NextOfLabel() {
    // Vertices of a label mostly lie side by side: so many steps are tried before a seek.
    constexpr int kStepsMax = 8;
    if (!started) {
      auto found = view->VerticesOf(*label);
      if (!found.ok()) return Fail(found.error());
      ids = *std::move(found);
      started = true;
    }
    if (next == ids.size()) return false;
    const rocks::Key wanted = rocks::VertexKey(ids[next++]);
    for (int step = 0; step < kStepsMax && rows->Valid() && ViewOf(rows->key()) < wanted.bytes();
         ++step) {
      rows->Next();
    }
    if (!rows->Valid() || ViewOf(rows->key()) < wanted.bytes()) rows->Seek(wanted.bytes());
    if (rows->Valid() && ViewOf(rows->key()) == wanted.bytes()) return ReadRow();
    if (!rows->status().ok()) return !AtEnd();
    return Fail(Corruption("vertex " + std::to_string(ids[next - 1].value) +
                           " is in the list of label " + view->catalog().NameOf(*label) +
                           " but has no row; restore the database from a backup"));
  }
};

VertexCursor::VertexCursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
VertexCursor::VertexCursor(VertexCursor&&) noexcept = default;
VertexCursor& VertexCursor::operator=(VertexCursor&&) noexcept = default;
VertexCursor::~VertexCursor() = default;

bool VertexCursor::Next() {
  if (!state_->status.ok()) return false;
  return state_->label ? state_->NextOfLabel() : state_->NextOfAll();
}
VertexId VertexCursor::id() const { return state_->vertex.id; }
const Vertex& VertexCursor::vertex() const { return state_->vertex; }
const Status& VertexCursor::status() const { return state_->status; }

struct LedgerCursor::State {
  std::shared_ptr<const rocks::View> view;
  std::unique_ptr<rocksdb::Iterator> rows;
  std::string prefix;
  bool started = false;
  Status status = Ok{};
};

LedgerCursor::LedgerCursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
LedgerCursor::LedgerCursor(LedgerCursor&&) noexcept = default;
LedgerCursor& LedgerCursor::operator=(LedgerCursor&&) noexcept = default;
LedgerCursor::~LedgerCursor() = default;

bool LedgerCursor::Next() {
  rocksdb::Iterator& rows = *state_->rows;
  if (state_->started) {
    if (rows.Valid()) rows.Next();
  } else {
    rows.Seek(state_->prefix);
  }
  state_->started = true;
  if (rows.Valid() && ViewOf(rows.key()).starts_with(state_->prefix)) return true;
  if (!rows.status().ok())
    state_->status = rocks::FromRocks(rows.status(), "cannot read the ledger");
  return false;
}
std::string_view LedgerCursor::key() const { return ViewOf(state_->rows->key()); }
std::string_view LedgerCursor::value() const { return ViewOf(state_->rows->value()); }
const Status& LedgerCursor::status() const { return state_->status; }

struct ChangeCursor::State {
  std::shared_ptr<const rocks::View> view;
  std::unique_ptr<rocksdb::Iterator> rows;
  uint64_t epoch = 0;  // of the last change seen
  Change change;
  Status status = Ok{};
};

ChangeCursor::ChangeCursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChangeCursor::ChangeCursor(ChangeCursor&&) noexcept = default;
ChangeCursor& ChangeCursor::operator=(ChangeCursor&&) noexcept = default;
ChangeCursor::~ChangeCursor() = default;

bool ChangeCursor::Next() {
  State& state = *state_;
  if (!state.status.ok() || state.epoch >= state.view->head().epoch) return false;
  const rocks::Key wanted = rocks::ChangeKey(state.epoch + 1);
  if (state.rows->Valid()) {
    state.rows->Next();
  } else {
    state.rows->Seek(wanted.bytes());
  }
  if (!state.rows->status().ok()) {
    state.status = rocks::FromRocks(state.rows->status(), "cannot read the change log");
  } else if (!state.rows->Valid() || ViewOf(state.rows->key()) != wanted.bytes()) {
    state.status = Corruption("the change log lacks epoch " + std::to_string(state.epoch + 1) +
                              "; restore the database from a backup");
  } else if (!rocks::DecodeChange(wanted.bytes(), ViewOf(state.rows->value()), state.change)) {
    state.status = BadBytes(rocks::Family::kChanges, wanted.bytes());
  }
  if (!state.status.ok()) return false;
  ++state.epoch;
  return true;
}
const Change& ChangeCursor::change() const { return state_->change; }
const Status& ChangeCursor::status() const { return state_->status; }

Snapshot::Snapshot(std::shared_ptr<const rocks::View> view) : view_(std::move(view)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

const Catalog& Snapshot::catalog() const { return view_->catalog(); }
const Schema& Snapshot::schema() const { return view_->schema(); }
uint64_t Snapshot::epoch() const { return view_->head().epoch; }

Result<std::optional<VertexId>> Snapshot::FindVertex(LabelId label, std::string_view key) const {
  const LabelId dictionary = view_->rules().DictionaryOf(label);
  const auto found = QIPU_TRY(view_->FindKey(dictionary, key));
  if (!found || dictionary == label) return found;
  Vertex vertex;
  const bool there = QIPU_TRY(view_->ReadVertex(*found, vertex));
  return there && vertex.Has(label) ? found : std::nullopt;
}

Result<std::optional<Vertex>> Snapshot::GetVertex(VertexId id) const {
  Vertex vertex;
  if (!QIPU_TRY(view_->ReadVertex(id, vertex))) return std::optional<Vertex>();
  return std::optional(std::move(vertex));
}

VertexCursor Snapshot::ScanVertices() const {
  auto state = std::make_unique<VertexCursor::State>();
  state->view = view_;
  state->rows = view_->Iterate(rocks::Family::kVertices, nullptr);
  return VertexCursor(std::move(state));
}

VertexCursor Snapshot::ScanLabel(LabelId label) const {
  VertexCursor cursor = ScanVertices();
  cursor.state_->label = label;
  return cursor;
}

Result<std::vector<VertexId>> Snapshot::VerticesOf(LabelId label) const {
  return view_->VerticesOf(label);
}

Result<std::vector<Neighbour>> Snapshot::Neighbours(VertexId vertex, EdgeTypeId type,
                                                    Direction direction) const {
  const auto list = QIPU_TRY(view_->ReadList(rocks::AdjacencyFamily(direction), vertex, type));
  return rocks::NeighboursOf(list);
}

Result<std::vector<EdgeTypeId>> Snapshot::EdgeTypesAt(VertexId vertex, Direction direction) const {
  return view_->EdgeTypesAt(rocks::AdjacencyFamily(direction), vertex);
}

Result<Properties> Snapshot::EdgeProperties(const EdgeRef& edge) const {
  const auto encoded = QIPU_TRY(view_->ReadEdge(edge));
  Properties properties;
  if (!encoded || encoded->empty()) return properties;
  if (!rocks::DecodeProperties(*encoded, properties)) {
    return rocks::BadBytes(rocks::Family::kOut, rocks::VertexKey(edge.source).bytes());
  }
  return properties;
}

const std::vector<Index>& Snapshot::indexes() const { return view_->head().indexes; }

std::optional<Index> Snapshot::FindIndex(LabelId label, PropertyId property, IndexKind kind) const {
  for (const Index& index : indexes()) {
    if (index.label == label && index.property == property && index.kind == kind) return index;
  }
  return std::nullopt;
}

Result<std::vector<VertexId>> Snapshot::FindByValue(const Index& index, const Value& value) const {
  return FindInRange(index, {RangeBound{value}, RangeBound{value}});
}

Result<std::vector<VertexId>> Snapshot::FindInRange(const Index& index,
                                                    const ValueRange& range) const {
  assert(index.kind == IndexKind::kValue);
  return rocks::ReadRange(*view_, index, range);
}

Result<std::vector<VertexId>> Snapshot::Search(const Index& index, std::string_view text,
                                               size_t limit) const {
  assert(index.kind == IndexKind::kText);
  return rocks::ReadText(*view_, index, text, limit);
}

Result<uint64_t> Snapshot::CountVertices() const { return view_->head().counters.vertices; }
Result<uint64_t> Snapshot::CountVertices(LabelId label) const {
  return CountAt(view_->head().counters.per_label, label.value);
}
Result<uint64_t> Snapshot::CountEdges() const { return view_->head().counters.edges; }
Result<uint64_t> Snapshot::CountEdges(EdgeTypeId type) const {
  return CountAt(view_->head().counters.per_type, type.value);
}
uint64_t Snapshot::vertex_id_bound() const { return view_->head().next_vertex; }

Result<std::optional<std::string>> Snapshot::GetLedger(std::string_view key) const {
  rocksdb::PinnableSlice value;
  if (!QIPU_TRY(view_->Get(rocks::Family::kLedger, key, value))) {
    return std::optional<std::string>();
  }
  return std::optional(value.ToString());
}

LedgerCursor Snapshot::ScanLedger(std::string_view prefix) const {
  auto state = std::make_unique<LedgerCursor::State>();
  state->view = view_;
  state->rows = view_->Iterate(rocks::Family::kLedger, nullptr);
  state->prefix = prefix;
  return LedgerCursor(std::move(state));
}

ChangeCursor Snapshot::ScanChanges(uint64_t epoch) const {
  auto state = std::make_unique<ChangeCursor::State>();
  state->view = view_;
  state->rows = view_->Iterate(rocks::Family::kChanges, nullptr);
  state->epoch = epoch;
  return ChangeCursor(std::move(state));
}

}  // namespace qipu::graph
