#include "graph/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace qipu::graph {

Result<std::string> ReadTextFile(const std::string& path) {
  std::error_code failed;
  const auto kind = std::filesystem::status(path, failed).type();
  if (kind == std::filesystem::file_type::not_found) return NotFound(path + ": no such file");
  if (kind == std::filesystem::file_type::directory) {
    return InvalidArgument(path + ": is a folder; name a file");
  }
  if (kind != std::filesystem::file_type::regular) {
    return failed ? IoError(path + ": " + failed.message())
                  : InvalidArgument(path + ": is no regular file");
  }
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return IoError(path + ": " + failed.message());
  if (size > kTextFileBytesMax) {
    return InvalidArgument(path + ": larger than " + std::to_string(kTextFileBytesMax) + " bytes");
  }
  std::string text(size, '\0');
  std::ifstream stream(path, std::ios::binary);
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) {
    return IoError(path + ": cannot be read: " + std::strerror(errno));
  }
  return text;
}

}  // namespace qipu::graph
