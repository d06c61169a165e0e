#include <algorithm>
#include <set>

#include "ingest/chain.h"
#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

using graph::JsonNode;

constexpr struct {
  std::string_view key;
  Meaning meaning;
} kTextKeys[] = {
    {"separators", kSeparator}, {"commas", kComma},       {"list_marks", kListMark},
    {"colons", kColon},         {"openers", kOpener},     {"particles", kParticle},
    {"tails", kTail},           {"followers", kFollower}, {"heads", kHead},
    {"inert", kInert},          {"not_after", kNotAfter}, {"not_before", kNotBefore},
};

/// What a rule's keys make of a word.
constexpr struct {
  std::string_view key;
  std::vector<uint32_t> Phrase::*uses;
} kUses[] = {
    {"terms", &Phrase::terms},
    {"activities", &Phrase::activities},
    {"name", &Phrase::names},
    {"followers", &Phrase::followers},
};

std::string Suggest(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = graph::NearestName(name, known);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

bool IsOneCharacter(std::string_view word) {
  return std::ranges::count_if(word, [](char c) { return (c & 0xC0) != 0x80; }) == 1;
}

/// Reads the `rules` of a chain file into a Rules.
class RulesReader {
 public:
  RulesReader(const ChainDefinition& chain, Rules& rules) : chain_(chain), rules_(rules) {}

  Status Read(const JsonNode& node) {
    QIPU_TRY(
        node.AllowOnly({"text", "verbs", "defaults", "names", "roles", "segments", "unplaced"}));
    QIPU_TRY(ReadText(*QIPU_TRY(node.Get("text"))));
    QIPU_TRY(ReadVerbs(*QIPU_TRY(node.Get("verbs"))));
    if (const JsonNode* names = node.Find("names")) QIPU_TRY(ReadNames(*names));
    QIPU_TRY(ReadDefaults(*QIPU_TRY(node.Get("defaults"))));
    QIPU_TRY(ReadSegments(*QIPU_TRY(node.Get("segments"))));
    if (const JsonNode* unplaced = node.Find("unplaced")) QIPU_TRY(ReadUnplaced(*unplaced));
    if (const JsonNode* roles = node.Find("roles")) QIPU_TRY(ReadRoles(*roles));
    if (rules_.phrases.bytes() > kPhraseBytesMax) {
      return node.Complain("the words of all rules are more than " +
                           std::to_string(kPhraseBytesMax) + " bytes");
    }
    return Ok{};
  }

 private:
  /// The strings of a node, cleaned as a scope will be.
  Result<std::vector<std::string>> Words(const JsonNode& node) const {
    std::vector<std::string> words = QIPU_TRY(node.Strings());
    for (std::string& word : words) {
      std::string clean = cleaner_.Clean(word, Offsets::kDrop).text;
      if (clean.empty()) return node.Complain("'" + word + "' is blank");
      word = std::move(clean);
    }
    return words;
  }

  /// The words under a key; none when it isn't there.
  Result<std::vector<std::string>> WordsAt(const JsonNode& object, std::string_view key) const {
    const JsonNode* node = object.Find(key);
    if (node == nullptr) return std::vector<std::string>();
    return Words(*node);
  }

  Phrase& PhraseOf(const std::string& word) {
    const uint32_t number = rules_.phrases.Add(word);
    if (number >= rules_.meanings.size()) rules_.meanings.resize(number + 1);
    return rules_.meanings[number];
  }

  static Result<double> Confidence(const JsonNode& object, double otherwise) {
    const JsonNode* node = object.Find("confidence");
    if (node == nullptr) return otherwise;
    const double confidence = QIPU_TRY(node->Number());
    if (!(confidence > 0 && confidence <= 1)) {
      return node->Complain("a confidence lies above 0 and at most at 1");
    }
    return confidence;
  }

  Status ReadText(const JsonNode& node) {
    QIPU_TRY(node.AllowOnly({"separators", "commas", "list_marks", "colons", "openers", "particles",
                             "tails", "followers", "heads", "inert", "not_after", "not_before",
                             "brackets", "headings", "boilerplate"}));
    for (const auto& [key, meaning] : kTextKeys) {
      for (const std::string& word : QIPU_TRY(WordsAt(node, key))) {
        PhraseOf(word).meanings |= meaning;
      }
    }
    if (const JsonNode* brackets = node.Find("brackets")) {
      for (const JsonNode& pair : *QIPU_TRY(brackets->Array())) {
        const std::vector<std::string> ends = QIPU_TRY(Words(pair));
        if (ends.size() != 2) return pair.Complain("brackets are [opening, closing]");
        rules_.brackets.emplace_back(ends[0], ends[1]);
      }
    }
    rules_.headings = QIPU_TRY(WordsAt(node, "headings"));
    // The longest first, for the shorter ones may begin it.
    std::ranges::stable_sort(rules_.headings, std::greater(), &std::string::size);
    for (const std::string& pattern : QIPU_TRY(WordsAt(node, "boilerplate"))) {
      auto& parts = rules_.boilerplate.emplace_back();
      for (size_t begin = 0; begin <= pattern.size();) {
        const size_t star = std::min(pattern.find('*', begin), pattern.size());
        if (star > begin) parts.push_back(pattern.substr(begin, star - begin));
        begin = star + 1;
      }
      if (parts.empty()) {
        return node.Find("boilerplate")->Complain("'" + pattern + "' would drop every clause");
      }
      rules_.boilerplate_starts.Add(parts.front());
    }
    return Ok{};
  }

  Status ReadVerbs(const JsonNode& node) {
    for (const auto& [name, group] : *QIPU_TRY(node.Object())) {
      QIPU_TRY(group.AllowOnly({"words", "confidence"}));
      if (rules_.verbs.size() == kVerbGroupsMax) {
        return node.Complain("more than " + std::to_string(kVerbGroupsMax) + " verb groups");
      }
      const uint32_t bit = 1u << rules_.verbs.size();
      const double confidence = QIPU_TRY(Confidence(group, 0));
      rules_.verbs.push_back({name, confidence});
      if (rules_.verbs.back().confidence > 0) counting_ |= bit;
      for (const std::string& word : QIPU_TRY(Words(*QIPU_TRY(group.Get("words"))))) {
        Phrase& phrase = PhraseOf(word);
        phrase.verb_groups |= bit;
        // So short a word ends many things that nobody makes: 房地产, 水产.
        if (IsOneCharacter(word)) phrase.meanings |= kWholeItem;
      }
    }
    return Ok{};
  }

  /// The groups named under `verbs`; `otherwise` when it isn't there.
  Result<uint32_t> VerbGroups(const JsonNode& object, uint32_t otherwise) const {
    const JsonNode* node = object.Find("verbs");
    if (node == nullptr) return otherwise;
    uint32_t groups = 0;
    for (const std::string& name : QIPU_TRY(node->Strings())) {
      const auto found = std::ranges::find(rules_.verbs, name, &VerbGroup::name);
      if (found == rules_.verbs.end()) {
        std::vector<std::string> known;
        for (const VerbGroup& group : rules_.verbs) known.push_back(group.name);
        return node->Complain("unknown verb group '" + name + "'" + Suggest(name, known));
      }
      const uint32_t bit = 1u << (found - rules_.verbs.begin());
      if (!(counting_ & bit)) {
        return node->Complain("verb group '" + name + "' has no confidence, so it can't count");
      }
      groups |= bit;
    }
    if (groups == 0) return node->Complain("names no verb group");
    return groups;
  }

  Status ReadNames(const JsonNode& node) {
    QIPU_TRY(node.AllowOnly({"endings", "without"}));
    rules_.name_endings = QIPU_TRY(WordsAt(node, "endings"));
    rules_.name_without = QIPU_TRY(WordsAt(node, "without"));
    return Ok{};
  }

  /// What rules for segments of one role have unless they say otherwise.
  struct Defaults {
    uint32_t verb_groups = 0;
    std::vector<std::string> followers;
  };

  Status CheckRole(const JsonNode& node, const std::string& role) const {
    std::vector<std::string> known;
    for (const ChainSegment& segment : chain_.segments) known.push_back(segment.role);
    if (std::ranges::find(known, role) != known.end()) return Ok{};
    return node.Complain("no segment has the role '" + role + "'" + Suggest(role, known));
  }

  Status ReadDefaults(const JsonNode& node) {
    for (const auto& [role, entry] : *QIPU_TRY(node.Object())) {
      QIPU_TRY(CheckRole(entry, role));
      QIPU_TRY(entry.AllowOnly({"verbs", "followers"}));
      QIPU_TRY(entry.Get("verbs"));
      Defaults& defaults = defaults_[role];
      defaults.verb_groups = QIPU_TRY(VerbGroups(entry, 0));
      defaults.followers = QIPU_TRY(WordsAt(entry, "followers"));
    }
    return Ok{};
  }

  Status ReadSegments(const JsonNode& node) {
    std::vector<std::pair<const ChainSegment*, const JsonNode*>> ordered;
    for (const auto& [id, list] : *QIPU_TRY(node.Object())) {
      const auto segment = std::ranges::find(chain_.segments, id, &ChainSegment::id);
      if (segment == chain_.segments.end()) {
        std::vector<std::string> known;
        for (const ChainSegment& one : chain_.segments) known.push_back(one.id);
        return list.Complain("unknown segment '" + id + "'" + Suggest(id, known));
      }
      ordered.emplace_back(&*segment, &list);
    }
    std::ranges::sort(ordered, {}, [](const auto& entry) { return entry.first->id; });
    for (const auto& [segment, list] : ordered) {
      int number = 0;
      for (const JsonNode& rule : *QIPU_TRY(list->Array())) {
        QIPU_TRY(rule.AllowOnly({"terms", "activities", "name", "verbs", "with", "without",
                                 "followers", "confidence"}));
        SegmentRule head;
        head.segment = segment->id;
        head.name = segment->id + '/' + std::to_string(++number);
        head.role = segment->role;
        QIPU_TRY(ReadSegmentRule(rule, std::move(head)));
      }
    }
    return Ok{};
  }

  Status ReadUnplaced(const JsonNode& node) {
    for (const JsonNode& rule : *QIPU_TRY(node.Array())) {
      QIPU_TRY(rule.AllowOnly({"role", "terms", "activities", "name", "verbs", "with", "without",
                               "followers", "confidence"}));
      const JsonNode* role = QIPU_TRY(rule.Get("role"));
      SegmentRule head;
      head.role = QIPU_TRY(role->String());
      QIPU_TRY(CheckRole(*role, head.role));
      QIPU_TRY(ReadSegmentRule(rule, std::move(head)));
    }
    return Ok{};
  }

  Status ReadSegmentRule(const JsonNode& node, SegmentRule rule) {
    const Defaults& defaults = defaults_[rule.role];
    rule.verb_groups = QIPU_TRY(VerbGroups(node, defaults.verb_groups));
    if (rule.verb_groups == 0) {
      return node.Complain("no 'verbs' here, nor in the defaults of the role '" + rule.role + "'");
    }
    if (!node.Find("terms") && !node.Find("activities") && !node.Find("name")) {
      return node.Complain("a rule has 'terms', 'activities' or 'name'");
    }
    rule.confidence = QIPU_TRY(Confidence(node, 1));
    rule.with = QIPU_TRY(WordsAt(node, "with"));
    rule.without = QIPU_TRY(WordsAt(node, "without"));
    rules_.segments.push_back(std::move(rule));
    for (const auto& [key, uses] : kUses) {
      Use(QIPU_TRY(WordsAt(node, key)), uses);
    }
    Use(defaults.followers, &Phrase::followers);
    return Ok{};
  }

  /// Tells the words that the rule read last uses them.
  void Use(const std::vector<std::string>& words, std::vector<uint32_t> Phrase::*uses) {
    const auto place = static_cast<uint32_t>(rules_.segments.size() - 1);
    for (const std::string& word : words) {
      std::vector<uint32_t>& rules = PhraseOf(word).*uses;
      if (rules.empty() || rules.back() != place) rules.push_back(place);
    }
  }

  Status ReadRoles(const JsonNode& node) {
    for (const JsonNode& entry : *QIPU_TRY(node.Array())) {
      QIPU_TRY(entry.AllowOnly({"label", "segment_role", "verbs", "without"}));
      RoleRule rule;
      rule.label = QIPU_TRY(QIPU_TRY(entry.Get("label"))->String());
      rule.verb_groups = QIPU_TRY(VerbGroups(entry, counting_));
      rule.without = QIPU_TRY(WordsAt(entry, "without"));
      if (const JsonNode* role = entry.Find("segment_role")) {
        rule.segment_role = QIPU_TRY(role->String());
        QIPU_TRY(CheckRole(*role, *rule.segment_role));
        if (!rule.without.empty()) {
          return entry.Complain("'without' goes with any product, not with a 'segment_role'");
        }
      }
      rules_.roles.push_back(std::move(rule));
    }
    return Ok{};
  }

  const ChainDefinition& chain_;
  Rules& rules_;
  const Cleaner cleaner_{Cleaner::Brackets{}};  // brackets may be words of the rules
  uint32_t counting_ = 0;                       // verb groups with a confidence
  std::map<std::string, Defaults> defaults_;    // by role
};

constexpr PhraseSet::Trigger kAlone = {1u << kVerbGroupsMax, 1u << kVerbGroupsMax, false};

/// What makes a sentence worth taking apart: a term and a verb that counts for it, or a verb that
/// gives a role whatever its object is, or an activity.
std::vector<PhraseSet::Trigger> FindTriggers(const Rules& rules) {
  uint32_t alone = 0;
  for (const RoleRule& role : rules.roles) {
    if (!role.segment_role) alone |= role.verb_groups;
  }
  std::vector<PhraseSet::Trigger> triggers;
  for (const Phrase& phrase : rules.meanings) {
    PhraseSet::Trigger& trigger = triggers.emplace_back();
    if ((phrase.verb_groups & alone) || !phrase.activities.empty()) trigger = kAlone;
    trigger.gives |= phrase.verb_groups;
    trigger.ends_sentence = (phrase.meanings & kSeparator) != 0;
    for (const uint32_t rule : phrase.terms) trigger.needs |= rules.segments[rule].verb_groups;
  }
  return triggers;
}

}  // namespace

Result<Rules> ReadRules(const JsonNode& chain) {
  const ChainDefinition definition = QIPU_TRY(ReadChain(chain));
  Rules rules;
  if (const JsonNode* node = chain.Find("rules")) {
    QIPU_TRY(RulesReader(definition, rules).Read(*node));
  }
  rules.phrases.Compile(FindTriggers(rules));
  rules.boilerplate_starts.Compile(std::vector(rules.boilerplate.size(), kAlone));
  return rules;
}

}  // namespace qipu::ingest::classify
