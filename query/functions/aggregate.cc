#include <algorithm>
#include <array>
#include <cmath>

#include "query/functions/functions.h"
#include "query/parse/parse.h"

namespace qipu::query {
namespace {

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

/// Integers stay exact; the first float makes the sum a float. Floats add up in row order.
class SumAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    if (!value.is_number()) return WrongArgument("sum", "numbers", value);
    if (value.AsInt() && !is_float_) {
      if (__builtin_add_overflow(integer_, *value.AsInt(), &integer_)) {
        return InvalidArgument("sum: the INTEGER is too large; sum toFloat(...) instead");
      }
      return Ok{};
    }
    if (!is_float_) float_ = static_cast<double>(integer_);
    is_float_ = true;
    float_ += value.Number();
    return Ok{};
  }
  Result<Datum> Finish() override { return is_float_ ? Datum(float_) : Datum(integer_); }

 private:
  bool is_float_ = false;
  int64_t integer_ = 0;
  double float_ = 0;
};

/// Integers add up exactly in 128 bits, so the mean of integers rounds once.
class AverageAggregator : public Aggregator {
 public:
  Status Add(const Datum& value) override {
    if (!value.is_number()) return WrongArgument("avg", "numbers", value);
    if (value.AsInt()) {
      integer_ += *value.AsInt();
    } else {
      float_ += *value.AsFloat();
    }
    ++count_;
    return Ok{};
  }
  Result<Datum> Finish() override {
    if (count_ == 0) return Datum();
    const double sum = static_cast<double>(integer_) + float_;
    return Datum(sum / static_cast<double>(count_));
  }

 private:
  __extension__ __int128 integer_ = 0;
  double float_ = 0;
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
