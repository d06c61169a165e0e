#include "graph/columnar/columnar.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include "tests/graph/fresh_store.h"

namespace qipu::graph::columnar {
namespace {

// Values of the reference implementation (xxHash 0.8).
TEST(Checksum, IsXxh64) {
  const struct {
    std::string bytes;
    uint64_t want;
  } cases[] = {
      {"", 0xEF46DB3751D8E999},
      {"a", 0xD24EC4F1A98C6E5B},
      {"abc", 0x44BC2CF5AD770999},
      {"Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1},
  };
  for (const auto& c : cases) EXPECT_EQ(Checksum(c.bytes), c.want) << c.bytes;
}

// The format is to last: a change of these bytes is a new version of the file.
TEST(SnapshotFile, GoldenBytes) {
  const auto hex = [](std::string_view bytes) { return rocks::HexOf(bytes); };
  DictionaryBuilder dictionary;
  ChunkBuilder numbers(dictionary), texts(dictionary);
  Section section;
  numbers.Put(0, Value(int64_t{1}));
  numbers.Put(2, Value(int64_t{-2}));
  std::string chunk = numbers.Take(3, section);
  EXPECT_EQ(hex(chunk),
            "0500000000000000"
            "0100000000000000"
            "0000000000000000"
            "feffffffffffffff");
  texts.Put(0, Value("b"));
  texts.Put(1, Value("a"));
  Section words;
  std::string codes = texts.Take(2, words);
  EXPECT_EQ(hex(codes),
            "00000000"
            "01000000");
  const std::string entries = dictionary.Encode();
  EXPECT_EQ(hex(entries),
            "000000000300000006000000"
            "0100000000000000"
            "040162040161");
  SectionWriter writer(nullptr);
  section.kind = SectionKind::kColumn;
  section.owner = 3;
  section.part = 5;
  PadToWord(chunk);
  EXPECT_OK(writer.Add(section, chunk));
  BlockBuilder lists;
  lists.Put({2}, rocks::List{{{1}, 0}, {{9}, 4}});
  Section block;
  std::string adjacency = lists.Take(block);
  PadToWord(adjacency);
  block.kind = SectionKind::kAdjacency;
  EXPECT_OK(writer.Add(block, adjacency));
  EXPECT_OK(writer.Finish({7, 0xABCD, 10}));
  const std::string file = writer.TakeMemory();
  EXPECT_EQ(hex(file.substr(file.size() - sizeof(Trailer), 40)),
            "71697075736e6170"
            "0100000000000000"
            "0700000000000000"
            "cdab000000000000"
            "0a00000000000000");
  EXPECT_EQ(file.size(), 12552u);
  EXPECT_EQ(Checksum(file), 4009407724538263514u);
}

// Tables, rows, columns of every type, and lists in both directions.
TEST(SnapshotFile, GoldenFile) {
  FreshDirectory directory;
  const auto store = MakeStore(directory.path());
  Transaction t = store->Begin();
  const Value values[] = {Value(true),    Value(int64_t{-7}),
                          Value(0.5),     Value("企谱"),
                          Value(Date{9}), Value(Value::List{Value("a"), Value(int64_t{1})})};
  for (const char* key : {"a", "b", "c"}) {
    const auto vertex = t.MergeVertex(t.Label("Firm"), key);
    EXPECT_OK(vertex);
    EXPECT_OK(t.PutEdge({*vertex, t.EdgeType("KNOWS"), {0}, 0}, {}));
    if (*key == 'b') continue;  // nulls
    for (size_t i = 0; i < std::size(values); ++i) {
      EXPECT_OK(t.SetProperty(*vertex, t.Property("p" + std::to_string(i)), values[i]));
    }
  }
  EXPECT_OK(t.Commit());
  EXPECT_OK(Analytics::Open(store->TakeSnapshot(), {}));
  std::ifstream in(directory.File("snapshots/1.qsnap"), std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(file.size(), 25984u);
  EXPECT_EQ(Checksum(file), 10672219905215741132u);
}

TEST(ChunkBuilder, ReadsBackWhatWasPut) {
  const double infinity = std::numeric_limits<double>::infinity();
  const struct {
    const char* name;
    std::vector<Value> values;
    ColumnType want;
  } cases[] = {
      {"integers", {Value(int64_t{-5}), Value(), Value(INT64_MAX)}, ColumnType::kInt},
      {"floats", {Value(-0.0), Value(infinity), Value()}, ColumnType::kFloat},
      {"not a number", {Value(1.5), Value(std::nan(""))}, ColumnType::kFloat},
      {"bools", {Value(true), Value(false)}, ColumnType::kBool},
      {"dates", {Value(Date{-3}), Value(Date{INT32_MAX})}, ColumnType::kDate},
      {"strings", {Value("b"), Value("a"), Value("b")}, ColumnType::kString},
      {"lists", {Value(Value::List{Value("a")})}, ColumnType::kMixed},
      {"integers, then a float", {Value(int64_t{1}), Value(1.0)}, ColumnType::kMixed},
      {"strings, then a date", {Value(), Value("x"), Value(Date{1})}, ColumnType::kMixed},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    DictionaryBuilder builder;
    ChunkBuilder chunk_builder(builder);
    for (uint32_t row = 0; row < c.values.size(); ++row) {
      if (!c.values[row].is_null()) chunk_builder.Put(row, c.values[row]);
    }
    Section section;
    std::string bytes = chunk_builder.Take(static_cast<uint32_t>(c.values.size()), section);
    auto stored = std::make_shared<StoredDictionary>();
    const std::string text = builder.Encode();
    ASSERT_TRUE(ReadDictionary(text, builder.Entries().size(), *stored));
    const Dictionary dictionary(stored);
    ColumnChunk chunk;
    chunk.dictionary = &dictionary;
    ASSERT_TRUE(ReadChunk(bytes, section, dictionary.size(), chunk));
    EXPECT_EQ(chunk.type, c.want);
    for (uint32_t row = 0; row < c.values.size(); ++row) {
      EXPECT_EQ(chunk.At(row), c.values[row]);
      EXPECT_EQ(chunk.IsNull(row), c.values[row].is_null());
    }
    if (std::string(c.name) == "not a number") {
      EXPECT_EQ(chunk.float_min, -infinity);
      EXPECT_EQ(chunk.float_max, infinity);
    }
  }
}

/// A small file with each kind of section, in memory.
std::string SmallFile() {
  SectionWriter writer(nullptr);
  DictionaryBuilder dictionary;
  ChunkBuilder chunk(dictionary);
  for (uint32_t row = 0; row < 5; ++row) chunk.Put(row, Value("v" + std::to_string(row)));
  Section column{SectionKind::kColumn, 0, 0};
  std::string bytes = chunk.Take(6, column);
  EXPECT_OK(writer.Add(column, bytes));
  Section entries{SectionKind::kDictionary, 0};
  entries.count = dictionary.Entries().size();
  EXPECT_OK(writer.Add(entries, dictionary.Encode()));
  BlockBuilder block;
  block.Put({3}, rocks::List{{{1}, 0}, {{1}, 1}, {{4}, 0}});
  block.Put({4}, rocks::List{{{3}, 0}});
  Section adjacency{SectionKind::kAdjacency, 0, 0};
  bytes = block.Take(adjacency);
  EXPECT_OK(writer.Add(adjacency, bytes));
  EXPECT_OK(writer.Finish({1, 2, 5}));
  return writer.TakeMemory();
}

TEST(SnapshotFile, FindsEveryFlippedByte) {
  const std::string good = SmallFile();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
    const auto file = SnapshotFile::InMemory(std::move(bytes));
    EXPECT_FALSE(file.ok() && (*file)->Verify().ok()) << at;
  }
}

/// Uses all that the file has, as far as it says that it is good.
void UseAll(const SnapshotFile& file) {
  StoredDictionary stored;
  for (const Section& section : file.Find(SectionKind::kDictionary, 0, 0)) {
    const auto bytes = file.Read(section);
    if (!bytes.ok() || !ReadDictionary(*bytes, section.count, stored)) return;
  }
  const Dictionary dictionary(std::make_shared<StoredDictionary>(stored));
  uint64_t sum = 0;
  for (const Section& section : file.Find(SectionKind::kColumn, 0, 0)) {
    ColumnChunk chunk;
    chunk.dictionary = &dictionary;
    const auto bytes = file.Read(section);
    if (!bytes.ok() || !ReadChunk(*bytes, section, dictionary.size(), chunk)) continue;
    for (uint32_t row = 0; row < chunk.size; ++row) sum += chunk.At(row).ToString().size();
  }
  for (const Section& section : file.Find(SectionKind::kAdjacency, 0, 0)) {
    AdjacencyBlock block;
    const auto bytes = file.Read(section);
    if (!bytes.ok() || !ReadBlock(*bytes, section, 5, block)) continue;
    for (uint32_t i = 0; i < section.count >> 32; ++i) {
      for (uint32_t e = block.offsets[i]; e < block.offsets[i + 1]; ++e) {
        sum += block.others[e] + (block.ranks == nullptr ? 0 : block.ranks[e]);
      }
    }
  }
  EXPECT_LT(sum, UINT64_MAX);
}

// A file with right checksums and wrong content is refused or read within its bounds; the
// sanitizers watch.
TEST(SnapshotFile, OutlivesRandomBytes) {
  const std::string good = SmallFile();
  {
    const auto file = SnapshotFile::InMemory(good);
    ASSERT_TRUE(file.ok()) << MessageOf(file);
    EXPECT_OK((*file)->Verify());
    EXPECT_EQ((*file)->stamp().vertex_bound, 5);
    UseAll(**file);
  }
  std::mt19937 random(11);
  int opened = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = good;
    const uint64_t directory = bytes.size() - sizeof(Trailer) - 3 * sizeof(Section);
    for (uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
      // The directory and the dense sections more often than their share of the file.
      const uint64_t from = random() % 2 == 0 ? directory : 0;
      bytes[from + random() % (bytes.size() - from)] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size() / 8 * 8);
    if (bytes.size() >= directory + 3 * sizeof(Section) + sizeof(Trailer)) {
      for (uint64_t at = directory; at < directory + 3 * sizeof(Section); at += sizeof(Section)) {
        Section section;
        std::memcpy(&section, bytes.data() + at, sizeof(section));
        if (section.offset > bytes.size() || section.bytes > bytes.size() - section.offset)
          continue;
        section.checksum = Checksum(std::string_view(bytes).substr(section.offset, section.bytes));
        std::memcpy(bytes.data() + at, &section, sizeof(section));
      }
      const uint64_t sum =
          Checksum(std::string_view(bytes).substr(directory, bytes.size() - directory - 8));
      std::memcpy(bytes.data() + bytes.size() - 8, &sum, sizeof(sum));
    }
    const auto file = SnapshotFile::InMemory(bytes);
    if (!file.ok()) continue;
    ++opened;
    UseAll(**file);
  }
  EXPECT_GT(opened, 500);
}

}  // namespace
}  // namespace qipu::graph::columnar
