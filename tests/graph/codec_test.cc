#include <gmock/gmock.h>

#include <random>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

using testing::ElementsAre;

std::string Row(const Properties& properties) {
  std::string bytes;
  AppendProperties(bytes, properties);
  return bytes;
}

TEST(PropertyCodec, GoldenBytes) {
  const struct {
    const char* name;
    Value value;
    const char* want;
  } cases[] = {
      {"false", Value(false), "0100"},
      {"true", Value(true), "0101"},
      {"zero", Value(int64_t{0}), "0200"},
      {"minus one", Value(int64_t{-1}), "0201"},
      {"300", Value(int64_t{300}), "02d804"},
      {"least int", Value(INT64_MIN), "02ffffffffffffffffff01"},
      {"1.5", Value(1.5), "03000000000000f83f"},
      {"text", Value("企"), "0403e4bc81"},
      {"empty text", Value(""), "0400"},
      {"2020-12-31", Value(Date{18627}), "0586a302"},
      {"list", Value(Value::List{Value("a"), Value()}), "060204016100"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::string bytes;
    AppendValue(bytes, c.value);
    EXPECT_EQ(HexOf(bytes), c.want);
    const Properties properties{{{3}, c.value}, {{200}, c.value}};
    Properties back;
    ASSERT_TRUE(DecodeProperties(Row(properties), back));
    EXPECT_EQ(back, properties);
  }
}

TEST(PropertyCodec, VertexRowGoldenBytes) {
  std::string bytes;
  AppendVertexRow(bytes, {{1}, {4}}, {{{2}, Value(true)}, {{9}, Value("x")}});
  EXPECT_EQ(HexOf(bytes),
            "02010302020101"
            "07040178");
  Vertex back;
  ASSERT_TRUE(DecodeVertexRow(bytes, back));
  EXPECT_THAT(back.labels, ElementsAre(LabelId{1}, LabelId{4}));
  EXPECT_EQ(back.properties, (Properties{{{2}, Value(true)}, {{9}, Value("x")}}));
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

TEST(PropertyCodec, RefusesHostileBytes) {
  const struct {
    const char* name;
    const char* hex;
  } cases[] = {
      {"nothing", ""},
      {"more properties than bytes", "ffffffff0f"},
      {"null property", "010000"},
      {"unknown tag", "010007"},
      {"tag 255", "0100ff00"},
      {"bool 2", "01000102"},
      {"varint without end", "010002ffffffffffffffffffffff"},
      {"varint over 64 bits", "010002ffffffffffffffffff02"},
      {"float cut short", "010003000000"},
      {"text longer than bytes", "010004ff01"},
      {"date beyond 32 bits", "010005ffffffffff0f"},
      {"list longer than bytes", "010006ffffff7f"},
      {"same property twice", "02050100000101"},
      {"property number over 32 bits", "01ffffffff1f0100"},
      {"bytes left over",
       "01000100"
       "00"},
      {"list too deep",
       "0100"
       "0601060106010601060106010601060106010601060106010601060106010601"
       "06010601"
       "0100"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Properties properties;
    EXPECT_FALSE(DecodeProperties(FromHex(c.hex), properties));
  }
}

TEST(Keys, GoldenBytesSortByNumber) {
  EXPECT_EQ(HexOf(VertexKey({258}).bytes()), "0000000000000102");
  EXPECT_EQ(HexOf(LabelRowKey({3}, 0x10000 >> kLabelRowBits).bytes()),
            "00000003"
            "000000000001");
  std::string key;
  AppendDictionaryKey(key, {5}, "ab");
  EXPECT_EQ(HexOf(key), "000000056162");
  EXPECT_LT(VertexKey({255}).bytes(), VertexKey({256}).bytes());
}

// Flips, cuts and splices good rows with a fixed seed: decoders must refuse or take them, not read
// past their end, and what they take must be written back as they read it or be refused.
TEST(Decoders, SurviveMutation) {
  std::mt19937 random(20240229);
  std::string row, list, delta;
  AppendVertexRow(row, {{1}, {300}},
                  {{{0}, Value("name")},
                   {{7}, Value(Value::List{Value(int64_t{-5}), Value(2.5), Value(Date{9})})}});
  AppendList(list, List{{{1}},
                        {{1}, 2},
                        {{70000}},
                        {{uint64_t{1} << 40}, 9},
                        {{6}, 0, {1}, "some"},
                        {{7}, 0, {1}}});
  AppendDelta(delta, {{{{3}}, {{90}, 1}}, {{{4}}, {{5}, 6, {2}, "more"}}});
  for (int round = 0; round < 60000; ++round) {
    std::string bytes = std::array{row, list, delta}[static_cast<size_t>(round) % 3];
    for (uint32_t change = 0; change <= random() % 3; ++change) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.resize(at + 1);
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
          break;
      }
    }
    Vertex vertex;
    if (DecodeVertexRow(bytes, vertex)) {
      std::string again;
      AppendVertexRow(again, vertex.labels, vertex.properties);
      Vertex back;
      ASSERT_TRUE(DecodeVertexRow(again, back));
      EXPECT_EQ(back.properties, vertex.properties);
    }
    List entries;
    if (DecodeList(bytes, entries)) {
      EXPECT_TRUE(std::is_sorted(entries.begin(), entries.end()));
    }
    ListDelta change;
    if (DecodeDelta(bytes, change)) {
      EXPECT_TRUE(std::is_sorted(change.adds.begin(), change.adds.end()));
    }
  }
}

}  // namespace
}  // namespace qipu::graph::rocks
