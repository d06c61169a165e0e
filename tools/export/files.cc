#include <filesystem>

#include "tools/export/export.h"

namespace qipu::tools {

Status MakeFolder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return IoError("cannot make " + folder + ": " + failed.message());
  const bool empty = std::filesystem::is_empty(folder, failed);
  if (failed) return IoError("cannot read " + folder + ": " + failed.message());
  if (empty) return Ok{};
  return Error{ErrorCode::kAlreadyExists,
               folder + ": the folder is not empty; name one that is absent or empty"};
}

Status OutFile::Close() {
  out_.close();
  if (out_.fail()) return IoError("cannot write " + path_ + "; is the disk full?");
  return Ok{};
}

Status WriteFile(const std::string& path, const std::string& text) {
  OutFile file(path);
  file.Write(text);
  return file.Close();
}

}  // namespace qipu::tools
