#include "ingest/mapping.h"

#include <algorithm>
#include <filesystem>

#include "graph/json.h"
#include "ingest/mapping_parser.h"

namespace qipu::ingest {
namespace {

using graph::JsonNode;

Result<std::string> OptionalString(const JsonNode& parent, std::string_view name) {
  const auto* node = parent.Find(name);
  return node ? node->String() : std::string();
}

Result<char> ParseCharacter(const JsonNode& node) {
  const auto text = QIPU_TRY(node.String());
  if (text.size() != 1) return node.Complain("must be a single ASCII character");
  return text[0];
}

Result<CsvDialect> ParseFormat(const JsonNode* node) {
  CsvDialect dialect;
  if (node == nullptr) return dialect;
  QIPU_TRY(node->AllowOnly({"type", "delimiter", "quote", "encoding"}));
  if (const auto* type = node->Find("type")) {
    constexpr Word<int> kFormats[] = {{"csv", 0}};
    QIPU_TRY(ReadWord(*type, kFormats));
  }
  if (const auto* mark = node->Find("delimiter"))
    dialect.delimiter = QIPU_TRY(ParseCharacter(*mark));
  if (const auto* mark = node->Find("quote")) dialect.quote = QIPU_TRY(ParseCharacter(*mark));
  if (const auto* encoding = node->Find("encoding")) {
    constexpr Word<const char*> kEncodings[] = {
        {"utf-8", "utf-8"}, {"gb18030", "gb18030"}, {"gbk", "gb18030"}, {"gb2312", "gb18030"}};
    dialect.encoding = QIPU_TRY(ReadWord(*encoding, kEncodings));
  }
  // Here, for whoever opens a file with it knows no line of the mapping.
  if (const auto usable = CheckDialect(dialect); !usable.ok()) {
    return Error{usable.error().code, node->Complain(usable.error().message).message};
  }
  return dialect;
}

Status CheckOutputs(const JsonNode& root, const Mapping& mapping) {
  for (uint32_t i = 0; i < mapping.vertices.size(); ++i) {
    if (mapping.OutputsOf(i).size() > kOutputsMax) {
      return root.Complain("vertex '" + mapping.vertices[i].name + "' has more than " +
                           std::to_string(kOutputsMax) + " properties and edges together");
    }
  }
  return Ok{};
}

/// A source's name is typed in commands and stands in reports without quotes. Letters of any script
/// will do, for exports name their sources by labels.
Result<std::string> ParseSourceName(const JsonNode& node) {
  auto name = QIPU_TRY(node.String());
  const bool plain = std::ranges::all_of(name, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
  if (name.empty() || !plain) {
    return node.Complain("'" + name + "': the name of a source is of letters, digits, -, _ and .");
  }
  return name;
}

Status ParseHead(const JsonNode& root, Mapping& mapping) {
  mapping.source = QIPU_TRY(ParseSourceName(*QIPU_TRY(root.Get("source"))));
  const auto* version = QIPU_TRY(root.Get("version"));
  mapping.version = QIPU_TRY(version->Int());
  if (mapping.version < 1) return version->Complain("a version is a whole number of 1 or more");
  mapping.title = QIPU_TRY(QIPU_TRY(root.Get("title"))->String());
  mapping.licence = QIPU_TRY(QIPU_TRY(root.Get("licence"))->String());
  mapping.as_of = QIPU_TRY(OptionalString(root, "as_of"));
  if (!mapping.as_of.empty() && !graph::Date::Parse(mapping.as_of)) {
    return root.Find("as_of")->Complain("must be a day, YYYY-MM-DD");
  }
  mapping.dialect = QIPU_TRY(ParseFormat(root.Find("format")));
  return Ok{};
}

Error HeaderError(const std::string& data_file, const std::string& what) {
  return InvalidArgument(data_file + ":1: " + what);
}

std::string Quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

bool KnowsAnyOf(const Mapping& mapping, const std::vector<std::string>& header) {
  return std::ranges::any_of(header, [&mapping](const std::string& name) {
    return std::ranges::find(mapping.ignore, name) != mapping.ignore.end() ||
           std::ranges::any_of(mapping.columns, [&name](const Column& column) {
             return std::ranges::find(column.headers, name) != column.headers.end();
           });
  });
}

}  // namespace

Result<Mapping> Mapping::Load(const std::string& path) {
  const auto document = QIPU_TRY(graph::JsonDocument::Load(path));
  const JsonNode& root = document.root();
  QIPU_TRY(root.AllowOnly({"$schema", "source", "version", "title", "licence", "as_of", "format",
                           "nulls", "columns", "ignore", "only_when", "vertices", "edges", "place",
                           "classify"}));
  Mapping mapping;
  mapping.file = path;
  mapping.sha256 = QIPU_TRY(FileSha256(path));
  QIPU_TRY(ParseHead(root, mapping));
  ColumnContext context;
  if (const auto* node = root.Find("nulls")) context.nulls = QIPU_TRY(node->Strings());
  context.folder = std::filesystem::path(path).parent_path().string();
  if (context.folder.empty()) context.folder = ".";
  mapping.columns = QIPU_TRY(ParseColumns(*QIPU_TRY(root.Get("columns")), context));
  mapping.files = std::move(context.files);
  if (const auto* node = root.Find("ignore")) mapping.ignore = QIPU_TRY(node->Strings());
  MappingParser parser(mapping);
  QIPU_TRY(parser.ParseConditions(root.Find("only_when"), mapping.only_when));
  if (const auto* node = root.Find("vertices")) QIPU_TRY(parser.ParseVertices(*node));
  QIPU_TRY(parser.ParseEdges(root.Find("edges")));
  QIPU_TRY(parser.ParsePlace(root.Find("place")));
  QIPU_TRY(parser.ParseClassify(root.Find("classify")));
  if (mapping.vertices.empty() && mapping.edges.empty()) {
    return root.Complain("a mapping makes vertices or edges: neither is given");
  }
  QIPU_TRY(CheckOutputs(root, mapping));
  return mapping;
}

Result<std::vector<std::optional<uint32_t>>> Mapping::MatchHeader(
    const std::string& data_file, const std::vector<std::string>& header) const {
  std::vector<std::optional<uint32_t>> fields;
  std::vector<bool> found(columns.size());
  std::vector<std::string> known;
  for (const auto& column : columns) {
    known.insert(known.end(), column.headers.begin(), column.headers.end());
  }
  for (const auto& name : header) {
    if (std::ranges::find(ignore, name) != ignore.end()) {
      fields.emplace_back();
      continue;
    }
    const auto column = std::ranges::find_if(columns, [&](const Column& candidate) {
      return std::ranges::find(candidate.headers, name) != candidate.headers.end();
    });
    if (column == columns.end()) {
      if (!KnowsAnyOf(*this, header)) {
        return HeaderError(data_file,
                           "no column is known, the first is '" + name + "'; is this a file that " +
                               file + " describes, with a header line, and '" +
                               std::string(1, dialect.delimiter) + "' between the columns?");
      }
      const auto nearest = graph::NearestName(name, known);
      return HeaderError(data_file,
                         "unknown column '" + name + "'" +
                             (nearest.empty() ? "" : " (did you mean '" + nearest + "'?)") +
                             "; name it under 'columns' or 'ignore' in " + file);
    }
    const auto index = static_cast<uint32_t>(column - columns.begin());
    if (found[index]) {
      return HeaderError(data_file, "two columns are '" + column->name + "' of " + file + ": " +
                                        Quoted(column->headers) + "; keep one");
    }
    found[index] = true;
    fields.emplace_back(index);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (found[i] || columns[i].optional) continue;
    return HeaderError(data_file, "no column " + Quoted(columns[i].headers) + "; the file has " +
                                      Quoted(header) +
                                      ". Correct the header, or add its name to '" +
                                      columns[i].name + "' in " + file);
  }
  return fields;
}

std::vector<std::string> Mapping::OutputsOf(uint32_t vertex) const {
  std::vector<std::string> outputs;
  for (const auto& setting : vertices[vertex].properties) outputs.push_back(setting.property);
  for (const auto& edge : edges) {
    const auto* from = std::get_if<uint32_t>(&edge.from);
    if (from != nullptr && *from == vertex) outputs.push_back(edge.type);
  }
  return outputs;
}

}  // namespace qipu::ingest
