#ifndef QIPU_GRAPH_VALUE_H_
#define QIPU_GRAPH_VALUE_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/status.h"

namespace qipu::graph {

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
struct Date {
  int32_t days = 0;
  friend auto operator<=>(const Date&, const Date&) = default;

  /// Null when there is no such day, e.g. (2018, 2, 30). Years -9999..9999.
  static std::optional<Date> FromCivil(int year, int month, int day);
  /// Reads `YYYY-MM-DD` exactly; null for anything else.
  static std::optional<Date> Parse(std::string_view text);
  struct Civil {
    int year, month, day;
  };
  Civil ToCivil() const;
  /// `YYYY-MM-DD`.
  std::string ToString() const;
};

/// The type of a stored value. DO NOT RENUMBER: these numbers are on disk.
enum class ValueType : uint8_t {
  kNull = 0,
  kBool = 1,
  kInt = 2,
  kFloat = 3,
  kString = 4,
  kDate = 5,
  kList = 6,
};
std::string_view ValueTypeName(ValueType type);

/// A property's value. Null is a value only in computation: a null property is an absent one.
class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;
  explicit Value(bool v) : state_(v) {}
  explicit Value(int64_t v) : state_(v) {}
  explicit Value(double v) : state_(v) {}
  explicit Value(std::string v) : state_(std::move(v)) {}
  explicit Value(std::string_view v) : state_(std::string(v)) {}
  explicit Value(const char* v) : state_(std::string(v)) {}
  explicit Value(Date v) : state_(v) {}
  explicit Value(List v) : state_(std::move(v)) {}

  ValueType type() const { return static_cast<ValueType>(state_.index()); }
  bool is_null() const { return type() == ValueType::kNull; }

  // Null pointer when the value is of another type.
  const bool* AsBool() const { return std::get_if<bool>(&state_); }
  const int64_t* AsInt() const { return std::get_if<int64_t>(&state_); }
  const double* AsFloat() const { return std::get_if<double>(&state_); }
  const std::string* AsString() const { return std::get_if<std::string>(&state_); }
  const Date* AsDate() const { return std::get_if<Date>(&state_); }
  const List* AsList() const { return std::get_if<List>(&state_); }
  /// An integer or float as double; null for other types.
  std::optional<double> AsNumber() const;

  /// Same type and same content; floats by bits. What storage means by "unchanged"; openCypher's
  /// three-valued equality (1 = 1.0, null = null is null) is query's.
  friend bool operator==(const Value& a, const Value& b);

  /// For people and CSV: strings bare, null empty, floats shortest round-trip, lists as [a, b].
  std::string ToString() const;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Date, List> state_;
};

/// Shortest decimal text that reads back as `v`; integers keep `.0`; `NaN`, `Infinity`.
std::string FormatFloat(double v);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_VALUE_H_
