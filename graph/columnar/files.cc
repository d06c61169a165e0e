#include <algorithm>
#include <charconv>

#include "graph/columnar/columnar.h"
#include "graph/rocks/database.h"

namespace qipu::graph::columnar {
namespace {

constexpr std::string_view kSuffix = ".qsnap";
constexpr std::string_view kMaking = ".making";

std::string FolderOf(const rocks::View& view) { return view.database().directory() + "/snapshots"; }

std::string NameOf(uint64_t epoch) { return std::to_string(epoch) + std::string(kSuffix); }

/// The epoch that a name stands for; null for a name that is none of ours.
std::optional<uint64_t> EpochOf(const std::string& name) {
  uint64_t epoch = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), epoch);
  if (parsed.ec != std::errc() || NameOf(epoch) != name) return std::nullopt;
  return epoch;
}

std::shared_ptr<rocksdb::FileSystem> FilesOf(const rocks::View& view) {
  return view.database().env()->GetFileSystem();
}

/// The epochs that there are files of, newest first.
Result<std::vector<uint64_t>> EpochsIn(const rocks::View& view) {
  std::vector<uint64_t> epochs;
  for (const std::string& name : QIPU_TRY(rocks::NamesIn(*FilesOf(view), FolderOf(view)))) {
    if (const auto epoch = EpochOf(name)) epochs.push_back(*epoch);
  }
  std::sort(epochs.rbegin(), epochs.rend());
  return epochs;
}

/// Takes away what the file of `epoch` replaces, and what a killed process has left. The writer
/// does it: of two readers neither knows what the other still makes. Files that are open stay
/// readable.
Status RemoveOlder(const rocks::View& view, uint64_t epoch) {
  if (view.database().access() != Access::kReadWrite) return Ok{};
  const auto files = FilesOf(view);
  for (const std::string& name : QIPU_TRY(rocks::NamesIn(*files, FolderOf(view)))) {
    const auto other = EpochOf(name);
    if ((other && *other < epoch) || name.ends_with(kMaking)) {
      QIPU_TRY(rocks::RemoveFile(*files, FolderOf(view) + '/' + name));
    }
  }
  return Ok{};
}

Result<std::unique_ptr<SnapshotFile>> WriteFile(const Snapshot& snapshot, const rocks::View& view) {
  const uint64_t epoch = snapshot.epoch();
  const auto file =
      QIPU_TRY(rocks::DerivedFile::Make(FilesOf(view), FolderOf(view), NameOf(epoch)));
  SectionWriter writer(file.get());
  QIPU_TRY(BuildSnapshot(view, snapshot.ScanVertices(), writer));
  QIPU_TRY(file->Publish());
  auto mapped = QIPU_TRY(SnapshotFile::Map(FolderOf(view) + '/' + NameOf(epoch)));
  QIPU_TRY(RemoveOlder(view, epoch));
  return mapped;
}

}  // namespace

Result<Found> FindFile(const Snapshot& snapshot, const rocks::View& view) {
  const uint64_t vertices_max =
      std::max(kOverlayVerticesMin,
               static_cast<uint64_t>(kOverlayShareMax *
                                     static_cast<double>(QIPU_TRY(snapshot.CountVertices()))));
  const auto epochs = EpochsIn(view);
  if (!epochs.ok()) return Found();
  for (const uint64_t epoch : *epochs) {
    if (epoch > snapshot.epoch()) continue;
    // Damaged, just replaced by another process, or of another database: the next one, or none.
    auto file = SnapshotFile::Map(FolderOf(view) + '/' + NameOf(epoch));
    if (!file.ok() || (*file)->stamp().epoch != epoch ||
        (*file)->stamp().fingerprint != QIPU_TRY(FingerprintOf(view, epoch))) {
      continue;
    }
    auto overlay = QIPU_TRY(ReadOverlay(snapshot, epoch, vertices_max));
    if (overlay == nullptr) return Found();  // older ones have more
    return Found{*std::move(file), std::move(overlay)};
  }
  return Found();
}

Result<std::unique_ptr<SnapshotFile>> MakeFile(const Snapshot& snapshot, const rocks::View& view,
                                               AnalyticsOptions::Keep keep) {
  const auto epochs = EpochsIn(view);
  // Beside a newer file an older one would only take room.
  const bool newer = epochs.ok() && !epochs->empty() && epochs->front() > snapshot.epoch();
  if (keep == AnalyticsOptions::Keep::kFile && !newer) {
    auto written = WriteFile(snapshot, view);
    // A folder that can't be written costs time, not the answer.
    if (written.ok() || written.error().code != ErrorCode::kIo) return written;
  }
  SectionWriter writer(nullptr);
  QIPU_TRY(BuildSnapshot(view, snapshot.ScanVertices(), writer));
  return SnapshotFile::InMemory(writer.TakeMemory());
}

Result<uint64_t> CheckFiles(
    const rocks::View& view,
    const std::function<void(const std::string&, const std::string&)>& tell) {
  uint64_t checked = 0;
  for (const uint64_t epoch : QIPU_TRY(EpochsIn(view))) {
    if (epoch > view.head().epoch) continue;  // a writer beside has just made it
    const auto file = SnapshotFile::Map(FolderOf(view) + '/' + NameOf(epoch));
    if (!file.ok() && file.error().code == ErrorCode::kIo) continue;  // or taken it away
    ++checked;
    const Status sound = file.ok() ? (*file)->Verify() : Status(file.error());
    if (!sound.ok()) {
      tell(NameOf(epoch), sound.error().message);
    } else if ((*file)->stamp().epoch != epoch ||
               (*file)->stamp().fingerprint != QIPU_TRY(FingerprintOf(view, epoch))) {
      tell(NameOf(epoch), "the file is of another database, or of another epoch");
    }
  }
  return checked;
}

Status RemoveFiles(const rocks::View& view) {
  const auto files = FilesOf(view);
  for (const std::string& name : QIPU_TRY(rocks::NamesIn(*files, FolderOf(view)))) {
    if (EpochOf(name)) QIPU_TRY(rocks::RemoveFile(*files, FolderOf(view) + '/' + name));
  }
  return Ok{};
}

}  // namespace qipu::graph::columnar
