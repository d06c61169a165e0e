#ifndef QIPU_TESTS_TOOLS_TEXT_OF_H_
#define QIPU_TESTS_TOOLS_TEXT_OF_H_

#include <fstream>
#include <iterator>
#include <string>

namespace qipu::tools {

/// All of a file; empty when it is not there.
inline std::string TextOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace qipu::tools

#endif  // QIPU_TESTS_TOOLS_TEXT_OF_H_
