// What a mapping makes against the schema of a database, and where it says otherwise.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "ingest/run.h"
#include "tests/ingest/guild.h"

namespace qipu::ingest {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class FitTest : public testing::Test {
 protected:
  /// Holds a mapping against the default schema; `rules` begins in line 3.
  Status Check(const std::string& rules, bool closed = false) const {
    std::ifstream file(QIPU_SOURCE_DIR "/schemas/graph.json");
    std::stringstream text;
    text << file.rdbuf();
    auto schema = QIPU_TRY(graph::Schema::Parse(text.str(), "graph.json"));
    schema.set_closed(closed);
    const auto path = folder_.path() + "/m.json";
    std::ofstream(path, std::ios::binary)
        << "{\"source\": \"s\", \"version\": 1, \"title\": \"t\", \"licence\": \"l\",\n"
           "\"columns\": {\"id\": {}, \"day\": {\"type\": \"date\"}},\n"
        << rules << "}";
    return CheckFit(QIPU_TRY(Mapping::Load(path)), schema);
  }
  ScratchFolder folder_;
};

const char kFirm[] = R"("vertices": {"firm": {"label": "Company", "key": "id"}},
"edges": [)";

TEST_F(FitTest, TakesWhatTheSchemaHas) {
  const std::string rules = R"("vertices": {"firm": {"label": "Company", "key": "id",
    "properties": {"name": "id", "founded": "day"}}},
    "edges": [{"type": "LOCATED_IN", "from": "firm", "to": {"label": "District", "key": "id"}}])";
  for (const bool closed : {false, true}) {
    const auto fits = Check(rules, closed);
    EXPECT_TRUE(fits.ok()) << fits.error().message;
  }
}

TEST_F(FitTest, SaysInWhichLineItDoesNotFit) {
  const struct {
    const char* name;
    std::string rules;
    const char* says;
  } cases[] = {
      {"type of a property", R"("vertices": {"firm": {"label": "Company", "key": "id",
"properties": {"name": "id",
"founded": "id"}}})",
       "m.json:5: property 'founded' of Company is date in the database's schema, string here"},
      {"label without a key", R"("vertices": {
"firm": {"label": "Firm", "key": "id"}})",
       "m.json:4: vertex 'firm': the database's schema gives no key to label 'Firm'"},
      {"ends of an edge", kFirm + std::string(R"(
{"type": "FEEDS", "from": "firm", "to": {"label": "District", "key": "id"}}])"),
       "m.json:5: the database's schema has no FEEDS from Company to District"},
      {"property of an edge", kFirm + std::string(R"(
{"type": "LOCATED_IN", "from": "firm", "to": {"label": "District", "key": "id"},
"properties": {"confidence": "id"}}])"),
       "m.json:6: property 'confidence' of LOCATED_IN is float in the database's schema"},
      {"edge of a place", kFirm + std::string(R"(],
"place": {"vertex": "firm", "edge": "FEEDS", "to": "District", "address": "id"})"),
       "m.json:5: the database's schema has no FEEDS from Company to District"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto fits = Check(c.rules);
    ASSERT_FALSE(fits.ok());
    EXPECT_EQ(fits.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(fits.error().message, HasSubstr(c.says));
  }
}

TEST_F(FitTest, SaysWhatAClosedSchemaDoesNotDeclare) {
  const auto property = Check(R"("vertices": {"firm": {"label": "Company", "key": "id",
"properties": {"moood": "id"}}})",
                              true);
  ASSERT_FALSE(property.ok());
  EXPECT_THAT(property.error().message,
              EndsWith("m.json:4: the database's schema is closed and does not declare property "
                       "'moood' of Company"));
  const auto edge = Check(kFirm + std::string(R"(
{"type": "LIKES", "from": "firm", "to": {"label": "District", "key": "id"}}])"),
                          true);
  ASSERT_FALSE(edge.ok());
  EXPECT_THAT(edge.error().message,
              EndsWith("m.json:5: the database's schema is closed and does not declare edge type "
                       "'LIKES'"));
}

}  // namespace
}  // namespace qipu::ingest
