// What reading the graph costs, on a database of `bench_load`: a point read; one, two and three
// hops from one company; counting companies by district under two filters; one hop over all; making
// the snapshot file, opening it, and the same after a commit. Times are of the processor, which a
// busy machine does not change; the making also by the clock.
//   bench_graph DATABASE
#include <time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>

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

/// A bit per row for what passes, so that no branch has to be guessed. Of a whole word of rows the
/// compiler compares several at a time.
template <class Rows>
uint64_t Passing(const int64_t* amount, const int32_t* day, Rows rows, const Filter& filter) {
  std::array<uint8_t, 64> passes{};
  for (size_t i = 0; i < rows; ++i) {
    passes[i] = (amount[i] >= filter.capital_min) & (day[i] >= filter.since.days);
  }
  uint64_t passing = 0;
  for (size_t i = 0; i < rows; ++i) passing |= uint64_t{passes[i]} << i;
  return passing;
}

/// A number for each vertex of a label, by id: those of one label mostly lie close together.
class Counts {
 public:
  explicit Counts(const Table& table) {
    uint32_t last = 0;
    for (const TableChunk& chunk : table.chunks()) {
      if (chunk.vertices.empty()) continue;
      first_ = std::min(first_, chunk.vertices.front());
      last = std::max(last, chunk.vertices.back());
    }
    if (first_ <= last) of_.resize(last - first_ + size_t{1});
  }
  void Add(uint32_t vertex) { ++of_[vertex - first_]; }
  uint64_t Total() const { return std::accumulate(of_.begin(), of_.end(), uint64_t{0}); }

 private:
  uint32_t first_ = UINT32_MAX;
  std::vector<uint64_t> of_;
};

void CountChunk(const TableChunk& rows, const ColumnChunk& amounts, const ColumnChunk& days,
                const Filter& filter, const Adjacency& located, Counts& counts) {
  constexpr std::integral_constant<size_t, 64> kWord;
  const size_t size = rows.vertices.size();
  for (size_t first = 0; first < size; first += kWord) {
    const int64_t* amount = amounts.ints().data() + first;
    const int32_t* day = days.days().data() + first;
    uint64_t passing = size - first >= kWord ? Passing(amount, day, kWord, filter)
                                             : Passing(amount, day, size - first, filter);
    for (const auto& words : {amounts.valid, days.valid, rows.live}) {
      if (!words.empty()) passing &= words[first / kWord];
    }
    for (; passing != 0; passing &= passing - 1) {
      const size_t row = first + static_cast<size_t>(std::countr_zero(passing));
      for (const uint32_t district : located.Of({rows.vertices[row]})) counts.Add(district);
    }
  }
}

/// Counts per district the companies with enough capital founded since a day; the sum.
Result<uint64_t> CountByDistrict(const Analytics& arrays, int64_t capital_min, Date since) {
  const Catalog& catalog = arrays.snapshot().catalog();
  const LabelId company = *catalog.FindLabel("Company");
  const Table* table = QIPU_TRY(arrays.VerticesOf(company));
  const Column* capital =
      QIPU_TRY(arrays.Values(company, *catalog.FindProperty("registered_capital_cny")));
  const Column* founded = QIPU_TRY(arrays.Values(company, *catalog.FindProperty("founded")));
  const Adjacency* located =
      QIPU_TRY(arrays.Neighbours(*catalog.FindEdgeType("LOCATED_IN"), Direction::kOut));
  Counts counts(*QIPU_TRY(arrays.VerticesOf(*catalog.FindLabel("District"))));
  for (size_t c = 0; c < table->chunks().size(); ++c) {
    const TableChunk& rows = table->chunks()[c];
    const ColumnChunk &amounts = capital->chunks()[c], &days = founded->chunks()[c];
    if (amounts.type != ColumnType::kInt || amounts.max < capital_min ||
        days.type != ColumnType::kDate || days.max < since.days) {
      continue;
    }
    CountChunk(rows, amounts, days, {capital_min, since}, *located, counts);
  }
  return counts.Total();
}

/// Company number `i` of some that are asked for, spread over all.
std::string AskedKey(uint64_t i, uint64_t companies) {
  constexpr uint64_t kStride = 7919;
  char key[16];
  std::snprintf(key, sizeof key, "c%08llu",
                static_cast<unsigned long long>(i * kStride % companies));
  return key;
}

/// An edge, told from its parallels by its place in the list of its source.
using Step = std::pair<uint32_t, size_t>;

/// The paths of `hops` edges from `vertex`, no edge twice in one.
uint64_t CountPaths(const Adjacency& out, uint32_t vertex, size_t hops, std::vector<Step>& path) {
  const std::span<const uint32_t> others = out.Of({vertex});
  uint64_t count = 0;
  for (size_t i = 0; i < others.size(); ++i) {
    const Step step{vertex, i};
    if (std::find(path.begin(), path.end(), step) != path.end()) continue;
    if (hops == 1) {
      ++count;
      continue;
    }
    path.push_back(step);
    count += CountPaths(out, others[i], hops - 1, path);
    path.pop_back();
  }
  return count;
}

/// Of many questions one after the other, milliseconds for one.
struct Points {
  double read = 0, hops[3] = {};
  uint64_t paths = 0;
};

Result<Points> MeasurePoints(const Snapshot& snapshot, const Adjacency& out) {
  constexpr uint64_t kAsked = 2000;
  const LabelId company = *snapshot.catalog().FindLabel("Company");
  const uint64_t companies = QIPU_TRY(snapshot.CountVertices(company));
  Points points;
  std::vector<uint32_t> found;
  double start = ThreadMs();
  for (uint64_t i = 0; i < kAsked; ++i) {
    const auto id = QIPU_TRY(snapshot.FindVertex(company, AskedKey(i, companies)));
    if (!id || !QIPU_TRY(snapshot.GetVertex(*id))) return NotFound(AskedKey(i, companies));
    found.push_back(static_cast<uint32_t>(id->value));
  }
  points.read = (ThreadMs() - start) / kAsked;
  std::vector<Step> path;
  for (size_t hops = 1; hops <= 3; ++hops) {
    start = ThreadMs();
    for (const uint32_t vertex : found) points.paths += CountPaths(out, vertex, hops, path);
    points.hops[hops - 1] = (ThreadMs() - start) / kAsked;
  }
  return points;
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
  uint64_t total = 0;
  const auto count = [&]() -> Status {
    total = QIPU_TRY(CountByDistrict(*arrays, 1'000'000, *Date::FromCivil(2005, 1, 1)));
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
  const Points points = QIPU_TRY(MeasurePoints(arrays->snapshot(), *out));
  const double touch = LeastMs(
      1, [&] { return Touch(*store, 1000); }, status);
  const double beside = LeastMs(1, open, status), overlay = LeastMs(1, count, status);
  QIPU_TRY(Status(status));
  std::printf("{\"point_ms\": %.4f, \"hop1_ms\": %.4f, \"hop2_ms\": %.4f, \"hop3_ms\": %.4f, ",
              points.read, points.hops[0], points.hops[1], points.hops[2]);
  std::printf(
      "\"make_ms\": %.0f, \"make_clock_ms\": %.0f, \"open_ms\": %.2f, \"count_first_ms\": %.1f, "
      "\"aggregate_ms\": %.2f, \"hop_all_ms\": %.1f, \"commit_1000_ms\": %.0f, "
      "\"open_beside_ms\": %.2f, \"count_beside_first_ms\": %.1f, \"counted\": %llu, "
      "\"touched\": %llu, \"peak_mib\": %.0f}\n",
      make, clock.count(), reopen, first, next, hop, touch, beside, overlay,
      static_cast<unsigned long long>(total + (sum + points.paths) % 1),
      static_cast<unsigned long long>(arrays->touched_vertices()), bench::PeakMiB());
  return Ok{};
}

}  // namespace
}  // namespace qipu::graph

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_graph DATABASE\n", stderr);
    return 2;
  }
  const qipu::Status status = qipu::graph::Measure(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_graph: %s\n", status.error().message.c_str());
  return 3;
}
