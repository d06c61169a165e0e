#include <algorithm>
#include <string>
#include <utility>

#include "ingest/place/place.h"

namespace qipu::ingest {
namespace {

constexpr size_t kShortCharactersMin = 2;  // 萧县 has no short name
constexpr size_t kZoneTailCharactersMin = 3;

std::u32string Characters(std::string_view text) {
  const PlaceText read(text);
  return std::u32string(read.characters.data(), read.size);
}

size_t CountCharacters(std::string_view text) { return PlaceText(text).size; }

/// The longest of `endings` that leaves something of `name`; empty for none.
std::string_view LongestEnding(std::string_view name, const std::vector<std::string>& endings) {
  std::string_view longest;
  for (const std::string& ending : endings) {
    if (ending.size() > longest.size() && name.size() > ending.size() && name.ends_with(ending)) {
      longest = ending;
    }
  }
  return longest;
}

/// 彭水苗族土家族 -> 彭水, 管城回族 -> 管城, but never less than a short name.
std::string_view WithoutPeoples(std::string_view stem, const PlaceRules& rules) {
  for (;;) {
    std::string_view rest = stem;
    for (const std::string& people : rules.peoples) {
      if (!stem.ends_with(people)) continue;
      const std::string_view shorter = stem.substr(0, stem.size() - people.size());
      if (CountCharacters(shorter) >= kShortCharactersMin && shorter.size() < rest.size()) {
        rest = shorter;
      }
    }
    if (rest.size() == stem.size()) return stem;
    stem = rest;
  }
}

struct OtherNames {
  std::string derived;  // empty for none
  std::string brief;
};

OtherNames OtherNamesOf(const std::string& name, const PlaceRules& rules) {
  OtherNames names;
  const std::string_view suffix = LongestEnding(name, rules.suffixes);
  if (suffix.empty()) return names;
  const std::string_view whole = std::string_view(name).substr(0, name.size() - suffix.size());
  const std::string_view stem = WithoutPeoples(whole, rules);
  const PlaceText letters(suffix);
  if (letters.size > 1 || stem.size() < whole.size()) {
    names.derived = std::string(stem) + std::string(letters.Slice(letters.size - 1, letters.size));
  }
  if (CountCharacters(stem) >= kShortCharactersMin) names.brief = stem;
  return names;
}

CodeId TopOf(const RegionTable& table, RowId id) {
  return table.above(id).empty() ? table.code_of(id) : table.above(id).back();
}

/// What the form of a name becomes when its region is no longer in force.
NameForm Former(NameForm form) {
  return form == NameForm::kShort ? NameForm::kFormerShort : NameForm::kFormer;
}

bool IsFormer(const Meaning& meaning) {
  return meaning.form == NameForm::kFormer || meaning.form == NameForm::kFormerShort;
}

bool SamePlace(const Meaning& one, const Meaning& other) {
  if (one.top != other.top) return false;
  if (one.IsIn(other.code)) return true;
  return !one.above.empty() && !other.above.empty() &&
         (one.IsIn(other.above.front()) || other.IsIn(one.above.front()));
}

/// True if `other` bears the name of `one` now, or bore it later.
bool Replaces(const Meaning& other, const Meaning& one) {
  if (!IsFormer(one) || !SamePlace(one, other)) return false;
  if (!IsFormer(other)) return other.form != NameForm::kAlias;
  return one.leaf && other.leaf && other.last_year > one.last_year;
}

void AddAbove(const std::vector<CodeId>& codes, Meaning* meaning) {
  for (const CodeId code : codes) {
    if (!meaning->IsIn(code)) meaning->above.push_back(code);
  }
}

void FillTrie(const std::vector<std::string>& words, NameTrie* trie) {
  for (const std::string& word : words) {
    if (!word.empty()) *trie->Slot(Characters(word)) = 1;
  }
}

}  // namespace

bool Meaning::IsIn(CodeId upper) const { return std::ranges::find(above, upper) != above.end(); }

Result<NameIndex> NameIndex::Make(const RegionTable& table, const std::vector<PlaceAlias>& aliases,
                                  const PlaceRules& rules) {
  NameIndex index;
  for (RowId id = 0; id < table.row_count(); ++id) {
    index.AddRegion(table, id, rules);
    if (table.in_force(id)) index.AddZoneTail(table, id, rules);
  }
  for (const PlaceAlias& alias : aliases) QIPU_TRY(index.AddAlias(table, alias, rules));
  index.DropOutdated();
  FillTrie(rules.skip_words, &index.skips_);
  for (const char32_t character : Characters(rules.skip_characters)) {
    *index.skips_.Slot({&character, 1}) = 1;
  }
  FillTrie(rules.not_before, &index.spoilers_);
  return index;
}

void NameIndex::Add(std::string_view name, Meaning meaning) {
  uint32_t* slot = names_.Slot(Characters(name));
  if (*slot == NameTrie::kNone) {
    *slot = static_cast<uint32_t>(meanings_.size());
    meanings_.emplace_back();
  }
  meanings_[*slot].push_back(std::move(meaning));
}

void NameIndex::AddRegion(const RegionTable& table, RowId id, const PlaceRules& rules) {
  const Region& region = table.row(id);
  Meaning meaning;
  meaning.leaf = table.is_leaf(id);
  meaning.code = table.code_of(id);
  meaning.last_year = region.last_year;
  meaning.above = table.above(id);
  meaning.top = TopOf(table, id);
  if (meaning.leaf) {
    meaning.leads_to = table.leads_to(id);
    if (meaning.leads_to.empty()) return;
    // Old names appear under the new city as well.
    for (const RowId end : meaning.leads_to) AddAbove(table.above(end), &meaning);
  }
  const OtherNames others = OtherNamesOf(region.name, rules);
  const auto add = [&](std::string_view name, NameForm form) {
    meaning.form = table.in_force(id) ? form : Former(form);
    Add(name, meaning);
  };
  add(region.name, NameForm::kFull);
  if (!others.derived.empty()) add(others.derived, NameForm::kDerived);
  if (!others.brief.empty()) add(others.brief, NameForm::kShort);
}

/// A unit named after its city, such as 合肥高新技术产业开发区, goes by the rest within it.
void NameIndex::AddZoneTail(const RegionTable& table, RowId id, const PlaceRules& rules) {
  if (!table.is_leaf(id)) return;
  const Region& region = table.row(id);
  const CodeId city = table.above(id).front();
  const std::string brief = OtherNamesOf(table.row(table.NewestRow(city)).name, rules).brief;
  if (brief.empty() || !region.name.starts_with(brief)) return;
  const std::string tail = region.name.substr(brief.size());
  if (CountCharacters(tail) < kZoneTailCharactersMin) return;
  Meaning meaning;
  meaning.form = NameForm::kAlias;
  meaning.leaf = true;
  meaning.code = table.code_of(id);
  meaning.within = city;
  meaning.above = table.above(id);
  meaning.top = TopOf(table, id);
  meaning.leads_to = {id};
  AddSpelt(tail, meaning, rules);
}

Status NameIndex::AddAlias(const RegionTable& table, const PlaceAlias& alias,
                           const PlaceRules& rules) {
  const CodeId code = table.FindCode(alias.code);
  const CodeId within = alias.within.empty() ? kNoCode : table.FindCode(alias.within);
  if (code == kNoCode || !table.is_leaf(table.NewestRow(code))) {
    return InvalidArgument(alias.place + "place alias '" + alias.name + "': code '" + alias.code +
                           "' is no unit of the lowest level in the table of regions");
  }
  if (!alias.within.empty() && within == kNoCode) {
    return InvalidArgument(alias.place + "place alias '" + alias.name + "': within '" +
                           alias.within + "' is not in the table of regions");
  }
  const RowId id = table.NewestRow(code);
  Meaning meaning;
  meaning.form = NameForm::kAlias;
  meaning.leaf = true;
  meaning.certain = alias.certain;
  meaning.code = code;
  meaning.within = within;
  meaning.above = table.above(id);
  meaning.top = TopOf(table, id);
  if (within != kNoCode && !meaning.IsIn(within)) meaning.above.push_back(within);
  meaning.leads_to = table.leads_to(id);
  AddSpelt(alias.name, meaning, rules);
  return Ok{};
}

void NameIndex::AddSpelt(const std::string& name, const Meaning& meaning, const PlaceRules& rules) {
  for (const std::vector<std::string>& group : rules.spellings) {
    const std::string_view ending =
        std::ranges::find(group, name) != group.end() ? name : LongestEnding(name, group);
    if (ending.empty()) continue;
    const std::string stem = name.substr(0, name.size() - ending.size());
    for (const std::string& other : group) Add(stem + other, meaning);
    return;
  }
  Add(name, meaning);
}

/// Of the former bearers of a name in one place only the last counts, and none where the name is
/// still a region's own; that one can then be found below whatever the former one lay in.
void NameIndex::DropOutdated() {
  for (std::vector<Meaning>& all : meanings_) {
    const std::vector<Meaning> before = all;
    const auto outdated = [&](const Meaning& one) {
      return std::ranges::any_of(before,
                                 [&](const Meaning& other) { return Replaces(other, one); });
    };
    std::erase_if(all, outdated);
    for (const Meaning& one : before) {
      for (Meaning& other : all) {
        if (Replaces(other, one) && std::ranges::includes(one.leads_to, other.leads_to)) {
          AddAbove(one.above, &other);
        }
      }
    }
  }
}

size_t NameIndex::MatchesAt(const PlaceText& text, size_t from,
                            std::array<Match, kMatchesMax>* out) const {
  std::array<Match, kMatchesMax> found;
  size_t count = 0;
  uint32_t node = 0;
  for (size_t at = from; at < text.size && count < kMatchesMax; ++at) {
    node = names_.Step(node, text.characters[at]);
    if (node == 0) break;
    const uint32_t value = names_.value(node);
    if (value != NameTrie::kNone) found[count++] = {at + 1 - from, &meanings_[value]};
  }
  std::reverse_copy(found.begin(), found.begin() + static_cast<ptrdiff_t>(count), out->begin());
  return count;
}

const std::vector<Meaning>* NameIndex::Whole(const PlaceText& text) const {
  std::array<Match, kMatchesMax> matches;
  const size_t count = MatchesAt(text, 0, &matches);
  return count > 0 && matches[0].length == text.size ? matches[0].meanings : nullptr;
}

size_t NameIndex::SkipAt(const PlaceText& text, size_t from) const {
  size_t longest = 0;
  uint32_t node = 0;
  for (size_t at = from; at < text.size; ++at) {
    node = skips_.Step(node, text.characters[at]);
    if (node == 0) break;
    if (skips_.value(node) != NameTrie::kNone) longest = at + 1 - from;
  }
  return longest;
}

bool NameIndex::SpoilsShortName(const PlaceText& text, size_t from) const {
  uint32_t node = 0;
  for (size_t at = from; at < text.size; ++at) {
    node = spoilers_.Step(node, text.characters[at]);
    if (node == 0) return false;
    if (spoilers_.value(node) != NameTrie::kNone) return true;
  }
  return false;
}

}  // namespace qipu::ingest
