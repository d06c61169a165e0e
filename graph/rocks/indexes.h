#ifndef QIPU_GRAPH_ROCKS_INDEXES_H_
#define QIPU_GRAPH_ROCKS_INDEXES_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/index.h"
#include "graph/rocks/rocks.h"

/// The entries of indexes as keys, and reading by them.
namespace qipu::graph::rocks {

// --- index_codec.cc ----------------------------------------------------------------------------

/// Of a longer string only so many bytes are in the key; its row tells the rest.
inline constexpr size_t kIndexedBytesMax = 512;

/// Appends what `value` is filed under: bytes that sort as openCypher compares, values of one type
/// side by side. False, and nothing appended, for what has no entry (null, NaN, lists).
bool AppendIndexed(std::string& out, const Value& value);
/// Whether the encoded value is that of a string cut to kIndexedBytesMax.
bool IsCut(std::string_view encoded);

/// A row of `indexes`: index number be32, encoded value, vertex be64.
void AppendIndexKey(std::string& out, uint32_t index, std::string_view encoded, VertexId vertex);
struct IndexKeyParts {
  uint32_t index = 0;
  std::string_view encoded;
  VertexId vertex;
};
/// False when the bytes are not what AppendIndexKey writes.
bool ParseIndexKey(std::string_view key, IndexKeyParts& parts);

/// A row of `postings`: index number be32, token, 0, vertex id >> 16 be48. Its list has the low 16
/// bits of the ids, and as rank the length of the text.
void AppendPostingKey(std::string& out, uint32_t index, std::string_view token, uint64_t row);
struct PostingKeyParts {
  uint32_t index = 0;
  std::string_view token;
  uint64_t row = 0;
};
bool ParsePostingKey(std::string_view key, PostingKeyParts& parts);

/// One vertex in the list of one token, as bytes that sort as row and entry do.
struct Posting {
  std::string row;  ///< key in `postings`
  ListEntry entry;
};
std::string PackPosting(const Posting& posting);
/// REQUIRES: `packed` is from PackPosting.
Posting UnpackPosting(std::string_view packed);

/// All that `indexes` say of one vertex; both ascending.
struct IndexEntries {
  std::vector<std::string> values;    ///< keys in `indexes`
  std::vector<std::string> postings;  ///< packed
};
void AppendEntries(std::span<const Index> indexes, VertexId vertex, std::span<const LabelId> labels,
                   const Properties& properties, IndexEntries& out);

// --- index_reader.cc ---------------------------------------------------------------------------

/// The vertices with a value in `range`, by value and id. Errors: kIo, kCorruption.
Result<std::vector<VertexId>> ReadRange(const View& view, const Index& index,
                                        const ValueRange& range);
/// At most `limit` of the vertices whose text has all that `query` asks: shorter texts first, then
/// by id.
Result<std::vector<VertexId>> ReadText(const View& view, const Index& index, std::string_view query,
                                       size_t limit);

}  // namespace qipu::graph::rocks

#endif  // QIPU_GRAPH_ROCKS_INDEXES_H_
