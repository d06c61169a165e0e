#ifndef QIPU_TOOLS_CLI_CLI_H_
#define QIPU_TOOLS_CLI_CLI_H_

#include <string>
#include <vector>

#include "tools/cli/commands.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace qipu::tools {

/// The options before any command's own, and the commands.
struct Application {
  Context context;
  std::string format;  ///< as given; empty: table on a terminal, csv in a pipe
  std::string memory;  ///< as given; empty: DefaultMemoryBytes()
  std::vector<Command> commands;
};

/// Adds the shared options and every command to `root`, which must outlive the result.
std::unique_ptr<Application> MakeApplication(CLI::App& root);

/// Runs the command that was named. Nothing named is an error that shows what there is.
Status RunApplication(const std::unique_ptr<Application>& application);

/// One message for a command line that can't be read: what is wrong, the nearest name, where help
/// stands.
std::string UsageMessage(const CLI::App& root, const CLI::ParseError& wrong, int argc,
                         const char* const* argv);

}  // namespace qipu::tools

#endif  // QIPU_TOOLS_CLI_CLI_H_
