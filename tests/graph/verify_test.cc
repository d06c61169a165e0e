#include "graph/verify.h"

#include <gmock/gmock.h>

#include "graph/rocks/database.h"
#include "graph/rocks/rocks.h"
#include "graph/verify/verify.h"
#include "tests/graph/dump.h"
#include "tests/graph/fresh_store.h"
#include "tests/graph/told.h"

namespace qipu::graph {
namespace {

using rocks::Family;
using testing::HasSubstr;

/// Three firms (0, 1, 3) and a city (2); firm 0 knows 1 and 3, 1 knows 1 and owns 3 with a share;
/// a second commit adds firm 3 and what leads to it. A ledger entry.
void Fill(Store& store) {
  Transaction t = store.Begin();
  const LabelId firm = t.Label("Firm");
  const EdgeTypeId knows = t.EdgeType("KNOWS");
  EXPECT_OK(t.MergeVertex(t.Label("Maker"), "a"));
  EXPECT_OK(t.MergeVertex(firm, "b"));
  EXPECT_OK(t.MergeVertex(t.Label("City"), "c"));
  EXPECT_OK(t.PutEdge({{0}, knows, {1}}, {}));
  EXPECT_OK(t.PutEdge({{1}, knows, {1}}, {}));
  t.PutLedger("entry", "text");
  EXPECT_OK(t.Commit());
  Transaction u = store.Begin();
  EXPECT_OK(u.MergeVertex(firm, "d"));
  EXPECT_OK(u.PutEdge({{0}, knows, {3}}, {}));
  EXPECT_OK(u.PutEdge({{1}, u.EdgeType("OWNS"), {3}}, {{u.Property("share"), Value(0.5)}}));
  EXPECT_OK(u.Commit());
}

struct Filled {
  Filled() {
    const auto store = MakeStore(directory.path());
    Fill(*store);
    text = DumpOf(store->TakeSnapshot());
    const Snapshot snapshot = store->TakeSnapshot();
    firm = *snapshot.catalog().FindLabel("Firm");
    maker = *snapshot.catalog().FindLabel("Maker");
    knows = *snapshot.catalog().FindEdgeType("KNOWS");
    owns = *snapshot.catalog().FindEdgeType("OWNS");
    id = *snapshot.catalog().FindProperty("id");
  }
  VerifyReport Verify(Repair repair = Repair::kNo) const {
    auto report = graph::Verify(directory.path(), {}, {.repair = repair});
    EXPECT_OK(report);
    return report.ok() ? *std::move(report) : VerifyReport();
  }
  std::string Dump() const { return DumpOf(OpenStore(directory.path())->TakeSnapshot()); }

  FreshDirectory directory;
  std::string text;
  LabelId firm, maker;
  EdgeTypeId knows, owns;
  PropertyId id;
};

std::string ListOf(std::vector<uint64_t> vertices, EdgeTypeId type = {}) {
  rocks::List list;
  for (const uint64_t vertex : vertices) list.push_back({VertexId{vertex}, 0, type});
  std::string bytes;
  rocks::AppendList(bytes, list);
  return bytes;
}

std::string DictionaryKey(LabelId label, std::string_view key) {
  std::string bytes;
  rocks::AppendDictionaryKey(bytes, label, key);
  return bytes;
}

TEST(Verify, SoundDatabasesAreClean) {
  const Filled filled;
  const VerifyReport report = filled.Verify();
  EXPECT_TRUE(report.clean()) << Told(report);
  EXPECT_EQ(report.vertices, 4u);
  EXPECT_EQ(report.edges, 4u);
  EXPECT_EQ(report.keys, 4u);
  EXPECT_EQ(report.changes, 2u);
  EXPECT_EQ(report.ledger_entries, 1u);
  EXPECT_GT(report.tables, 0u);
  const VerifyReport again = filled.Verify(Repair::kYes);
  EXPECT_TRUE(again.clean() && !again.repaired);
}

std::string Row(uint64_t vertex) { return std::string(rocks::VertexKey({vertex}).bytes()); }

struct Damage {
  const char* name;
  std::function<void(const Filled&, rocks::Batch&)> make;
  uint64_t derived, lost;
  const char* told;
  bool restored;                            // after a repair the graph reads as before
  std::optional<uint64_t> lost_after = {};  // by a repair; else as before
};

const Damage kDamages[] = {
    {"a key is gone",
     [](const Filled& f, rocks::Batch& b) { b.Delete(Family::kKeys, DictionaryKey(f.firm, "b")); },
     1, 0, "the key of Firm 'b', vertex 1, is not in the dictionary", true},
    {"a key leads elsewhere",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kKeys, DictionaryKey(f.firm, "b"), std::string(1, '\2'));
     },
     2, 0, "leads to vertex 2, which has no such key", true},
    {"a key of nobody",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kKeys, DictionaryKey(f.firm, "z"), std::string(1, '\1'));
     },
     1, 0, "the key of Firm 'z' leads to vertex 1", true},
    {"a key row can't be read",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kKeys, DictionaryKey(f.firm, "b"), "\xFF");
     },
     1, 0, "derived keys", true},
    {"a label list lacks a vertex",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kLabels, rocks::LabelRowKey(f.firm, 0).bytes(), ListOf({0, 3}));
     },
     1, 0, "the list of label Firm lacks vertex 1", true},
    {"a label list has a vertex too much",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kLabels, rocks::LabelRowKey(f.firm, 0).bytes(), ListOf({0, 1, 2, 3, 9}));
     },
     2, 0, "has vertex 9, which is none of it", true},
    {"a label list can't be read",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kLabels, rocks::LabelRowKey(f.firm, 0).bytes(), "?");
     },
     1, 0, "the list can't be read", true},
    {"a label list has types",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kLabels, rocks::LabelRowKey(f.firm, 0).bytes(), ListOf({0, 1, 3}, {1}));
     },
     1, 0, "the list can't be read", true},
    {"an edge is missing at its target",
     [](const Filled& f, rocks::Batch& b) { b.Put(Family::kIn, Row(1), ListOf({1}, f.knows)); }, 1,
     0, "from vertex 0 to vertex 1 is not in the list of its target", true},
    {"a target lists an edge that is none",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kIn, Row(2), ListOf({0, 3}, f.knows));
     },
     2, 0, "from vertex 3 to vertex 2 is not in the list of its source", true},
    {"a list of a target can't be read",
     [](const Filled&, rocks::Batch& b) { b.Put(Family::kIn, Row(1), "\1\xFF"); }, 1, 0,
     "derived in", true},
    {"a list of a source can't be read",
     [](const Filled&, rocks::Batch& b) { b.Put(Family::kOut, Row(0), "?"); }, 1, 1, "derived out",
     true, 0},
    {"a list of a source with two types and properties can't be read",
     [](const Filled&, rocks::Batch& b) { b.Put(Family::kOut, Row(1), "?"); }, 1, 1,
     "a repair makes the list anew without them", false, 1},  // OWNS lacks its share then
    {"an edge lacks a property",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kOut, Row(1), ListOf({3}, f.owns));
       b.Put(Family::kIn, Row(1), ListOf({0}, f.knows));
     },
     2, 1, "from vertex 1 to vertex 3: a OWNS lacks the required property 'share'", false},
    {"an edge leads to a vertex that is not there",
     [](const Filled& f, rocks::Batch& b) {
       b.Put(Family::kOut, Row(3), ListOf({77}, f.knows));
       b.Put(Family::kIn, Row(77), ListOf({3}, f.knows));
     },
     2, 1, "from vertex 3 to vertex 77: vertex 77 does not exist", false},
    {"a list of a target has properties",
     [](const Filled& f, rocks::Batch& b) {
       std::string row;
       rocks::AppendList(row, rocks::List{{{0}, 0, f.knows, "p"}, {{1}, 0, f.knows}});
       b.Put(Family::kIn, Row(1), row);
     },
     1, 0, "derived in", true},
    {"properties that can't be read",
     [](const Filled& f, rocks::Batch& b) {
       std::string row;
       rocks::AppendList(row, rocks::List{{{3}, 0, f.owns, "\x09"}, {{1}, 0, f.knows}});
       b.Put(Family::kOut, Row(1), row);
     },
     0, 1, "the properties of the edge from vertex 1 to vertex 3 can't be read", false},
    {"properties of a name that is not there",
     [](const Filled& f, rocks::Batch& b) {
       std::string row, properties;
       rocks::AppendProperties(properties, {{{999}, Value(true)}});
       rocks::AppendList(row, rocks::List{{{3}, 0, f.owns, properties}, {{1}, 0, f.knows}});
       b.Put(Family::kOut, Row(1), row);
     },
     0, 1, "the properties of the edge from vertex 1 to vertex 3 can't be read", false},
    {"a vertex that can't be read",
     [](const Filled&, rocks::Batch& b) {
       b.Put(Family::kVertices, rocks::VertexKey({1}).bytes(), "\xFF\xFF");
     },
     0, 1, "the row of vertex 1 can't be read", false},
    {"a vertex of a name that is not there",
     [](const Filled&, rocks::Batch& b) {
       std::string row;
       rocks::AppendVertexRow(row, {{999}}, {});
       b.Put(Family::kVertices, rocks::VertexKey({1}).bytes(), row);
     },
     0, 1, "the row of vertex 1 can't be read", false},
    {"a vertex is gone",
     [](const Filled&, rocks::Batch& b) {
       b.Delete(Family::kVertices, rocks::VertexKey({1}).bytes());
     },
     4, 4, "vertex 1 does not exist", false},
    {"two vertices of the same key",
     [](const Filled& f, rocks::Batch& b) {
       std::string row;
       rocks::AppendVertexRow(row, {f.firm}, {{f.id, Value("b")}});
       b.Put(Family::kVertices, rocks::VertexKey({3}).bytes(), row);
     },
     1, 1, "vertices 1 and 3 are both Firm 'b'", false},
    {"the change log has a gap",
     [](const Filled&, rocks::Batch& b) {
       b.Delete(Family::kChanges, rocks::ChangeKey(1).bytes());
     },
     0, 1, "the change log lacks epoch 1", true},
    {"the change log ends early",
     [](const Filled&, rocks::Batch& b) {
       b.Delete(Family::kChanges, rocks::ChangeKey(2).bytes());
     },
     0, 1, "the change log lacks epoch 2", true},
    {"the change log runs ahead",
     [](const Filled&, rocks::Batch& b) {
       std::string row;
       rocks::AppendCommit(row, Change());
       b.Put(Family::kChanges, rocks::ChangeKey(5).bytes(), row);
     },
     0, 1, "a change of epoch 5, but the graph is at epoch 2", true},
    {"a change can't be read",
     [](const Filled&, rocks::Batch& b) {
       b.Put(Family::kChanges, rocks::ChangeKey(1).bytes(), "?");
     },
     0, 1, "the change can't be read", true},
    {"all edges of a target are gone",
     [](const Filled&, rocks::Batch& b) {
       b.Delete(Family::kIn, Row(1));
       b.Delete(Family::kIn, Row(3));
     },
     4, 0, "from vertex 1 to vertex 3 is not in the list of its target", true},
};

TEST(Verify, FindsEachKindOfDamageAndRepairsWhatIsDerived) {
  for (const Damage& c : kDamages) {
    SCOPED_TRACE(c.name);
    const Filled filled;
    {
      const auto database = *rocks::Database::Open(filled.directory.path(), {});
      rocks::Batch batch;
      c.make(filled, batch);
      EXPECT_OK(database->Apply(batch, database->current()->head()));
    }
    const VerifyReport report = filled.Verify();
    EXPECT_EQ(report.derived, c.derived) << Told(report);
    EXPECT_EQ(report.lost, c.lost) << Told(report);
    EXPECT_THAT(Told(report), HasSubstr(c.told));
    EXPECT_FALSE(report.repaired);
    const VerifyReport repair = filled.Verify(Repair::kYes);
    EXPECT_EQ(repair.repaired, c.derived > 0);
    const VerifyReport after = filled.Verify();
    EXPECT_EQ(after.derived, 0u) << Told(after);
    EXPECT_EQ(after.lost, c.lost_after.value_or(c.lost)) << Told(after);
    if (c.restored) {
      EXPECT_EQ(filled.Dump(), filled.text);
    }
  }
}

TEST(Verify, FindsWrongCountsAndAVertexBoundThatIsTooLow) {
  const Filled filled;
  {
    const auto database = *rocks::Database::Open(filled.directory.path(), {});
    rocks::Batch batch;
    rocks::Head head = database->current()->head();
    head.counters.vertices = 9;
    head.counters.edges = 8;
    head.counters.per_label[filled.maker.value] = 7;
    head.counters.per_type[filled.knows.value] = 6;
    head.next_vertex = 3;
    EXPECT_OK(database->Apply(batch, head));
  }
  const VerifyReport report = filled.Verify(Repair::kYes);
  EXPECT_EQ(report.derived, 5u) << Told(report);
  for (const char* told :
       {"the count of vertices is 9, but there are 4", "the count of edges is 8, but there are 4",
        "the count of label Maker is 7, but there are 1",
        "the count of edge type KNOWS is 6, but there are 3",
        "the next new vertex would get number 3, but there is a vertex 3"}) {
    EXPECT_THAT(Told(report), HasSubstr(told));
  }
  EXPECT_TRUE(filled.Verify().clean());
  EXPECT_EQ(filled.Dump(), filled.text);
}

TEST(Verify, TellsSoManyFindingsAndCountsAll) {
  const Filled filled;
  {
    const auto database = *rocks::Database::Open(filled.directory.path(), {});
    rocks::Batch batch;
    std::string row;
    rocks::AppendVarint(row, 1);
    for (int i = 0; i < 50; ++i) {
      batch.Put(Family::kKeys, DictionaryKey(filled.firm, "x" + std::to_string(i)), row);
    }
    EXPECT_OK(database->Apply(batch, database->current()->head()));
  }
  const auto report = graph::Verify(filled.directory.path(), {}, {.findings_max = 10});
  EXPECT_OK(report);
  EXPECT_EQ(report->findings.size(), 10u);
  EXPECT_EQ(report->derived, 50u);
}

TEST(Verify, ChecksWhatALoadBrought) {
  const Filled filled;
  {
    const auto store = OpenStore(filled.directory.path());
    auto load = store->BeginLoad({});
    EXPECT_OK(load);
    for (int i = 0; i < 70000; ++i) {
      const auto vertex = load->AddVertex({{filled.firm}},
                                          {{load->Property("id"), Value("f" + std::to_string(i))}});
      EXPECT_OK(load->AddEdge(*vertex, filled.knows, {static_cast<uint64_t>(i % 4)}, {}));
    }
    EXPECT_OK(load->Publish());
  }
  const VerifyReport report = filled.Verify();
  EXPECT_TRUE(report.clean()) << Told(report);
  EXPECT_EQ(report.edges, 70004u);
}

TEST(Verify, WorksBesideAWriterAndRepairsAlone) {
  const Filled filled;
  const auto writer = OpenStore(filled.directory.path());
  EXPECT_TRUE(filled.Verify().clean());
  EXPECT_FAILS(graph::Verify(filled.directory.path(), {}, {.repair = Repair::kYes}),
               ErrorCode::kBusy, "another process");
  EXPECT_FAILS(graph::Verify(filled.directory.File("none"), {}, {}), ErrorCode::kNotFound,
               "qipu init");
}

TEST(SetComparison, TellsWhatIsOnlyOnOneSide) {
  verify::SetComparison sets;
  const auto show = [&sets] {
    for (int i = 0; i < 10000; ++i) {
      const std::string item = std::to_string(i);
      if (i % 1000 != 1) sets.Add(verify::Side::kTruth, item);
      if (i % 1000 != 2) sets.Add(verify::Side::kDerived, item);
    }
  };
  show();
  sets.EndSums();
  std::vector<std::string> truth, derived;
  while (sets.Choose()) {
    show();
    for (const auto& difference : sets.TakeDifferences()) {
      (difference.only_in == verify::Side::kTruth ? truth : derived).push_back(difference.item);
    }
  }
  EXPECT_EQ(truth.size(), 10u);
  EXPECT_EQ(derived.size(), 10u);
  EXPECT_THAT(truth, testing::Contains("2002"));
  EXPECT_THAT(derived, testing::Contains("2001"));
}

}  // namespace
}  // namespace qipu::graph
