#include <algorithm>

#include "graph/columnar/columnar.h"
#include "graph/rocks/keeping.h"
#include "graph/verify/verify.h"

namespace qipu::graph {

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kDerived:
      return "derived";
    case Severity::kLost:
      break;
  }
  return "lost";
}

namespace verify {
namespace {

using rocks::Family;

std::string Counts(const std::string& what, uint64_t stored, uint64_t counted) {
  return "the count of " + what + " is " + std::to_string(stored) + ", but there are " +
         std::to_string(counted);
}

void CompareCounts(const std::string& what, const NameTable& names,
                   const std::vector<uint64_t>& stored, const std::vector<uint64_t>& counted,
                   Findings& findings) {
  for (uint32_t i = 0; i < std::max<size_t>({stored.size(), counted.size(), names.size()}); ++i) {
    const uint64_t said = i < stored.size() ? stored[i] : 0;
    const uint64_t seen = i < counted.size() ? counted[i] : 0;
    if (said == seen) continue;
    findings.Add(
        Severity::kDerived, Family::kMeta, "",
        Counts(what + " " + (i < names.size() ? names.NameOf(i) : std::to_string(i)), said, seen));
  }
}

void CheckCounts(const rocks::View& view, const Scanner& scanner, Findings& findings) {
  const rocks::Head& head = view.head();
  if (!scanner.broken.contains(Family::kVertices)) {
    if (head.counters.vertices != scanner.counted.vertices) {
      findings.Add(Severity::kDerived, Family::kMeta, "",
                   Counts("vertices", head.counters.vertices, scanner.counted.vertices));
    }
    CompareCounts("label", view.catalog().labels, head.counters.per_label,
                  scanner.counted.per_label, findings);
    if (head.next_vertex < scanner.vertex_bound) {
      findings.Add(Severity::kDerived, Family::kMeta, "",
                   "the next new vertex would get number " + std::to_string(head.next_vertex) +
                       ", but there is a vertex " + std::to_string(scanner.vertex_bound - 1));
    }
  }
  if (scanner.broken.contains(Family::kOut)) return;
  if (head.counters.edges != scanner.counted.edges) {
    findings.Add(Severity::kDerived, Family::kMeta, "",
                 Counts("edges", head.counters.edges, scanner.counted.edges));
  }
  CompareCounts("edge type", view.catalog().edge_types, head.counters.per_type,
                scanner.counted.per_type, findings);
}

void Sort(rocks::List& list) { std::sort(list.begin(), list.end()); }

/// Writes all that is derived and not as it should be, as one commit that changes no vertex or
/// edge. A damaged row is replaced; to a sound one a delta is enough.
Status Write(rocks::Database& database, const Scanner& scanner, Repairs& repairs) {
  rocks::Batch batch;
  std::string row;
  for (const auto& [family, keys] : scanner.bad_rows) {
    for (const std::string& key : keys) batch.Delete(family, key);
  }
  for (auto& [family, lists] : repairs.lists) {
    const auto bad = scanner.bad_rows.find(family);
    for (auto& [key, delta] : lists) {
      Sort(delta.adds);
      Sort(delta.deletes);
      row.clear();
      if (bad != scanner.bad_rows.end() && bad->second.contains(key)) {
        rocks::AppendList(row, delta.adds);
        batch.Put(family, key, row);
      } else {
        rocks::AppendDelta(row, delta);
        batch.Merge(family, key, row);
      }
    }
  }
  for (const std::string& key : repairs.index_deletes) batch.Delete(Family::kIndexes, key);
  for (const std::string& key : repairs.index_puts) batch.Put(Family::kIndexes, key, {});
  for (const std::string& key : repairs.key_deletes) batch.Delete(Family::kKeys, key);
  for (const auto& [key, vertex] : repairs.key_puts) {
    row.clear();
    rocks::AppendVarint(row, vertex.value);
    batch.Put(Family::kKeys, key, row);
  }
  rocks::Head next = database.current()->head();
  // A count that is stored beyond the last name would stay as it is.
  rocks::Counters counted = scanner.counted;
  counted.per_label.resize(std::max(counted.per_label.size(), next.counters.per_label.size()));
  counted.per_type.resize(std::max(counted.per_type.size(), next.counters.per_type.size()));
  next.counters = std::move(counted);
  next.next_vertex = std::max(next.next_vertex, scanner.vertex_bound);
  ++next.epoch;
  row.clear();
  rocks::AppendCommit(row, Change());
  batch.Put(Family::kChanges, rocks::ChangeKey(next.epoch).bytes(), row);
  return database.Apply(batch, std::move(next));
}

/// The names of those that are not what was written: they are made anew when they are missed.
Result<std::vector<std::string>> CheckSnapshotFiles(const rocks::View& view, Findings& findings,
                                                    VerifyReport& report) {
  std::vector<std::string> wrong;
  report.snapshot_files =
      QIPU_TRY(columnar::CheckFiles(view, [&](const std::string& name, const std::string& problem) {
        findings.Add(Severity::kDerived, name, "", problem);
        wrong.push_back(name);
      }));
  return wrong;
}

Status ReadAll(Scanner& scanner, const VerifyOptions& options) {
  const auto step = [&options](const char* name) {
    if (options.progress) options.progress(name);
  };
  step("vertices");
  QIPU_TRY(scanner.Vertices(Round::kFirst));
  step("keys");
  QIPU_TRY(scanner.Keys(Round::kFirst));
  step("labels");
  QIPU_TRY(scanner.Labels(Round::kFirst));
  step("edges");
  QIPU_TRY(scanner.Out(Round::kFirst));
  QIPU_TRY(scanner.In(Round::kFirst));
  step("indexes");
  QIPU_TRY(scanner.IndexValues(Round::kFirst));
  QIPU_TRY(scanner.Postings(Round::kFirst));
  step("ledger and change log");
  QIPU_TRY(scanner.Ledger());
  return scanner.Changes();
}

}  // namespace

Status Check(rocks::Database& database, const VerifyOptions& options, VerifyReport& report) {
  Findings findings(report, options.findings_max);
  if (options.progress) options.progress("tables");
  report.tables = QIPU_TRY(
      rocks::CheckTables(database, [&](const std::string& file, const std::string& problem) {
        findings.Add(Severity::kLost, file, "", problem + "; restore a backup");
      }));
  const auto view = database.current();
  Scanner scanner(*view, report, findings);
  QIPU_TRY(ReadAll(scanner, options));
  const bool repair = options.repair == Repair::kYes;
  Repairs repairs;
  QIPU_TRY(TellDifferences(*view, scanner, findings, repair ? &repairs : nullptr));
  CheckCounts(*view, scanner, findings);
  const std::vector<std::string> files = QIPU_TRY(CheckSnapshotFiles(*view, findings, report));
  if (!repair || report.derived == 0) return Ok{};
  if (!scanner.broken.empty()) {
    return Error{ErrorCode::kRefused,
                 database.directory() + ": column family '" +
                     std::string(rocks::FamilyName(*scanner.broken.begin())) +
                     "' can't be read to its end, so nothing can be rebuilt; restore a backup"};
  }
  QIPU_TRY(Write(database, scanner, repairs));
  for (const std::string& name : files) QIPU_TRY(columnar::RemoveFile(*view, name));
  report.repaired = true;
  return Ok{};
}

}  // namespace verify

Result<VerifyReport> Verify(const std::string& directory, const StoreOptions& store_options,
                            const VerifyOptions& options) {
  const auto files = store_options.files ? store_options.files : rocksdb::FileSystem::Default();
  QIPU_TRY(rocks::RequireDatabase(*files, directory));
  VerifyReport report;
  const rocks::LogState log = QIPU_TRY(rocks::CheckLogs(directory, store_options));
  if (log == rocks::LogState::kDamaged && options.repair == Repair::kYes) {
    return Error{ErrorCode::kRefused,
                 directory +
                     ": a record of the log is not what was written; writing would make the "
                     "loss of what follows it final: restore a backup"};
  }
  if (log == rocks::LogState::kDamaged) {
    ++report.lost;
    report.findings.push_back(
        {Severity::kLost, "log", "",
         "a record of the log is not what was written; it and the commits after it are lost: "
         "restore a backup"});
  } else if (log == rocks::LogState::kCutOff) {
    report.findings.push_back(
        {Severity::kNote, "log", "",
         "the log ends inside a record, as when a writer is at work or was killed"});
  }
  StoreOptions opening = store_options;
  opening.access = options.repair == Repair::kYes ? Access::kReadWrite : Access::kReadOnly;
  const auto database = QIPU_TRY(rocks::Database::Open(directory, opening));
  QIPU_TRY(verify::Check(*database, options, report));
  return report;
}

}  // namespace qipu::graph
