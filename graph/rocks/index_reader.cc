#include <algorithm>

#include "graph/rocks/indexes.h"
#include "graph/text.h"

namespace qipu::graph::rocks {
namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

constexpr VertexId kAfterAll{UINT64_MAX};

/// Where a range begins and ends in `indexes`, and what the keys alone can't tell.
struct Span {
  std::string lower, upper;          // keys; the upper one is not in it
  std::string cut_lower, cut_upper;  // encoded bounds that are cut; else empty
  bool empty = false;
};

/// Sets `key` to where the entries of `bound` begin or, with `after`, end; `cut` if it is.
bool PlaceBound(const Index& index, const RangeBound& bound, bool after, std::string& key,
                std::string& cut) {
  std::string encoded;
  if (!AppendIndexed(encoded, bound.value)) return false;
  if (IsCut(encoded)) cut = encoded;
  AppendIndexKey(key, index.number, encoded, after ? kAfterAll : VertexId{0});
  return true;
}

/// The keys of all values of the type of `encoded_key`, from its first or up to its last.
std::string TypeKey(const Index& index, const std::string& encoded_key, int step) {
  constexpr size_t kIndexBytes = 4;
  std::string key(Key().Add32(index.number).bytes());
  key += static_cast<char>(encoded_key[kIndexBytes] + step);
  return key;
}

Span SpanOf(const Index& index, const ValueRange& range) {
  using Kind = RangeBound::Kind;
  Span span;
  if (range.lower) {
    const bool after = range.lower->kind == Kind::kExclusive;
    span.empty = !PlaceBound(index, *range.lower, after, span.lower, span.cut_lower);
  }
  if (range.upper && !span.empty) {
    const bool after = range.upper->kind == Kind::kInclusive;
    span.empty = !PlaceBound(index, *range.upper, after, span.upper, span.cut_upper);
  }
  if (span.empty) return span;
  if (!range.lower && !range.upper) {
    span.lower = Key().Add32(index.number).bytes();
    span.upper = Key().Add32(index.number + 1).bytes();
  } else if (!range.lower) {
    span.lower = TypeKey(index, span.upper, 0);
  } else if (!range.upper) {
    span.upper = TypeKey(index, span.lower, 1);
  } else if (TypeKey(index, span.lower, 0) != TypeKey(index, span.upper, 0)) {
    span.empty = true;
  }
  // What shares the bytes of a cut bound may lie on either side of it.
  if (!span.cut_lower.empty()) {
    span.lower.clear();
    AppendIndexKey(span.lower, index.number, span.cut_lower, VertexId{0});
  }
  if (!span.cut_upper.empty()) {
    span.upper.clear();
    AppendIndexKey(span.upper, index.number, span.cut_upper, kAfterAll);
  }
  span.empty = span.empty || span.lower >= span.upper;
  return span;
}

/// Whether the string in the vertex's row is in the range; for what its key does not tell.
Result<bool> RowIsInside(const View& view, const Index& index, VertexId id,
                         const ValueRange& range) {
  Vertex vertex;
  const bool there = QIPU_TRY(view.ReadVertex(id, vertex));
  const Value* value = there ? vertex.Find(index.property) : nullptr;
  const std::string* text = value == nullptr ? nullptr : value->AsString();
  if (text == nullptr) {
    return Corruption("index " + std::to_string(index.number) + " has vertex " +
                      std::to_string(id.value) + ", which lacks the value; drop and make it again");
  }
  const auto passes = [&](const RangeBound& bound, int order) {
    return order > 0 || (order == 0 && bound.kind == RangeBound::Kind::kInclusive);
  };
  if (range.lower && !passes(*range.lower, text->compare(*range.lower->value.AsString()))) {
    return false;
  }
  return !range.upper || passes(*range.upper, range.upper->value.AsString()->compare(*text));
}

/// The rows of `postings` under keys that begin with `prefix`: calls `use(row, list)` for each.
template <class Use>
Status ForEachPosting(const View& view, const std::string& prefix, Use use) {
  List list;
  PostingKeyParts parts;
  const auto rows = view.Iterate(Family::kPostings, nullptr);
  for (rows->Seek(prefix); rows->Valid() && ViewOf(rows->key()).starts_with(prefix); rows->Next()) {
    const std::string_view key = ViewOf(rows->key());
    if (!ParsePostingKey(key, parts) || !DecodeUntyped(ViewOf(rows->value()), list) ||
        (!list.empty() && list.back().vertex.value >> kLabelRowBits != 0)) {
      return BadBytes(Family::kPostings, key);
    }
    use(parts.row, list);
  }
  if (!rows->status().ok()) return FromRocks(rows->status(), "cannot read postings");
  return Ok{};
}

/// All that stands under `token` or, of a prefix, under the tokens that begin with it; ascending.
/// Vertices as whole ids, with the length of the text as rank.
Result<List> ReadPostings(const View& view, const Index& index, std::string prefix) {
  std::string key(Key().Add32(index.number).bytes());
  key += prefix;
  List found;
  QIPU_TRY(ForEachPosting(view, key, [&](uint64_t row, const List& list) {
    for (const ListEntry& entry : list) {
      found.push_back({VertexId{row << kLabelRowBits | entry.vertex.value}, entry.rank});
    }
  }));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// Those of `candidates` that stand under `token`; looks at their rows only.
Result<List> KeepThoseUnder(const View& view, const Index& index, const std::string& token,
                            const List& candidates) {
  List kept, list;
  rocksdb::PinnableSlice bytes;
  std::string key;
  for (size_t begin = 0, end = 0; begin < candidates.size(); begin = end) {
    const uint64_t row = candidates[begin].vertex.value >> kLabelRowBits;
    while (end < candidates.size() && candidates[end].vertex.value >> kLabelRowBits == row) ++end;
    key.clear();
    AppendPostingKey(key, index.number, token, row);
    if (!QIPU_TRY(view.Get(Family::kPostings, key, bytes))) continue;
    if (!DecodeUntyped(ViewOf(bytes), list)) return BadBytes(Family::kPostings, key);
    for (ListEntry& entry : list) entry.vertex.value |= row << kLabelRowBits;
    std::set_intersection(candidates.begin() + static_cast<std::ptrdiff_t>(begin),
                          candidates.begin() + static_cast<std::ptrdiff_t>(end), list.begin(),
                          list.end(), std::back_inserter(kept));
  }
  return kept;
}

}  // namespace

Result<std::vector<VertexId>> ReadRange(const View& view, const Index& index,
                                        const ValueRange& range) {
  std::vector<VertexId> vertices;
  const Span span = SpanOf(index, range);
  if (span.empty) return vertices;
  const rocksdb::Slice upper = span.upper;
  const auto rows = view.Iterate(Family::kIndexes, &upper);
  IndexKeyParts parts;
  for (rows->Seek(span.lower); rows->Valid(); rows->Next()) {
    if (!ParseIndexKey(ViewOf(rows->key()), parts)) {
      return BadBytes(Family::kIndexes, ViewOf(rows->key()));
    }
    const bool untold = IsCut(parts.encoded) &&
                        (parts.encoded == span.cut_lower || parts.encoded == span.cut_upper);
    if (untold && !QIPU_TRY(RowIsInside(view, index, parts.vertex, range))) continue;
    vertices.push_back(parts.vertex);
  }
  if (!rows->status().ok()) return FromRocks(rows->status(), "cannot read indexes");
  return vertices;
}

Result<std::vector<VertexId>> ReadText(const View& view, const Index& index, std::string_view query,
                                       size_t limit) {
  const TextQuery parsed = ParseTextQuery(query);
  std::vector<VertexId> vertices;
  if (parsed.tokens.empty() && parsed.prefix.empty()) return vertices;
  size_t next = 0;
  List found = parsed.tokens.empty()
                   ? QIPU_TRY(ReadPostings(view, index, parsed.prefix))
                   : QIPU_TRY(ReadPostings(view, index, parsed.tokens[next++] + '\0'));
  for (; next < parsed.tokens.size() && !found.empty(); ++next) {
    found = QIPU_TRY(KeepThoseUnder(view, index, parsed.tokens[next], found));
  }
  if (!parsed.tokens.empty() && !parsed.prefix.empty() && !found.empty()) {
    const List begun = QIPU_TRY(ReadPostings(view, index, parsed.prefix));
    List both;
    std::set_intersection(found.begin(), found.end(), begun.begin(), begun.end(),
                          std::back_inserter(both));
    found = std::move(both);
  }
  const auto shorter = [](const ListEntry& a, const ListEntry& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.vertex < b.vertex;
  };
  const size_t kept = std::min(limit, found.size());
  const auto middle = found.begin() + static_cast<std::ptrdiff_t>(kept);
  std::partial_sort(found.begin(), middle, found.end(), shorter);
  for (size_t i = 0; i < kept; ++i) vertices.push_back(found[i].vertex);
  return vertices;
}

}  // namespace qipu::graph::rocks
