#include "tests/tools/figures_demo.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace qipu::tools {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

std::vector<Row> ReadRows(const std::string& name) {
  std::ifstream file(std::string(QIPU_SHARED_DIR) + "/data/demo/" + name);
  std::vector<Row> rows;
  std::string line;
  if (!std::getline(file, line)) return rows;
  const std::vector<std::string> columns = Cells(line);
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = Cells(line);
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < columns.size() && i < cells.size(); ++i) row[columns[i]] = cells[i];
  }
  return rows;
}

MapBand MakeBand(const std::vector<Row>& segments, const std::string& stage,
                 const std::map<std::string, std::vector<MapTile>>& offered, Language language) {
  const std::string name = language == Language::kChinese ? "name_zh" : "name_en";
  MapBand band;
  std::set<std::string> in_band;
  for (const Row& group : segments) {
    if (group.at("parent") != "root") continue;
    std::set<std::string> in_group;
    MapGroup made{group.at(name)};
    const size_t boxes_before = band.boxes.size();
    for (const Row& segment : segments) {
      if (segment.at("parent") != group.at("segment_id") || segment.at("stage") != stage) continue;
      const auto tiles = offered.find(segment.at("segment_id"));
      if (tiles == offered.end()) {
        band.absent.push_back(segment.at(name));
        continue;
      }
      band.boxes.push_back(
          {segment.at("segment_id"), segment.at(name), band.groups.size(), tiles->second});
      for (const MapTile& tile : tiles->second) in_group.insert(tile.key);
    }
    if (band.boxes.size() == boxes_before) continue;
    made.companies = static_cast<int64_t>(in_group.size());
    in_band.merge(in_group);
    band.groups.push_back(made);
  }
  band.companies = static_cast<int64_t>(in_band.size());
  return band;
}

}  // namespace

std::optional<MapModel> DemoModel(const std::string& place, Language language) {
  const std::vector<Row> segments = ReadRows("segments.csv");
  const std::vector<Row> companies = ReadRows("companies.csv");
  if (segments.empty() || companies.empty()) return std::nullopt;
  const bool is_chinese = language == Language::kChinese;
  std::map<std::string, std::vector<MapTile>> offered;
  MapModel model;
  for (const Row& row : companies) {
    if (!place.empty() && row.at("city") != place && row.at("district_code") != place) continue;
    std::istringstream ids(row.at("segment_ids"));
    std::string id;
    ++model.companies;
    const std::string name = row.at(is_chinese ? "name_zh" : "name_en");
    while (std::getline(ids, id, ';')) {
      offered[id].push_back({row.at("name_zh"), PrintableText(name), row.at("name_zh")});
    }
  }
  const MapWords& words = WordsOf(language);
  model.language = language;
  model.title = Fill(words.map_title,
                     std::vector<std::string>{is_chinese ? "智能制造" : "Smart manufacturing"});
  model.scope = place.empty() ? std::string(words.everywhere) : place;
  model.order_rule = words.order_rule;
  model.source = is_chinese ? "企业公开信息整理（示例数据）"
                            : "public company information (demonstration data)";
  model.as_of = graph::Date{19000};
  const std::array<std::pair<std::string, std::string_view>, 3> stages = {
      {{"upstream", words.upstream},
       {"midstream", words.midstream},
       {"downstream", words.downstream}}};
  for (const auto& [stage, title] : stages) {
    MapBand band = MakeBand(segments, stage, offered, language);
    band.title = title;
    model.segments += static_cast<int64_t>(band.boxes.size() + band.absent.size());
    model.bands.push_back(std::move(band));
  }
  return model;
}

MapModel MadeModel(const MadeShape& shape, Language language) {
  static constexpr std::array<const char*, 4> kNames = {"华芯精工", "远航智能装备", "Aster GmbH",
                                                        "长江软件"};
  MapModel model;
  model.language = language;
  model.title = "示例产业链企业图谱";
  model.scope = "示例";
  model.order_rule = WordsOf(language).order_rule;
  model.as_of = graph::Date{19000};
  int64_t number = 0;
  for (int b = 0; b < shape.bands; ++b) {
    MapBand& band = model.bands.emplace_back();
    band.title = "第" + std::to_string(b + 1) + "段";
    for (int k = 0; k < shape.boxes; ++k) {
      if (k % 4 == 0) band.groups.push_back({"组别" + std::to_string(k / 4 + 1), 0});
      const std::string key = "s" + std::to_string(b) + "-" + std::to_string(k);
      MapBox& box = band.boxes.emplace_back(
          MapBox{key, "环节" + std::to_string(k + 1), band.groups.size() - 1, {}});
      for (int t = 0; t < shape.tiles; ++t, ++number) {
        const std::string id = std::to_string(number);
        box.tiles.push_back({"demo:" + id, kNames[static_cast<size_t>(number) % 4], "公司" + id});
      }
      band.groups.back().companies += shape.tiles;
    }
    band.companies = int64_t{shape.boxes} * shape.tiles;
    model.segments += shape.boxes;
  }
  model.companies = number;
  return model;
}

}  // namespace qipu::tools
