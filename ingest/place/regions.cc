#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

constexpr int kForEver = INT32_MAX;

int LastYear(const Region& region) { return region.last_year == 0 ? kForEver : region.last_year; }

/// Both held in some year; a unit that ended as the other began did not hold with it.
bool Overlap(const Region& a, const Region& b) {
  return a.first_year < LastYear(b) && b.first_year < LastYear(a);
}

std::string Described(const Region& region) {
  return region.place + "region " + region.code + " " + region.name + " (" +
         std::to_string(region.first_year) + "-" +
         (region.last_year == 0 ? "" : std::to_string(region.last_year)) + ")";
}

}  // namespace

Result<RegionTable> RegionTable::Make(std::vector<Region> regions) {
  if (regions.empty()) return InvalidArgument("the table of regions is empty");
  RegionTable table;
  table.rows_ = std::move(regions);
  std::ranges::stable_sort(table.rows_, [](const Region& a, const Region& b) {
    return std::pair(std::string_view(a.code), a.first_year) <
           std::pair(std::string_view(b.code), b.first_year);
  });
  for (RowId id = 0; id < table.rows_.size(); ++id) {
    const auto [it, fresh] = table.code_ids_.try_emplace(
        table.rows_[id].code, static_cast<CodeId>(table.rows_of_.size()));
    if (fresh) table.rows_of_.emplace_back();
    table.rows_of_[it->second].push_back(id);
    table.codes_.push_back(it->second);
  }
  // A row in force is the newest, whatever the years of the others.
  for (auto& rows : table.rows_of_) {
    std::ranges::stable_sort(rows, {}, [&](RowId id) { return LastYear(table.rows_[id]); });
  }
  QIPU_TRY(table.LinkParents());
  QIPU_TRY(table.LinkSuccessors());
  table.FindLeaves();
  for (RowId id = 0; id < table.rows_.size(); ++id) {
    std::vector<RowId> ends;
    if (table.leaf_[id]) table.Follow(id, 0, &ends);
    std::ranges::sort(ends);
    ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
    const bool all_leaves =
        std::ranges::all_of(ends, [&](RowId end) { return bool{table.leaf_[end]}; });
    if (!all_leaves) ends.clear();
    table.leads_to_.push_back(std::move(ends));
  }
  return table;
}

Status RegionTable::LinkParents() {
  for (RowId id = 0; id < rows_.size(); ++id) {
    std::vector<CodeId> above;
    const Region* region = &rows_[id];
    while (!region->parent.empty()) {
      const CodeId parent = FindCode(region->parent);
      if (parent == kNoCode) {
        return InvalidArgument(Described(*region) + ": parent '" + region->parent +
                               "' is not in the table; add its row or correct the code");
      }
      if (above.size() == kRegionChainMax) {
        return InvalidArgument(Described(rows_[id]) + ": its parents form a circle");
      }
      above.push_back(parent);
      region = &rows_[RowAt(parent, rows_[id].last_year == 0 ? 0 : rows_[id].first_year)];
    }
    above_.push_back(std::move(above));
  }
  return Ok{};
}

Status RegionTable::LinkSuccessors() {
  for (const Region& region : rows_) {
    std::vector<CodeId> whole;
    for (const std::string& text : region.successors) {
      const size_t at = text.find('@');
      const CodeId code = FindCode(std::string_view(text).substr(0, at));
      if (code == kNoCode) {
        return InvalidArgument(Described(region) + ": successor '" + text +
                               "' is not in the table; add its row or correct the code");
      }
      if (at == std::string::npos) {
        whole.push_back(code);
        continue;
      }
      int year = 0;
      const char* end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data() + at + 1, end, year);
      if (error != std::errc() || stop != end) {
        return InvalidArgument(Described(region) + ": successor '" + text +
                               "': write code@year, the year in which a part left");
      }
    }
    successors_.push_back(std::move(whole));
  }
  return Ok{};
}

void RegionTable::FindLeaves() {
  leaf_.assign(rows_.size(), true);
  for (RowId id = 0; id < rows_.size(); ++id) {
    if (above_[id].empty()) {
      leaf_[id] = false;
      continue;
    }
    for (const RowId upper : rows_of_[above_[id].front()]) {
      if (Overlap(rows_[upper], rows_[id])) leaf_[upper] = false;
    }
  }
}

void RegionTable::Follow(RowId from, size_t depth, std::vector<RowId>* ends) const {
  if (in_force(from)) {
    ends->push_back(from);
    return;
  }
  if (depth == kRegionChainMax) return;
  const int year = rows_[from].last_year;
  for (const CodeId code : successors_[from]) {
    const RowId next = RowAt(code, year);
    if (next != from) Follow(next, depth + 1, ends);
  }
}

CodeId RegionTable::FindCode(std::string_view code) const {
  const auto it = code_ids_.find(std::string(code));
  return it == code_ids_.end() ? kNoCode : it->second;
}

RowId RegionTable::RowAt(CodeId code, int year) const {
  const std::vector<RowId>& rows = rows_of_[code];
  if (year != 0) {
    // In the year one row ended and the next began, the next holds.
    for (size_t i = rows.size(); i-- > 0;) {
      const Region& region = rows_[rows[i]];
      if (region.first_year <= year && year <= LastYear(region)) return rows[i];
    }
  }
  return rows.back();
}

bool RegionTable::IsAbove(CodeId upper, RowId id) const {
  return std::ranges::find(above_[id], upper) != above_[id].end();
}

}  // namespace qipu::ingest
