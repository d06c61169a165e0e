#include <cmath>
#include <cstdio>

#include "query/plan/plan.h"

namespace qipu::query {
namespace {

std::string_view SignOf(Operator comparison) {
  switch (comparison) {
    case Operator::kLess:
      return "<";
    case Operator::kLessEqual:
      return "<=";
    case Operator::kGreater:
      return ">";
    case Operator::kGreaterEqual:
      return ">=";
    default:
      return "=";
  }
}

/// Names one operator with its arguments.
class Describer {
 public:
  Describer(const BoundQuery& query, std::string_view text, const graph::Catalog& catalog)
      : query_(query), text_(text), catalog_(catalog) {}

  std::string operator()(const UnitPlan&) const { return "Row"; }
  std::string operator()(const ScanPlan& plan) const {
    switch (plan.source) {
      case ScanSource::kAllVertices:
        return "ScanAll " + Name(plan.slot);
      case ScanSource::kLabel:
        return "ScanLabel " + Name(plan.slot) + ":" + catalog_.NameOf(plan.label);
      case ScanSource::kNothing:
        break;
    }
    return "ScanNothing " + Name(plan.slot) + " (the label is not in this database)";
  }
  std::string operator()(const KeyLookupPlan& plan) const {
    return "KeyLookup " + Name(plan.slot) + ":" + catalog_.NameOf(plan.label) + " = " +
           Source(plan.key);
  }
  std::string operator()(const IndexScanPlan& plan) const {
    const bool equality = plan.bounds[0].op == Operator::kEqual;
    std::string out = (equality ? "IndexSeek " : "IndexRange ") + Name(plan.slot) + ":" +
                      catalog_.NameOf(plan.index.label);
    for (const IndexScanPlan::Bound& bound : plan.bounds) {
      out += (&bound == plan.bounds.data() ? "." : " AND .") +
             catalog_.NameOf(plan.index.property) + ' ' + std::string(SignOf(bound.op)) + ' ' +
             Source(bound.value);
    }
    return out;
  }
  std::string operator()(const ExpandPlan& plan) const {
    std::string out = plan.far == Far::kNew ? "Expand " : "ExpandInto ";
    if (plan.hops) out.insert(0, "VarLength");
    return out + Arrow(plan.from, plan.edge, plan.to, plan.choice) + Hops(plan.hops);
  }
  std::string operator()(const BoundEdgePlan& plan) const {
    return "EdgeEnds " + Arrow(plan.first, plan.edge, plan.second, plan.choice);
  }
  std::string operator()(const FilterPlan& plan) const {
    std::string out = "Filter ";
    for (const BoundExpr& condition : plan.conditions) {
      out += (&condition == plan.conditions.data() ? "" : " AND ") + Source(condition);
    }
    return out;
  }
  std::string operator()(const ProjectPlan& plan) const {
    return "Project " + Assignments(plan.assignments);
  }
  std::string operator()(const AggregatePlan& plan) const {
    std::string out = "Aggregate " + Assignments(plan.keys) + (plan.keys.empty() ? "" : ": ");
    for (const AggregateCall& call : plan.aggregates) {
      out += (&call == plan.aggregates.data() ? "" : ", ") + Text(call.span);
    }
    return out;
  }
  std::string operator()(const DistinctPlan& plan) const { return "Distinct " + Names(plan.slots); }
  std::string operator()(const SortPlan& plan) const {
    std::string out = plan.top.empty() ? "Sort " : "Top ";
    for (const SortKey& key : plan.keys) {
      out += (&key == plan.keys.data() ? "" : ", ") + Source(key.value) +
             (key.descending ? " DESC" : "");
    }
    return out;
  }
  std::string operator()(const CutPlan& plan) const {
    return (plan.cut == Cut::kSkip ? "Skip " : "Limit ") + Source(*plan.count);
  }
  std::string operator()(const UnwindPlan& plan) const {
    return "Unwind " + Source(plan.list) + " AS " + Name(plan.slot);
  }
  std::string operator()(const OptionalPlan& plan) const { return "Optional " + Names(plan.slots); }
  std::string operator()(const UnionPlan&) const { return "Union"; }
  std::string operator()(const CountPlan& plan) const {
    std::string out = plan.counted == Counted::kVertices ? "StoredCount (" : "StoredCount [";
    for (const graph::LabelId label : plan.labels) out += ":" + catalog_.NameOf(label);
    for (const graph::EdgeTypeId type : plan.types) out += ":" + catalog_.NameOf(type);
    return out + (plan.counted == Counted::kVertices ? ")" : "]");
  }

 private:
  std::string Name(Slot slot) const {
    const std::string& name = query_.slot_names[slot];
    return name.empty() ? "_" + std::to_string(slot) : name;
  }
  std::string Names(const std::vector<Slot>& slots) const {
    std::string out;
    for (const Slot slot : slots) out += (out.empty() ? "" : ", ") + Name(slot);
    return out;
  }
  std::string Text(Span span) const {
    std::string out;
    for (const char c : text_.substr(span.begin, span.end - span.begin)) {
      const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
      if (!blank) out.push_back(c);
      if (blank && !out.empty() && out.back() != ' ') out.push_back(' ');
    }
    return out;
  }
  /// As written; what the binder made of a pattern is written out.
  std::string Source(const BoundExpr& expr) const {
    if (expr.kind == BoundKind::kHasLabels && expr.span.end == 0) {
      std::string out = Source(expr.children[0]);
      for (const std::string& label : expr.names) out += ":" + label;
      return expr.names.empty() ? out + " IS NOT NULL" : out;
    }
    if (expr.kind == BoundKind::kSlot) return Name(expr.slot);
    if (expr.kind != BoundKind::kOperator) return Text(expr.span);
    const bool from_pattern = expr.op == Operator::kEqual &&
                              expr.children[0].kind == BoundKind::kProperty &&
                              expr.children[0].span.begin == expr.children[1].span.begin;
    if (from_pattern) {
      return Source(expr.children[0].children[0]) + "." + expr.children[0].name + " = " +
             Source(expr.children[1]);
    }
    return Text(expr.span);
  }
  std::string Assignments(const std::vector<Assignment>& assignments) const {
    std::string out;
    for (const Assignment& assignment : assignments) {
      const std::string source = Source(assignment.value);
      const std::string name = Name(assignment.slot);
      out += (out.empty() ? "" : ", ") + source + (source == name ? "" : " AS " + name);
    }
    return out;
  }
  std::string Arrow(Slot from, Slot edge, Slot to, const EdgeChoice& choice) const {
    std::string types;
    for (const graph::EdgeTypeId type : choice.types) {
      types += (types.empty() ? ":" : "|") + catalog_.NameOf(type);
    }
    if (types.empty() && !choice.any_type) types = " none";
    return "(" + Name(from) + (choice.direction == ArrowDirection::kLeft ? ")<-[" : ")-[") +
           query_.slot_names[edge] + types +
           (choice.direction == ArrowDirection::kRight ? "]->(" : "]-(") + Name(to) + ")";
  }
  static std::string Hops(const std::optional<HopRange>& hops) {
    if (!hops) return "";
    return " hops " + std::to_string(hops->min) + ".." +
           (hops->max ? std::to_string(*hops->max) : "");
  }

  const BoundQuery& query_;
  std::string_view text_;
  const graph::Catalog& catalog_;
};

std::string Rounded(double rows) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.0f", std::ceil(rows));
  return buffer;
}

void Add(const PlanNode& node, int depth, const Describer& describe, const PlanProfile* profile,
         std::string& out) {
  out += std::string(static_cast<size_t>(depth) * 2, ' ') + std::visit(describe, node.detail) +
         "  (estimated " + Rounded(node.estimated_rows);
  if (profile != nullptr) {
    const auto found = profile->find(&node);
    const OperatorProfile seen = found == profile->end() ? OperatorProfile() : found->second;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, ", rows %llu, %.3f ms",
                  static_cast<unsigned long long>(seen.rows),
                  static_cast<double>(seen.nanoseconds) / 1e6);
    out += buffer;
  }
  out += ")\n";
  for (const PlanPtr& input : node.inputs) Add(*input, depth + 1, describe, profile, out);
}

}  // namespace

std::string PlanText(const PlanNode& plan, const BoundQuery& query, std::string_view text,
                     const graph::Catalog& catalog, const PlanProfile* profile) {
  std::string out;
  Add(plan, 0, Describer(query, text, catalog), profile, out);
  return out;
}

}  // namespace qipu::query
