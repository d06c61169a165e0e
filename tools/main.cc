#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "tools/cli/cli.h"

namespace {

using qipu::ErrorCode;

int ExitCode(ErrorCode code) {
  switch (code) {
    case ErrorCode::kRefused:
      return 1;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnsupported:
      return 2;
    case ErrorCode::kBusy:
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
      return 3;
  }
  return 3;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("qipu (企谱): a knowledge graph of a region's enterprises", "qipu");
  auto application = qipu::tools::MakeApplication(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    const int code = app.exit(asked);
    return std::cout.flush() ? code : 3;
  } catch (const CLI::ParseError& wrong) {
    std::fputs(qipu::tools::UsageMessage(app, wrong, argc, argv).c_str(), stderr);
    return 2;
  }
  auto status = qipu::tools::RunApplication(application);
  // A full disk or a reader that went away: what was printed did not arrive.
  if (status.ok() && (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)) {
    status = qipu::IoError(std::string("cannot write the output: ") + std::strerror(errno));
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "qipu: %s\n", status.error().message.c_str());
  return ExitCode(status.error().code);
}
