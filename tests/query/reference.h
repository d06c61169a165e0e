#ifndef QIPU_TESTS_QUERY_REFERENCE_H_
#define QIPU_TESTS_QUERY_REFERENCE_H_

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "graph/json.h"
#include "query/score.h"

namespace qipu::query {

/// Published and recomputed cases with known answers; see scoring/README.md there.
inline std::string ReferencePath(const std::string& file) {
  return std::string(QIPU_SHARED_DIR) + "/data/scoring/" + file;
}

#define QIPU_NEEDS_REFERENCE(file)                                  \
  if (!std::filesystem::exists(::qipu::query::ReferencePath(file))) \
  GTEST_SKIP() << "reference data is not here: " << ::qipu::query::ReferencePath(file)

/// A CSV with optional quotes and no quote or line end inside a field, as the reference files are.
inline DataTable ReadReference(const std::string& file) {
  DataTable table;
  table.file = file;
  std::ifstream in(ReferencePath(file));
  std::string line;
  for (uint64_t number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (number == 1) {
      table.columns = cells;
      continue;
    }
    table.rows.push_back(cells);
    table.lines.push_back(number);
  }
  return table;
}

/// The values of one column by the value of the first column. An empty cell is NaN.
inline std::map<std::string, double> ByFirstColumn(const DataTable& table,
                                                   const std::string& column) {
  size_t at = 0;
  while (at < table.columns.size() && table.columns[at] != column) ++at;
  std::map<std::string, double> values;
  for (const auto& row : table.rows) {
    values[row[0]] = row.at(at).empty() ? std::nan("") : std::stod(row.at(at));
  }
  return values;
}

/// An array of numbers; null is NaN.
inline Column Numbers(const graph::JsonNode& node) {
  Column numbers;
  for (const graph::JsonNode& item : **node.Array()) {
    numbers.push_back(item.is_null() ? std::nan("") : *item.Number());
  }
  return numbers;
}

}  // namespace qipu::query

#endif  // QIPU_TESTS_QUERY_REFERENCE_H_
