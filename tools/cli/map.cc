#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>

#include "graph/json.h"
#include "tools/cli/commands.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr const char* kSmallestPage = "auto";

struct MapOptions {
  std::string chain, region, page = kSmallestPage, language = "zh", as_of, source_note, report;
  std::vector<std::string> outputs;
  bool is_portrait = false;
  int dpi = kPngDpi;
};

enum class FileKind { kSvg, kPdf, kPng };

/// A file to be written: first beside its place, then moved there.
struct OutputFile {
  std::string path, bytes;
};

Result<FileKind> KindOf(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".svg") return FileKind::kSvg;
  if (extension == ".pdf") return FileKind::kPdf;
  if (extension == ".png") return FileKind::kPng;
  if (extension == ".html") {
    return Unsupported("-o " + path + ": .html is not supported yet; write .svg, .pdf or .png");
  }
  return InvalidArgument("-o " + path + ": the name must end in .svg, .pdf or .png");
}

Result<Language> ReadLanguage(const std::string& name) {
  if (name == "zh") return Language::kChinese;
  if (name == "en") return Language::kEnglish;
  return InvalidArgument("--lang: unknown language '" + name + "'; languages: zh, en");
}

/// The page of that name; null for the smallest that holds everything.
Result<const PageFormat*> ReadPage(const std::string& name) {
  if (name == kSmallestPage) return nullptr;
  std::vector<std::string> names = {kSmallestPage};
  std::string known = kSmallestPage;
  for (const PageFormat& page : PageFormats()) {
    if (page.name == name) return &page;
    names.push_back(page.name);
    known += ", " + page.name;
  }
  const std::string nearest = graph::NearestName(name, names);
  return InvalidArgument("--page: unknown page '" + name + "'" +
                         (nearest.empty() ? "." : "; did you mean '" + nearest + "'?") +
                         " Pages: " + known);
}

Result<MapQuery> ReadQuery(const MapOptions& options) {
  MapQuery query;
  query.chain = options.chain;
  query.region = options.region;
  query.source = options.source_note;
  query.language = QIPU_TRY(ReadLanguage(options.language));
  if (options.as_of.empty()) return query;
  query.as_of = graph::Date::Parse(options.as_of);
  if (!query.as_of) {
    return InvalidArgument("--as-of: '" + options.as_of +
                           "' is no day; write YYYY-MM-DD, e.g. 2024-06-30");
  }
  return query;
}

Status WriteFiles(const std::vector<OutputFile>& files) {
  const auto partial = [](const OutputFile& file) { return file.path + ".partial"; };
  for (const OutputFile& file : files) {
    std::ofstream stream(partial(file), std::ios::binary | std::ios::trunc);
    stream.write(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
    stream.close();
    if (stream.fail()) {
      for (const OutputFile& made : files) std::remove(partial(made).c_str());
      return IoError("cannot write '" + file.path + "': is the folder there, writable, not full?");
    }
  }
  for (const OutputFile& file : files) {
    if (std::rename(partial(file).c_str(), file.path.c_str()) != 0) {
      const std::string why = std::strerror(errno);
      std::remove(partial(file).c_str());
      return IoError("cannot put '" + partial(file) + "' in the place of '" + file.path +
                     "': " + why);
    }
  }
  return Ok{};
}

Result<OutputFile> Draw(const std::string& path, const MapFigure& figure, int dpi,
                        TextMeasure& measure) {
  switch (QIPU_TRY(KindOf(path))) {
    case FileKind::kSvg:
      return OutputFile{path, WriteSvg(figure.list)};
    case FileKind::kPdf: {
      auto bytes = QIPU_TRY(WritePdf(figure.list, measure));
      return OutputFile{path, std::move(bytes)};
    }
    case FileKind::kPng:
      break;
  }
  auto bytes = QIPU_TRY(WritePng(figure.list, measure, dpi));
  return OutputFile{path, std::move(bytes)};
}

std::string Summary(const MapModel& model, const MapFigure& figure, const MapOptions& options) {
  return "map of " + std::to_string(model.companies) + " companies on " + figure.page +
         (options.is_portrait ? " portrait" : " landscape") + ": " + std::to_string(figure.shown) +
         " placements shown, " + std::to_string(figure.hidden) + " in '+N' tiles" +
         (figure.hidden > 0 ? "; a larger --page or a --region shows more" : "");
}

/// The files to write, each once and no folder.
Status CheckTargets(const MapOptions& options) {
  std::vector<std::string> paths = options.outputs;
  for (const std::string& path : paths) QIPU_TRY(KindOf(path));
  if (!options.report.empty()) paths.push_back(options.report);
  std::set<std::filesystem::path> places;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      return InvalidArgument("'" + path + "' is a folder; name a file to write");
    }
    if (!places.insert(std::filesystem::weakly_canonical(path, ignored)).second) {
      return InvalidArgument("'" + path + "' is named twice");
    }
  }
  return Ok{};
}

Status RunMap(const Context& context, const MapOptions& options) {
  QIPU_TRY(CheckTargets(options));
  const MapQuery query = QIPU_TRY(ReadQuery(options));
  const PageFormat* page = QIPU_TRY(ReadPage(options.page));
  const auto measure = QIPU_TRY(TextMeasure::Create());
  const auto store = QIPU_TRY(context.OpenStore(graph::Access::kReadOnly));
  const MapModel model = QIPU_TRY(LoadMapModel(store->TakeSnapshot(), query));
  const Orientation orientation =
      options.is_portrait ? Orientation::kPortrait : Orientation::kLandscape;
  const MapFigure figure =
      QIPU_TRY(page == nullptr ? LayOutMapOnSmallestPage(model, orientation, *measure)
                               : LayOutMap(model, *page, orientation, *measure));
  const FigureReport report = CheckMap(model, figure, *measure);
  std::vector<OutputFile> files;
  if (!options.report.empty()) files.push_back({options.report, ReportJson(report, figure)});
  if (!report.failures.empty()) {
    QIPU_TRY(WriteFiles(files));
    return Error{ErrorCode::kRefused,
                 "the figure fails its check (" + report.failures.front() + "); not written"};
  }
  for (const std::string& path : options.outputs) {
    files.push_back(QIPU_TRY(Draw(path, figure, options.dpi, *measure)));
  }
  QIPU_TRY(WriteFiles(files));
  context.Say(Summary(model, figure, options));
  return Ok{};
}

}  // namespace

Command AddMap(CLI::App& root) {
  auto* app = root.add_subcommand("map", "Draws the enterprise map of a chain, ready for print");
  auto options = std::make_shared<MapOptions>();  // shared by the parser and by `run`
  app->add_option("--chain", options->chain, "Chain's id; may be left out when there is one")
      ->type_name("ID");
  app->add_option("--region", options->region, "Only companies of this district, city or province")
      ->type_name("CODE");
  app->add_option("-o,--output", options->outputs,
                  "File to write, .svg, .pdf or .png; may be given several times")
      ->type_name("FILE")
      ->required()
      ->allow_extra_args(false);
  app->add_option("--page", options->page,
                  "a5, a4, a3, a2, a1 or 16x9 (default: the smallest of a5 to a1 that holds all)")
      ->type_name("PAGE");
  auto* portrait = app->add_flag("--portrait", options->is_portrait, "The page stands upright");
  app->add_flag("--landscape")
      ->description("The page lies on its side (default)")
      ->excludes(portrait);
  app->add_option("--lang", options->language, "zh or en (default zh)")->type_name("LANG");
  app->add_option("--as-of", options->as_of, "Companies active on this day")->type_name("DATE");
  app->add_option("--source-note", options->source_note,
                  "Source of the data, printed below (default: what the imports on record say)")
      ->type_name("TEXT");
  app->add_option("--dpi", options->dpi, "Dots per inch of a .png (default 150)")
      ->check(CLI::Range(kPngDpiLeast, kPngDpiMost));
  app->add_option("--report", options->report, "Writes the figure's quality report as JSON")
      ->type_name("FILE");
  app->footer(
      "Examples:\n"
      "  qipu map --chain smart-manufacturing -o map.svg -o map.pdf\n"
      "  qipu map --chain smart-manufacturing --region 440306 --page a3 --portrait -o baoan.png\n"
      "  qipu map --chain smart-manufacturing --lang en --as-of 2024-06-30 --report map.json"
      " -o map.pdf");
  return {app, [options](const Context& context) { return RunMap(context, *options); }};
}

}  // namespace qipu::tools
