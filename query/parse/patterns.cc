#include <charconv>
#include <utility>

#include "query/parse/parse.h"

namespace qipu::query {

Result<Pattern> Parser::ParsePattern() {
  Pattern pattern;
  do {
    pattern.paths.push_back(QIPU_TRY(ParsePath()));
  } while (TakeSymbol(","));
  return pattern;
}

Result<PathPattern> Parser::ParsePath() {
  PathPattern path;
  const uint32_t begin = Peek().span.begin;
  if (AtVariable() && AtSymbol("=", 1)) {
    path.variable = Peek().text;
    Advance();
    Advance();
  }
  if ((AtKeyword("shortestPath") || AtKeyword("allShortestPaths")) && AtSymbol("(", 1)) {
    return ErrorAt(text_, Peek().span, ErrorCode::kUnsupported,
                   Peek().text + " is not executed by this version");
  }
  path.nodes.push_back(QIPU_TRY(ParseNode()));
  while (AtSymbol("-") || (AtSymbol("<") && AtSymbol("-", 1))) {
    path.relationships.push_back(QIPU_TRY(ParseRelationship()));
    path.nodes.push_back(QIPU_TRY(ParseNode()));
  }
  path.span = From(begin);
  return path;
}

Result<NodePattern> Parser::ParseNode() {
  NodePattern node;
  const uint32_t begin = Peek().span.begin;
  QIPU_TRY(NeedSymbol("(", "to start a node"));
  if (AtVariable()) {
    node.variable = Peek().text;
    Advance();
  }
  while (TakeSymbol(":")) node.labels.push_back(QIPU_TRY(NeedName("a label")));
  if (AtSymbol("|")) return Complain("labels are joined by ':', and a vertex must have all");
  node.properties = QIPU_TRY(ParsePatternProperties());
  QIPU_TRY(NeedSymbol(")", "to end a node"));
  node.span = From(begin);
  return node;
}

Result<RelationshipPattern> Parser::ParseRelationship() {
  RelationshipPattern relationship;
  const uint32_t begin = Peek().span.begin;
  const bool left = TakeSymbol("<");
  QIPU_TRY(NeedSymbol("-", "to start a relationship"));
  if (TakeSymbol("[")) {
    QIPU_TRY(ParseRelationshipDetail(relationship));
    QIPU_TRY(NeedSymbol("]", "to end a relationship"));
  }
  QIPU_TRY(NeedSymbol("-", "after a relationship"));
  const bool right = TakeSymbol(">");
  relationship.direction = left == right ? ArrowDirection::kEither
                           : left        ? ArrowDirection::kLeft
                                         : ArrowDirection::kRight;
  relationship.span = From(begin);
  return relationship;
}

Status Parser::ParseRelationshipDetail(RelationshipPattern& relationship) {
  if (AtVariable()) {
    relationship.variable = Peek().text;
    Advance();
  }
  if (TakeSymbol(":")) {
    do {
      TakeSymbol(":");  // [:A|:B] means [:A|B]
      relationship.types.push_back(QIPU_TRY(NeedName("a relationship type")));
    } while (TakeSymbol("|"));
  }
  if (TakeSymbol("*")) relationship.hops = QIPU_TRY(ParseHops());
  relationship.properties = QIPU_TRY(ParsePatternProperties());
  return Ok{};
}

Result<HopRange> Parser::ParseHops() {
  const auto bound = [&]() -> Result<std::optional<uint64_t>> {
    if (Peek().kind != TokenKind::kInteger) return std::optional<uint64_t>();
    uint64_t value = 0;
    const std::string& digits = Peek().text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return Complain("a number of hops expected, not " + Shown(Peek()));
    }
    Advance();
    return std::optional<uint64_t>(value);
  };
  HopRange hops;
  const std::optional<uint64_t> first = QIPU_TRY(bound());
  if (TakeSymbol("..")) {
    hops.min = first.value_or(1);
    hops.max = QIPU_TRY(bound());
  } else if (first) {
    hops.min = *first;
    hops.max = first;
  }
  return hops;
}

Result<ExprPtr> Parser::ParsePatternProperties() {
  if (AtSymbol("{")) return ParseMap();
  if (Peek().kind == TokenKind::kParameter) return ParseAtom();
  return ExprPtr();
}

bool Parser::LooksLikePattern(size_t ahead) const {
  if (!AtSymbol("(", ahead)) return false;
  size_t i = ahead + 1;
  if (Peek(i).kind == TokenKind::kName || Peek(i).kind == TokenKind::kQuotedName) ++i;
  if (!AtSymbol(")", i) && !AtSymbol(":", i) && !AtSymbol("{", i) &&
      Peek(i).kind != TokenKind::kParameter) {
    return false;
  }
  for (int open = 1; open > 0; ++i) {
    if (Peek(i).kind == TokenKind::kEnd) return false;
    if (AtSymbol("(", i)) ++open;
    if (AtSymbol(")", i)) --open;
  }
  if (AtSymbol("<", i) && AtSymbol("-", i + 1)) return AtSymbol("[", i + 2) || AtSymbol("-", i + 2);
  if (!AtSymbol("-", i)) return false;
  if (AtSymbol("[", i + 1)) return true;
  return AtSymbol("-", i + 1) && (AtSymbol("(", i + 2) || AtSymbol(">", i + 2));
}

}  // namespace qipu::query
