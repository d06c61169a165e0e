// What the arrays of a snapshot cost and save, on a database of `bench_load`: making the file,
// opening it, counting companies by district under two filters, one hop over all, and the same
// after a commit. Times are of the processor, which a busy machine does not change; the making also
// by the clock.
//   bench_arrays DATABASE
#include <time.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include "graph/analytics.h"
#include "graph/store.h"
#include "tests/bench/landscape.h"

namespace qipu::graph {
namespace {

double ThreadMs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

/// The least time of some runs, milliseconds of the processor.
double LeastMs(int runs, const std::function<Status()>& run, Status& status) {
  double least = 1e300;
  for (int i = 0; i < runs && status.ok(); ++i) {
    const double start = ThreadMs();
    status = run();
    least = std::min(least, ThreadMs() - start);
  }
  return least;
}

struct Filter {
  int64_t capital_min;
  Date since;
};

/// A word of rows at a time: what passes is a bit, so that no branch has to be guessed.
void CountChunk(const TableChunk& rows, const ColumnChunk& amounts, const ColumnChunk& days,
                const Filter& filter, const Adjacency& located, std::vector<uint64_t>& counts) {
  const int64_t* amount = amounts.ints().data();
  const int32_t* day = days.days().data();
  const size_t size = rows.vertices.size();
  for (size_t first = 0; first < size; first += 64) {
    const size_t end = std::min(size, first + 64);
    uint64_t passing = 0;
    for (size_t row = first; row < end; ++row) {
      const bool passes = (amount[row] >= filter.capital_min) & (day[row] >= filter.since.days);
      passing |= uint64_t{passes} << (row - first);
    }
    for (const auto& words : {amounts.valid, days.valid, rows.live}) {
      if (!words.empty()) passing &= words[first / 64];
    }
    for (; passing != 0; passing &= passing - 1) {
      const size_t row = first + static_cast<size_t>(std::countr_zero(passing));
      for (const uint32_t district : located.Of({rows.vertices[row]})) ++counts[district];
    }
  }
}

/// Counts per district the companies with enough capital founded since a day.
Result<std::vector<uint64_t>> CountByDistrict(const Analytics& arrays, int64_t capital_min,
                                              Date since) {
  const Catalog& catalog = arrays.snapshot().catalog();
  const LabelId company = *catalog.FindLabel("Company");
  const Table* table = QIPU_TRY(arrays.VerticesOf(company));
  const Column* capital =
      QIPU_TRY(arrays.Values(company, *catalog.FindProperty("registered_capital_cny")));
  const Column* founded = QIPU_TRY(arrays.Values(company, *catalog.FindProperty("founded")));
  const Adjacency* located =
      QIPU_TRY(arrays.Neighbours(*catalog.FindEdgeType("LOCATED_IN"), Direction::kOut));
  std::vector<uint64_t> counts(arrays.snapshot().vertex_id_bound());
  for (size_t c = 0; c < table->chunks().size(); ++c) {
    const TableChunk& rows = table->chunks()[c];
    const ColumnChunk &amounts = capital->chunks()[c], &days = founded->chunks()[c];
    if (amounts.type != ColumnType::kInt || amounts.max < capital_min ||
        days.type != ColumnType::kDate || days.max < since.days) {
      continue;
    }
    CountChunk(rows, amounts, days, {capital_min, since}, *located, counts);
  }
  return counts;
}

Status Touch(Store& store, uint64_t vertices) {
  Transaction t = store.Begin();
  const PropertyId employees = t.Property("employees");
  const uint64_t bound = store.TakeSnapshot().vertex_id_bound();
  for (uint64_t i = 0; i < vertices; ++i) {
    const VertexId vertex{i * (bound / vertices)};
    const auto row = QIPU_TRY(t.GetVertex(vertex));
    const auto company = t.Label("Company");
    if (!row || !row->Has(company)) continue;
    const Value* old = row->Find(employees);
    const int64_t next = old == nullptr || old->AsInt() == nullptr ? 1 : *old->AsInt() + 1;
    QIPU_TRY(t.SetProperty(vertex, employees, Value(next)));
  }
  QIPU_TRY(t.Commit());
  return Ok{};
}

Status Measure(const std::string& directory) {
  const auto store = QIPU_TRY(Store::Open(directory, {}));
  std::error_code ignored;
  std::filesystem::remove_all(directory + "/snapshots", ignored);
  Status status = Ok{};
  std::unique_ptr<Analytics> arrays;
  const auto open = [&]() -> Status {
    arrays = QIPU_TRY(Analytics::Open(store->TakeSnapshot(), {}));
    return Ok{};
  };
  const auto start = std::chrono::steady_clock::now();
  const double make = LeastMs(1, open, status);
  const std::chrono::duration<double, std::milli> clock = std::chrono::steady_clock::now() - start;
  const double reopen = LeastMs(5, open, status);
  std::vector<uint64_t> counts;
  const auto count = [&]() -> Status {
    counts = QIPU_TRY(CountByDistrict(*arrays, 1'000'000, *Date::FromCivil(2005, 1, 1)));
    return Ok{};
  };
  const double first = LeastMs(1, count, status), next = LeastMs(5, count, status);
  QIPU_TRY(Status(status));
  const EdgeTypeId supplies = *arrays->snapshot().catalog().FindEdgeType("SUPPLIES");
  const Adjacency* out = QIPU_TRY(arrays->Neighbours(supplies, Direction::kOut));
  const uint64_t bound = arrays->snapshot().vertex_id_bound();
  uint64_t sum = 0;
  const double hop = LeastMs(
      5,
      [&]() -> Status {
        for (uint64_t v = 0; v < bound; ++v) {
          for (const uint32_t other : out->Of({v})) sum += other;
        }
        return Ok{};
      },
      status);
  const double touch = LeastMs(
      1, [&] { return Touch(*store, 1000); }, status);
  const double beside = LeastMs(1, open, status), overlay = LeastMs(1, count, status);
  QIPU_TRY(Status(status));
  uint64_t total = 0;
  for (const uint64_t one : counts) total += one;
  std::printf(
      "{\"make_ms\": %.0f, \"make_clock_ms\": %.0f, \"open_ms\": %.2f, \"count_first_ms\": %.1f, "
      "\"count_ms\": %.1f, \"hop_all_ms\": %.1f, \"commit_1000_ms\": %.0f, "
      "\"open_beside_ms\": %.2f, \"count_beside_first_ms\": %.1f, \"counted\": %llu, "
      "\"touched\": %llu, \"peak_mib\": %.0f}\n",
      make, clock.count(), reopen, first, next, hop, touch, beside, overlay,
      static_cast<unsigned long long>(total + sum % 1),
      static_cast<unsigned long long>(arrays->touched_vertices()), bench::PeakMiB());
  return Ok{};
}

}  // namespace
}  // namespace qipu::graph

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_arrays DATABASE\n", stderr);
    return 2;
  }
  const qipu::Status status = qipu::graph::Measure(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_arrays: %s\n", status.error().message.c_str());
  return 3;
}
