#include "graph/store.h"

#include "graph/changes/changes.h"
#include "graph/json.h"
#include "graph/load/load.h"
#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph {
namespace {

std::string Describe(std::string_view label, std::string_view property, IndexKind kind) {
  return "a " + std::string(IndexKindName(kind)) + " index on (" + std::string(label) + ", " +
         std::string(property) + ')';
}

Error UnknownName(std::string_view kind, std::string_view name, const NameTable& table) {
  const std::string near = NearestName(name, table.names());
  return NotFound("the database has no " + std::string(kind) + " '" + std::string(name) + "'" +
                  (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

Result<Index> NamedIndex(const Catalog& catalog, std::string_view label, std::string_view property,
                         IndexKind kind) {
  const auto label_id = catalog.FindLabel(label);
  if (!label_id) return UnknownName("label", label, catalog.labels);
  const auto property_id = catalog.FindProperty(property);
  if (!property_id) return UnknownName("property", property, catalog.properties);
  return Index{0, *label_id, *property_id, kind};
}

}  // namespace

Status Store::Create(const std::string& directory, const Schema& schema,
                     const StoreOptions& options) {
  const auto files = rocks::FilesOf(options);
  switch (QIPU_TRY(rocks::Inspect(*files, directory))) {
    case rocks::Occupant::kNothing:
    case rocks::Occupant::kInterruptedCreate:
      break;
    case rocks::Occupant::kDatabase:
      return Error{ErrorCode::kAlreadyExists,
                   directory + ": there is a database already; use it, or name another directory"};
    case rocks::Occupant::kForeign:
      return Error{ErrorCode::kAlreadyExists,
                   directory + ": the directory is not empty and no qipu database; name another"};
  }
  QIPU_TRY(rocks::PrepareDirectory(*files, directory));
  QIPU_TRY(rocks::Database::Create(directory, schema, options));
  return rocks::PublishFormat(*files, directory);
}

Result<std::unique_ptr<Store>> Store::Open(const std::string& directory,
                                           const StoreOptions& options) {
  QIPU_TRY(rocks::RequireDatabase(*rocks::FilesOf(options), directory));
  auto database = QIPU_TRY(rocks::Database::Open(directory, options));
  return std::unique_ptr<Store>(new Store(std::move(database)));
}

Store::Store(std::unique_ptr<rocks::Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

Snapshot Store::TakeSnapshot() const { return Snapshot(database_->current()); }

Transaction Store::Begin() { return Transaction(std::make_unique<changes::ChangeSet>(*database_)); }

Status Store::Sync() { return database_->Sync(); }

Result<BulkLoad> Store::BeginLoad(const BulkLoadOptions& options) {
  return BulkLoad(QIPU_TRY(load::Loader::Begin(*database_, options)));
}

Result<Index> Store::MakeIndex(std::string_view label, std::string_view property, IndexKind kind) {
  const Snapshot snapshot = TakeSnapshot();
  const Index wanted = QIPU_TRY(NamedIndex(snapshot.catalog(), label, property, kind));
  if (snapshot.FindIndex(wanted.label, wanted.property, kind)) {
    return Error{ErrorCode::kAlreadyExists,
                 "there is " + Describe(label, property, kind) + " already; nothing to do"};
  }
  QIPU_TRY(load::MakeIndex(*database_, wanted));
  return *TakeSnapshot().FindIndex(wanted.label, wanted.property, kind);
}

Status Store::DropIndex(std::string_view label, std::string_view property, IndexKind kind) {
  const Snapshot snapshot = TakeSnapshot();
  const Index named = QIPU_TRY(NamedIndex(snapshot.catalog(), label, property, kind));
  const auto index = snapshot.FindIndex(named.label, named.property, kind);
  if (!index) {
    return NotFound("there is not " + Describe(label, property, kind) +
                    "; 'qipu index list' shows what there is");
  }
  return load::DropIndex(*database_, *index);
}

const std::string& Store::directory() const { return database_->directory(); }

}  // namespace qipu::graph
