#include <algorithm>
#include <bit>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

// Flags of an edge: phrases end, or triggers stand, where it leads.
constexpr uint32_t kEnds = 1u << 31;
constexpr uint32_t kTriggers = 1u << 30;
constexpr uint32_t kStateBits = kTriggers - 1;
static_assert(kPhraseBytesMax < kStateBits);

struct Character {
  uint32_t bytes = 0;  // the first one highest
  uint32_t size = 0;
};

/// The character at `place`; a byte for itself where the text ends within one.
Character CharacterAt(std::string_view text, size_t place) {
  const auto byte = [&](size_t i) { return uint32_t{static_cast<uint8_t>(text[place + i])}; };
  const uint32_t lead = byte(0);
  const size_t left = text.size() - place;
  if (lead >= 0xE0 && lead < 0xF0 && left >= 3) return {lead << 16 | byte(1) << 8 | byte(2), 3};
  if (lead < 0xC0) return {lead, 1};
  if (lead < 0xE0 && left >= 2) return {lead << 8 | byte(1), 2};
  if (lead >= 0xF0 && left >= 4) return {lead << 24 | byte(1) << 16 | byte(2) << 8 | byte(3), 4};
  return {lead, 1};
}

size_t StartHash(uint32_t character) { return character * 0x9E3779B1u >> 16; }
uint64_t OnwardBit(uint32_t character) { return uint64_t{1} << (character * 0x9E3779B1u >> 26); }

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
  constexpr size_t kSlotsPerEdge = 4;
  const Trie trie = MakeStates(triggers);
  edges_.assign(std::bit_ceil(trie.size() * kSlotsPerEdge + 1), {});
  for (const auto& [step, to] : trie) {
    const auto [from, character] = step;
    edges_[SlotOf(from, character)] = {from, character, to};
    if (from == 0) starts_.set(StartHash(character));
    states_[from].onward |= OnwardBit(character);
  }
  LinkSuffixes(trie);
  for (Edge& edge : edges_) {
    const State& state = states_[edge.to];
    if (state.output || state.link) edge.to |= kEnds;
    const Trigger& trigger = state.trigger;
    if (trigger.needs || trigger.gives || trigger.ends_sentence) edge.to |= kTriggers;
  }
}

/// Adds the states character by character of all phrases at once, so that the shorter come first.
PhraseSet::Trie PhraseSet::MakeStates(const std::vector<Trigger>& triggers) {
  struct Path {
    std::string_view phrase, rest;
    uint32_t number = 0;
    uint32_t state = 0;
  };
  std::vector<Path> paths;
  for (const auto& [phrase, number] : numbers_) paths.push_back({phrase, phrase, number, 0});
  states_.emplace_back();
  Trie trie;
  while (!paths.empty()) {
    for (Path& path : paths) {
      const Character next = CharacterAt(path.rest, 0);
      path.rest.remove_prefix(next.size);
      const auto [step, added] =
          trie.try_emplace({path.state, next.bytes}, static_cast<uint32_t>(states_.size()));
      if (added) states_.emplace_back();
      path.state = step->second;
      if (!path.rest.empty()) continue;
      State& state = states_[path.state];
      state.output = path.number + 1;
      state.length = static_cast<uint32_t>(path.phrase.size());
      state.trigger = triggers[path.number];
    }
    std::erase_if(paths, [](const Path& path) { return path.rest.empty(); });
  }
  return trie;
}

/// Completes the trie to an automaton: where no edge goes on, the longest proper suffix that is a
/// state tries. The trie leads from shorter states to longer ones, so those of suffixes are done.
void PhraseSet::LinkSuffixes(const Trie& trie) {
  for (const auto& [step, reached] : trie) {
    const auto [from, character] = step;
    State& state = states_[reached];
    if (from != 0) state.suffix = Step(states_[from].suffix, character);
    const State& shorter = states_[state.suffix];
    state.link = shorter.output ? state.suffix : shorter.link;
    state.trigger.needs |= shorter.trigger.needs;
    state.trigger.gives |= shorter.trigger.gives;
    state.trigger.ends_sentence |= shorter.trigger.ends_sentence;
  }
}

size_t PhraseSet::SlotOf(uint32_t from, uint32_t character) const {
  // Multiplying spreads numbers that differ in few bits over the high ones.
  const uint64_t hash = (from * 0x9E3779B97F4A7C15 + character) * 0xD6E8FEB86659FD93;
  size_t at = hash >> 32 & (edges_.size() - 1);
  while (edges_[at].to != 0 && (edges_[at].character != character || edges_[at].from != from)) {
    at = (at + 1) & (edges_.size() - 1);
  }
  return at;
}

uint32_t PhraseSet::Step(uint32_t state, uint32_t character) const {
  for (;;) {
    if (state == 0 && !starts_[StartHash(character)]) return 0;
    if (state != 0 && (states_[state].onward & OnwardBit(character)) == 0) {
      state = states_[state].suffix;  // most characters end a phrase: no look-up tells that
      continue;
    }
    const uint32_t to = edges_[SlotOf(state, character)].to;
    if (to != 0 || state == 0) return to;
    state = states_[state].suffix;
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
  for (uint32_t place = 0; place < text.size();) {
    const Character character = CharacterAt(text, place);
    place += character.size;
    const uint32_t next = Step(state, character.bytes);
    state = next & kStateBits;
    if (!(next & kTriggers)) continue;
    const Trigger& trigger = states_[state].trigger;
    seen.needs |= trigger.needs;
    seen.gives |= trigger.gives;
    if (trigger.ends_sentence) close(place);
  }
  close(static_cast<uint32_t>(text.size()));
  return sentences;
}

std::vector<Hit> PhraseSet::Find(std::string_view text) const {
  std::vector<Hit> hits;
  uint32_t state = 0;
  for (uint32_t end = 0; end < text.size();) {
    const Character character = CharacterAt(text, end);
    end += character.size;
    const uint32_t next = Step(state, character.bytes);
    state = next & kStateBits;
    if (!(next & kEnds)) continue;
    for (uint32_t at = states_[state].output ? state : states_[state].link; at != 0;
         at = states_[at].link) {
      const uint32_t begin = end - states_[at].length;
      if (!CutsWord(text, begin, end)) hits.push_back({begin, end, states_[at].output - 1});
    }
  }
  return hits;
}

}  // namespace qipu::ingest::classify
