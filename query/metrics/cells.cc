#include <cmath>

#include "query/metrics/metrics.h"

namespace qipu::query {

Cell TextCell(std::string_view text) {
  Cell cell;
  cell.value = graph::Value(text);
  return cell;
}
Cell CountCell(int64_t count) {
  Cell cell;
  cell.value = graph::Value(count);
  return cell;
}
Cell NumberCell(const std::optional<double>& number) {
  Cell cell;
  if (number && !std::isnan(*number)) cell.value = graph::Value(*number);
  return cell;
}
Cell FlagCell(bool flag) {
  Cell cell;
  cell.value = graph::Value(flag);
  return cell;
}

}  // namespace qipu::query
