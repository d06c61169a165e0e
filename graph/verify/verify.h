#ifndef QIPU_GRAPH_VERIFY_VERIFY_H_
#define QIPU_GRAPH_VERIFY_VERIFY_H_

#include <array>
#include <bitset>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/rocks/database.h"
#include "graph/rocks/indexes.h"
#include "graph/rocks/rocks.h"
#include "graph/verify.h"

namespace qipu::graph::verify {

// --- comparison.cc -----------------------------------------------------------------------------

/// Which of two accounts of the same thing an item was found in.
enum class Side : uint8_t { kTruth, kDerived };

/// Finds where two sets of byte strings differ, in memory that does not grow with them: sums of
/// hashes by bucket first; where sums differ, the sets are shown again and their items compared.
///
///   show both; c.EndSums();
///   while (c.Choose()) { show both again; Use(c.TakeDifferences()); }
class SetComparison {
 public:
  struct Difference {
    std::string item;
    Side only_in;
  };

  void Add(Side side, std::string_view item);
  /// Items shown from here on are ignored, unless their bucket is chosen.
  void EndSums() { collecting_ = true; }
  /// Picks buckets that differ, as many as fit in memory; false when none is left.
  bool Choose();
  /// Ascending by item.
  std::vector<Difference> TakeDifferences();

 private:
  static constexpr size_t kBuckets = size_t{1} << 16;
  static constexpr uint64_t kItemsMax = uint64_t{1} << 20;
  struct Bucket {
    std::array<uint64_t, 2> sums = {}, counts = {};
  };
  std::vector<Bucket> buckets_ = std::vector<Bucket>(kBuckets);
  std::bitset<kBuckets> chosen_;
  size_t next_ = 0;  // buckets below it were chosen or are equal
  bool collecting_ = false;
  std::vector<Difference> items_;
};

/// A set of vertex ids: a bit for each id near one that is there.
class VertexSet {
 public:
  void Insert(VertexId vertex);
  bool Has(VertexId vertex) const;

 private:
  static constexpr int kBits = 16;
  using Chunk = std::bitset<size_t{1} << kBits>;
  std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
};

// --- scan.cc -----------------------------------------------------------------------------------

/// Whether `family` is made from `vertices` and `out`.
bool IsDerived(rocks::Family family);

/// The findings of one verification.
class Findings {
 public:
  Findings(VerifyReport& report, size_t told_max) : report_(report), told_max_(told_max) {}
  void Add(Severity severity, std::string place, std::string_view key, std::string problem);
  void Add(Severity severity, rocks::Family family, std::string_view key, std::string problem) {
    Add(severity, std::string(rocks::FamilyName(family)), key, std::move(problem));
  }

 private:
  VerifyReport& report_;
  const size_t told_max_;
};

/// Rows are judged when they are seen first; later scans only fill the comparisons.
enum class Round { kFirst, kAgain };

/// Reads every row once per round, and keeps what the rows say together.
class Scanner {
 public:
  Scanner(const rocks::View& view, VerifyReport& report, Findings& findings);

  Status Vertices(Round round);
  Status Keys(Round round);
  Status Labels(Round round);
  Status Out(Round round);
  Status In(Round round);
  Status IndexValues(Round round);
  Status Postings(Round round);
  Status Ledger();
  Status Changes();

  SetComparison labels, keys, edges;  // of (label, vertex), (label, vertex, key), (edge)
  SetComparison values, postings;     // of keys in `indexes`, of packed postings
  rocks::Counters counted;            // from vertices and out
  uint64_t vertex_bound = 0;          // above every vertex that is there
  VertexSet unreadable;               // their rows are there but say nothing
  /// Rows whose bytes say nothing, of the families that a repair can rebuild.
  std::map<rocks::Family, std::set<std::string, std::less<>>> bad_rows;
  /// Families that can't be read to their end.
  std::set<rocks::Family> broken;

 private:
  template <class Use>
  Status ForEachRow(rocks::Family family, Use use);
  void Bad(Round round, Severity severity, rocks::Family family, std::string_view key,
           const std::string& problem);
  void CheckVertex(const Vertex& vertex, std::string_view key);
  void ShowVertex(const Vertex& vertex);
  void CheckEdge(const EdgeRef& edge, std::string_view key);
  void CheckEdgeProperties(const EdgeRef& edge, std::string_view key, std::string_view encoded);
  Status Adjacency(rocks::Family family, Round round);

  const rocks::View& view_;
  VerifyReport& report_;
  Findings& findings_;
  VertexSet present_;
  std::string item_;
  rocks::IndexEntries entries_;
};

// --- differences.cc ----------------------------------------------------------------------------

/// What has to be written so that derived rows agree with what they are derived from.
struct Repairs {
  std::map<rocks::Family, std::map<std::string, rocks::ListDelta>> lists;  // by row
  std::set<std::string> key_deletes;
  std::map<std::string, VertexId> key_puts;
  std::set<std::string> index_deletes, index_puts;  // rows of `indexes`
};

/// Tells how the comparisons of `scanner` come out, and collects `repairs` unless that is null.
Status TellDifferences(const rocks::View& view, Scanner& scanner, Findings& findings,
                       Repairs* repairs);

// --- verify.cc ---------------------------------------------------------------------------------

/// All of Verify but the logs, on an open database.
Status Check(rocks::Database& database, const VerifyOptions& options, VerifyReport& report);

}  // namespace qipu::graph::verify

#endif  // QIPU_GRAPH_VERIFY_VERIFY_H_
