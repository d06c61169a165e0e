#include <CLI/CLI.hpp>

#include "query/coverage.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"

namespace qipu::tools {
namespace {

struct Options {
  std::string by = "district", region, as_of;
  bool gaps = false;
  size_t nearest = query::kNearestDefault;
  query::CoverageOptions coverage;
};

std::string ShareText(const std::optional<double>& share) {
  return share ? RoundedText(*share) : "unknown";
}

Status RunRegion(const Context& context, const graph::Snapshot& snapshot,
                 const query::CoverageOptions& coverage, const Options& options) {
  const auto region =
      QIPU_TRY(query::ComputeRegionCoverage(snapshot, coverage, options.region, options.nearest));
  context.Print(options.gaps ? query::GapTable(region) : query::SegmentTable(region));
  const query::CoverageRow& total = region.total;
  context.Say(total.name + " (" + total.parent + "): " + std::to_string(total.companies) +
              " companies, " + std::to_string(total.present) + " of " +
              std::to_string(region.segments.size()) + " segments; breadth " +
              ShareText(total.breadth) + ", depth " + ShareText(total.depth) + ", links " +
              ShareText(total.link_completeness) + ", continuity " + ShareText(total.continuity) +
              ", disjoint supply paths " + std::to_string(total.supply_paths));
  for (const std::string& note : region.notes) context.Say(note);
  return Ok{};
}

Status Run(const Context& context, const Options& options) {
  query::CoverageOptions coverage = options.coverage;
  coverage.by = QIPU_TRY(query::ParseRegionLevel(options.by));
  coverage.as_of = QIPU_TRY(ParseAsOf(options.as_of));
  if (options.gaps && options.region.empty()) {
    return InvalidArgument("--gaps lists the gaps of one region; name it by --region CODE");
  }
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  if (!options.region.empty()) return RunRegion(context, snapshot, coverage, options);
  const auto result = QIPU_TRY(query::ComputeCoverage(snapshot, coverage));
  context.Print(query::CoverageTable(result));
  context.Say("chain '" + coverage.chain + "': " + std::to_string(result.segments) + " segments, " +
              std::to_string(result.links) + " links, longest path " +
              std::to_string(result.longest_path) + " links");
  for (const std::string& note : result.notes) context.Say(note);
  return Ok{};
}

}  // namespace

Command AddCoverage(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("coverage", "How much of an industry chain regions cover");
  app->add_option("--chain", options->coverage.chain, "Id of the chain")->required();
  app->add_option("--by", options->by, "district, city or province")->capture_default_str();
  app->add_option("--region", options->region, "One region by its code: its segments and gaps");
  app->add_flag("--gaps", options->gaps,
                "With --region: a row per gap and company that could fill it, nearest first");
  app->add_option("--nearest", options->nearest, "Companies listed per gap")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app->add_option("--min-n", options->coverage.min_companies,
                  "A segment is present with so many companies")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app->add_option("--neighbour-weight", options->coverage.neighbour_weight,
                  "What a segment of the region around counts")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--as-of", options->as_of,
                  "Active, located and in force on that day, YYYY-MM-DD");
  app->footer(
      "Examples:\n"
      "  qipu coverage --chain smart-manufacturing --by city\n"
      "  qipu coverage --chain smart-manufacturing --region 440306\n"
      "  qipu coverage --chain smart-manufacturing --region 440306 --gaps --nearest 3");
  return {app, [options](const Context& context) { return Run(context, *options); }};
}

}  // namespace qipu::tools
