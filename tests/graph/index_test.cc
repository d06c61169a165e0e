#include <gmock/gmock.h>

#include <cmath>
#include <optional>
#include <random>

#include "graph/text.h"
#include "tests/graph/dump.h"
#include "tests/graph/faulty_files.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

using Kind = RangeBound::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint64_t> Ids(const Result<std::vector<VertexId>>& vertices) {
  EXPECT_OK(vertices);
  std::vector<uint64_t> ids;
  if (!vertices.ok()) return ids;
  for (const VertexId vertex : *vertices) ids.push_back(vertex.value);
  return ids;
}

/// Vertices 0, 1, ... with label `Stray` and these values of `note`.
void AddNotes(Store& store, const std::vector<Value>& values) {
  Transaction t = store.Begin();
  for (const Value& value : values) {
    const VertexId vertex = t.CreateVertex();
    EXPECT_OK(t.AddLabel(vertex, t.Label("Stray")));
    EXPECT_OK(t.SetProperty(vertex, t.Property("note"), value));
  }
  EXPECT_OK(t.Commit());
}

TEST(Index, FindsAsOpenCypherCompares) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store, {Value(int64_t{1}), Value(1.0), Value(1.5), Value("1"), Value(true),
                    Value(std::nan("")), Value(Date{1}), Value(Value::List{Value(int64_t{1})}),
                    Value(int64_t{9007199254740993}), Value("10"), Value(false)});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Snapshot snapshot = store->TakeSnapshot();
  const struct {
    Value value;
    std::vector<uint64_t> want;
  } equal[] = {
      {Value(int64_t{1}), {0, 1}}, {Value(1.0), {0, 1}},  {Value("1"), {3}},
      {Value(true), {4}},          {Value(Date{1}), {6}}, {Value(9007199254740992.0), {}},
      {Value(std::nan("")), {}},   {Value(), {}},         {Value(int64_t{9007199254740993}), {8}},
  };
  for (const auto& c : equal) {
    SCOPED_TRACE(c.value.ToString());
    EXPECT_EQ(Ids(snapshot.FindByValue(index, c.value)), c.want);
  }
  const auto in = [&](std::optional<RangeBound> lower, std::optional<RangeBound> upper) {
    return Ids(snapshot.FindInRange(index, {std::move(lower), std::move(upper)}));
  };
  const RangeBound one{Value(int64_t{1})}, above_one{Value(1.0), Kind::kExclusive};
  EXPECT_THAT(in(one, {}), ElementsAre(0, 1, 2, 8));
  EXPECT_THAT(in(above_one, {}), ElementsAre(2, 8));
  EXPECT_THAT(in({}, one), ElementsAre(0, 1));
  EXPECT_THAT(in({}, above_one), IsEmpty());
  EXPECT_THAT(in(one, RangeBound{Value(1.5), Kind::kExclusive}), ElementsAre(0, 1));
  EXPECT_THAT(in(RangeBound{Value("1"), Kind::kExclusive}, {}), ElementsAre(9));
  EXPECT_THAT(in({}, RangeBound{Value(true), Kind::kExclusive}), ElementsAre(10));
  EXPECT_THAT(in(one, RangeBound{Value("1")}), IsEmpty());
  EXPECT_THAT(in(RangeBound{Value(2.0)}, one), IsEmpty());
  EXPECT_THAT(in(RangeBound{Value(std::nan(""))}, {}), IsEmpty());
  EXPECT_THAT(in({}, {}), ElementsAre(10, 4, 0, 1, 2, 8, 3, 9, 6));
}

TEST(Index, TellsLongStringsApart) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  const std::string head(600, 'x');
  AddNotes(*store,
           {Value(head + "b"), Value(head + "a"), Value(head + "c"), Value(head), Value("y")});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Snapshot snapshot = store->TakeSnapshot();
  const RangeBound from{Value(head + "b")}, after{Value(head + "b"), Kind::kExclusive};
  EXPECT_THAT(Ids(snapshot.FindByValue(index, Value(head + "b"))), ElementsAre(0));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {from, {}})), ElementsAre(0, 2, 4));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {after, {}})), ElementsAre(2, 4));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {{}, from})), ElementsAre(0, 1, 3));
  EXPECT_THAT(Ids(snapshot.FindInRange(index, {{}, after})), ElementsAre(1, 3));
}

TEST(Index, SearchRanksShorterFirst) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store,
           {Value("上海海尔智能制造有限公司"), Value("海尔智能"), Value("青岛海信电器"),
            Value("ABB Robotics (Shanghai)"), Value("Ａbb"), Value("海尔智造"), Value(int64_t{5})});
  const Index index = *store->MakeIndex("Stray", "note", IndexKind::kText);
  const Snapshot snapshot = store->TakeSnapshot();
  const struct {
    const char* query;
    std::vector<uint64_t> want;
  } cases[] = {
      {"海尔", {1, 5, 0}},  {"海", {1, 5, 2, 0}},
      {"海尔 公司", {0}},   {"智能制造", {0}},
      {"abb", {4, 3}},      {"ABB rob", {3}},
      {"robotics ab", {3}}, {"rob abb ", {}},
      {"Ｓhang", {3}},      {"", {}},
      {"...", {}},          {"西安", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.query);
    EXPECT_EQ(Ids(snapshot.Search(index, c.query, 10)), c.want);
  }
  EXPECT_THAT(Ids(snapshot.Search(index, "海", 2)), ElementsAre(1, 5));
  EXPECT_THAT(Ids(snapshot.Search(index, "海", 0)), IsEmpty());
}

TEST(Index, IsMadeAndDroppedByName) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  EXPECT_FAILS(store->MakeIndex("Frim", "name", IndexKind::kValue), ErrorCode::kNotFound,
               "no label 'Frim'; did you mean 'Firm'?");
  EXPECT_FAILS(store->MakeIndex("Firm", "nam", IndexKind::kValue), ErrorCode::kNotFound,
               "did you mean 'name'?");
  EXPECT_FAILS(store->DropIndex("Firm", "name", IndexKind::kValue), ErrorCode::kNotFound,
               "a value index on (Firm, name)");
  EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kValue));
  EXPECT_OK(store->MakeIndex("Firm", "name", IndexKind::kText));
  EXPECT_FAILS(store->MakeIndex("Firm", "name", IndexKind::kText), ErrorCode::kAlreadyExists,
               "a text index on (Firm, name)");
  const Snapshot before = store->TakeSnapshot();
  EXPECT_OK(store->DropIndex("Firm", "name", IndexKind::kValue));
  EXPECT_EQ(before.indexes().size(), 2u);
  ASSERT_EQ(store->TakeSnapshot().indexes().size(), 1u);
  EXPECT_EQ(store->TakeSnapshot().indexes()[0].kind, IndexKind::kText);
  EXPECT_EQ(store->MakeIndex("Firm", "name", IndexKind::kValue)->number, 2u);  // never used twice
}

TEST(Index, ASnapshotKeepsWhatItSaw) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  AddNotes(*store, {Value("a"), Value("b")});
  const Index value = *store->MakeIndex("Stray", "note", IndexKind::kValue);
  const Index text = *store->MakeIndex("Stray", "note", IndexKind::kText);
  const Snapshot before = store->TakeSnapshot();
  {
    Transaction t = store->Begin();
    EXPECT_OK(t.DeleteVertex({0}, DetachEdges::kNo));
    EXPECT_OK(t.SetProperty({1}, t.Property("note"), Value("a")));
    EXPECT_OK(t.Commit());
  }
  const Snapshot after = store->TakeSnapshot();
  EXPECT_OK(store->DropIndex("Stray", "note", IndexKind::kValue));
  EXPECT_OK(store->DropIndex("Stray", "note", IndexKind::kText));
  EXPECT_THAT(Ids(before.FindByValue(value, Value("a"))), ElementsAre(0));
  EXPECT_THAT(Ids(before.Search(text, "a", 9)), ElementsAre(0));
  EXPECT_THAT(Ids(after.FindByValue(value, Value("a"))), ElementsAre(1));
  EXPECT_THAT(Ids(after.Search(text, "a", 9)), ElementsAre(1));
}

TEST(Index, NeedsAWriter) {
  FreshDirectory directory;
  MakeStore(directory.path());
  const auto reader = OpenStore(directory.path(), {.access = Access::kReadOnly});
  EXPECT_FAILS(reader->MakeIndex("Firm", "name", IndexKind::kValue), ErrorCode::kInvalidArgument,
               "open for reading only");
}

// --- against scans -----------------------------------------------------------------------------

/// Random commits, loads, reopens, indexes made and dropped; each index must say what a scan says.
class Player {
 public:
  explicit Player(uint32_t seed) : random_(seed), store_(MakeStore(directory_.path())) {}

  void Play(int rounds) {
    for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
      switch (Below(8)) {
        case 0:
          store_.reset();
          store_ = OpenStore(directory_.path());
          break;
        case 1:
          Load();
          break;
        case 2:
          MakeOrDrop();
          break;
        default:
          Commit();
      }
      Compare();
    }
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  Value RandomValue() {
    switch (Below(7)) {
      case 0:
        return Value(static_cast<int64_t>(Below(5)));
      case 1:
        return Value(static_cast<double>(Below(9)) / 2);
      case 2:
        return Value(Date{static_cast<int32_t>(Below(5))});
      case 3:
        return Value(Below(2) == 0);
      case 4:
        return Value(Value::List{Value("海")});
      default: {
        static constexpr const char* kParts[] = {"海", "尔", "智", " ", "ab", "a", "B"};
        std::string text;
        for (uint64_t n = Below(6); n > 0; --n) text += kParts[Below(7)];
        return Value(Below(20) == 0 ? std::string(550, 'x') + text : text);
      }
    }
  }

  void Commit() {
    Transaction t = store_->Begin();
    const LabelId labels[] = {t.Label("Stray"), t.Label("Odd")};
    const PropertyId properties[] = {t.Property("note"), t.Property("mark")};
    const uint64_t bound = store_->TakeSnapshot().vertex_id_bound();
    for (uint64_t n = 1 + Below(40); n > 0; --n) {
      VertexId vertex{Below(bound + 1)};
      const bool is_new = bound == 0 || Below(4) == 0 || !t.GetVertex(vertex)->has_value();
      if (is_new) vertex = t.CreateVertex();
      switch (Below(is_new ? 4 : 6)) {
        case 4:
          EXPECT_OK(t.DeleteVertex(vertex, DetachEdges::kYes));
          break;
        case 5:
          EXPECT_OK(t.RemoveLabel(vertex, labels[Below(2)]));
          break;
        default:
          EXPECT_OK(t.AddLabel(vertex, labels[Below(2)]));
          EXPECT_OK(
              t.SetProperty(vertex, properties[Below(2)], Below(6) == 0 ? Value() : RandomValue()));
      }
    }
    if (Below(5) != 0) EXPECT_OK(t.Commit());
  }

  void Load() {
    auto load = *store_->BeginLoad({.memory_bytes = 0});
    const LabelId stray = load.Label("Stray");
    const PropertyId note = load.Property("note");
    for (uint64_t n = Below(200); n > 0; --n) {
      Value value = RandomValue();
      EXPECT_OK(load.AddVertex({{stray}}, {{note, std::move(value)}}));
    }
    EXPECT_OK(load.Publish());
  }

  void MakeOrDrop() {
    const char* label = Below(2) == 0 ? "Stray" : "Odd";
    const char* property = Below(2) == 0 ? "note" : "mark";
    const IndexKind kind = Below(2) == 0 ? IndexKind::kValue : IndexKind::kText;
    const Catalog& catalog = store_->TakeSnapshot().catalog();
    if (!catalog.FindLabel(label) || !catalog.FindProperty(property)) return;
    if (!store_->MakeIndex(label, property, kind).ok()) {
      EXPECT_OK(store_->DropIndex(label, property, kind));
    }
  }

  void Compare() {
    const Snapshot snapshot = store_->TakeSnapshot();
    for (const Index& index : snapshot.indexes()) {
      for (int i = 0; i < 4; ++i) {
        index.kind == IndexKind::kValue ? CompareRange(snapshot, index)
                                        : CompareText(snapshot, index);
      }
    }
  }

  /// Below zero, zero or above; null when openCypher's comparison is.
  static std::optional<int> Order(const Value& a, const Value& b) {
    const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
    if (a.AsNumber() && b.AsNumber()) return sign(*a.AsNumber(), *b.AsNumber());
    if (a.AsString() && b.AsString()) return sign(*a.AsString(), *b.AsString());
    if (a.AsDate() && b.AsDate()) return sign(*a.AsDate(), *b.AsDate());
    if (a.AsBool() && b.AsBool()) return sign(*a.AsBool(), *b.AsBool());
    return std::nullopt;
  }

  static bool Passes(const std::optional<RangeBound>& bound, const Value& value, int wanted) {
    if (!bound) return true;
    const auto order = Order(value, bound->value);
    return order && (*order == wanted || (*order == 0 && bound->kind == Kind::kInclusive));
  }

  void CompareRange(const Snapshot& snapshot, const Index& index) {
    ValueRange range;
    const uint64_t shape = Below(4);
    if (shape != 1)
      range.lower = {RandomValue(), Below(2) == 0 ? Kind::kInclusive : Kind::kExclusive};
    if (shape != 2)
      range.upper = {RandomValue(), Below(2) == 0 ? Kind::kInclusive : Kind::kExclusive};
    if (shape == 3) range = {RangeBound{range.lower->value}, RangeBound{range.lower->value}};
    std::vector<uint64_t> want;
    VertexCursor cursor = snapshot.ScanLabel(index.label);
    while (cursor.Next()) {
      const Value* value = cursor.vertex().Find(index.property);
      if (value != nullptr && Passes(range.lower, *value, 1) && Passes(range.upper, *value, -1)) {
        want.push_back(cursor.id().value);
      }
    }
    auto found = Ids(snapshot.FindInRange(index, range));
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, want);
  }

  void CompareText(const Snapshot& snapshot, const Index& index) {
    static constexpr const char* kQueries[] = {"海",   "海尔",   "a",      "ab ",
                                               "ab a", "尔智 a", "海尔 智"};
    const char* text = kQueries[Below(7)];
    const TextQuery query = ParseTextQuery(text);
    std::vector<std::pair<uint32_t, uint64_t>> ranked;
    VertexCursor cursor = snapshot.ScanLabel(index.label);
    while (cursor.Next()) {
      const Value* value = cursor.vertex().Find(index.property);
      if (value == nullptr || value->AsString() == nullptr) continue;
      const auto tokens = TokensOf(*value->AsString());
      const bool begun = query.prefix.empty() ||
                         std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
                           return token.starts_with(query.prefix);
                         });
      if (begun &&
          std::includes(tokens.begin(), tokens.end(), query.tokens.begin(), query.tokens.end())) {
        ranked.emplace_back(LengthOf(*value->AsString()), cursor.id().value);
      }
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<uint64_t> want;
    for (const auto& [length, id] : ranked) want.push_back(id);
    EXPECT_EQ(Ids(snapshot.Search(index, text, SIZE_MAX)), want) << text;
  }

  std::mt19937_64 random_;
  FreshDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST(Index, SaysWhatAScanSays) {
  for (const uint32_t seed : {1u, 2u}) {
    SCOPED_TRACE(seed);
    Player(seed).Play(60);
  }
}

// --- faults ------------------------------------------------------------------------------------

void ExpectWhole(const Snapshot& snapshot, size_t indexes) {
  ASSERT_EQ(snapshot.indexes().size(), indexes);
  for (const Index& index : snapshot.indexes()) {
    const bool is_value = index.kind == IndexKind::kValue;
    EXPECT_EQ(
        Ids(is_value ? snapshot.FindInRange(index, {}) : snapshot.Search(index, "n", 9999)).size(),
        3000u);
  }
}

/// Does `change` with the 1st, 2nd, ... step on the disk and all after it failing, until none does.
/// Before it there are `before` indexes, after it `after`.
void ExpectAllOrNothing(Status (*change)(Store&), size_t before, size_t after) {
  constexpr int kStepsMax = 500;
  FreshDirectory prepared;
  {
    const auto store = MakeStore(prepared.path());
    AddNotes(*store, std::vector<Value>(3000, Value("n " + std::string(60, 'y'))));
    if (before > 0) EXPECT_OK(store->MakeIndex("Stray", "note", IndexKind::kText));
  }
  int failures = 0;
  for (int steps = 0; steps < kStepsMax; ++steps) {
    SCOPED_TRACE(steps);
    FreshDirectory directory;
    std::filesystem::copy(prepared.path(), directory.path(),
                          std::filesystem::copy_options::recursive);
    bool changed = false, unharmed = false;
    {
      const auto files = std::make_shared<FaultyFileSystem>(kStepsMax);
      // So little memory that the entries wait in runs.
      const auto store = OpenStore(directory.path(), {.memory_bytes = 1 << 19, .files = files});
      files->Allow(steps);
      const Status status = change(*store);
      changed = status.ok();
      unharmed = changed && !files->exhausted();
      if (!changed) {
        ++failures;
        EXPECT_EQ(status.error().code, ErrorCode::kIo) << status.error().message;
        EXPECT_EQ(store->TakeSnapshot().indexes().size(), before);
      }
    }
    const auto store = OpenStore(directory.path());
    ASSERT_NE(store, nullptr);
    const size_t there = store->TakeSnapshot().indexes().size();
    EXPECT_TRUE(there == after || (!changed && there == before));
    ExpectWhole(store->TakeSnapshot(), there);
    EXPECT_FALSE(std::filesystem::exists(directory.File("staging")));
    if (there == before) EXPECT_OK(change(*store));
    ExpectWhole(store->TakeSnapshot(), after);
    if (testing::Test::HasFailure() || unharmed) break;
  }
  EXPECT_GT(failures, 0);
}

TEST(IndexFault, MakingIsAllOrNothing) {
  ExpectAllOrNothing(
      [](Store& store) -> Status {
        const auto made = store.MakeIndex("Stray", "note", IndexKind::kText);
        return made.ok() ? Status(Ok{}) : made.error();
      },
      0, 1);
}

TEST(IndexFault, DroppingIsAllOrNothing) {
  ExpectAllOrNothing(
      [](Store& store) { return store.DropIndex("Stray", "note", IndexKind::kText); }, 1, 0);
}

}  // namespace
}  // namespace qipu::graph
