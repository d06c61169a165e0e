#include "ingest/place/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/ingest/place_reference.h"

namespace qipu::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Want {
  const char* what;
  PlaceQuery query;
  const char* code;  // empty: no answer
  double confidence;
  const char* evidence;
  PlaceMethod method = PlaceMethod::kAddress;
};

void ExpectPlacing(const std::optional<Placing>& placing, const Want& want) {
  SCOPED_TRACE(want.what);
  if (*want.code == '\0') {
    EXPECT_FALSE(placing.has_value()) << placing->code << " by " << placing->evidence;
    return;
  }
  ASSERT_TRUE(placing.has_value());
  EXPECT_EQ(placing->code, want.code);
  EXPECT_EQ(placing->confidence, want.confidence);
  EXPECT_EQ(placing->evidence, want.evidence);
  EXPECT_EQ(placing->method, want.method);
}

TEST(PlaceByAddress, ReadsProperNames) {
  const Want cases[] = {
      {"whole chain", {"广东省深圳市南山区科技园南路1号"}, "440305", kConfidenceChain, "南山区"},
      {"province and city are one",
       {"北京市朝阳区建国路88号"},
       "110105",
       kConfidenceChain,
       "朝阳区"},
      {"the same name elsewhere",
       {"吉林省长春市朝阳区永寿街"},
       "220104",
       kConfidenceChain,
       "朝阳区"},
      {"a county named as its city",
       {"辽宁省朝阳市朝阳县柳城镇"},
       "211321",
       kConfidenceChain,
       "朝阳县"},
      {"unique in the country", {"昆山市巴城镇1号"}, "320583", kConfidenceFull, "昆山市"},
      {"several bear it", {"朝阳区建设街道"}, "", 0, ""},
      {"the columns decide",
       {"朝阳区建设街道", "吉林", "长春"},
       "220104",
       kConfidenceFull,
       "朝阳区"},
      {"city without province", {"西安市鼓楼", "陕西", "西安"}, "", 0, ""},
      {"bare 区 names", {"山西省晋城市城区文昌街"}, "140502", kConfidenceChain, "城区"},
      {"said twice",
       {"辽宁省朝阳市辽宁省朝阳市龙城区边杖子镇"},
       "211303",
       kConfidenceChain,
       "龙城区"},
      {"a blank inside", {"宿州市萧　县祖楼镇"}, "341322", kConfidenceChain, "萧　县"},
      {"a letter lost", {"省南充市嘉陵区嘉兴路"}, "511304", kConfidenceChain, "嘉陵区"},
      {"in another province than the columns",
       {"北京市西城区阜成门", "新疆", "伊犁"},
       "110102",
       kConfidenceChain,
       "西城区"},
      {"directly under the province", {"海南省文昌市冯坡镇"}, "469005", kConfidenceChain, "文昌市"},
      {"a city without districts",
       {"广东省东莞市松山湖园区"},
       "441900",
       kConfidenceChain,
       "东莞市"},
      {"after unknown words",
       {"软件园二期 厦门市思明区观日路"},
       "350203",
       kConfidenceChain,
       "思明区"},
      {"before other words",
       {"成都市高升桥路2号（武侯区）"},
       "510107",
       kConfidenceDistant,
       "武侯区"},
      {"only a city", {"湖北省武汉市"}, "", 0, ""},
      {"no place at all", {"1号楼2单元"}, "", 0, ""},
  };
  for (const Want& want : cases)
    ExpectPlacing(ReferenceGazetteer().PlaceByAddress(want.query), want);
}

TEST(PlaceByAddress, IsNotMisledByStreetsNamedAfterPlaces) {
  const Want cases[] = {
      {"road named after a city", {"上海市南京东路100号"}, "", 0, ""},
      {"the district before it",
       {"上海市黄浦区南京东路100号"},
       "310101",
       kConfidenceChain,
       "黄浦区"},
      {"the district after it",
       {"上海市北京东路668号黄浦区"},
       "310101",
       kConfidenceDistant,
       "黄浦区"},
      {"district 市南, street 香港",
       {"青岛市市南区香港中路9号"},
       "370202",
       kConfidenceChain,
       "市南区"},
      {"street named after a district elsewhere",
       {"焦作市山阳区解放东路"},
       "410811",
       kConfidenceChain,
       "山阳区"},
      {"short name before 路", {"北京市朝阳路1号"}, "", 0, ""},
      {"short name before 街", {"北京路2号", "广东", "广州"}, "", 0, ""},
      {"a second district in brackets",
       {"重庆市渝北区龙溪街道（江北区交界）"},
       "500112",
       kConfidenceChain,
       "渝北区"},
  };
  for (const Want& want : cases)
    ExpectPlacing(ReferenceGazetteer().PlaceByAddress(want.query), want);
}

TEST(PlaceByAddress, ReadsShortAndFormerNames) {
  const Want cases[] = {
      {"short county", {"昆山巴城镇1号"}, "320583", kConfidenceShort, "昆山"},
      {"people left out", {"重庆市彭水县鹿鸣乡"}, "500243", kConfidenceChain, "彭水县"},
      {"people of a district left out",
       {"郑州市管城区商城路"},
       "410104",
       kConfidenceChain,
       "管城区"},
      {"customary short name",
       {"吉林省松原市前郭县哈拉毛都镇"},
       "220721",
       kConfidenceAlias,
       "前郭县"},
      {"former district", {"杭州市下城区体育场路"}, "330105", kConfidenceShort, "下城区"},
      {"former district of Beijing",
       {"北京市崇文区崇文门外大街"},
       "110101",
       kConfidenceShort,
       "崇文区"},
      {"former prefecture, county still there",
       {"西藏那曲地区巴青县"},
       "540628",
       kConfidenceChain,
       "巴青县"},
      {"former, name still used in another city",
       {"河北省邢台市桥东区新华路"},
       "130502",
       kConfidenceShort,
       "桥东区"},
      {"former, split since", {"杭州市江干区钱江路"}, "", 0, ""},
  };
  for (const Want& want : cases) {
    ExpectPlacing(ReferenceGazetteer().PlaceByAddress(want.query), want);
  }
}

TEST(PlaceByAddress, ReadsNamesOfZones) {
  const Want cases[] = {
      {"zone", {"广州市经济技术开发区科学大道"}, "440112", kConfidenceAlias, "经济技术开发区"},
      {"zone spelt otherwise", {"广州经开区科学大道"}, "440112", kConfidenceAlias, "经开区"},
      {"the city only in the column",
       {"高新区狮山路", "江苏", "苏州"},
       "320505",
       kConfidenceAlias,
       "高新区"},
      {"zone without its city", {"高新区狮山路"}, "", 0, ""},
      {"a former name inside another word", {"软件园高新区", "江苏", "徐州"}, "", 0, ""},
      {"zone that lies mostly there",
       {"北京经济技术开发区荣华南路"},
       "110115",
       kConfidenceMostly,
       "经济技术开发区"},
      {"zone shared by two", {"南京市江北新区团结路"}, "", 0, ""},
      {"a proper name after the zone",
       {"大连经济技术开发区金州区金马路"},
       "210213",
       kConfidenceChain,
       "金州区"},
      {"free trade zone",
       {"中国（上海）自由贸易试验区郭守敬路"},
       "310115",
       kConfidenceAlias,
       "自由贸易试验区"},
      {"a zone that is a unit",
       {"苏州工业园区星湖街328号"},
       "320571",
       kConfidenceFull,
       "苏州工业园区"},
      {"a zone that is a unit, shortened",
       {"合肥市高新区望江西路"},
       "340171",
       kConfidenceAlias,
       "高新区"},
      {"zone of a city without districts",
       {"海南省洋浦经济开发区"},
       "460400",
       kConfidenceAlias,
       "洋浦经济开发区"},
  };
  for (const Want& want : cases)
    ExpectPlacing(ReferenceGazetteer().PlaceByAddress(want.query), want);
}

TEST(PlaceByAddress, FallsBackOnColumnThenName) {
  const Want cases[] = {
      {"column names the district",
       {"张江路1号", "上海", "浦东"},
       "310115",
       kConfidenceColumn,
       "浦东",
       PlaceMethod::kDeclared},
      {"column names a city", {"张江路1号", "广西", "北海"}, "", 0, ""},
      {"column against the address", {"北京市阜成门外大街", "上海", "浦东"}, "", 0, ""},
      {"name at its start",
       {"建设委1－09", "吉林", "延边州", "敦化市启祥专业农场"},
       "222403",
       kConfidenceName,
       "敦化市"},
      {"name of a parent elsewhere",
       {"演达大道11号", "广东", "惠州", "东莞市万达电影有限公司惠州店"},
       "",
       0,
       ""},
      {"name, the place further on", {"建设委", "吉林", "延边州", "启祥农场敦化市"}, "", 0, ""},
      {"address wins over name",
       {"吉林省延吉市人民路", "", "", "敦化市启祥专业农场"},
       "222401",
       kConfidenceChain,
       "延吉市"},
  };
  for (const Want& want : cases)
    ExpectPlacing(ReferenceGazetteer().PlaceByAddress(want.query), want);
}

TEST(Place, WeighsAddressAndCode) {
  const Want cases[] = {
      {"both agree", {"北京市朝阳区", "", "", "", "110105"}, "110105", kConfidenceAgreed, "朝阳区"},
      {"address first",
       {"北京市朝阳区", "", "", "", "110108"},
       "110105",
       kConfidenceChain,
       "朝阳区"},
      {"retired code agrees",
       {"杭州市拱墅区", "", "", "", "330103"},
       "330105",
       kConfidenceAgreed,
       "拱墅区"},
      {"code breaks the tie",
       {"朝阳区建国路", "", "", "", "110105"},
       "110105",
       kConfidenceTieBreak,
       "朝阳区"},
      {"code decides a shared zone",
       {"南京市江北新区", "", "", "", "320116"},
       "320116",
       kConfidenceTieBreak,
       "江北新区"},
      {"code decides a split",
       {"杭州市江干区", "", "", "", "330114"},
       "330114",
       kConfidenceTieBreak,
       "江干区"},
      {"code not among the several", {"朝阳区建国路", "", "", "", "440305"}, "", 0, ""},
      {"code alone",
       {"1号楼", "", "", "", "440305"},
       "440305",
       kConfidenceCode,
       "440305",
       PlaceMethod::kCode},
      {"retired code alone",
       {"", "", "", "", "110103"},
       "110101",
       kConfidenceSuccession,
       "110103",
       PlaceMethod::kCode},
      {"code before name",
       {"", "", "", "敦化市启祥农场", "222401"},
       "222401",
       kConfidenceCode,
       "222401",
       PlaceMethod::kCode},
      {"nothing", {}, "", 0, ""},
  };
  for (const Want& want : cases) ExpectPlacing(ReferenceGazetteer().Place(want.query), want);
}

TEST(Place, NamesTheAlternatives) {
  const Gazetteer& gazetteer = ReferenceGazetteer();
  EXPECT_THAT(gazetteer.Place({"北京市朝阳区", "", "", "", "110108"})->alternatives,
              ElementsAre("110108"));
  EXPECT_THAT(gazetteer.Place({"杭州市江干区", "", "", "", "330114"})->alternatives,
              ElementsAre("330102"));
  EXPECT_THAT(gazetteer.Place({"北京市朝阳区", "", "", "", "110105"})->alternatives, IsEmpty());
}

}  // namespace
}  // namespace qipu::ingest
