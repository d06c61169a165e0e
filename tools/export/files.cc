#include <filesystem>
#include <regex>

#include "tools/export/export.h"

namespace qipu::tools {

Status MakeFolder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::error_code unknown;
  if (failed && std::filesystem::is_regular_file(folder, unknown)) {
    return InvalidArgument(folder + ": is a file; name a folder");
  }
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

std::string SchemaText(const graph::Schema& schema) {
  if (!schema.closed()) return schema.text();
  // Whether it is closed may have been said when the database was made; the last word counts.
  static const std::regex kClosed(R"("closed"\s*:\s*(true|false)\s*,?)");
  std::string text = std::regex_replace(schema.text(), kClosed, "");
  return text.insert(text.find('{') + 1, "\n  \"closed\": true,");
}

Status WriteFile(const std::string& path, const std::string& text) {
  OutFile file(path);
  file.Write(text);
  return file.Close();
}

}  // namespace qipu::tools
