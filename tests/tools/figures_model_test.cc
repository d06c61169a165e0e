#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "graph/store.h"
#include "graph/transaction.h"
#include "ingest/ledger.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

using graph::Date;
using graph::Transaction;
using graph::Value;
using graph::VertexId;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kSchema = R"({
  "labels": {
    "Company": {"key": "id", "properties": {"id": {"type": "string"}}},
    "District": {"key": "code"}, "City": {"key": "code"}, "Province": {"key": "code"},
    "Segment": {"key": "id"}, "Chain": {"key": "id"}
  },
  "edges": {}
})";

// A chain of four segments, two districts of one city, six companies.
class MapModels : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "qipu_map_XXXXXX";
    directory_ = mkdtemp(pattern.data());
    const auto schema = graph::Schema::Parse(kSchema, "schema.json");
    ASSERT_TRUE(schema.ok()) << schema.error().message;
    const Status made = graph::Store::Create(directory_, *schema, {});
    ASSERT_TRUE(made.ok()) << made.error().message;
    auto store = graph::Store::Open(directory_, {});
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = *std::move(store);
    Transaction transaction = store_->Begin();
    Fill(transaction);
    const auto committed = transaction.Commit();
    ASSERT_TRUE(committed.ok()) << committed.error().message;
  }
  void TearDown() override {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  using Texts = std::vector<std::pair<const char*, Value>>;

  static VertexId Put(Transaction& t, const char* label, const char* key, const Texts& texts) {
    const auto vertex = t.MergeVertex(t.Label(label), key);
    EXPECT_TRUE(vertex.ok());
    for (const auto& [name, value] : texts) {
      EXPECT_TRUE(t.SetProperty(*vertex, t.Property(name), value).ok());
    }
    return *vertex;
  }
  static void Link(Transaction& t, VertexId from, const char* type, VertexId to) {
    EXPECT_TRUE(t.PutEdge({from, t.EdgeType(type), to, 0}, {}).ok());
  }

  static VertexId Segment(Transaction& t, VertexId chain, const char* key, const Texts& texts) {
    const VertexId segment = Put(t, "Segment", key, texts);
    Link(t, segment, "PART_OF", chain);
    return segment;
  }

  static void Fill(Transaction& t) {
    const VertexId chain =
        Put(t, "Chain", "smart", {{"name", Value("智能制造")}, {"name_en", Value("Smart making")}});
    const VertexId city =
        Put(t, "City", "440300", {{"name", Value("深圳市")}, {"name_en", Value("Shenzhen")}});
    const VertexId province = Put(t, "Province", "440000", {{"name", Value("广东省")}});
    Link(t, city, "PART_OF", province);
    const VertexId baoan = Put(t, "District", "440306", {{"name", Value("宝安区")}});
    const VertexId nanshan = Put(t, "District", "440305", {{"name", Value("南山区")}});
    Link(t, baoan, "PART_OF", city);
    Link(t, nanshan, "PART_OF", city);
    // Loaded out of the order of stages: the map must not depend on it.
    const VertexId cars =
        Segment(t, chain, "cars", {{"name", Value("汽车")}, {"stage", Value("downstream")}});
    const VertexId chips = Segment(t, chain, "chips",
                                   {{"name", Value("芯片")},
                                    {"name_en", Value("Chips")},
                                    {"stage", Value("upstream")},
                                    {"group", Value("g_base")},
                                    {"group_name", Value("基础支撑")},
                                    {"group_name_en", Value("Infrastructure")}});
    const VertexId clouds = Segment(
        t, chain, "clouds",
        {{"name", Value("工业云")}, {"stage", Value("upstream")}, {"group", Value("g_base")}});
    Segment(t, chain, "robots", {{"name", Value("机器人")}, {"stage", Value("midstream")}});
    const auto company = [&](const char* key, const Texts& texts, VertexId district,
                             const std::vector<VertexId>& segments) {
      const VertexId vertex = Put(t, "Company", key, texts);
      Link(t, vertex, "LOCATED_IN", district);
      for (const VertexId segment : segments) Link(t, vertex, "OFFERS", segment);
    };
    company("x:1", {{"name", Value("甲公司")}, {"registered_capital_cny", Value(1e6)}}, baoan,
            {chips, clouds});
    company("x:2", {{"name", Value("乙公司")}, {"registered_capital_cny", Value(5e6)}}, baoan,
            {chips});
    company("x:3", {{"name", Value("张江")}}, nanshan, {chips});
    company("x:4",
            {{"name", Value("爱华有限公司")},
             {"short_name", Value("爱华")},
             {"name_en", Value("Aihua")}},
            nanshan, {chips});
    company("x:5",
            {{"name", Value("旧厂")}, {"dissolved", Value(Date::Parse("2020-01-01").value())}},
            baoan, {cars});
    company("x:6", {{"name", Value("歇业厂")}, {"status", Value("revoked")}}, baoan, {cars});
  }

  static std::vector<std::string> Names(const MapBox& box) {
    std::vector<std::string> names;
    for (const MapTile& tile : box.tiles) names.push_back(tile.name);
    return names;
  }

  Result<MapModel> Load(const MapQuery& query) {
    return LoadMapModel(store_->TakeSnapshot(), query);
  }

  std::string directory_;
  std::unique_ptr<graph::Store> store_;
};

TEST_F(MapModels, HoldsTheActiveCompaniesOfTheChain) {
  const auto model = Load({});
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->title, "智能制造产业链企业图谱");
  EXPECT_EQ(model->scope, "全部地区");
  EXPECT_EQ(model->companies, 4);
  EXPECT_EQ(model->segments, 4);
  EXPECT_EQ(Placements(*model), 5);
  ASSERT_EQ(model->bands.size(), 3u);
  const MapBand& upstream = model->bands[0];
  EXPECT_EQ(upstream.title, "上游");
  EXPECT_EQ(upstream.companies, 4);
  ASSERT_EQ(upstream.groups.size(), 1u);
  EXPECT_EQ(upstream.groups[0].title, "基础支撑");
  ASSERT_EQ(upstream.boxes.size(), 2u);
  // By capital, then, it being unknown, by pinyin: ai before zhang.
  EXPECT_THAT(Names(upstream.boxes[0]), ElementsAre("乙公司", "甲公司", "爱华", "张江"));
  EXPECT_THAT(model->bands[1].absent, ElementsAre("机器人"));
  EXPECT_THAT(model->bands[2].absent, ElementsAre("汽车"));
}

TEST_F(MapModels, AnEarlierDayBringsBackWhatWasThere) {
  MapQuery query;
  query.as_of = Date::Parse("2019-12-31");
  const auto model = Load(query);
  ASSERT_TRUE(model.ok());
  ASSERT_EQ(model->bands[2].boxes.size(), 1u);
  EXPECT_THAT(Names(model->bands[2].boxes[0]), ElementsAre("旧厂"));
}

TEST_F(MapModels, ARegionHoldsItsParts) {
  const struct {
    const char* code;
    const char* scope;
    int64_t companies;
  } cases[] = {{"440306", "广东省深圳市宝安区", 2},
               {"440305", "广东省深圳市南山区", 2},
               {"440300", "广东省深圳市", 4}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.code);
    MapQuery query;
    query.chain = "smart";
    query.region = c.code;
    const auto model = Load(query);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->scope, c.scope);
    EXPECT_EQ(model->companies, c.companies);
  }
}

TEST_F(MapModels, SpeaksEnglishWhereTheGraphDoes) {
  MapQuery query;
  query.language = Language::kEnglish;
  query.region = "440305";
  const auto model = Load(query);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->title, "Smart making: enterprise map");
  EXPECT_EQ(model->scope, "南山区, Shenzhen");  // and no Chinese name above it
  EXPECT_EQ(model->bands[0].groups[0].title, "Infrastructure");
  EXPECT_EQ(model->bands[0].boxes[0].title, "Chips");
  EXPECT_THAT(Names(model->bands[0].boxes[0]), ElementsAre("Aihua", "张江"));
}

TEST_F(MapModels, NamesItsSourcesFromTheLedger) {
  const auto record = [&](uint32_t number, const char* label, const char* title, const char* as_of,
                          const char* licence, uint64_t loaded) {
    Transaction t = store_->Begin();
    ingest::MappingEntry mapping;
    mapping.number = number;
    mapping.source = "source";
    mapping.title = title;
    mapping.as_of = as_of;
    mapping.licence = licence;
    mapping.fingerprint = std::to_string(number);
    mapping.vertices = {{label, {}}};
    ingest::PutMapping(t, mapping);
    ingest::FileEntry file;
    file.number = file.run = file.mapping = number;
    file.state = ingest::FileState::kDone;
    file.sha256 = std::to_string(number);
    file.counts.read = file.counts.loaded = loaded;
    ingest::PutFile(t, file);
    ingest::PutRun(t, {number, number, {number}});
    ASSERT_TRUE(t.Commit().ok());
  };
  const auto expect = [&](const char* step, const std::string& source, const char* data_as_of) {
    SCOPED_TRACE(step);
    const auto model = Load({});
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->source, source);
    EXPECT_EQ(model->data_as_of, Date::Parse(data_as_of));
  };
  expect("no import on record", "", "");
  record(1, "District", "区划", "2020-11-01", "", 9);
  record(2, "Company", "空", "2020-01-01", "", 0);
  expect("no company came from these", "", "");
  record(3, "Company", "登记信息", "2019-04-30", "CC0", 5);
  expect("one source", "登记信息（2019-04-30, CC0）", "2019-04-30");
  record(4, "Company", "登记信息", "2019-04-30", "CC0", 5);
  expect("the same under another version", "登记信息（2019-04-30, CC0）", "2019-04-30");
  record(5, "Company", "年报", "2018-12-31", "", 5);
  expect("the oldest date holds", "登记信息（2019-04-30, CC0）、年报（2018-12-31）", "2018-12-31");
  record(6, "Company", "名录", "", "", 5);
  expect("one without a date", "登记信息（2019-04-30, CC0）、年报（2018-12-31）、名录", "");
  MapQuery query;
  query.source = "自注";
  EXPECT_EQ(Load(query)->source, "自注");
}

TEST_F(MapModels, SaysWhatIsWrongWithTheQuestion) {
  const struct {
    const char *chain, *region;
    ErrorCode code;
    const char* want;
  } cases[] = {
      {"smrat", "", ErrorCode::kNotFound, "did you mean 'smart'"},
      {"smart", "999999", ErrorCode::kNotFound, "no district, city or province has the code"},
  };
  for (const auto& c : cases) {
    MapQuery query;
    query.chain = c.chain;
    query.region = c.region;
    const auto model = Load(query);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().code, c.code);
    EXPECT_THAT(model.error().message, HasSubstr(c.want));
  }
  MapQuery before;  // the only company there with a known end
  before.region = "440306";
  before.as_of = Date::Parse("2019-01-01");
  EXPECT_TRUE(Load(before).ok());
}

TEST_F(MapModels, RefusesAMapOfNothing) {
  Transaction transaction = store_->Begin();
  Put(transaction, "District", "440307", {{"name", Value("龙岗区")}});
  ASSERT_TRUE(transaction.Commit().ok());
  MapQuery query;
  query.region = "440307";
  const auto model = Load(query);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kRefused);
  EXPECT_THAT(model.error().message, HasSubstr("龙岗区"));
}

}  // namespace
}  // namespace qipu::tools
