#include "graph/json.h"

#include <simdjson.h>

#include <algorithm>
#include <set>

#include "graph/text_file.h"

namespace qipu::graph {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view KindOf(const JsonNode& node) {
  if (node.is_null()) return "null";
  if (node.is_bool()) return "true or false";
  if (node.is_number()) return "a number";
  if (node.is_string()) return "a string";
  return node.is_array() ? "an array" : "an object";
}

Error Mismatch(const JsonNode& node, std::string_view wanted) {
  return node.Complain("expected " + std::string(wanted) + ", found " + std::string(KindOf(node)));
}

const char* TokenOf(ondemand::value& value) { return value.raw_json_token().data(); }
const char* TokenOf(ondemand::document& document) {
  std::string_view token;
  return document.raw_json_token().get(token) == simdjson::SUCCESS ? token.data() : nullptr;
}

}  // namespace

/// Turns simdjson's forward-only walk over a text into JsonNodes with lines and paths.
class JsonBuilder {
 public:
  JsonBuilder(std::string_view text, std::string file)
      : text_(text), padded_(text), file_(std::make_shared<const std::string>(std::move(file))) {}

  Result<std::unique_ptr<JsonNode>> Build() {
    if (text_.size() > kJsonBytesMax) {
      return InvalidArgument(*file_ + ": larger than " + std::to_string(kJsonBytesMax) + " bytes");
    }
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.starts_with(kByteOrderMark)) {
      return InvalidArgument(*file_ + ":1: starts with a byte order mark; save it without one");
    }
    ondemand::document document;
    if (const auto failure = parser_.iterate(padded_).get(document)) return Fail(failure, nullptr);
    document_ = &document;
    auto root = std::make_unique<JsonNode>();
    QIPU_TRY(Fill(document, *root, 0));
    if (const char* rest = Location()) return Fail(simdjson::TRAILING_CONTENT, rest);
    return root;
  }

 private:
  template <class Source>  // ondemand::document or ondemand::value
  Status Fill(Source& source, JsonNode& node, int depth) {
    const char* token = TokenOf(source);
    node.line_ = LineOf(token);
    node.file_ = file_;
    if (depth > kJsonDepthMax) {
      return node.Complain("nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    ondemand::json_type type;
    if (const auto failure = source.type().get(type)) return Fail(failure, token);
    switch (type) {
      case ondemand::json_type::array:
        return FillArray(source, node, depth);
      case ondemand::json_type::object:
        return FillObject(source, node, depth);
      case ondemand::json_type::number:
        return FillNumber(source, node);
      case ondemand::json_type::string: {
        std::string_view text;
        if (const auto failure = source.get_string().get(text)) return Fail(failure, token);
        node.state_ = std::string(text);
        return Ok{};
      }
      case ondemand::json_type::boolean: {
        bool truth = false;
        if (const auto failure = source.get_bool().get(truth)) return Fail(failure, token);
        node.state_ = truth;
        return Ok{};
      }
      case ondemand::json_type::null:
        break;
    }
    bool null = false;
    if (const auto failure = simdjson::simdjson_result<bool>(source.is_null()).get(null)) {
      return Fail(failure, token);
    }
    return null ? Status(Ok{}) : Status(Fail(simdjson::N_ATOM_ERROR, token));
  }

  template <class Source>
  Status FillNumber(Source& source, JsonNode& node) {
    const char* token = TokenOf(source);
    ondemand::number number;
    if (const auto failure = source.get_number().get(number)) return Fail(failure, token);
    if (number.is_int64()) {
      node.state_ = number.get_int64();
    } else {
      node.state_ = number.as_double();
    }
    return Ok{};
  }

  template <class Source>
  Status FillArray(Source& source, JsonNode& node, int depth) {
    ondemand::array array;
    if (const auto failure = source.get_array().get(array)) return Fail(failure, Location());
    std::vector<JsonNode> items;
    for (auto element : array) {
      ondemand::value value;
      if (const auto failure = std::move(element).get(value)) return Fail(failure, Location());
      JsonNode& item = items.emplace_back();
      item.path_ = node.path_ + '[' + std::to_string(items.size() - 1) + ']';
      QIPU_TRY(Fill(value, item, depth + 1));
    }
    node.state_ = std::move(items);
    return Ok{};
  }

  template <class Source>
  Status FillObject(Source& source, JsonNode& node, int depth) {
    ondemand::object object;
    if (const auto failure = source.get_object().get(object)) return Fail(failure, Location());
    JsonNode::Members members;
    std::set<std::string, std::less<>> seen;
    for (auto member : object) {
      std::string_view name;
      if (const auto failure = member.unescaped_key().get(name)) return Fail(failure, Location());
      ondemand::value value;
      if (const auto failure = member.value().get(value)) return Fail(failure, Location());
      auto& [key, item] = members.emplace_back(std::string(name), JsonNode());
      item.path_ = node.path_.empty() ? key : node.path_ + '.' + key;
      const bool repeated = !seen.insert(key).second;
      QIPU_TRY(Fill(value, item, depth + 1));
      if (repeated) return item.Complain("is there twice");
    }
    node.state_ = std::move(members);
    return Ok{};
  }

  const char* Location() {
    const char* at = nullptr;
    if (document_ == nullptr) return nullptr;
    return document_->current_location().get(at) == simdjson::SUCCESS ? at : nullptr;
  }

  /// Counts on from the last call: the walk only moves forward.
  int LineOf(const char* at) {
    const char* begin = padded_.data();
    if (at == nullptr || at < begin || at > begin + text_.size()) return line_;
    if (at > begin + counted_) {
      line_ += static_cast<int>(std::count(begin + counted_, at, '\n'));
      counted_ = static_cast<size_t>(at - begin);
    }
    return line_;
  }

  Error Fail(simdjson::error_code code, const char* at) {
    // Of a text that is cut off, the end is where to look.
    if (code == simdjson::UNCLOSED_STRING || code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT) {
      at = padded_.data() + text_.size();
    }
    return InvalidArgument(*file_ + ':' + std::to_string(LineOf(at)) +
                           ": not JSON: " + simdjson::error_message(code));
  }

  std::string_view text_;
  simdjson::padded_string padded_;
  std::shared_ptr<const std::string> file_;
  ondemand::parser parser_;
  ondemand::document* document_ = nullptr;
  size_t counted_ = 0;  // newlines before this offset are in line_
  int line_ = 1;
};

bool JsonNode::is_null() const { return std::holds_alternative<std::monostate>(state_); }
bool JsonNode::is_bool() const { return std::holds_alternative<bool>(state_); }
bool JsonNode::is_string() const { return std::holds_alternative<std::string>(state_); }
bool JsonNode::is_number() const {
  return std::holds_alternative<int64_t>(state_) || std::holds_alternative<double>(state_);
}
bool JsonNode::is_array() const { return std::holds_alternative<std::vector<JsonNode>>(state_); }
bool JsonNode::is_object() const { return std::holds_alternative<Members>(state_); }

Result<std::string> JsonNode::String() const {
  if (const auto* text = std::get_if<std::string>(&state_)) return *text;
  return Mismatch(*this, "a string");
}

Result<int64_t> JsonNode::Int() const {
  if (const auto* number = std::get_if<int64_t>(&state_)) return *number;
  if (is_number()) return Complain("expected a whole number");
  return Mismatch(*this, "a whole number");
}

Result<double> JsonNode::Number() const {
  if (const auto* number = std::get_if<double>(&state_)) return *number;
  if (const auto* number = std::get_if<int64_t>(&state_)) return static_cast<double>(*number);
  return Mismatch(*this, "a number");
}

Result<bool> JsonNode::Bool() const {
  if (const auto* truth = std::get_if<bool>(&state_)) return *truth;
  return Mismatch(*this, "true or false");
}

Result<const std::vector<JsonNode>*> JsonNode::Array() const {
  if (const auto* items = std::get_if<std::vector<JsonNode>>(&state_)) return items;
  return Mismatch(*this, "an array");
}

Result<const JsonNode::Members*> JsonNode::Object() const {
  if (const auto* members = std::get_if<Members>(&state_)) return members;
  return Mismatch(*this, "an object");
}

Result<std::vector<std::string>> JsonNode::Strings() const {
  if (is_string()) return std::vector<std::string>{QIPU_TRY(String())};
  if (!is_array()) return Mismatch(*this, "an array of strings");
  std::vector<std::string> strings;
  for (const JsonNode& item : *QIPU_TRY(Array())) strings.push_back(QIPU_TRY(item.String()));
  return strings;
}

const JsonNode* JsonNode::Find(std::string_view name) const {
  const auto* members = std::get_if<Members>(&state_);
  if (members == nullptr) return nullptr;
  const auto at = std::find_if(members->begin(), members->end(),
                               [&](const auto& member) { return member.first == name; });
  return at == members->end() ? nullptr : &at->second;
}

Result<const JsonNode*> JsonNode::Get(std::string_view name) const {
  QIPU_TRY(Object());
  if (const JsonNode* member = Find(name)) return member;
  return Complain("the key '" + std::string(name) + "' is missing");
}

Status JsonNode::AllowOnly(std::initializer_list<std::string_view> names) const {
  for (const auto& [key, member] : *QIPU_TRY(Object())) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::vector<std::string> known(names.begin(), names.end());
    const std::string nearest = NearestName(key, known);
    if (!nearest.empty()) return member.Complain("unknown key; did you mean '" + nearest + "'?");
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    return member.Complain("unknown key; known here: " + list);
  }
  return Ok{};
}

Error JsonNode::Complain(std::string_view what) const {
  const std::string file = file_ ? *file_ : "(no file)";
  const std::string key = path_.empty() ? "" : " key '" + path_ + "':";
  return InvalidArgument(file + ':' + std::to_string(line_) + ':' + key + ' ' + std::string(what));
}

Result<JsonDocument> JsonDocument::Parse(std::string_view text, std::string file) {
  JsonDocument document;
  JsonBuilder builder(text, std::move(file));
  document.root_ = QIPU_TRY(builder.Build());
  return document;
}

Result<JsonDocument> JsonDocument::Load(const std::string& path) {
  return Parse(QIPU_TRY(ReadTextFile(path)), path);
}

std::string JsonQuote(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        continue;
      case '\\':
        quoted += "\\\\";
        continue;
      case '\n':
        quoted += "\\n";
        continue;
      case '\r':
        quoted += "\\r";
        continue;
      case '\t':
        quoted += "\\t";
        continue;
      default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      quoted += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace qipu::graph
