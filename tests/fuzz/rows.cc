// The bytes of the database: whatever they are, a decoder takes or refuses them, and what it takes
// can be written and read again as the same. The first byte chooses the decoder.
#include <algorithm>

#include "graph/rocks/indexes.h"
#include "graph/rocks/rocks.h"
#include "tests/fuzz/fuzz.h"

namespace qipu::fuzz {
namespace {

using namespace graph;
using namespace graph::rocks;

void ReadVertexRow(std::string_view bytes) {
  Vertex vertex, again;
  if (!DecodeVertexRow(bytes, vertex)) return;
  std::string row;
  AppendVertexRow(row, vertex.labels, vertex.properties);
  Require(DecodeVertexRow(row, again), "a vertex row that was written can be read");
  Require(again.labels == vertex.labels && again.properties == vertex.properties,
          "a vertex row is read as it was written");
}

void ReadProperties(std::string_view bytes) {
  Properties properties, again;
  if (!DecodeProperties(bytes, properties)) return;
  std::string row;
  AppendProperties(row, properties);
  Require(DecodeProperties(row, again) && again == properties,
          "properties are read as they were written");
  for (const auto& property : properties) {
    std::string encoded, key;
    if (!AppendIndexed(encoded, property.value)) continue;
    AppendIndexKey(key, 7, encoded, VertexId{9});
    IndexKeyParts parts;
    Require(ParseIndexKey(key, parts) && parts.encoded == encoded && parts.vertex == VertexId{9},
            "an index key is read as it was written");
  }
}

void ReadList(std::string_view bytes) {
  List list, again;
  if (!DecodeList(bytes, list)) return;
  Require(std::is_sorted(list.begin(), list.end()), "a list ascends");
  std::string row;
  AppendList(row, list);
  Require(DecodeList(row, again) && again == list, "a list is read as it was written");
}

void ReadDelta(std::string_view bytes) {
  ListDelta delta, again;
  if (!DecodeDelta(bytes, delta)) return;
  std::string row;
  AppendDelta(row, delta);
  Require(DecodeDelta(row, again) && again == delta, "a delta is read as it was written");
  const List once = ApplyDelta({}, delta);
  Require(ApplyDelta(once, delta) == once, "a delta applied twice does what it does once");
}

void ReadChange(std::string_view bytes) {
  Change change, again;
  const Key key = ChangeKey(5);
  if (!DecodeChange(key.bytes(), bytes, change)) return;
  std::string row;
  if (change.loaded_edges == 0 && change.loaded_ends.empty() &&
      change.loaded_bound == change.first_loaded) {
    AppendCommit(row, change);
  } else {
    AppendLoad(row, change);
  }
  Require(DecodeChange(key.bytes(), row, again), "a change that was written can be read");
  Require(again == change || bytes.front() != row.front(), "a change is read as it was written");
}

void ReadIndexKeys(std::string_view bytes) {
  IndexKeyParts value;
  if (ParseIndexKey(bytes, value)) {
    std::string key;
    AppendIndexKey(key, value.index, value.encoded, value.vertex);
    Require(key == bytes, "an index key is written as it was read");
  }
  PostingKeyParts posting;
  if (ParsePostingKey(bytes, posting)) {
    std::string key;
    AppendPostingKey(key, posting.index, posting.token, posting.row);
    Require(key == bytes, "a posting key is written as it was read");
  }
}

constexpr void (*kReaders[])(std::string_view) = {ReadVertexRow, ReadProperties, ReadList,
                                                  ReadDelta,     ReadChange,     ReadIndexKeys};

std::string Seed(int reader, const std::string& bytes) { return static_cast<char>(reader) + bytes; }

}  // namespace

std::vector<std::string> Seeds() {
  const Properties properties = {
      {{0}, Value("企谱")},
      {{3}, Value(int64_t{-70000})},
      {{7}, Value(Value::List{Value(2.5), Value(Date{9}), Value(Value::List{Value(true)})})}};
  const List list = {
      {{1}}, {{1}, 2}, {{70000}}, {{uint64_t{1} << 40}, 9}, {{6}, 0, {1}, "some"}, {{7}, 0, {1}}};
  Change commit, load;
  commit.vertices = {{{3}, Step::kCreated}, {{900}, Step::kDeleted}};
  commit.edges = {{{{3}, {1}, {4}, 0}, Step::kChanged}, {{{5}, {1}, {4}, 7}, Step::kCreated}};
  commit.ledger_entries = 300;
  load.first_loaded = {10};
  load.loaded_bound = {500};
  load.loaded_edges = 77;
  load.loaded_ends = {{2}, {9}};
  std::string vertex, row, plain, delta, first, second, number, text, posting;
  AppendVertexRow(vertex, {{1}, {300}}, properties);
  AppendProperties(row, properties);
  AppendList(plain, list);
  AppendDelta(delta, {{{{3}}, {{90}, 1}}, list});
  AppendCommit(first, commit);
  AppendLoad(second, load);
  std::string encoded;
  AppendIndexed(encoded, Value(1.5));
  AppendIndexKey(number, 2, encoded, VertexId{8});
  encoded.clear();
  AppendIndexed(encoded, Value(std::string("a\0b", 3)));
  AppendIndexKey(text, 2, encoded, VertexId{8});
  AppendPostingKey(posting, 3, "企谱", 1);
  return {Seed(0, vertex), Seed(1, row),    Seed(2, plain), Seed(3, delta),  Seed(4, first),
          Seed(4, second), Seed(5, number), Seed(5, text),  Seed(5, posting)};
}

}  // namespace qipu::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  qipu::fuzz::kReaders[data[0] % std::size(qipu::fuzz::kReaders)](bytes);
  return 0;
}
