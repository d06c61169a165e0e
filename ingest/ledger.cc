#include "ingest/ledger.h"

#include "ingest/ledger_codec.h"

namespace qipu::ingest {
namespace {

// The first byte of a key. DO NOT CHANGE: these are on disk.
constexpr char kFile = 'F';
constexpr char kFileBySha = 'f';
constexpr char kMapping = 'M';
constexpr char kMappingByFingerprint = 'm';
constexpr char kNext = 'N';
constexpr char kProvenance = 'P';
constexpr char kReject = 'J';
constexpr char kRun = 'R';

Error Damaged(const char* what) {
  return Corruption(std::string("the ledger's entry of a ") + what + " is damaged");
}

std::string NumberKey(char kind, uint32_t number) {
  return LedgerWriter().Letter(kind).Fixed32(number).bytes();
}
std::string ShaKey(const std::string& sha256, uint32_t mapping) {
  return LedgerWriter().Letter(kFileBySha).Fixed32(mapping).Text(sha256).bytes();
}
std::string FingerprintKey(const std::string& fingerprint) {
  return LedgerWriter().Letter(kMappingByFingerprint).Text(fingerprint).bytes();
}

void AppendSpan(LedgerWriter& out, const Span& span) {
  out.Varint(span.line).Varint(span.byte_offset).Varint(span.byte_length);
}
Span TakeSpan(LedgerReader& in) {
  Span span;
  span.line = in.Varint();
  span.byte_offset = in.Varint();
  span.byte_length = in.Varint();
  return span;
}

Result<FileEntry> DecodeFile(uint32_t number, std::string_view bytes) {
  LedgerReader in(bytes);
  FileEntry file;
  file.number = number;
  file.run = in.Fixed32();
  file.mapping = in.Fixed32();
  const auto state = in.Varint();
  file.state = static_cast<FileState>(state);
  file.name = in.Text();
  file.sha256 = in.Text();
  file.bytes = in.Varint();
  file.records_done = in.Varint();
  for (uint64_t* count : {&file.counts.read, &file.counts.loaded, &file.counts.rejected,
                          &file.counts.ignored, &file.counts.merged}) {
    *count = in.Varint();
  }
  file.notes.resize(in.Count());
  for (auto& note : file.notes) {
    note.code = in.Text();
    note.column = in.Text();
    note.count = in.Varint();
    note.first_line = in.Varint();
  }
  if (!in.at_end() || state > static_cast<uint64_t>(FileState::kDone)) return Damaged("file");
  return file;
}

Result<RunEntry> DecodeRun(uint32_t number, std::string_view bytes) {
  LedgerReader in(bytes);
  RunEntry run;
  run.number = number;
  run.mapping = in.Fixed32();
  run.files.resize(in.Count());
  for (auto& file : run.files) file = in.Fixed32();
  if (!in.at_end()) return Damaged("run");
  return run;
}

/// A number that a key leads to.
Result<std::optional<uint32_t>> ReadNumber(const graph::Snapshot& snapshot, std::string_view key) {
  const auto bytes = QIPU_TRY(snapshot.GetLedger(key));
  if (!bytes) return std::optional<uint32_t>();
  LedgerReader in(*bytes);
  const auto number = in.Fixed32();
  if (!in.at_end()) return Damaged("name");
  return std::optional(number);
}

}  // namespace

std::string Counts::Balance() const {
  return "read " + std::to_string(read) + " = loaded " + std::to_string(loaded) + " + rejected " +
         std::to_string(rejected) + " + ignored " + std::to_string(ignored);
}

Counts& Counts::operator+=(const Counts& other) {
  read += other.read;
  loaded += other.loaded;
  rejected += other.rejected;
  ignored += other.ignored;
  merged += other.merged;
  return *this;
}

void PutFile(graph::Transaction& transaction, const FileEntry& file) {
  LedgerWriter out;
  out.Fixed32(file.run).Fixed32(file.mapping).Varint(static_cast<uint64_t>(file.state));
  out.Text(file.name).Text(file.sha256).Varint(file.bytes).Varint(file.records_done);
  const Counts& counts = file.counts;
  out.Varint(counts.read).Varint(counts.loaded).Varint(counts.rejected);
  out.Varint(counts.ignored).Varint(counts.merged).Varint(file.notes.size());
  for (const auto& note : file.notes) {
    out.Text(note.code).Text(note.column).Varint(note.count).Varint(note.first_line);
  }
  transaction.PutLedger(NumberKey(kFile, file.number), out.bytes());
  transaction.PutLedger(ShaKey(file.sha256, file.mapping),
                        LedgerWriter().Fixed32(file.number).bytes());
}

void PutMapping(graph::Transaction& transaction, const MappingEntry& mapping) {
  LedgerWriter out;
  out.Text(mapping.source).Varint(static_cast<uint64_t>(mapping.version)).Text(mapping.title);
  out.Text(mapping.licence).Text(mapping.as_of).Text(mapping.fingerprint);
  out.Varint(mapping.vertices.size());
  for (const auto& vertex : mapping.vertices) {
    out.Text(vertex.label).Varint(vertex.outputs.size());
    for (const auto& output : vertex.outputs) out.Text(output);
  }
  transaction.PutLedger(NumberKey(kMapping, mapping.number), out.bytes());
  transaction.PutLedger(FingerprintKey(mapping.fingerprint),
                        LedgerWriter().Fixed32(mapping.number).bytes());
}

void PutRun(graph::Transaction& transaction, const RunEntry& run) {
  LedgerWriter out;
  out.Fixed32(run.mapping).Varint(run.files.size());
  for (const auto file : run.files) out.Fixed32(file);
  transaction.PutLedger(NumberKey(kRun, run.number), out.bytes());
}

void PutReject(graph::Transaction& transaction, const RejectEntry& reject) {
  LedgerWriter key, out;
  key.Letter(kReject).Fixed32(reject.file).Fixed64(reject.record);
  AppendSpan(out, reject.span);
  out.Text(reject.code).Text(reject.reason).Text(reject.raw);
  transaction.PutLedger(key.bytes(), out.bytes());
}

void PutProvenance(graph::Transaction& transaction, const ProvenanceEntry& entry) {
  LedgerWriter key, out;
  key.Letter(kProvenance).Fixed64(entry.vertex.value).Fixed32(entry.file);
  key.Fixed64(entry.record).Fixed32(entry.rule);
  AppendSpan(out, entry.span);
  out.Varint(entry.outputs);
  transaction.PutLedger(key.bytes(), out.bytes());
}

void PutNextNumbers(graph::Transaction& transaction, const NextNumbers& next) {
  transaction.PutLedger(
      std::string(1, kNext),
      LedgerWriter().Fixed32(next.run).Fixed32(next.file).Fixed32(next.mapping).bytes());
}

Result<NextNumbers> ReadNextNumbers(const graph::Snapshot& snapshot) {
  NextNumbers next;
  const auto bytes = QIPU_TRY(snapshot.GetLedger(std::string(1, kNext)));
  if (!bytes) return next;
  LedgerReader in(*bytes);
  next.run = in.Fixed32();
  next.file = in.Fixed32();
  next.mapping = in.Fixed32();
  if (!in.at_end()) return Damaged("counter");
  return next;
}

Result<std::optional<FileEntry>> ReadFile(const graph::Snapshot& snapshot, uint32_t number) {
  const auto bytes = QIPU_TRY(snapshot.GetLedger(NumberKey(kFile, number)));
  if (!bytes) return std::optional<FileEntry>();
  return std::optional(QIPU_TRY(DecodeFile(number, *bytes)));
}

Result<std::optional<FileEntry>> FindFile(const graph::Snapshot& snapshot,
                                          const std::string& sha256, uint32_t mapping) {
  const auto number = QIPU_TRY(ReadNumber(snapshot, ShaKey(sha256, mapping)));
  if (!number) return std::optional<FileEntry>();
  return ReadFile(snapshot, *number);
}

Result<std::optional<MappingEntry>> ReadMapping(const graph::Snapshot& snapshot, uint32_t number) {
  const auto bytes = QIPU_TRY(snapshot.GetLedger(NumberKey(kMapping, number)));
  if (!bytes) return std::optional<MappingEntry>();
  LedgerReader in(*bytes);
  MappingEntry mapping;
  mapping.number = number;
  mapping.source = in.Text();
  mapping.version = static_cast<int64_t>(in.Varint());
  mapping.title = in.Text();
  mapping.licence = in.Text();
  mapping.as_of = in.Text();
  mapping.fingerprint = in.Text();
  mapping.vertices.resize(in.Count());
  for (auto& vertex : mapping.vertices) {
    vertex.label = in.Text();
    vertex.outputs.resize(in.Count());
    for (auto& output : vertex.outputs) output = in.Text();
  }
  if (!in.at_end()) return Damaged("mapping");
  return std::optional(std::move(mapping));
}

Result<std::optional<uint32_t>> FindMapping(const graph::Snapshot& snapshot,
                                            const std::string& fingerprint) {
  return ReadNumber(snapshot, FingerprintKey(fingerprint));
}

Result<std::optional<RunEntry>> ReadRun(const graph::Snapshot& snapshot, uint32_t number) {
  const auto bytes = QIPU_TRY(snapshot.GetLedger(NumberKey(kRun, number)));
  if (!bytes) return std::optional<RunEntry>();
  return std::optional(QIPU_TRY(DecodeRun(number, *bytes)));
}

Result<std::vector<RunEntry>> ReadRuns(const graph::Snapshot& snapshot) {
  std::vector<RunEntry> runs;
  auto cursor = snapshot.ScanLedger(std::string(1, kRun));
  while (cursor.Next()) {
    LedgerReader key(cursor.key());
    key.SkipLetter();
    const auto number = key.Fixed32();
    if (!key.at_end()) return Damaged("run");
    runs.push_back(QIPU_TRY(DecodeRun(number, cursor.value())));
  }
  if (!cursor.status().ok()) return cursor.status().error();
  return runs;
}

Status VisitRejects(const graph::Snapshot& snapshot, uint32_t file,
                    const std::function<Status(const RejectEntry&)>& use) {
  auto cursor = snapshot.ScanLedger(NumberKey(kReject, file));
  while (cursor.Next()) {
    LedgerReader key(cursor.key()), in(cursor.value());
    RejectEntry reject;
    key.SkipLetter();
    reject.file = key.Fixed32();
    reject.record = key.Fixed64();
    reject.span = TakeSpan(in);
    reject.code = in.Text();
    reject.reason = in.Text();
    reject.raw = in.Text();
    if (!key.at_end() || !in.at_end()) return Damaged("refused record");
    QIPU_TRY(use(reject));
  }
  return cursor.status();
}

Result<std::vector<ProvenanceEntry>> ReadProvenance(const graph::Snapshot& snapshot,
                                                    graph::VertexId vertex) {
  std::vector<ProvenanceEntry> entries;
  auto cursor =
      snapshot.ScanLedger(LedgerWriter().Letter(kProvenance).Fixed64(vertex.value).bytes());
  while (cursor.Next()) {
    LedgerReader key(cursor.key()), in(cursor.value());
    ProvenanceEntry entry;
    key.SkipLetter();
    entry.vertex.value = key.Fixed64();
    entry.file = key.Fixed32();
    entry.record = key.Fixed64();
    entry.rule = key.Fixed32();
    entry.span = TakeSpan(in);
    entry.outputs = in.Varint();
    if (!key.at_end() || !in.at_end()) return Damaged("source record");
    entries.push_back(entry);
  }
  if (!cursor.status().ok()) return cursor.status().error();
  return entries;
}

}  // namespace qipu::ingest
