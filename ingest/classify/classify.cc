#include "ingest/classify/classify.h"

#include <algorithm>
#include <map>
#include <set>

namespace qipu::ingest {
namespace {

using namespace classify;

bool HasAny(std::string_view text, const std::vector<std::string>& words) {
  return std::ranges::any_of(
      words, [&](const std::string& word) { return text.find(word) != std::string_view::npos; });
}

/// What is known of a company, as written and cleaned.
struct Source {
  std::string_view name;
  std::string_view scope;
  std::string clean_name;  // with what stands in brackets
  CleanText clean_scope;   // with offsets
};

/// Whether clauses have and lack the words that a rule wants. Kept for the clauses last asked
/// about, so that a long one is not searched again for each of its items.
struct Verdict {
  uint32_t clause_first = UINT32_MAX;
  uint32_t clause_last = 0;
  bool fits = false;
  bool IsOf(const Item& item) const {
    return clause_first == item.clause_first && clause_last == item.clause_last;
  }
};

/// The classification of one company, rule by rule.
class Company {
 public:
  Company(const Rules& rules, const Source& source, std::span<const Span> sentences)
      : rules_(rules),
        source_(source),
        read_(ReadScope(rules, source.clean_scope.text, sentences)),
        segment_verdicts_(rules.segments.size()),
        role_verdicts_(rules.roles.size()) {}

  Classification Classify() {
    for (const Item& item : read_.items) {
      for (uint32_t h = item.first_hit; h < item.last_hit; ++h) MatchTerm(item, read_.hits[h]);
      if (item.has_noun()) MatchAnyProduct(item);
      scope_verbs_ |= item.verbs;
    }
    MatchName();
    Classification found;
    for (auto& [segment, match] : best_) found.segments.push_back(std::move(match));
    found.roles.assign(roles_.begin(), roles_.end());
    return found;
  }

 private:
  std::string_view CleanClauses(const Item& item) const {
    const uint32_t begin = read_.clauses[item.clause_first].begin;
    const uint32_t end = read_.clauses[item.clause_last].end;
    return std::string_view(source_.clean_scope.text).substr(begin, end - begin);
  }
  std::string_view Clauses(const Item& item) const {
    return Evidence(rules_, source_.scope, source_.clean_scope,
                    {read_.clauses[item.clause_first].begin, read_.clauses[item.clause_last].end});
  }

  void MatchTerm(const Item& item, const Hit& hit) {
    const Phrase& phrase = rules_.meanings[hit.phrase];
    if (phrase.terms.empty() && phrase.activities.empty()) return;
    const auto hits = std::span(read_.hits).subspan(item.first_hit, item.last_hit - item.first_hit);
    for (const uint32_t place : phrase.terms) {
      const uint32_t verbs = item.verbs & rules_.segments[place].verb_groups;
      if (verbs == 0 || hit.end > item.noun_end) continue;
      const auto follows = [place](const Phrase& word) {
        return (word.meanings & kFollower) || std::ranges::binary_search(word.followers, place);
      };
      if (OnlyWords(rules_, hits, {hit.end, item.noun_end}, follows)) MatchRule(place, verbs, item);
    }
    if (hit.end != item.noun_end) return;
    for (const uint32_t place : phrase.activities) {
      MatchRule(place, rules_.segments[place].verb_groups, item);
    }
  }

  void MatchRule(uint32_t place, uint32_t verbs, const Item& item) {
    const SegmentRule& rule = rules_.segments[place];
    Verdict& verdict = segment_verdicts_[place];
    if (!verdict.IsOf(item)) {
      const std::string_view clauses = CleanClauses(item);
      const bool has =
          rule.with.empty() || HasAny(clauses, rule.with) || HasAny(source_.clean_name, rule.with);
      verdict = {item.clause_first, item.clause_last, has && !HasAny(clauses, rule.without)};
    }
    if (!verdict.fits) return;
    if (SegmentMatch* kept = Keep(rule, verbs)) kept->evidence = Clauses(item);
  }

  void MatchAnyProduct(const Item& item) {
    for (size_t i = 0; i < rules_.roles.size(); ++i) {
      const RoleRule& role = rules_.roles[i];
      if (role.segment_role || (item.verbs & role.verb_groups) == 0) continue;
      Verdict& verdict = role_verdicts_[i];
      if (!verdict.IsOf(item)) {
        const bool fits = !HasAny(CleanClauses(item), role.without);
        verdict = {item.clause_first, item.clause_last, fits};
      }
      if (verdict.fits) roles_.insert(role.label);
    }
  }

  void MatchName() {
    std::vector<uint32_t> matched;
    for (const Hit& hit : rules_.phrases.Find(source_.clean_name)) {
      const std::vector<uint32_t>& places = rules_.meanings[hit.phrase].names;
      matched.insert(matched.end(), places.begin(), places.end());
    }
    if (matched.empty() || HasAny(source_.clean_name, rules_.name_without)) return;
    if (std::ranges::none_of(rules_.name_endings, [&](const std::string& ending) {
          return source_.clean_name.ends_with(ending);
        })) {
      return;
    }
    for (const uint32_t place : matched) {
      const SegmentRule& rule = rules_.segments[place];
      const uint32_t verbs = scope_verbs_ & rule.verb_groups;
      if (verbs == 0 || HasAny(source_.clean_name, rule.without)) continue;
      if (!rule.with.empty() && !HasAny(source_.clean_scope.text, rule.with)) continue;
      if (SegmentMatch* kept = Keep(rule, verbs)) kept->evidence = source_.name;
    }
  }

  /// Gives the roles of a match. Returns the match, for its evidence, if it is the surest so far
  /// of a segment.
  SegmentMatch* Keep(const SegmentRule& rule, uint32_t verbs) {
    double verb_confidence = 0;
    for (size_t group = 0; group < rules_.verbs.size(); ++group) {
      if (verbs >> group & 1u) {
        verb_confidence = std::max(verb_confidence, rules_.verbs[group].confidence);
      }
    }
    for (const RoleRule& role : rules_.roles) {
      if (role.segment_role == rule.role && (verbs & role.verb_groups) != 0) {
        roles_.insert(role.label);
      }
    }
    if (rule.segment.empty()) return nullptr;
    SegmentMatch& best = best_[rule.segment];
    const double confidence = rule.confidence * verb_confidence;
    if (confidence <= best.confidence) return nullptr;
    best = {rule.segment, rule.name, "", confidence};
    return &best;
  }

  const Rules& rules_;
  const Source& source_;
  const Scope read_;
  std::vector<Verdict> segment_verdicts_;  // by segment rule
  std::vector<Verdict> role_verdicts_;     // by role rule
  uint32_t scope_verbs_ = 0;
  std::map<std::string, SegmentMatch> best_;  // by segment
  std::set<std::string> roles_;
};

class RuleClassifier final : public Classifier {
 public:
  explicit RuleClassifier(Rules rules) : rules_(std::move(rules)) {}

  Classification Classify(std::string_view name, std::string_view scope) const override {
    std::string clean = cleaner_.Clean(scope, Offsets::kDrop).text;
    std::vector<Span> sentences = rules_.phrases.Triggered(clean);
    Source source = {name, scope, name_cleaner_.Clean(name, Offsets::kDrop).text, {}};
    // A name counts beside any verb of the scope, and the sentence of that verb may be no trigger.
    if (NameCounts(source.clean_name)) sentences = {{0, static_cast<uint32_t>(clean.size())}};
    if (sentences.empty()) return {};
    source.clean_scope = cleaner_.Clean(scope, Offsets::kKeep);
    return Company(rules_, source, sentences).Classify();
  }

  std::vector<std::string_view> SplitClauses(std::string_view scope) const override {
    const CleanText clean = cleaner_.Clean(scope, Offsets::kKeep);
    std::vector<std::string_view> clauses;
    const Span all = {0, static_cast<uint32_t>(clean.text.size())};
    for (const Span& span : ReadScope(rules_, clean.text, {&all, 1}).clauses) {
      const std::string_view clause = Evidence(rules_, scope, clean, span);
      if (!clause.empty()) clauses.push_back(clause);
    }
    return clauses;
  }

 private:
  bool NameCounts(std::string_view clean_name) const {
    return std::ranges::any_of(rules_.phrases.Find(clean_name), [&](const Hit& hit) {
      return !rules_.meanings[hit.phrase].names.empty();
    });
  }

  const Rules rules_;
  const Cleaner cleaner_{rules_.brackets};
  const Cleaner name_cleaner_{Cleaner::Brackets{}};
};

}  // namespace

Result<std::unique_ptr<Classifier>> Classifier::Make(const graph::JsonNode& chain) {
  Rules rules = QIPU_TRY(ReadRules(chain));
  return std::unique_ptr<Classifier>(std::make_unique<RuleClassifier>(std::move(rules)));
}

}  // namespace qipu::ingest
