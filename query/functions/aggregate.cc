#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "query/functions/functions.h"
#include "query/parse/parse.h"

namespace qipu::query {
namespace {

__extension__ using Int128 = __int128;

class CountAggregator : public Aggregator {
 public:
  Status Add(const Datum&) override {
    ++count_;
    return Ok{};
  }
  Result<Datum> Finish() override { return Datum(count_); }

 private:
  int64_t count_ = 0;
};

/// Doubles whose bits don't overlap, ascending by magnitude, that stand for their exact sum
/// (Shewchuk 1997, Adaptive precision floating-point arithmetic).
using Expansion = std::vector<double>;

/// REQUIRES: no sum of `value` and some of the parts overflows.
void Insert(Expansion& parts, double value) {
  size_t kept = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    double less = parts[i];
    if (std::fabs(value) < std::fabs(less)) std::swap(value, less);
    const double sum = value + less;
    const double lost = less - (sum - value);
    if (lost != 0) parts[kept++] = lost;
    value = sum;
  }
  parts.resize(kept);
  if (value != 0) parts.push_back(value);
}

/// The double next to the sum.
double Rounded(const Expansion& parts) {
  size_t left = parts.size();
  if (left == 0) return 0;
  double sum = parts[--left], lost = 0;
  while (left > 0 && lost == 0) {
    const double before = sum;
    sum = before + parts[--left];
    lost = parts[left] - (sum - before);
  }
  // Half way between two doubles it is the rest that decides.
  if (left > 0 && lost != 0 && (lost < 0) == (parts[left - 1] < 0)) {
    const double next = sum + 2 * lost;
    if (next - sum == 2 * lost) sum = next;
  }
  return sum;
}

/// The exact sum of numbers, rounded once, so that it does not depend on their order.
class ExactFloatSum {
 public:
  void Add(double value) {
    if (!std::isfinite(value)) {
      beyond_ += value;
    } else if (std::fabs(value) >= kHuge) {
      Insert(huge_, value * kShrink);
    } else {
      Insert(parts_, value);
    }
  }
  void AddInteger(Int128 value) {
    while (value != 0) {
      const auto rounded = static_cast<double>(value);
      Add(rounded);
      value -= static_cast<Int128>(rounded);
    }
  }
  double Total() const {
    if (beyond_ != 0) return beyond_;  // infinite, or no number
    const auto [parts, scale] = All();
    return Rounded(parts) * scale;
  }
  /// The total by `count`: what the quotient of the rounded one lacks is added.
  double Mean(int64_t count) const {
    const auto n = static_cast<double>(count);
    if (beyond_ != 0) return beyond_ / n;
    auto [parts, scale] = All();
    const double quotient = Rounded(parts) / n, product = quotient * n;
    Insert(parts, -product);
    Insert(parts, -std::fma(quotient, n, -product));
    return (quotient + Rounded(parts) / n) * scale;
  }

 private:
  // Greater numbers are kept smaller by this factor: no sum of fewer than 2^63 overflows.
  static constexpr double kHuge = 0x1p+900, kShrink = 0x1p-100, kGrow = 0x1p+100;

  /// All parts, and by what their sum is to be multiplied.
  std::pair<Expansion, double> All() const {
    if (huge_.empty()) return {parts_, 1};
    Expansion all = huge_;
    for (const double part : parts_) {
      const double shrunk = part * kShrink;
      // What is too small for that can only break a tie.
      const bool exact = shrunk * kGrow == part;
      Insert(all, exact ? shrunk : std::copysign(std::numeric_limits<double>::denorm_min(), part));
    }
    return {std::move(all), kGrow};
  }

  Expansion parts_, huge_;
  double beyond_ = 0;  // the sum of what is not finite
};

/// Integers stay exact; the first float makes the sum a float.
class SumAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    if (!value.is_number()) return WrongArgument("sum", "numbers", value);
    if (value.AsFloat()) {
      is_float_ = true;
      float_.Add(*value.AsFloat());
      return Ok{};
    }
    integer_ += *value.AsInt();
    return Ok{};
  }
  Result<Datum> Finish() override {
    if (is_float_) {
      float_.AddInteger(integer_);
      return Datum(float_.Total());
    }
    if (integer_ > INT64_MAX || integer_ < INT64_MIN) {
      return InvalidArgument("sum: the INTEGER is too large; sum toFloat(...) instead");
    }
    return Datum(static_cast<int64_t>(integer_));
  }

 private:
  bool is_float_ = false;
  Int128 integer_ = 0;
  ExactFloatSum float_;
};

/// The mean of the exact sum.
class AverageAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    if (!value.is_number()) return WrongArgument("avg", "numbers", value);
    if (value.AsInt()) {
      integer_ += *value.AsInt();
    } else {
      float_.Add(*value.AsFloat());
    }
    ++count_;
    return Ok{};
  }
  Result<Datum> Finish() override {
    if (count_ == 0) return Datum();
    float_.AddInteger(integer_);
    return Datum(float_.Mean(count_));
  }

 private:
  Int128 integer_ = 0;
  ExactFloatSum float_;
  int64_t count_ = 0;
};

enum class Extreme { kLeast, kGreatest };

template <Extreme kWhich>
class ExtremeAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    const bool better =
        kWhich == Extreme::kLeast ? Order(value, best_) < 0 : Order(value, best_) > 0;
    if (best_.is_null() || better) best_ = value;
    return Ok{};
  }
  Result<Datum> Finish() override { return best_; }
  uint64_t Bytes() const override { return 64 + best_.Bytes(); }

 private:
  Datum best_;
};

class CollectAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    list_.push_back(value);
    bytes_ += value.Bytes();
    return Ok{};
  }
  Result<Datum> Finish() override { return Datum(std::move(list_)); }
  uint64_t Bytes() const override { return bytes_; }

 private:
  DatumList list_;
  uint64_t bytes_ = 64;
};

enum class Deviation { kSample, kPopulation };

/// Welford's recurrence: D. E. Knuth, The Art of Computer Programming 2, 4.2.2.
template <Deviation kWhich>
class DeviationAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    if (!value.is_number()) return WrongArgument("a standard deviation", "numbers", value);
    ++count_;
    const double delta = value.Number() - mean_;
    mean_ += delta / count_;
    squares_ += delta * (value.Number() - mean_);
    return Ok{};
  }
  Result<Datum> Finish() override {
    const double degrees = kWhich == Deviation::kSample ? count_ - 1 : count_;
    return Datum(degrees > 0 ? std::sqrt(squares_ / degrees) : 0.0);
  }

 private:
  double count_ = 0, mean_ = 0, squares_ = 0;
};

template <class T>
std::unique_ptr<Aggregator> Create() {
  return std::make_unique<T>();
}

constexpr std::array kFunctions = {
    AggregateFunction{"count", "(ANY) -> INTEGER, the values that are not null",
                      Create<CountAggregator>},
    AggregateFunction{"sum", "(numbers) -> INTEGER if all are, else FLOAT; 0 of none",
                      Create<SumAggregator>},
    AggregateFunction{"avg", "(numbers) -> FLOAT, null of none", Create<AverageAggregator>},
    AggregateFunction{"min", "(ANY) -> ANY, by the order of ORDER BY",
                      Create<ExtremeAggregator<Extreme::kLeast>>},
    AggregateFunction{"max", "(ANY) -> ANY, by the order of ORDER BY",
                      Create<ExtremeAggregator<Extreme::kGreatest>>},
    AggregateFunction{"collect", "(ANY) -> LIST of the values that are not null, in row order",
                      Create<CollectAggregator>},
    AggregateFunction{"stDev", "(numbers) -> FLOAT, of a sample",
                      Create<DeviationAggregator<Deviation::kSample>>},
    AggregateFunction{"stDevP", "(numbers) -> FLOAT, of the population",
                      Create<DeviationAggregator<Deviation::kPopulation>>},
};

}  // namespace

std::span<const AggregateFunction> AggregateFunctions() { return kFunctions; }

const AggregateFunction* FindAggregateFunction(std::string_view name) {
  const auto found = std::find_if(
      kFunctions.begin(), kFunctions.end(),
      [&](const AggregateFunction& function) { return SameName(function.name, name); });
  return found == kFunctions.end() ? nullptr : &*found;
}

}  // namespace qipu::query
