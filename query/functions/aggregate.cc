#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
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

/// The exact sum of numbers, rounded once, so that it does not depend on their order: numbers whose
/// bits don't overlap stand for it (Shewchuk 1997, Adaptive precision floating-point arithmetic).
class ExactFloatSum {
 public:
  void Add(double value) {
    size_t kept = 0;
    for (size_t i = 0; i < parts_.size() && std::isfinite(value); ++i) {
      double less = parts_[i];
      if (std::fabs(value) < std::fabs(less)) std::swap(value, less);
      const double sum = value + less;
      const double lost = less - (sum - value);
      if (lost != 0) parts_[kept++] = lost;
      value = sum;
    }
    if (!std::isfinite(value)) {
      beyond_ += value;
      return;
    }
    parts_.resize(kept);
    parts_.push_back(value);
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
    size_t left = parts_.size();
    if (left == 0) return 0;
    double sum = parts_[--left], lost = 0;
    while (left > 0 && lost == 0) {
      const double before = sum;
      sum = before + parts_[--left];
      lost = parts_[left] - (sum - before);
    }
    // Half way between two doubles it is the rest that decides.
    if (left > 0 && (lost < 0) == (parts_[left - 1] < 0) && lost != 0) {
      const double next = sum + 2 * lost;
      if (next - sum == 2 * lost) sum = next;
    }
    return sum + 0.0;  // never -0
  }

 private:
  std::vector<double> parts_;  // ascending by magnitude
  double beyond_ = 0;          // the sum of what is not finite
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

/// The exact sum, rounded, divided by the count.
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
    return Datum(float_.Total() / static_cast<double>(count_));
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
