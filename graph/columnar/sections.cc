#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "graph/columnar/columnar.h"

namespace qipu::graph::columnar {
namespace {

static_assert(std::endian::native == std::endian::little, "snapshot files are little-endian");

constexpr uint64_t kPrime1 = 0x9E3779B185EBCA87, kPrime2 = 0xC2B2AE3D27D4EB4F,
                   kPrime3 = 0x165667B19E3779F9, kPrime4 = 0x85EBCA77C2B2AE63,
                   kPrime5 = 0x27D4EB2F165667C5;

template <class T>
T Load(const char* at) {
  T number;
  std::memcpy(&number, at, sizeof(T));
  return number;
}

uint64_t Round(uint64_t sum, uint64_t input) {
  return std::rotl(sum + input * kPrime2, 31) * kPrime1;
}

}  // namespace

uint64_t Checksum(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  uint64_t hash = kPrime5;
  if (bytes.size() >= 32) {
    uint64_t lanes[4] = {kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1};
    for (; end - at >= 32; at += 32) {
      for (int i = 0; i < 4; ++i) lanes[i] = Round(lanes[i], Load<uint64_t>(at + 8 * i));
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
    for (const uint64_t lane : lanes) hash = (hash ^ Round(0, lane)) * kPrime1 + kPrime4;
  }
  hash += bytes.size();
  for (; end - at >= 8; at += 8) {
    hash = std::rotl(hash ^ Round(0, Load<uint64_t>(at)), 27) * kPrime1 + kPrime4;
  }
  if (end - at >= 4) {
    hash = std::rotl(hash ^ Load<uint32_t>(at) * kPrime1, 23) * kPrime2 + kPrime3;
    at += 4;
  }
  for (; at != end; ++at) {
    hash = std::rotl(hash ^ static_cast<unsigned char>(*at) * kPrime5, 11) * kPrime1;
  }
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

bool IsBefore(const Section& a, const Section& b) {
  return std::tie(a.kind, a.owner, a.part, a.chunk) < std::tie(b.kind, b.owner, b.part, b.chunk);
}

void PadToWord(std::string& bytes) { bytes.resize((bytes.size() + 7) / 8 * 8); }

Status SectionWriter::Append(std::string_view bytes) {
  at_ += bytes.size();
  if (file_ != nullptr) return file_->Append(bytes);
  memory_ += bytes;
  return Ok{};
}

Status SectionWriter::Add(Section section, std::string bytes) {
  PadToWord(bytes);
  section.offset = at_;
  section.bytes = bytes.size();
  section.checksum = Checksum(bytes);
  sections_.push_back(section);
  return Append(bytes);
}

void SectionWriter::Drop(uint32_t property) {
  for (Section& section : sections_) {
    if (section.kind == SectionKind::kColumn && section.part == property) {
      section.kind = SectionKind::kUnused;
    }
  }
}

Status SectionWriter::Finish(const Stamp& stamp) {
  std::stable_sort(sections_.begin(), sections_.end(), IsBefore);
  Trailer trailer;
  trailer.stamp = stamp;
  trailer.sections = sections_.size();
  std::string bytes;
  AppendArray(bytes, std::span<const Section>(sections_));
  AppendArray(bytes, std::span<const Trailer>(&trailer, 1));
  trailer.checksum = Checksum(std::string_view(bytes).substr(0, bytes.size() - sizeof(uint64_t)));
  bytes.resize(bytes.size() - sizeof(uint64_t));
  AppendArray(bytes, std::span<const uint64_t>(&trailer.checksum, 1));
  return Append(bytes);
}

}  // namespace qipu::graph::columnar
