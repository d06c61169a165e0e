#include "query/engine.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>

#include "graph/json.h"
#include "graph/text_file.h"
#include "tools/cli/commands.h"

namespace qipu::tools {
namespace {

struct QueryOptions {
  std::string text;  ///< `-`: standard input
  std::string file;
  std::vector<std::string> parameters;
  bool explain = false;
  bool profile = false;
  bool functions = false;
};

Result<std::string> ReadStandardInput() {
  std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  if (std::cin.bad()) return IoError("standard input: can't be read");
  return text;
}

Result<std::string> QueryText(const QueryOptions& options) {
  if (!options.file.empty()) {
    if (!options.text.empty()) return InvalidArgument("give a query or --file, not both");
    return graph::ReadTextFile(options.file);
  }
  if (options.text == "-") return ReadStandardInput();
  if (options.text.empty()) {
    return InvalidArgument("give a query, e.g. qipu query 'MATCH (n) RETURN count(*)'");
  }
  return options.text;
}

query::Cell CellOf(const graph::JsonNode& node) {
  if (node.is_bool()) return {graph::Value(*node.Bool())};
  if (node.is_string()) return {graph::Value(*node.String())};
  if (node.is_number()) {
    const auto integer = node.Int();
    return integer.ok() ? query::Cell{graph::Value(*integer)}
                        : query::Cell{graph::Value(*node.Number())};
  }
  if (node.is_array()) {
    query::CellList list;
    for (const graph::JsonNode& element : **node.Array()) list.push_back(CellOf(element));
    return {std::move(list)};
  }
  if (node.is_object()) {
    query::CellMap map;
    for (const auto& [key, value] : **node.Object()) map.emplace_back(key, CellOf(value));
    std::ranges::sort(map, {}, &std::pair<std::string, query::Cell>::first);
    return {std::move(map)};
  }
  return {graph::Value()};
}

/// JSON when it is JSON, else the text it is. What only looks like JSON is refused, so that a list
/// with a slip does not pass for a text.
Result<query::Cell> ReadParameter(const std::string& name, const std::string& text) {
  const auto json = graph::JsonDocument::Parse(text, "--param " + name);
  if (json.ok()) {
    const query::Cell cell = CellOf(json->root());
    const bool whole = text.find_first_not_of("-0123456789") == text.npos;
    const auto* value = std::get_if<graph::Value>(&cell.value);
    if (!whole || value == nullptr || value->AsInt()) return cell;
    return InvalidArgument("--param " + name + ": " + text +
                           " is too large for an INTEGER (64 bits); write " + text +
                           ".0 for a FLOAT, quotes around a STRING");
  }
  if (!text.starts_with('[') && !text.starts_with('{') && !text.starts_with('"')) {
    return query::Cell{graph::Value(text)};
  }
  return InvalidArgument(json.error().message + "; what starts with [, { or \" is read as JSON");
}

/// `name=value`: the value as JSON when it is JSON, else as the text it is.
Result<query::Parameters> ReadParameters(const std::vector<std::string>& given) {
  query::Parameters parameters;
  for (const std::string& one : given) {
    const size_t equals = one.find('=');
    if (equals == 0 || equals == one.npos) {
      return InvalidArgument("--param " + one + ": write name=value, e.g. --param code=440306");
    }
    const std::string name = one.substr(0, equals);
    query::Cell value = QIPU_TRY(ReadParameter(name, one.substr(equals + 1)));
    if (!parameters.emplace(name, std::move(value)).second) {
      return InvalidArgument("--param " + name + " is given twice");
    }
  }
  return parameters;
}

Status RunQuery(const QueryOptions& options, const Context& context) {
  if (options.functions) {
    context.Print(query::FunctionTable());
    return Ok{};
  }
  const std::string text = QIPU_TRY(QueryText(options));
  const query::Parameters parameters = QIPU_TRY(ReadParameters(options.parameters));
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const graph::Snapshot snapshot = store->TakeSnapshot();
  const query::Prepared prepared = QIPU_TRY(query::Prepare(snapshot, text));
  if (options.explain) {
    std::cout << prepared.Explain();
    return Ok{};
  }
  if (options.profile) {
    std::cout << QIPU_TRY(prepared.Profile(parameters));
    return Ok{};
  }
  const query::QueryResult result = QIPU_TRY(prepared.Run(parameters));
  for (const std::string& notice : result.notices) context.Say("note: " + notice);
  context.Print(result.table);
  return Ok{};
}

}  // namespace

Command AddQuery(CLI::App& root) {
  auto* app = root.add_subcommand("query", "Answers a question in openCypher");
  auto options = std::make_shared<QueryOptions>();  // shared with the command's run
  app->add_option("cypher", options->text, "The query; '-' reads it from standard input");
  app->add_option("--file", options->file, "Reads the query from a file");
  app->add_option("--param", options->parameters,
                  "A value for $name, as name=value: JSON when it is JSON, else text; repeatable")
      ->allow_extra_args(false);
  auto* explain = app->add_flag("--explain", options->explain, "Prints the plan, runs nothing");
  app->add_flag("--profile", options->profile, "Runs it and prints the plan with rows and time")
      ->excludes(explain);
  app->add_flag("--functions", options->functions, "Prints the functions a query may call");
  app->footer(
      "Examples:\n"
      "  qipu query 'MATCH (d:District)<-[:LOCATED_IN]-(c:Company) RETURN d.name, count(*) AS n "
      "ORDER BY n DESC LIMIT 10'\n"
      "  qipu query 'MATCH (c:Company {id: $id}) RETURN c' --param id=cn-uscc:91440300279330101X\n"
      "  qipu query --file question.cypher --param codes='[\"440305\", \"440306\"]' --format json\n"
      "  qipu query 'MATCH (c:Company) RETURN count(*)' --explain");
  return {app, [options](const Context& context) { return RunQuery(*options, context); }};
}

}  // namespace qipu::tools
