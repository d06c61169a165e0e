#include "ingest/import.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "ingest/loader.h"
#include "ingest/pipeline.h"
#include "ingest/run.h"

namespace qipu::ingest {
namespace {

int ThreadsOf(const ImportOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Opens every file, so that what is wrong with any of them is known before the first is loaded.
Result<std::vector<OpenedFile>> OpenFiles(const Source& source,
                                          const std::vector<ImportFile>& files) {
  if (files.empty()) return InvalidArgument("no files to import");
  std::vector<OpenedFile> opened;
  for (const auto& file : files) {
    const auto reader = QIPU_TRY(CsvReader::Open(file.path, source.mapping().dialect));
    OpenedFile open;
    open.name = file.name;
    open.to_read.path = file.path;
    open.to_read.columns = QIPU_TRY(source.mapping().MatchHeader(file.path, reader->header()));
    open.sha256 = QIPU_TRY(FileSha256(file.path));
    std::error_code failed;
    open.bytes = std::filesystem::file_size(file.path, failed);
    if (failed) return IoError(file.path + ": " + failed.message());
    opened.push_back(std::move(open));
  }
  return opened;
}

/// What a pass over the records found, per file.
struct Checked {
  std::vector<Counts> counts;
  std::vector<std::vector<Note>> notes;
  Counts totals;
  std::optional<Error> first_reject;
};

void CountRecord(const MappedRecord& record, size_t place, const OpenedFile& file,
                 Checked& checked) {
  Counts& counts = checked.counts[place];
  ++counts.read;
  for (const auto& note : record.notes) AddNote(checked.notes[place], note, record.span.line);
  if (record.fate == RecordFate::kLoaded) ++counts.loaded;
  if (record.fate == RecordFate::kIgnored) ++counts.ignored;
  if (record.fate != RecordFate::kRejected) return;
  ++counts.rejected;
  if (checked.first_reject) return;
  checked.first_reject =
      InvalidArgument(file.to_read.path + ":" + std::to_string(record.span.line) + ": " +
                      record.fault->code + ": " + record.fault->reason);
}

void Tell(const ImportOptions& options, ImportProgress& progress, const MappedBatch& batch) {
  progress.file = batch.file;
  progress.records += batch.records.size();
  progress.bytes += batch.bytes;
  if (options.progress) options.progress(progress);
}

std::vector<FileToRead> ToRead(const std::vector<OpenedFile>& files) {
  std::vector<FileToRead> to_read;
  for (const auto& file : files) to_read.push_back(file.to_read);
  return to_read;
}

Result<Checked> CheckRecords(const Source& source, const std::vector<OpenedFile>& files,
                             Depth depth, const ImportOptions& options) {
  Checked checked;
  checked.counts.resize(files.size());
  checked.notes.resize(files.size());
  auto to_read = ToRead(files);
  for (auto& file : to_read) file.skip_records = 0;
  Pipeline pipeline(source, std::move(to_read), depth, ThreadsOf(options));
  ImportProgress progress{0, files.size(), 0, 0};
  while (auto batch = QIPU_TRY(pipeline.Next())) {
    for (const auto& record : batch->records) {
      CountRecord(record, batch->file, files[batch->file], checked);
    }
    Tell(options, progress, *batch);
  }
  for (const auto& counts : checked.counts) checked.totals += counts;
  return checked;
}

/// Errors: kRefused when the records are more faulty than the options allow.
Status JudgeRejects(const Checked& checked, const ImportOptions& options) {
  const Counts& totals = checked.totals;
  const bool failed = options.on_reject == OnReject::kFail && totals.rejected > 0;
  if (!failed && !options.reject_limit.Exceeded(totals)) return Ok{};
  return Error{ErrorCode::kRefused,
               std::to_string(totals.rejected) + " of " + std::to_string(totals.read) +
                   " records are refused, more than allowed; nothing was loaded. The first: " +
                   checked.first_reject->message};
}

bool MustCheckFirst(const ImportOptions& options) {
  return options.on_reject == OnReject::kFail || options.reject_limit.records ||
         options.reject_limit.share;
}

/// Applies all records of the files of `run`, in order.
Result<graph::CommitSummary> LoadRecords(graph::Store& store, const Source& source, PlannedRun& run,
                                         const ImportOptions& options) {
  Pipeline pipeline(source, ToRead(run.files), Depth::kWhole, ThreadsOf(options));
  Loader loader(store, source.mapping());
  run.Put(loader.transaction());
  ImportProgress progress{0, run.files.size(), 0, 0};
  while (auto batch = QIPU_TRY(pipeline.Next())) {
    FileEntry& entry = run.files[batch->file].entry;
    entry.state = FileState::kReading;
    QIPU_TRY(loader.Prefetch(batch->records));
    for (auto& record : batch->records) QIPU_TRY(loader.Apply(std::move(record), entry));
    if (batch->ends_file) entry.state = FileState::kDone;
    if (!entry.counts.add_up() || entry.counts.read != entry.records_done) {
      return Corruption(entry.name + ": read = loaded + rejected + ignored does not hold");
    }
    QIPU_TRY(loader.EndPart(entry));
    Tell(options, progress, *batch);
  }
  QIPU_TRY(loader.Finish());
  return loader.changes();
}

void AddNotes(std::vector<ReportNote>& notes, const std::string& file,
              const std::vector<Note>& more) {
  for (const auto& note : more) {
    const auto known = std::ranges::find_if(notes, [&](const Note& other) {
      return other.code == note.code && other.column == note.column;
    });
    if (known == notes.end()) {
      notes.push_back({note, file});
    } else {
      known->count += note.count;
    }
  }
}

/// In the order in which the files were named.
ImportReport ReportOf(const std::vector<OpenedFile>& known, const PlannedRun& run) {
  ImportReport report;
  const auto add = [&report](const OpenedFile& file, FileOutcome outcome) {
    report.files.push_back({file.name, outcome, file.entry.counts});
    if (outcome == FileOutcome::kKnown) return;
    report.totals += file.entry.counts;
    AddNotes(report.notes, file.name, file.entry.notes);
  };
  auto next_known = known.begin();
  for (const auto& file : run.files) {
    for (; next_known != known.end() && next_known->place < file.place; ++next_known) {
      add(*next_known, FileOutcome::kKnown);
    }
    add(file, file.to_read.skip_records > 0 ? FileOutcome::kCompleted : FileOutcome::kLoaded);
  }
  for (; next_known != known.end(); ++next_known) add(*next_known, FileOutcome::kKnown);
  return report;
}

}  // namespace

Result<RejectLimit> RejectLimit::Parse(std::string_view text) {
  RejectLimit limit;
  const auto wrong = [text] {
    return InvalidArgument("'" + std::string(text) +
                           "' is no limit: give a number of records, e.g. 100, or a share, e.g. "
                           "0.5%");
  };
  const char* end = text.data() + text.size();
  if (text.ends_with('%')) {
    constexpr double kPercent = 100;
    double percent = 0;
    const auto read = std::from_chars(text.data(), end - 1, percent);
    if (read.ec != std::errc() || read.ptr != end - 1 || !(percent >= 0 && percent <= kPercent)) {
      return wrong();
    }
    limit.share = percent / kPercent;
    return limit;
  }
  uint64_t records = 0;
  const auto read = std::from_chars(text.data(), end, records);
  if (read.ec != std::errc() || read.ptr != end) return wrong();
  limit.records = records;
  return limit;
}

bool RejectLimit::Exceeded(const Counts& counts) const {
  if (records && counts.rejected > *records) return true;
  return share && static_cast<double>(counts.rejected) > *share * static_cast<double>(counts.read);
}

std::string_view FileOutcomeName(FileOutcome outcome) {
  switch (outcome) {
    case FileOutcome::kLoaded:
      return "loaded";
    case FileOutcome::kCompleted:
      return "completed";
    case FileOutcome::kKnown:
      return "known";
    case FileOutcome::kChecked:
      return "checked";
  }
  return "";
}

Result<ImportReport> CheckFiles(const Source& source, const graph::Schema* schema,
                                const std::vector<ImportFile>& files,
                                const ImportOptions& options) {
  if (schema != nullptr) QIPU_TRY(CheckFit(source.mapping(), *schema));
  const auto opened = QIPU_TRY(OpenFiles(source, files));
  const auto checked = QIPU_TRY(CheckRecords(source, opened, Depth::kWhole, options));
  QIPU_TRY(JudgeRejects(checked, options));
  ImportReport report;
  for (size_t i = 0; i < opened.size(); ++i) {
    report.files.push_back({opened[i].name, FileOutcome::kChecked, checked.counts[i]});
    AddNotes(report.notes, opened[i].name, checked.notes[i]);
  }
  report.totals = checked.totals;
  return report;
}

Result<ImportReport> Import(graph::Store& store, const Source& source,
                            const std::vector<ImportFile>& files, const ImportOptions& options) {
  auto opened = QIPU_TRY(OpenFiles(source, files));
  const auto snapshot = store.TakeSnapshot();
  QIPU_TRY(CheckFit(source.mapping(), snapshot.schema()));
  std::vector<OpenedFile> known;
  auto run = QIPU_TRY(PlanRun(snapshot, source, std::move(opened), options.known_file, known));
  if (run.files.empty()) return ReportOf(known, run);
  if (MustCheckFirst(options)) {
    const auto checked = QIPU_TRY(CheckRecords(source, run.files, Depth::kCheck, options));
    QIPU_TRY(JudgeRejects(checked, options));
  }
  const auto changes = QIPU_TRY(LoadRecords(store, source, run, options));
  auto report = ReportOf(known, run);
  report.run = run.entry.number;
  report.changes = changes;
  return report;
}

}  // namespace qipu::ingest
