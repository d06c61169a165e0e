#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "graph/columnar/columnar.h"

namespace qipu::graph {

Value ColumnChunk::At(uint32_t row) const {
  if (IsNull(row)) return Value();
  switch (type) {
    case ColumnType::kNull:
      break;
    case ColumnType::kBool:
      return Value(bools()[row] != 0);
    case ColumnType::kInt:
      return Value(ints()[row]);
    case ColumnType::kFloat:
      return Value(floats()[row]);
    case ColumnType::kDate:
      return Value(Date{days()[row]});
    case ColumnType::kString:
    case ColumnType::kMixed:
      return dictionary->At(codes()[row]);
  }
  return Value();
}

namespace columnar {
namespace {

constexpr uint32_t kBlockWords = kChunkRows / 64;

ColumnType TypeOf(const Value& value) {
  switch (value.type()) {
    case ValueType::kBool:
      return ColumnType::kBool;
    case ValueType::kInt:
      return ColumnType::kInt;
    case ValueType::kFloat:
      return ColumnType::kFloat;
    case ValueType::kString:
      return ColumnType::kString;
    case ValueType::kDate:
      return ColumnType::kDate;
    case ValueType::kNull:
    case ValueType::kList:
      break;
  }
  return ColumnType::kMixed;
}

/// The value as a number of 64 bits. REQUIRES: its type is not one of codes.
uint64_t BitsOf(const Value& value) {
  if (const bool* v = value.AsBool()) return *v ? 1 : 0;
  if (const int64_t* v = value.AsInt()) return static_cast<uint64_t>(*v);
  if (const Date* v = value.AsDate()) return static_cast<uint64_t>(int64_t{v->days});
  return std::bit_cast<uint64_t>(*value.AsFloat());
}

Value ValueOf(ColumnType type, uint64_t bits) {
  if (type == ColumnType::kBool) return Value(bits != 0);
  if (type == ColumnType::kInt) return Value(static_cast<int64_t>(bits));
  if (type == ColumnType::kDate) return Value(Date{static_cast<int32_t>(bits)});
  return Value(std::bit_cast<double>(bits));
}

bool HasCodes(ColumnType type) { return type == ColumnType::kString || type == ColumnType::kMixed; }

size_t WidthOf(ColumnType type) {
  if (type == ColumnType::kBool) return sizeof(uint8_t);
  return type == ColumnType::kInt || type == ColumnType::kFloat ? sizeof(uint64_t)
                                                                : sizeof(uint32_t);
}

}  // namespace

void ChunkBuilder::Put(uint32_t row, const Value& value) {
  const ColumnType type = TypeOf(value);
  if (type_ == ColumnType::kNull) type_ = type;
  if (type != type_ && type_ != ColumnType::kMixed) MakeMixed();
  slots_.resize(row);
  slots_.push_back(HasCodes(type_) ? dictionary_->CodeOf(value) : BitsOf(value));
  valid_.resize(row / 64 + 1);
  valid_[row / 64] |= uint64_t{1} << (row % 64);
  ++present_;
}

void ChunkBuilder::MakeMixed() {
  for (size_t row = 0; row < slots_.size() && !HasCodes(type_); ++row) {
    if (TestBit(valid_, row)) slots_[row] = dictionary_->CodeOf(ValueOf(type_, slots_[row]));
  }
  type_ = ColumnType::kMixed;
}

void ChunkBuilder::SetBounds(Section& section) const {
  bool any = false;
  int64_t min = 0, max = 0;
  double float_min = std::numeric_limits<double>::infinity(), float_max = -float_min;
  for (size_t row = 0; row < slots_.size(); ++row) {
    if (!TestBit(valid_, row)) continue;
    if (type_ == ColumnType::kFloat) {
      const auto value = std::bit_cast<double>(slots_[row]);
      if (std::isnan(value)) {
        float_min = -std::numeric_limits<double>::infinity();
        float_max = -float_min;
      }
      float_min = std::min(float_min, value);
      float_max = std::max(float_max, value);
      continue;
    }
    const auto value = static_cast<int64_t>(slots_[row]);
    min = any ? std::min(min, value) : value;
    max = any ? std::max(max, value) : value;
    any = true;
  }
  const bool is_float = type_ == ColumnType::kFloat;
  section.min = is_float ? std::bit_cast<uint64_t>(float_min) : static_cast<uint64_t>(min);
  section.max = is_float ? std::bit_cast<uint64_t>(float_max) : static_cast<uint64_t>(max);
}

template <class T>
void ChunkBuilder::AppendSlots(std::string& out) const {
  std::vector<T> values(slots_.size());
  std::transform(slots_.begin(), slots_.end(), values.begin(),
                 [](uint64_t slot) { return static_cast<T>(slot); });
  AppendArray(out, std::span<const T>(values));
}

std::string ChunkBuilder::Take(uint32_t rows, Section& section) {
  slots_.resize(rows);
  valid_.resize((rows + 63) / 64);
  section.type = type_;
  section.count = rows;
  section.nulls = rows - present_;
  SetBounds(section);
  std::string bytes;
  if (section.nulls > 0) AppendArray(bytes, std::span<const uint64_t>(valid_));
  switch (WidthOf(type_)) {
    case sizeof(uint8_t):
      AppendSlots<uint8_t>(bytes);
      break;
    case sizeof(uint32_t):
      AppendSlots<uint32_t>(bytes);
      break;
    default:
      AppendSlots<uint64_t>(bytes);
  }
  slots_.clear();
  valid_.clear();
  present_ = 0;
  type_ = ColumnType::kNull;
  return bytes;
}

bool ReadChunk(std::string_view bytes, const Section& section, uint64_t codes, ColumnChunk& chunk) {
  chunk.type = section.type;
  if (section.count > UINT32_MAX || section.nulls > section.count ||
      chunk.type == ColumnType::kNull || chunk.type > ColumnType::kMixed) {
    return false;
  }
  chunk.size = static_cast<uint32_t>(section.count);
  chunk.null_count = section.nulls;
  ArrayReader reader(bytes);
  if (section.nulls > 0 && !reader.Take((section.count + 63) / 64, chunk.valid)) return false;
  if (chunk.type == ColumnType::kFloat) {
    chunk.float_min = std::bit_cast<double>(section.min);
    chunk.float_max = std::bit_cast<double>(section.max);
  } else {
    chunk.min = static_cast<int64_t>(section.min);
    chunk.max = static_cast<int64_t>(section.max);
  }
  chunk.values = reader.rest().data();
  if (reader.rest().size() / WidthOf(chunk.type) < section.count) return false;
  return !HasCodes(chunk.type) || std::all_of(chunk.codes().begin(), chunk.codes().end(),
                                              [codes](uint32_t code) { return code < codes; });
}

void BlockBuilder::Put(VertexId vertex, std::span<const rocks::ListEntry> list) {
  if (list.empty()) return;
  if (bits_.empty()) {
    bits_.resize(kBlockWords);
    number_ = vertex.value >> kChunkBits;
  }
  const uint64_t bit = vertex.value & (kChunkRows - 1);
  bits_[bit >> 6] |= uint64_t{1} << (bit & 63);
  offsets_.push_back(static_cast<uint32_t>(others_.size()));
  for (const rocks::ListEntry& other : list) {
    if (other.rank != 0) ranks_.resize(others_.size());  // zeros up to here
    others_.push_back(static_cast<uint32_t>(other.vertex.value));
    if (!ranks_.empty() || other.rank != 0) ranks_.push_back(other.rank);
  }
}

std::string BlockBuilder::Take(Section& section) {
  section.count = uint64_t{offsets_.size()} << 32 | others_.size();
  section.max = ranks_.empty() ? 0 : 1;
  offsets_.push_back(static_cast<uint32_t>(others_.size()));
  std::string bytes;
  bytes.reserve(kBlockWords * (sizeof(uint64_t) + sizeof(uint32_t)) +
                (1 + offsets_.size() + others_.size() + ranks_.size()) * sizeof(uint32_t));
  AppendArray(bytes, std::span<const uint64_t>(bits_));
  AppendArray(bytes, std::span<const uint32_t>(CountBefore(bits_)));
  AppendArray(bytes, std::span<const uint32_t>(offsets_));
  AppendArray(bytes, std::span<const uint32_t>(others_));
  AppendArray(bytes, std::span<const uint32_t>(ranks_));
  *this = BlockBuilder();
  return bytes;
}

bool ReadBlock(std::string_view bytes, const Section& section, uint64_t bound,
               AdjacencyBlock& block) {
  const uint64_t lists = section.count >> 32, edges = section.count & UINT32_MAX;
  std::span<const uint64_t> bits;
  std::span<const uint32_t> before, offsets, others, ranks;
  ArrayReader reader(bytes);
  if (!reader.Take(kBlockWords, bits) || !reader.Take(kBlockWords + 1, before) ||
      !reader.Take(lists + 1, offsets) || !reader.Take(edges, others)) {
    return false;
  }
  if (section.max != 0 && !reader.Take(edges, ranks)) return false;
  block = {bits.data(), before.data(), offsets.data(), others.data(),
           section.max != 0 ? ranks.data() : nullptr};
  return AreCountsBefore(bits, before) && before.back() == lists && offsets.front() == 0 &&
         offsets.back() == edges && std::is_sorted(offsets.begin(), offsets.end()) &&
         std::all_of(others.begin(), others.end(),
                     [bound](uint32_t other) { return other < bound; });
}

std::vector<uint32_t> CountBefore(std::span<const uint64_t> bits) {
  std::vector<uint32_t> before{0};
  before.reserve(bits.size() + 1);
  for (const uint64_t word : bits) {
    before.push_back(before.back() + static_cast<uint32_t>(std::popcount(word)));
  }
  return before;
}

bool AreCountsBefore(std::span<const uint64_t> bits, std::span<const uint32_t> before) {
  uint64_t count = 0;
  for (size_t i = 0; i < bits.size(); ++i) {
    if (before[i] != count) return false;
    count += static_cast<uint64_t>(std::popcount(bits[i]));
  }
  return before[bits.size()] == count;
}

}  // namespace columnar
}  // namespace qipu::graph
