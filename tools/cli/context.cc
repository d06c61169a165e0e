#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tools/cli/commands.h"
#include "tools/cli/output.h"

namespace qipu::tools {

Result<std::unique_ptr<graph::Store>> Context::OpenStore(graph::Access access) const {
  graph::StoreOptions options;
  options.access = access;
  options.memory_bytes = memory_bytes;
  return graph::Store::Open(db, options);
}

void Context::Print(const query::Table& table) const {
  const std::string text = FormatTable(table, format);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Context::Say(const std::string& line) const {
  if (!quiet) std::fprintf(stderr, "%s\n", line.c_str());
}

void Context::Progress(const std::string& line) const {
  constexpr const char* kBackToStart = "\r\x1b[2K";
  if (!quiet && isatty(STDERR_FILENO)) std::fprintf(stderr, "%s%s", kBackToStart, line.c_str());
}

uint64_t DefaultMemoryBytes() {
  constexpr uint64_t kShare = 4, kMost = uint64_t{4} << 30;
  uint64_t bytes =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  // Absent outside of a container, and "max" where there is no limit.
  std::ifstream limit("/sys/fs/cgroup/memory.max");
  if (uint64_t group = 0; limit >> group) bytes = std::min(bytes, group);
  return std::min(bytes / kShare, kMost);
}

std::string SchemasFolder() {
  const char* folder = std::getenv("QIPU_SCHEMAS");
  return folder != nullptr && *folder != '\0' ? folder : QIPU_SCHEMAS_DIR;
}

Result<std::optional<graph::Date>> ParseAsOf(const std::string& text) {
  if (text.empty()) return std::optional<graph::Date>();
  const auto day = graph::Date::Parse(text);
  if (!day) return InvalidArgument("--as-of: '" + text + "' is no day; write YYYY-MM-DD");
  return day;
}

}  // namespace qipu::tools
