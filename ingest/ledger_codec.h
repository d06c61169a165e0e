#ifndef QIPU_INGEST_LEDGER_CODEC_H_
#define QIPU_INGEST_LEDGER_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace qipu::ingest {

/// Builds the keys and values of ledger entries.
class LedgerWriter {
 public:
  LedgerWriter& Letter(char kind);
  LedgerWriter& Fixed32(uint32_t number);     ///< big-endian
  LedgerWriter& Fixed64(uint64_t number);     ///< big-endian
  LedgerWriter& Varint(uint64_t number);      ///< 7 bits a byte, low first, high bit: more follows
  LedgerWriter& Text(std::string_view text);  ///< varint length, then the bytes
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what LedgerWriter wrote. After a read past the end or of an overlong number `ok()` is
/// false, and every further read gives nothing.
class LedgerReader {
 public:
  explicit LedgerReader(std::string_view bytes) : rest_(bytes) {}
  uint32_t Fixed32();
  uint64_t Fixed64();
  uint64_t Varint();
  std::string Text();
  /// The count of things that follow, each at least a byte long.
  size_t Count();
  void SkipLetter();
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

 private:
  uint64_t Fixed(size_t size);
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_LEDGER_CODEC_H_
