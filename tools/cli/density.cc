#include <CLI/CLI.hpp>

#include "query/density.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"

namespace qipu::tools {
namespace {

struct Options {
  std::string by = "district", per, as_of;
  query::DensityOptions density;
};

Status Run(const Context& context, const Options& given) {
  query::DensityOptions options = given.density;
  options.by = QIPU_TRY(query::ParseRegionLevel(given.by));
  if (!given.per.empty()) options.per = QIPU_TRY(query::ParseDensityBasis(given.per));
  options.as_of = QIPU_TRY(ParseAsOf(given.as_of));
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const auto snapshot = store->TakeSnapshot();
  const auto result = QIPU_TRY(query::ComputeDensity(snapshot, options));
  context.Print(query::DensityTable(result));
  context.Say(std::to_string(result.companies) + " of " + std::to_string(result.all_companies) +
              " active companies located in a " + given.by + " in force");
  if (result.unplaced > 0) {
    context.Say(std::to_string(result.unplaced) + " more are in no " + given.by +
                " that is known: they count nowhere");
  }
  for (const std::string& note : result.notes) context.Say(note);
  const auto say = [&](const char* name, const std::optional<double>& value) {
    if (value) context.Say(std::string(name) + " " + RoundedText(*value));
  };
  say("locational Gini", result.locational_gini);
  say("Ellison-Glaeser, companies alike", result.ellison_glaeser);
  say("Ellison-Glaeser, by size", result.ellison_glaeser_size);
  return Ok{};
}

}  // namespace

Command AddDensity(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* app = root.add_subcommand("density", "Supplier density of regions");
  app->add_option("--by", options->by, "district, city or province")->capture_default_str();
  app->add_option("--role", options->density.roles,
                  "Companies with that role, e.g. device_supplier; several: with any of them");
  app->add_option("--segment", options->density.segment, "Companies that offer that segment");
  app->add_option("--chain", options->density.chain,
                  "Companies that offer a segment of that chain");
  app->add_option("--per", options->per,
                  "km2, 10k_residents, 100_manufacturers, 10k_manufacturing_workers or 100m_gdp");
  app->add_option("--size", options->density.size,
                  "Adds the size form: registered_capital_cny, employees or revenue_cny");
  app->add_option("--as-of", options->as_of,
                  "Active, located and in force on that day, YYYY-MM-DD");
  app->add_option("--min-n", options->density.min_companies,
                  "Regions with fewer companies are listed without rank")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app->footer(
      "Examples:\n"
      "  qipu density --by district --role device_supplier --per km2\n"
      "  qipu density --by city --chain smart-manufacturing --per 100m_gdp"
      " --size registered_capital_cny");
  return {app, [options](const Context& context) { return Run(context, *options); }};
}

}  // namespace qipu::tools
