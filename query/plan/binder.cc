#include "query/plan/binder.h"

#include <algorithm>

#include "graph/json.h"
#include "query/parse/parse.h"

namespace qipu::query {

Result<BoundQuery> Bind(const QueryAst& query, std::string_view text,
                        const graph::Snapshot& snapshot) {
  return Binder(text, snapshot).BindQuery(query);
}

Result<BoundQuery> Binder::BindQuery(const QueryAst& query) {
  for (const SingleQuery& part : query.parts) {
    scope_.clear();
    out_.parts.push_back(QIPU_TRY(BindPart(part)));
  }
  out_.all = query.all;
  if (query.parts.size() == 1) {
    out_.columns = out_.parts[0].columns;
  } else {
    QIPU_TRY(BindUnion(query));
  }
  return std::move(out_);
}

Status Binder::BindUnion(const QueryAst& query) {
  const std::vector<Column>& first = out_.parts[0].columns;
  for (size_t i = 1; i < query.parts.size(); ++i) {
    if (query.all[i - 1] != query.all[0]) {
      return Complain(query.unions[i - 1], "UNION and UNION ALL can't be mixed in one query");
    }
    const std::vector<Column>& columns = out_.parts[i].columns;
    if (!std::equal(first.begin(), first.end(), columns.begin(), columns.end(),
                    [](const Column& a, const Column& b) { return a.name == b.name; })) {
      return Complain(
          query.unions[i - 1],
          "both sides of UNION must return columns of the same names in the same order");
    }
  }
  for (const Column& column : first) {
    out_.columns.push_back({column.name, NewSlot(column.name)});
  }
  return Ok{};
}

Result<BoundPart> Binder::BindPart(const SingleQuery& part) {
  BoundPart bound;
  for (const Clause& clause : part.clauses) {
    if (const auto* match = std::get_if<MatchClause>(&clause)) {
      BoundMatch pattern = QIPU_TRY(BindPattern(match->pattern, NewNames::kAllowed));
      pattern.optional = match->optional;
      QIPU_TRY(AddWhere(match->where, pattern));
      bound.clauses.emplace_back(std::move(pattern));
    } else if (const auto* unwind = std::get_if<UnwindClause>(&clause)) {
      BoundUnwind out;
      out.list = QIPU_TRY(BindExpression(*unwind->list));
      if (scope_.contains(unwind->variable)) {
        return Complain(unwind->span, "variable '" + unwind->variable + "' is there already");
      }
      out.slot = NewSlot(unwind->variable);
      scope_[unwind->variable] = {out.slot, VariableKind::kValue};
      bound.clauses.emplace_back(std::move(out));
    } else if (const auto* projection = std::get_if<ProjectionClause>(&clause)) {
      bound.clauses.emplace_back(QIPU_TRY(BindProjection(*projection)));
      bound.columns = std::get<BoundProjection>(bound.clauses.back()).columns;
    } else {
      return ErrorAt(text_, std::get<CreateClause>(clause).span, ErrorCode::kUnsupported,
                     "CREATE is not executed by this version");
    }
  }
  return bound;
}

Slot Binder::NewSlot(std::string name) {
  out_.slot_names.push_back(std::move(name));
  out_.slot_read.push_back(false);
  return static_cast<Slot>(out_.slot_names.size() - 1);
}

std::optional<graph::LabelId> Binder::FindLabel(const std::string& name) {
  const auto id = snapshot_.catalog().FindLabel(name);
  if (!id) NoticeUnknown("label", name, snapshot_.catalog().labels);
  return id;
}

std::optional<graph::EdgeTypeId> Binder::FindEdgeType(const std::string& name) {
  const auto id = snapshot_.catalog().FindEdgeType(name);
  if (!id) NoticeUnknown("relationship type", name, snapshot_.catalog().edge_types);
  return id;
}

std::optional<graph::PropertyId> Binder::FindProperty(const std::string& name) {
  const auto id = snapshot_.catalog().FindProperty(name);
  if (!id) NoticeUnknown("property", name, snapshot_.catalog().properties);
  return id;
}

void Binder::NoticeUnknown(std::string_view what, const std::string& name,
                           const graph::NameTable& known) {
  std::string notice = "no " + std::string(what) + " '" + name + "' in this database";
  const std::string near = graph::NearestName(name, known.names());
  if (!near.empty()) notice += "; did you mean '" + near + "'?";
  if (std::find(out_.notices.begin(), out_.notices.end(), notice) == out_.notices.end()) {
    out_.notices.push_back(std::move(notice));
  }
}

Error Binder::Complain(Span span, std::string_view what) const {
  return SyntaxError(text_, span, what);
}

}  // namespace qipu::query
