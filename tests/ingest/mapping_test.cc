// The mapping language: what is read, and that what is wrong with a mapping or a header is said
// with its place.
#include "ingest/mapping.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <span>

#include "ingest/source.h"
#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

/// A mapping, and what is said of it.
struct WrongMapping {
  const char* name;
  std::string text;
  std::vector<const char*> says;
};

class MappingTest : public testing::Test {
 protected:
  Result<Mapping> Load(const std::string& text) const {
    const auto path = folder_.path() + "/m.json";
    std::ofstream(path, std::ios::binary) << text;
    return Mapping::Load(path);
  }
  void ExpectWrong(std::span<const WrongMapping> cases) const {
    for (const auto& c : cases) {
      SCOPED_TRACE(c.name);
      const auto mapping = Load(c.text);
      ASSERT_FALSE(mapping.ok());
      EXPECT_EQ(mapping.error().code, ErrorCode::kInvalidArgument);
      for (const auto* text : c.says) EXPECT_THAT(mapping.error().message, HasSubstr(text));
    }
  }
  ScratchFolder folder_;
};

/// A mapping whose column, vertex and further members are given.
std::string Around(const std::string& column, const std::string& vertex, const std::string& rest) {
  return "{\"source\": \"s\", \"version\": 1, \"title\": \"t\", \"licence\": \"l\",\n\"columns\": "
         "{" +
         column + "},\n\"vertices\": {" + vertex + "}" + rest + "}";
}
const char kIdColumn[] = R"("id": {"required": true})";
const char kFirm[] = R"("firm": {"label": "Company", "key": "id"})";

TEST_F(MappingTest, ReadsTheGuild) {
  const auto mapping = Load(kGuildMapping);
  ASSERT_TRUE(mapping.ok()) << mapping.error().message;
  EXPECT_EQ(mapping->source, "guild");
  EXPECT_EQ(mapping->columns.size(), 7u);
  EXPECT_EQ(mapping->edges.size(), 1u);
  EXPECT_EQ(mapping->edges[0].multiplicity, Multiplicity::kOne);
  EXPECT_EQ(mapping->sha256.size(), 64u);
  EXPECT_THAT(mapping->OutputsOf(0),
              ElementsAre("name", "founded", "employees", "registered_capital_cny",
                          "registered_capital_stated", "unverified_code", "unverified_code_reason",
                          "status", "LOCATED_IN"));
}

TEST_F(MappingTest, EveryMappingOfTheProjectLoads) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(QIPU_SOURCE_DIR "/schemas/sources")) {
    if (entry.path().extension() != ".json") continue;
    const auto mapping = Mapping::Load(entry.path().string());
    ASSERT_TRUE(mapping.ok()) << mapping.error().message;
    EXPECT_EQ(mapping->source, entry.path().stem());
    ++count;
  }
  EXPECT_GE(count, 6);
}

TEST_F(MappingTest, SaysWhatIsWrongAndWhere) {
  const WrongMapping cases[] = {
      {"no json", "{", {"m.json:1"}},
      {"misspelt key",
       Around(kIdColumn, kFirm, R"(, "edgs": [])"),
       {"edgs", "did you mean 'edges'"}},
      {"no columns", R"({"source": "s", "version": 1, "title": "t", "licence": "l"})", {"columns"}},
      {"nothing made",
       R"({"source": "s", "version": 1, "title": "t", "licence": "l",
                           "columns": {"id": {}}})",
       {"neither"}},
      {"unknown type",
       Around(R"("id": {"type": "strin"})", kFirm, ""),
       {"m.json:2", "columns.id.type", "did you mean 'string'"}},
      {"option of another type",
       Around(R"("id": {"factor": 10})", kFirm, ""),
       {"columns.id.factor"}},
      {"factor of nothing", Around(R"("id": {"type": "int", "factor": 0})", kFirm, ""), {"factor"}},
      {"bound of a string", Around(R"("id": {"min": 0})", kFirm, ""), {"columns.id.min", "type"}},
      {"bound that is no number",
       Around(R"("id": {"type": "int", "max": "1"})", kFirm, ""),
       {"columns.id.max"}},
      {"nothing between the bounds",
       Around(R"("id": {"type": "int", "min": 1, "max": 0})", kFirm, ""),
       {"columns.id.max", "'max' is below 'min'"}},
      {"amount without words", Around(R"("id": {"type": "amount"})", kFirm, ""), {"words"}},
      {"identifier without schemes",
       Around(R"("id": {"type": "identifier"})", kFirm, ""),
       {"schemes"}},
      {"header twice",
       Around(R"("id": {"header": "x"}, "b": {"header": ["y", "x"]})", kFirm, ""),
       {"'x'", "another column"}},
      {"dot in a name", Around(R"("a.b": {})", kFirm, ""), {"dot"}},
      {"unknown column",
       Around(kIdColumn, R"("firm": {"label": "Company", "key": "idd"})", ""),
       {"m.json:3", "'idd'", "did you mean 'id'"}},
      {"part of a string",
       Around(kIdColumn, R"("firm": {"label": "Company", "key": "id.key"})", ""),
       {"no part 'key'"}},
      {"whole of an identifier",
       Around(R"("id": {"type": "identifier", "schemes": {"lei": "lei"}})", kFirm, ""),
       {"which part", "id.key"}},
      {"no key", Around(kIdColumn, R"("firm": {"label": "Company"})", ""), {"key"}},
      {"unknown vertex",
       Around(kIdColumn, kFirm, R"(, "edges": [{"type": "E", "from": "frim", "to": "firm"}])"),
       {"'frim'", "did you mean 'firm'"}},
      {"words for a number",
       Around(R"("id": {}, "n": {"type": "int"})",
              R"("firm": {"label": "Company", "key": "id", "when": {"n": ["1"]}})", ""),
       {"type string"}},
      {"place without evidence",
       Around(kIdColumn, kFirm, R"(, "place": {"vertex": "firm", "edge": "E", "to": "D"})"),
       {"'address'"}},
      {"bad day", Around(kIdColumn, kFirm, R"(, "as_of": "2019-02-30")"), {"as_of", "YYYY-MM-DD"}},
      {"long delimiter",
       Around(kIdColumn, kFirm, R"(, "format": {"delimiter": "||"})"),
       {"format.delimiter"}},
  };
  ExpectWrong(cases);
}

TEST_F(MappingTest, SaysWhatIsWrongWithAVertex) {
  const WrongMapping cases[] = {
      {"existence is yes or no",
       Around(kIdColumn, R"("firm": {"label": "Company", "key": "id", "must_exist": "yes"})", ""),
       {"must_exist"}},
      {"constant that is no day",
       Around(kIdColumn,
              R"("firm": {"label": "Company", "key": "id",
                          "properties": {"founded": {"date": "2019-02-30"}}})",
              ""),
       {"founded.date", "YYYY-MM-DD"}},
      {"constant that is two",
       Around(kIdColumn,
              R"("firm": {"label": "Company", "key": "id",
                          "properties": {"founded": {"date": "2019-02-03", "value": 1}}})",
              ""),
       {"founded", "value"}},
  };
  ExpectWrong(cases);
}

TEST_F(MappingTest, RefusesFormatsAndNamesOfNoUse) {
  const WrongMapping cases[] = {
      {"date format of nothing",
       Around(R"("id": {}, "d": {"type": "date", "formats": ["Y-M-D",
"Q-Z"]})",
              kFirm, ""),
       {"m.json:3", "columns.d.formats[1]", "'Q-Z' must name Y, M and D once"}},
      {"a single date format",
       Around(R"("id": {}, "d": {"type": "date", "formats": "yyyy-MM-dd"})", kFirm, ""),
       {"m.json:2", "columns.d.formats", "'yyyy-MM-dd' must name"}},
      {"no date format",
       Around(R"("id": {}, "d": {"type": "date", "formats": []})", kFirm, ""),
       {"m.json:2", "columns.d.formats", "a date needs a format"}},
      {"date format with a mark forgotten",
       Around(R"("id": {}, "d": {"type": "date", "formats": "YM-D"})", kFirm, ""),
       {"m.json:2", "columns.d.formats", "'YM-D' must name", "between all of them or none"}},
      {"version of nothing",
       R"({"source": "s",
"version": 0, "title": "t", "licence": "l", "columns": {}})",
       {"m.json:2", "'version'", "1 or more"}},
      {"version before the first",
       R"({"source": "s",
"version": -1, "title": "t", "licence": "l", "columns": {}})",
       {"m.json:2", "'version'", "1 or more"}},
      {"delimiter that is the quote",
       Around(kIdColumn, kFirm, R"(,
"format": {"delimiter": ";", "quote": ";"})"),
       {"m.json:4", "'format'", "two different"}},
      {"line end for a delimiter",
       Around(kIdColumn, kFirm, R"(,
"format": {"delimiter": "\n"})"),
       {"m.json:4", "'format'", "no line ends"}},
      {"name of a source",
       R"({"source": "cn registry !", "version": 1, "title": "t", "licence": "l", "columns": {}})",
       {"m.json:1", "'source'", "'cn registry !'", "letters, digits"}},
      {"no name of a source",
       R"({"source": "", "version": 1, "title": "t", "licence": "l", "columns": {}})",
       {"m.json:1", "'source'", "letters, digits"}},
  };
  ExpectWrong(cases);
}

TEST_F(MappingTest, SaysWhereItNamesAFileThatIsNotThere) {
  const auto words =
      Load(Around(R"("id": {}, "c": {"type": "amount", "words": "none.json"})", kFirm, ""));
  ASSERT_FALSE(words.ok());
  EXPECT_EQ(words.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(words.error().message, AllOf(HasSubstr("m.json:2: key 'columns.c.words': "),
                                           HasSubstr("none.json: no such file")));

  std::ofstream(folder_.path() + "/none.json") << R"({"words": {"k": {}}})";
  const auto inside =
      Load(Around(R"("id": {}, "c": {"type": "amount", "words": "none.json"})", kFirm, ""));
  ASSERT_FALSE(inside.ok());
  EXPECT_THAT(inside.error().message, HasSubstr("none.json:1: key 'words.k"));
}

TEST_F(MappingTest, SaysWhereItNamesAChainThatIsNotThere) {
  const struct {
    const char* chain;
    const char* says;
  } cases[] = {
      {"smart", "; there are: smart-manufacturing; did you mean 'smart-manufacturing'?"},
      {"smart-manufacturng", "; did you mean 'smart-manufacturing'?"},
      {"textiles", "; there are: smart-manufacturing"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.chain);
    ASSERT_TRUE(Load(Around(kIdColumn, kFirm,
                            R"(,
"classify": {"vertex": "firm", "edge": "E", "to": "S", "scope": "id", "chain": ")" +
                                std::string(c.chain) + "\"}"))
                    .ok());
    const auto source = Source::Load(folder_.path() + "/m.json", QIPU_SOURCE_DIR "/schemas");
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(source.error().message,
                AllOf(HasSubstr("m.json:4: key 'classify.chain': no chain '" +
                                std::string(c.chain) + "' in "),
                      testing::EndsWith(c.says)));
  }
}

TEST_F(MappingTest, RefusesADelimiterThatCanBePartOfACharacter) {
  const auto mapping = Load(Around(kIdColumn, kFirm, R"(,
"format": {"delimiter": "|", "encoding": "gb18030"})"));
  ASSERT_FALSE(mapping.ok());
  EXPECT_EQ(mapping.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(mapping.error().message, HasSubstr("m.json:4: key 'format': delimiter or quote"));
}

TEST_F(MappingTest, TakesPlainNamesOfSources) {
  for (const char* name : {"cn-registry", "a_b.2", "export-公司"}) {
    const auto mapping = Load(R"({"source": ")" + std::string(name) +
                              R"(", "version": 1, "title": "t", "licence": "l",
                                "columns": {"id": {}}, "vertices": {)" +
                              kFirm + "}}");
    ASSERT_TRUE(mapping.ok()) << mapping.error().message;
    EXPECT_EQ(mapping->source, name);
  }
}

TEST_F(MappingTest, TooManyOutputsAreRefused) {
  std::string properties;
  for (size_t i = 0; i <= kOutputsMax; ++i) {
    properties += (i == 0 ? "" : ", ") + ("\"p" + std::to_string(i)) + "\": \"id\"";
  }
  const auto mapping = Load(Around(
      kIdColumn, R"("firm": {"label": "Company", "key": "id", "properties": {)" + properties + "}}",
      ""));
  ASSERT_FALSE(mapping.ok());
  EXPECT_THAT(mapping.error().message, HasSubstr("more than 64"));
}

TEST_F(MappingTest, MatchesHeadersByTheirAliases) {
  const auto mapping = Load(kGuildMapping);
  ASSERT_TRUE(mapping.ok());
  const auto fields = mapping->MatchHeader(
      "f.csv", {"clerk", "firm name", "code", "town", "trades", "capital", "staff", "founded"});
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_THAT(*fields, ElementsAre(std::nullopt, Optional(1u), Optional(0u), Optional(5u),
                                   Optional(6u), Optional(4u), Optional(3u), Optional(2u)));
}

TEST_F(MappingTest, RefusesHeadersThatItDoesNotKnow) {
  const auto mapping = Load(kGuildMapping);
  ASSERT_TRUE(mapping.ok());
  const struct {
    const char* name;
    std::vector<std::string> header;
    std::vector<const char*> says;
  } cases[] = {
      {"unknown",
       {"code", "firm", "founded", "staff", "capital", "town", "trades", "stuff"},
       {"f.csv:1", "'stuff'", "did you mean 'staff'", "'ignore'", "m.json"}},
      {"missing",
       {"code", "firm", "founded", "staff", "capital", "town"},
       {"f.csv:1", "no column 'trades'", "m.json"}},
      {"both aliases",
       {"code", "firm", "founded", "staff", "capital", "town", "trades", "firm name"},
       {"f.csv:1", "two columns", "'firm', 'firm name'"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto fields = mapping->MatchHeader("f.csv", c.header);
    ASSERT_FALSE(fields.ok());
    for (const auto* text : c.says) EXPECT_THAT(fields.error().message, HasSubstr(text));
  }
}

}  // namespace
}  // namespace qipu::ingest
