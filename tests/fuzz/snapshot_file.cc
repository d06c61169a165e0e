// Snapshot files: whatever their bytes are, they are refused or read within their bounds. All
// checksums are set right first, as otherwise nothing would come further than those.
#include <cstring>

#include "graph/columnar/columnar.h"
#include "tests/fuzz/fuzz.h"

namespace qipu::fuzz {
namespace {

using namespace graph;
using namespace graph::columnar;

/// Puts the checksums of the sections, of the directory, and the marks of the trailer in.
void Sign(std::string& bytes) {
  bytes.resize(bytes.size() / sizeof(uint64_t) * sizeof(uint64_t));
  Trailer trailer;
  if (bytes.size() < sizeof trailer) return;
  const size_t trailer_at = bytes.size() - sizeof trailer;
  std::memcpy(&trailer, bytes.data() + trailer_at, sizeof trailer);
  trailer.magic = Trailer::kMagic;
  trailer.version = Trailer::kVersion;
  trailer.sections = std::min<uint64_t>(trailer.sections, trailer_at / sizeof(Section));
  const size_t directory_at = trailer_at - trailer.sections * sizeof(Section);
  for (uint64_t i = 0; i < trailer.sections; ++i) {
    Section section;
    char* const at = bytes.data() + directory_at + i * sizeof section;
    std::memcpy(&section, at, sizeof section);
    if (section.offset > directory_at || section.bytes > directory_at - section.offset) continue;
    section.checksum = Checksum(std::string_view(bytes).substr(section.offset, section.bytes));
    std::memcpy(at, &section, sizeof section);
  }
  std::memcpy(bytes.data() + trailer_at, &trailer, sizeof trailer);
  trailer.checksum = Checksum(std::string_view(bytes).substr(
      directory_at, bytes.size() - directory_at - sizeof trailer.checksum));
  std::memcpy(bytes.data() + trailer_at, &trailer, sizeof trailer);
}

uint64_t sink = 0;  // so that reads are made

void ReadLists(const SnapshotFile& file, std::string_view bytes, const Section& section) {
  AdjacencyBlock block;
  if (!ReadBlock(bytes, section, file.stamp().vertex_bound, block)) return;
  for (uint64_t list = 0; list < section.count >> 32; ++list) {
    for (uint32_t at = block.offsets[list]; at < block.offsets[list + 1]; ++at) {
      Require(block.others[at] < file.stamp().vertex_bound, "an edge leads to a vertex");
      if (block.ranks != nullptr) sink += block.ranks[at];
    }
  }
}

void ReadValues(const SnapshotFile& file, std::string_view bytes, const Section& section) {
  StoredDictionary dictionary;
  for (const Section& owner : file.Find(SectionKind::kDictionary, section.part, 0)) {
    const auto text = file.Read(owner);
    if (!text.ok() || !ReadDictionary(*text, owner.count, dictionary)) return;
    for (uint32_t code = 0; code < dictionary.size(); ++code) sink += dictionary.At(code).size();
  }
  ColumnChunk chunk;
  if (!ReadChunk(bytes, section, dictionary.size(), chunk)) return;
  const bool coded = chunk.type == ColumnType::kString || chunk.type == ColumnType::kMixed;
  for (uint32_t row = 0; row < chunk.size; ++row) {
    if (chunk.IsNull(row)) continue;
    if (coded) {
      Require(chunk.codes()[row] < dictionary.size(), "a code has an entry");
    } else {
      sink += chunk.At(row).is_null() ? 1 : 0;
    }
  }
}

}  // namespace

std::vector<std::string> Seeds() {
  DictionaryBuilder names;
  const auto file = [&](bool ranks) {
    SectionWriter writer(nullptr);
    Section section;
    ChunkBuilder numbers(names), texts(names);
    for (uint32_t row = 0; row < 70; row += 2) {
      numbers.Put(row, Value(int64_t{row} * 1000));
      texts.Put(row, Value("n" + std::to_string(row % 5)));
    }
    section.kind = SectionKind::kColumn;
    section.part = 1;
    std::string bytes = numbers.Take(70, section);
    PadToWord(bytes);
    (void)writer.Add(section, std::move(bytes));
    section.part = 2;
    bytes = texts.Take(70, section);
    PadToWord(bytes);
    (void)writer.Add(section, std::move(bytes));
    section = Section();
    section.kind = SectionKind::kDictionary;
    section.owner = 2;
    section.count = 5;
    bytes = names.Encode();
    PadToWord(bytes);
    (void)writer.Add(section, std::move(bytes));
    BlockBuilder lists;
    lists.Put({3}, graph::rocks::List{{{1}, 0}, {{1}, ranks ? 1u : 0u}, {{60}, 0}});
    lists.Put({64}, graph::rocks::List{{{2}, 0}});
    section = Section();
    section.kind = SectionKind::kAdjacency;
    bytes = lists.Take(section);
    PadToWord(bytes);
    (void)writer.Add(section, std::move(bytes));
    (void)writer.Finish({1, 2, 70});
    return writer.TakeMemory();
  };
  return {file(false), file(true)};
}

}  // namespace qipu::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace qipu::graph::columnar;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  qipu::fuzz::Sign(bytes);
  const auto file = SnapshotFile::InMemory(std::move(bytes));
  if (!file.ok()) return 0;
  const bool sound = (*file)->Verify().ok();
  qipu::fuzz::sink += sound ? 1 : 0;
  for (uint32_t owner = 0; owner < 4; ++owner) {
    for (uint32_t part = 0; part < 4; ++part) {
      for (const Section& section : (*file)->Find(SectionKind::kAdjacency, owner, part)) {
        const auto read = (*file)->Read(section);
        if (read.ok()) qipu::fuzz::ReadLists(**file, *read, section);
      }
      for (const Section& section : (*file)->Find(SectionKind::kColumn, owner, part)) {
        const auto read = (*file)->Read(section);
        if (read.ok()) qipu::fuzz::ReadValues(**file, *read, section);
      }
    }
  }
  return 0;
}
