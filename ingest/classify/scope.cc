#include <algorithm>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

constexpr uint32_t kBoundary = kSeparator | kComma | kListMark | kColon;

/// Verbs and the items they stand in.
struct Governor {
  uint32_t verbs = 0;
  size_t first = 0;
  size_t last = 0;
  bool particle = false;  // ties the verbs to all the items before them: A、B的研发

  void Add(size_t item, uint32_t more) {
    first = verbs ? std::min(first, item) : item;
    last = verbs ? std::max(last, item) : item;
    verbs |= more;
  }
};

/// An item with the verbs at its ends. Its place in the text before anything was denied is `whole`.
struct Draft {
  Item item;
  Span whole;
  uint32_t boundary = 0;  // meaning of what ends it
  uint32_t lead = 0;      // groups of the verbs it starts with
  uint32_t trail = 0;     // groups of the verbs it ends with
  bool particle = false;  // before the verbs it ends with
  Governor governor;

  bool pure() const { return !item.has_noun() && (lead | trail) != 0; }
  bool bare() const { return item.has_noun() && (lead | trail) == 0; }
  bool leads() const { return item.has_noun() && lead != 0 && trail == 0; }
  bool trails() const { return item.has_noun() && trail != 0; }
};

class ScopeReader {
 public:
  ScopeReader(const Rules& rules, std::string_view text)
      : rules_(rules),
        text_(text),
        has_boilerplate_(!rules.boilerplate_starts.Triggered(text).empty()) {}

  Scope Read(std::span<const Span> sentences) {
    for (const Span& sentence : sentences) {
      const auto first = static_cast<uint32_t>(scope_.hits.size());
      TakeHits(sentence);
      CutItems(sentence, first);
    }
    DropDenied();
    for (Draft& draft : drafts_) FindVerbs(draft);
    for (size_t begin = 0, end = 0; begin < drafts_.size(); begin = end) {
      end = EndOf(begin, drafts_.size(), kSeparator);
      CutClauses(begin, end);
      GovernSections(begin, end);
    }
    for (const Draft& draft : drafts_) {
      if (draft.item.begin == draft.item.end) continue;
      Item item = draft.item;
      if (draft.governor.verbs != 0) {
        item.verbs = draft.governor.verbs;
        item.clause_first = std::min(item.clause_first, ClauseOf(draft.governor.first));
        item.clause_last = std::max(item.clause_last, ClauseOf(draft.governor.last));
      }
      scope_.items.push_back(item);
    }
    return std::move(scope_);
  }

 private:
  const Phrase& Of(const Hit& hit) const { return rules_.meanings[hit.phrase]; }
  uint32_t ClauseOf(size_t draft) const { return drafts_[draft].item.clause_first; }

  /// One past the first draft from `begin` on that ends in `boundary`; `end` when none does.
  size_t EndOf(size_t begin, size_t end, uint32_t boundary) const {
    while (begin < end && !(drafts_[begin].boundary & boundary)) ++begin;
    return std::min(begin + 1, end);
  }

  /// Keeps the hits that lie in no longer one, each with the blank after it, so that they abut.
  void TakeHits(const Span& sentence) {
    std::vector<Hit> hits =
        rules_.phrases.Find(text_.substr(sentence.begin, sentence.end - sentence.begin));
    std::ranges::sort(hits, [](const Hit& a, const Hit& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    uint32_t covered = 0;
    for (const Hit& hit : hits) {
      if (hit.end <= covered) continue;
      covered = hit.end;
      const uint32_t end = sentence.begin + hit.end;
      const bool blank = end < sentence.end && text_[end] == ' ';
      scope_.hits.push_back({sentence.begin + hit.begin, end + blank, hit.phrase});
    }
  }

  /// `first`: place of the sentence's first hit.
  void CutItems(const Span& sentence, uint32_t first) {
    uint32_t begin = sentence.begin;
    const auto add = [&](uint32_t end, uint32_t last, uint32_t boundary) {
      Draft& draft = drafts_.emplace_back();
      draft.item.begin = begin;
      draft.item.end = end;
      draft.item.first_hit = first;
      draft.item.last_hit = last;
      draft.whole = {begin, end};
      draft.boundary = boundary;
    };
    for (uint32_t i = first; i < scope_.hits.size(); ++i) {
      const Hit& hit = scope_.hits[i];
      const uint32_t boundary = Of(hit).meanings & kBoundary;
      if (boundary == 0 || hit.begin < begin) continue;
      add(hit.begin, i, boundary);
      begin = hit.end;
      first = i + 1;
    }
    if (begin == sentence.end) return;
    add(sentence.end, static_cast<uint32_t>(scope_.hits.size()), kSeparator);
  }

  void Truncate(Item& item, uint32_t end) {
    item.end = end;
    while (item.last_hit > item.first_hit && scope_.hits[item.last_hit - 1].end > end) {
      --item.last_hit;
    }
  }

  /// Empties what stands, within two commas, after 不含 or before 除外.
  void DropDenied() {
    bool denied = false;
    size_t chunk = 0;  // first draft since the last comma
    for (size_t i = 0; i < drafts_.size(); ++i) {
      Item& item = drafts_[i].item;
      if (denied) Truncate(item, item.begin);
      for (uint32_t h = item.first_hit; h < item.last_hit; ++h) {
        const Hit hit = scope_.hits[h];
        if (Of(hit).meanings & kNotAfter) {
          Truncate(item, hit.begin);
          denied = true;
        } else if (Of(hit).meanings & kNotBefore) {
          for (; chunk < i; ++chunk) Truncate(drafts_[chunk].item, drafts_[chunk].item.begin);
          item.begin = hit.end;
          item.first_hit = h + 1;
        }
      }
      if (drafts_[i].boundary & (kSeparator | kComma)) {
        denied = false;
        chunk = i + 1;
      }
    }
  }

  void FindVerbs(Draft& draft) const {
    Item& item = draft.item;
    const auto verbs_of = [&](const Hit& hit) {
      const bool whole = hit.begin == item.begin && hit.end == item.end;
      return whole || !(Of(hit).meanings & kWholeItem) ? Of(hit).verb_groups : 0;
    };
    item.noun_begin = item.begin;
    item.noun_end = item.end;
    uint32_t place = item.begin;
    for (uint32_t h = item.first_hit; h < item.last_hit; ++h) {
      const Hit& hit = scope_.hits[h];
      const Phrase& phrase = Of(hit);
      if (hit.begin < place) continue;  // across two verbs: 产销 in 生产销售
      if (hit.begin > place) break;
      const uint32_t verbs = verbs_of(hit);
      if (verbs == 0 && (draft.lead != 0 || !(phrase.meanings & kOpener))) break;
      place = hit.end;
      draft.lead |= verbs;
      if (draft.lead != 0) item.noun_begin = place;
    }
    place = item.end;
    for (uint32_t h = item.last_hit; h-- > item.first_hit;) {
      const Hit& hit = scope_.hits[h];
      const Phrase& phrase = Of(hit);
      if (hit.end > place) continue;
      if (hit.end < place) break;
      place = hit.begin;
      if (const uint32_t verbs = verbs_of(hit); verbs != 0) {
        draft.trail |= verbs;
        item.noun_end = place;
      } else if (draft.trail != 0 && (phrase.meanings & kParticle)) {
        draft.particle = true;
        item.noun_end = place;
        break;
      } else if (!(phrase.meanings & kTail)) {
        break;
      }
    }
    // What starts in a verb and goes on like a thing is a thing: 生产设备, 检测仪器.
    const auto is_head = [](const Phrase& phrase) { return (phrase.meanings & kHead) != 0; };
    const auto hits =
        std::span(scope_.hits).subspan(item.first_hit, item.last_hit - item.first_hit);
    if (draft.leads() && OnlyWords(rules_, hits, {item.noun_begin, item.noun_end}, is_head)) {
      draft.lead = 0;
      item.noun_begin = item.begin;
    }
  }

  /// Cuts a sentence, [begin, end) of drafts, into clauses; a comma cuts where there are verbs on
  /// either side and those of the right side aren't for the left one. Boilerplate is emptied.
  void CutClauses(size_t begin, size_t end) {
    size_t first = begin;
    size_t cut = end;         // where the next clause begins, if more verbs follow
    bool governs_on = false;  // the verbs before `cut` govern the items after it
    for (size_t chunk = begin, next = begin; chunk < end; chunk = next) {
      next = EndOf(chunk, end, kComma);
      const auto drafts = std::span(drafts_).subspan(chunk, next - chunk);
      const auto has_verb = [](const Draft& draft) { return (draft.lead | draft.trail) != 0; };
      if (std::ranges::none_of(drafts, has_verb)) {
        // Items that nothing before them governs belong to what follows.
        if (cut == chunk && governs_on) cut = next;
        continue;
      }
      if (cut != end && !drafts.front().pure()) {
        AddClause(first, cut);
        first = cut;
      }
      cut = next;
      governs_on = std::ranges::any_of(
          drafts, [](const Draft& draft) { return draft.leads() || (draft.boundary & kColon); });
    }
    AddClause(first, end);
  }

  void AddClause(size_t begin, size_t end) {
    const Span span = {drafts_[begin].whole.begin, drafts_[end - 1].whole.end};
    const bool boilerplate =
        has_boilerplate_ &&
        HoldsBoilerplate(rules_, text_.substr(span.begin, span.end - span.begin));
    for (size_t i = begin; i < end; ++i) {
      Draft& draft = drafts_[i];
      draft.item.clause_first = static_cast<uint32_t>(scope_.clauses.size());
      draft.item.clause_last = draft.item.clause_first;
      if (!boilerplate) continue;
      Truncate(draft.item, draft.item.begin);
      draft.item.noun_end = draft.item.noun_begin = draft.item.begin;
      draft.lead = draft.trail = 0;
    }
    if (!boilerplate && span.begin < span.end) scope_.clauses.push_back(span);
  }

  /// Finds what governs the items of a sentence, colon by colon: verbs alone before a colon govern
  /// what follows it.
  void GovernSections(size_t begin, size_t end) {
    Governor prefix;
    for (size_t section = begin, next = begin; section < end; section = next) {
      next = EndOf(section, end, kColon);
      Govern(section, next, prefix);
      prefix = {};
      if (!(drafts_[next - 1].boundary & kColon)) continue;
      for (size_t i = next; i-- > section && drafts_[i].pure();) {
        prefix.Add(i, drafts_[i].lead | drafts_[i].trail);
      }
    }
  }

  void Govern(size_t begin, size_t end, const Governor& prefix) {
    GovernFromLeft(begin, end);
    GovernFromRight(begin, end);
    if (prefix.verbs == 0) return;
    for (size_t i = begin; i < end; ++i) {
      if (drafts_[i].bare()) drafts_[i].governor = prefix;
    }
  }

  /// 研发、生产机器人、数控机床: an item that starts with verbs takes the verbs alone before it,
  /// and governs the bare items after it.
  void GovernFromLeft(size_t begin, size_t end) {
    Governor chain;      // verbs alone, just before
    Governor current;    // of bare items
    bool owned = false;  // verbs alone belong to an item that ended in one
    for (size_t i = begin; i < end; ++i) {
      Draft& draft = drafts_[i];
      if (draft.pure()) {
        if (!owned) chain.Add(i, draft.lead | draft.trail);
        current = chain;
      } else if (draft.leads()) {
        chain.Add(i, draft.lead);
        draft.governor = current = chain;
        chain = {};
        owned = false;
      } else if (draft.trails()) {
        chain = current = {};
        owned = true;
      } else if (draft.bare()) {
        draft.governor = current;
        chain = {};
        owned = false;
      }
    }
  }

  /// 机器人、数控机床的研发、生产: an item that ends in verbs takes the verbs alone after it, and
  /// governs the bare items before it that nothing else does, or all if a particle says so.
  void GovernFromRight(size_t begin, size_t end) {
    Governor chain;            // verbs alone, just after
    Governor current;          // of bare items
    bool before_lead = false;  // verbs alone belong to an item that starts with one
    for (size_t i = end; i-- > begin;) {
      Draft& draft = drafts_[i];
      if (draft.pure()) {
        chain.Add(i, draft.lead | draft.trail);
        if (!before_lead) current = chain;
      } else if (draft.leads()) {
        chain = current = {};
        before_lead = true;
      } else if (draft.trails()) {
        chain.Add(i, draft.trail);
        chain.particle = draft.particle;
        draft.governor = current = chain;
        chain = {};
        before_lead = false;
      } else if (draft.bare()) {
        if (current.verbs != 0 && (draft.governor.verbs == 0 || current.particle)) {
          draft.governor = current;
        }
        chain = {};
        before_lead = false;
      }
    }
  }

  const Rules& rules_;
  const std::string_view text_;
  const bool has_boilerplate_;
  Scope scope_;
  std::vector<Draft> drafts_;
};

}  // namespace

Scope ReadScope(const Rules& rules, std::string_view clean, std::span<const Span> sentences) {
  return ScopeReader(rules, clean).Read(sentences);
}

}  // namespace qipu::ingest::classify
