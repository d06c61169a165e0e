#include "ingest/run.h"

#include <algorithm>

namespace qipu::ingest {
namespace {

MappingEntry DescribeMapping(const Source& source, uint32_t number) {
  const Mapping& mapping = source.mapping();
  MappingEntry entry;
  entry.number = number;
  entry.source = mapping.source;
  entry.version = mapping.version;
  entry.title = mapping.title;
  entry.licence = mapping.licence;
  entry.as_of = mapping.as_of;
  entry.fingerprint = source.fingerprint();
  for (uint32_t i = 0; i < mapping.vertices.size(); ++i) {
    entry.vertices.push_back({mapping.vertices[i].label, mapping.OutputsOf(i)});
  }
  return entry;
}

/// The number of the run that was cut off in these files, if they are all of its unfinished ones.
Result<std::optional<uint32_t>> RunToResume(const graph::Snapshot& snapshot,
                                            const std::vector<OpenedFile>& files) {
  std::optional<uint32_t> run;
  for (const auto& file : files) {
    if (file.entry.number == 0 || file.entry.state == FileState::kDone) {
      return std::optional<uint32_t>();
    }
    if (run && *run != file.entry.run) return std::optional<uint32_t>();
    run = file.entry.run;
  }
  if (!run) return run;
  const auto entry = QIPU_TRY(ReadRun(snapshot, *run));
  if (!entry) return Corruption("the ledger has no run " + std::to_string(*run));
  for (const auto number : entry->files) {
    const auto file = QIPU_TRY(ReadFile(snapshot, number));
    const bool given = std::ranges::any_of(
        files, [&](const OpenedFile& candidate) { return candidate.entry.number == number; });
    if (!file || (file->state != FileState::kDone && !given)) return std::optional<uint32_t>();
  }
  return run;
}

bool GivenBefore(const std::vector<OpenedFile>& files, const std::string& sha256) {
  return std::ranges::any_of(files, [&](const OpenedFile& file) { return file.sha256 == sha256; });
}

}  // namespace

void PlannedRun::Put(graph::Transaction& transaction) const {
  if (new_mapping) PutMapping(transaction, *new_mapping);
  PutRun(transaction, entry);
  for (const auto& file : files) PutFile(transaction, file.entry);
  PutNextNumbers(transaction, next);
}

Result<PlannedRun> PlanRun(const graph::Snapshot& snapshot, const Source& source,
                           std::vector<OpenedFile> opened, KnownFile known_file,
                           std::vector<OpenedFile>& known) {
  PlannedRun run;
  run.next = QIPU_TRY(ReadNextNumbers(snapshot));
  const auto mapping = QIPU_TRY(FindMapping(snapshot, source.fingerprint()));
  run.entry.mapping = mapping ? *mapping : run.next.mapping++;
  if (!mapping) run.new_mapping = DescribeMapping(source, run.entry.mapping);
  for (size_t i = 0; i < opened.size(); ++i) {
    OpenedFile& file = opened[i];
    file.place = i;
    const auto entry = QIPU_TRY(FindFile(snapshot, file.sha256, run.entry.mapping));
    if (entry) file.entry = *entry;
    const bool done = entry && entry->state == FileState::kDone;
    if ((done && known_file == KnownFile::kSkip) || GivenBefore(run.files, file.sha256)) {
      known.push_back(std::move(file));
    } else {
      run.files.push_back(std::move(file));
    }
  }
  if (run.files.empty()) return run;

  const auto resumed = QIPU_TRY(RunToResume(snapshot, run.files));
  run.entry.number = resumed ? *resumed : run.next.run++;
  for (auto& file : run.files) {
    FileEntry& entry = file.entry;
    if (entry.number == 0) {
      entry.number = run.next.file++;
    } else if (entry.state == FileState::kDone) {  // to be read again, from the start
      entry.state = FileState::kPlanned;
      entry.records_done = 0;
      entry.counts = Counts();
      entry.notes.clear();
    }
    entry.run = run.entry.number;
    entry.mapping = run.entry.mapping;
    entry.name = file.name;
    entry.sha256 = file.sha256;
    entry.bytes = file.bytes;
    file.to_read.skip_records = entry.records_done;
    run.entry.files.push_back(entry.number);
  }
  if (resumed) run.entry = *QIPU_TRY(ReadRun(snapshot, *resumed));
  return run;
}

}  // namespace qipu::ingest
