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

void AppendFixed64(std::string& out, uint64_t number) {
  char bytes[8];
  for (char& byte : bytes) {
    byte = static_cast<char>(number);
    number >>= 8;
  }
  out.append(bytes, sizeof bytes);
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
  out += static_cast<char>(value.type());
  switch (value.type()) {
    case ValueType::kNull:
      return;
    case ValueType::kBool:
      out += *value.AsBool() ? '\1' : '\0';
      return;
    case ValueType::kInt:
      AppendVarint(out, ZigZag(*value.AsInt()));
      return;
    case ValueType::kFloat:
      AppendFixed64(out, std::bit_cast<uint64_t>(*value.AsFloat()));
      return;
    case ValueType::kString:
      AppendVarint(out, value.AsString()->size());
      out += *value.AsString();
      return;
    case ValueType::kDate:
      AppendVarint(out, ZigZag(value.AsDate()->days));
      return;
    case ValueType::kList:
      break;
  }
  AppendVarint(out, value.AsList()->size());
  for (const Value& item : *value.AsList()) AppendValue(out, item);
}

void AppendProperties(std::string& out, const Properties& properties) {
  AppendVarint(out, properties.size());
  uint32_t previous = 0;
  for (const Property& property : properties) {
    AppendVarint(out, property.id.value - previous);
    AppendValue(out, property.value);
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
