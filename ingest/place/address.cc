#include <algorithm>
#include <limits>
#include <utility>

#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

// Reasons to prefer one meaning of a name over another, as weights: the least wins. Forms count
// from 0 to 5 (NameForm) in steps of kFormStep.
constexpr int kFormStep = 4;
constexpr int kOtherCity = 2;      // not in the city of the source's column
constexpr int kOtherContext = 40;  // only in the province of the source's column
constexpr int kUpperFirst = -1;    // of equals, the region that contains the others
constexpr int kNotViable = std::numeric_limits<int>::max();

// Between unknown words, two characters such as 新区 are more often part of another name.
constexpr size_t kDistantCharactersMin = 3;

bool IsShort(NameForm form) { return form == NameForm::kShort || form == NameForm::kFormerShort; }

void AddLeaves(const std::vector<RowId>& more, std::vector<RowId>* leaves) {
  leaves->insert(leaves->end(), more.begin(), more.end());
  std::ranges::sort(*leaves);
  leaves->erase(std::unique(leaves->begin(), leaves->end()), leaves->end());
}

/// The meanings of one name that fit best where it stands.
struct Hit {
  size_t length = 0;
  int weight = kNotViable;
  const Meaning* region = nullptr;  // set: narrows
  const Meaning* leaf = nullptr;    // the first of the leaves; set when region isn't
  std::vector<RowId> leaves;
};

/// Reads one address from left to right: regions narrow, the first leaf that fits ends the search.
class AddressReader {
 public:
  AddressReader(const NameIndex& index, const RegionTable& table, const PlaceContext& context,
                std::string_view text)
      : index_(index), table_(table), context_(context), text_(text) {}

  AddressReading Read(ReadMode mode);

 private:
  Hit HitAt(size_t from) const;
  int WeighLeaf(const Meaning& meaning) const;
  int WeighRegion(const Meaning& meaning) const;
  bool AllowsAlias(const Meaning& meaning) const;
  bool Names(CodeId code, const Meaning& meaning) const {
    return meaning.code == code || meaning.IsIn(code);
  }
  bool RegionIsIn(CodeId lower, CodeId upper) const {
    return lower == upper || table_.IsAbove(upper, table_.NewestRow(lower));
  }
  void Take(const Hit& hit, size_t from, AddressReading* reading) const;

  const NameIndex& index_;
  const RegionTable& table_;
  const PlaceContext& context_;
  const PlaceText text_;
  CodeId region_ = kNoCode;  // the narrowest region the address has named so far
  bool adjacent_ = true;     // nothing unknown since the start or the last region
};

bool AddressReader::AllowsAlias(const Meaning& meaning) const {
  if (meaning.within == kNoCode) return true;
  if (region_ != kNoCode && RegionIsIn(region_, meaning.within)) return true;
  const bool city_holds =
      region_ == kNoCode || (context_.city != kNoCode && RegionIsIn(context_.city, region_));
  return city_holds && (meaning.within == context_.city || meaning.within == context_.province);
}

int AddressReader::WeighLeaf(const Meaning& meaning) const {
  const bool doubtful = IsShort(meaning.form) || meaning.form == NameForm::kFormer;
  if (doubtful && !adjacent_) return kNotViable;
  if (meaning.form == NameForm::kAlias && (!adjacent_ || !AllowsAlias(meaning))) return kNotViable;
  int weight = static_cast<int>(meaning.form) * kFormStep;
  const CodeId city = context_.city;
  if (region_ != kNoCode) {
    if (!Names(region_, meaning)) return kNotViable;
    const bool city_narrows = city != kNoCode && city != region_ && RegionIsIn(city, region_);
    return city_narrows && !Names(city, meaning) ? weight + kOtherCity : weight;
  }
  if (city != kNoCode) {
    if (Names(city, meaning)) return weight;
  } else if (context_.province == kNoCode || Names(context_.province, meaning)) {
    return weight;
  }
  const bool in_province = context_.province != kNoCode && Names(context_.province, meaning);
  return in_province && meaning.form <= NameForm::kDerived ? weight + kOtherContext : kNotViable;
}

int AddressReader::WeighRegion(const Meaning& meaning) const {
  const int weight = static_cast<int>(meaning.form) * kFormStep + kUpperFirst;
  const bool brief = IsShort(meaning.form);
  if (brief && !adjacent_) return kNotViable;
  if (region_ != kNoCode) {
    // Narrower, or said again.
    const bool fits = Names(region_, meaning) || RegionIsIn(region_, meaning.code);
    return fits ? weight : kNotViable;
  }
  const CodeId province = context_.province;
  if (province == kNoCode || Names(province, meaning)) return weight;
  // Another province than the column says: only spelt out, at the start.
  return brief || !adjacent_ ? kNotViable : weight + kOtherContext;
}

Hit AddressReader::HitAt(size_t from) const {
  std::array<NameIndex::Match, NameIndex::kMatchesMax> matches;
  const size_t count = index_.MatchesAt(text_, from, &matches);
  for (size_t i = 0; i < count; ++i) {
    Hit hit;
    hit.length = matches[i].length;
    const bool spoilt = index_.SpoilsShortName(text_, from + hit.length);
    const bool accidental = !adjacent_ && hit.length < kDistantCharactersMin;
    for (const Meaning& meaning : *matches[i].meanings) {
      if (spoilt && IsShort(meaning.form)) continue;
      if (accidental && meaning.leaf) continue;
      const int weight = meaning.leaf ? WeighLeaf(meaning) : WeighRegion(meaning);
      if (weight == kNotViable || weight > hit.weight) continue;
      if (weight < hit.weight) hit = Hit{hit.length, weight, nullptr, nullptr, {}};
      if (!meaning.leaf) {
        if (hit.region == nullptr) hit.region = &meaning;
        continue;
      }
      if (hit.leaf == nullptr) hit.leaf = &meaning;
      AddLeaves(meaning.leads_to, &hit.leaves);
    }
    if (hit.weight != kNotViable) return hit;
  }
  return {};
}

void AddressReader::Take(const Hit& hit, size_t from, AddressReading* reading) const {
  reading->leaves = hit.leaves;
  reading->form = hit.leaf->form;
  reading->certain = hit.leaf->certain;
  reading->adjacent = adjacent_;
  reading->region = region_;
  reading->words = text_.Slice(from, from + hit.length);
}

AddressReading AddressReader::Read(ReadMode mode) {
  AddressReading zone;  // an alias found on the way; a proper name right after it is better
  for (size_t at = 0; at < text_.size;) {
    const Hit hit = HitAt(at);
    if (hit.region != nullptr) {
      if (region_ == kNoCode || !RegionIsIn(region_, hit.region->code)) region_ = hit.region->code;
      adjacent_ = true;
      at += hit.length;
      continue;
    }
    if (hit.leaf != nullptr && hit.leaf->form == NameForm::kAlias) {
      if (zone.leaves.empty()) Take(hit, at, &zone);
      at += hit.length;
      continue;
    }
    if (hit.leaf != nullptr) {
      // A branch is named after its parent's home, which may be in another city.
      if (mode == ReadMode::kStartOnly && hit.weight >= kOtherContext) return {};
      if (!zone.leaves.empty() && !adjacent_) return zone;
      AddressReading reading;
      Take(hit, at, &reading);
      return reading;
    }
    const size_t skipped = index_.SkipAt(text_, at);
    if (skipped == 0) {
      adjacent_ = false;
      if (mode == ReadMode::kStartOnly) break;
    }
    at += std::max(skipped, size_t{1});
  }
  zone.region = region_;
  return zone;
}

}  // namespace

AddressReading ReadAddress(const NameIndex& index, const RegionTable& table,
                           const PlaceContext& context, std::string_view text, ReadMode mode) {
  return AddressReader(index, table, context, text).Read(mode);
}

PlaceContext ReadColumns(const NameIndex& index, const RegionTable& table,
                         const PlaceQuery& query) {
  PlaceContext context;
  if (const auto* meanings = index.Whole(PlaceText(query.province)); meanings != nullptr) {
    for (const Meaning& meaning : *meanings) {
      if (!meaning.leaf && meaning.above.empty()) context.province = meaning.code;
    }
  }
  const auto* meanings = index.Whole(PlaceText(query.city));
  if (meanings == nullptr) return context;
  const auto fits = [&](const Meaning& meaning) {
    return meaning.form != NameForm::kAlias &&
           (context.province == kNoCode || meaning.code == context.province ||
            meaning.IsIn(context.province));
  };
  NameForm best = NameForm::kFormerShort;
  bool region = false;
  for (const Meaning& meaning : *meanings) {
    if (fits(meaning)) best = std::min(best, meaning.form);
  }
  for (const Meaning& meaning : *meanings) {
    if (!fits(meaning) || meaning.form != best) continue;
    if (!meaning.leaf) {
      region = true;
      context.city = meaning.code;
    } else {
      AddLeaves(meaning.leads_to, &context.leaves);
    }
  }
  if (region) {
    context.leaves.clear();
  } else if (context.leaves.size() == 1) {
    context.city = table.code_of(context.leaves.front());
    if (!table.above(context.leaves.front()).empty()) {
      context.city = table.above(context.leaves.front()).front();
    }
  }
  return context;
}

}  // namespace qipu::ingest
