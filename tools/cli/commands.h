#ifndef QIPU_TOOLS_CLI_COMMANDS_H_
#define QIPU_TOOLS_CLI_COMMANDS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/status.h"
#include "graph/store.h"
#include "graph/value.h"
#include "query/table.h"

namespace CLI {
class App;
}

namespace qipu::tools {

enum class OutputFormat { kTable, kCsv, kJson, kNdjson };

/// What every command shares: the options before any of its own.
struct Context {
  std::string db;  ///< --db, else $QIPU_DB, else ./qipu.db
  OutputFormat format = OutputFormat::kTable;
  bool quiet = false;
  uint64_t memory_bytes = 0;  ///< --memory, else DefaultMemoryBytes()

  Result<std::unique_ptr<graph::Store>> OpenStore(graph::Access access) const;
  /// Prints a table to stdout in the chosen format. `csv` escapes what a spreadsheet would run.
  void Print(const query::Table& table) const;
  /// A line for people, to stderr; nothing with --quiet.
  void Say(const std::string& line) const;
  /// A transient progress line to stderr, only on a terminal and without --quiet.
  void Progress(const std::string& line) const;
};

/// A command adds itself to the application: its options, its help with examples, and `run`, which
/// is called after parsing when the command was named. The returned Status becomes the exit code.
struct Command {
  CLI::App* app = nullptr;
  std::function<Status(const Context&)> run;
};

// One function per command; each adds a subcommand to `root`. tools/main.cc lists them.
Command AddInit(CLI::App& root);
Command AddImport(CLI::App& root);
Command AddRejects(CLI::App& root);
Command AddWhy(CLI::App& root);
Command AddQuery(CLI::App& root);
Command AddDensity(CLI::App& root);
Command AddCoverage(CLI::App& root);
Command AddScore(CLI::App& root);
Command AddMap(CLI::App& root);
Command AddIndex(CLI::App& root);
Command AddStats(CLI::App& root);
Command AddVerify(CLI::App& root);
Command AddBackup(CLI::App& root);
Command AddRestore(CLI::App& root);
Command AddExport(CLI::App& root);
Command AddChanges(CLI::App& root);

/// A quarter of what the machine, or the group of processes this one is in, has; at most 4 GiB.
uint64_t DefaultMemoryBytes();

/// The day that --as-of names; null where it is not given.
Result<std::optional<graph::Date>> ParseAsOf(const std::string& text);

/// The folder with the files that describe sources, chains and methods: $QIPU_SCHEMAS, else the
/// one beside the sources this binary was built from.
std::string SchemasFolder();

}  // namespace qipu::tools

#endif  // QIPU_TOOLS_CLI_COMMANDS_H_
