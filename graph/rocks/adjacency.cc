#include <algorithm>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// The first byte of a row of `out`, `in` and `labels`. DO NOT RENUMBER: they are on disk.
constexpr char kListTag = 1;
constexpr char kDeltaTag = 2;

void AppendEntries(std::string& out, std::span<const Neighbour> entries) {
  constexpr size_t kEntriesAtOnce = 64;
  char bytes[kEntriesAtOnce * 2 * kVarintBytesMax];
  uint64_t previous = 0;
  while (!entries.empty()) {
    const auto some = entries.first(std::min(entries.size(), kEntriesAtOnce));
    entries = entries.subspan(some.size());
    char* end = bytes;
    for (const Neighbour& entry : some) {
      const uint64_t has_rank = entry.rank == 0 ? 0 : 1;
      end = PutVarint(end, (entry.vertex.value - previous) << 1 | has_rank);
      if (has_rank == 1) end = PutVarint(end, entry.rank);
      previous = entry.vertex.value;
    }
    out.append(bytes, end);
  }
}

/// Reads `count` entries, or all that are left; fails on anything but strictly ascending ones.
void ReadEntries(ByteReader& reader, uint64_t count, List& entries) {
  uint64_t vertex = 0;
  for (uint64_t i = 0; i < count && !reader.at_end(); ++i) {
    const uint64_t head = reader.Varint();
    const uint64_t step = head >> 1;
    if (step > UINT64_MAX - vertex) return reader.Fail();
    vertex += step;
    Neighbour entry{VertexId{vertex}};
    if ((head & 1) == 1) {
      entry.rank = reader.Varint32();
      if (entry.rank == 0) return reader.Fail();
    }
    if (!reader.ok() || (!entries.empty() && entry <= entries.back())) return reader.Fail();
    entries.push_back(entry);
  }
}

}  // namespace

void AppendList(std::string& out, std::span<const Neighbour> list) {
  out += kListTag;
  AppendEntries(out, list);
}

bool DecodeList(std::string_view bytes, List& list) {
  ByteReader reader(bytes);
  list.clear();
  if (reader.Byte() != kListTag) return false;
  ReadEntries(reader, UINT64_MAX, list);
  return reader.ok();
}

void AppendDelta(std::string& out, const ListDelta& delta) {
  out += kDeltaTag;
  AppendVarint(out, delta.deletes.size());
  AppendEntries(out, delta.deletes);
  AppendEntries(out, delta.adds);
}

bool DecodeDelta(std::string_view bytes, ListDelta& delta) {
  ByteReader reader(bytes);
  delta.deletes.clear();
  delta.adds.clear();
  if (reader.Byte() != kDeltaTag) return false;
  const uint64_t deletes = reader.Varint();
  ReadEntries(reader, deletes, delta.deletes);
  if (!reader.ok() || delta.deletes.size() != deletes) return false;
  ReadEntries(reader, UINT64_MAX, delta.adds);
  return reader.ok();
}

List ApplyDelta(const List& list, const ListDelta& delta) {
  List kept;
  kept.reserve(list.size() + delta.adds.size());
  std::set_difference(list.begin(), list.end(), delta.deletes.begin(), delta.deletes.end(),
                      std::back_inserter(kept));
  if (delta.adds.empty()) return kept;
  List result;
  result.reserve(kept.size() + delta.adds.size());
  std::set_union(kept.begin(), kept.end(), delta.adds.begin(), delta.adds.end(),
                 std::back_inserter(result));
  return result;
}

ListDelta ComposeDeltas(std::span<const ListDelta> deltas) {
  struct Step {
    Neighbour entry;
    bool add;
  };
  std::vector<Step> steps;
  for (const ListDelta& delta : deltas) {
    for (const Neighbour& entry : delta.deletes) steps.push_back({entry, false});
    for (const Neighbour& entry : delta.adds) steps.push_back({entry, true});
  }
  // Stable, so that of the steps on one entry the last in time comes last: it decides.
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& a, const Step& b) { return a.entry < b.entry; });
  ListDelta composed;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i + 1 < steps.size() && steps[i + 1].entry == steps[i].entry) continue;
    (steps[i].add ? composed.adds : composed.deletes).push_back(steps[i].entry);
  }
  return composed;
}

}  // namespace qipu::graph::rocks
