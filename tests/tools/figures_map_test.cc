#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/tools/figures_demo.h"
#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class MapFigures : public testing::Test {
 protected:
  void SetUp() override {
    auto measure = TextMeasure::Create();
    ASSERT_TRUE(measure.ok()) << measure.error().message;
    measure_ = *std::move(measure);
  }

  Result<MapFigure> LayOut(const MapModel& model, const std::string& page,
                           Orientation orientation = Orientation::kLandscape) {
    for (const PageFormat& format : PageFormats()) {
      if (format.name == page) return LayOutMap(model, format, orientation, *measure_);
    }
    return InvalidArgument("no such page");
  }

  // Lays out on every page both ways and expects each figure to pass its check.
  void ExpectGood(const MapModel& model) {
    for (const PageFormat& page : PageFormats()) {
      for (const Orientation orientation : {Orientation::kLandscape, Orientation::kPortrait}) {
        SCOPED_TRACE(page.name + (orientation == Orientation::kPortrait ? " portrait" : ""));
        const auto figure = LayOutMap(model, page, orientation, *measure_);
        // The smallest page may refuse what has too many segments for it.
        if (page.name == "a5" && !figure.ok()) continue;
        ASSERT_TRUE(figure.ok()) << figure.error().message;
        const FigureReport report = CheckMap(model, *figure, *measure_);
        EXPECT_THAT(report.failures, IsEmpty()) << ReportJson(report, *figure);
        EXPECT_EQ(report.shown + report.hidden, Placements(model));
        EXPECT_GE(report.font_min, static_cast<double>(page.font_min) / kPoint);
      }
    }
  }

  std::unique_ptr<TextMeasure> measure_;
};

#define SKIP_WITHOUT(model) \
  if (!(model).has_value()) \
  GTEST_SKIP() << "no demonstration data under " QIPU_SHARED_DIR "/data/demo"

TEST_F(MapFigures, DemoIsGoodOnEveryPage) {
  for (const Language language : {Language::kChinese, Language::kEnglish}) {
    for (const char* place : {"", "深圳", "440306", "310104"}) {
      SCOPED_TRACE(place);
      const auto model = DemoModel(place, language);
      SKIP_WITHOUT(model);
      ExpectGood(*model);
    }
  }
}

TEST_F(MapFigures, DemoFillsItsPageAndKeepsNames) {
  const auto model = DemoModel("", Language::kChinese);
  SKIP_WITHOUT(model);
  const auto figure = LayOutMapOnSmallestPage(*model, Orientation::kLandscape, *measure_);
  ASSERT_TRUE(figure.ok());
  const FigureReport report = CheckMap(*model, *figure, *measure_);
  EXPECT_EQ(report.hidden, 0);
  EXPECT_EQ(report.shortened, 0);
  EXPECT_EQ(report.unknown_glyphs, 0);
  EXPECT_GE(report.fill_of_boxes, 0.70);
  EXPECT_GE(report.bottom, 0.98);
  EXPECT_LE(WriteSvg(figure->list).size(), static_cast<size_t>(report.shown) * 400);
}

TEST_F(MapFigures, EveryScaleIsGood) {
  const MadeShape shapes[] = {{1, 1, 1}, {1, 1, 400}, {3, 4, 2}, {3, 20, 8}, {7, 15, 19}};
  for (const MadeShape& shape : shapes) {
    SCOPED_TRACE(testing::Message() << shape.bands << ' ' << shape.boxes << ' ' << shape.tiles);
    ExpectGood(MadeModel(shape, Language::kChinese));
  }
}

TEST_F(MapFigures, CapsBoxesThatDoNotFitAndSaysSo) {
  const MapModel model = MadeModel({3, 10, 60}, Language::kChinese);
  const auto figure = LayOut(model, "a4");
  ASSERT_TRUE(figure.ok());
  EXPECT_GT(figure->hidden, 0);
  EXPECT_EQ(figure->shown + figure->hidden, 1800);
  const std::string svg = WriteSvg(figure->list);
  EXPECT_THAT(svg, HasSubstr(std::to_string(figure->hidden) + " 家次"));
  EXPECT_THAT(svg, HasSubstr("环节1 60 家"));  // titles keep the true count
}

TEST_F(MapFigures, RefusesAPageWithoutRoom) {
  const auto figure = LayOut(MadeModel({1, 3000, 1}, Language::kChinese), "a4");
  ASSERT_FALSE(figure.ok());
  EXPECT_THAT(figure.error().message, HasSubstr("--page a1"));
}

TEST_F(MapFigures, PrintsWhatAReaderMustKnow) {
  MapModel model = MadeModel({2, 3, 4}, Language::kChinese);
  model.source = "登记机关公开数据";
  model.bands[0].absent = {"精密减速器", "伺服系统"};
  const auto figure = LayOut(model, "a3");
  ASSERT_TRUE(figure.ok());
  const std::string svg = WriteSvg(figure->list);
  for (const char* text : {"示例产业链企业图谱", "24 家企业", "24 家次", "注册资本降序",
                           "登记机关公开数据", "截至 2022-01-08", "图中 24 家次，未列出 0 家次",
                           "暂无企业的环节（2）：精密减速器、伺服系统"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST_F(MapFigures, HostileNamesStayInTheirTiles) {
  MapModel model = MadeModel({1, 1, 1}, Language::kChinese);
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += "长";
  const std::string names[] = {endless,
                               "<script>alert('&\"')</script>",
                               "a\x01\x1b"
                               "b\xff",
                               "شركة الذكاء الصناعي",
                               "👩‍👩‍👧‍👦🏭",
                               "",
                               "Donaudampfschifffahrtsgesellschaftskapitän",
                               "\u202Eevil"};
  for (const std::string& name : names) {
    model.bands[0].boxes[0].tiles.push_back(
        {"k\"<" + name, PrintableText(name), PrintableText(name)});
  }
  ExpectGood(model);
  const auto figure = LayOut(model, "a4");
  ASSERT_TRUE(figure.ok());
  const std::string svg = WriteSvg(figure->list);
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_EQ(svg.find_first_of(std::string("\x01\x1b\x7f\xff")), std::string::npos);
}

TEST_F(MapFigures, SameModelSameBytes) {
  const MapModel model = MadeModel({3, 6, 5}, Language::kChinese);
  const auto first = LayOut(model, "a3");
  ASSERT_TRUE(first.ok());
  const std::string svg = WriteSvg(first->list);
  const auto pdf = WritePdf(first->list, *measure_);
  const auto png = WritePng(first->list, *measure_, 60);
  ASSERT_TRUE(pdf.ok() && png.ok());
  auto other = TextMeasure::Create();
  ASSERT_TRUE(LayOut(MadeModel({2, 9, 7}, Language::kEnglish), "a1").ok());
  ASSERT_TRUE(other.ok());
  measure_ = *std::move(other);
  const auto second = LayOut(model, "a3");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(WriteSvg(second->list), svg);
  EXPECT_EQ(*WritePdf(second->list, *measure_), *pdf);
  EXPECT_EQ(*WritePng(second->list, *measure_, 60), *png);
}

TEST_F(MapFigures, TheDateOfTheDataIsPrinted) {
  MapModel model = MadeModel({1, 2, 2}, Language::kChinese);
  const auto day = model.as_of;
  const struct {
    std::optional<graph::Date> as_of, data_as_of;
    const char* want;
  } cases[] = {{day, {}, "企业状态截至 2022-01-08"},
               {{}, day, "数据截至 2022-01-08"},
               {{}, {}, "数据日期未注明"}};
  for (const auto& c : cases) {
    model.as_of = c.as_of;
    model.data_as_of = c.data_as_of;
    const auto figure = LayOut(model, "a4");
    ASSERT_TRUE(figure.ok());
    EXPECT_THAT(WriteSvg(figure->list), HasSubstr(c.want));
  }
}

// A page ends inside its last row of pixels; that row must not be black.
TEST_F(MapFigures, PngIsWhiteToItsEdges) {
  DisplayList blank;
  blank.width = 101 * kPoint / 2;
  blank.height = 73 * kPoint / 2;
  DisplayList white = blank;
  AddShape(white, {.rect = {0, 0, 2 * blank.width, 2 * blank.height}, .fill = kWhite});
  DisplayList page = blank;
  AddShape(page, {.rect = {0, 0, blank.width, blank.height}, .fill = kWhite});
  const auto want = WritePng(white, *measure_, 100);
  ASSERT_TRUE(want.ok());
  EXPECT_EQ(*WritePng(blank, *measure_, 100), *want);
  EXPECT_EQ(*WritePng(page, *measure_, 100), *want);
}

TEST_F(MapFigures, PngHasALimit) {
  const auto figure = LayOut(MadeModel({1, 1, 1}, Language::kChinese), "a1");
  ASSERT_TRUE(figure.ok());
  const auto png = WritePng(figure->list, *measure_, kPngDpiMost);
  ASSERT_FALSE(png.ok());
  EXPECT_THAT(png.error().message, HasSubstr("fewer dots per inch"));
}

// The check must see what is wrong: each case spoils a good figure in one way.
TEST_F(MapFigures, CheckFindsWhatIsSpoiled) {
  const MapModel model = MadeModel({2, 3, 4}, Language::kChinese);
  const auto good = LayOut(model, "a4");
  ASSERT_TRUE(good.ok());
  const auto tile = [](MapFigure& figure, int number) -> Shape& {
    for (Op& op : figure.list.ops) {
      auto* shape = std::get_if<Shape>(&op);
      if (shape != nullptr && shape->part == Part::kTile && number-- == 0) return *shape;
    }
    std::abort();
  };
  const auto label = [](MapFigure& figure) -> Label& {
    for (Op& op : figure.list.ops) {
      auto* found = std::get_if<Label>(&op);
      if (found != nullptr) return *found;
    }
    std::abort();
  };
  const struct {
    const char* want;
    std::function<void(MapFigure&)> spoil;
  } cases[] = {
      {"shapes overlap", [&](MapFigure& f) { tile(f, 1).rect.x -= 5 * kPoint; }},
      {"shapes leave", [&](MapFigure& f) { tile(f, 0).rect.x -= 50 * kPoint; }},
      {"text leaves",
       [&](MapFigure& f) { label(f).lines[0].text += "这个标题太长了这个标题太长了"; }},
      {"text lines overlap", [&](MapFigure& f) { f.list.ops.push_back(label(f)); }},
      {"reading order", [&](MapFigure& f) { std::swap(tile(f, 0).rect, tile(f, 1).rect); }},
      {"shown and hidden", [&](MapFigure& f) { tile(f, 0).key = "another"; }},
      {"printed counts", [&](MapFigure& f) { ++f.shown; }},
      {"contrast", [&](MapFigure& f) { label(f).colour = label(f).background; }},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    MapFigure figure = *good;
    c.spoil(figure);
    const FigureReport report = CheckMap(model, figure, *measure_);
    EXPECT_THAT(report.failures, testing::Contains(HasSubstr(c.want)));
  }
}

// Metrics of fonts differ between versions, so positions are left out of the golden text.
std::string WithoutPositions(const std::string& svg) {
  std::string out;
  for (size_t i = 0; i < svg.size();) {
    const bool is_number = svg[i] == '"' && i + 1 < svg.size() &&
                           (std::isdigit(static_cast<unsigned char>(svg[i + 1])) != 0);
    if (!is_number) {
      out += svg[i++];
      continue;
    }
    out += "\"#\"";
    i = svg.find('"', i + 1) + 1;
  }
  return out;
}

TEST_F(MapFigures, TinyMapIsTheGoldenOne) {
  MapModel model = MadeModel({2, 2, 2}, Language::kChinese);
  model.source = "A & B <C>";
  model.bands[1].absent = {"减速器"};
  const auto figure = LayOut(model, "a4");
  ASSERT_TRUE(figure.ok());
  const std::string got = WithoutPositions(WriteSvg(figure->list));
  const std::string path = QIPU_SOURCE_DIR "/tests/golden/map_tiny.svg";
  if (std::getenv("QIPU_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << got;
  std::ostringstream want;
  want << std::ifstream(path).rdbuf();
  EXPECT_EQ(got, want.str()) << "QIPU_UPDATE_GOLDEN=1 writes it anew";
}

// Other programs than ours must be able to read what we write.
class ForeignReaders : public MapFigures {
 protected:
  static bool HasProgram(const std::string& name) {
    return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
  }
  static std::string Path(const std::string& name) { return testing::TempDir() + name; }
  static std::string Contents(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
  }
};

TEST_F(ForeignReaders, PdfGivesBackTheNames) {
  if (!HasProgram("pdftotext")) GTEST_SKIP() << "pdftotext (poppler-utils) is not installed";
  const auto figure = LayOut(MadeModel({2, 3, 4}, Language::kChinese), "a4");
  ASSERT_TRUE(figure.ok());
  const auto pdf = WritePdf(figure->list, *measure_);
  ASSERT_TRUE(pdf.ok());
  const std::string path = Path("qipu_map.pdf"), text = Path("qipu_map.txt");
  std::ofstream(path, std::ios::binary) << *pdf;
  ASSERT_EQ(std::system(("pdftotext " + path + " " + text).c_str()), 0);
  for (const char* name : {"华芯精工", "Aster GmbH", "长江软件", "企业图谱"}) {
    EXPECT_THAT(Contents(text), HasSubstr(name));
  }
}

TEST_F(ForeignReaders, SvgIsDrawnByLibrsvg) {
  if (!HasProgram("rsvg-convert")) GTEST_SKIP() << "rsvg-convert (librsvg2-bin) is not installed";
  MapModel model = MadeModel({2, 3, 4}, Language::kChinese);
  model.bands[0].boxes[0].tiles[0].name = PrintableText("<&\"'>]]>");
  const auto figure = LayOut(model, "a4");
  ASSERT_TRUE(figure.ok());
  const std::string path = Path("qipu_map.svg"), image = Path("qipu_map.png");
  std::ofstream(path, std::ios::binary) << WriteSvg(figure->list);
  ASSERT_EQ(std::system(("rsvg-convert -o " + image + " " + path).c_str()), 0);
  EXPECT_GT(std::filesystem::file_size(image), 10000u);
}

}  // namespace
}  // namespace qipu::tools
