#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "query/engine.h"
#include "query/metrics/metrics.h"
#include "query/score/score.h"

namespace qipu::query {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

/// Asks regions of the graph for the values of the indicators, each metric once.
class GraphDeriver {
 public:
  GraphDeriver(const Method& method, const ScoreInputs& inputs, Derived& derived)
      : method_(method), inputs_(inputs), derived_(derived) {}

  Status Open() {
    LandscapeNeeds needs;
    needs.as_of = AsOf(method_, inputs_);
    for (const IndicatorMethod& indicator : method_.indicators) {
      const auto* density = std::get_if<DensitySource>(&indicator.source);
      densities_.push_back(density == nullptr ? DensityInputs{} : Require(density->options, needs));
      densities_.back().listing = Listing::kAll;
    }
    auto landscape = Landscape::Read(*inputs_.snapshot, needs);
    if (!landscape.ok()) return InMethod("indicators", landscape.error());
    landscape_ = std::move(*landscape);
    return Ok{};
  }

  Status FindUnits() {
    for (uint32_t r : landscape_->InForce(*method_.level)) {
      const Region& region = landscape_->regions()[r];
      if (!Holds(method_.where, region)) continue;
      const Region* parent = region.parent ? &landscape_->regions()[*region.parent] : nullptr;
      if (!method_.parent_where.empty() &&
          (parent == nullptr || !Holds(method_.parent_where, *parent))) {
        continue;
      }
      units_.push_back(r);
      derived_.codes.push_back(region.code);
      derived_.names.push_back(region.name);
      derived_.parents.push_back(parent == nullptr ? "" : parent->name);
      const graph::Value* group = Find(region, method_.group);
      derived_.groups.push_back(method_.group == "parent" ? derived_.parents.back()
                                : group == nullptr        ? ""
                                                          : group->ToString());
    }
    if (!units_.empty()) return NoteOmissions();
    return InvalidArgument(method_.file + ": key 'units': no region in force meets the conditions");
  }

  Status Fill(size_t indicator, IndicatorSteps& steps) {
    return std::visit(
        Overloaded{[&](const PropertySource& source) { return FillProperty(source, steps); },
                   [&](const DensitySource& source) {
                     return FillDensity(source, densities_[indicator], steps);
                   },
                   [&](const CoverageSource& source) { return FillCoverage(source, steps); },
                   [&](const QuerySource& source) { return FillQuery(source, steps); },
                   [&](const ColumnSource&) { return Status(Ok{}); }},
        method_.indicators[indicator].source);
  }

 private:
  Error InMethod(const std::string& key, const Error& error) const {
    return {error.code, method_.file + ": key '" + key + "': " + error.message};
  }

  Status NoteOmissions() {
    std::set<std::string> figures;
    for (const IndicatorMethod& indicator : method_.indicators) {
      if (const auto* from = std::get_if<PropertySource>(&indicator.source)) {
        if (!from->of || from->of == method_.level) {
          figures.insert({from->property, from->divide_by});
        }
      } else if (const auto* density = std::get_if<DensitySource>(&indicator.source)) {
        figures.emplace(DensityProperty(density->options.per));
      }
    }
    figures.erase("");
    derived_.notes = OmittedCompanies(*landscape_, *method_.level);
    for (std::string& note : OmittedFigures(*landscape_, *method_.level, figures)) {
      derived_.notes.push_back(std::move(note));
    }
    return Ok{};
  }

  const graph::Value* Find(const Region& region, const std::string& property) const {
    const auto id = inputs_.snapshot->catalog().FindProperty(property);
    return id ? graph::FindProperty(region.properties, *id) : nullptr;
  }

  bool Holds(const std::vector<Condition>& conditions, const Region& region) const {
    return std::all_of(conditions.begin(), conditions.end(), [&](const Condition& condition) {
      const graph::Value* value = Find(region, condition.property);
      if (value == nullptr) return false;
      if (!condition.equals.is_null()) return *value == condition.equals;
      const auto number = value->AsNumber();
      return number && (!condition.min || *number >= *condition.min) &&
             (!condition.max || *number <= *condition.max);
    });
  }

  double NumberOf(const Region& region, const std::string& property) const {
    const graph::Value* value = Find(region, property);
    if (value == nullptr || region.outdated) return kMissing;
    return value->AsNumber().value_or(kMissing);
  }

  Status FillProperty(const PropertySource& source, IndicatorSteps& steps) const {
    for (const std::string& property : {source.property, source.divide_by}) {
      if (property.empty() || inputs_.snapshot->catalog().FindProperty(property)) continue;
      const auto& known = inputs_.snapshot->catalog().properties.names();
      const std::string near = graph::NearestName(property, known);
      return InvalidArgument(method_.file + ": indicator '" + steps.info.id + "': no property '" +
                             property + "' in the database" +
                             (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    for (uint32_t unit : units_) {
      const auto at = source.of ? landscape_->AtLevel(unit, *source.of) : unit;
      const Region* region = at ? &landscape_->regions()[*at] : nullptr;
      steps.numerator.push_back(region ? NumberOf(*region, source.property) : kMissing);
      if (source.divide_by.empty()) continue;
      steps.denominator.push_back(region ? NumberOf(*region, source.divide_by) : kMissing);
    }
    return Ok{};
  }

  Status FillDensity(const DensitySource& source, const DensityInputs& inputs,
                     IndicatorSteps& steps) const {
    const auto density = DensityOf(*landscape_, source.options, inputs);
    if (!density.ok()) return InMethod("indicators." + steps.info.id, density.error());
    const DensityResult& result = *density;
    std::map<std::string, const DensityRow*> rows;
    for (const DensityRow& row : result.rows) rows[row.code] = &row;
    for (size_t u = 0; u < units_.size(); ++u) {
      const DensityRow& row = *rows.at(derived_.codes[u]);
      const bool sized = source.column.starts_with("size");
      steps.raw.push_back(DensityValue(row, source.column));
      steps.numerator.push_back(sized ? row.size.value_or(kMissing)
                                      : static_cast<double>(row.companies));
      steps.denominator.push_back(row.basis.value_or(kMissing));
      if (derived_.codes[u] != inputs_.explain) continue;
      QIPU_TRY(Collect(source.options, inputs, units_[u], steps));
    }
    return Ok{};
  }

  Status FillCoverage(const CoverageSource& source, IndicatorSteps& steps) {
    const CoverageOptions& options = source.options;
    const auto key = std::tuple(options.chain, options.min_companies, options.neighbour_weight);
    auto at = coverages_.find(key);
    if (at == coverages_.end()) {
      auto result = CoverageOf(*landscape_, options, Listing::kAll);
      if (!result.ok()) return InMethod("indicators." + steps.info.id, result.error());
      at = coverages_.emplace(key, std::move(*result)).first;
    }
    std::map<std::string, const CoverageRow*> rows;
    for (const CoverageRow& row : at->second.rows) rows[row.code] = &row;
    for (size_t u = 0; u < units_.size(); ++u) {
      steps.raw.push_back(CoverageValue(*rows.at(derived_.codes[u]), source.column));
      if (derived_.codes[u] != inputs_.explain) continue;
      DensityOptions offering;
      offering.by = *method_.level;
      offering.chain = options.chain;
      QIPU_TRY(Collect(offering, {}, units_[u], steps));
    }
    steps.numerator = steps.raw;
    return Ok{};
  }

  Status FillQuery(const QuerySource& source, IndicatorSteps& steps) const {
    const std::string place = method_.file + ": indicator '" + steps.info.id + "': ";
    const auto day = AsOf(method_, inputs_);
    const Parameters parameters{{"as_of", Cell{day ? graph::Value(*day) : graph::Value()}}};
    const auto answer = query::Run(*inputs_.snapshot, source.text, parameters);
    if (!answer.ok()) return Error{answer.error().code, place + answer.error().message};
    const Table& table = answer->table;
    if (table.columns != std::vector<std::string>{"code", "value"}) {
      return InvalidArgument(place + "the query must return two columns, code and value");
    }
    std::map<std::string, double> values;
    for (const auto& row : table.rows) {
      const auto* code = std::get_if<graph::Value>(&row[0].value);
      const auto* value = std::get_if<graph::Value>(&row[1].value);
      const bool readable = code != nullptr && code->AsString() != nullptr && value != nullptr &&
                            (value->is_null() || value->AsNumber());
      if (!readable) {
        return InvalidArgument(place + "a code must be a string and a value a number or null");
      }
      if (values.emplace(*code->AsString(), value->AsNumber().value_or(kMissing)).second) continue;
      return InvalidArgument(place + "two values for '" + *code->AsString() + "'");
    }
    for (const std::string& code : derived_.codes) {
      const auto at = values.find(code);
      steps.numerator.push_back(at == values.end() ? kMissing : at->second);
    }
    return Ok{};
  }

  Status Collect(const DensityOptions& options, const DensityInputs& inputs, uint32_t region,
                 IndicatorSteps& steps) const {
    for (uint32_t c : QIPU_TRY(CompaniesBehind(*landscape_, options, inputs, region))) {
      const auto vertex = QIPU_TRY(inputs_.snapshot->GetVertex(landscape_->companies()[c].vertex));
      Evidence& evidence = steps.evidence.emplace_back();
      for (const auto& [property, into] :
           {std::pair("id", &evidence.id), std::pair("name", &evidence.name)}) {
        const auto id = inputs_.snapshot->catalog().FindProperty(property);
        const graph::Value* value = vertex && id ? vertex->Find(*id) : nullptr;
        if (value != nullptr) *into = value->ToString();
      }
    }
    return Ok{};
  }

  const Method& method_;
  const ScoreInputs& inputs_;
  Derived& derived_;
  std::optional<Landscape> landscape_;
  std::vector<uint32_t> units_;
  std::vector<DensityInputs> densities_;
  std::map<std::tuple<std::string, int64_t, double>, CoverageResult> coverages_;
};

/// Reads the columns of a data table.
class DataDeriver {
 public:
  DataDeriver(const Method& method, const DataTable& data, Derived& derived)
      : method_(method), data_(data), derived_(derived) {}

  Status Open() {
    const size_t codes = QIPU_TRY(Find(method_.code_column, "units.column"));
    for (size_t row = 0; row < data_.rows.size(); ++row) {
      const std::string& code = data_.rows[row][codes];
      if (code.empty()) return At(row, "no value in column '" + method_.code_column + "'");
      const auto [at, fresh] = rows_.emplace(code, row);
      if (fresh) continue;
      return At(row, "unit '" + code + "' was already given in line " +
                         std::to_string(data_.lines[at->second]));
    }
    return Ok{};
  }

  Status FindUnits() {
    const size_t codes = QIPU_TRY(Find(method_.code_column, "units.column"));
    for (const auto& row : data_.rows) derived_.codes.push_back(row[codes]);
    QIPU_TRY(CopyText(method_.name_column, "units.name", derived_.names));
    QIPU_TRY(CopyText(method_.parent_column, "units.parent", derived_.parents));
    QIPU_TRY(CopyText(method_.group, "units.group", derived_.groups));
    if (!derived_.codes.empty()) return Ok{};
    return InvalidArgument(data_.file + ": no unit: the file has a header and no rows");
  }

  Status Fill(const ColumnSource& source, IndicatorSteps& steps) const {
    QIPU_TRY(Read(source.column, steps.info.id, steps.numerator));
    if (source.divide_by.empty()) return Ok{};
    return Read(source.divide_by, steps.info.id, steps.denominator);
  }

  /// Rows of the data that no unit asks for.
  size_t CountUnused() const {
    size_t used = 0;
    for (const std::string& code : derived_.codes) used += rows_.count(code);
    return data_.rows.size() - used;
  }

 private:
  Error At(size_t row, const std::string& what) const {
    return InvalidArgument(data_.file + ":" + std::to_string(data_.lines[row]) + ": " + what);
  }

  Result<size_t> Find(const std::string& column, const std::string& key) const {
    const auto at = std::find(data_.columns.begin(), data_.columns.end(), column);
    if (at != data_.columns.end()) return static_cast<size_t>(at - data_.columns.begin());
    const std::string near = graph::NearestName(column, data_.columns);
    return InvalidArgument(data_.file + ": no column '" + column + "', which " + method_.file +
                           " names in '" + key + "'" +
                           (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }

  Status CopyText(const std::string& column, const std::string& key,
                  std::vector<std::string>& into) const {
    into.assign(data_.rows.size(), "");
    if (column.empty()) return Ok{};
    const size_t at = QIPU_TRY(Find(column, key));
    for (size_t row = 0; row < data_.rows.size(); ++row) into[row] = data_.rows[row][at];
    return Ok{};
  }

  Status Read(const std::string& column, const std::string& indicator, Column& into) const {
    const size_t at = QIPU_TRY(Find(column, "indicators." + indicator));
    for (const std::string& code : derived_.codes) {
      const auto row = rows_.find(code);
      if (row == rows_.end() || data_.rows[row->second][at].empty()) {
        into.push_back(kMissing);
        continue;
      }
      const std::string& text = data_.rows[row->second][at];
      double number = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
        return At(row->second, "column '" + column + "': '" + text +
                                   "' is no number; leave the cell empty for a missing value");
      }
      into.push_back(number);
    }
    return Ok{};
  }

  const Method& method_;
  const DataTable& data_;
  Derived& derived_;
  std::map<std::string, size_t> rows_;
};

// raw = numerator / denominator * scale, where the source has not set it.
void Divide(const IndicatorMethod& indicator, Derived& derived, IndicatorSteps& steps) {
  const bool given = !steps.raw.empty();
  size_t zero = 0;
  for (size_t u = 0; u < derived.codes.size(); ++u) {
    double value = given ? steps.raw[u] : steps.numerator[u];
    if (!given && !steps.denominator.empty()) {
      zero += steps.denominator[u] == 0;
      value = steps.denominator[u] == 0 ? kMissing : value / steps.denominator[u];
    }
    if (!given) steps.raw.push_back(kMissing);
    steps.raw[u] = indicator.scale == 1 ? value : value * indicator.scale;
  }
  if (zero > 0) {
    derived.notes.push_back("indicator '" + steps.info.id + "': missing for " +
                            std::to_string(zero) + " unit(s) with a denominator of 0");
  }
}

}  // namespace

std::optional<graph::Date> AsOf(const Method& method, const ScoreInputs& inputs) {
  return inputs.as_of ? inputs.as_of : method.as_of;
}

Result<Derived> Derive(const Method& method, const ScoreInputs& inputs) {
  Derived derived;
  std::optional<GraphDeriver> graph;
  std::optional<DataDeriver> data;
  if (inputs.data != nullptr && !method.code_column.empty()) {
    data.emplace(method, *inputs.data, derived);
    QIPU_TRY(data->Open());
  }
  if (method.level) {
    graph.emplace(method, inputs, derived);
    QIPU_TRY(graph->Open());
    QIPU_TRY(graph->FindUnits());
  } else {
    QIPU_TRY(data->FindUnits());
  }
  for (size_t i = 0; i < method.indicators.size(); ++i) {
    IndicatorSteps& steps = derived.indicators.emplace_back();
    steps.info = method.indicators[i].info;
    if (const auto* column = std::get_if<ColumnSource>(&method.indicators[i].source)) {
      QIPU_TRY(data->Fill(*column, steps));
    } else {
      QIPU_TRY(graph->Fill(i, steps));
    }
    Divide(method.indicators[i], derived, steps);
  }
  if (data && method.level && data->CountUnused() > 0) {
    derived.notes.push_back(std::to_string(data->CountUnused()) + " row(s) of " +
                            inputs.data->file + " belong to no unit");
  }
  return derived;
}

}  // namespace qipu::query
