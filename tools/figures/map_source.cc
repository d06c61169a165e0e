#include <algorithm>
#include <map>

#include "ingest/ledger.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Mappings by number under which companies were loaded.
Result<std::map<uint32_t, ingest::MappingEntry>> CompanySources(const graph::Snapshot& snapshot) {
  std::map<uint32_t, ingest::MappingEntry> sources;
  for (const auto& run : QIPU_TRY(ingest::ReadRuns(snapshot))) {
    if (sources.count(run.mapping) > 0) continue;
    const auto mapping = QIPU_TRY(ingest::ReadMapping(snapshot, run.mapping));
    if (!mapping) return Corruption("a run names a mapping that is not on record");
    const auto& made = mapping->vertices;
    const bool makes_companies = std::any_of(
        made.begin(), made.end(), [](const auto& vertex) { return vertex.label == "Company"; });
    for (size_t i = 0; makes_companies && i < run.files.size(); ++i) {
      const auto file = QIPU_TRY(ingest::ReadFile(snapshot, run.files[i]));
      if (file && file->counts.loaded > 0) sources.try_emplace(run.mapping, *mapping);
    }
  }
  return sources;
}

std::string Citation(const ingest::MappingEntry& source, const MapWords& words) {
  std::string details = source.as_of;
  if (!source.licence.empty()) details += (details.empty() ? "" : ", ") + source.licence;
  const std::string& title = source.title.empty() ? source.source : source.title;
  if (details.empty()) return title;
  return Fill(words.source_details, std::vector{title, details});
}

}  // namespace

Status AddSources(const graph::Snapshot& snapshot, std::string_view note, MapModel& model) {
  const MapWords& words = WordsOf(model.language);
  const auto sources = QIPU_TRY(CompanySources(snapshot));
  std::vector<std::string> citations;
  bool all_have_dates = true;
  for (const auto& [number, source] : sources) {
    // Two versions of a mapping are one source when they say the same of it.
    std::string citation = Citation(source, words);
    if (std::find(citations.begin(), citations.end(), citation) == citations.end()) {
      citations.push_back(std::move(citation));
    }
    const auto day = graph::Date::Parse(source.as_of);
    all_have_dates = all_have_dates && day.has_value();
    if (day && (!model.data_as_of || *day < *model.data_as_of)) model.data_as_of = *day;
  }
  if (!all_have_dates) model.data_as_of.reset();
  std::string text;
  for (const std::string& citation : citations) {
    text += (text.empty() ? "" : std::string(words.separator)) + citation;
  }
  model.source = PrintableText(note.empty() ? std::string_view(text) : note);
  return Ok{};
}

}  // namespace qipu::tools
