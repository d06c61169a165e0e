#include "graph/store.h"

#include "graph/changes/changes.h"
#include "graph/load/load.h"
#include "graph/rocks/rocks.h"

namespace qipu::graph {
namespace {

std::shared_ptr<rocksdb::FileSystem> FilesOf(const StoreOptions& options) {
  return options.files ? options.files : rocksdb::FileSystem::Default();
}

}  // namespace

Status Store::Create(const std::string& directory, const Schema& schema,
                     const StoreOptions& options) {
  const auto files = FilesOf(options);
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
  QIPU_TRY(rocks::RequireDatabase(*FilesOf(options), directory));
  return std::unique_ptr<Store>(new Store(QIPU_TRY(rocks::Database::Open(directory, options))));
}

Store::Store(std::unique_ptr<rocks::Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

Snapshot Store::TakeSnapshot() const { return Snapshot(database_->current()); }

Transaction Store::Begin() { return Transaction(std::make_unique<changes::ChangeSet>(*database_)); }

Result<BulkLoad> Store::BeginLoad(const BulkLoadOptions& options) {
  return BulkLoad(QIPU_TRY(load::Loader::Begin(*database_, options)));
}

const std::string& Store::directory() const { return database_->directory(); }

}  // namespace qipu::graph
