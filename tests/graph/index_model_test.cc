#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <random>

#include "graph/text.h"
#include "tests/graph/notes.h"

namespace qipu::graph {
namespace {

using Kind = RangeBound::Kind;

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
    auto load = *store_->BeginLoad({.memory_bytes = 1});
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

TEST(IndexModel, SaysWhatAScanSays) {
  for (const uint32_t seed : {1u, 2u}) {
    SCOPED_TRACE(seed);
    Player(seed).Play(60);
  }
}

}  // namespace
}  // namespace qipu::graph
