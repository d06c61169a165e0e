#ifndef QIPU_INGEST_CLASSIFY_CLASSIFY_H_
#define QIPU_INGEST_CLASSIFY_CLASSIFY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/json.h"
#include "graph/status.h"

namespace qipu::ingest {

/// A segment of a chain that a company was found to offer, and why.
struct SegmentMatch {
  std::string segment;    ///< Segment id
  std::string rule;       ///< segment and number of the rule in the chain file, e.g. `robot_ind/1`
  std::string evidence;   ///< the clause (or name) as written
  double confidence = 0;  ///< of the rule times that of the verb, in [0, 1]
};

struct Classification {
  std::vector<SegmentMatch> segments;  ///< ascending by segment, the best match of each
  std::vector<std::string> roles;      ///< further labels, ascending, e.g. DeviceSupplier
};

/// The `rules` part of a chain file (`schemas/reference/chains/*.json`): what a business scope or
/// a name must say for a company to offer a segment. Compiled once; immutable; shared by threads.
class Classifier {
 public:
  /// A chain without `rules` makes a classifier that finds nothing.
  /// Errors: kInvalidArgument with file, line and key.
  static Result<std::unique_ptr<Classifier>> Make(const graph::JsonNode& chain);
  virtual ~Classifier() = default;

  /// Text beyond kScopeBytesMax is not read. Cost: one pass over the text when no term of the
  /// rules occurs in it, as in most; else linear in the text, times the rules of the terms in it.
  virtual Classification Classify(std::string_view name, std::string_view scope) const = 0;

  /// The clauses of a business scope, in order, as written: cut at separators, and at commas
  /// where the two sides are activities of their own. Clauses that are boilerplate by the rules
  /// are left out, as are headings and brackets of boilerplate at the ends of one. A match's
  /// evidence is one of these, or several when its verb stands in a later
  /// one.
  virtual std::vector<std::string_view> SplitClauses(std::string_view scope) const = 0;
};

inline constexpr size_t kScopeBytesMax = size_t{1} << 20;

// --- The parts of the classifier; for ingest/classify/ and its tests alone ---------------------
namespace classify {

/// From `begin` to before `end` in a text, cleaned unless said otherwise.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// A text made comparable: half width, lower case, no blanks but between two Latin words, nothing
/// that stood in brackets.
struct CleanText {
  std::string text;
  /// Place in the source of each byte of `text`, and the end of the source; only if asked for.
  std::vector<uint32_t> offsets;
  /// Places in the source of the brackets left out, ascending, none in another; likewise.
  std::vector<Span> groups;
};

/// Where a phrase stands in a text.
struct Hit {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t phrase = 0;
  bool operator==(const Hit&) const = default;
};

enum class Offsets { kDrop, kKeep };

/// Cleans texts. Brackets nest; one never closed stays in the text, a stray closing one goes.
class Cleaner {
 public:
  using Brackets = std::vector<std::pair<std::string, std::string>>;
  explicit Cleaner(const Brackets& brackets);
  CleanText Clean(std::string_view source, Offsets offsets) const;

 private:
  enum class Bracket : uint8_t { kNone, kOpen, kClose };
  Bracket BracketAt(std::string_view character) const;
  /// Where something other than plain text may start, from `place` on, or the text ends.
  size_t PlainEnd(std::string_view source, size_t place) const;

  std::vector<std::pair<uint32_t, Bracket>> brackets_;  // by their bytes, the first one highest
  std::array<uint8_t, 256> plain_{};  // by first byte: bytes of a plain character; 0: maybe none
  std::array<bool, 256> starts_bracket_{};
};

/// Finds all of a set of phrases in a text in one pass (Aho & Corasick 1975). The automaton steps
/// by characters, and has the edges of its trie only, as a double array (Aoe 1989): a dense one
/// over bytes takes thrice the steps, and outgrows the processor's near caches.
class PhraseSet {
 public:
  /// The number of a phrase, counted from 0; the same for the same phrase.
  /// REQUIRES: the phrase is not empty, and Compile was not called.
  uint32_t Add(std::string_view phrase);
  size_t bytes() const { return bytes_; }

  /// A sentence is worth a closer look when a phrase in it needs what one in it gives.
  struct Trigger {
    uint32_t needs = 0;  ///< one of these bits
    uint32_t gives = 0;  ///< all of these bits
    bool ends_sentence = false;
  };
  /// `triggers[p]`: of phrase p.
  void Compile(const std::vector<Trigger>& triggers);
  /// The sentences of a text that are worth a closer look, each with what ends it, in order.
  /// Cost: one or two table look-ups a character, and little more where no trigger is.
  std::vector<Span> Triggered(std::string_view text) const;
  /// All occurrences, by end, then longest first. A Latin letter next to a phrase that starts or
  /// ends in one hides it, and a digit likewise: `erp` isn't in `enterprise`.
  std::vector<Hit> Find(std::string_view text) const;

 private:
  /// Class by code point, counted from 1; 0 for what is in no phrase.
  uint16_t ClassOf(uint32_t point) const { return point < classes_.size() ? classes_[point] : 0; }
  /// Where a character of class `character` leads from `state`, with flags.
  uint32_t Step(uint32_t state, uint16_t character) const;
  /// By state and class, the state that is both together.
  using Trie = std::map<std::pair<uint32_t, uint16_t>, uint32_t>;
  Trie MakeStates(const std::vector<Trigger>& triggers);
  void PlaceEdges(const Trie& trie);
  void LinkSuffixes(const Trie& trie);

  struct State {
    uint32_t output = 0;  // number of the phrase that ends here + 1, or 0
    uint32_t length = 0;  // of that phrase, in bytes
    uint32_t link = 0;    // the longest proper suffix that is a phrase, or 0
    Trigger trigger;      // of all phrases that end here
  };
  struct Node {
    uint32_t base = 0;    // its edge of class c is edges_[base + c], if that comes from it
    uint32_t suffix = 0;  // the longest proper suffix that is a state; 0 is the empty one
  };
  struct Edge {
    uint32_t from = 0;
    uint32_t to = 0;  // a state with the flags kEnds and kTriggers; 0 when there is no edge
  };

  std::map<std::string, uint32_t, std::less<>> numbers_;
  size_t bytes_ = 0;
  std::vector<uint16_t> classes_;
  std::vector<State> states_;  // the shorter ones first
  std::vector<Node> nodes_;    // of the states: what each step needs
  std::vector<Edge> edges_;
};
/// Of all phrases of a chain: so few can't have more different characters than there are classes.
inline constexpr size_t kPhraseBytesMax = size_t{128} << 10;

/// What a phrase can be; one phrase may be several of these.
enum Meaning : uint32_t {
  kSeparator = 1u << 0,   ///< ends a clause
  kComma = 1u << 1,       ///< ends an item, and a clause between two activities
  kListMark = 1u << 2,    ///< ends an item
  kColon = 1u << 3,       ///< verbs before it govern the list after it
  kOpener = 1u << 4,      ///< may precede a leading verb: 从事
  kParticle = 1u << 5,    ///< ties a verb to the items before it: 的
  kTail = 1u << 6,        ///< may follow a verb: 制造 + 业
  kFollower = 1u << 7,    ///< may follow any term without changing what it is: 机器人 + 产品
  kHead = 1u << 8,        ///< makes a thing of a verb it follows: 生产 + 设备
  kInert = 1u << 9,       ///< says nothing, and hides what stands in it: 办公自动化
  kNotAfter = 1u << 10,   ///< what follows, up to the next comma, is denied: 不含
  kNotBefore = 1u << 11,  ///< what precedes, from the last comma on, is denied: 除外
  kWholeItem = 1u << 12,  ///< a verb where it is the whole of an item: 研、产、销, never 水产
};

/// All that a phrase means; rules are places in Rules::segments, ascending.
struct Phrase {
  uint32_t meanings = 0;
  uint32_t verb_groups = 0;          ///< bit g: a verb of group g
  std::vector<uint32_t> terms;       ///< rules it is a term of
  std::vector<uint32_t> activities;  ///< rules it is a term of that need no verb
  std::vector<uint32_t> names;       ///< rules that look for it in names
  std::vector<uint32_t> followers;   ///< rules in which it may follow a term
};

struct VerbGroup {
  std::string name;
  double confidence = 0;  ///< 0: a verb that proves nothing, but holds its items
};
inline constexpr size_t kVerbGroupsMax = 31;  ///< one bit is left for what needs no verb

struct SegmentRule {
  std::string segment;       ///< empty: it gives a role, but no segment
  std::string name;          ///< `segment/n`, n counted from 1
  std::string role;          ///< of the segment, as in the chain file
  uint32_t verb_groups = 0;  ///< those that count, all with a confidence above 0
  double confidence = 1;
  std::vector<std::string> with;     ///< one must stand in the clause or the name; empty: no need
  std::vector<std::string> without;  ///< none may stand in the clause
};

struct RoleRule {
  std::string label;
  std::optional<std::string> segment_role;  ///< none: any product will do
  uint32_t verb_groups = 0;
  std::vector<std::string> without;  ///< none may stand in the clause; only without segment_role
};

/// A chain file's rules, checked and with all words cleaned.
struct Rules {
  PhraseSet phrases;
  std::vector<Phrase> meanings;  ///< one per phrase
  Cleaner::Brackets brackets;
  std::vector<VerbGroup> verbs;
  std::vector<std::vector<std::string>> boilerplate;  ///< parts that follow each other in a clause
  PhraseSet boilerplate_starts;                       ///< their first parts, each a trigger
  std::vector<std::string> headings;                  ///< introduce clauses, and prove nothing
  std::vector<std::string> name_endings;
  std::vector<std::string> name_without;
  std::vector<SegmentRule> segments;  ///< ascending by segment, then as written; the unplaced
  std::vector<RoleRule> roles;
};
Result<Rules> ReadRules(const graph::JsonNode& chain);

/// A piece of a scope between two separators, commas or list marks: `数控机床的研发`.
struct Item {
  uint32_t begin = 0;  ///< in the cleaned text, as all places here
  uint32_t end = 0;
  uint32_t first_hit = 0;   ///< its hits in Scope::hits
  uint32_t last_hit = 0;    ///< one past
  uint32_t noun_begin = 0;  ///< what is left of it without the verbs at its ends
  uint32_t noun_end = 0;
  uint32_t verbs = 0;         ///< groups of the verbs that govern the noun
  uint32_t clause_first = 0;  ///< places in Scope::clauses: those that hold the item and its verbs
  uint32_t clause_last = 0;
  bool has_noun() const { return noun_begin < noun_end; }
};

/// A business scope taken apart. Nothing denied and no boilerplate is in `items`.
struct Scope {
  std::vector<Hit> hits;  ///< ascending; none lies within another
  std::vector<Item> items;
  std::vector<Span> clauses;
};
/// `sentences`: those to read, ascending, none ending inside another.
Scope ReadScope(const Rules& rules, std::string_view clean, std::span<const Span> sentences);

/// Whether a cleaned text holds one of the rules' patterns of boilerplate.
bool HoldsBoilerplate(const Rules& rules, std::string_view clean);
/// A span of clauses as written in `source`, without the headings at its ends and without the
/// brackets at its end that hold boilerplate. `clean`: of the source, with offsets.
std::string_view Evidence(const Rules& rules, std::string_view source, const CleanText& clean,
                          Span span);

/// Whether `span` is nothing but a row of `hits` that `fits` accepts. True of an empty span.
template <class Fits>
bool OnlyWords(const Rules& rules, std::span<const Hit> hits, Span span, Fits fits) {
  uint32_t place = span.begin;
  for (const Hit& hit : hits) {
    if (place >= span.end) break;
    if (hit.begin < place) continue;
    if (hit.begin > place || !fits(rules.meanings[hit.phrase])) return false;
    place = hit.end;
  }
  return place == span.end;
}

}  // namespace classify
}  // namespace qipu::ingest

#endif  // QIPU_INGEST_CLASSIFY_CLASSIFY_H_
