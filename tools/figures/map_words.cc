#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr MapWords kChineseWords = {
    .upstream = "上游",
    .midstream = "中游",
    .downstream = "下游",
    .other_stage = "其他",
    .other_group = "其他环节",
    .map_title = "{}产业链企业图谱",
    .everywhere = "全部地区",
    .totals = "{}  ·  {} 家企业  ·  {} 家次  ·  覆盖 {} / {} 个环节",
    .legend_entry = "{} 家企业  ·  {} 个环节",
    .counted = "{} {} 家",
    .more = "+{} 家",
    .continued = "{}（续）",
    .absent = "暂无企业的环节（{}）：{}",
    .separator = "、",
    .order_rule = "环节内按注册资本降序，资本未知者随后按名称（GB 18030 码序）；排名不分先后",
    .counting_rule = "一家企业可列入多个环节，标题后的家数为去重后的企业数",
    .order_note = "排序：{}",
    .source_note = "来源：{}",
    .source_details = "{}（{}）",
    .as_of_note = "企业状态截至 {}",
    .data_as_of_note = "数据截至 {}",
    .no_as_of = "数据日期未注明",
    .shown_note = "图中 {} 家次，未列出 {} 家次",
    .unnamed = "（无名称）",
};

constexpr MapWords kEnglishWords = {
    .upstream = "Upstream",
    .midstream = "Midstream",
    .downstream = "Downstream",
    .other_stage = "Other",
    .other_group = "Other segments",
    .map_title = "{}: enterprise map",
    .everywhere = "All regions",
    .totals = "{}  ·  {} companies  ·  {} placements  ·  {} of {} segments covered",
    .legend_entry = "{} companies  ·  {} segments",
    .counted = "{} ({})",
    .more = "+{} more",
    .continued = "{} (cont.)",
    .absent = "Segments without a company ({}): {}",
    .separator = "; ",
    .order_rule =
        "within a segment by registered capital, largest first; those of unknown capital "
        "follow by name. The order is no ranking",
    .counting_rule =
        "A company may stand in several segments; the number after a title counts its distinct "
        "companies",
    .order_note = "Order: {}",
    .source_note = "Source: {}",
    .source_details = "{} ({})",
    .as_of_note = "Companies active on {}",
    .data_as_of_note = "Data as of {}",
    .no_as_of = "Date of the data not stated",
    .shown_note = "{} placements shown, {} not shown",
    .unnamed = "(no name)",
};

}  // namespace

const MapWords& WordsOf(Language language) {
  return language == Language::kChinese ? kChineseWords : kEnglishWords;
}

std::string Fill(std::string_view pattern, std::span<const std::string> values) {
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.substr(i, 2) == "{}" && next < values.size()) {
      out += values[next++];
      ++i;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

}  // namespace qipu::tools
