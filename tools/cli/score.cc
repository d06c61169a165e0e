#include "query/score.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "ingest/table_file.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

struct Options {
  std::string method, data, as_of;
  std::vector<std::string> explain;  ///< a unit and, if wanted, an indicator
  size_t top = 0;                    ///< 0: all units
  std::optional<int> draws;
};

void SayWhatWasDone(const Context& context, const query::ScoreResult& result) {
  const auto ranked =
      std::count_if(result.ranks.begin(), result.ranks.end(), [](int rank) { return rank > 0; });
  context.Say(result.method_name + ", method " + result.method_hash + ": " +
              std::to_string(ranked) + " of " + std::to_string(result.codes.size()) +
              " units ranked, " + std::to_string(result.indicators.size()) + " indicators" +
              (result.as_of ? ", as of " + result.as_of->ToString() : ""));
  if (result.draws > 0) {
    context.Say("rank_low and rank_high: 5 and 95 % of " + std::to_string(result.draws) +
                " draws; p_top: rank " + std::to_string(result.top) + " or better" +
                (result.excluded_choices == 0
                     ? ""
                     : "; " + std::to_string(result.excluded_choices) +
                           " combinations of choices can't be and were left out"));
  }
  for (const std::string& note : result.notes) context.Say(note);
}

Status Run(const Context& context, const Options& options) {
  const auto method = QIPU_TRY(query::ScoreMethod::Load(options.method));
  query::ScoreInputs inputs;
  inputs.draws = options.draws;
  inputs.as_of = QIPU_TRY(ParseAsOf(options.as_of));
  if (!options.explain.empty()) inputs.explain = options.explain[0];
  query::DataTable data;
  if (!options.data.empty()) {
    ingest::TableFile file = QIPU_TRY(ingest::ReadTableFile(options.data));
    data = {options.data, std::move(file.columns), std::move(file.rows), std::move(file.lines)};
    inputs.data = &data;
  }
  std::unique_ptr<graph::Store> store;
  std::optional<graph::Snapshot> snapshot;
  if (method.needs_graph()) {
    store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
    snapshot.emplace(store->TakeSnapshot());
    inputs.snapshot = &*snapshot;
  }
  const query::ScoreResult result = QIPU_TRY(method.Run(inputs));
  if (options.explain.empty()) {
    context.Print(query::RankingTable(result, options.top == 0 ? SIZE_MAX : options.top));
  } else if (options.explain.size() == 1) {
    context.Print(QIPU_TRY(query::ExplainUnit(result, options.explain[0])));
  } else {
    context.Print(
        QIPU_TRY(query::ExplainIndicator(result, options.explain[0], options.explain[1])));
  }
  SayWhatWasDone(context, result);
  return Ok{};
}

}  // namespace

Command AddScore(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("score", "Scores and ranks units by a method file");
  app->add_option("--method", options->method, "The method, e.g. one of schemas/methods")
      ->required();
  app->add_option("--data", options->data, "A CSV with columns that the method names");
  app->add_option("--as-of", options->as_of,
                  "Instead of the method's day: active, located and in force on it, YYYY-MM-DD");
  app->add_option("--top", options->top, "Only so many, best first")
      ->check(CLI::Range(1, 1'000'000));
  app->add_option("--explain", options->explain,
                  "A unit, and an indicator: every step of its score, and the companies behind it")
      ->expected(1, 2)
      ->type_name("UNIT [INDICATOR]");
  app->add_option("--draws", options->draws, "Draws for the rank intervals; 0 for none");
  app->footer(
      "Examples:\n"
      "  qipu score --method schemas/methods/smart-manufacturing-district.json --top 15\n"
      "  qipu score --method schemas/methods/smart-manufacturing-district.json"
      " --explain 440306 device_density\n"
      "  qipu score --method my-method.json --data my-figures.csv");
  return {app, [options](const Context& context) { return Run(context, *options); }};
}

}  // namespace qipu::tools
