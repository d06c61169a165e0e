#include "graph/index.h"

namespace qipu::graph {

std::string_view IndexKindName(IndexKind kind) {
  return kind == IndexKind::kText ? "text" : "value";
}

}  // namespace qipu::graph
