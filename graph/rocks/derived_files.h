#ifndef QIPU_GRAPH_ROCKS_DERIVED_FILES_H_
#define QIPU_GRAPH_ROCKS_DERIVED_FILES_H_

#include <rocksdb/file_system.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"

/// Files beside the database that can be made anew from it.
namespace qipu::graph::rocks {

/// A file that is written under another name and appears under its own when it is whole and
/// durable. One that was not published is taken away.
class DerivedFile {
 public:
  /// Makes the folder of `path` if it is missing.
  static Result<std::unique_ptr<DerivedFile>> Make(
      const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
      const std::string& name);
  ~DerivedFile();
  Status Append(std::string_view bytes);
  Status Publish();

 private:
  DerivedFile(std::shared_ptr<rocksdb::FileSystem> files, std::string folder, std::string name);
  std::string making() const;
  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::string folder_, name_;
  std::unique_ptr<rocksdb::FSWritableFile> out_;
  bool published_ = false;
};

/// The names in `folder`, ascending; none when it is absent.
Result<std::vector<std::string>> NamesIn(rocksdb::FileSystem& files, const std::string& folder);
Status RemoveFile(rocksdb::FileSystem& files, const std::string& path);

}  // namespace qipu::graph::rocks

#endif  // QIPU_GRAPH_ROCKS_DERIVED_FILES_H_
