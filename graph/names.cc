#include <algorithm>

#include "graph/json.h"

namespace qipu::graph {
namespace {

/// The UTF-8 characters of `text`, so that one Chinese character counts as one edit.
std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    characters.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return characters;
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
size_t EditDistance(const std::vector<std::string_view>& a,
                    const std::vector<std::string_view>& b) {
  std::vector<size_t> two_ago(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    two_ago.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], two_ago[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::string NearestName(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr size_t kNameBytesMax = 256;  // bounds the quadratic distance; no name is longer
  constexpr size_t kCharactersPerEdit = 3;
  if (name.size() > kNameBytesMax) return "";
  const std::string lower = LowerAscii(name);
  const auto wanted = Characters(lower);
  std::string nearest;
  size_t nearest_distance = std::max<size_t>(1, wanted.size() / kCharactersPerEdit) + 1;
  nearest_distance = std::min(nearest_distance, wanted.size());  // never replace every character
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kNameBytesMax) continue;
    const std::string lower_candidate = LowerAscii(candidate);
    const size_t distance = EditDistance(wanted, Characters(lower_candidate));
    if (distance < nearest_distance) {
      nearest_distance = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace qipu::graph
