#include <algorithm>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// The first byte of a row of `out`, `in` and `labels`. DO NOT RENUMBER: they are on disk.
constexpr char kListTag = 1;
constexpr char kDeltaTag = 2;

/// Of one type.
void AppendEntries(std::string& out, std::span<const ListEntry> entries) {
  constexpr size_t kEntriesAtOnce = 64;
  char bytes[kEntriesAtOnce * 2 * kVarintBytesMax];
  uint64_t previous = 0;
  while (!entries.empty()) {
    const auto some = entries.first(std::min(entries.size(), kEntriesAtOnce));
    entries = entries.subspan(some.size());
    char* end = bytes;
    for (const ListEntry& entry : some) {
      const uint64_t has_rank = entry.rank == 0 ? 0 : 1;
      end = PutVarint(end, (entry.vertex.value - previous) << 1 | has_rank);
      if (has_rank == 1) end = PutVarint(end, entry.rank);
      previous = entry.vertex.value;
    }
    out.append(bytes, end);
  }
}

/// Puts the size of what `out` has from `begin` on before it.
void InsertSize(std::string& out, size_t begin) {
  char size[kVarintBytesMax];
  const char* const end = PutVarint(size, out.size() - begin);
  out.insert(begin, size, static_cast<size_t>(end - size));
}

void AppendGroups(std::string& out, std::span<const ListEntry> list) {
  while (!list.empty()) {
    const EdgeTypeId type = list.front().type;
    const auto end = std::find_if(list.begin(), list.end(),
                                  [type](const ListEntry& entry) { return entry.type != type; });
    const auto group = list.first(static_cast<size_t>(end - list.begin()));
    list = list.subspan(group.size());
    AppendVarint(out, type.value);
    const size_t begin = out.size();
    AppendEntries(out, group);
    InsertSize(out, begin);
  }
}

bool ReadGroups(ListGroups groups, List& list) {
  list.clear();
  while (groups.Next()) {
    if (!groups.Decode(list)) return false;
  }
  return groups.ok();
}

}  // namespace

bool ListGroups::Next() {
  if (rest_.at_end()) return false;
  const EdgeTypeId type{rest_.Varint32()};
  bytes_ = rest_.Bytes(rest_.Varint());
  if (bytes_.empty() || (began_ && type <= type_)) rest_.Fail();
  began_ = true;
  type_ = type;
  return rest_.ok();
}

bool ListGroups::Decode(List& list) const {
  ByteReader reader(bytes_);
  uint64_t vertex = 0;
  while (!reader.at_end()) {
    const uint64_t head = reader.Varint();
    const uint64_t step = head >> 1;
    if (step > UINT64_MAX - vertex) return false;
    vertex += step;
    ListEntry entry{VertexId{vertex}, 0, type_};
    if ((head & 1) == 1) {
      entry.rank = reader.Varint32();
      if (entry.rank == 0) return false;
    }
    if (!reader.ok() || (!list.empty() && entry <= list.back())) return false;
    list.push_back(entry);
  }
  return reader.ok();
}

ListGroups GroupsOf(std::string_view row) {
  ByteReader reader(row);
  if (reader.Byte() != kListTag) reader.Fail();
  return ListGroups(reader);
}

void AppendList(std::string& out, std::span<const ListEntry> list) {
  out += kListTag;
  AppendGroups(out, list);
}

bool DecodeList(std::string_view bytes, List& list) { return ReadGroups(GroupsOf(bytes), list); }

bool DecodeUntyped(std::string_view bytes, List& list) {
  return DecodeList(bytes, list) && (list.empty() || list.back().type == EdgeTypeId{});
}

void AppendDelta(std::string& out, const ListDelta& delta) {
  out += kDeltaTag;
  const size_t begin = out.size();
  AppendGroups(out, delta.deletes);
  InsertSize(out, begin);
  AppendGroups(out, delta.adds);
}

bool DecodeDelta(std::string_view bytes, ListDelta& delta) {
  ByteReader reader(bytes);
  if (reader.Byte() != kDeltaTag) return false;
  const ByteReader deletes(reader.Bytes(reader.Varint()));
  return reader.ok() && ReadGroups(ListGroups(deletes), delta.deletes) &&
         ReadGroups(ListGroups(reader), delta.adds);
}

std::vector<Neighbour> NeighboursOf(const List& list) {
  std::vector<Neighbour> neighbours;
  neighbours.reserve(list.size());
  for (const ListEntry& entry : list) neighbours.push_back({entry.vertex, entry.rank});
  return neighbours;
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
    ListEntry entry;
    bool add;
  };
  std::vector<Step> steps;
  for (const ListDelta& delta : deltas) {
    for (const ListEntry& entry : delta.deletes) steps.push_back({entry, false});
    for (const ListEntry& entry : delta.adds) steps.push_back({entry, true});
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
