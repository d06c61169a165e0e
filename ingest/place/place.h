#ifndef QIPU_INGEST_PLACE_PLACE_H_
#define QIPU_INGEST_PLACE_PLACE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/json.h"
#include "graph/status.h"

namespace qipu::ingest {

/// One row of a table of regions: a unit of any level and the years it existed.
struct Region {
  std::string code;  ///< GB/T 2260, or `scheme:value`
  std::string name;
  std::string level;   ///< as the table has it, e.g. province, city, county
  std::string parent;  ///< code; empty for the top
  int first_year = 0;
  int last_year = 0;                    ///< 0: in force
  std::vector<std::string> successors;  ///< codes, `code@year` for a part that left in that year
  std::string place = {};               ///< where the row stands, for messages: `r.csv:9: `
};

/// Places that are no region but lie in one: development zones, new areas, customary short names.
/// Rows with the same name and `within` but different codes make the name ambiguous.
struct PlaceAlias {
  std::string name;
  std::string code;        ///< the region it lies in
  std::string within;      ///< code of the region it must be mentioned in, or empty
  bool certain = true;     ///< false: only the greater part lies in that region
  std::string place = {};  ///< where the row stands, for messages: `a.csv:9: `
};

/// How a country's addresses name regions. Every list may be empty.
struct PlaceRules {
  std::vector<std::string> suffixes;                ///< what a short name leaves out, e.g. 县
  std::vector<std::string> peoples;                 ///< named before a suffix, often left out
  std::vector<std::vector<std::string>> spellings;  ///< interchangeable endings of alias names
  std::vector<std::string> not_before;  ///< what makes a short name part of another: 路 in 北京路
  std::vector<std::string> skip_words;  ///< may stand between the regions of an address
  std::string skip_characters;          ///< the same, single characters
};

/// Reads the rules of a document such as schemas/reference/cn-place-rules.json.
/// Errors: kInvalidArgument, naming file, line and key: a missing, unknown or ill-typed key.
Result<PlaceRules> ReadPlaceRules(const graph::JsonNode& root);

/// How a place was found. Kept on the LOCATED_IN edge.
enum class PlaceMethod {
  kAddress,   ///< the address, or failing that the holder's name
  kCode,      ///< the region code of an identifier
  kDeclared,  ///< the source's own column
};
std::string_view PlaceMethodName(PlaceMethod method);

/// Confidence by what decided. On 113,884 registrations of 2019, against the region in their
/// codes, at least this share of each kind's answers agreed; of kConfidenceMostly, without two
/// registry-local codes that now name other units. Address and code together were not measured.
inline constexpr double kConfidenceAgreed = 0.99;    ///< address and code name the same unit
inline constexpr double kConfidenceChain = 0.97;     ///< full name, its city or province before it
inline constexpr double kConfidenceFull = 0.95;      ///< full name alone, unique in its context
inline constexpr double kConfidenceShort = 0.90;     ///< a short or a former name
inline constexpr double kConfidenceAlias = 0.85;     ///< a zone that lies wholly in the unit
inline constexpr double kConfidenceDistant = 0.90;   ///< a full name further on in the text
inline constexpr double kConfidenceMostly = 0.70;    ///< a zone that lies in it for the most part
inline constexpr double kConfidenceColumn = 0.65;    ///< the source's city column names the unit
inline constexpr double kConfidenceName = 0.80;      ///< only the holder's name does
inline constexpr double kConfidenceTieBreak = 0.85;  ///< the address allows several, the code one
inline constexpr double kConfidenceCode = 0.95;      ///< a code in force, nothing else
inline constexpr double kConfidenceSuccession = 0.90;  ///< a retired code with one successor

struct Placing {
  std::string code;  ///< of a leaf unit in force, see Gazetteer
  PlaceMethod method = PlaceMethod::kAddress;
  double confidence = 0;                  ///< one of kConfidence*
  std::string evidence;                   ///< the words, or the code, that decided
  std::vector<std::string> alternatives;  ///< other units the evidence allows, by code
};

/// What is known of a record when it is placed; empty what isn't.
struct PlaceQuery {
  std::string_view address;
  std::string_view province = {};  ///< column of the source, e.g. 广东
  std::string_view city = {};      ///< column of the source, e.g. 广州; may hold a district
  std::string_view name = {};      ///< the holder's name: its place words are the weakest evidence
  std::string_view code = {};      ///< region code from an identifier; may be retired or unknown
  int year = 0;                    ///< in which `code` was valid; 0: unknown
};

/// Finds the unit of an address. Immutable after Make; shared by threads.
///
/// A leaf is a region that no other region of its time lies in, and that lies in one itself:
/// a county-level unit, or a city without any (东莞). Answers are leaves in force.
class Gazetteer {
 public:
  /// Errors: kInvalidArgument: no regions; a parent, a successor or an alias' code that is not in
  /// the table; a successor's year that is no number; parents in a circle.
  static Result<std::unique_ptr<Gazetteer>> Make(std::vector<Region> regions,
                                                 std::vector<PlaceAlias> aliases,
                                                 const PlaceRules& rules);
  virtual ~Gazetteer() = default;

  /// From address first, then column, code, name; a code decides between several that the address
  /// allows. Null when the evidence names no single unit.
  virtual std::optional<Placing> Place(const PlaceQuery& query) const = 0;
  /// The same with `query.code` unseen.
  virtual std::optional<Placing> PlaceByAddress(const PlaceQuery& query) const = 0;
  /// From the code alone: itself when in force, else its one successor chain's end; null for an
  /// unknown code, one that is no leaf, and a retired one split among several.
  virtual std::optional<Placing> PlaceByCode(std::string_view code, int year = 0) const = 0;
  /// All leaves in force that a code valid in `year` leads to, sorted; several after a split.
  virtual std::vector<std::string> LeavesOf(std::string_view code, int year = 0) const = 0;
  /// True for a leaf that exists today.
  virtual bool InForce(std::string_view code) const = 0;
  /// The row of a code (the newest where a code was used twice), or null.
  virtual const Region* Find(std::string_view code) const = 0;
};

// --- Within this folder --------------------------------------------------------------------

using RowId = uint32_t;   // index of a row of the region table
using CodeId = uint32_t;  // index of a distinct code
inline constexpr CodeId kNoCode = UINT32_MAX;

/// Only so much of an address is read; places stand at its start.
inline constexpr size_t kAddressCharactersMax = 160;
inline constexpr size_t kAddressBytesMax = 4096;
/// Longer chains of parents or successors are taken for an error in the table.
inline constexpr size_t kRegionChainMax = 32;

/// The rows of the region table with their links resolved.
class RegionTable {
 public:
  static Result<RegionTable> Make(std::vector<Region> regions);

  const Region& row(RowId id) const { return rows_[id]; }
  size_t row_count() const { return rows_.size(); }
  CodeId code_of(RowId id) const { return codes_[id]; }
  /// kNoCode for an unknown code.
  CodeId FindCode(std::string_view code) const;
  RowId NewestRow(CodeId code) const { return rows_of_[code].back(); }
  /// The row of a code that held in `year`; the newest when none did or the year is 0.
  RowId RowAt(CodeId code, int year) const;
  /// Codes a row lies in, nearest first.
  const std::vector<CodeId>& above(RowId id) const { return above_[id]; }
  bool IsAbove(CodeId upper, RowId id) const;
  bool is_leaf(RowId id) const { return leaf_[id]; }
  bool in_force(RowId id) const { return rows_[id].last_year == 0; }
  /// Leaves in force that a leaf leads to, sorted; empty when part of it became no leaf.
  const std::vector<RowId>& leads_to(RowId id) const { return leads_to_[id]; }

 private:
  Status LinkParents();
  Status LinkSuccessors();
  void FindLeaves();
  void Follow(RowId from, size_t depth, std::vector<RowId>* ends) const;

  std::vector<Region> rows_;
  std::vector<CodeId> codes_;                // by row
  std::vector<std::vector<RowId>> rows_of_;  // by code, oldest first
  std::unordered_map<std::string, CodeId> code_ids_;
  std::vector<std::vector<CodeId>> above_;
  std::vector<std::vector<CodeId>> successors_;  // whole successions, not parts that left
  std::vector<bool> leaf_;
  std::vector<std::vector<RowId>> leads_to_;
};

/// Text as the matcher sees it: characters without blanks, with their places in the bytes.
struct PlaceText {
  std::array<char32_t, kAddressCharactersMax> characters;
  std::array<uint32_t, kAddressCharactersMax + 1> offsets;
  size_t size = 0;
  std::string_view bytes;

  /// Bytes that are no UTF-8 become U+FFFD one by one.
  explicit PlaceText(std::string_view text);
  std::string_view Slice(size_t from, size_t to) const;
};

/// How a name stands for a region; lower is stronger.
enum class NameForm : uint8_t {
  kFull,     // 彭水苗族土家族自治县
  kDerived,  // 彭水县
  kAlias,    // 广州 + 开发区
  kFormer,   // a full name no longer in force
  kShort,    // 彭水
  kFormerShort,
};

/// One reading of a name.
struct Meaning {
  NameForm form = NameForm::kFull;
  bool leaf = false;        // else it only narrows what follows
  bool certain = true;      // of an alias
  CodeId code = kNoCode;    // the region named
  CodeId within = kNoCode;  // of an alias: needed context
  CodeId top = kNoCode;     // the uppermost region it lies in, or itself
  int last_year = 0;
  std::vector<CodeId> above;    // codes that may stand before it
  std::vector<RowId> leads_to;  // leaves in force; of a leaf only

  bool IsIn(CodeId code) const;
};

/// Names to values by longest common start, one character a step.
class NameTrie {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  NameTrie();
  /// The value slot of a name, kNone until it is set.
  uint32_t* Slot(std::u32string_view name);
  /// Node after `character`, or 0; start from node 0.
  uint32_t Step(uint32_t node, char32_t character) const;
  uint32_t value(uint32_t node) const { return values_[node]; }

 private:
  uint32_t Append(uint32_t node, char32_t character);
  void Grow();
  size_t Place(uint64_t key) const;
  std::vector<uint32_t> values_;    // by node
  std::vector<uint64_t> keys_;      // open addressing: node << 21 | character
  std::vector<uint32_t> children_;  // beside keys_; 0 is free
};

/// All names of regions and aliases, with what each may mean.
class NameIndex {
 public:
  static Result<NameIndex> Make(const RegionTable& table, const std::vector<PlaceAlias>& aliases,
                                const PlaceRules& rules);
  struct Match {
    size_t length = 0;  // characters
    const std::vector<Meaning>* meanings = nullptr;
  };
  /// Names that start at `from`, longest first; at most kMatchesMax of them.
  static constexpr size_t kMatchesMax = 8;
  size_t MatchesAt(const PlaceText& text, size_t from, std::array<Match, kMatchesMax>* out) const;
  /// What the whole text means, or null.
  const std::vector<Meaning>* Whole(const PlaceText& text) const;
  /// Characters of the skip word or character at `from`; 0 for none.
  size_t SkipAt(const PlaceText& text, size_t from) const;
  /// True if the words at `from` make the short name before them part of another name.
  bool SpoilsShortName(const PlaceText& text, size_t from) const;

 private:
  void AddRegion(const RegionTable& table, RowId id, const PlaceRules& rules);
  void AddZoneTail(const RegionTable& table, RowId id, const PlaceRules& rules);
  Status AddAlias(const RegionTable& table, const PlaceAlias& alias, const PlaceRules& rules);
  void AddSpelt(const std::string& name, const Meaning& meaning, const PlaceRules& rules);
  void Add(std::string_view name, Meaning meaning);
  void DropOutdated();

  NameTrie names_;
  std::vector<std::vector<Meaning>> meanings_;
  NameTrie skips_;
  NameTrie spoilers_;
};

/// What the source's columns say of where a record lies.
struct PlaceContext {
  CodeId province = kNoCode;
  CodeId city = kNoCode;
  std::vector<RowId> leaves;  // when the city column names a leaf
};
PlaceContext ReadColumns(const NameIndex& index, const RegionTable& table, const PlaceQuery& query);

/// What an address says.
struct AddressReading {
  std::vector<RowId> leaves;  // sorted; one, or several that it allows
  NameForm form = NameForm::kFull;
  bool certain = true;
  bool adjacent = true;     // nothing unknown stands between it and the start or its region
  CodeId region = kNoCode;  // the narrowest region named before it
  std::string_view words;
};
enum class ReadMode { kAnywhere, kStartOnly };
AddressReading ReadAddress(const NameIndex& index, const RegionTable& table,
                           const PlaceContext& context, std::string_view text, ReadMode mode);

}  // namespace qipu::ingest

#endif  // QIPU_INGEST_PLACE_PLACE_H_
