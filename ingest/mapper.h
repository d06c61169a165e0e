#ifndef QIPU_INGEST_MAPPER_H_
#define QIPU_INGEST_MAPPER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/transaction.h"
#include "graph/value.h"
#include "ingest/field.h"
#include "ingest/mapping.h"
#include "ingest/read/reader.h"
#include "ingest/source.h"

namespace qipu::ingest {

/// A vertex that a record makes or adds to.
struct MappedVertex {
  uint32_t rule = 0;  ///< place in Mapping::vertices
  std::string key;
  std::vector<graph::Value> values;  ///< one per property of the rule, null where it has none
  std::vector<std::string> labels;   ///< beside the rule's own label
};

/// An edge that a record makes. An end that is a vertex of the same record has no key here.
struct MappedEdge {
  uint32_t rule = 0;  ///< place in Mapping::edges
  std::string from_key, to_key;
  std::vector<graph::Value> values;  ///< one per property of the rule
};

/// A value that could not be read but did not cost its record.
struct MappedNote {
  std::string code;
  std::string column;
};

enum class RecordFate { kLoaded, kRejected, kIgnored };

/// What became of one record.
struct MappedRecord {
  uint64_t number = 0;
  Span span;
  RecordFate fate = RecordFate::kLoaded;
  std::optional<Fault> fault;  ///< of a rejected record
  std::string raw;             ///< of a rejected record, at most kRawBytesKept
  std::vector<MappedVertex> vertices;
  std::vector<MappedEdge> edges;
  std::vector<MappedNote> notes;
};

/// How far a record is worked on.
enum class Depth {
  kCheck,  ///< whether it can be loaded
  kWhole   ///< and its place and segments
};

/// Turns records of one file into vertices and edges. One per thread: it keeps its working space.
class Mapper {
 public:
  /// `source` must outlive the mapper. `columns` is what MatchHeader said of the file.
  Mapper(const Source& source, std::vector<std::optional<uint32_t>> columns);

  /// `record.fields` are valid during the call only. A fault of the reader stays a fault.
  MappedRecord Map(const RawRecord& record, Depth depth);

 private:
  std::optional<Fault> ReadFields(const RawRecord& record, MappedRecord& out);
  bool Holds(const Conditions& conditions) const;
  std::string KeyOf(const VertexRule& rule) const;
  std::optional<Fault> MakeVertices(MappedRecord& out) const;
  bool HasEnds(const EdgeRule& rule, const MappedRecord& record) const;
  void MakeEdges(MappedRecord& out) const;
  void FindPlace(MappedRecord& out) const;
  void FindSegments(MappedRecord& out) const;
  std::string_view TextOf(const std::optional<FieldRef>& ref) const;
  graph::Value ValueAt(const FieldRef& ref) const { return ValueOf(fields_[ref.column], ref); }
  std::vector<graph::Value> ValuesOf(const std::vector<Setting>& settings) const;

  const Source& source_;
  const Mapping& mapping_;
  std::vector<std::optional<uint32_t>> columns_;
  std::vector<Field> fields_;  // one per column of the mapping
};

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_MAPPER_H_
