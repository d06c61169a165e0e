#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "query/functions/functions.h"

namespace qipu::query {
namespace {

/// 2^63, the first double past every int64.
constexpr double kIntegerEnd = 9223372036854775808.0;

std::partial_ordering CompareIntFloat(int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= kIntegerEnd) return std::partial_ordering::less;
  if (b < -kIntegerEnd) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  const auto integer = static_cast<int64_t>(whole);
  if (a != integer) return a <=> integer;
  return 0.0 <=> (b - whole);
}

std::partial_ordering Reverse(std::partial_ordering order) { return 0 <=> order; }

/// REQUIRES: both are numbers. Exact: no integer is rounded to compare it.
std::partial_ordering CompareNumbers(const Datum& a, const Datum& b) {
  if (a.AsInt() && b.AsInt()) return *a.AsInt() <=> *b.AsInt();
  if (a.AsInt()) return CompareIntFloat(*a.AsInt(), *b.AsFloat());
  if (b.AsInt()) return Reverse(CompareIntFloat(*b.AsInt(), *a.AsFloat()));
  return *a.AsFloat() <=> *b.AsFloat();
}

Truth And(Truth a, Truth b) {
  if (a == Truth::kFalse || b == Truth::kFalse) return Truth::kFalse;
  return a == Truth::kTrue ? b : a;
}

Truth ListsEqual(const DatumList& a, const DatumList& b) {
  if (a.size() != b.size()) return Truth::kFalse;
  Truth truth = Truth::kTrue;
  for (size_t i = 0; i < a.size() && truth != Truth::kFalse; ++i) {
    truth = And(truth, Equals(a[i], b[i]));
  }
  return truth;
}

Truth MapsEqual(const DatumMap& a, const DatumMap& b) {
  if (a.size() != b.size()) return Truth::kFalse;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].first != b[i].first) return Truth::kFalse;
  }
  Truth truth = Truth::kTrue;
  for (size_t i = 0; i < a.size() && truth != Truth::kFalse; ++i) {
    truth = And(truth, Equals(a[i].second, b[i].second));
  }
  return truth;
}

std::optional<std::partial_ordering> CompareLists(const DatumList& a, const DatumList& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const Truth equal = Equals(a[i], b[i]);
    if (equal == Truth::kTrue) continue;
    if (equal == Truth::kUnknown) return std::nullopt;
    return Compare(a[i], b[i]);
  }
  return a.size() <=> b.size();
}

/// Place of a type in the total order.
int Rank(const Datum& datum) {
  switch (datum.type()) {
    case DatumType::kMap:
      return 0;
    case DatumType::kVertex:
      return 1;
    case DatumType::kEdge:
      return 2;
    case DatumType::kList:
      return 3;
    case DatumType::kPath:
      return 4;
    case DatumType::kDate:
      return 5;
    case DatumType::kString:
      return 6;
    case DatumType::kBool:
      return 7;
    case DatumType::kInt:
      return 8;
    case DatumType::kFloat:
      return std::isnan(*datum.AsFloat()) ? 9 : 8;
    case DatumType::kNull:
      return 10;
  }
  return 10;
}

template <class T>
std::strong_ordering OrderBy(const T& a, const T& b) {
  return a < b   ? std::strong_ordering::less
         : b < a ? std::strong_ordering::greater
                 : std::strong_ordering::equal;
}

std::strong_ordering OrderLists(const DatumList& a, const DatumList& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const auto order = Order(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

std::strong_ordering OrderMaps(const DatumMap& a, const DatumMap& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  for (size_t i = 0; i < a.size(); ++i) {
    if (const auto order = OrderBy(a[i].first, b[i].first); order != 0) return order;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (const auto order = Order(a[i].second, b[i].second); order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering OrderPaths(const DatumPath& a, const DatumPath& b) {
  if (const auto order = OrderBy(a.vertices, b.vertices); order != 0) return order;
  return OrderBy(a.edges, b.edges);
}

void AppendInteger(uint64_t value, std::string& key) {
  for (int shift = 0; shift < 64; shift += 8) key.push_back(static_cast<char>(value >> shift));
}

void AppendText(std::string_view text, std::string& key) {
  AppendInteger(text.size(), key);
  key.append(text);
}

void AppendEdge(const graph::EdgeRef& edge, std::string& key) {
  AppendInteger(edge.source.value, key);
  AppendInteger(edge.target.value, key);
  AppendInteger(uint64_t{edge.type.value} << 32 | edge.rank, key);
}

void AppendFloat(double value, std::string& key) {
  // A float that is a whole int64 has the key of that integer.
  if (value == std::trunc(value) && value >= -kIntegerEnd && value < kIntegerEnd) {
    key.push_back('i');
    AppendInteger(static_cast<uint64_t>(static_cast<int64_t>(value)), key);
    return;
  }
  key.push_back('f');
  AppendInteger(
      std::bit_cast<uint64_t>(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value),
      key);
}

}  // namespace

Truth Equals(const Datum& a, const Datum& b) {
  if (a.is_null() || b.is_null()) return Truth::kUnknown;
  const auto known = [](bool equal) { return equal ? Truth::kTrue : Truth::kFalse; };
  if (a.is_number() && b.is_number()) return known(CompareNumbers(a, b) == 0);
  if (a.type() != b.type()) return Truth::kFalse;
  if (a.AsList()) return ListsEqual(*a.AsList(), *b.AsList());
  if (a.AsMap()) return MapsEqual(*a.AsMap(), *b.AsMap());
  return known(Order(a, b) == 0);
}

std::optional<std::partial_ordering> Compare(const Datum& a, const Datum& b) {
  if (a.is_number() && b.is_number()) return CompareNumbers(a, b);
  if (a.type() != b.type()) return std::nullopt;
  switch (a.type()) {
    case DatumType::kBool:
    case DatumType::kString:
    case DatumType::kDate:
      return Order(a, b);
    case DatumType::kList:
      return CompareLists(*a.AsList(), *b.AsList());
    default:
      return std::nullopt;
  }
}

std::strong_ordering Order(const Datum& a, const Datum& b) {
  if (const int rank = Rank(a); rank != Rank(b)) return rank <=> Rank(b);
  switch (a.type()) {
    case DatumType::kNull:
      return std::strong_ordering::equal;
    case DatumType::kBool:
      return OrderBy(*a.AsBool(), *b.AsBool());
    case DatumType::kInt:
    case DatumType::kFloat: {
      const std::partial_ordering order = CompareNumbers(a, b);  // both NaN: unordered
      return order < 0   ? std::strong_ordering::less
             : order > 0 ? std::strong_ordering::greater
                         : std::strong_ordering::equal;
    }
    case DatumType::kString:
      return OrderBy(*a.AsString(), *b.AsString());
    case DatumType::kDate:
      return *a.AsDate() <=> *b.AsDate();
    case DatumType::kVertex:
      return *a.AsVertex() <=> *b.AsVertex();
    case DatumType::kEdge:
      return *a.AsEdge() <=> *b.AsEdge();
    case DatumType::kList:
      return OrderLists(*a.AsList(), *b.AsList());
    case DatumType::kMap:
      return OrderMaps(*a.AsMap(), *b.AsMap());
    case DatumType::kPath:
      return OrderPaths(*a.AsPath(), *b.AsPath());
  }
  return std::strong_ordering::equal;
}

void AppendGroupKey(const Datum& datum, std::string& key) {
  switch (datum.type()) {
    case DatumType::kNull:
      key.push_back('0');
      break;
    case DatumType::kBool:
      key.push_back(*datum.AsBool() ? 't' : 'n');
      break;
    case DatumType::kInt:
      key.push_back('i');
      AppendInteger(static_cast<uint64_t>(*datum.AsInt()), key);
      break;
    case DatumType::kFloat:
      AppendFloat(*datum.AsFloat(), key);
      break;
    case DatumType::kString:
      key.push_back('s');
      AppendText(*datum.AsString(), key);
      break;
    case DatumType::kDate:
      key.push_back('d');
      AppendInteger(static_cast<uint64_t>(datum.AsDate()->days), key);
      break;
    case DatumType::kVertex:
      key.push_back('v');
      AppendInteger(datum.AsVertex()->value, key);
      break;
    case DatumType::kEdge:
      key.push_back('e');
      AppendEdge(*datum.AsEdge(), key);
      break;
    case DatumType::kList:
      key.push_back('l');
      AppendInteger(datum.AsList()->size(), key);
      for (const Datum& element : *datum.AsList()) AppendGroupKey(element, key);
      break;
    case DatumType::kMap:
      key.push_back('m');
      AppendInteger(datum.AsMap()->size(), key);
      for (const auto& [name, value] : *datum.AsMap()) {
        AppendText(name, key);
        AppendGroupKey(value, key);
      }
      break;
    case DatumType::kPath:
      key.push_back('p');
      AppendInteger(datum.AsPath()->vertices.front().value, key);
      AppendInteger(datum.AsPath()->edges.size(), key);
      for (const graph::EdgeRef& edge : datum.AsPath()->edges) AppendEdge(edge, key);
      break;
  }
}

}  // namespace qipu::query
