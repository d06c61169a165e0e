#include "graph/schema.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "graph/rules.h"
#include "tests/graph/fresh_store.h"

namespace qipu::graph {
namespace {

TEST(Schema, DefaultSchemaHasTheLabelsAndKeys) {
  std::ifstream file(QIPU_SOURCE_DIR "/schemas/graph.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto schema = Schema::Parse(text.str(), "schemas/graph.json");
  ASSERT_TRUE(schema.ok()) << MessageOf(schema);
  EXPECT_EQ(schema->KeyOf("DeviceSupplier"), "id");
  EXPECT_EQ(schema->KeyOf("District"), "code");
  EXPECT_EQ(schema->KeyOf("Nothing"), "");
  EXPECT_EQ(schema->FindLabel("Company")->properties.find("registered_capital_cny")->second.unit,
            "CNY");
  EXPECT_EQ(schema->FindLabel("Manufacturer")->of, "Company");
  EXPECT_NE(schema->FindEdge("FEEDS"), nullptr);
  EXPECT_FALSE(schema->closed());
  EXPECT_EQ(schema->text(), text.str());
}

TEST(Schema, ComplainsWithLineAndKey) {
  const struct {
    const char* name;
    const char* text;
    const char* want;
  } cases[] = {
      {"unknown key", "{\n\"label\": {}}", "s.json:2: key 'label': unknown key; did you mean"},
      {"unknown type", R"({"labels": {"A": {"properties": {"p": {"type": "strnig"}}}}})",
       "key 'labels.A.properties.p.type': unknown type 'strnig'; did you mean 'string'?"},
      {"of an unknown label", R"({"labels": {"Company": {}, "B": {"of": "Compnay"}}})",
       "key 'labels.B.of': no label 'Compnay' is declared; did you mean 'Company'?"},
      {"of itself", R"({"labels": {"B": {"of": "B"}}})", "refines a label itself"},
      {"of a refining label", R"({"labels": {"A": {}, "B": {"of": "A"}, "C": {"of": "B"}}})",
       "key 'labels.C.of'"},
      {"key and of", R"({"labels": {"A": {}, "B": {"of": "A", "key": "id"}}})",
       "key 'labels.B.key'"},
      {"key that is no string",
       R"({"labels": {"A": {"key": "k", "properties": {"k": {"type": "int"}}}}})",
       "must be of type string"},
      {"end that is no label", R"({"labels": {"A": {}}, "edges": {"E": {"ends": [["A", "X"]]}}})",
       "key 'edges.E.ends[0]': no label 'X'"},
      {"three ends", R"({"labels": {"A": {}}, "edges": {"E": {"ends": [["A", "A", "A"]]}}})",
       "expected [from label, to label]"},
      {"required that is no truth", R"({"labels": {"A": {"properties": {"p": {"required": 1}}}}})",
       "expected true or false"},
      {"no object", "[]", "expected an object"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FAILS(Schema::Parse(c.text, "s.json"), ErrorCode::kInvalidArgument, c.want);
  }
}

TEST(Rules, NumberTypesTakeWholeNumbers) {
  const Schema schema = FirmSchema();
  const Catalog catalog = CatalogOf(schema);
  const Rules rules(schema, catalog);
  const LabelRule& firm = rules.Of(*catalog.FindLabel("Firm"));
  const PropertyId capital = *catalog.FindProperty("capital");
  const PropertyId staff = *catalog.FindProperty("staff");
  EXPECT_TRUE(firm.properties.Accepts(capital, Value(1.5)));
  EXPECT_TRUE(firm.properties.Accepts(capital, Value(int64_t{2})));
  EXPECT_FALSE(firm.properties.Accepts(capital, Value("2")));
  EXPECT_FALSE(firm.properties.Accepts(staff, Value(2.0)));
  EXPECT_TRUE(firm.properties.Accepts(*catalog.FindProperty("code"), Value(2.0)));
  EXPECT_EQ(rules.DictionaryOf(*catalog.FindLabel("Maker")), *catalog.FindLabel("Firm"));
  EXPECT_FALSE(rules.Of(LabelId{99}).declared);
  EXPECT_EQ(rules.DictionaryOf(LabelId{99}), LabelId{99});
}

}  // namespace
}  // namespace qipu::graph
