#include <algorithm>
#include <array>

#include "query/functions/functions.h"

namespace qipu::query {
namespace {

using Arguments = std::span<const Datum>;
using Nulls = ScalarFunction::Nulls;

int64_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

Result<Datum> Size(GraphReader&, Arguments arguments) {
  if (const DatumList* list = arguments[0].AsList()) {
    return Datum(static_cast<int64_t>(list->size()));
  }
  if (const std::string* text = arguments[0].AsString()) return Datum(CountCharacters(*text));
  return WrongArgument("size", "a LIST or STRING", arguments[0]);
}

Result<Datum> Head(GraphReader&, Arguments arguments) {
  const DatumList* list = arguments[0].AsList();
  if (list == nullptr) return WrongArgument("head", "a LIST", arguments[0]);
  return list->empty() ? Datum() : list->front();
}

Result<Datum> Last(GraphReader&, Arguments arguments) {
  const DatumList* list = arguments[0].AsList();
  if (list == nullptr) return WrongArgument("last", "a LIST", arguments[0]);
  return list->empty() ? Datum() : list->back();
}

Result<Datum> Tail(GraphReader&, Arguments arguments) {
  const DatumList* list = arguments[0].AsList();
  if (list == nullptr) return WrongArgument("tail", "a LIST", arguments[0]);
  return Datum(list->empty() ? DatumList() : DatumList(list->begin() + 1, list->end()));
}

Result<Datum> Range(GraphReader&, Arguments arguments) {
  for (const Datum& argument : arguments) {
    if (argument.AsInt() == nullptr) return WrongArgument("range", "INTEGERs", argument);
  }
  const int64_t first = *arguments[0].AsInt();
  const int64_t last = *arguments[1].AsInt();
  const int64_t step = arguments.size() == 3 ? *arguments[2].AsInt() : 1;
  if (step == 0) return InvalidArgument("range with step 0 has no end");
  DatumList out;
  if (step > 0 ? first > last : first < last) return Datum(std::move(out));
  // Unsigned, as the distance may not fit into int64.
  const uint64_t distance = step > 0 ? static_cast<uint64_t>(last) - static_cast<uint64_t>(first)
                                     : static_cast<uint64_t>(first) - static_cast<uint64_t>(last);
  const uint64_t stride =
      step > 0 ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step);
  const uint64_t count = distance / stride + 1;
  if (distance / stride >= static_cast<uint64_t>(kRangeElementsMax)) {
    return Error{ErrorCode::kRefused,
                 "range makes more than " + std::to_string(kRangeElementsMax) + " elements"};
  }
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    out.emplace_back(
        static_cast<int64_t>(static_cast<uint64_t>(first) + i * static_cast<uint64_t>(step)));
  }
  return Datum(std::move(out));
}

Result<Datum> Reverse(GraphReader&, Arguments arguments) {
  if (const DatumList* list = arguments[0].AsList()) {
    return Datum(DatumList(list->rbegin(), list->rend()));
  }
  const std::string* text = arguments[0].AsString();
  if (text == nullptr) return WrongArgument("reverse", "a LIST or STRING", arguments[0]);
  std::string out;
  for (size_t end = text->size(); end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>((*text)[begin]) & 0xC0) == 0x80) --begin;
    out.append(*text, begin, end - begin);
    end = begin;
  }
  return Datum(std::move(out));
}

constexpr std::array kFunctions = {
    ScalarFunction{"size", "(LIST or STRING) -> INTEGER, elements or characters", 1, 1,
                   Nulls::kGiveNull, Size},
    ScalarFunction{"head", "(LIST) -> ANY, the first element", 1, 1, Nulls::kGiveNull, Head},
    ScalarFunction{"last", "(LIST) -> ANY, the last element", 1, 1, Nulls::kGiveNull, Last},
    ScalarFunction{"tail", "(LIST) -> LIST, all but the first", 1, 1, Nulls::kGiveNull, Tail},
    ScalarFunction{"range", "(first INTEGER, last INTEGER[, step INTEGER]) -> LIST, both ends in",
                   2, 3, Nulls::kAreArguments, Range},
    ScalarFunction{"reverse", "(LIST or STRING) -> the same", 1, 1, Nulls::kGiveNull, Reverse},
};

}  // namespace

std::span<const ScalarFunction> ListFunctions() { return kFunctions; }

}  // namespace qipu::query
