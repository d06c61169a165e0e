#include "ingest/classify/classify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace qipu::ingest {
namespace {

using testing::ElementsAre;

/// The classifier of the chain we ship.
const Classifier& Shipped() {
  static const std::unique_ptr<Classifier> classifier = [] {
    const auto document = graph::JsonDocument::Load(
        std::string(QIPU_SOURCE_DIR) + "/schemas/reference/chains/smart-manufacturing.json");
    auto made = Classifier::Make(document->root());
    return made.ok() ? *std::move(made) : nullptr;
  }();
  return *classifier;
}

std::vector<std::string> SegmentsOf(const Classification& found) {
  std::vector<std::string> segments;
  for (const SegmentMatch& match : found.segments) segments.push_back(match.segment);
  return segments;
}

using Names = std::vector<std::string>;
const Names kMaker = {"DeviceSupplier", "Manufacturer"};
const Names kDeveloper = {"DeviceSupplier"};

TEST(Classify, FindsSegmentsAndRolesInAScope) {
  const struct {
    const char* scope;
    Names segments;
    Names roles;
  } cases[] = {
      // One verb for a whole list, behind or before it.
      {"机器人、数控机床的研发、生产、销售", {"cnc_mt", "robot_ind"}, kMaker},
      {"工业机器人及数控机床制造", {"cnc_mt", "robot_ind"}, kMaker},
      {"研发、生产工业机器人、数控机床，电梯销售", {"cnc_mt", "robot_ind"}, kMaker},
      {"生产销售工业机器人", {"robot_ind"}, kMaker},
      {"工业机器人生产销售", {"robot_ind"}, kMaker},
      {"工业机器人的生产销售***", {"robot_ind"}, kMaker},
      {"生产、销售：工业机器人、数控机床", {"cnc_mt", "robot_ind"}, kMaker},
      {"工业机器人研发，生产，销售，货物进出口", {"robot_ind"}, kMaker},
      // Standard phrases.
      {"工业机器人制造；软件开发；信息系统集成服务",
       {"int_it", "robot_ind"},
       {"DeviceSupplier", "Integrator", "Manufacturer"}},
      {"智能机器人的研发", {"robot_ind"}, kDeveloper},
      {"一般项目：工业机器人制造；许可项目：药品生产", {"app_pharma", "robot_ind"}, kMaker},
      // Each role.
      {"MES系统的研发", {"mes"}, {"SoftwareVendor"}},
      {"集散控制系统的研发", {"dcs"}, {"SystemVendor"}},
      {"工业互联网平台开发", {"iip_cross"}, {"PlatformProvider"}},
      {"计算机系统集成", {"int_it"}, {"Integrator"}},
      {"汽车零部件制造", {"app_auto"}, {"Manufacturer"}},
      {"汽车零部件、铸造件、紧固件制造", {"app_auto", "app_machinery"}, {"Manufacturer"}},
      {"产销：自动化设备", {}, kMaker},
      {"竹筷的生产", {}, {"Manufacturer"}},
      // A verb of one character is an item of its own; the longer ones stand anywhere.
      {"研、产、销：工业机器人", {"robot_ind"}, kMaker},
      {"产、销工业机器人", {"robot_ind"}, kMaker},
      {"工业机器人，研、产、销", {"robot_ind"}, kMaker},
      {"工业机器人产销", {"robot_ind"}, kMaker},
      {"量产工业机器人", {"robot_ind"}, kMaker},
      {"工业机器人产供销", {"robot_ind"}, kMaker},
      {"研产销工业机器人", {"robot_ind"}, kMaker},
      {"自产自销：工业机器人", {"robot_ind"}, kMaker},
      {"制造、自销：工业机器人", {"robot_ind"}, kMaker},
      // Width and case.
      {"ＰＬＣ控制柜制造", {"plc"}, kMaker},
      {"MES  系统的研发", {"mes"}, {"SoftwareVendor"}},
      {"工业机器人　制造", {"robot_ind"}, kMaker},
      // The longer phrase is the thing: not a robot, but its controller.
      {"工业机器人控制器的生产", {"motion_ctrl"}, kMaker},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.scope);
    const Classification found = Shipped().Classify("某某公司", c.scope);
    EXPECT_EQ(SegmentsOf(found), c.segments);
    EXPECT_EQ(found.roles, c.roles);
  }
}

TEST(Classify, IsNotTakenIn) {
  const struct {
    const char* name;
    const char* scope;
  } cases[] = {
      {"a term without a verb", "机器人；数控机床"},
      {"trade", "销售：机器人、数控机床"},
      {"trade of a list", "机器人、数控机床的批发、零售"},
      {"trade and service", "机器人的销售；数控机床的租赁、维修"},
      {"the verb is another item's", "销售机器人、数控机床；广告设计"},
      {"particle: the list is the trader's", "机器人、生产设备的销售"},
      {"office automation", "办公自动化设备的研发"},
      {"parts of it", "机器人配件研发"},
      {"a field of technology", "从事工业机器人科技领域内的技术开发"},
      {"own imports", "经营本企业研发所需的仪器仪表、机械设备的进口业务"},
      {"denied behind", "机器人研发除外"},
      {"denied before", "不得从事工业机器人研发"},
      {"denied list", "教育咨询，不含机器人、数控机床研发"},
      {"in brackets", "教育咨询（不含工业机器人研发）"},
      {"a Latin word that holds a term", "enterprise软件开发"},
      {"a local product", "服装、日用百货、土特产"},
      {"a sea product", "工业机器人、水产"},
      {"a mineral", "汽车零部件、矿产"},
      {"a landlord", "工业机器人、房地产"},
      {"an asset manager", "汽车零部件、非流动资产"},
      {"the first word of things", "产后护理、产品包装；产权交易"},
      {"a verb in the name of a material", "铸造沙、电子产品、电器销售"},
      {"a verb in the name of parts", "组装件、汽车零部件"},
      {"the makers that a trader stands for", "代理制造商销售汽车零部件"},
      {"the makers whose things are sold", "生产厂家直销汽车零部件"},
      {"empty", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Classification found = Shipped().Classify("某某公司", c.scope);
    EXPECT_THAT(SegmentsOf(found), ElementsAre());
    EXPECT_THAT(found.roles, ElementsAre());
  }
}

TEST(Classify, KeepsTheClauseAsWritten) {
  const struct {
    const char* scope;
    const char* segment;
    const char* evidence;
  } cases[] = {
      {"软件销售；传感器制造（不含工业机器人制造）；食品销售", "sensor",
       "传感器制造（不含工业机器人制造）"},
      // Headings and brackets of boilerplate prove nothing.
      {"一般经营项目是：，许可经营项目是：工业机器人的研发", "robot_ind", "工业机器人的研发"},
      {"一般经营项目是：工业机器人的研发，许可经营项目是：", "robot_ind", "工业机器人的研发"},
      {"许可经营项目：无 一般经营项目（除外）： 工业机器人制造", "robot_ind", "工业机器人制造"},
      {"工业机器人制造（依法须经批准的项目，经相关部门批准后方可开展经营活动）", "robot_ind",
       "工业机器人制造"},
      {"工业机器人制造(焊接)（仅限分支机构）【依法须经批准的项目（一），经批准】***", "robot_ind",
       "工业机器人制造(焊接)"},
      {"工业机器人制造（凭许可证经营）", "robot_ind", "工业机器人制造"},
      {"工业机器人制造（此项办理许可证后方可经营）", "robot_ind", "工业机器人制造"},
      {"工业机器人制造（须经审批的经营项目，取得审批后方可从事经营）", "robot_ind",
       "工业机器人制造"},
      // What is left out of the activity is not boilerplate.
      {"工业机器人制造（不含须经许可审批的项目）", "robot_ind",
       "工业机器人制造（不含须经许可审批的项目）"},
      {"工业机器人（依法须经批准的项目）的制造", "robot_ind",
       "工业机器人（依法须经批准的项目）的制造"},
      {"工业机器人制造（依法须经批准的项目），研发（焊接）***", "robot_ind",
       "工业机器人制造（依法须经批准的项目），研发（焊接）"},
      // Nor do marks at either end.
      {"★ 工业机器人制造*", "robot_ind", "工业机器人制造"},
      {"食品销售；#、工业机器人制造.＊ 〓", "robot_ind", "工业机器人制造"},
      {"经营范围内工业机器人的研发", "robot_ind", "经营范围内工业机器人的研发"},
      {"木门、家具生产，工业机器人研发，电梯销售", "robot_ind", "工业机器人研发"},
      {"电梯销售，工业机器人，数控机床的研发，生产。餐饮", "robot_ind",
       "工业机器人，数控机床的研发，生产"},
      {" ＭＥＳ 系统的研发 ；食品销售", "mes", "ＭＥＳ 系统的研发"},
      {"研发：电梯，工业机器人；食品销售", "robot_ind", "研发：电梯，工业机器人"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.scope);
    const Classification found = Shipped().Classify("某某公司", c.scope);
    for (const SegmentMatch& match : found.segments) {
      if (match.segment == c.segment) {
        EXPECT_EQ(match.evidence, c.evidence);
      }
    }
    EXPECT_THAT(SegmentsOf(found), testing::Contains(c.segment));
  }
}

TEST(Classify, TakesTheSurestMatchOfASegment) {
  const Classification found =
      Shipped().Classify("某某公司", "智能机器人的设计；工业机器人制造；工业机器人的研发");
  ASSERT_EQ(SegmentsOf(found), Names{"robot_ind"});
  EXPECT_EQ(found.segments[0].rule, "robot_ind/1");
  EXPECT_EQ(found.segments[0].evidence, "工业机器人制造");
  EXPECT_DOUBLE_EQ(found.segments[0].confidence, 0.9);
}

TEST(Classify, TakesANameOnlyBesideAVerb) {
  const struct {
    const char* name;
    const char* scope;
    Names segments;
  } cases[] = {
      {"深圳市某某机器人有限公司", "自动化技术的研发；国内贸易", {"robot_ind"}},
      {"某某机器人（深圳）有限公司", "自动化技术的研发", {"robot_ind"}},
      {"深圳市某某机器人有限公司", "国内贸易", {}},
      {"深圳市某某机器人贸易有限公司", "自动化技术的研发", {}},
      {"某某机器人教育有限公司", "教学软件的研发", {}},
      {"某某机器人俱乐部", "模型的研发", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Classification found = Shipped().Classify(c.name, c.scope);
    EXPECT_EQ(SegmentsOf(found), c.segments);
    for (const SegmentMatch& match : found.segments) {
      EXPECT_EQ(match.evidence, c.name);
      EXPECT_LT(match.confidence, 0.6);
    }
  }
}

TEST(SplitClauses, CutsWhereActivitiesEnd) {
  const struct {
    const char* scope;
    std::vector<std::string_view> want;
  } cases[] = {
      {"", {}},
      {"机器人研发；食品销售。餐饮服务", {"机器人研发", "食品销售", "餐饮服务"}},
      {"机器人研发，食品销售", {"机器人研发", "食品销售"}},
      {"机器人，数控机床的研发，生产", {"机器人，数控机床的研发，生产"}},
      {"机器人、数控机床的研发、生产", {"机器人、数控机床的研发、生产"}},
      {"食品销售（不含酒；不含糖）；餐饮服务", {"食品销售（不含酒；不含糖）", "餐饮服务"}},
      {"食品销售；依法须经批准的项目，经相关部门批准后方可经营", {"食品销售"}},
      {"食品销售（依法须经批准的项目）；餐饮服务", {"食品销售", "餐饮服务"}},
      {"食品销售；药品零售，凭许可证经营", {"食品销售", "药品零售"}},
      {"模具制造以及其他按法律、法规未禁止或无需经营许可的项目",
       {"模具制造以及其他按法律、法规未禁止或无需经营许可的项目"}},
      {"许可经营项目：；一般经营项目：食品销售", {"食品销售"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.scope);
    EXPECT_EQ(Shipped().SplitClauses(c.scope), c.want);
  }
}

TEST(Classify, StandsHostileText) {
  std::vector<std::string> texts = {
      std::string(1 << 20, '('),
      std::string(1 << 20, ')'),
      std::string("工业机器人\0制造", 22),
      "\xE5\xB7",
      "\xFF\xFE工业机器人制造",
      "；、，。：；；；",
      "的的的研发研发的",
  };
  for (const char* piece :
       {"（", "机器人、", "研发、", "不含", "机器人的研发，", "机器人的研发、", "生产："}) {
    std::string& text = texts.emplace_back();
    while (text.size() <= kScopeBytesMax) text += piece;
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(i);
    const Classification first = Shipped().Classify(texts[i], texts[i]);
    const Classification again = Shipped().Classify(texts[i], texts[i]);
    EXPECT_EQ(SegmentsOf(first), SegmentsOf(again));
    EXPECT_LE(Shipped().SplitClauses(texts[i]).size(), texts[i].size());
  }
  EXPECT_EQ(SegmentsOf(Shipped().Classify("", texts[4])), Names{"robot_ind"});
}

}  // namespace
}  // namespace qipu::ingest
