#include <algorithm>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

// Flags of a packed row's entries: phrases end, or triggers stand, where it leads.
constexpr uint32_t kEnds = 1u << 31;
constexpr uint32_t kTriggers = 1u << 30;
constexpr uint32_t kStateBits = kTriggers - 1;
static_assert((kPhraseBytesMax + 1) * 256 < kStateBits);

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Whether a Latin word or a number goes on from `a` to `b`.
bool Joined(char a, char b) { return (IsLetter(a) && IsLetter(b)) || (IsDigit(a) && IsDigit(b)); }

bool CutsWord(std::string_view text, uint32_t begin, uint32_t end) {
  return (begin > 0 && Joined(text[begin - 1], text[begin])) ||
         (end < text.size() && Joined(text[end - 1], text[end]));
}

}  // namespace

uint32_t PhraseSet::Add(std::string_view phrase) {
  const auto [found, added] =
      numbers_.emplace(std::string(phrase), static_cast<uint32_t>(numbers_.size()));
  if (added) bytes_ += phrase.size();
  return found->second;
}

void PhraseSet::Compile(const std::vector<Trigger>& triggers) {
  for (const auto& [phrase, number] : numbers_) {
    for (const char c : phrase) {
      uint8_t& byte_class = class_of_[static_cast<uint8_t>(c)];
      if (byte_class == 0) byte_class = static_cast<uint8_t>(classes_++);
    }
  }
  BuildTrie(triggers);
  LinkSuffixes();
  PackRows();
}

uint32_t PhraseSet::AddState() {
  next_.resize(next_.size() + classes_, 0);
  states_.emplace_back();
  return static_cast<uint32_t>(states_.size() - 1);
}

/// Adds the states byte by byte of all phrases at once, so that they are numbered breadth first.
void PhraseSet::BuildTrie(const std::vector<Trigger>& triggers) {
  AddState();
  std::vector<uint32_t> reached(numbers_.size(), 0);  // state after the bytes so far, by phrase
  for (size_t depth = 0, left = numbers_.size(); left > 0; ++depth) {
    left = 0;
    for (const auto& [phrase, number] : numbers_) {
      if (phrase.size() <= depth) continue;
      ++left;
      const uint8_t byte_class = class_of_[static_cast<uint8_t>(phrase[depth])];
      const size_t edge = size_t{reached[number]} * classes_ + byte_class;
      if (next_[edge] == 0) {
        const uint32_t added = AddState();  // moves next_
        next_[edge] = added;
      }
      reached[number] = next_[edge];
    }
  }
  for (const auto& [phrase, number] : numbers_) {
    State& state = states_[reached[number]];
    state.output = number + 1;
    state.length = static_cast<uint32_t>(phrase.size());
    state.trigger = triggers[number];
  }
}

/// Completes the trie to an automaton: a missing edge leads to where the longest proper suffix that
/// is in the trie would go. Shorter states come first, so their rows are complete.
void PhraseSet::LinkSuffixes() {
  std::vector<uint32_t> suffix(states_.size(), 0);
  const auto row = [&](uint32_t state) { return next_.begin() + state * ptrdiff_t{classes_}; };
  for (uint32_t at = 0; at < states_.size(); ++at) {
    State& state = states_[at];
    const State& shorter = states_[suffix[at]];
    if (at != 0) {
      state.link = shorter.output ? suffix[at] : shorter.link;
      state.trigger.needs |= shorter.trigger.needs;
      state.trigger.gives |= shorter.trigger.gives;
      state.trigger.ends_sentence |= shorter.trigger.ends_sentence;
    }
    for (uint32_t byte_class = 0; byte_class < classes_; ++byte_class) {
      uint32_t& child = row(at)[byte_class];
      const uint32_t fallback = at == 0 ? 0 : row(suffix[at])[byte_class];
      if (child == 0) {
        child = fallback;
      } else {
        suffix[child] = fallback;
      }
    }
  }
}

void PhraseSet::PackRows() {
  for (uint32_t& next : next_) {
    const State& state = states_[next];
    next *= classes_;
    if (state.output || state.link) next |= kEnds;
    const Trigger& trigger = state.trigger;
    if (trigger.needs || trigger.gives || trigger.ends_sentence) next |= kTriggers;
  }
}

std::vector<Span> PhraseSet::Triggered(std::string_view text) const {
  std::vector<Span> sentences;
  Trigger seen;
  uint32_t begin = 0;
  uint32_t state = 0;
  const auto close = [&](uint32_t end) {
    if (seen.needs & seen.gives) sentences.push_back({begin, end});
    seen = {};
    begin = end;
  };
  for (uint32_t place = 0; place < text.size(); ++place) {
    const uint32_t next = next_[state + class_of_[static_cast<uint8_t>(text[place])]];
    state = next & kStateBits;
    if (!(next & kTriggers)) continue;
    const Trigger& trigger = states_[state / classes_].trigger;
    seen.needs |= trigger.needs;
    seen.gives |= trigger.gives;
    if (trigger.ends_sentence) close(place + 1);
  }
  close(static_cast<uint32_t>(text.size()));
  return sentences;
}

std::vector<Hit> PhraseSet::Find(std::string_view text) const {
  std::vector<Hit> hits;
  uint32_t state = 0;
  for (uint32_t place = 0; place < text.size(); ++place) {
    const uint32_t next = next_[state + class_of_[static_cast<uint8_t>(text[place])]];
    state = next & kStateBits;
    if (!(next & kEnds)) continue;
    const uint32_t ended = state / classes_;
    for (uint32_t at = states_[ended].output ? ended : states_[ended].link; at != 0;
         at = states_[at].link) {
      const uint32_t end = place + 1;
      const uint32_t begin = end - states_[at].length;
      if (!CutsWord(text, begin, end)) hits.push_back({begin, end, states_[at].output - 1});
    }
  }
  return hits;
}

}  // namespace qipu::ingest::classify
