#include <algorithm>

#include "graph/columnar/columnar.h"
#include "graph/load/load.h"
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

std::optional<Family> FamilyNamed(std::string_view name) {
  for (size_t i = 0; i < rocks::kFamilyCount; ++i) {
    if (rocks::FamilyName(static_cast<Family>(i)) == name) return static_cast<Family>(i);
  }
  return std::nullopt;
}

/// The families to be made anew: those with damaged tables, or all of which an interrupted repair
/// may have taken the rows; values and texts of indexes go together.
Result<std::vector<Family>> CheckTables(const rocks::Database& database, Findings& findings,
                                        VerifyReport& report) {
  std::set<Family> damaged;
  report.tables = QIPU_TRY(rocks::CheckTables(database, [&](const rocks::DamagedTable& table) {
    const auto family = FamilyNamed(table.family);
    const bool derived = family && IsDerived(*family);
    if (derived) damaged.insert(*family);
    findings.Add(derived ? Severity::kDerived : Severity::kLost, table.file, "",
                 table.problem + (derived ? "" : "; restore a backup"));
  }));
  if (database.current()->head().rebuilding) {
    findings.Add(Severity::kDerived, Family::kMeta, "", "a repair was interrupted");
    damaged = {Family::kKeys, Family::kLabels, Family::kIn, Family::kIndexes};
  }
  if (damaged.contains(Family::kIndexes) || damaged.contains(Family::kPostings)) {
    damaged.insert({Family::kIndexes, Family::kPostings});
  }
  return std::vector<Family>(damaged.begin(), damaged.end());
}

Status CheckSnapshotFiles(const rocks::View& view, Findings& findings, VerifyReport& report) {
  report.snapshot_files =
      QIPU_TRY(columnar::CheckFiles(view, [&](const std::string& name, const std::string& problem) {
        findings.Add(Severity::kDerived, name, "", problem);
      }));
  return Ok{};
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
  const std::vector<Family> damaged = QIPU_TRY(CheckTables(database, findings, report));
  const bool repair = options.repair == Repair::kYes;
  if (repair && !damaged.empty() && report.lost == 0) {
    QIPU_TRY(load::Rebuild(database, damaged));
  }
  const auto view = database.current();
  Scanner scanner(*view, report, findings);
  QIPU_TRY(ReadAll(scanner, options));
  Repairs repairs;
  QIPU_TRY(TellDifferences(*view, scanner, findings, repair ? &repairs : nullptr));
  CheckCounts(*view, scanner, findings);
  QIPU_TRY(CheckSnapshotFiles(*view, findings, report));
  if (!repair || report.derived == 0) return Ok{};
  if (!scanner.broken.empty()) {
    return Error{ErrorCode::kRefused,
                 database.directory() + ": column family '" +
                     std::string(rocks::FamilyName(*scanner.broken.begin())) +
                     "' can't be read to its end, so nothing can be rebuilt; restore a backup"};
  }
  QIPU_TRY(Write(database, scanner, repairs));
  // They may have been made from what was wrong.
  QIPU_TRY(columnar::RemoveFiles(*view));
  report.repaired = true;
  return Ok{};
}

}  // namespace verify

namespace {

void TellOfLogs(rocks::LogState state, bool give_up, VerifyReport& report) {
  if (state == rocks::LogState::kCutOff) {
    report.findings.push_back(
        {Severity::kNote, "log", "",
         "the log ends inside a record, as when a writer is at work or was killed"});
  } else if (state == rocks::LogState::kDamaged && give_up) {
    report.findings.push_back(
        {Severity::kNote, "log", "",
         "a record of the log was not what was written; it and what followed are given up"});
  } else if (state == rocks::LogState::kDamaged) {
    ++report.lost;
    report.findings.push_back(
        {Severity::kLost, "log", "",
         "a record of the log is not what was written; it and the commits after it are lost: "
         "restore a backup"});
  }
}

}  // namespace

Result<VerifyReport> Verify(const std::string& directory, const StoreOptions& store_options,
                            const VerifyOptions& options) {
  const auto files = rocks::FilesOf(store_options);
  QIPU_TRY(rocks::RequireDatabase(*files, directory));
  const bool repair = options.repair == Repair::kYes;
  const bool give_up = options.damaged_log == DamagedLog::kGiveUp;
  if (repair && !give_up &&
      QIPU_TRY(rocks::CheckLogs(files, directory)) == rocks::LogState::kDamaged) {
    return Error{ErrorCode::kRefused,
                 directory +
                     ": a record of the log is not what was written; writing would make the loss "
                     "of what follows it final: restore a backup, or give those commits up "
                     "(`qipu verify --give-up-log`)"};
  }
  StoreOptions opening = store_options;
  opening.access = repair ? Access::kReadWrite : Access::kReadOnly;
  const auto database = QIPU_TRY(rocks::Database::Open(directory, opening, rocks::Damage::kTell));
  VerifyReport report;
  TellOfLogs(database->log_state(), give_up, report);
  // Epochs that are given up will be given again.
  if (repair && give_up) QIPU_TRY(columnar::RemoveFiles(*database->current()));
  QIPU_TRY(verify::Check(*database, options, report));
  return report;
}

}  // namespace qipu::graph
