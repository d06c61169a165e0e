#ifndef QIPU_QUERY_TABLE_H_
#define QIPU_QUERY_TABLE_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graph/ids.h"
#include "graph/value.h"

namespace qipu::query {

struct Cell;
using CellList = std::vector<Cell>;
using CellMap = std::vector<std::pair<std::string, Cell>>;  ///< ascending by key

struct VertexCell {
  graph::VertexId id;
  std::vector<std::string> labels;
  CellMap properties;
};

struct EdgeCell {
  graph::EdgeRef edge;
  std::string type;
  CellMap properties;
};

/// vertices.size() == edges.size() + 1.
struct PathCell {
  std::vector<VertexCell> vertices;
  std::vector<EdgeCell> edges;
};

/// One value of a result: complete in itself, it outlives the snapshot it came from.
struct Cell {
  std::variant<graph::Value, CellList, CellMap, VertexCell, EdgeCell, PathCell> value;
};

/// For people and CSV: a string bare, null as nothing, a vertex as (:Label {key: value}).
std::string CellText(const Cell& cell);
/// As JSON: a vertex as {"id", "labels", "properties"}, a date as "YYYY-MM-DD", NaN as null.
std::string CellJson(const Cell& cell);

/// What a query or a metric answers.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  ///< each as long as `columns`
};

}  // namespace qipu::query

#endif  // QIPU_QUERY_TABLE_H_
