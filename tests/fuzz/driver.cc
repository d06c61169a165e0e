// Drives a fuzz target without a fuzzer:
//   fuzz_X [RUNS]          so many mutations of its seeds (200,000), always the same ones
//   fuzz_X seeds FOLDER    writes the seeds, for a fuzzer to start from
//   fuzz_X FILES...        runs these inputs, e.g. one that crashed, or AFL++'s @@
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/fuzz.h"

namespace qipu::fuzz {

void Require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", property);
  std::abort();
}

namespace {

using Random = std::mt19937;

size_t Below(Random& random, size_t bound) { return random() % bound; }

/// What fuzzers do blindly: flips, cuts, splices, and numbers that sizes stumble over.
std::string Mutated(const std::vector<std::string>& seeds, Random& random) {
  constexpr unsigned char kNumbers[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
  std::string bytes = seeds[Below(random, seeds.size())];
  for (size_t left = 1 + Below(random, 6); left > 0; --left) {
    const size_t at = Below(random, bytes.size() + 1);
    const bool inside = at < bytes.size();
    switch (Below(random, 6)) {
      case 0:
        if (inside) bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(random, 8)));
        break;
      case 1:
        if (inside) bytes[at] = static_cast<char>(kNumbers[Below(random, std::size(kNumbers))]);
        break;
      case 2:
        bytes.insert(at, 1 + Below(random, 9), static_cast<char>(random()));
        break;
      case 3:
        bytes.erase(at, 1 + Below(random, 9));
        break;
      case 4:
        bytes.resize(at);
        break;
      default: {
        const std::string& other = seeds[Below(random, seeds.size())];
        bytes = bytes.substr(0, at) + other.substr(Below(random, other.size() + 1));
      }
    }
  }
  return bytes;
}

void Run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

int RunMutations(int runs) {
  constexpr uint32_t kSeed = 20210701;
  const std::vector<std::string> seeds = Seeds();
  for (const std::string& seed : seeds) Run(seed);
  Random random(kSeed);
  std::string bytes;
  for (int i = 0; i < runs; ++i) {
    // Now and then what came out goes in again, so that changes pile up.
    bytes = i % 4 == 3 ? Mutated({bytes}, random) : Mutated(seeds, random);
    Run(bytes);
  }
  std::printf("%d inputs\n", runs);
  return 0;
}

int WriteSeeds(const std::string& folder) {
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const std::string& seed : Seeds()) {
    std::ofstream(folder + '/' + std::to_string(number++), std::ios::binary) << seed;
  }
  return 0;
}

int RunFiles(int count, char** paths) {
  for (int i = 0; i < count; ++i) {
    std::ifstream file(paths[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "fuzz: cannot read %s\n", paths[i]);
      return 2;
    }
    Run({std::istreambuf_iterator<char>(file), {}});
  }
  return 0;
}

}  // namespace
}  // namespace qipu::fuzz

int main(int argc, char** argv) {
  using namespace qipu::fuzz;
  constexpr int kRuns = 200000;
  if (argc < 2) return RunMutations(kRuns);
  if (argc == 3 && std::strcmp(argv[1], "seeds") == 0) return WriteSeeds(argv[2]);
  int runs = 0;
  const char* end = argv[1] + std::strlen(argv[1]);
  const bool number = std::from_chars(argv[1], end, runs).ptr == end;
  return argc == 2 && number ? RunMutations(runs) : RunFiles(argc - 1, argv + 1);
}
