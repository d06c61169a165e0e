#include <algorithm>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

// Flags of an edge: phrases end, or triggers stand, where it leads.
constexpr uint32_t kEnds = 1u << 31;
constexpr uint32_t kTriggers = 1u << 30;
constexpr uint32_t kStateBits = kTriggers - 1;
static_assert(kPhraseBytesMax < kStateBits);

struct Character {
  uint32_t point = 0;
  uint32_t size = 0;
};

/// The character at `place`; a byte for itself, beyond all characters, where the text ends within
/// one.
Character CharacterAt(std::string_view text, size_t place) {
  const auto byte = [&](size_t i) { return uint32_t{static_cast<uint8_t>(text[place + i])}; };
  const auto tail = [&](size_t i) { return byte(i) & 0x3F; };
  const uint32_t lead = byte(0);
  const size_t left = text.size() - place;
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xE0 && lead < 0xF0 && left >= 3) {
    return {(lead & 0x0F) << 12 | tail(1) << 6 | tail(2), 3};
  }
  if (lead >= 0xC0 && lead < 0xE0 && left >= 2) return {(lead & 0x1F) << 6 | tail(1), 2};
  if (lead >= 0xF0 && left >= 4) {
    return {(lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
  }
  constexpr uint32_t kPoints = 0x110000;
  return {kPoints + lead, 1};
}

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
  const Trie trie = MakeStates(triggers);
  PlaceEdges(trie);
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
  uint16_t last_class = 0;
  Trie trie;
  while (!paths.empty()) {
    for (Path& path : paths) {
      const Character next = CharacterAt(path.rest, 0);
      path.rest.remove_prefix(next.size);
      if (next.point >= classes_.size()) classes_.resize(next.point + 1);
      uint16_t& character = classes_[next.point];
      if (character == 0) character = ++last_class;
      const auto [step, added] =
          trie.try_emplace({path.state, character}, static_cast<uint32_t>(states_.size()));
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
  nodes_.resize(states_.size());
  edges_.resize(size_t{last_class} + 1);
  return trie;
}

/// Gives each state the first base from which all of its edges fall on free slots.
void PhraseSet::PlaceEdges(const Trie& trie) {
  const size_t classes = edges_.size();
  size_t first_free = 0;
  for (auto begin = trie.begin(), end = begin; begin != trie.end(); begin = end) {
    const uint32_t from = begin->first.first;
    const uint16_t lowest = begin->first.second;
    while (end != trie.end() && end->first.first == from) ++end;
    while (first_free < edges_.size() && edges_[first_free].to != 0) ++first_free;
    size_t base = first_free > lowest ? first_free - lowest : 0;
    const auto taken = [&](const auto& step) { return edges_[base + step.first.second].to != 0; };
    for (;; ++base) {
      if (edges_.size() < base + classes) edges_.resize(base + classes);
      if (std::none_of(begin, end, taken)) break;
    }
    nodes_[from].base = static_cast<uint32_t>(base);
    for (auto step = begin; step != end; ++step) {
      edges_[base + step->first.second] = {from, step->second};
    }
  }
}

/// Completes the trie to an automaton: where no edge goes on, the longest proper suffix that is a
/// state tries. The trie leads from shorter states to longer ones, so those of suffixes are done.
void PhraseSet::LinkSuffixes(const Trie& trie) {
  for (const auto& [step, reached] : trie) {
    const auto [from, character] = step;
    uint32_t& suffix = nodes_[reached].suffix;
    if (from != 0) suffix = Step(nodes_[from].suffix, character);
    State& state = states_[reached];
    const State& shorter = states_[suffix];
    state.link = shorter.output ? suffix : shorter.link;
    state.trigger.needs |= shorter.trigger.needs;
    state.trigger.gives |= shorter.trigger.gives;
    state.trigger.ends_sentence |= shorter.trigger.ends_sentence;
  }
}

uint32_t PhraseSet::Step(uint32_t state, uint16_t character) const {
  if (character == 0) return 0;
  for (;;) {
    const Node& node = nodes_[state];
    const Edge& edge = edges_[node.base + character];
    if (edge.from == state && edge.to != 0) return edge.to;
    if (state == 0) return 0;
    state = node.suffix;
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
    const uint32_t next = Step(state, ClassOf(character.point));
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
    const uint32_t next = Step(state, ClassOf(character.point));
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
