#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "graph/rocks/indexes.h"

namespace qipu::graph::rocks {
namespace {

using testing::ElementsAre;

std::string Encoded(const Value& value) {
  std::string out;
  EXPECT_TRUE(AppendIndexed(out, value)) << value.ToString();
  return out;
}

TEST(IndexCodec, GoldenBytes) {
  const struct {
    Value value;
    const char* hex;
  } cases[] = {
      {Value(false), "0100"},
      {Value(true), "0101"},
      {Value(int64_t{0}), "0280000000000000008000"},
      {Value(-0.0), "0280000000000000008000"},
      {Value(int64_t{1}), "02bff00000000000008000"},
      {Value(1.0), "02bff00000000000008000"},
      {Value(int64_t{-1}), "02400fffffffffffff8000"},
      {Value(int64_t{9007199254740993}), "02c3400000000000008001"},
      {Value(INT64_MAX), "02c3e00000000000007fff"},
      {Value(""), "030001"},
      {Value("企"), "03e4bc810001"},
      {Value(std::string("a\0b", 3)), "036100ff620001"},
      {Value(Date{0}), "0480000000"},
      {Value(Date{-1}), "047fffffff"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value.ToString());
    EXPECT_EQ(HexOf(Encoded(c.value)), c.hex);
  }
  std::string key;
  AppendIndexKey(key, 7, Encoded(Value(true)), VertexId{258});
  EXPECT_EQ(HexOf(key), "0000000701010000000000000102");
  key.clear();
  AppendPostingKey(key, 7, "ab", 3);
  EXPECT_EQ(HexOf(key),
            "0000000761620000000000"
            "0003");
}

TEST(IndexCodec, FilesNoNullNoNaNNoList) {
  for (const Value& value : {Value(), Value(std::nan("")), Value(Value::List{Value("x")})}) {
    std::string out;
    EXPECT_FALSE(AppendIndexed(out, value));
    EXPECT_EQ(out, "");
  }
}

/// Exactly: whether the integer is below, at or above the number.
int CompareExactly(int64_t integer, double number) {
  if (number >= 9223372036854775808.0) return -1;
  if (number < -9223372036854775808.0) return 1;
  const auto whole = static_cast<int64_t>(std::floor(number));
  if (integer != whole) return integer < whole ? -1 : 1;
  return number > std::floor(number) ? -1 : 0;
}

int Sign(int order) { return (order > 0) - (order < 0); }

TEST(IndexCodec, NumbersSortAsTheyCompare) {
  std::mt19937_64 random(1);
  std::vector<int64_t> integers = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> numbers = {-kInfinity, kInfinity, 0.5, -0.5, 1e300, 5e-324, 9.3e18};
  for (int i = 0; i < 60; ++i) {
    const int64_t integer = static_cast<int64_t>(random()) >> (random() % 64);
    for (int64_t step = -2; step <= 2; ++step) {
      if (integer > INT64_MIN + 2 && integer < INT64_MAX - 2) integers.push_back(integer + step);
    }
    const auto near = static_cast<double>(integer);
    numbers.insert(numbers.end(), {near, std::nextafter(near, kInfinity),
                                   std::nextafter(near, -kInfinity), near + 0.5});
  }
  for (const int64_t a : integers) {
    const std::string encoded = Encoded(Value(a));
    for (const int64_t b : integers) {
      ASSERT_EQ(Sign(encoded.compare(Encoded(Value(b)))), a < b ? -1 : a > b) << a << ' ' << b;
    }
    for (const double b : numbers) {
      ASSERT_EQ(Sign(encoded.compare(Encoded(Value(b)))), CompareExactly(a, b)) << a << ' ' << b;
    }
  }
}

TEST(IndexCodec, StringsSortAsTheyCompare) {
  std::mt19937 random(2);
  std::vector<std::string> texts = {"", std::string(1, '\0'), std::string(600, 'x')};
  for (int i = 0; i < 200; ++i) {
    std::string text;
    for (size_t n = random() % 5; n > 0; --n) text += "\0\1\2a\xFE\xFF"[random() % 6];
    texts.push_back(text);
  }
  for (const auto& a : texts) {
    for (const auto& b : texts) {
      std::string key_a, key_b;  // with vertices that would turn the order round
      AppendIndexKey(key_a, 1, Encoded(Value(a)), VertexId{a < b ? UINT64_MAX : 0});
      AppendIndexKey(key_b, 1, Encoded(Value(b)), VertexId{a < b ? 0 : UINT64_MAX});
      if (a != b) {
        ASSERT_EQ(key_a < key_b, a < b);
      }
    }
  }
}

TEST(IndexCodec, CutsLongStrings) {
  const std::string whole(kIndexedBytesMax, 'x');
  EXPECT_FALSE(IsCut(Encoded(Value(whole))));
  EXPECT_TRUE(IsCut(Encoded(Value(whole + "a"))));
  EXPECT_EQ(Encoded(Value(whole + "a")), Encoded(Value(whole + "b")));
  EXPECT_LT(Encoded(Value(whole)), Encoded(Value(whole + "a")));
  EXPECT_LT(Encoded(Value(whole + "a")), Encoded(Value("y")));
}

TEST(IndexCodec, ReadsBackWhatItWrites) {
  for (const Value& value :
       {Value(true), Value(int64_t{-7}), Value(2.5), Value("a"), Value(Date{3}),
        Value(std::string("\0\0", 2)), Value(std::string(700, '\0'))}) {
    std::string key;
    AppendIndexKey(key, 9, Encoded(value), VertexId{77});
    IndexKeyParts parts;
    ASSERT_TRUE(ParseIndexKey(key, parts)) << value.ToString();
    EXPECT_EQ(parts.index, 9u);
    EXPECT_EQ(parts.encoded, Encoded(value));
    EXPECT_EQ(parts.vertex, VertexId{77});
  }
  const Posting posting{"row", {VertexId{65535}, 65534}};
  EXPECT_EQ(UnpackPosting(PackPosting(posting)).row, posting.row);
  EXPECT_EQ(UnpackPosting(PackPosting(posting)).entry, posting.entry);
}

TEST(IndexCodec, RefusesForeignKeys) {
  std::string good;
  AppendIndexKey(good, 9, Encoded(Value("ab")), VertexId{77});
  IndexKeyParts parts;
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ParseIndexKey(good.substr(0, size), parts)) << size;
  }
  const std::string vertex(8, '\0'), index(4, '\0');
  for (const std::string& encoded :
       {std::string("\x05\x01", 2), std::string("\x01\x02", 2), std::string("\x02\x02", 2),
        std::string("\x03"
                    "a\0\x02",
                    4),
        std::string("\x03"
                    "a\0\xFF",
                    4),
        std::string("\x04", 1)}) {
    EXPECT_FALSE(ParseIndexKey(index + encoded + vertex, parts)) << HexOf(encoded);
  }
  PostingKeyParts posting;
  std::string row;
  AppendPostingKey(row, 1, "ab", 2);
  EXPECT_TRUE(ParsePostingKey(row, posting));
  EXPECT_EQ(posting.token, "ab");
  for (size_t size = 0; size < row.size() - 2; ++size) {
    EXPECT_FALSE(ParsePostingKey(row.substr(0, size), posting)) << size;
  }
  // Random bytes are taken or refused, never read past.
  std::mt19937 random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 6);
    if (ParseIndexKey(bytes, parts)) {
      std::string again;
      AppendIndexKey(again, parts.index, parts.encoded, parts.vertex);
      EXPECT_EQ(again, bytes);
    }
    if (ParsePostingKey(bytes, posting)) {
      std::string again;
      AppendPostingKey(again, posting.index, posting.token, posting.row);
      EXPECT_EQ(again, bytes);
    }
  }
}

TEST(IndexCodec, FilesWhatTheIndexNames) {
  const Index value{1, LabelId{2}, PropertyId{3}, IndexKind::kValue};
  const Index text{2, LabelId{2}, PropertyId{3}, IndexKind::kText};
  const std::vector<Index> indexes = {value, text};
  const std::vector<LabelId> labels = {LabelId{2}, LabelId{5}};
  const Properties properties = {{PropertyId{3}, Value("上海 A1")}};
  IndexEntries entries;
  AppendEntries(indexes, VertexId{(5 << kLabelRowBits) + 4}, labels, properties, entries);
  ASSERT_EQ(entries.values.size(), 1u);
  std::vector<std::string> tokens;
  for (const std::string& packed : entries.postings) {
    const Posting posting = UnpackPosting(packed);
    EXPECT_EQ(posting.entry, (ListEntry{VertexId{4}, 5}));
    PostingKeyParts parts;
    ASSERT_TRUE(ParsePostingKey(posting.row, parts));
    EXPECT_EQ(parts.row, 5u);
    tokens.emplace_back(parts.token);
  }
  EXPECT_THAT(tokens, ElementsAre("a1", "上", "上海", "海"));

  IndexEntries none;
  AppendEntries(indexes, VertexId{0}, {{LabelId{5}}}, properties, none);
  AppendEntries(indexes, VertexId{0}, labels, {{PropertyId{4}, Value("x")}}, none);
  EXPECT_TRUE(none.values.empty() && none.postings.empty());
}

}  // namespace
}  // namespace qipu::graph::rocks
