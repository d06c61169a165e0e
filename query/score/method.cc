#include <algorithm>
#include <array>
#include <set>

#include "query/score/score.h"

namespace qipu::query {
namespace {

using graph::JsonNode;

/// A word of the file and what it stands for.
template <class T>
struct Word {
  std::string_view word;
  T meaning;
};

template <class T, size_t kSize>
Result<T> Choose(const JsonNode& node, const std::array<Word<T>, kSize>& words) {
  const std::string text = QIPU_TRY(node.String());
  std::vector<std::string> known;
  for (const auto& [word, meaning] : words) {
    if (text == word) return meaning;
    known.emplace_back(word);
  }
  return NoneOf(node, text, known);
}

constexpr std::array<Word<NormaliseMethod>, 9> kMethods{{
    {"minmax", NormaliseMethod::kMinMax},
    {"zscore", NormaliseMethod::kZScore},
    {"rank", NormaliseMethod::kRank},
    {"borda", NormaliseMethod::kBorda},
    {"percentile", NormaliseMethod::kPercentile},
    {"goalposts", NormaliseMethod::kGoalposts},
    {"distance_to_maximum", NormaliseMethod::kDistanceToMaximum},
    {"distance_to_reference", NormaliseMethod::kDistanceToReference},
    {"distance_to_target", NormaliseMethod::kDistanceToTarget},
}};
constexpr std::array<Word<Aggregation>, 3> kAggregations{{
    {"arithmetic", Aggregation::kArithmetic},
    {"geometric", Aggregation::kGeometric},
    {"harmonic", Aggregation::kHarmonic},
}};
constexpr std::array<Word<MissingRule>, 5> kMissingRules{{
    {"keep", MissingRule::kKeep},
    {"mean", MissingRule::kMean},
    {"median", MissingRule::kMedian},
    {"group_mean", MissingRule::kGroupMean},
    {"exclude", MissingRule::kExclude},
}};
constexpr std::array<Word<LogRule>, 3> kLogRules{{
    {"none", LogRule::kNone},
    {"shift", LogRule::kShift},
    {"mirrored", LogRule::kMirrored},
}};
constexpr std::array<Word<Sense>, 2> kSenses{{{"up", Sense::kUp}, {"down", Sense::kDown}}};

Status ReadNumber(const JsonNode& node, std::string_view key, double& into) {
  if (const JsonNode* member = node.Find(key)) into = QIPU_TRY(member->Number());
  return Ok{};
}
Status ReadBool(const JsonNode& node, std::string_view key, bool& into) {
  if (const JsonNode* member = node.Find(key)) into = QIPU_TRY(member->Bool());
  return Ok{};
}
Status ReadWithin(const JsonNode& node, std::string_view key, double low, double high,
                  double& into) {
  QIPU_TRY(ReadNumber(node, key, into));
  if (into >= low && into <= high) return Ok{};
  return node.Find(key)->Complain("must lie between " + graph::FormatFloat(low) + " and " +
                                  graph::FormatFloat(high));
}

Result<std::optional<OutlierRule>> ParseOutliers(const JsonNode& node) {
  if (node.is_string()) {
    if (QIPU_TRY(node.String()) == "none") return std::optional<OutlierRule>();
    return node.Complain("expected \"none\" or an object");
  }
  QIPU_TRY(node.AllowOnly({"skewness", "kurtosis", "winsorise_max", "log"}));
  OutlierRule rule;
  QIPU_TRY(ReadNumber(node, "skewness", rule.skewness));
  QIPU_TRY(ReadNumber(node, "kurtosis", rule.kurtosis));
  double most = rule.winsorise_max;
  QIPU_TRY(ReadWithin(node, "winsorise_max", 0, 1e6, most));
  rule.winsorise_max = static_cast<int>(most);
  if (const JsonNode* log = node.Find("log")) rule.log = QIPU_TRY(Choose(*log, kLogRules));
  return std::optional<OutlierRule>(rule);
}

Status ParseRange(const JsonNode& node, Normalisation& how) {
  const JsonNode* range = node.Find("range");
  if (range == nullptr) return Ok{};
  const std::vector<JsonNode>& ends = *QIPU_TRY(range->Array());
  if (ends.size() != 2) return range->Complain("expected [low, high]");
  how.low = QIPU_TRY(ends[0].Number());
  how.high = QIPU_TRY(ends[1].Number());
  if (how.low < how.high) return Ok{};
  return range->Complain("the low end must be below the high end");
}

/// The keys that a method of normalisation takes beside `method`; all others are mistakes.
Status AllowForMethod(const JsonNode& node, NormaliseMethod method) {
  switch (method) {
    case NormaliseMethod::kZScore:
      return node.AllowOnly({"method", "mean", "sd"});
    case NormaliseMethod::kRank:
    case NormaliseMethod::kBorda:
      return node.AllowOnly({"method"});
    case NormaliseMethod::kGoalposts:
      QIPU_TRY(node.Get("lower"));
      QIPU_TRY(node.Get("upper"));
      return node.AllowOnly({"method", "range", "lower", "upper", "clip"});
    case NormaliseMethod::kDistanceToTarget:
      QIPU_TRY(node.Get("target"));
      return node.AllowOnly({"method", "range", "target", "clip"});
    case NormaliseMethod::kDistanceToReference:
      QIPU_TRY(node.Get("reference"));
      return node.AllowOnly({"method", "range", "reference"});
    default:
      return node.AllowOnly({"method", "range"});
  }
}

Result<Normalisation> ParseNormalisation(const JsonNode& node) {
  Normalisation how;
  const JsonNode* method = node.is_string() ? &node : QIPU_TRY(node.Get("method"));
  how.method = QIPU_TRY(Choose(*method, kMethods));
  how.text = QIPU_TRY(method->String());
  if (node.is_string()) {
    if (how.method == NormaliseMethod::kGoalposts ||
        how.method == NormaliseMethod::kDistanceToTarget ||
        how.method == NormaliseMethod::kDistanceToReference) {
      return node.Complain("'" + how.text + "' needs parameters: write an object");
    }
    return how;
  }
  QIPU_TRY(AllowForMethod(node, how.method));
  QIPU_TRY(ParseRange(node, how));
  QIPU_TRY(ReadNumber(node, "mean", how.mean));
  QIPU_TRY(ReadNumber(node, "sd", how.sd));
  QIPU_TRY(ReadNumber(node, "lower", how.lower));
  QIPU_TRY(ReadNumber(node, "upper", how.upper));
  QIPU_TRY(ReadNumber(node, "target", how.target));
  QIPU_TRY(ReadBool(node, "clip", how.clip));
  QIPU_TRY(ReadString(node, "reference", how.reference));
  if (how.method == NormaliseMethod::kGoalposts && !(how.lower < how.upper)) {
    return node.Complain("'lower' must be below 'upper', both in the raw unit");
  }
  if (!(how.sd > 0)) return node.Find("sd")->Complain("must be above 0");
  return how;
}

/// The rules that hold where an indicator names none of its own.
struct Defaults {
  MissingRule missing = MissingRule::kKeep;
  std::optional<OutlierRule> outliers;
  Normalisation normalise;
  double min_share = 0;
};

Result<Defaults> ParseDefaults(const JsonNode& root) {
  Defaults defaults;
  defaults.normalise.text = "minmax";
  if (const JsonNode* node = root.Find("missing")) {
    defaults.missing = QIPU_TRY(Choose(*node, kMissingRules));
  }
  if (const JsonNode* node = root.Find("outliers")) {
    defaults.outliers = QIPU_TRY(ParseOutliers(*node));
  }
  if (const JsonNode* node = root.Find("normalise")) {
    defaults.normalise = QIPU_TRY(ParseNormalisation(*node));
  }
  QIPU_TRY(ReadWithin(root, "min_share", 0, 1, defaults.min_share));
  return defaults;
}

Result<IndicatorMethod> ParseIndicator(const std::string& id, const JsonNode& node,
                                       const Defaults& defaults, const Method& method) {
  QIPU_TRY(node.AllowOnly({"name", "name_zh", "unit", "source", "rationale", "direction", "from",
                           "scale", "missing", "outliers", "normalise"}));
  IndicatorMethod indicator;
  indicator.info.id = indicator.info.name = id;
  QIPU_TRY(ReadString(node, "name", indicator.info.name));
  QIPU_TRY(ReadString(node, "name_zh", indicator.info.name_zh));
  QIPU_TRY(ReadString(node, "unit", indicator.info.unit));
  QIPU_TRY(ReadString(node, "source", indicator.info.source));
  QIPU_TRY(ReadString(node, "rationale", indicator.info.rationale));
  indicator.info.sense = QIPU_TRY(Choose(*QIPU_TRY(node.Get("direction")), kSenses));
  QIPU_TRY(ReadNumber(node, "scale", indicator.scale));
  if (indicator.scale == 0) return node.Find("scale")->Complain("must not be 0");
  indicator.source = QIPU_TRY(ParseSource(*QIPU_TRY(node.Get("from")), method));
  indicator.missing = defaults.missing;
  indicator.outliers = defaults.outliers;
  indicator.normalise = defaults.normalise;
  if (const JsonNode* own = node.Find("missing")) {
    indicator.missing = QIPU_TRY(Choose(*own, kMissingRules));
  }
  if (const JsonNode* own = node.Find("outliers")) {
    indicator.outliers = QIPU_TRY(ParseOutliers(*own));
    indicator.own_outliers = true;
  }
  if (const JsonNode* own = node.Find("normalise")) {
    indicator.normalise = QIPU_TRY(ParseNormalisation(*own));
    indicator.own_normalise = true;
  }
  if (indicator.missing == MissingRule::kGroupMean && method.group.empty()) {
    return node.Complain("'group_mean' needs 'units.group'");
  }
  return indicator;
}

/// Reads the tree: a number is the weight of an indicator, an object is a node.
class TreeParser {
 public:
  TreeParser(Method& method, double min_share) : method_(method), min_share_(min_share) {
    for (const IndicatorMethod& indicator : method.indicators) names_.push_back(indicator.info.id);
  }

  Status Parse(const JsonNode& node) {
    const JsonNode::Members& members = *QIPU_TRY(node.Object());
    if (members.size() != 1 || !members[0].second.is_object()) {
      return node.Complain("expected one root, e.g. {\"score\": {\"children\": {...}}}");
    }
    QIPU_TRY(Add(members[0].first, members[0].second, -1));
    for (size_t i = 0; i < names_.size(); ++i) {
      if (used_.count(static_cast<int>(i)) > 0) continue;
      return node.Complain("indicator '" + names_[i] + "' has no place in the tree");
    }
    return Ok{};
  }

 private:
  Status Add(const std::string& id, const JsonNode& node, int parent) {
    const auto index = static_cast<int>(method_.tree.size());
    TreeNode& made = method_.tree.emplace_back();
    made.id = made.name = id;
    made.parent = parent;
    made.min_share = min_share_;
    if (parent >= 0) method_.tree[static_cast<size_t>(parent)].children.push_back(index);
    if (!node.is_object()) return Fill(id, node, made);
    QIPU_TRY(node.AllowOnly({"name", "name_zh", "weight", "aggregate", "min_share", "children"}));
    QIPU_TRY(ReadString(node, "name", made.name));
    QIPU_TRY(ReadString(node, "name_zh", made.name_zh));
    QIPU_TRY(ReadWithin(node, "min_share", 0, 1, made.min_share));
    if (const JsonNode* weight = node.Find("weight")) made.weight = QIPU_TRY(Weight(*weight));
    if (const JsonNode* how = node.Find("aggregate")) {
      made.how = QIPU_TRY(Choose(*how, kAggregations));
    }
    if (!nodes_.insert(id).second) return node.Complain("a second node of that name");
    const JsonNode* children = QIPU_TRY(node.Get("children"));
    const JsonNode::Members& members = *QIPU_TRY(children->Object());
    if (members.empty()) return children->Complain("a node needs a child");
    for (const auto& [child, body] : members) QIPU_TRY(Add(child, body, index));
    return Ok{};
  }

  Status Fill(const std::string& id, const JsonNode& node, TreeNode& leaf) {
    leaf.weight = QIPU_TRY(Weight(node));
    const auto at = std::find(names_.begin(), names_.end(), id);
    if (at == names_.end()) return NoneOf(node, id, names_);
    leaf.indicator = static_cast<int>(at - names_.begin());
    leaf.name = method_.indicators[static_cast<size_t>(leaf.indicator)].info.name;
    leaf.name_zh = method_.indicators[static_cast<size_t>(leaf.indicator)].info.name_zh;
    if (used_.insert(leaf.indicator).second) return Ok{};
    return node.Complain("indicator '" + id + "' stands in the tree twice");
  }

  Result<double> Weight(const JsonNode& node) {
    const double weight = QIPU_TRY(node.Number());
    if (weight > 0) return weight;
    return node.Complain("a weight must be above 0; leave the child out instead");
  }

  Method& method_;
  double min_share_;
  std::vector<std::string> names_;
  std::set<int> used_;
  std::set<std::string> nodes_;
};

Status ParseQuadrant(const JsonNode& node, Method& method) {
  QIPU_TRY(node.AllowOnly({"x", "y", "cut", "coupling"}));
  std::vector<std::string> names;
  for (const TreeNode& at : method.tree) names.push_back(at.indicator < 0 ? at.id : "");
  for (const auto& [key, into] :
       {std::pair("x", &method.quadrant_x), std::pair("y", &method.quadrant_y)}) {
    const JsonNode* axis = QIPU_TRY(node.Get(key));
    const std::string id = QIPU_TRY(axis->String());
    const auto at = std::find(names.begin(), names.end(), id);
    if (at == names.end()) return NoneOf(*axis, id, names);
    *into = static_cast<int>(at - names.begin());
  }
  constexpr std::array<Word<QuadrantCut>, 2> kCuts{
      {{"median", QuadrantCut::kMedian}, {"mean", QuadrantCut::kMean}}};
  if (const JsonNode* cut = node.Find("cut")) method.quadrant_cut = QIPU_TRY(Choose(*cut, kCuts));
  return ReadBool(node, "coupling", method.coupling);
}

// A coupling degree compares nodes with a full score, which z-scores and ranks do not have.
Status CheckCoupling(const JsonNode& root, const Normalisation& normalise, Method& method) {
  const bool ranged = normalise.method != NormaliseMethod::kZScore &&
                      normalise.method != NormaliseMethod::kRank &&
                      normalise.method != NormaliseMethod::kBorda;
  method.coupling_full = normalise.high;
  if (!method.coupling || (ranged && normalise.low >= 0)) return Ok{};
  return root.Find("quadrant")->Complain("'coupling' needs a normalisation with a range from 0 up");
}

Status ParseRobustness(const JsonNode& node, Method& method) {
  QIPU_TRY(node.AllowOnly(
      {"draws", "seed", "weights", "normalise", "aggregate", "outliers", "drop_one", "top"}));
  Robustness& robustness = method.robustness;
  double draws = 0, seed = 1, top = method.top;
  QIPU_TRY(ReadWithin(node, "draws", 0, kDrawsMax, draws));
  QIPU_TRY(ReadWithin(node, "seed", 0, 1e15, seed));
  QIPU_TRY(ReadWithin(node, "top", 1, 1e6, top));
  QIPU_TRY(ReadWithin(node, "weights", 0, 0.99, robustness.weights));
  QIPU_TRY(ReadBool(node, "drop_one", robustness.drop_one));
  robustness.draws = static_cast<int>(draws);
  robustness.seed = static_cast<uint64_t>(seed);
  method.top = static_cast<int>(top);
  if (const JsonNode* list = node.Find("normalise")) {
    for (const JsonNode& item : *QIPU_TRY(list->Array())) {
      robustness.normalise.push_back(QIPU_TRY(ParseNormalisation(item)));
    }
  }
  if (const JsonNode* list = node.Find("aggregate")) {
    for (const JsonNode& item : *QIPU_TRY(list->Array())) {
      robustness.aggregate.push_back(QIPU_TRY(Choose(item, kAggregations)));
    }
  }
  if (const JsonNode* list = node.Find("outliers")) {
    for (const JsonNode& item : *QIPU_TRY(list->Array())) {
      robustness.outliers.push_back(QIPU_TRY(ParseOutliers(item)));
    }
  }
  return Ok{};
}

}  // namespace

Result<Method> ParseMethod(std::string_view text, const std::string& file) {
  const graph::JsonDocument document = QIPU_TRY(graph::JsonDocument::Parse(text, file));
  const JsonNode& root = document.root();
  QIPU_TRY(root.AllowOnly({"$schema", "score", "name", "name_zh", "note", "units", "as_of",
                           "missing", "min_share", "outliers", "normalise", "indicators", "tree",
                           "quadrant", "robustness"}));
  const JsonNode* version = QIPU_TRY(root.Get("score"));
  if (QIPU_TRY(version->Int()) != 1) return version->Complain("this version reads score 1 only");
  Method method;
  method.file = file;
  method.text = text;
  method.name = file;
  QIPU_TRY(ReadString(root, "name", method.name));
  QIPU_TRY(ReadString(root, "name_zh", method.name_zh));
  QIPU_TRY(ParseUnits(root, method));
  const Defaults defaults = QIPU_TRY(ParseDefaults(root));
  for (const auto& [id, node] : *QIPU_TRY(QIPU_TRY(root.Get("indicators"))->Object())) {
    method.indicators.push_back(QIPU_TRY(ParseIndicator(id, node, defaults, method)));
  }
  QIPU_TRY(TreeParser(method, defaults.min_share).Parse(*QIPU_TRY(root.Get("tree"))));
  if (const JsonNode* node = root.Find("quadrant")) QIPU_TRY(ParseQuadrant(*node, method));
  QIPU_TRY(CheckCoupling(root, defaults.normalise, method));
  if (const JsonNode* node = root.Find("robustness")) QIPU_TRY(ParseRobustness(*node, method));
  return method;
}

}  // namespace qipu::query
