#include <algorithm>

#include "ingest/classify/classify.h"

namespace qipu::ingest::classify {
namespace {

/// What may stand at the ends of a clause and is no part of it.
constexpr std::string_view kMarks[] = {
    " ", "\t", "\n", "\r", "\u3000", "*", "＊", "#", "＃", "★",  "☆", "〓", "※", "●", "◆",
    "■", "、", "，", ",",  "；",     ";", "。", ".", "．", "：", ":", "·",  "•", "~", "～",
};

std::string_view Trimmed(std::string_view text) {
  const auto cut = [&](std::string_view mark) {
    if (text.starts_with(mark)) {
      text.remove_prefix(mark.size());
    } else if (text.ends_with(mark)) {
      text.remove_suffix(mark.size());
    } else {
      return false;
    }
    return true;
  };
  while (std::ranges::any_of(kMarks, cut)) {
  }
  return text;
}

/// `span` without the headings at its ends.
Span WithoutHeadings(const Rules& rules, std::string_view clean, Span span) {
  const auto cut = [&](const std::string& heading) {
    const std::string_view text = clean.substr(span.begin, span.end - span.begin);
    const auto size = static_cast<uint32_t>(heading.size());
    if (text.starts_with(heading)) {
      span.begin += size;
    } else if (text.ends_with(heading)) {
      span.end -= size;
    } else {
      return false;
    }
    return true;
  };
  while (std::ranges::any_of(rules.headings, cut)) {
  }
  return span;
}

/// Whether nothing but punctuation is in a cleaned text, as the stars that end many scopes.
bool OnlyMarks(std::string_view clean) {
  return std::ranges::all_of(clean, [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return c > ' ' && c <= '~' && !letter;
  });
}

}  // namespace

bool HoldsBoilerplate(const Rules& rules, std::string_view clean) {
  return std::ranges::any_of(rules.boilerplate, [&](const std::vector<std::string>& parts) {
    size_t place = 0;
    for (const std::string& part : parts) {
      place = clean.find(part, place);
      if (place == std::string_view::npos) return false;
      place += part.size();
    }
    return true;
  });
}

std::string_view Evidence(const Rules& rules, std::string_view source, const CleanText& clean,
                          Span span) {
  span = WithoutHeadings(rules, clean.text, span);
  if (span.begin == span.end) return {};
  const uint32_t begin = clean.offsets[span.begin];
  uint32_t end = clean.offsets[span.end];
  const Cleaner cleaner{Cleaner::Brackets{}};  // what is in the brackets is to be read now
  const auto cleaned = [&](uint32_t from, uint32_t to) {
    return cleaner.Clean(source.substr(from, to - from), Offsets::kDrop).text;
  };
  auto group = std::ranges::lower_bound(clean.groups, end, {}, &Span::begin);
  while (group != clean.groups.begin() && (--group)->begin >= begin &&
         OnlyMarks(cleaned(group->end, end)) &&
         HoldsBoilerplate(rules, cleaned(group->begin, group->end))) {
    end = group->begin;
  }
  return Trimmed(source.substr(begin, end - begin));
}

}  // namespace qipu::ingest::classify
