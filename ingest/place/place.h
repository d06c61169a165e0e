#ifndef QIPU_INGEST_PLACE_PLACE_H_
#define QIPU_INGEST_PLACE_PLACE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/status.h"
#include "graph/value.h"

namespace qipu::ingest {

/// One row of a table of regions: a province, city or county-level unit and the years it existed.
struct Region {
  std::string code;    ///< GB/T 2260, or `scheme:value`
  std::string name;
  std::string level;   ///< province, city, county (as the table has it)
  std::string parent;  ///< code; empty for the top
  int first_year = 0;
  int last_year = 0;                    ///< 0: in force
  std::vector<std::string> successors;  ///< codes, `code@year` for a part that left in that year
};

/// Places that are no region but lie in one: development zones, new areas, islands.
struct PlaceAlias {
  std::string name;
  std::string code;    ///< the region it lies in
  std::string within;  ///< code of the region it must be mentioned in, or empty
};

/// How a place was found. Kept on the LOCATED_IN edge.
enum class PlaceMethod { kAddress, kCode, kDeclared };
std::string_view PlaceMethodName(PlaceMethod method);

struct Placing {
  std::string code;  ///< of a county-level unit in force at `date`
  PlaceMethod method = PlaceMethod::kAddress;
  double confidence = 0;                   ///< in [0, 1]; see ingest/README.md for what earns what
  std::string evidence;                    ///< the words, or the code, that decided
  std::vector<std::string> alternatives;   ///< other units the evidence allows, best first
};

/// What is known of a record when it is placed; empty what isn't.
struct PlaceQuery {
  std::string_view address;
  std::string_view province;  ///< column of the source, e.g. 广东
  std::string_view city;      ///< column of the source, e.g. 广州 (sources also put districts here)
  std::string_view name;      ///< the holder's name: its place words are the weakest evidence
  std::string_view code;      ///< region code from an identifier; may be retired or unknown
};

/// Finds the county-level unit of an address. Immutable after Make; shared by threads.
class Gazetteer {
 public:
  /// Errors: kInvalidArgument: a parent or successor that is not in the table.
  static Result<std::unique_ptr<Gazetteer>> Make(std::vector<Region> regions,
                                                 std::vector<PlaceAlias> aliases);
  virtual ~Gazetteer() = default;

  /// The unit in force in the table's newest year, from address first, then code; null when the
  /// evidence names no single county-level unit.
  virtual std::optional<Placing> Place(const PlaceQuery& query) const = 0;
  /// From the address (with province, city and name) alone.
  virtual std::optional<Placing> PlaceByAddress(const PlaceQuery& query) const = 0;
  /// From the code alone: itself when in force, else its one successor chain's end; null for an
  /// unknown code, one that is no county-level unit, and a retired one split among several.
  virtual std::optional<Placing> PlaceByCode(std::string_view code) const = 0;
  /// True for a county-level unit that exists today.
  virtual bool InForce(std::string_view code) const = 0;
  /// The row of a code (the newest where a code was used twice), or null.
  virtual const Region* Find(std::string_view code) const = 0;
};

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_PLACE_PLACE_H_
