// How fast a load writes, a repeated load compares and a scan reads. It makes its input itself.
//   bench_commit [RECORDS [DIRECTORY]]     a record: a company, 12 properties, 3 edges, a ledger
//   entry
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "graph/store.h"

namespace qipu::graph {
namespace {

constexpr int kRecordsPerTransaction = 8000;
constexpr int kDistricts = 2900, kSegments = 86;
constexpr const char* kSchema = R"({"labels": {
  "Company": {"key": "id"}, "Manufacturer": {"of": "Company"}, "District": {"key": "code"},
  "Segment": {"key": "id"}}})";

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Processor time of this thread: what a busy machine does not change.
double ThreadSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Load {
 public:
  explicit Load(Store& store) : store_(store) {}

  /// The same rows at each call.
  Status Run(int records) {
    std::mt19937_64 random(7);
    CommitSummary summary;
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = ThreadSeconds();
    double committing = 0, committing_cpu = 0;
    for (int done = 0; done < records;) {
      Transaction t = store_.Begin();
      Intern(t);
      for (int i = 0; i < kRecordsPerTransaction && done < records; ++i, ++done) {
        QIPU_TRY(Record(t, done, random));
      }
      const auto commit_start = std::chrono::steady_clock::now();
      const double commit_cpu_start = ThreadSeconds();
      summary += QIPU_TRY(t.Commit());
      committing += SecondsSince(commit_start);
      committing_cpu += ThreadSeconds() - commit_cpu_start;
    }
    const double seconds = SecondsSince(start);
    const double cpu = ThreadSeconds() - cpu_start;
    std::printf("  %.0f records/s (%.2f s, of it commit %.2f s; processor %.2f s and %.2f s)\n",
                records / seconds, seconds, committing, cpu, committing_cpu);
    std::printf("  new vertices %llu, edges %llu\n",
                static_cast<unsigned long long>(summary.vertices_created),
                static_cast<unsigned long long>(summary.edges_created));
    return Ok{};
  }

 private:
  void Intern(Transaction& t) {
    company_ = t.Label("Company");
    manufacturer_ = t.Label("Manufacturer");
    district_ = t.Label("District");
    segment_ = t.Label("Segment");
    located_in_ = t.EdgeType("LOCATED_IN");
    offers_ = t.EdgeType("OFFERS");
    method_ = t.Property("method");
    confidence_ = t.Property("confidence");
    evidence_ = t.Property("evidence");
    constexpr const char* kNames[] = {"name",    "status", "form", "capital", "founded", "scope",
                                      "address", "lon",    "lat",  "source",  "staff"};
    properties_.clear();
    for (const char* name : kNames) properties_.push_back(t.Property(name));
  }

  Status Record(Transaction& t, int number, std::mt19937_64& random) {
    const uint64_t draw = random();
    char key[40];
    std::snprintf(key, sizeof(key), "cn-uscc:91%016llx", static_cast<unsigned long long>(draw));
    const VertexId company = QIPU_TRY(t.MergeVertex(draw % 4 == 0 ? manufacturer_ : company_, key));
    const Value values[] = {Value("Shenzhen Example Machinery Co., Ltd. " + std::string(key)),
                            Value("active"),
                            Value("limited liability company"),
                            Value(static_cast<double>(draw % 100000) * 1000),
                            Value(Date{static_cast<int32_t>(draw % 18000)}),
                            Value("industrial robots, servo motors, controllers, sensors and "
                                  "their sale, installation, maintenance and consulting"),
                            Value("12 Example Road, Building " + std::to_string(draw % 97)),
                            Value(113.0 + static_cast<double>(draw % 1000) / 1000),
                            Value(22.0 + static_cast<double>(draw % 777) / 1000),
                            Value("registry"),
                            Value(static_cast<int64_t>(draw % 500))};
    for (size_t i = 0; i < properties_.size(); ++i) {
      QIPU_TRY(t.SetProperty(company, properties_[i], values[i]));
    }
    const VertexId district =
        QIPU_TRY(t.MergeVertex(district_, std::to_string(100000 + draw / 64 % kDistricts)));
    QIPU_TRY(t.PutEdge({company, located_in_, district},
                       {{method_, Value("address")}, {confidence_, Value(0.9)}}));
    for (const uint64_t salt : {7, 11}) {
      const VertexId segment =
          QIPU_TRY(t.MergeVertex(segment_, "segment_" + std::to_string(draw / salt % kSegments)));
      QIPU_TRY(t.PutEdge({company, offers_, segment},
                         {{evidence_, Value("scope clause 3")}, {confidence_, Value(0.7)}}));
    }
    char entry[40];
    std::snprintf(entry, sizeof(entry), "row/00000001/%010d", number);
    t.PutLedger(entry, "registry-2019.csv:12345 bytes 1234567-1234890 -> " + std::string(key));
    return Ok{};
  }

  Store& store_;
  LabelId company_, manufacturer_, district_, segment_;
  EdgeTypeId located_in_, offers_;
  PropertyId method_, confidence_, evidence_;
  std::vector<PropertyId> properties_;
};

Status Scan(const Store& store) {
  const Snapshot snapshot = store.TakeSnapshot();
  for (const char* what : {"all", "Manufacturer"}) {
    const auto start = std::chrono::steady_clock::now();
    const auto label = snapshot.catalog().FindLabel(what);
    VertexCursor cursor = label ? snapshot.ScanLabel(*label) : snapshot.ScanVertices();
    uint64_t rows = 0, properties = 0;
    while (cursor.Next()) {
      ++rows;
      properties += cursor.vertex().properties.size();
    }
    QIPU_TRY(Status(cursor.status()));
    std::printf("  scan %s: %llu rows, %llu properties in %.3f s\n", what,
                static_cast<unsigned long long>(rows), static_cast<unsigned long long>(properties),
                SecondsSince(start));
  }
  return Ok{};
}

Status Bench(const std::string& directory, int records) {
  const Schema schema = QIPU_TRY(Schema::Parse(kSchema, "bench schema"));
  QIPU_TRY(Store::Create(directory, schema, {}));
  {
    const auto store = QIPU_TRY(Store::Open(directory, {}));
    Load load(*store);
    std::printf("first load\n");
    QIPU_TRY(load.Run(records));
    QIPU_TRY(Scan(*store));
    std::printf("same rows again\n");
    QIPU_TRY(load.Run(records));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto store = QIPU_TRY(Store::Open(directory, {.access = Access::kReadOnly}));
  std::printf("open for reading: %.3f s\n", SecondsSince(start));
  return Scan(*store);
}

}  // namespace
}  // namespace qipu::graph

int main(int argc, char** argv) {
  const int records = argc > 1 ? std::atoi(argv[1]) : 240000;
  const std::string directory = argc > 2 ? argv[2] : "bench_commit.db";
  std::filesystem::remove_all(directory);
  const auto status = qipu::graph::Bench(directory, records);
  std::filesystem::remove_all(directory);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.ok() ? 0 : 1;
}
