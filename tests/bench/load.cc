// How fast CSV files become a graph with keys and both adjacencies.
//   bench_load generate FOLDER COMPANIES   writes the files
//   bench_load load FOLDER DATABASE [MIB]  loads them; MIB of memory for the sort, 1024 by default
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tests/bench/landscape.h"

namespace {

using qipu::Status;

Status Load(const std::string& folder, const std::string& database, uint64_t mib) {
  namespace graph = qipu::graph;
  const auto start = std::chrono::steady_clock::now();
  QIPU_TRY(graph::Store::Create(database, qipu::bench::LandscapeSchema(), {}));
  {
    const auto store = QIPU_TRY(graph::Store::Open(database, {}));
    QIPU_TRY(qipu::bench::LoadLandscape(*store, folder, mib << 20));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(database)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  const auto store = QIPU_TRY(graph::Store::Open(database, {}));
  const graph::Snapshot snapshot = store->TakeSnapshot();
  const uint64_t vertices = QIPU_TRY(snapshot.CountVertices()),
                 edges = QIPU_TRY(snapshot.CountEdges());
  std::printf(
      "{\"seconds\": %.2f, \"peak_mib\": %.0f, \"disk_mib\": %.0f, \"bytes_per_element\": %.1f, "
      "\"vertices\": %llu, \"edges\": %llu}\n",
      took.count(), qipu::bench::PeakMiB(), static_cast<double>(bytes) / (1 << 20),
      static_cast<double>(bytes) / static_cast<double>(vertices + edges),
      static_cast<unsigned long long>(vertices), static_cast<unsigned long long>(edges));
  return qipu::Ok{};
}

}  // namespace

int main(int argc, char** argv) {
  Status status = qipu::Ok{};
  if (argc == 4 && std::strcmp(argv[1], "generate") == 0) {
    status = qipu::bench::WriteLandscape({std::strtoull(argv[3], nullptr, 10)}, argv[2]);
  } else if (argc >= 4 && std::strcmp(argv[1], "load") == 0) {
    status = Load(argv[2], argv[3], argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1024);
  } else {
    std::fputs("usage: bench_load generate FOLDER COMPANIES | load FOLDER DATABASE [MIB]\n",
               stderr);
    return 2;
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_load: %s\n", status.error().message.c_str());
  return 3;
}
