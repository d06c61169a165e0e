#ifndef QIPU_TESTS_INGEST_GUILD_H_
#define QIPU_TESTS_INGEST_GUILD_H_

#include <gmock/gmock.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "graph/store.h"
#include "ingest/import.h"
#include "tests/ingest/files.h"

namespace qipu::ingest {

// An invented registry of invented firms, small enough to know everything about it.

inline const char kGuildMapping[] = R"({
  "source": "guild",
  "version": 1,
  "title": "A guild's register",
  "licence": "CC0",
  "nulls": ["none"],
  "columns": {
    "code": {"type": "identifier", "schemes": {"lei": "lei"}},
    "name": {"header": ["firm", "firm name"], "required": true},
    "founded": {"type": "date", "on_error": "null"},
    "staff": {"type": "int"},
    "capital": {
      "type": "amount",
      "on_error": "null",
      "words": {"kcrown": {"currency": "CNY", "factor": 1000}, "": {"factor": 1}}
    },
    "town": {},
    "trades": {"type": "list", "separator": "/", "values": {"m": "Manufacturer", "i": "Integrator"}}
  },
  "ignore": ["clerk"],
  "vertices": {
    "firm": {
      "label": "Company",
      "key": ["code.key", {"scheme": "guild-local", "of": ["name", "founded"]}],
      "properties": {
        "name": "name",
        "founded": "founded",
        "employees": "staff",
        "registered_capital_cny": "capital.CNY",
        "registered_capital_stated": "capital.stated",
        "unverified_code": "code.unverified",
        "unverified_code_reason": "code.reason",
        "status": {"value": "registered"}
      },
      "labels": [{"from": "trades"}]
    }
  },
  "edges": [
    {
      "type": "LOCATED_IN",
      "from": "firm",
      "to": {"label": "District", "key": "town"},
      "multiplicity": "one",
      "properties": {"method": {"value": "declared"}}
    }
  ]
})";

inline const char kGuildHeader[] = "code,firm,founded,staff,capital,town,trades,clerk\n";

inline const char kTownMapping[] = R"({
  "source": "towns",
  "version": 1,
  "title": "Towns",
  "licence": "CC0",
  "columns": {"code": {"required": true}, "name": {}},
  "vertices": {"town": {"label": "District", "key": "code", "properties": {"name": "name"}}}
})";

/// Everything in a database but what depends on nothing that users see: every vertex with labels
/// and properties, every edge, every ledger entry. Equal dumps are equal databases.
inline std::string Dump(const graph::Snapshot& snapshot) {
  std::ostringstream out;
  const auto& catalog = snapshot.catalog();
  auto vertices = snapshot.ScanVertices();
  while (vertices.Next()) {
    const auto& vertex = vertices.vertex();
    out << vertex.id.value;
    for (const auto label : vertex.labels) out << " :" << catalog.NameOf(label);
    for (const auto& [id, value] : vertex.properties) {
      out << "\n  " << catalog.NameOf(id) << " = " << value.ToString();
    }
    const auto types = *snapshot.EdgeTypesAt(vertex.id, graph::Direction::kOut);
    for (const auto type : types) {
      const auto ends = *snapshot.Neighbours(vertex.id, type, graph::Direction::kOut);
      for (const auto& end : ends) {
        out << "\n  -" << catalog.NameOf(type) << "-> " << end.vertex.value << " #" << end.rank;
        const auto properties = *snapshot.EdgeProperties({vertex.id, type, end.vertex, end.rank});
        for (const auto& [id, value] : properties) {
          out << " " << catalog.NameOf(id) << " = " << value.ToString();
        }
      }
    }
    out << "\n";
  }
  EXPECT_TRUE(vertices.status().ok());
  auto ledger = snapshot.ScanLedger("");
  while (ledger.Next()) {
    out << graph::JsonQuote(ledger.key()) << ": " << graph::JsonQuote(ledger.value()) << "\n";
  }
  EXPECT_TRUE(ledger.status().ok());
  return out.str();
}

/// A database with the default schema and two towns, T1 and T2, and the guild's mapping.
class GuildTest : public testing::Test {
 protected:
  void SetUp() override {
    MakeDatabase("guild.db");
    store_ = Open("guild.db");
    source_ = LoadSource("guild.json", kGuildMapping);
  }

  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  /// A file of the guild with these lines.
  std::string WriteGuild(const std::string& name, const std::string& lines) const {
    return Write(name, kGuildHeader + lines);
  }
  std::unique_ptr<Source> LoadSource(const std::string& name, const std::string& text) const {
    auto source = Source::Load(Write(name, text), QIPU_SOURCE_DIR "/schemas");
    EXPECT_TRUE(source.ok()) << source.error().message;
    return source.ok() ? std::make_unique<Source>(*std::move(source)) : nullptr;
  }
  void MakeDatabase(const std::string& name) const {
    std::ifstream file(QIPU_SOURCE_DIR "/schemas/graph.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto schema = graph::Schema::Parse(text.str(), "graph.json");
    ASSERT_TRUE(schema.ok()) << schema.error().message;
    ASSERT_TRUE(graph::Store::Create(Path(name), *schema, {}).ok());
    const auto towns = LoadSource("towns.json", kTownMapping);
    const auto store = Open(name);
    const auto report =
        Import(*store, *towns, Files({Write("towns.csv", "code,name\nT1,Ashby\nT2,Birkin\n")}), {});
    ASSERT_TRUE(report.ok()) << report.error().message;
  }
  std::unique_ptr<graph::Store> Open(const std::string& name) const {
    auto store = graph::Store::Open(Path(name), {});
    EXPECT_TRUE(store.ok()) << store.error().message;
    return store.ok() ? *std::move(store) : nullptr;
  }
  static std::vector<ImportFile> Files(const std::vector<std::string>& paths) {
    std::vector<ImportFile> files;
    for (const auto& path : paths) {
      files.push_back({path, path.substr(path.rfind('/') + 1)});
    }
    return files;
  }
  Result<ImportReport> ImportGuild(const std::vector<std::string>& paths,
                                   const ImportOptions& options = {}) {
    return Import(*store_, *source_, Files(paths), options);
  }
  std::string DumpStore() const { return Dump(store_->TakeSnapshot()); }

  ScratchFolder folder_;
  std::unique_ptr<graph::Store> store_;
  std::unique_ptr<Source> source_;
};

}  // namespace qipu::ingest

#endif  // QIPU_TESTS_INGEST_GUILD_H_
