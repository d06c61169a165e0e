#include <bit>

#include "graph/rocks/rocks.h"

namespace qipu::graph::rocks {
namespace {

uint64_t ZigZag(int64_t number) {
  return (static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63);
}

int64_t UnZigZag(uint64_t bits) {
  return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
}

char* PutFixed64(char* out, uint64_t number) {
  for (int i = 0; i < 8; ++i, number >>= 8) *out++ = static_cast<char>(number);
  return out;
}

constexpr size_t kHeadBytesMax = 1 + kVarintBytesMax;

/// Writes the type of `value` and, of a string or list, its size, else all of it; where it ends.
char* PutHead(char* out, const Value& value) {
  *out++ = static_cast<char>(value.type());
  switch (value.type()) {
    case ValueType::kNull:
      return out;
    case ValueType::kBool:
      *out++ = *value.AsBool() ? '\1' : '\0';
      return out;
    case ValueType::kInt:
      return PutVarint(out, ZigZag(*value.AsInt()));
    case ValueType::kFloat:
      return PutFixed64(out, std::bit_cast<uint64_t>(*value.AsFloat()));
    case ValueType::kString:
      return PutVarint(out, value.AsString()->size());
    case ValueType::kDate:
      return PutVarint(out, ZigZag(value.AsDate()->days));
    case ValueType::kList:
      break;
  }
  return PutVarint(out, value.AsList()->size());
}

/// What comes after the head.
void AppendRest(std::string& out, const Value& value) {
  if (const std::string* text = value.AsString()) out += *text;
  if (const Value::List* list = value.AsList()) {
    for (const Value& item : *list) AppendValue(out, item);
  }
}

Value DecodeValue(ByteReader& reader, int depth);

Value DecodeList(ByteReader& reader, int depth) {
  const uint64_t size = reader.Varint();
  // Each item takes a byte or more: a size beyond that is a lie, not a wish for memory.
  if (size > reader.size() || depth >= kListDepthMax) {
    reader.Fail();
    return Value();
  }
  Value::List list;
  list.reserve(size);
  for (uint64_t i = 0; i < size && reader.ok(); ++i) {
    list.push_back(DecodeValue(reader, depth + 1));
  }
  return Value(std::move(list));
}

Value DecodeDate(ByteReader& reader) {
  const int64_t days = UnZigZag(reader.Varint());
  if (days < INT32_MIN || days > INT32_MAX) reader.Fail();
  return Value(Date{static_cast<int32_t>(days)});
}

Value DecodeBool(ByteReader& reader) {
  const uint8_t byte = reader.Byte();
  if (byte > 1) reader.Fail();
  return Value(byte == 1);
}

Value DecodeValue(ByteReader& reader, int depth) {
  switch (static_cast<ValueType>(reader.Byte())) {
    case ValueType::kNull:
      return Value();
    case ValueType::kBool:
      return DecodeBool(reader);
    case ValueType::kInt:
      return Value(UnZigZag(reader.Varint()));
    case ValueType::kFloat:
      return Value(std::bit_cast<double>(reader.Fixed64()));
    case ValueType::kString:
      return Value(reader.Bytes(reader.Varint()));
    case ValueType::kDate:
      return DecodeDate(reader);
    case ValueType::kList:
      return DecodeList(reader, depth);
  }
  reader.Fail();
  return Value();
}

/// The next number of an ascending sequence written as differences.
uint32_t NextAscending(ByteReader& reader, bool first, uint32_t previous) {
  const uint64_t step = reader.Varint();
  const uint64_t number = first ? step : previous + step;
  if (number > UINT32_MAX || step > UINT32_MAX || (!first && step == 0)) {
    reader.Fail();
    return 0;
  }
  return static_cast<uint32_t>(number);
}

void ReadProperties(ByteReader& reader, Properties& properties) {
  const uint64_t size = reader.Varint();
  if (size > reader.size()) reader.Fail();
  properties.clear();
  if (!reader.ok()) return;
  properties.reserve(size);
  uint32_t id = 0;
  for (uint64_t i = 0; i < size && reader.ok(); ++i) {
    id = NextAscending(reader, i == 0, id);
    Value value = DecodeValue(reader, 0);
    if (value.is_null()) reader.Fail();
    properties.push_back({PropertyId{id}, std::move(value)});
  }
}

}  // namespace

void AppendValue(std::string& out, const Value& value) {
  char head[kHeadBytesMax];
  out.append(head, PutHead(head, value));
  AppendRest(out, value);
}

void AppendProperties(std::string& out, const Properties& properties) {
  AppendVarint(out, properties.size());
  uint32_t previous = 0;
  for (const Property& property : properties) {
    char head[kVarintBytesMax + kHeadBytesMax];
    out.append(head, PutHead(PutVarint(head, property.id.value - previous), property.value));
    AppendRest(out, property.value);
    previous = property.id.value;
  }
}

void AppendVertexRow(std::string& out, const std::vector<LabelId>& labels,
                     const Properties& properties) {
  AppendVarint(out, labels.size());
  uint32_t previous = 0;
  for (const LabelId label : labels) {
    AppendVarint(out, label.value - previous);
    previous = label.value;
  }
  AppendProperties(out, properties);
}

bool DecodeProperties(std::string_view bytes, Properties& properties) {
  ByteReader reader(bytes);
  ReadProperties(reader, properties);
  return reader.ok() && reader.at_end();
}

bool DecodeVertexRow(std::string_view bytes, Vertex& vertex) {
  ByteReader reader(bytes);
  const uint64_t labels = reader.Varint();
  if (labels > reader.size()) return false;
  vertex.labels.clear();
  uint32_t label = 0;
  for (uint64_t i = 0; i < labels && reader.ok(); ++i) {
    label = NextAscending(reader, i == 0, label);
    vertex.labels.push_back(LabelId{label});
  }
  ReadProperties(reader, vertex.properties);
  return reader.ok() && reader.at_end();
}

}  // namespace qipu::graph::rocks
