#ifndef QIPU_GRAPH_TEXT_FILE_H_
#define QIPU_GRAPH_TEXT_FILE_H_

#include <cstddef>
#include <string>

#include "graph/status.h"

namespace qipu::graph {

/// All of a file that people write: a schema, a mapping, a method, a query.
/// Errors, each naming the file: kNotFound; kInvalidArgument  a folder, a device or a pipe, or more
/// than kTextFileBytesMax; kIo.
Result<std::string> ReadTextFile(const std::string& path);

inline constexpr size_t kTextFileBytesMax = size_t{64} << 20;

}  // namespace qipu::graph

#endif  // QIPU_GRAPH_TEXT_FILE_H_
