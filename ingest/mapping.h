#ifndef QIPU_INGEST_MAPPING_H_
#define QIPU_INGEST_MAPPING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/status.h"
#include "graph/value.h"
#include "ingest/clean/clean.h"
#include "ingest/read/reader.h"

namespace qipu::ingest {

enum class ColumnType {
  kString,
  kInt,         ///< whole numbers only
  kFloat,       ///< always a float
  kNumber,      ///< exact: an integer when whole, else a float
  kDate,        ///< in one of `formats`
  kYear,        ///< a year, as its 1 January
  kAmount,      ///< a number with a currency word; see `words`
  kIdentifier,  ///< a code of one of several `schemes`
  kList         ///< several strings with `separator` between
};

/// What to do with a value that the column's type can't hold.
enum class OnError {
  kReject,  ///< refuse the record
  kNull     ///< load the record without the value, and count it as a note
};

enum class IdentifierCheck { kUscc, kRegistrationNumber, kOrganisationCode, kLei };

struct IdentifierScheme {
  std::string name;  ///< e.g. `cn-uscc`: the part of a key before the colon
  IdentifierCheck check = IdentifierCheck::kUscc;
};

/// One column of a source: how it is found and what its text becomes.
struct Column {
  std::string name;                  ///< how the rest of the mapping calls it
  std::vector<std::string> headers;  ///< names it may have in a file's header
  ColumnType type = ColumnType::kString;
  OnError on_error = OnError::kReject;
  bool required = false;  ///< an empty value refuses the record
  bool optional = false;  ///< a file may do without the column
  std::vector<std::string> nulls;
  std::map<std::string, std::string, std::less<>> values;  ///< word -> word; others are errors
  std::vector<std::string> formats;
  AmountWords words;
  int64_t factor = 1;              ///< number as written x factor = number in the property's unit
  std::optional<double> min, max;  ///< of a number as written; one outside is an error
  std::string separator = ";";
  std::string skip_items_with;  ///< items of a list that contain this are left out
  std::vector<IdentifierScheme> schemes;
};

/// A part of a column's value. An amount has `value` (when it names a currency), `currency`,
/// `stated` (the text as given, when it states a number but no known currency) and ISO 4217 codes
/// (the value when that is the currency); an identifier has `key`, `unverified` (the text, when no
/// scheme accepts it), `reason` and `region`. The other types have only the whole.
enum class Part {
  kWhole,
  kAmountValue,
  kAmountCurrency,
  kAmountStated,
  kAmountIn,
  kKey,
  kUnverified,
  kReason,
  kRegion
};

struct FieldRef {
  uint32_t column = 0;
  Part part = Part::kWhole;
  std::string currency;  ///< for kAmountIn
};

/// Sets a property from a field, or to the same constant for every record.
struct Setting {
  std::string property;
  std::variant<FieldRef, graph::Value> from;
  int line = 0;  ///< of the mapping, for messages
};

struct Condition {
  enum class Kind { kPresent, kAbsent, kOneOf };
  uint32_t column = 0;
  Kind kind = Kind::kPresent;
  std::vector<std::string> words;
};
/// All must hold; none means always.
using Conditions = std::vector<Condition>;

/// One way to make a key: `scheme:field|field`, or the field itself without a scheme. It applies
/// when its first field is present.
struct KeyRule {
  std::string scheme;
  std::vector<FieldRef> fields;
};

struct ExtraLabel {
  std::string label;
  Conditions when;
};

enum class Existence {
  kEither,  ///< a record makes the vertex where there is none
  kBefore   ///< a record adds to a vertex that is there; else that is noted, and it makes none
};

/// A vertex that every record (that meets `when`) makes or adds to.
struct VertexRule {
  std::string name;
  std::string label;
  std::vector<KeyRule> keys;  ///< the first that applies
  std::vector<Setting> properties;
  std::vector<ExtraLabel> labels;
  std::vector<uint32_t> label_columns;  ///< columns whose words are labels
  Conditions when;
  Existence existence = Existence::kEither;
  int line = 0;  ///< of the mapping, for messages
};

/// A vertex that must already exist: the first of `labels` that has one of that key.
struct Lookup {
  std::vector<std::string> labels;
  FieldRef key;  ///< a list gives an edge for each item
};

/// A vertex of the same record (its place in Mapping::vertices), or one looked up.
using EdgeEnd = std::variant<uint32_t, Lookup>;

enum class Multiplicity {
  kMany,
  kOne  ///< a new edge of the type takes the place of the one its `from` vertex had
};

struct EdgeRule {
  std::string type;
  EdgeEnd from, to;
  std::vector<Setting> properties;
  Conditions when;
  Multiplicity multiplicity = Multiplicity::kMany;
  int line = 0;  ///< of the mapping, for messages
};

/// Finds the region of a vertex by the gazetteer. The edge, its rule at `edge` in Mapping::edges,
/// gets the properties method, confidence and evidence.
struct PlaceRule {
  uint32_t edge = 0;
  std::optional<FieldRef> address, province, city, name, code;
};

/// Finds the segments and roles of a vertex by a chain's rules. The edges, their rule at `edge`,
/// get the properties evidence, rule and confidence; roles become labels of `vertex`.
struct ClassifyRule {
  uint32_t edge = 0;
  uint32_t vertex = 0;
  std::string chain;        ///< names a file of `schemas/reference/chains/`
  std::string chain_place;  ///< where the mapping says so, for messages: `m.json:9: key 'x': `
  std::optional<FieldRef> name, scope;
};

/// A mapping file: what the columns of a source mean in the graph. See ingest/README.md for the
/// language. Immutable once loaded.
struct Mapping {
  /// Reads and checks a whole mapping file. Errors: kNotFound, kIo, kInvalidArgument with file,
  /// line and key.
  static Result<Mapping> Load(const std::string& path);

  std::string file;
  std::string sha256;              ///< of the file
  std::vector<std::string> files;  ///< that it names and that were read with it
  std::string source;
  int64_t version = 0;
  std::string title, licence, as_of;
  CsvDialect dialect;
  std::vector<Column> columns;
  std::vector<std::string> ignore;  ///< headers that are not loaded
  Conditions only_when;             ///< records that don't meet it are ignored, and counted
  std::vector<VertexRule> vertices;
  std::vector<EdgeRule> edges;
  std::optional<PlaceRule> place;
  std::optional<ClassifyRule> classify;

  /// For each field of a file with this header: its column, or nothing when it is ignored.
  /// Errors: kInvalidArgument, naming file and column: unknown, twice, or missing; or none known.
  Result<std::vector<std::optional<uint32_t>>> MatchHeader(
      const std::string& data_file, const std::vector<std::string>& header) const;
  /// What a record can tell of the vertex of a rule: its properties, then the types of the edges
  /// that start there. At most kOutputsMax, so that a set of them is one number.
  std::vector<std::string> OutputsOf(uint32_t vertex) const;
};

inline constexpr size_t kOutputsMax = 64;

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_MAPPING_H_
