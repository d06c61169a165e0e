#include <glib.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "graph/json.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

using graph::Date;
using graph::Direction;
using graph::EdgeTypeId;
using graph::LabelId;
using graph::Snapshot;
using graph::Value;
using graph::Vertex;
using graph::VertexId;

constexpr std::string_view kRegionLabels[] = {"District", "City", "Province"};
constexpr int kRegionDepthMax = 4;  // province, city, district, and one to spare
constexpr size_t kNamesInMessageMax = 12;
// A company of such a status does business no more (`status` as ingest writes it).
constexpr std::string_view kEndedStatuses[] = {"dissolved",  "deregistered", "revoked",
                                               "struck_off", "liquidated",   "closed",
                                               "merged",     "cancelled"};

struct Company {
  MapTile tile;
  double capital = -1;    // CNY; negative when unknown
  std::string sort_name;  // GB 18030 bytes: pinyin order for the common ideographs
  bool is_active = false;
};

struct Segment {
  VertexId vertex;
  std::string key, title, stage, group, group_title;
  std::vector<VertexId> companies;  // ascending
};

std::string SortName(const std::string& name) {
  gsize length = 0;
  gchar* bytes = g_convert(name.data(), static_cast<gssize>(name.size()), "GB18030", "UTF-8",
                           nullptr, &length, nullptr);
  std::string sorted = bytes == nullptr ? name : std::string(bytes, length);
  g_free(bytes);
  std::transform(sorted.begin(), sorted.end(), sorted.begin(),
                 [](char c) { return g_ascii_tolower(c); });
  return sorted;
}

class Loader {
 public:
  Loader(const Snapshot& snapshot, const MapQuery& query)
      : snapshot_(snapshot), query_(query), words_(WordsOf(query.language)) {}

  Result<MapModel> Load() {
    const Vertex chain = QIPU_TRY(FindChain());
    std::optional<std::vector<VertexId>> region;
    model_.scope = words_.everywhere;
    if (!query_.region.empty()) region = QIPU_TRY(CompaniesOfRegion());
    std::vector<Segment> segments = QIPU_TRY(Segments(chain.id));
    for (Segment& segment : segments) QIPU_TRY(FindCompanies(region, segment));
    Arrange(segments);
    const std::string name = NameOf(chain);
    if (model_.companies == 0) {
      return Error{ErrorCode::kRefused, "no company of " + model_.scope +
                                            " offers a segment of the chain '" + name +
                                            "': there is no map to draw"};
    }
    model_.language = query_.language;
    model_.title = Fill(words_.map_title, std::vector{name});
    model_.order_rule = words_.order_rule;
    QIPU_TRY(AddSources(snapshot_, query_.source, model_));
    model_.as_of = query_.as_of;
    return std::move(model_);
  }

 private:
  const Value* Find(const Vertex& vertex, std::string_view property) const {
    const auto id = snapshot_.catalog().FindProperty(property);
    return id ? vertex.Find(*id) : nullptr;
  }

  std::string Text(const Vertex& vertex, std::string_view property) const {
    const Value* value = Find(vertex, property);
    const std::string* text = value == nullptr ? nullptr : value->AsString();
    return text == nullptr ? "" : PrintableText(*text);
  }

  // `property`, or with English asked for and there, `property`_en.
  std::string Localised(const Vertex& vertex, const std::string& property) const {
    if (query_.language == Language::kEnglish) {
      std::string text = Text(vertex, property + "_en");
      if (!text.empty()) return text;
    }
    return Text(vertex, property);
  }

  std::string NameOf(const Vertex& vertex) const {
    std::string name = Localised(vertex, "name");
    return name.empty() ? std::string(words_.unnamed) : name;
  }

  // The first there is of the names that fit a tile, those of the language asked for before others.
  std::string ShownName(const Vertex& company) const {
    const bool is_english = query_.language == Language::kEnglish;
    for (const char* property : {"short_name_en", "name_en", "short_name", "name"}) {
      if (!is_english && std::string_view(property).ends_with("_en")) continue;
      std::string name = Text(company, property);
      if (!name.empty()) return name;
    }
    return std::string(words_.unnamed);
  }

  bool Has(const Vertex& vertex, std::string_view label) const {
    const auto id = snapshot_.catalog().FindLabel(label);
    return id && vertex.Has(*id);
  }

  Result<Vertex> VertexAt(VertexId id) const {
    auto vertex = QIPU_TRY(snapshot_.GetVertex(id));
    if (!vertex) return Corruption("an edge leads to a vertex that does not exist");
    return std::move(*vertex);
  }

  Result<std::vector<graph::Neighbour>> Neighbours(VertexId vertex, std::string_view type,
                                                   Direction direction) const {
    const auto id = snapshot_.catalog().FindEdgeType(type);
    if (!id) return std::vector<graph::Neighbour>{};
    return snapshot_.Neighbours(vertex, *id, direction);
  }

  Result<Vertex> FindChain() const {
    const auto label = snapshot_.catalog().FindLabel("Chain");
    std::vector<std::string> keys;
    if (label) {
      if (!query_.chain.empty()) {
        const auto found = QIPU_TRY(snapshot_.FindVertex(*label, query_.chain));
        if (found) return VertexAt(*found);
      }
      auto cursor = snapshot_.ScanLabel(*label);
      std::optional<Vertex> only;
      while (cursor.Next()) {
        keys.push_back(Text(cursor.vertex(), "id"));
        only = cursor.vertex();
      }
      QIPU_TRY(Status(cursor.status()));
      if (query_.chain.empty() && keys.size() == 1) return std::move(*only);
    }
    if (keys.empty()) {
      return NotFound("the database has no chain; `qipu init` loads those of the schema folder");
    }
    std::string known;
    for (size_t i = 0; i < std::min(keys.size(), kNamesInMessageMax); ++i) {
      known += (i == 0 ? "" : ", ") + keys[i];
    }
    if (query_.chain.empty()) return InvalidArgument("--chain: name one of the chains: " + known);
    const std::string nearest = graph::NearestName(query_.chain, keys);
    return NotFound("--chain: no chain '" + query_.chain + "'" +
                    (nearest.empty() ? "." : "; did you mean '" + nearest + "'?") +
                    " Chains: " + known);
  }

  Result<Vertex> FindRegion() const {
    for (const std::string_view label : kRegionLabels) {
      const auto id = snapshot_.catalog().FindLabel(label);
      if (!id) continue;
      const auto found = QIPU_TRY(snapshot_.FindVertex(*id, query_.region));
      if (found) return VertexAt(*found);
    }
    return NotFound("--region: no district, city or province has the code '" + query_.region +
                    "'; codes are those of GB/T 2260, e.g. 440306");
  }

  bool IsRegion(const Vertex& vertex) const {
    return std::any_of(std::begin(kRegionLabels), std::end(kRegionLabels),
                       [&](std::string_view label) { return Has(vertex, label); });
  }

  // The region's name below those of the regions it is part of.
  Result<std::string> ScopeOf(const Vertex& region) const {
    const bool is_chinese = query_.language == Language::kChinese;
    std::string scope = NameOf(region);
    Vertex at = region;
    for (int depth = 0; depth < kRegionDepthMax; ++depth) {
      const auto above = QIPU_TRY(Neighbours(at.id, "PART_OF", Direction::kOut));
      if (above.empty()) break;
      at = QIPU_TRY(VertexAt(above.front().vertex));
      if (!IsRegion(at)) break;
      const std::string name = is_chinese ? NameOf(at) : Text(at, "name_en");
      if (name.empty()) continue;
      if (scope.starts_with(name)) continue;  // a municipality is its own province
      scope = is_chinese ? name + scope : scope + ", " + name;
    }
    return scope;
  }

  // Does the edge hold on the day asked for, or, without one, still?
  Result<bool> Holds(const graph::EdgeRef& edge) const {
    const auto properties = QIPU_TRY(snapshot_.EdgeProperties(edge));
    const auto date = [&](std::string_view name) -> const Date* {
      const auto id = snapshot_.catalog().FindProperty(name);
      const Value* value = id ? graph::FindProperty(properties, *id) : nullptr;
      return value == nullptr ? nullptr : value->AsDate();
    };
    const Date* from = date("valid_from");
    const Date* to = date("valid_to");
    if (!query_.as_of) return to == nullptr;
    return (from == nullptr || *from <= *query_.as_of) && (to == nullptr || *query_.as_of < *to);
  }

  // Companies located in the region or in a part of it, ascending.
  Result<std::vector<VertexId>> CompaniesOfRegion() {
    const Vertex region = QIPU_TRY(FindRegion());
    model_.scope = QIPU_TRY(ScopeOf(region));
    std::vector<Vertex> regions = {region};
    std::vector<VertexId> companies;
    const auto located = snapshot_.catalog().FindEdgeType("LOCATED_IN");
    for (size_t i = 0; i < regions.size(); ++i) {
      const VertexId at = regions[i].id;
      for (const auto& part : QIPU_TRY(Neighbours(at, "PART_OF", Direction::kIn))) {
        Vertex vertex = QIPU_TRY(VertexAt(part.vertex));
        const bool is_known = std::any_of(regions.begin(), regions.end(),
                                          [&](const Vertex& r) { return r.id == vertex.id; });
        if (!is_known && IsRegion(vertex)) regions.push_back(std::move(vertex));
      }
      if (!located) continue;
      for (const auto& end : QIPU_TRY(snapshot_.Neighbours(at, *located, Direction::kIn))) {
        if (!QIPU_TRY(Holds({end.vertex, *located, at, end.rank}))) continue;
        companies.push_back(end.vertex);
        places_.try_emplace(end.vertex, NameOf(regions[i]));
      }
    }
    std::sort(companies.begin(), companies.end());
    companies.erase(std::unique(companies.begin(), companies.end()), companies.end());
    return companies;
  }

  // The chain's segments, in the order in which they were loaded.
  Result<std::vector<Segment>> Segments(VertexId chain) const {
    std::vector<Segment> segments;
    for (const auto& end : QIPU_TRY(Neighbours(chain, "PART_OF", Direction::kIn))) {
      const Vertex vertex = QIPU_TRY(VertexAt(end.vertex));
      if (!Has(vertex, "Segment")) continue;
      if (!segments.empty() && segments.back().vertex == vertex.id) continue;
      Segment segment{vertex.id,
                      Text(vertex, "id"),
                      NameOf(vertex),
                      Text(vertex, "stage"),
                      Text(vertex, "group"),
                      Localised(vertex, "group_name"),
                      {}};
      if (segment.group_title.empty()) segment.group_title = segment.group;
      if (segment.group_title.empty()) segment.group_title = words_.other_group;
      segments.push_back(std::move(segment));
    }
    return segments;
  }

  bool IsActive(const Vertex& company) const {
    const auto date = [&](std::string_view name) {
      const Value* value = Find(company, name);
      return value == nullptr ? nullptr : value->AsDate();
    };
    const Date* founded = date("founded");
    const Date* dissolved = date("dissolved");
    const std::string status = Text(company, "status");
    const bool has_ended = std::find(std::begin(kEndedStatuses), std::end(kEndedStatuses),
                                     status) != std::end(kEndedStatuses);
    if (!query_.as_of) return dissolved == nullptr && !has_ended;
    if (founded != nullptr && *query_.as_of < *founded) return false;
    return dissolved != nullptr ? *query_.as_of < *dissolved : !has_ended;
  }

  Result<const Company*> CompanyAt(VertexId id) {
    const auto [entry, is_new] = companies_.try_emplace(id);
    Company& company = entry->second;
    if (!is_new) return &company;
    const Vertex vertex = QIPU_TRY(VertexAt(id));
    company.is_active = IsActive(vertex);
    if (!company.is_active) return &company;
    company.tile.key = Text(vertex, "id");
    company.tile.name = ShownName(vertex);
    company.tile.detail = Text(vertex, "name");
    const auto place = places_.find(id);
    for (const std::string& more :
         {Text(vertex, "name_en"), place == places_.end() ? "" : place->second}) {
      if (!more.empty()) company.tile.detail += " · " + more;
    }
    const Value* capital = Find(vertex, "registered_capital_cny");
    if (capital != nullptr) company.capital = capital->AsNumber().value_or(-1);
    company.sort_name = SortName(company.tile.name);
    return &company;
  }

  Status FindCompanies(const std::optional<std::vector<VertexId>>& region, Segment& segment) {
    for (const auto& end : QIPU_TRY(Neighbours(segment.vertex, "OFFERS", Direction::kIn))) {
      const VertexId id = end.vertex;
      if (!segment.companies.empty() && segment.companies.back() == id) continue;
      if (region && !std::binary_search(region->begin(), region->end(), id)) continue;
      const Company* company = QIPU_TRY(CompanyAt(id));
      if (company->is_active) segment.companies.push_back(id);
    }
    return Ok{};
  }

  // By registered capital, largest first; unknown capital last, by name; then by key.
  std::vector<MapTile> Tiles(const Segment& segment) const {
    std::vector<const Company*> companies;
    for (const VertexId id : segment.companies) companies.push_back(&companies_.at(id));
    std::sort(companies.begin(), companies.end(), [](const Company* a, const Company* b) {
      if (a->capital != b->capital) return a->capital > b->capital;
      return std::tie(a->sort_name, a->tile.key) < std::tie(b->sort_name, b->tile.key);
    });
    std::vector<MapTile> tiles;
    for (const Company* company : companies) tiles.push_back(company->tile);
    return tiles;
  }

  static int64_t CountDistinct(const std::vector<const Segment*>& segments) {
    std::vector<VertexId> all;
    for (const Segment* segment : segments) {
      all.insert(all.end(), segment->companies.begin(), segment->companies.end());
    }
    std::sort(all.begin(), all.end());
    return std::unique(all.begin(), all.end()) - all.begin();
  }

  void AddBand(std::string_view title, const std::vector<const Segment*>& segments) {
    if (segments.empty()) return;
    MapBand band;
    band.title = title;
    band.companies = CountDistinct(segments);
    std::vector<const Segment*> rest = segments;
    while (!rest.empty()) {  // a group at a time, in order of first appearance
      const std::string group = rest.front()->group;
      const auto other = std::stable_partition(rest.begin(), rest.end(),
                                               [&](const Segment* s) { return s->group == group; });
      const std::vector<const Segment*> members(rest.begin(), other);
      rest.erase(rest.begin(), other);
      const int64_t companies = CountDistinct(members);
      if (companies > 0) band.groups.push_back({members.front()->group_title, companies});
      for (const Segment* segment : members) {
        if (segment->companies.empty()) {
          band.absent.push_back(segment->title);
        } else {
          band.boxes.push_back(
              {segment->key, segment->title, band.groups.size() - 1, Tiles(*segment)});
        }
      }
    }
    model_.bands.push_back(std::move(band));
  }

  void Arrange(const std::vector<Segment>& segments) {
    const std::pair<std::string_view, std::string_view> stages[] = {
        {"upstream", words_.upstream},
        {"midstream", words_.midstream},
        {"downstream", words_.downstream}};
    std::vector<const Segment*> rest, all;
    for (const Segment& segment : segments) rest.push_back(&segment);
    all = rest;
    for (const auto& [stage, title] : stages) {
      const auto other = std::stable_partition(rest.begin(), rest.end(),
                                               [&](const Segment* s) { return s->stage == stage; });
      AddBand(title, {rest.begin(), other});
      rest.erase(rest.begin(), other);
    }
    AddBand(words_.other_stage, rest);
    model_.segments = static_cast<int64_t>(all.size());
    model_.companies = CountDistinct(all);
  }

  const Snapshot& snapshot_;
  const MapQuery& query_;
  const MapWords& words_;
  MapModel model_;
  std::map<VertexId, Company> companies_;
  std::map<VertexId, std::string> places_;  // the region in which a company was found
};

}  // namespace

Result<MapModel> LoadMapModel(const Snapshot& snapshot, const MapQuery& query) {
  return Loader(snapshot, query).Load();
}

}  // namespace qipu::tools
