#include "ingest/dump.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

#include "graph/json.h"
#include "ingest/read/reader.h"

namespace qipu::ingest {
namespace {

using graph::JsonNode;
using graph::Value;
using graph::VertexId;

constexpr const char* kDate = "$date";
constexpr const char* kDouble = "$numberDouble";

Result<Value> ReadValue(const JsonNode& node);

Result<Value> ReadTagged(const JsonNode& node) {
  QIPU_TRY(node.AllowOnly({kDate, kDouble}));
  if (const JsonNode* text = node.Find(kDate)) {
    const auto date = graph::Date::Parse(QIPU_TRY(text->String()));
    if (!date) return text->Complain("is no date such as 2018-05-04");
    return Value(*date);
  }
  const JsonNode* text = QIPU_TRY(node.Get(kDouble));
  const std::string name = QIPU_TRY(text->String());
  if (name == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (name == "Infinity") return Value(std::numeric_limits<double>::infinity());
  if (name == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
  return text->Complain("is none of NaN, Infinity and -Infinity");
}

Result<Value> ReadList(const JsonNode& node) {
  Value::List list;
  for (const JsonNode& item : *QIPU_TRY(node.Array())) {
    auto value = item.is_null() ? Result<Value>(Value()) : ReadValue(item);
    list.push_back(QIPU_TRY(std::move(value)));
  }
  return Value(std::move(list));
}

Result<Value> ReadValue(const JsonNode& node) {
  if (node.is_string()) return Value(QIPU_TRY(node.String()));
  if (node.is_bool()) return Value(QIPU_TRY(node.Bool()));
  if (node.is_array()) return ReadList(node);
  if (node.is_object()) return ReadTagged(node);
  if (!node.is_number()) return node.Complain("null is no value of a property");
  const auto whole = node.Int();
  if (whole.ok()) return Value(*whole);
  return Value(QIPU_TRY(node.Number()));
}

Result<uint64_t> ReadNumber(const JsonNode& node, const char* name) {
  const JsonNode* member = QIPU_TRY(node.Get(name));
  const int64_t number = QIPU_TRY(member->Int());
  if (number < 0) return member->Complain("must not be negative");
  return static_cast<uint64_t>(number);
}

constexpr const char* kSeal = "dump.json";

constexpr const char* kVertices = "vertices.ndjson";
constexpr const char* kEdges = "edges.ndjson";

/// Whether a file of the dump is what `sealed` says. Errors: kInvalidArgument  it is not
Status CheckPart(const JsonNode& sealed, const std::string& folder, const char* file) {
  QIPU_TRY(sealed.AllowOnly({"rows", "sha256"}));
  const int64_t rows = QIPU_TRY(QIPU_TRY(sealed.Get("rows"))->Int());
  const std::string wanted = QIPU_TRY(QIPU_TRY(sealed.Get("sha256"))->String());
  const std::string path = folder + '/' + file;
  if (QIPU_TRY(FileSha256(path)) == wanted) return Ok{};
  return InvalidArgument(path + ": is not what the export wrote, " + std::to_string(rows) +
                         " lines by " + kSeal + "; export again, or delete " + kSeal +
                         " if you have changed it on purpose");
}

/// Ok where there is no seal.
Status CheckSeal(const std::string& folder) {
  const std::string path = folder + '/' + kSeal;
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return Ok{};
  const auto document = QIPU_TRY(graph::JsonDocument::Load(path));
  QIPU_TRY(document.root().AllowOnly({"vertices", "edges"}));
  QIPU_TRY(CheckPart(*QIPU_TRY(document.root().Get("vertices")), folder, kVertices));
  return CheckPart(*QIPU_TRY(document.root().Get("edges")), folder, kEdges);
}

/// What CheckPart reads.
Result<std::string> PartJson(const std::string& path, uint64_t rows) {
  return "{\"rows\": " + std::to_string(rows) +
         ", \"sha256\": " + graph::JsonQuote(QIPU_TRY(FileSha256(path))) + '}';
}

class Dump {
 public:
  Dump(graph::BulkLoad load, const std::string& folder) : load_(std::move(load)), folder_(folder) {}

  Result<graph::CommitSummary> Run() {
    QIPU_TRY(ForEachLine(kVertices, [this](const JsonNode& node) { return Vertex(node); }));
    QIPU_TRY(ForEachLine(kEdges, [this](const JsonNode& node) { return Edge(node); }));
    return load_.Publish();
  }

 private:
  Status ForEachLine(const char* name, const std::function<Status(const JsonNode&)>& use) const {
    const std::string path = folder_ + '/' + name;
    std::ifstream file(path, std::ios::binary);
    if (!std::filesystem::exists(path) || !file) {
      return NotFound(path +
                      ": cannot be read; name a folder that `qipu export --as ndjson` wrote");
    }
    std::string line;
    for (uint64_t number = 1; std::getline(file, line); ++number) {
      const auto document =
          QIPU_TRY(graph::JsonDocument::Parse(line, path + ':' + std::to_string(number)));
      QIPU_TRY(use(document.root()));
    }
    if (file.bad()) return IoError("cannot read " + path);
    return Ok{};
  }

  Result<graph::Properties> PropertiesOf(const JsonNode& node) {
    graph::Properties properties;
    const JsonNode* member = QIPU_TRY(node.Get("properties"));
    for (const auto& [name, value] : *QIPU_TRY(member->Object())) {
      graph::SetProperty(properties, load_.Property(name), QIPU_TRY(ReadValue(value)));
    }
    return properties;
  }

  Status Vertex(const JsonNode& node) {
    QIPU_TRY(node.AllowOnly({"id", "labels", "properties"}));
    const uint64_t id = QIPU_TRY(ReadNumber(node, "id"));
    if (!vertices_.empty() && id <= vertices_.back().first) {
      return node.Find("id")->Complain("must be greater than that of the line before");
    }
    std::vector<graph::LabelId> labels;
    for (const auto& name : QIPU_TRY(QIPU_TRY(node.Get("labels"))->Strings())) {
      labels.push_back(load_.Label(name));
    }
    const auto properties = QIPU_TRY(PropertiesOf(node));
    const auto vertex = load_.AddVertex(labels, properties);
    if (!vertex.ok()) return Placed(node, vertex.error());
    vertices_.emplace_back(id, *vertex);
    return Ok{};
  }

  Status Edge(const JsonNode& node) {
    QIPU_TRY(node.AllowOnly({"type", "from", "to", "rank", "properties"}));
    const VertexId from = QIPU_TRY(EndOf(node, "from")), to = QIPU_TRY(EndOf(node, "to"));
    const auto type = load_.EdgeType(QIPU_TRY(QIPU_TRY(node.Get("type"))->String()));
    const auto properties = QIPU_TRY(PropertiesOf(node));
    const uint64_t rank = QIPU_TRY(ReadNumber(node, "rank"));
    if (rank > UINT32_MAX) return node.Find("rank")->Complain("is too great");
    const Status added = load_.AddEdge(from, type, to, properties, static_cast<uint32_t>(rank));
    return added.ok() ? added : Status(Placed(node, added.error()));
  }

  Result<VertexId> EndOf(const JsonNode& node, const char* name) const {
    const uint64_t id = QIPU_TRY(ReadNumber(node, name));
    const auto found =
        std::ranges::lower_bound(vertices_, id, {}, &std::pair<uint64_t, VertexId>::first);
    if (found == vertices_.end() || found->first != id) {
      return node.Find(name)->Complain(std::string(kVertices) + " has no vertex " +
                                       std::to_string(id));
    }
    return found->second;
  }

  static Error Placed(const JsonNode& node, const Error& error) {
    return {error.code, node.Complain(error.message).message};
  }

  graph::BulkLoad load_;
  const std::string folder_;
  std::vector<std::pair<uint64_t, VertexId>> vertices_;  // ids of the dump, ascending; and here
};

}  // namespace

Result<graph::CommitSummary> LoadDump(
    graph::Store& store, const std::string& folder,
    const std::function<void(const graph::BulkProgress&)>& progress) {
  QIPU_TRY(CheckSeal(folder));
  graph::BulkLoadOptions options;
  options.progress = progress;
  auto loaded = Dump(QIPU_TRY(store.BeginLoad(options)), folder).Run();
  if (loaded.ok() || loaded.error().code != ErrorCode::kAlreadyExists) return loaded;
  return Error{ErrorCode::kAlreadyExists,
               folder + ": " + loaded.error().message +
                   "; a dump is for a new database: `qipu init --schema " + folder +
                   "/schema.json --reference none`"};
}

Status SealDump(const std::string& folder, uint64_t vertices, uint64_t edges) {
  const std::string vertex_part = QIPU_TRY(PartJson(folder + '/' + kVertices, vertices));
  const std::string edge_part = QIPU_TRY(PartJson(folder + '/' + kEdges, edges));
  std::ofstream file(folder + '/' + kSeal, std::ios::binary);
  file << "{\"vertices\": " << vertex_part << ",\n \"edges\": " << edge_part << "}\n";
  file.close();
  return file.fail() ? Status(IoError("cannot write " + folder + '/' + kSeal)) : Status(Ok{});
}

}  // namespace qipu::ingest
