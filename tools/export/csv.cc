#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <tuple>

#include "tools/export/export.h"

namespace qipu::tools {
namespace {

using graph::Direction;
using graph::Snapshot;
using graph::Vertex;

/// How a vertex is named in files: a label of its own dictionary, and the key there.
struct Home {
  std::string label, key;
};

/// One CSV file, its columns and its mapping.
struct Sheet {
  std::map<std::string, PropertyColumn> properties;
  std::unique_ptr<OutFile> out;
  std::string name;
  uint64_t rows = 0;
};

/// From label, edge type, to label; of vertices: label and two empty ones.
using SheetKey = std::tuple<std::string, std::string, std::string>;

enum class Pass { kLook, kWrite };

class CsvExport {
 public:
  CsvExport(const Snapshot& snapshot, std::string folder)
      : snapshot_(snapshot), folder_(std::move(folder)) {}

  Result<ExportReport> Run() {
    QIPU_TRY(MakeFolder(folder_));
    QIPU_TRY(Walk(Pass::kLook));
    QIPU_TRY(Begin(vertices_));
    QIPU_TRY(Begin(edges_));
    QIPU_TRY(Walk(Pass::kWrite));
    for (auto* sheets : {&vertices_, &edges_}) {
      for (auto& [key, sheet] : *sheets) {
        QIPU_TRY(sheet.out->Close());
        report_.files.push_back({sheet.name + ".csv", sheet.name + ".json", sheet.rows});
      }
    }
    QIPU_TRY(WriteFile(folder_ + "/schema.json", SchemaText(snapshot_.schema())));
    return std::move(report_);
  }

 private:
  void LeaveOut(const std::string& what) {
    if (report_.left_out++ == 0) report_.first_left_out = what;
  }

  /// Every label that files the vertex under a key of its own; the first is its home.
  std::vector<Home> HomesOf(const Vertex& vertex) const {
    std::vector<Home> homes;
    for (const graph::LabelId id : vertex.labels) {
      const std::string& name = snapshot_.catalog().NameOf(id);
      const graph::LabelSchema* label = snapshot_.schema().FindLabel(name);
      if (label == nullptr || label->key.empty() || !label->of.empty()) continue;
      const auto property = snapshot_.catalog().FindProperty(label->key);
      const graph::Value* key = property ? vertex.Find(*property) : nullptr;
      if (key == nullptr || key->AsString() == nullptr || !IsPlainText(*key->AsString())) continue;
      homes.push_back({name, *key->AsString()});
    }
    return homes;
  }

  /// The labels by which the schema lets an edge of the type lead from one to the other.
  std::pair<Home, Home> EndsOf(const std::string& type, const std::vector<Home>& from,
                               const std::vector<Home>& to) const {
    const graph::EdgeSchema* edge = snapshot_.schema().FindEdge(type);
    for (const Home& a : from) {
      for (const Home& b : to) {
        if (edge == nullptr || edge->ends.empty() ||
            std::ranges::find(edge->ends, std::pair(a.label, b.label)) != edge->ends.end()) {
          return {a, b};
        }
      }
    }
    return {from.front(), to.front()};
  }

  Status Walk(Pass pass) {
    auto cursor = snapshot_.ScanVertices();
    while (cursor.Next()) {
      const Vertex& vertex = cursor.vertex();
      const auto homes = HomesOf(vertex);
      if (homes.empty()) {
        if (pass == Pass::kWrite) {
          LeaveOut("vertex " + std::to_string(vertex.id.value) + " has no label with a key");
        }
      } else {
        TakeVertex(pass, vertex, homes.front());
      }
      QIPU_TRY(TakeEdges(pass, vertex, homes));
    }
    if (!cursor.status().ok()) return cursor.status().error();
    return Ok{};
  }

  void TakeProperties(Pass pass, Sheet& sheet, const graph::Properties& properties,
                      const std::string& of, const std::string& skip,
                      std::map<std::string, std::string>& fields) {
    for (const auto& [id, value] : properties) {
      const std::string& name = snapshot_.catalog().NameOf(id);
      if (name == skip) continue;
      if (pass == Pass::kLook) {
        if (PropertyColumn& column = sheet.properties[name]; !column.Take(value)) continue;
      } else if (sheet.properties[name].Carries(value)) {
        fields[name] = sheet.properties[name].TextOf(value);
      } else {
        LeaveOut(of + ", property '" + name + "': " + value.ToString());
      }
    }
  }

  static void WriteRow(Sheet& sheet, std::string line,
                       const std::map<std::string, std::string>& fields) {
    for (const auto& [name, column] : sheet.properties) {
      if (!column.used()) continue;
      line += ',';
      if (const auto field = fields.find(name); field != fields.end()) line += field->second;
    }
    sheet.out->Write(line + '\n');
    ++sheet.rows;
  }

  static std::map<std::string, std::string> Quoted(std::map<std::string, std::string> fields) {
    for (auto& [name, text] : fields) text = CsvField(text);
    return fields;
  }

  void TakeVertex(Pass pass, const Vertex& vertex, const Home& home) {
    Sheet& sheet = vertices_[{home.label, "", ""}];
    std::map<std::string, std::string> fields;
    TakeProperties(pass, sheet, vertex.properties, home.label + " '" + home.key + "'",
                   snapshot_.schema().FindLabel(home.label)->key, fields);
    if (pass == Pass::kLook) return;
    std::set<std::string> names;
    for (const graph::LabelId label : vertex.labels) {
      const std::string& name = snapshot_.catalog().NameOf(label);
      if (name == home.label) continue;
      if (IsPlainText(name) && name.find(';') == std::string::npos) {
        names.insert(name);
      } else {
        LeaveOut(home.label + " '" + home.key + "', label '" + name + "'");
      }
    }
    std::string labels;
    for (const std::string& name : names) labels += (labels.empty() ? "" : ";") + name;
    WriteRow(sheet, CsvField(home.key) + ',' + CsvField(labels), Quoted(std::move(fields)));
  }

  Status TakeEdges(Pass pass, const Vertex& vertex, const std::vector<Home>& homes) {
    for (const auto type : QIPU_TRY(snapshot_.EdgeTypesAt(vertex.id, Direction::kOut))) {
      const std::string& name = snapshot_.catalog().NameOf(type);
      for (const auto& other : QIPU_TRY(snapshot_.Neighbours(vertex.id, type, Direction::kOut))) {
        const auto target = QIPU_TRY(snapshot_.GetVertex(other.vertex));
        const auto to = target ? HomesOf(*target) : std::vector<Home>();
        const std::string of = "edge " + name + " from vertex " + std::to_string(vertex.id.value) +
                               " to vertex " + std::to_string(other.vertex.value);
        if (homes.empty() || to.empty() || other.rank != 0) {
          if (pass == Pass::kWrite) {
            LeaveOut(of +
                     (other.rank != 0 ? ": it is parallel to another" : ": an end has no key"));
          }
          continue;
        }
        const auto ends = EndsOf(name, homes, to);
        Sheet& sheet = edges_[{ends.first.label, name, ends.second.label}];
        std::map<std::string, std::string> fields;
        TakeProperties(pass, sheet,
                       QIPU_TRY(snapshot_.EdgeProperties({vertex.id, type, other.vertex, 0})), of,
                       "", fields);
        if (pass == Pass::kLook) continue;
        WriteRow(sheet, CsvField(ends.first.key) + ',' + CsvField(ends.second.key),
                 Quoted(std::move(fields)));
      }
    }
    return Ok{};
  }

  /// A name of letters, digits and what is not ASCII stands as it is in a file's name.
  static std::string FileWord(const std::string& name) {
    std::string word;
    for (const char c : name) {
      const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c < 0;
      word += plain ? c : '_';
    }
    return word;
  }

  std::string MappingOf(const SheetKey& key, const Sheet& sheet) const {
    const auto& [from, type, to] = key;
    const bool vertex = type.empty();
    std::string columns, settings;
    size_t number = 0;
    for (const auto& [name, column] : sheet.properties) {
      if (!column.used()) continue;
      const std::string id = "p" + std::to_string(number++);
      columns += ",\n    \"" + id + "\": " + column.Json(name);
      settings += (settings.empty() ? "" : ", ") + JsonText(name) + ": \"" + id + '"';
    }
    std::string json = "{\n  \"source\": " + JsonText("export-" + sheet.name) +
                       ",\n  \"version\": 1,\n  \"title\": " + JsonText("export of " + sheet.name) +
                       ",\n  \"licence\": \"as its sources\",\n  \"columns\": {\n";
    if (vertex) {
      return json + "    \"key\": {\"header\": \":key\", \"required\": true},\n" +
             "    \"labels\": {\"header\": \":labels\", \"type\": \"list\"}" + columns +
             "\n  },\n  \"vertices\": {\"vertex\": {\"label\": " + JsonText(from) +
             ", \"key\": \"key\", \"properties\": {" + settings +
             "}, \"labels\": [{\"from\": \"labels\"}]}}\n}\n";
    }
    return json + "    \"from\": {\"header\": \":from\", \"required\": true},\n" +
           "    \"to\": {\"header\": \":to\", \"required\": true}" + columns +
           "\n  },\n  \"edges\": [{\"type\": " + JsonText(type) +
           ", \"from\": {\"label\": " + JsonText(from) +
           ", \"key\": \"from\"}, \"to\": {\"label\": " + JsonText(to) +
           ", \"key\": \"to\"}, \"properties\": {" + settings + "}}]\n}\n";
  }

  Status Begin(std::map<SheetKey, Sheet>& sheets) {
    for (auto& [key, sheet] : sheets) {
      const auto& [from, type, to] = key;
      sheet.name = FileWord(from);
      if (!type.empty()) sheet.name += '-' + FileWord(type) + '-' + FileWord(to);
      while (!names_.insert(sheet.name).second) sheet.name += '_';
      sheet.out = std::make_unique<OutFile>(folder_ + '/' + sheet.name + ".csv");
      std::string header = type.empty() ? ":key,:labels" : ":from,:to";
      for (const auto& [name, column] : sheet.properties) {
        if (column.used()) header += ',' + CsvField(name);
      }
      sheet.out->Write(header + '\n');
      QIPU_TRY(WriteFile(folder_ + '/' + sheet.name + ".json", MappingOf(key, sheet)));
    }
    return Ok{};
  }

  const Snapshot& snapshot_;
  const std::string folder_;
  std::map<SheetKey, Sheet> vertices_, edges_;
  std::set<std::string> names_;
  ExportReport report_;
};

}  // namespace

Result<ExportReport> ExportCsv(const Snapshot& snapshot, const std::string& folder) {
  return CsvExport(snapshot, folder).Run();
}

}  // namespace qipu::tools
