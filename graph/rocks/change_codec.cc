#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

// The first byte of a row of `changes`. DO NOT RENUMBER: they are on disk.
constexpr char kCommitTag = 1;
constexpr char kLoadTag = 2;
constexpr int kStepBits = 2;

uint64_t Packed(uint64_t number, Step step) {
  return number << kStepBits | static_cast<uint64_t>(step);
}

Step UnpackStep(ByteReader& reader, uint64_t packed) {
  constexpr uint64_t kMask = (uint64_t{1} << kStepBits) - 1;
  if ((packed & kMask) > static_cast<uint64_t>(Step::kDeleted)) reader.Fail();
  return static_cast<Step>(packed & kMask);
}

/// A count of entries, each of `least` bytes or more: one beyond that is a lie, not a wish for
/// memory.
uint64_t ReadCount(ByteReader& reader, size_t least) {
  const uint64_t count = reader.Varint();
  if (count > reader.size() / least) {
    reader.Fail();
    return 0;
  }
  return count;
}

/// Adds `step` to `number`; fails where the sum passes what `number` can be.
uint64_t Advance(ByteReader& reader, uint64_t number, uint64_t step) {
  if (step > UINT64_MAX - number) reader.Fail();
  return number + step;
}

void ReadVertices(ByteReader& reader, std::vector<VertexStep>& vertices) {
  const uint64_t count = ReadCount(reader, 1);
  vertices.reserve(count);
  uint64_t vertex = 0;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t packed = reader.Varint();
    if (i > 0 && packed >> kStepBits == 0) reader.Fail();
    vertex = Advance(reader, vertex, packed >> kStepBits);
    vertices.push_back({VertexId{vertex}, UnpackStep(reader, packed)});
  }
}

void ReadEdges(ByteReader& reader, std::vector<EdgeStep>& edges) {
  const uint64_t count = ReadCount(reader, 4);
  edges.reserve(count);
  uint64_t source = 0;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t packed = reader.Varint();
    source = Advance(reader, source, packed >> kStepBits);
    EdgeStep next{{VertexId{source}, {}, {}, 0}, UnpackStep(reader, packed)};
    next.edge.type = EdgeTypeId{reader.Varint32()};
    next.edge.target = VertexId{reader.Varint()};
    next.edge.rank = reader.Varint32();
    if (i > 0 && next.edge <= edges.back().edge) reader.Fail();
    edges.push_back(next);
  }
}

void ReadLoad(ByteReader& reader, Change& change) {
  change.first_loaded = VertexId{reader.Varint()};
  change.loaded_bound = VertexId{Advance(reader, change.first_loaded.value, reader.Varint())};
  change.loaded_edges = reader.Varint();
  const uint64_t count = ReadCount(reader, 1);
  change.loaded_ends.reserve(count);
  uint64_t vertex = 0;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t step = reader.Varint();
    if (i > 0 && step == 0) reader.Fail();
    vertex = Advance(reader, vertex, step);
    change.loaded_ends.push_back(VertexId{vertex});
  }
}

}  // namespace

Key ChangeKey(uint64_t epoch) { return Key().Add64(epoch); }

void AppendCommit(std::string& out, const Change& change) {
  out += kCommitTag;
  AppendVarint(out, change.vertices.size());
  uint64_t previous = 0;
  for (const VertexStep& next : change.vertices) {
    AppendVarint(out, Packed(next.vertex.value - previous, next.step));
    previous = next.vertex.value;
  }
  AppendVarint(out, change.edges.size());
  previous = 0;
  for (const EdgeStep& next : change.edges) {
    AppendVarint(out, Packed(next.edge.source.value - previous, next.step));
    AppendVarint(out, next.edge.type.value);
    AppendVarint(out, next.edge.target.value);
    AppendVarint(out, next.edge.rank);
    previous = next.edge.source.value;
  }
  AppendVarint(out, change.ledger_entries);
}

void AppendLoad(std::string& out, const Change& change) {
  out += kLoadTag;
  AppendVarint(out, change.first_loaded.value);
  AppendVarint(out, change.loaded_bound.value - change.first_loaded.value);
  AppendVarint(out, change.loaded_edges);
  AppendVarint(out, change.loaded_ends.size());
  uint64_t previous = 0;
  for (const VertexId vertex : change.loaded_ends) {
    AppendVarint(out, vertex.value - previous);
    previous = vertex.value;
  }
}

bool DecodeChange(std::string_view key, std::string_view bytes, Change& change) {
  if (key.size() != sizeof(uint64_t)) return false;
  change = Change();
  change.epoch = ReadBigEndian(key, 0, sizeof(uint64_t));
  ByteReader reader(bytes);
  const auto tag = static_cast<char>(reader.Byte());
  if (tag == kCommitTag) {
    ReadVertices(reader, change.vertices);
    ReadEdges(reader, change.edges);
    change.ledger_entries = reader.Varint();
  } else if (tag == kLoadTag) {
    ReadLoad(reader, change);
  } else {
    return false;
  }
  return reader.ok() && reader.at_end();
}

}  // namespace qipu::graph::rocks
