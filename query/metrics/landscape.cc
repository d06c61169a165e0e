#include <algorithm>
#include <array>
#include <map>

#include "graph/json.h"
#include "query/metrics/metrics.h"

namespace qipu::query {

using graph::Date;
using graph::Direction;
using graph::Snapshot;
using graph::Vertex;
using graph::VertexId;

namespace {

constexpr std::array<const char*, kRegionLevels> kLevelLabels{"District", "City", "Province"};

/// A company of such a status does business no more (`status` as ingest writes it).
constexpr std::array<std::string_view, 8> kEndedStatuses{"dissolved",  "deregistered", "revoked",
                                                         "struck_off", "liquidated",   "closed",
                                                         "merged",     "cancelled"};

std::string SnakeCase(std::string_view label) {
  std::string snake;
  for (char c : label) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !snake.empty()) snake += '_';
    snake += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

std::string Text(const Vertex& vertex, std::optional<graph::PropertyId> property) {
  const graph::Value* value = property ? vertex.Find(*property) : nullptr;
  return value == nullptr ? "" : value->ToString();
}

}  // namespace

const Date* DateOf(const graph::Properties& properties, std::optional<graph::PropertyId> property) {
  const graph::Value* value = property ? graph::FindProperty(properties, *property) : nullptr;
  return value == nullptr ? nullptr : value->AsDate();
}

std::string Suggestion(const std::string& name, std::vector<std::string> known) {
  const std::string near = graph::NearestName(name, known);
  if (!near.empty()) return "; did you mean '" + near + "'?";
  std::sort(known.begin(), known.end());
  constexpr size_t kListedMax = 12;
  if (known.size() > kListedMax) {
    std::erase_if(known, [&](const std::string& k) { return k.find(name) == k.npos; });
    if (known.size() > kListedMax) known.resize(kListedMax);
    if (known.empty() || name.empty()) return "";
  }
  std::string list;
  for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
  return list.empty() ? "" : "; known are " + list;
}

Result<std::string> RoleLabel(const Snapshot& snapshot, const std::string& role) {
  std::vector<std::string> known;
  for (const auto& [label, schema] : snapshot.schema().labels()) {
    if (schema.of != "Company") continue;
    if (role == label || role == SnakeCase(label)) return label;
    known.push_back(SnakeCase(label));
  }
  return InvalidArgument("unknown role '" + role + "'" + Suggestion(role, known));
}

Result<VertexId> FindNamed(const Snapshot& snapshot, const std::string& label,
                           const std::string& key, const std::string& what) {
  const auto id = snapshot.catalog().FindLabel(label);
  if (!id) return InvalidArgument("the database has no " + what + "; run `qipu init` to load them");
  if (const auto found = QIPU_TRY(snapshot.FindVertex(*id, key))) return *found;
  std::vector<std::string> known;
  const auto property = snapshot.catalog().FindProperty(snapshot.schema().KeyOf(label));
  auto cursor = snapshot.ScanLabel(*id);
  while (cursor.Next()) known.push_back(Text(cursor.vertex(), property));
  QIPU_TRY(Status(cursor.status()));
  return InvalidArgument("unknown " + what + " '" + key + "'" + Suggestion(key, known));
}

/// Fills a Landscape, regions first.
class LandscapeReader {
 public:
  LandscapeReader(const Snapshot& snapshot, const LandscapeNeeds& needs)
      : snapshot_(snapshot), needs_(needs), catalog_(snapshot.catalog()) {
    landscape_.snapshot_ = &snapshot;
    landscape_.as_of_ = needs.as_of;
    valid_from_ = catalog_.FindProperty("valid_from");
    valid_to_ = catalog_.FindProperty("valid_to");
  }

  Result<Landscape> Read() {
    QIPU_TRY(ReadRegions());
    QIPU_TRY(ReadParts());
    QIPU_TRY(FindRoles());
    QIPU_TRY(FindSizes());
    QIPU_TRY(ReadCompanies());
    QIPU_TRY(ReadPlaces());
    QIPU_TRY(FindStandIns(landscape_, landscape_.regions_));
    QIPU_TRY(FindOutdated(landscape_, landscape_.regions_));
    return std::move(landscape_);
  }

 private:
  bool Holds(const graph::Properties& properties) const {
    const Date* to = DateOf(properties, valid_to_);
    if (!needs_.as_of) return to == nullptr;
    const Date* from = DateOf(properties, valid_from_);
    return (from == nullptr || *from <= *needs_.as_of) && (to == nullptr || *needs_.as_of < *to);
  }

  Status ReadRegions() {
    const auto code = catalog_.FindProperty("code"), name = catalog_.FindProperty("name");
    std::map<VertexId, Region> found;  // by vertex: a municipality has two of the labels
    for (size_t level = 0; level < kRegionLevels; ++level) {
      const auto label = catalog_.FindLabel(kLevelLabels[level]);
      if (!label) continue;
      auto cursor = snapshot_.ScanLabel(*label);
      while (cursor.Next()) {
        const Vertex& vertex = cursor.vertex();
        Region& region = found[vertex.id];
        region.levels[level] = true;
        region.vertex = vertex.id;
        region.code = Text(vertex, code);
        region.name = Text(vertex, name);
        region.properties = vertex.properties;
        region.in_force = Holds(vertex.properties);
      }
      QIPU_TRY(Status(cursor.status()));
    }
    for (auto& [vertex, region] : found) landscape_.regions_.push_back(std::move(region));
    return Ok{};
  }

  // A region that was part of two (after a reform) belongs to the one it is part of at the date,
  // the first by id where that does not decide.
  Status ReadParts() {
    const auto type = catalog_.FindEdgeType("PART_OF");
    if (!type) return Ok{};
    for (uint32_t r = 0; r < landscape_.regions_.size(); ++r) {
      Region& region = landscape_.regions_[r];
      const auto wholes = QIPU_TRY(snapshot_.Neighbours(region.vertex, *type, Direction::kOut));
      for (const graph::Neighbour& whole : wholes) {
        const auto parent = landscape_.RegionAt(whole.vertex);
        if (!parent || *parent == r) continue;
        if (wholes.size() > 1) {
          const auto properties =
              QIPU_TRY(snapshot_.EdgeProperties({region.vertex, *type, whole.vertex, whole.rank}));
          if (!Holds(properties)) continue;
        }
        region.parent = *parent;
        landscape_.regions_[*parent].children.push_back(r);
        break;
      }
    }
    return Ok{};
  }

  Status FindRoles() {
    if (needs_.roles.size() > kRolesMax) {
      return InvalidArgument("more than " + std::to_string(kRolesMax) + " roles");
    }
    for (const std::string& role : needs_.roles) {
      const std::string label = QIPU_TRY(RoleLabel(snapshot_, role));
      roles_.push_back(catalog_.FindLabel(label));
    }
    return Ok{};
  }

  Status FindSizes() {
    const graph::LabelSchema* schema = snapshot_.schema().FindLabel("Company");
    std::vector<std::string> known, others;  // numbers, and what is none
    if (schema != nullptr) {
      for (const auto& [name, property] : schema->properties) {
        const bool number =
            property.type == graph::ValueType::kInt || property.type == graph::ValueType::kFloat;
        const bool size = number && property.unit != "degrees";
        (size ? known : others).push_back(name);
      }
    }
    for (const std::string& size : needs_.sizes) {
      const auto property = catalog_.FindProperty(size);
      const bool declared = std::find(known.begin(), known.end(), size) != known.end();
      const bool other = std::find(others.begin(), others.end(), size) != others.end();
      if (other || (!property && !declared)) {
        return InvalidArgument("unknown size '" + size + "'" + Suggestion(size, known));
      }
      sizes_.push_back(property);
    }
    landscape_.sizes_.resize(sizes_.size());
    return Ok{};
  }

  bool IsActive(const Vertex& company) const {
    const Date* dissolved = DateOf(company.properties, dissolved_);
    const graph::Value* value = status_ ? company.Find(*status_) : nullptr;
    const std::string* status = value == nullptr ? nullptr : value->AsString();
    const bool ended = status != nullptr && std::find(kEndedStatuses.begin(), kEndedStatuses.end(),
                                                      *status) != kEndedStatuses.end();
    if (!needs_.as_of) return dissolved == nullptr && !ended;
    const Date* founded = DateOf(company.properties, founded_);
    if (founded != nullptr && *needs_.as_of < *founded) return false;
    return dissolved != nullptr ? *needs_.as_of < *dissolved : !ended;
  }

  Status ReadCompanies() {
    const auto label = catalog_.FindLabel("Company");
    if (!label) return Ok{};
    founded_ = catalog_.FindProperty("founded");
    dissolved_ = catalog_.FindProperty("dissolved");
    status_ = catalog_.FindProperty("status");
    auto cursor = snapshot_.ScanLabel(*label);
    while (cursor.Next()) {
      const Vertex& vertex = cursor.vertex();
      if (!IsActive(vertex)) continue;
      ActiveCompany& company = landscape_.companies_.emplace_back();
      company.vertex = vertex.id;
      for (size_t i = 0; i < roles_.size(); ++i) {
        if (roles_[i] && vertex.Has(*roles_[i])) company.roles |= uint64_t{1} << i;
      }
      for (size_t i = 0; i < sizes_.size(); ++i) {
        const graph::Value* value = sizes_[i] ? vertex.Find(*sizes_[i]) : nullptr;
        landscape_.sizes_[i].push_back(value == nullptr ? std::nullopt
                                                        : ExactSum::Hundredths(*value));
      }
    }
    return cursor.status();
  }

  /// One LOCATED_IN edge.
  struct Place {
    uint32_t company, region, rank;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  // From the side of the regions: one read each instead of one per company.
  Status ReadPlaces() {
    const auto type = catalog_.FindEdgeType("LOCATED_IN");
    if (!type) return Ok{};
    std::vector<Place> places;
    for (uint32_t r = 0; r < landscape_.regions_.size(); ++r) {
      const VertexId region = landscape_.regions_[r].vertex;
      for (const auto& end : QIPU_TRY(snapshot_.Neighbours(region, *type, Direction::kIn))) {
        const auto company = landscape_.CompanyAt(end.vertex);
        if (company) places.push_back({*company, r, end.rank});
      }
    }
    std::sort(places.begin(), places.end());  // edges lie on disk by company
    for (size_t i = 0; i < places.size(); ++i) {
      const Place& place = places[i];
      ActiveCompany& company = landscape_.companies_[place.company];
      const bool only = (i == 0 || places[i - 1].company != place.company) &&
                        (i + 1 == places.size() || places[i + 1].company != place.company);
      if (needs_.as_of || !only) {
        const VertexId region = landscape_.regions_[place.region].vertex;
        const graph::EdgeRef edge{company.vertex, *type, region, place.rank};
        if (!Holds(QIPU_TRY(snapshot_.EdgeProperties(edge)))) continue;
      }
      if (company.regions.empty() || company.regions.back() != place.region) {
        company.regions.push_back(place.region);
      }
    }
    return Ok{};
  }

  const Snapshot& snapshot_;
  const LandscapeNeeds& needs_;
  const graph::Catalog& catalog_;
  Landscape landscape_;
  std::vector<std::optional<graph::LabelId>> roles_;
  std::vector<std::optional<graph::PropertyId>> sizes_;
  std::optional<graph::PropertyId> valid_from_, valid_to_, founded_, dissolved_, status_;
};

Result<Landscape> Landscape::Read(const Snapshot& snapshot, const LandscapeNeeds& needs) {
  return LandscapeReader(snapshot, needs).Read();
}

std::optional<uint32_t> Landscape::CompanyAt(VertexId vertex) const {
  const auto at =
      std::lower_bound(companies_.begin(), companies_.end(), vertex,
                       [](const ActiveCompany& company, VertexId v) { return company.vertex < v; });
  if (at == companies_.end() || at->vertex != vertex) return std::nullopt;
  return static_cast<uint32_t>(at - companies_.begin());
}

std::optional<uint32_t> Landscape::RegionAt(VertexId vertex) const {
  const auto at = std::lower_bound(regions_.begin(), regions_.end(), vertex,
                                   [](const Region& r, VertexId v) { return r.vertex < v; });
  if (at == regions_.end() || at->vertex != vertex) return std::nullopt;
  return static_cast<uint32_t>(at - regions_.begin());
}

std::optional<Int128> Landscape::SizeOf(size_t size, uint32_t company) const {
  return sizes_[size][company];
}

std::optional<uint32_t> Landscape::AtLevel(uint32_t region, RegionLevel level) const {
  std::optional<uint32_t> at = region;
  // Bounded, because nothing keeps PART_OF from running in a circle.
  for (size_t step = 0; at && step < regions_.size(); ++step, at = regions_[*at].parent) {
    if (regions_[*at].levels[static_cast<size_t>(level)]) return at;
  }
  return std::nullopt;
}

std::vector<std::vector<uint32_t>> Landscape::Places(RegionLevel level) const {
  std::vector<std::optional<uint32_t>> at(regions_.size());
  for (uint32_t r = 0; r < regions_.size(); ++r) {
    at[r] = AtLevel(r, level);
    if (at[r] && !regions_[*at[r]].in_force) at[r] = regions_[*at[r]].stand_in;
    if (at[r] && !regions_[*at[r]].levels[static_cast<size_t>(level)]) at[r].reset();
  }
  std::vector<std::vector<uint32_t>> places(companies_.size());
  for (size_t c = 0; c < companies_.size(); ++c) {
    for (uint32_t r : companies_[c].regions) {
      if (at[r]) places[c].push_back(*at[r]);
    }
    std::sort(places[c].begin(), places[c].end());
    places[c].erase(std::unique(places[c].begin(), places[c].end()), places[c].end());
  }
  return places;
}

std::vector<uint32_t> Landscape::InForce(RegionLevel level) const {
  std::vector<uint32_t> found;
  for (uint32_t r = 0; r < regions_.size(); ++r) {
    if (regions_[r].levels[static_cast<size_t>(level)] && regions_[r].in_force) found.push_back(r);
  }
  std::sort(found.begin(), found.end(), [&](uint32_t a, uint32_t b) {
    return regions_[a].code != regions_[b].code ? regions_[a].code < regions_[b].code : a < b;
  });
  return found;
}

std::string Landscape::ParentName(uint32_t region) const {
  const auto parent = regions_[region].parent;
  return parent ? regions_[*parent].name : "";
}

std::optional<double> Landscape::Amount(uint32_t region, std::string_view property) const {
  const auto id = snapshot_->catalog().FindProperty(property);
  if (!id) return std::nullopt;
  const Region& at = regions_[region];
  if (const graph::Value* own = graph::FindProperty(at.properties, *id)) {
    return at.outdated ? std::nullopt : own->AsNumber();
  }
  double sum = 0;
  bool any = false;
  for (uint32_t child : at.children) {
    if (!regions_[child].in_force) continue;
    const graph::Value* part = graph::FindProperty(regions_[child].properties, *id);
    if (part == nullptr || regions_[child].outdated || !part->AsNumber()) return std::nullopt;
    sum += *part->AsNumber();
    any = true;
  }
  return any ? std::optional(sum) : std::nullopt;
}

}  // namespace qipu::query
