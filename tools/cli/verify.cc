#include "graph/verify.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

using query::Cell;

struct VerifyChoice {
  bool repair = false, give_up_log = false;
  size_t limit = 100;
};

Cell Text(std::string_view text) { return {graph::Value(text)}; }

std::string Number(uint64_t n) { return std::to_string(n); }

Status RunVerify(const Context& context, const VerifyChoice& choice) {
  graph::VerifyOptions options;
  const bool repair = choice.repair || choice.give_up_log;
  options.repair = repair ? graph::Repair::kYes : graph::Repair::kNo;
  if (choice.give_up_log) options.damaged_log = graph::DamagedLog::kGiveUp;
  options.findings_max = choice.limit;
  options.progress = [&context](const std::string& step) { context.Progress("checking " + step); };
  const auto report =
      QIPU_TRY(graph::Verify(context.db, {.memory_bytes = context.memory_bytes}, options));
  context.Progress("");
  query::Table table{{"severity", "place", "key", "problem"}, {}};
  for (const graph::Finding& finding : report.findings) {
    table.rows.push_back({Text(graph::SeverityName(finding.severity)), Text(finding.place),
                          Text(finding.key), Text(finding.problem)});
  }
  if (!table.rows.empty()) context.Print(table);
  context.Say("checked " + Number(report.tables) + " tables, " + Number(report.vertices) +
              " vertices, " + Number(report.edges) + " edges, " + Number(report.keys) + " keys, " +
              Number(report.ledger_entries) + " ledger entries, " + Number(report.changes) +
              " changes, " + Number(report.index_entries) + " index entries, " +
              Number(report.snapshot_files) + " snapshot files");
  if (report.clean()) {
    context.Say("nothing is wrong");
    return Ok{};
  }
  if (report.repaired) context.Say("rebuilt what was derived: " + Number(report.derived));
  if (report.lost == 0 && report.repaired) return Ok{};
  const std::string remedy = report.lost > 0
                                 ? "restore a backup for what is lost (`qipu restore --help`)"
                                 : "`qipu verify --repair` rebuilds what is derived";
  return Error{ErrorCode::kRefused,
               context.db + ": " + Number(report.lost) + " lost, " + Number(report.derived) +
                   (report.repaired ? " derived and rebuilt; " : " derived; ") + remedy};
}

}  // namespace

Command AddVerify(CLI::App& root) {
  auto* app = root.add_subcommand(
      "verify", "Checks every block and row, and that they agree with each other");
  const auto choice = std::make_shared<VerifyChoice>();  // shared with the command's run
  app->add_flag(
      "--repair", choice->repair,
      "Rebuild what is derived: label lists, keys, indexes, counts, edges at their targets");
  app->add_flag("--give-up-log", choice->give_up_log,
                "Of a damaged log, give up the commits from the damage on, for good; and repair");
  app->add_option("--limit", choice->limit, "So many findings are listed, all are counted")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  app->footer(
      "Exit code 0: nothing is wrong, or all of it was rebuilt; 1: something is wrong; 3: the\n"
      "database can't be read at all. Severity 'derived': --repair rebuilds it from rows that are\n"
      "there. 'lost': only a backup has it. A database with a damaged log is opened by nothing "
      "else\n"
      "until it is restored or the log is given up. Beside a writer it checks the state at its "
      "start.\n"
      "Examples:\n"
      "  qipu verify --db demo.db\n"
      "  qipu verify --db demo.db --repair");
  return {app, [choice](const Context& context) { return RunVerify(context, *choice); }};
}

}  // namespace qipu::tools
