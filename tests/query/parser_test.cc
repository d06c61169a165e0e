#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/parse/parse.h"

namespace qipu::query {
namespace {

using ::testing::HasSubstr;

std::string Shown(const Expr& expr);

std::string Shown(const Pattern& pattern) {
  std::string out;
  for (const PathPattern& path : pattern.paths) {
    if (!out.empty()) out += ", ";
    if (!path.variable.empty()) out += path.variable + " = ";
    for (size_t i = 0; i < path.nodes.size(); ++i) {
      if (i > 0) {
        const RelationshipPattern& r = path.relationships[i - 1];
        out += r.direction == ArrowDirection::kLeft ? "<-[" : "-[";
        out += r.variable;
        for (const std::string& type : r.types) out += "|" + type;
        if (r.hops) {
          out += "*" + std::to_string(r.hops->min) + "..";
          if (r.hops->max) out += std::to_string(*r.hops->max);
        }
        if (r.properties) out += " " + Shown(*r.properties);
        out += r.direction == ArrowDirection::kRight ? "]->" : "]-";
      }
      const NodePattern& n = path.nodes[i];
      out += "(" + n.variable;
      for (const std::string& label : n.labels) out += ":" + label;
      if (n.properties) out += " " + Shown(*n.properties);
      out += ")";
    }
  }
  return out;
}

/// An expression with every grouping in parentheses.
std::string Shown(const Expr& expr) {
  constexpr const char* kSigns[] = {"OR", "XOR",   "AND",      "NOT",    "=",    "<>",       "<",
                                    "<=", ">",     ">=",       "STARTS", "ENDS", "CONTAINS", "=~",
                                    "IN", "NULL?", "NOTNULL?", "+",      "-",    "*",        "/",
                                    "%",  "^",     "neg",      "pos",    "[]",   "[..]"};
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : " ") + part; };
  switch (expr.kind) {
    case ExprKind::kLiteral:
      if (expr.literal.is_null()) return "null";
      return expr.literal.AsString() ? "'" + expr.literal.ToString() + "'"
                                     : expr.literal.ToString();
    case ExprKind::kParameter:
      return "$" + expr.name;
    case ExprKind::kVariable:
      return expr.name;
    case ExprKind::kProperty:
      return Shown(*expr.children[0]) + "." + expr.name;
    case ExprKind::kCountStar:
      return "count(*)";
    case ExprKind::kOperator:
      add(kSigns[static_cast<size_t>(expr.op)]);
      break;
    case ExprKind::kFunction:
      add(expr.name + (expr.distinct ? "!" : ""));
      break;
    case ExprKind::kList:
      add("list");
      break;
    case ExprKind::kMap:
      add("map");
      break;
    case ExprKind::kHasLabels:
      add("labels");
      break;
    case ExprKind::kComparisons:
      add("chain");
      break;
    case ExprKind::kCase:
      add(expr.has_subject ? "case-of" : "case");
      break;
    case ExprKind::kComprehension:
      add("each " + expr.name);
      break;
    case ExprKind::kQuantifier:
      add("quantifier " + expr.name);
      break;
    case ExprKind::kReduce:
      add("reduce " + expr.name);
      break;
    case ExprKind::kPatternExists:
      add("exists " + Shown(*expr.pattern));
      break;
    case ExprKind::kPatternList:
      add("paths " + Shown(*expr.pattern));
      break;
  }
  for (const std::string& name : expr.names) add(name);
  for (const Operator op : expr.ops) add(kSigns[static_cast<size_t>(op)]);
  for (const ExprPtr& child : expr.children) add(Shown(*child));
  if (expr.where) add("where " + Shown(*expr.where));
  if (expr.project) add("| " + Shown(*expr.project));
  return "(" + out + ")";
}

TEST(ParseExpression, Groups) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"1 + 2 * 3", "(+ 1 (* 2 3))"},
      {"1 - 2 - 3", "(- (- 1 2) 3)"},
      {"2 ^ 3 ^ 2", "(^ (^ 2 3) 2)"},
      {"-2 ^ 2", "(^ -2 2)"},
      {"- x ^ 2", "(^ (neg x) 2)"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"1 - -1", "(- 1 -1)"},
      {"0xff + 0o17", "(+ 255 15)"},
      {"a OR b AND NOT c XOR d", "(OR a (XOR (AND b (NOT c)) d))"},
      {"a or b or c", "(OR a b c)"},
      {"NOT NOT a", "(NOT (NOT a))"},
      {"NOT a = b", "(NOT (= a b))"},
      {"1 < x <= 3", "(chain < <= 1 x 3)"},
      {"a + 1 IN [1, 2]", "(IN (+ a 1) (list 1 2))"},
      {"a IN b = c IN d", "(= (IN a b) (IN c d))"},
      {"a IS NULL = b IS NOT NULL", "(= (NULL? a) (NOTNULL? b))"},
      {"a STARTS WITH 'x' AND a ENDS WITH 'y'", "(AND (STARTS a 'x') (ENDS a 'y'))"},
      {"a.b.c[0][1..]", "([..] ([] a.b.c 0) 1 null)"},
      {"a[..2]", "([..] a null 2)"},
      {"n:A:B", "(labels A B n)"},
      {"(n)", "n"},
      {"(a)-1", "(- a 1)"},
      {"{a: 1, `b c`: [], match: null}", "(map a b c match 1 (list) null)"},
      {"count(*) + count(DISTINCT x)", "(+ count(*) (count! x))"},
      {"CASE WHEN a THEN 1 ELSE 2 END", "(case a 1 2)"},
      {"CASE x WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "(case-of x 1 'a' 2 'b')"},
      {"[x IN xs WHERE x > 1 | x * 2]", "(each x xs where (> x 1) | (* x 2))"},
      {"[x IN xs]", "(each x xs)"},
      {"all(x IN xs WHERE x)", "(quantifier x xs where x)"},
      {"reduce(s = 0, x IN xs | s + x)", "(reduce x s 0 xs (+ s x))"},
      {"(a)-[:T]->(:B {k: 1})", "(exists (a)-[|T]->(:B (map k 1)))"},
      {"(a)--(b)", "(exists (a)-[]-(b))"},
      {"exists((a)<--())", "(exists (a)<-[]-())"},
      {"exists(a.b)", "(exists a.b)"},
      {"EXISTS { MATCH (a)-->(b) WHERE b.x }", "(exists (a)-[]->(b) where b.x)"},
      {"[(a)-->(b) WHERE b.x | b.y]", "(paths (a)-[]->(b) where b.x | b.y)"},
      {"[p = (a)-->() | p]", "(paths p = (a)-[]->() | p)"},
      {"$p.x", "$p.x"},
      {"date.truncate('year', d)", "(date.truncate 'year' d)"},
      {"TRUE <> false", "(<> true false)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto query = Parse(std::string("RETURN ") + c.text);
    ASSERT_TRUE(query.ok()) << query.error().message;
    const auto& clause = std::get<ProjectionClause>(query->parts[0].clauses[0]);
    EXPECT_EQ(Shown(*clause.items[0].expression), c.want);
    EXPECT_EQ(clause.items[0].alias, c.text);
  }
}

TEST(ParsePattern, ReadsPatterns) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"(n)", "(n)"},
      {"()", "()"},
      {"(:A:B {k: 1})", "(:A:B (map k 1))"},
      {"(n $p)", "(n $p)"},
      {"(a)-[r:X|Y]->(b)<--(c)--(d)", "(a)-[r|X|Y]->(b)<-[]-(c)-[]-(d)"},
      {"(a)-[:X|:Y]-(b)", "(a)-[|X|Y]-(b)"},
      {"(a)<-[r]->(b)", "(a)-[r]-(b)"},
      {"(a)-[*]->(b)", "(a)-[*1..]->(b)"},
      {"(a)-[r*2]->(b)", "(a)-[r*2..2]->(b)"},
      {"(a)-[:T*0..3 {k: 1}]->(b)", "(a)-[|T*0..3 (map k 1)]->(b)"},
      {"(a)-[*..3]->(b)", "(a)-[*1..3]->(b)"},
      {"p = (a)-->(b), (c)", "p = (a)-[]->(b), (c)"},
      {"(企业:公司)-[:位于]->(:`城 区`)", "(企业:公司)-[|位于]->(:城 区)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto query = Parse("MATCH " + std::string(c.text) + " RETURN 1");
    ASSERT_TRUE(query.ok()) << query.error().message;
    EXPECT_EQ(Shown(std::get<MatchClause>(query->parts[0].clauses[0]).pattern), c.want);
  }
}

TEST(ParseQuery, ReadsClauses) {
  const auto query = Parse(
      "OPTIONAL MATCH (n) WHERE n.x UNWIND [1] AS x WITH DISTINCT n, x + 1 AS y ORDER BY y DESC, n "
      "SKIP 1 LIMIT $l WHERE y > 1 RETURN *, y AS z UNION ALL RETURN 1 AS z;");
  ASSERT_TRUE(query.ok()) << query.error().message;
  ASSERT_EQ(query->parts.size(), 2u);
  EXPECT_TRUE(query->all[0]);
  const auto& clauses = query->parts[0].clauses;
  ASSERT_EQ(clauses.size(), 4u);
  EXPECT_TRUE(std::get<MatchClause>(clauses[0]).optional);
  EXPECT_EQ(std::get<UnwindClause>(clauses[1]).variable, "x");
  const auto& with = std::get<ProjectionClause>(clauses[2]);
  EXPECT_TRUE(with.distinct);
  ASSERT_EQ(with.items.size(), 2u);
  EXPECT_EQ(with.items[1].alias, "y");
  ASSERT_EQ(with.order.size(), 2u);
  EXPECT_TRUE(with.order[0].descending);
  EXPECT_FALSE(with.order[1].descending);
  EXPECT_TRUE(with.skip && with.limit && with.where);
  const auto& last = std::get<ProjectionClause>(clauses[3]);
  EXPECT_TRUE(last.star);
  EXPECT_EQ(last.items.size(), 1u);
}

TEST(ParseQuery, RefusesWithThePlace) {
  const struct {
    const char* text;
    const char* want;
    ErrorCode code = ErrorCode::kInvalidArgument;
  } cases[] = {
      {"", "line 1, column 1: a query is missing here"},
      {"MATCH (n)", "column 1: a query can't end with this clause; add a RETURN"},
      {"MATHC (n) RETURN n", "column 1: unexpected 'MATHC'; did you mean MATCH?"},
      {"MATCH (n) RETRUN n", "did you mean RETURN?"},
      {"MATCH (n RETURN n", "column 10: ')' expected to end a node, not 'RETURN'"},
      {"MATCH (a)-[r->(b) RETURN a", "']' expected to end a relationship"},
      {"MATCH (a)-[r](b) RETURN a", "'-' expected after a relationship"},
      {"MATCH (a:A|B) RETURN a", "labels are joined by ':'"},
      {"MATCH (a)-[*x]->(b) RETURN a", "']' expected"},
      {"MATCH (match) RETURN 1", "')' expected"},
      {"RETURN match", "'match' is a word of the language"},
      {"RETURN 1 AS order", "stands in backticks: `order`"},
      {"RETURN 1 +", "column 11: an expression expected, not the end of the query"},
      {"RETURN (1", "')' expected to close the parenthesis"},
      {"RETURN [1, 2", "']' expected to end the list"},
      {"RETURN {a 1}", "':' expected after a key"},
      {"RETURN 9223372036854775808", "too large for an INTEGER"},
      {"RETURN 1e999", "too large for a FLOAT"},
      {"RETURN 0xZZ", "this is no number"},
      {"RETURN CASE x END", "WHEN expected"},
      {"RETURN 1 IS 2", "NULL expected after IS"},
      {"RETURN 1 WHERE true", "WHERE can't follow RETURN"},
      {"RETURN 1 MATCH (n) RETURN n", "RETURN ends a query; use WITH"},
      {"RETURN 1; RETURN 2", "one query at a time"},
      {"WITH 1 + 1 RETURN 2", "add AS name"},
      {"RETURN 1 LIMIT 1 SKIP 2", "the order is ORDER BY, SKIP, LIMIT"},
      {"UNWIND [1] RETURN 1", "AS expected after the list of UNWIND"},
      {"RETURN 1 UNION", "a query is missing here"},
      {"MATCH (n) DELETE n", "DELETE is not executed", ErrorCode::kUnsupported},
      {"MERGE (n) RETURN n", "MERGE is not executed", ErrorCode::kUnsupported},
      {"MATCH p = shortestPath((a)-->(b)) RETURN p", "column 11: shortestPath is not executed",
       ErrorCode::kUnsupported},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto query = Parse(c.text);
    ASSERT_FALSE(query.ok());
    EXPECT_EQ(query.error().code, c.code);
    EXPECT_THAT(query.error().message, HasSubstr(c.want));
  }
}

TEST(ParseQuery, LimitsDepth) {
  const auto repeated = [](std::string_view part, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += part;
    return out;
  };
  const size_t deep = kNestingMax - 1;
  EXPECT_TRUE(Parse("RETURN " + repeated("(", deep) + "1" + repeated(")", deep)).ok());
  for (const char* open : {"(", "[", "{a: ", "CASE WHEN ", "abs(", "[x IN ", "({a: "}) {
    SCOPED_TRACE(open);
    const auto query = Parse("RETURN " + repeated(open, 100'000));
    ASSERT_FALSE(query.ok());
    EXPECT_THAT(query.error().message, HasSubstr("nested more than"));
  }
  for (const char* part : {"1 + ", "NOT ", "-(1)-", "+ +", "1 ^ "}) {
    SCOPED_TRACE(part);
    EXPECT_THAT(Parse("RETURN " + repeated(part, 50'000) + "1").error().message,
                HasSubstr("too long"));
  }
  EXPECT_TRUE(Parse("RETURN " + repeated("a AND ", 50'000) + "b").ok());
}

}  // namespace
}  // namespace qipu::query
