#include <algorithm>

#include "query/parse/parse.h"
#include "query/plan/binder.h"

namespace qipu::query {
namespace {

BoundExpr SlotRead(Slot slot, Span span) {
  BoundExpr expr(BoundKind::kSlot, span);
  expr.slot = slot;
  return expr;
}

/// Null for null, an error for anything but a vertex: what a label of no name would ask.
BoundExpr IsVertex(Slot slot, Span span) {
  BoundExpr there(BoundKind::kHasLabels, span);
  there.children.push_back(SlotRead(slot, span));
  return there;
}

/// `a AND b AND c` as three conditions.
void SplitConjunction(BoundExpr condition, std::vector<BoundExpr>& out) {
  if (condition.kind == BoundKind::kOperator && condition.op == Operator::kAnd) {
    for (BoundExpr& part : condition.children) SplitConjunction(std::move(part), out);
  } else {
    out.push_back(std::move(condition));
  }
}

std::string_view KindName(VariableKind kind) {
  constexpr std::string_view kNames[] = {"a node", "a relationship", "a list of relationships",
                                         "a path", "a value"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace

Result<BoundMatch> Binder::BindPattern(const Pattern& pattern, NewNames new_names) {
  BoundMatch match;
  std::vector<std::vector<size_t>> vertices;  // of each path
  for (const PathPattern& path : pattern.paths) {
    vertices.push_back(QIPU_TRY(DeclarePath(path, new_names, match)));
  }
  size_t edge = 0;
  for (size_t i = 0; i < pattern.paths.size(); ++i) {
    const PathPattern& path = pattern.paths[i];
    for (size_t v = 0; v < path.nodes.size(); ++v) {
      const Slot slot = match.vertices[vertices[i][v]].slot;
      QIPU_TRY(AddPropertyConditions(path.nodes[v].properties, slot, match));
    }
    for (const RelationshipPattern& relationship : path.relationships) {
      const Slot slot = match.edges[edge].slot;
      if (match.edges[edge].hops) {
        match.edges[edge].conditions = QIPU_TRY(BindHopConditions(relationship.properties));
      } else {
        QIPU_TRY(AddPropertyConditions(relationship.properties, slot, match));
      }
      ++edge;
    }
  }
  for (const PatternVertex& vertex : match.vertices) {
    // A null that OPTIONAL MATCH left behind matches no vertex; an edge at it tells by itself.
    const auto touches = [&](const PatternEdge& at) {
      return match.vertices[at.first].slot == vertex.slot ||
             match.vertices[at.second].slot == vertex.slot;
    };
    if (!vertex.bound || std::any_of(match.edges.begin(), match.edges.end(), touches)) continue;
    match.conditions.push_back(IsVertex(vertex.slot, {}));
  }
  return match;
}

Result<std::vector<size_t>> Binder::DeclarePath(const PathPattern& path, NewNames new_names,
                                                BoundMatch& match) {
  std::vector<Slot> slots;
  std::vector<size_t> vertices;
  for (size_t i = 0; i < path.nodes.size(); ++i) {
    std::optional<PatternEdge> edge;
    if (i > 0) edge = QIPU_TRY(DeclareEdge(path.relationships[i - 1], new_names, match));
    const size_t vertex = QIPU_TRY(DeclareVertex(path.nodes[i], new_names, match));
    if (edge) {
      edge->first = vertices.back();
      edge->second = vertex;
      slots.push_back(edge->slot);
      match.edges.push_back(std::move(*edge));
    }
    slots.push_back(match.vertices[vertex].slot);
    vertices.push_back(vertex);
  }
  if (path.variable.empty()) return vertices;
  if (scope_.contains(path.variable)) {
    return Complain(path.span, "variable '" + path.variable + "' is there already");
  }
  if (new_names == NewNames::kRefused) {
    return Complain(path.span, "a pattern used as a condition can't name a path");
  }
  AddPath(path, slots, match);
  return vertices;
}

void Binder::AddPath(const PathPattern& path, const std::vector<Slot>& slots, BoundMatch& match) {
  Assignment assignment;
  assignment.slot = NewSlot(path.variable);
  assignment.value = BoundExpr(BoundKind::kPath, path.span);
  assignment.value.slots = slots;
  scope_[path.variable] = {assignment.slot, VariableKind::kPath};
  match.paths.push_back(std::move(assignment));
}

Result<size_t> Binder::DeclareVertex(const NodePattern& node, NewNames new_names,
                                     BoundMatch& match) {
  const auto known = node.variable.empty() ? scope_.end() : scope_.find(node.variable);
  size_t index = match.vertices.size();
  if (known == scope_.end()) {
    if (!node.variable.empty() && new_names == NewNames::kRefused) {
      return Complain(node.span, "variable '" + node.variable + "' is not defined");
    }
    const Slot slot = NewSlot(node.variable);
    if (!node.variable.empty()) scope_[node.variable] = {slot, VariableKind::kVertex};
    match.vertices.push_back({slot, false, {}});
  } else {
    const Variable& variable = known->second;
    if (variable.kind != VariableKind::kVertex && variable.kind != VariableKind::kValue) {
      return Complain(node.span, "variable '" + node.variable + "' is " +
                                     std::string(KindName(variable.kind)) + ", not a node");
    }
    const auto here = std::find_if(match.vertices.begin(), match.vertices.end(),
                                   [&](const auto& v) { return v.slot == variable.slot; });
    index = static_cast<size_t>(here - match.vertices.begin());
    if (here == match.vertices.end()) match.vertices.push_back({variable.slot, true, {}});
  }
  for (const std::string& label : node.labels) {
    auto& labels = match.vertices[index].labels;
    const bool there =
        std::any_of(labels.begin(), labels.end(), [&](const auto& l) { return l.first == label; });
    if (!there) labels.emplace_back(label, FindLabel(label));
  }
  return index;
}

Result<PatternEdge> Binder::DeclareEdge(const RelationshipPattern& relationship, NewNames new_names,
                                        const BoundMatch& match) {
  PatternEdge edge;
  edge.choice = QIPU_TRY(BindChoice(relationship));
  edge.hops = relationship.hops;
  const std::string& name = relationship.variable;
  const auto known = name.empty() ? scope_.end() : scope_.find(name);
  if (known == scope_.end()) {
    if (!name.empty() && new_names == NewNames::kRefused) {
      return Complain(relationship.span, "variable '" + name + "' is not defined");
    }
    edge.slot = NewSlot(name);
    if (!name.empty()) {
      scope_[name] = {edge.slot, edge.hops ? VariableKind::kEdgeList : VariableKind::kEdge};
    }
    return edge;
  }
  const Variable& variable = known->second;
  const auto twice = [&](const PatternEdge& other) { return other.slot == variable.slot; };
  if (std::any_of(match.edges.begin(), match.edges.end(), twice)) {
    return Complain(relationship.span, "relationship '" + name +
                                           "' stands twice in one pattern, "
                                           "but each relationship is matched once");
  }
  if (edge.hops && variable.kind != VariableKind::kEdge && variable.kind != VariableKind::kVertex) {
    return ErrorAt(text_, relationship.span, ErrorCode::kUnsupported,
                   "a variable-length relationship that is known already is not executed by this "
                   "version");
  }
  if (edge.hops ||
      (variable.kind != VariableKind::kEdge && variable.kind != VariableKind::kValue)) {
    return Complain(relationship.span, "variable '" + name + "' is " +
                                           std::string(KindName(variable.kind)) +
                                           ", not what this pattern takes");
  }
  edge.slot = variable.slot;
  edge.bound = true;
  return edge;
}

Result<EdgeChoice> Binder::BindChoice(const RelationshipPattern& relationship) {
  EdgeChoice choice;
  choice.direction = relationship.direction;
  choice.any_type = relationship.types.empty();
  for (const std::string& name : relationship.types) {
    if (const auto type = FindEdgeType(name)) choice.types.push_back(*type);
  }
  std::sort(choice.types.begin(), choice.types.end());
  choice.types.erase(std::unique(choice.types.begin(), choice.types.end()), choice.types.end());
  return choice;
}

Status Binder::AddPropertyConditions(const ExprPtr& properties, Slot slot, BoundMatch& match) {
  for (PropertyCondition& condition : QIPU_TRY(BindHopConditions(properties))) {
    const Span span = condition.value.span;
    BoundExpr property(BoundKind::kProperty, span);
    property.name = std::move(condition.name);
    property.property = condition.property;
    property.children.push_back(SlotRead(slot, span));
    BoundExpr equal(BoundKind::kOperator, span);
    equal.op = Operator::kEqual;
    equal.children.push_back(std::move(property));
    equal.children.push_back(std::move(condition.value));
    match.conditions.push_back(std::move(equal));
    out_.slot_read[slot] = true;
  }
  return Ok{};
}

Result<std::vector<PropertyCondition>> Binder::BindHopConditions(const ExprPtr& properties) {
  std::vector<PropertyCondition> conditions;
  if (properties == nullptr) return conditions;
  if (properties->kind == ExprKind::kParameter) {
    return Complain(properties->span,
                    "a parameter can't stand for all properties here; write {key: $parameter.key}");
  }
  for (size_t i = 0; i < properties->names.size(); ++i) {
    PropertyCondition condition;
    condition.name = properties->names[i];
    condition.property = FindProperty(condition.name);
    condition.value = QIPU_TRY(BindExpression(*properties->children[i]));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

Status Binder::AddWhere(const ExprPtr& where, BoundMatch& match) {
  if (where != nullptr) {
    SplitConjunction(QIPU_TRY(BindExpression(*where)), match.conditions);
  }
  return Ok{};
}

}  // namespace qipu::query
