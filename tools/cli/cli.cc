#include "tools/cli/cli.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "graph/json.h"

namespace qipu::tools {
namespace {

constexpr const char* kFormats = "table|csv|json|ndjson";

std::string EnvironmentOr(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

Result<OutputFormat> ReadFormat(const std::string& name) {
  if (name.empty()) return isatty(STDOUT_FILENO) ? OutputFormat::kTable : OutputFormat::kCsv;
  if (name == "table") return OutputFormat::kTable;
  if (name == "csv") return OutputFormat::kCsv;
  if (name == "json") return OutputFormat::kJson;
  if (name == "ndjson") return OutputFormat::kNdjson;
  const auto nearest = graph::NearestName(name, {"table", "csv", "json", "ndjson"});
  return InvalidArgument("--format: unknown format '" + name + "'" +
                         (nearest.empty() ? "." : "; did you mean '" + nearest + "'?") +
                         " Formats: " + kFormats);
}

/// Bytes of a number and its unit: `512MiB`, `1.5G`, `2 GB`; thousands are of 1024.
Result<uint64_t> ReadMemory(const std::string& text) {
  constexpr double kMin = 32 << 20, kMax = 0x1p40;
  if (text.empty()) return DefaultMemoryBytes();
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  std::string unit(read.ptr, end);
  std::erase(unit, ' ');
  constexpr std::string_view kUnits = "KMGT";
  const size_t power = unit.empty() ? kUnits.npos : kUnits.find(unit[0]);
  const bool known = unit.empty() || unit == "B" ||
                     (power != kUnits.npos &&
                      (unit.size() == 1 || unit.substr(1) == "B" || unit.substr(1) == "iB"));
  const double bytes = power == kUnits.npos ? number : std::ldexp(number, 10 * (int(power) + 1));
  if (read.ec != std::errc() || !known || !(bytes >= kMin && bytes <= kMax)) {
    return InvalidArgument("--memory: '" + text +
                           "' is no size from 32MiB to 1TiB; write a number and a unit, e.g. 2GiB");
  }
  return static_cast<uint64_t>(bytes);
}

std::vector<std::string> CommandNames(const CLI::App& root) {
  std::vector<std::string> names;
  for (const auto* command : root.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// The command whose options were being read: the one named first on the line, else `root`.
const CLI::App& NamedCommand(const CLI::App& root, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    for (const auto* command : root.get_subcommands([](const CLI::App*) { return true; })) {
      if (command->get_name() == argv[i]) return *command;
    }
  }
  return root;
}

/// ' Did you mean ...?' for the first word on the line that nothing knows; empty when none is near.
std::string Suggestion(const CLI::App& root, int argc, const char* const* argv) {
  const CLI::App& command = NamedCommand(root, argc, argv);
  if (&command == &root) {
    for (int i = 1; i < argc; ++i) {
      if (argv[i][0] == '-') continue;
      const auto nearest = graph::NearestName(argv[i], CommandNames(root));
      return nearest.empty() ? "" : " Did you mean 'qipu " + nearest + "'?";
    }
  }
  auto names = OptionNames(command);
  const auto shared = OptionNames(root);
  names.insert(names.end(), shared.begin(), shared.end());
  for (int i = 1; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    if (!word.starts_with("--") || std::ranges::find(names, word) != names.end()) continue;
    const auto nearest = graph::NearestName(word, names);
    if (!nearest.empty()) return " Did you mean '" + nearest + "'?";
  }
  return "";
}

}  // namespace

std::unique_ptr<Application> MakeApplication(CLI::App& root) {
  auto application = std::make_unique<Application>();
  auto& context = application->context;
  context.db = EnvironmentOr("QIPU_DB", "./qipu.db");
  root.add_option("--db", context.db, "Database folder (default $QIPU_DB, else ./qipu.db)")
      ->type_name("DIR");
  root.add_option(
          "--format", application->format,
          std::string("Output: ") + kFormats + " (default: table on a terminal, csv in a pipe)")
      ->type_name("FORMAT");
  root.add_option(
          "--memory", application->memory,
          "For cache, write buffers and bulk loads, e.g. 512MiB or 2GiB (default: a quarter "
          "of the machine's, at most 4GiB)")
      ->type_name("SIZE");
  root.add_flag("--quiet", context.quiet, "No messages and no progress, only data and errors");
  root.set_version_flag("--version", std::string("qipu ") + QIPU_VERSION);
  root.fallthrough();  // so that --db may stand behind the command as well
  root.require_subcommand(0, 1);
  root.footer(
      "Examples:\n"
      "  qipu init --db demo.db\n"
      "  qipu import --db demo.db --source cn-demo-companies schemas/demo/companies.csv\n"
      "  qipu score --db demo.db --method schemas/methods/smart-manufacturing-district.json"
      " --top 15\n"
      "Each command's --help has more.");
  for (auto add :
       {AddInit, AddImport, AddRejects, AddWhy, AddQuery, AddDensity, AddCoverage, AddScore, AddMap,
        AddIndex, AddStats, AddVerify, AddBackup, AddRestore, AddExport, AddChanges}) {
    application->commands.push_back(add(root));
  }
  return application;
}

Status RunApplication(const std::unique_ptr<Application>& application) {
  application->context.format = QIPU_TRY(ReadFormat(application->format));
  application->context.memory_bytes = QIPU_TRY(ReadMemory(application->memory));
  for (const auto& command : application->commands) {
    if (command.app->parsed()) return command.run(application->context);
  }
  return InvalidArgument("no command given; `qipu --help` lists them");
}

std::string UsageMessage(const CLI::App& root, const CLI::ParseError& wrong, int argc,
                         const char* const* argv) {
  const CLI::App& command = NamedCommand(root, argc, argv);
  const std::string help =
      &command == &root ? "qipu --help" : "qipu " + command.get_name() + " --help";
  return std::string("qipu: ") + wrong.what() + "." + Suggestion(root, argc, argv) + " See `" +
         help + "`.\n";
}

}  // namespace qipu::tools
