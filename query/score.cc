#include "query/score.h"

#include <algorithm>
#include <cmath>

#include "graph/text_file.h"
#include "query/score/score.h"

namespace qipu::query {
namespace {

/// FNV-1a, 64 bits: tells versions of a method apart; no protection against forgery.
std::string Fingerprint(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits(16, '0');
  for (size_t i = digits.size(); i-- > 0; hash >>= 4) digits[i] = kDigits[hash & 15];
  return digits;
}

bool IsLinear(const Tree& tree) {
  return std::all_of(tree.begin(), tree.end(), [](const TreeNode& node) {
    return node.indicator >= 0 || node.how == Aggregation::kArithmetic;
  });
}

std::vector<ScoreNode> MakeNodes(const Tree& tree, std::vector<Column> values,
                                 const std::vector<IndicatorSteps>& indicators) {
  std::vector<ScoreNode> nodes;
  for (size_t n = 0; n < tree.size(); ++n) {
    const TreeNode& from = tree[n];
    ScoreNode& node = nodes.emplace_back();
    node.id = from.id;
    node.name = from.name;
    node.name_zh = from.name_zh;
    node.parent = from.parent;
    node.weight = from.weight;
    node.how = from.how;
    node.indicator = from.indicator;
    node.values = from.indicator < 0 ? std::move(values[n])
                                     : indicators[static_cast<size_t>(from.indicator)].normalised;
  }
  return nodes;
}

void Aggregate(const Method& method, Derived& derived, ScoreResult& result) {
  std::vector<Column> normalised;
  for (const IndicatorSteps& steps : derived.indicators) normalised.push_back(steps.normalised);
  std::vector<const Column*> columns;
  for (const Column& column : normalised) columns.push_back(&column);
  auto values = EvaluateTree(method.tree, columns, Nominal(method.tree));
  Decomposition parts = Decompose(method.tree, normalised, values);
  for (size_t i = 0; i < derived.indicators.size(); ++i) {
    derived.indicators[i].weights = std::move(parts.weights[i]);
    derived.indicators[i].contributions = std::move(parts.contributions[i]);
  }
  if (IsLinear(method.tree)) {
    // The sum of the parts is the score by definition, so that the columns add up to the bit.
    for (size_t u = 0; u < values[0].size(); ++u) {
      if (std::isnan(values[0][u])) continue;
      values[0][u] = 0;
      for (const IndicatorSteps& steps : derived.indicators) {
        if (!std::isnan(steps.contributions[u])) values[0][u] += steps.contributions[u];
      }
    }
  }
  result.ranks = RankDescending(values[0]);
  result.nodes = MakeNodes(method.tree, std::move(values), derived.indicators);
}

void Divide(const Method& method, ScoreResult& result) {
  result.quadrant_x = method.quadrant_x;
  result.quadrant_y = method.quadrant_y;
  if (method.quadrant_x < 0) return;
  const ScoreNode& x = result.nodes[static_cast<size_t>(method.quadrant_x)];
  const ScoreNode& y = result.nodes[static_cast<size_t>(method.quadrant_y)];
  const bool median = method.quadrant_cut == QuadrantCut::kMedian;
  result.cut_x = median ? Quantile(x.values, 0.5) : Mean(x.values);
  result.cut_y = median ? Quantile(y.values, 0.5) : Mean(y.values);
  for (size_t u = 0; u < x.values.size(); ++u) {
    const bool known = !std::isnan(x.values[u]) && !std::isnan(y.values[u]);
    const std::string high_x = x.values[u] >= result.cut_x ? "high " : "low ";
    const std::string high_y = y.values[u] >= result.cut_y ? "high " : "low ";
    result.quadrants.push_back(known ? high_y + y.id + ", " + high_x + x.id : "");
    if (!method.coupling) continue;
    result.coupling.push_back(known ? CouplingCoordination(x.values[u] / method.coupling_full,
                                                           y.values[u] / method.coupling_full)
                                    : kMissing);
  }
}

void NoteMissing(const Derived& derived, ScoreResult& result) {
  for (const IndicatorSteps& steps : derived.indicators) {
    const auto gaps =
        std::count_if(steps.raw.begin(), steps.raw.end(), [](double x) { return std::isnan(x); });
    const auto filled = std::count_if(steps.imputed.begin(), steps.imputed.end(),
                                      [](const char* rule) { return *rule != '\0'; });
    if (gaps == 0) continue;
    result.notes.push_back("indicator '" + steps.info.id + "': missing for " +
                           std::to_string(gaps) + " of " + std::to_string(steps.raw.size()) +
                           " units, " + std::to_string(filled) + " imputed");
  }
}

}  // namespace

ScoreMethod::ScoreMethod(std::unique_ptr<const Method> method) : method_(std::move(method)) {}
ScoreMethod::ScoreMethod(ScoreMethod&&) noexcept = default;
ScoreMethod& ScoreMethod::operator=(ScoreMethod&&) noexcept = default;
ScoreMethod::~ScoreMethod() = default;

Result<ScoreMethod> ScoreMethod::Load(const std::string& path) {
  auto text = graph::ReadTextFile(path);
  if (!text.ok()) {
    return Error{text.error().code,
                 "method file " + text.error().message + "; see schemas/methods"};
  }
  return Parse(*text, path);
}

Result<ScoreMethod> ScoreMethod::Parse(std::string_view text, const std::string& file) {
  return ScoreMethod(std::make_unique<const Method>(QIPU_TRY(ParseMethod(text, file))));
}

bool ScoreMethod::needs_graph() const { return method_->level.has_value(); }

bool ScoreMethod::needs_data() const {
  return std::any_of(method_->indicators.begin(), method_->indicators.end(),
                     [](const IndicatorMethod& indicator) {
                       return std::holds_alternative<ColumnSource>(indicator.source);
                     });
}

Result<ScoreResult> ScoreMethod::Run(const ScoreInputs& inputs) const {
  if (needs_graph() && inputs.snapshot == nullptr) {
    return InvalidArgument(method_->file + " takes its units from a database; name one by --db");
  }
  if (needs_data() && inputs.data == nullptr) {
    return InvalidArgument(method_->file + " reads columns of a table; name it by --data FILE");
  }
  const int draws = inputs.draws.value_or(method_->robustness.draws);
  if (draws < 0 || draws > kDrawsMax) {
    return InvalidArgument("draws must lie between 0 and " + std::to_string(kDrawsMax));
  }
  Derived derived = QIPU_TRY(Derive(*method_, inputs));
  FillMissing(*method_, derived);
  QIPU_TRY(NormaliseAll(*method_, derived));
  QIPU_TRY(CheckPositive(*method_, derived));
  ScoreResult result;
  result.method_name = method_->name;
  result.method_name_zh = method_->name_zh;
  result.method_hash = Fingerprint(method_->text);
  result.top = method_->top;
  result.as_of = AsOf(*method_, inputs);
  Aggregate(*method_, derived, result);
  Divide(*method_, result);
  RankDraws ranks = QIPU_TRY(DrawRanks(*method_, derived, draws));
  result.draws = draws;
  result.intervals = std::move(ranks.intervals);
  result.excluded_choices = ranks.excluded_choices;
  result.notes = derived.notes;
  NoteMissing(derived, result);
  result.codes = std::move(derived.codes);
  result.names = std::move(derived.names);
  result.parents = std::move(derived.parents);
  result.indicators = std::move(derived.indicators);
  return result;
}

}  // namespace qipu::query
