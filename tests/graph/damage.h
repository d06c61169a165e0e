#ifndef QIPU_TESTS_GRAPH_DAMAGE_H_
#define QIPU_TESTS_GRAPH_DAMAGE_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// Files that are not as they were written.
namespace qipu::graph {

inline std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteBytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Turns a bit over; the same call again turns it back.
inline void Flip(const std::filesystem::path& path, uint64_t at, int bit = 0) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int old = file.get();
  file.seekp(static_cast<std::streamoff>(at)).put(static_cast<char>(old ^ 1 << bit));
}

/// A copy of a whole directory in place of what is at `to`.
inline void CopyOver(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

}  // namespace qipu::graph

#endif  // QIPU_TESTS_GRAPH_DAMAGE_H_
