#ifndef QIPU_GRAPH_STORE_H_
#define QIPU_GRAPH_STORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "graph/bulk_load.h"
#include "graph/schema.h"
#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/transaction.h"

namespace rocksdb {
class FileSystem;
}

namespace qipu::graph {

namespace rocks {
class Database;
}

/// The version of the bytes on disk. A database of another one is refused.
inline constexpr uint32_t kFormatVersion = 3;

enum class Access {
  kReadOnly,   ///< beside any other process, also one that writes; sees the state at Open
  kReadWrite,  ///< alone: a second writer gets kBusy
};

struct StoreOptions {
  Access access = Access::kReadWrite;
  /// For cache and write buffers together, and for a bulk load while it lasts.
  uint64_t memory_bytes = uint64_t{512} << 20;
  /// A commit of so many bytes or more is written as sorted tables that are taken in together,
  /// which is quicker than a log and its replay; a smaller one goes to the log.
  uint64_t table_commit_bytes = uint64_t{2} << 20;
  /// One commit of so many waits for the disk, and makes those before it durable as well. Beyond 1
  /// a loss of power may take the last commits, each as a whole and none before an older one; the
  /// end of a process takes none.
  uint32_t commits_per_sync = 1;
  /// The files it runs on; tests put a failing one here. Null for the real one.
  std::shared_ptr<rocksdb::FileSystem> files = nullptr;
};

/// A property graph in a directory.
class Store {
 public:
  /// Makes a database with that schema in `directory`, which must be absent or empty.
  /// Errors: kAlreadyExists, kIo. A failed Create leaves nothing that Open accepts.
  static Status Create(const std::string& directory, const Schema& schema,
                       const StoreOptions& options);

  /// Errors: kNotFound     no database there; says how to make one
  ///         kUnsupported  a foreign database, or one of another format
  ///         kBusy         another process writes it (kReadWrite only)
  ///         kCorruption, kIo
  static Result<std::unique_ptr<Store>> Open(const std::string& directory,
                                             const StoreOptions& options);
  ~Store();

  Snapshot TakeSnapshot() const;
  /// REQUIRES: kReadWrite, and no other Transaction of this Store is alive.
  Transaction Begin();
  /// Waits until all commits are durable; see StoreOptions::commits_per_sync. Errors: kIo
  Status Sync();
  /// REQUIRES: kReadWrite, and no Transaction or other BulkLoad of this Store is alive.
  /// Errors: kIo
  Result<BulkLoad> BeginLoad(const BulkLoadOptions& options);
  /// Makes an index and files under it what the graph holds; from then on every commit and bulk
  /// load keeps it. Readers go on reading meanwhile.
  /// REQUIRES: kReadWrite, and no Transaction or BulkLoad of this Store is alive.
  /// Errors: kNotFound       the graph knows no such label or property
  ///         kAlreadyExists  there is that index
  ///         kIo             after reopening, the index is wholly there or wholly absent
  /// Cost:   one scan of the vertices and an external sort, in a quarter of memory_bytes.
  Result<Index> MakeIndex(std::string_view label, std::string_view property, IndexKind kind);
  /// Takes an index away, in one write. REQUIRES, errors: as above; kNotFound also when there is no
  /// such index.
  Status DropIndex(std::string_view label, std::string_view property, IndexKind kind);
  const std::string& directory() const;

 private:
  explicit Store(std::unique_ptr<rocks::Database> database);
  std::unique_ptr<rocks::Database> database_;
};

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_STORE_H_
