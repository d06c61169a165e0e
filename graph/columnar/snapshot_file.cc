#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "graph/columnar/columnar.h"

namespace qipu::graph::columnar {
namespace {

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

Error Failed(const std::string& doing) {
  return IoError("cannot " + doing + ": " + std::strerror(errno));
}

}  // namespace

Result<std::unique_ptr<SnapshotFile>> SnapshotFile::Map(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about = {};
  if (file.number() < 0 || fstat(file.number(), &about) != 0) return Failed("open " + path);
  const auto size = static_cast<size_t>(about.st_size);
  // An empty file can't be mapped; as one without a trailer it is refused below.
  void* const at =
      size == 0 ? nullptr : mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
  if (at == MAP_FAILED) return Failed("map " + path);
  std::unique_ptr<SnapshotFile> mapped(
      new SnapshotFile(path, {static_cast<const char*>(at), size}));
  QIPU_TRY(mapped->ReadDirectory());
  return mapped;
}

Result<std::unique_ptr<SnapshotFile>> SnapshotFile::InMemory(std::string bytes) {
  std::unique_ptr<SnapshotFile> file(new SnapshotFile("the snapshot in memory", {}));
  file->memory_ = std::move(bytes);
  file->bytes_ = file->memory_;
  QIPU_TRY(file->ReadDirectory());
  return file;
}

SnapshotFile::~SnapshotFile() {
  if (!memory_.empty() || bytes_.empty()) return;
  munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Error SnapshotFile::Damaged(const std::string& what) const {
  return Corruption(path_ + " is damaged (" + what + "); delete it: it is made anew from the data");
}

Status SnapshotFile::ReadDirectory() {
  Trailer trailer;
  if (bytes_.size() < sizeof(trailer) || bytes_.size() % sizeof(uint64_t) != 0) {
    return Damaged("too short");
  }
  const uint64_t trailer_at = bytes_.size() - sizeof(trailer);
  std::memcpy(&trailer, bytes_.data() + trailer_at, sizeof(trailer));
  if (trailer.magic != Trailer::kMagic) return Damaged("no end mark");
  if (trailer.sections > trailer_at / sizeof(Section)) return Damaged("directory");
  const uint64_t directory_at = trailer_at - trailer.sections * sizeof(Section);
  const std::string_view summed =
      bytes_.substr(directory_at, bytes_.size() - directory_at - sizeof(uint64_t));
  if (Checksum(summed) != trailer.checksum) return Damaged("directory");
  if (trailer.version != Trailer::kVersion) {
    return Unsupported(path_ + " has version " + std::to_string(trailer.version) +
                       "; delete it: it is made anew from the data");
  }
  stamp_ = trailer.stamp;
  ArrayReader reader(bytes_.substr(directory_at));
  reader.Take(trailer.sections, sections_);
  if (!std::is_sorted(sections_.begin(), sections_.end(), IsBefore)) return Damaged("directory");
  for (const Section& section : sections_) {
    if (section.offset % sizeof(uint64_t) != 0 || section.bytes % sizeof(uint64_t) != 0 ||
        section.offset > directory_at || section.bytes > directory_at - section.offset) {
      return Damaged("directory");
    }
  }
  checked_ = std::make_unique<std::atomic<bool>[]>(sections_.size());
  return Ok{};
}

std::span<const Section> SnapshotFile::Find(SectionKind kind, uint32_t owner, uint32_t part) const {
  Section first;
  first.kind = kind;
  first.owner = owner;
  first.part = part;
  Section last = first;
  last.chunk = UINT32_MAX;
  const auto begin = std::lower_bound(sections_.begin(), sections_.end(), first, IsBefore);
  return {begin, std::upper_bound(begin, sections_.end(), last, IsBefore)};
}

// Two threads may compare the same bytes at once, which does no harm.
Result<std::string_view> SnapshotFile::Read(const Section& section) const {
  const std::string_view bytes = bytes_.substr(section.offset, section.bytes);
  std::atomic<bool>& checked = checked_[static_cast<size_t>(&section - sections_.data())];
  if (checked.load(std::memory_order_relaxed)) return bytes;
  if (Checksum(bytes) != section.checksum) {
    return Damaged("bytes " + std::to_string(section.offset) + " to " +
                   std::to_string(section.offset + section.bytes));
  }
  checked.store(true, std::memory_order_relaxed);
  return bytes;
}

Status SnapshotFile::Verify() const {
  uint64_t covered = 0;
  for (const Section& section : sections_) {
    QIPU_TRY(Read(section));
    covered += section.bytes;
  }
  if (covered + sections_.size_bytes() + sizeof(Trailer) != bytes_.size()) {
    return Damaged("bytes of no section");
  }
  return Ok{};
}

}  // namespace qipu::graph::columnar
