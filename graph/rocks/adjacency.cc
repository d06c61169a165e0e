#include <algorithm>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// The first byte of a row of `out`, `in` and `labels`. DO NOT RENUMBER: they are on disk.
constexpr char kListTag = 1;
constexpr char kDeltaTag = 2;

/// Of one type, without their properties.
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

/// Begins bytes that their size is to stand before; where they begin.
size_t BeginSized(std::string& out) {
  out += '\0';  // mostly one byte is enough
  return out.size();
}

void EndSized(std::string& out, size_t begin) {
  char size[kVarintBytesMax];
  const auto bytes = static_cast<size_t>(PutVarint(size, out.size() - begin) - size);
  out[begin - 1] = size[0];
  if (bytes > 1) out.insert(begin, size + 1, bytes - 1);
}

/// Of one type, one after the other, each after its size.
void AppendRecords(std::string& out, std::span<const ListEntry> entries) {
  for (const ListEntry& entry : entries) {
    AppendVarint(out, entry.properties.size());
    out += entry.properties;
  }
}

void AppendGroups(std::string& out, std::span<const ListEntry> list) {
  while (!list.empty()) {
    const auto group = FirstGroup(list);
    list = list.subspan(group.size());
    const bool has_properties = std::ranges::any_of(
        group, [](const ListEntry& entry) { return !entry.properties.empty(); });
    AppendVarint(out, uint64_t{group.front().type.value} << 1 | (has_properties ? 1 : 0));
    size_t begin = BeginSized(out);
    AppendEntries(out, group);
    EndSized(out, begin);
    if (!has_properties) continue;
    begin = BeginSized(out);
    AppendRecords(out, group);
    EndSized(out, begin);
  }
}

bool ReadGroups(ListGroups groups, List& list) {
  list.clear();
  while (groups.Next()) {
    const size_t begin = list.size();
    if (!groups.Decode(list) || !groups.DecodeProperties(std::span(list).subspan(begin))) {
      return false;
    }
  }
  return groups.ok();
}

}  // namespace

std::span<const ListEntry> FirstGroup(std::span<const ListEntry> list) {
  const auto end = std::ranges::find_if(
      list, [&list](const ListEntry& entry) { return entry.type != list.front().type; });
  return list.first(static_cast<size_t>(end - list.begin()));
}

bool ListGroups::Next() {
  if (rest_.at_end()) return false;
  const uint64_t head = rest_.Varint();
  const bool has_properties = (head & 1) == 1;
  if (head >> 1 > UINT32_MAX) rest_.Fail();
  const EdgeTypeId type{static_cast<uint32_t>(head >> 1)};
  entries_ = rest_.Bytes(rest_.Varint());
  properties_ = has_properties ? rest_.Bytes(rest_.Varint()) : std::string_view();
  if (entries_.empty() || has_properties == properties_.empty() || (began_ && type <= type_)) {
    rest_.Fail();
  }
  began_ = true;
  type_ = type;
  return rest_.ok();
}

bool ListGroups::Decode(List& list) const {
  ByteReader reader(entries_);
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

bool ListGroups::DecodeProperties(std::span<ListEntry> group) const {
  if (properties_.empty()) return true;
  bool some = false;  // else they would not be there
  ByteReader reader(properties_);
  for (ListEntry& entry : group) {
    entry.properties = reader.Bytes(reader.Varint());
    some = some || !entry.properties.empty();
  }
  return reader.ok() && reader.at_end() && some;
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
  ListGroups groups = GroupsOf(bytes);
  list.clear();
  if (!groups.Next()) return groups.ok();
  const bool is_bare = groups.type() == EdgeTypeId{} && groups.properties().empty();
  return is_bare && groups.Decode(list) && !groups.Next() && groups.ok();
}

void AppendDelta(std::string& out, const ListDelta& delta) {
  out += kDeltaTag;
  const size_t begin = BeginSized(out);
  AppendGroups(out, delta.deletes);
  EndSized(out, begin);
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
  List result;
  result.reserve(list.size() + delta.adds.size());
  auto deleted = delta.deletes.begin();
  auto added = delta.adds.begin();
  for (const ListEntry& entry : list) {
    while (added != delta.adds.end() && *added < entry) result.push_back(*added++);
    while (deleted != delta.deletes.end() && *deleted < entry) ++deleted;
    const bool is_replaced = added != delta.adds.end() && !(entry < *added);
    const bool is_deleted = deleted != delta.deletes.end() && !(entry < *deleted);
    if (!is_replaced && !is_deleted) result.push_back(entry);
  }
  result.insert(result.end(), added, delta.adds.end());
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
    if (i + 1 < steps.size() && !(steps[i].entry < steps[i + 1].entry)) continue;
    (steps[i].add ? composed.adds : composed.deletes).push_back(steps[i].entry);
  }
  return composed;
}

}  // namespace qipu::graph::rocks
