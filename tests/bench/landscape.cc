#include "tests/bench/landscape.h"

#include <sys/resource.h>

#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "ingest/read/reader.h"

namespace qipu::bench {
namespace {

using graph::VertexId;

/// SplitMix64 of a counter.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  /// bound u^power: the greater the power, the more often a small number.
  uint64_t Skewed(uint64_t bound, int power) {
    const double u = Uniform();
    double product = static_cast<double>(bound);
    for (int i = 0; i < power; ++i) product *= u;
    return static_cast<uint64_t>(product);
  }

 private:
  uint64_t state_;
};

constexpr const char* kStatuses[] = {"active", "active", "active", "active", "dissolved"};

void WriteCompany(std::string& out, uint64_t number, Random& random) {
  char line[160];
  const uint64_t day = random.Below(28) + 1, month = random.Below(12) + 1;
  std::snprintf(line, sizeof line, "c%08llu,Company %llu Ltd,%llu-%02llu-%02llu,%s,%llu,%llu\n",
                static_cast<unsigned long long>(number), static_cast<unsigned long long>(number),
                static_cast<unsigned long long>(1980 + random.Below(45)),
                static_cast<unsigned long long>(month), static_cast<unsigned long long>(day),
                kStatuses[random.Below(std::size(kStatuses))],
                static_cast<unsigned long long>(100000 + random.Skewed(1000000000, 4)),
                static_cast<unsigned long long>(1 + random.Skewed(20000, 4)));
  out += line;
}

std::string Numbered(char letter, uint64_t number, int width) {
  char text[24];
  std::snprintf(text, sizeof text, "%c%0*llu", letter, width,
                static_cast<unsigned long long>(number));
  return text;
}

/// Writes a header and `count` lines.
Status WriteLines(const std::string& path, const char* header, uint64_t count,
                  const std::function<void(std::string&, uint64_t)>& add) {
  constexpr size_t kBufferBytes = size_t{1} << 20;
  std::ofstream file(path, std::ios::binary);
  std::string buffer = header;
  for (uint64_t i = 0; i < count; ++i) {
    add(buffer, i);
    if (buffer.size() < kBufferBytes && i + 1 < count) continue;
    file.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    buffer.clear();
  }
  return file.good() ? Status(Ok{}) : IoError("cannot write " + path);
}

/// Batches that go from one thread to the next; who puts too many waits.
template <class Batch>
class Queue {
 public:
  /// False when nobody wants more.
  bool Put(Batch batch) {
    constexpr size_t kWaiting = 64;  // each thread is at times the slower one
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return batches_.size() < kWaiting || stopped_; });
    batches_.push_back(std::move(batch));
    changed_.notify_all();
    return !stopped_;
  }
  /// False at the end.
  bool Take(Batch& batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !batches_.empty() || ended_; });
    if (batches_.empty()) return false;
    batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return true;
  }
  void End(Status status) {
    const std::lock_guard lock(mutex_);
    status_ = std::move(status);
    ended_ = true;
    changed_.notify_all();
  }
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  const Status& status() const { return status_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool ended_ = false, stopped_ = false;
  Status status_ = Ok{};
};

/// The records of a CSV file, so many at a time: read on one thread, prepared on another.
class Records {
 public:
  struct Batch {
    std::string bytes;
    std::vector<std::pair<uint32_t, uint32_t>> fields;  // offset, size
    size_t width = 0;
    std::optional<graph::VertexBatch> vertices;
    std::optional<graph::EdgeBatch> edges;
    size_t size() const { return fields.size() / width; }
    std::string_view Field(size_t record, size_t column) const {
      const auto [offset, bytes_of] = fields[record * width + column];
      return std::string_view(bytes).substr(offset, bytes_of);
    }
  };

  Records(const std::string& path, std::function<Status(Batch&)> prepare)
      : prepare_(std::move(prepare)),
        reader_([this, path] { read_.End(Read(path)); }),
        preparer_([this] { prepared_.End(Prepare()); }) {}
  ~Records() {
    read_.Stop();
    prepared_.Stop();
    reader_.join();
    preparer_.join();
  }

  /// False at the end or on an error.
  bool Next(Batch& batch) { return prepared_.Take(batch); }
  const Status& status() const { return prepared_.status(); }

 private:
  Status Read(const std::string& path) {
    constexpr size_t kRecords = 4096;
    const auto reader = QIPU_TRY(ingest::CsvReader::Open(path, {}));
    ingest::RawRecord record;
    Batch batch;
    size_t last_bytes = 0;
    while (QIPU_TRY(reader->Next(record))) {
      batch.width = record.fields.size();
      if (batch.fields.empty()) {
        batch.fields.reserve(kRecords * batch.width);
        batch.bytes.reserve(last_bytes + last_bytes / 16);
      }
      const char* const raw = record.raw.data();
      for (const std::string_view field : record.fields) {  // no quotes: they lie in `raw`
        batch.fields.emplace_back(
            static_cast<uint32_t>(batch.bytes.size() + static_cast<size_t>(field.data() - raw)),
            static_cast<uint32_t>(field.size()));
      }
      batch.bytes += record.raw;
      if (batch.size() < kRecords) continue;
      last_bytes = batch.bytes.size();
      if (!read_.Put(std::exchange(batch, Batch()))) return Ok{};
    }
    if (!batch.fields.empty()) read_.Put(std::move(batch));
    return Ok{};
  }
  Status Prepare() {
    Batch batch;
    while (read_.Take(batch)) {
      const Status prepared = prepare_(batch);
      if (!prepared.ok() || !prepared_.Put(std::move(batch))) {
        read_.Stop();
        return prepared;
      }
    }
    return read_.status();
  }

  const std::function<Status(Batch&)> prepare_;
  Queue<Batch> read_, prepared_;
  std::thread reader_, preparer_;
};

template <class Number>
Number NumberOf(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Status LoadVertices(
    graph::BulkLoad& load, const std::string& path, const char* label,
    const std::function<void(const Records::Batch&, size_t, graph::Properties&)>& fill) {
  const graph::LabelId id = load.Label(label);
  graph::Properties properties;
  Records records(path, [&](Records::Batch& batch) -> Status {
    batch.vertices.emplace(load);
    for (size_t i = 0; i < batch.size(); ++i) {
      fill(batch, i, properties);
      QIPU_TRY(batch.vertices->Add({&id, 1}, properties));
    }
    return Ok{};
  });
  Records::Batch batch;
  while (records.Next(batch)) QIPU_TRY(load.AddVertices(*batch.vertices));
  return records.status();
}

Status LoadEdges(graph::BulkLoad& load, const std::string& path, const char* type,
                 const char* from_label, const char* to_label, const char* property) {
  const graph::EdgeTypeId id = load.EdgeType(type);
  const graph::LabelId from = load.Label(from_label), to = load.Label(to_label);
  const auto find = [&load](const Records::Batch& batch, size_t column, graph::LabelId label,
                            std::vector<VertexId>& found) {
    std::vector<std::string_view> keys;
    keys.reserve(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) keys.push_back(batch.Field(i, column));
    found.resize(keys.size());
    return load.FindVertices(label, keys, found);
  };
  graph::Properties properties;
  if (property != nullptr) properties.push_back({load.Property(property), graph::Value()});
  std::vector<VertexId> sources, targets;
  Records records(path, [&](Records::Batch& batch) -> Status {
    QIPU_TRY(find(batch, 0, from, sources));
    QIPU_TRY(find(batch, 1, to, targets));
    batch.edges.emplace(load);
    for (size_t i = 0; i < batch.size(); ++i) {
      if (property != nullptr) {
        properties.front().value = graph::Value(NumberOf<double>(batch.Field(i, 2)));
      }
      QIPU_TRY(batch.edges->Add({sources[i], id, targets[i]}, properties));
    }
    return Ok{};
  });
  Records::Batch batch;
  while (records.Next(batch)) QIPU_TRY(load.AddEdges(*batch.edges));
  return records.status();
}

}  // namespace

Status WriteLandscape(const Landscape& landscape, const std::string& folder) {
  Random random(20210701);
  const auto company = [](uint64_t number) { return Numbered('c', number, 8); };
  QIPU_TRY(WriteLines(
      folder + "/companies.csv", "id,name,founded,status,registered_capital_cny,employees\n",
      landscape.companies, [&](std::string& out, uint64_t i) { WriteCompany(out, i, random); }));
  const auto named = [](char letter, int width, const char* name) {
    return [=](std::string& out, uint64_t i) {
      out += Numbered(letter, i, width) + ',' + name + ' ' + std::to_string(i) + '\n';
    };
  };
  QIPU_TRY(WriteLines(folder + "/districts.csv", "code,name\n", Landscape::kDistricts,
                      named('d', 4, "District")));
  QIPU_TRY(WriteLines(folder + "/segments.csv", "id,name\n", Landscape::kSegments,
                      named('s', 2, "Segment")));
  QIPU_TRY(WriteLines(folder + "/located_in.csv", "company,district\n", landscape.companies,
                      [&](std::string& out, uint64_t i) {
                        out += company(i) + ',' +
                               Numbered('d', random.Skewed(Landscape::kDistricts, 2), 4) + '\n';
                      }));
  QIPU_TRY(WriteLines(folder + "/offers.csv", "company,segment,confidence\n", landscape.offers(),
                      [&](std::string& out, uint64_t i) {
                        char confidence[16];
                        std::snprintf(confidence, sizeof confidence, ",0.%02d\n",
                                      static_cast<int>(10 + random.Below(90)));
                        out += company(i / 2) + ',' +
                               Numbered('s', random.Skewed(Landscape::kSegments, 2), 2) +
                               confidence;
                      }));
  return WriteLines(folder + "/supplies.csv", "supplier,customer\n", landscape.supplies(),
                    [&](std::string& out, uint64_t) {
                      out += company(random.Skewed(landscape.companies, 3)) + ',' +
                             company(random.Below(landscape.companies)) + '\n';
                    });
}

graph::Schema LandscapeSchema() {
  return *graph::Schema::Parse(R"({
    "labels": {
      "Company": {"key": "id", "properties": {
        "id": {"type": "string"}, "name": {"type": "string", "required": true},
        "founded": {"type": "date"}, "status": {"type": "string"},
        "registered_capital_cny": {"type": "int"}, "employees": {"type": "int"}}},
      "District": {"key": "code", "properties": {"code": {"type": "string"}}},
      "Segment": {"key": "id", "properties": {"id": {"type": "string"}}}
    },
    "edges": {
      "LOCATED_IN": {"ends": [["Company", "District"]]},
      "OFFERS": {"ends": [["Company", "Segment"]],
                 "properties": {"confidence": {"type": "float"}}},
      "SUPPLIES": {"ends": [["Company", "Company"]]}
    }
  })",
                               "landscape");
}

Status LoadLandscape(graph::Store& store, const std::string& folder, uint64_t memory_bytes) {
  auto load = QIPU_TRY(store.BeginLoad({.memory_bytes = memory_bytes}));
  using graph::Property;
  using graph::Value;
  const auto id = load.Property("id"), code = load.Property("code"), name = load.Property("name"),
             founded = load.Property("founded"), status = load.Property("status"),
             capital = load.Property("registered_capital_cny"),
             employees = load.Property("employees");
  // In place of those of the record before: each has the same.
  const auto set = [](graph::Properties& properties, auto&&... values) {
    (graph::SetProperty(properties, values.id, std::move(values.value)), ...);
  };
  QIPU_TRY(LoadVertices(load, folder + "/companies.csv", "Company",
                        [&](const Records::Batch& batch, size_t i, graph::Properties& properties) {
                          set(properties, Property{id, Value(batch.Field(i, 0))},
                              Property{name, Value(batch.Field(i, 1))},
                              Property{founded, Value(*graph::Date::Parse(batch.Field(i, 2)))},
                              Property{status, Value(batch.Field(i, 3))},
                              Property{capital, Value(NumberOf<int64_t>(batch.Field(i, 4)))},
                              Property{employees, Value(NumberOf<int64_t>(batch.Field(i, 5)))});
                        }));
  const auto keyed = [&](graph::PropertyId key) {
    return [&, key](const Records::Batch& batch, size_t i, graph::Properties& properties) {
      set(properties, Property{key, Value(batch.Field(i, 0))},
          Property{name, Value(batch.Field(i, 1))});
    };
  };
  QIPU_TRY(LoadVertices(load, folder + "/districts.csv", "District", keyed(code)));
  QIPU_TRY(LoadVertices(load, folder + "/segments.csv", "Segment", keyed(id)));
  QIPU_TRY(
      LoadEdges(load, folder + "/located_in.csv", "LOCATED_IN", "Company", "District", nullptr));
  QIPU_TRY(LoadEdges(load, folder + "/offers.csv", "OFFERS", "Company", "Segment", "confidence"));
  QIPU_TRY(LoadEdges(load, folder + "/supplies.csv", "SUPPLIES", "Company", "Company", nullptr));
  QIPU_TRY(load.Publish());
  return Ok{};
}

double PeakMiB() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace qipu::bench
