#include <set>

#include "ingest/mapping_parser.h"

namespace qipu::ingest {
namespace {

using graph::JsonNode;

constexpr Word<ColumnType> kTypes[] = {
    {"string", ColumnType::kString}, {"int", ColumnType::kInt},
    {"float", ColumnType::kFloat},   {"number", ColumnType::kNumber},
    {"date", ColumnType::kDate},     {"year", ColumnType::kYear},
    {"amount", ColumnType::kAmount}, {"identifier", ColumnType::kIdentifier},
    {"list", ColumnType::kList},
};
constexpr Word<OnError> kOnErrors[] = {{"reject", OnError::kReject}, {"null", OnError::kNull}};
constexpr Word<IdentifierCheck> kChecks[] = {
    {"uscc", IdentifierCheck::kUscc},
    {"registration-number", IdentifierCheck::kRegistrationNumber},
    {"organisation-code", IdentifierCheck::kOrganisationCode},
    {"lei", IdentifierCheck::kLei},
};

Result<AmountWords> ParseWordList(const JsonNode& node) {
  AmountWords words;
  for (const auto& [text, word] : *QIPU_TRY(node.Object())) {
    QIPU_TRY(word.AllowOnly({"currency", "factor"}));
    AmountWords::Word read;
    if (const auto* currency = word.Find("currency")) read.currency = QIPU_TRY(currency->String());
    read.factor = QIPU_TRY(QIPU_TRY(word.Get("factor"))->Int());
    if (read.factor < 1) return word.Complain("a factor is a whole number of 1 or more");
    words.words.emplace(text, std::move(read));
  }
  return words;
}

/// The words themselves, or the name of a file of them beside the mapping.
Result<AmountWords> ParseAmountWords(const JsonNode& node, ColumnContext& context) {
  if (!node.is_string()) return ParseWordList(node);
  const auto file = context.folder + "/" + QIPU_TRY(node.String());
  const auto document = graph::JsonDocument::Load(file);
  if (!document.ok()) {
    // What is wrong inside the file is said with its own place; that it isn't there, with ours.
    if (document.error().code == ErrorCode::kInvalidArgument) return document.error();
    return Error{document.error().code, node.Complain(document.error().message).message};
  }
  const JsonNode& root = document->root();
  QIPU_TRY(root.AllowOnly({"$schema", "title", "sources", "confidence", "words"}));
  context.files.push_back(file);
  return ParseWordList(*QIPU_TRY(root.Get("words")));
}

Result<std::vector<IdentifierScheme>> ParseSchemes(const JsonNode& node) {
  std::vector<IdentifierScheme> schemes;
  for (const auto& [name, check] : *QIPU_TRY(node.Object())) {
    const auto kind = QIPU_TRY(ReadWord(check, kChecks));
    schemes.push_back({name, kind});
  }
  if (schemes.empty()) return node.Complain("an identifier needs a scheme");
  return schemes;
}

/// One format or several, each one that ReadDate understands: another would make every date null.
Result<std::vector<std::string>> ParseFormats(const JsonNode& node) {
  auto formats = QIPU_TRY(node.Strings());
  if (formats.empty()) return node.Complain("a date needs a format, e.g. Y-M-D");
  for (size_t i = 0; i < formats.size(); ++i) {
    if (IsDateFormat(formats[i])) continue;
    const JsonNode& place = node.is_array() ? (*QIPU_TRY(node.Array()))[i] : node;
    return place.Complain("'" + formats[i] + "' " + kDateFormatRule);
  }
  return formats;
}

Status ParseFlag(const JsonNode& parent, const char* name, bool& out) {
  if (const auto* node = parent.Find(name)) out = QIPU_TRY(node->Bool());
  return Ok{};
}

bool IsNumeric(ColumnType type) {
  return type == ColumnType::kInt || type == ColumnType::kFloat || type == ColumnType::kNumber;
}

/// The options that only one type has.
Status ParseTypeOptions(const JsonNode& node, ColumnContext& context, Column& column) {
  const auto belongs = [&](const char* option, bool fits) -> Result<const JsonNode*> {
    const auto* found = node.Find(option);
    if (found != nullptr && !fits) return found->Complain("is no option of this column's type");
    return found;
  };
  if (const auto* formats = QIPU_TRY(belongs("formats", column.type == ColumnType::kDate))) {
    column.formats = QIPU_TRY(ParseFormats(*formats));
  } else if (column.type == ColumnType::kDate) {
    column.formats = {"Y-M-D"};
  }
  if (const auto* words = QIPU_TRY(belongs("words", column.type == ColumnType::kAmount))) {
    column.words = QIPU_TRY(ParseAmountWords(*words, context));
  } else if (column.type == ColumnType::kAmount) {
    return node.Complain("an amount needs 'words': the currency words and their factors");
  }
  if (const auto* factor = QIPU_TRY(belongs("factor", IsNumeric(column.type)))) {
    column.factor = QIPU_TRY(factor->Int());
    if (column.factor < 1) return factor->Complain("a factor is a whole number of 1 or more");
  }
  if (const auto* min = QIPU_TRY(belongs("min", IsNumeric(column.type)))) {
    column.min = QIPU_TRY(min->Number());
  }
  if (const auto* max = QIPU_TRY(belongs("max", IsNumeric(column.type)))) {
    column.max = QIPU_TRY(max->Number());
    if (column.min && *column.max < *column.min) return max->Complain("'max' is below 'min'");
  }
  const bool list = column.type == ColumnType::kList;
  if (const auto* separator = QIPU_TRY(belongs("separator", list))) {
    column.separator = QIPU_TRY(separator->String());
    if (column.separator.empty()) return separator->Complain("a separator can't be empty");
  }
  if (const auto* skip = QIPU_TRY(belongs("skip_items_with", list))) {
    column.skip_items_with = QIPU_TRY(skip->String());
  }
  if (const auto* schemes = QIPU_TRY(belongs("schemes", column.type == ColumnType::kIdentifier))) {
    column.schemes = QIPU_TRY(ParseSchemes(*schemes));
  } else if (column.type == ColumnType::kIdentifier) {
    return node.Complain("an identifier needs 'schemes'");
  }
  return Ok{};
}

Result<Column> ParseColumn(const std::string& name, const JsonNode& node, ColumnContext& context) {
  QIPU_TRY(node.AllowOnly({"header", "type", "required", "optional", "on_error", "nulls", "values",
                           "formats", "words", "factor", "min", "max", "separator",
                           "skip_items_with", "schemes"}));
  Column column;
  column.name = name;
  if (name.empty() || name.find('.') != std::string::npos) {
    return node.Complain("the name of a column is not empty and holds no dot");
  }
  const auto* header = node.Find("header");
  column.headers = header ? QIPU_TRY(header->Strings()) : std::vector<std::string>{name};
  if (column.headers.empty()) return header->Complain("a column needs a header");
  if (const auto* type = node.Find("type")) column.type = QIPU_TRY(ReadWord(*type, kTypes));
  if (const auto* policy = node.Find("on_error")) {
    column.on_error = QIPU_TRY(ReadWord(*policy, kOnErrors));
  }
  QIPU_TRY(ParseFlag(node, "required", column.required));
  QIPU_TRY(ParseFlag(node, "optional", column.optional));
  column.nulls = context.nulls;
  if (const auto* more = node.Find("nulls")) {
    for (auto& word : QIPU_TRY(more->Strings())) column.nulls.push_back(std::move(word));
  }
  if (const auto* values = node.Find("values")) {
    for (const auto& [from, to] : *QIPU_TRY(values->Object())) {
      column.values.emplace(from, QIPU_TRY(to.String()));
    }
  }
  QIPU_TRY(ParseTypeOptions(node, context, column));
  return column;
}

}  // namespace

Result<std::vector<Column>> ParseColumns(const JsonNode& node, ColumnContext& context) {
  std::vector<Column> columns;
  std::set<std::string> headers;
  for (const auto& [name, member] : *QIPU_TRY(node.Object())) {
    columns.push_back(QIPU_TRY(ParseColumn(name, member, context)));
    for (const auto& header : columns.back().headers) {
      if (!headers.insert(header).second) {
        return member.Complain("the header '" + header + "' belongs to another column already");
      }
    }
  }
  if (columns.empty()) return node.Complain("a mapping needs a column");
  return columns;
}

}  // namespace qipu::ingest
