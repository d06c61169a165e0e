#ifndef QIPU_GRAPH_TEXT_H_
#define QIPU_GRAPH_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace qipu::graph {

/// A token is at most so many bytes; what is longer is cut at a character.
inline constexpr size_t kTokenBytesMax = 64;

/// What a text index files a text under: of runs of Chinese, Japanese or Korean each character and
/// each pair of neighbours; of other letters and digits each word. Case and width are folded
/// (NFKC_Casefold). Ascending, nothing twice.
std::vector<std::string> TokensOf(std::string_view text);

/// What a text must have to be found by `query`.
struct TextQuery {
  std::vector<std::string> tokens;  ///< ascending, nothing twice
  std::string prefix;  ///< of some word: the last one typed so far; empty when there is none
};
TextQuery ParseTextQuery(std::string_view query);

/// Characters, by code point.
uint32_t LengthOf(std::string_view text);

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_TEXT_H_
