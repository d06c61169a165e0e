#ifndef QIPU_TOOLS_FIGURES_FIGURES_H_
#define QIPU_TOOLS_FIGURES_FIGURES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graph/snapshot.h"
#include "graph/status.h"
#include "graph/value.h"

using cairo_t = struct _cairo;

/// Figures: a model is laid out once, in integers, into a display list, which three writers draw.
namespace qipu::tools {

/// A length on the page: 1/64 of a point (1/4608 inch), so that layouts are exact.
using Unit = int32_t;
inline constexpr Unit kPoint = 64;

struct Rect {
  Unit x = 0, y = 0, width = 0, height = 0;
  Unit right() const { return x + width; }
  Unit bottom() const { return y + height; }
};

struct Colour {
  uint8_t red = 0, green = 0, blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};
inline constexpr Colour kWhite{255, 255, 255};
inline constexpr Colour kBlack{0, 0, 0};

enum class Vision { kNormal, kProtan, kDeutan };

/// The hue of band `index`: each carries white text at AA, and any two of the first kHues differ by
/// at least 15 (CIE76) in normal, protan and deutan vision. Beyond kHues they repeat.
Colour BandColour(size_t index);
inline constexpr size_t kHues = 7;
/// `share` in [0, 1] of `b` mixed into `a`.
Colour Mix(Colour a, Colour b, double share);
/// WCAG 2.1 contrast ratio, 1 to 21.
double Contrast(Colour a, Colour b);
/// CIE76 distance in L*a*b* (D65) as `vision` sees both colours (Machado 2009, severity 1).
double ColourDistance(Colour a, Colour b, Vision vision);
std::string CssColour(Colour colour);  ///< `#rrggbb`

enum class Language { kChinese, kEnglish };
enum class Weight { kRegular, kBold };

/// Line height over font size, and the baseline's place in a line over font size.
inline constexpr int kLineHeightPercent = 118;
inline constexpr int kBaselinePercent = 97;
inline constexpr Unit LineHeight(Unit size) { return size * kLineHeightPercent / 100; }

/// Measures and draws text in "Noto Sans, Noto Sans CJK SC", unhinted, so that widths are
/// proportional to the font size and the same in every output. Caches what it shapes.
class TextMeasure {
 public:
  /// Errors: kNotFound when the Chinese font is not installed; names the package to install.
  static Result<std::unique_ptr<TextMeasure>> Create();
  ~TextMeasure();
  TextMeasure(const TextMeasure&) = delete;
  TextMeasure& operator=(const TextMeasure&) = delete;

  /// Width of one line, as the sum of its pieces' (an ideograph, or a run of other characters).
  /// Cost: a look-up per piece; each different piece is shaped once.
  Unit Width(std::string_view text, Weight weight, Unit size);
  /// Width of one line as it is drawn, shaped as a whole. Never more than Width.
  Unit DrawnWidth(std::string_view text, Weight weight, Unit size);
  /// Characters for which no installed font has a glyph.
  int UnknownGlyphs(std::string_view text, Weight weight);
  /// Draws one line with its left end at the current point's x, on the baseline.
  void Show(cairo_t* target, std::string_view text, Weight weight, Unit size);

 private:
  struct State;
  explicit TextMeasure(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What can be printed of `text`: valid UTF-8, white space as single spaces, no control characters,
/// no direction overrides, at most kTextCharactersMax characters.
std::string PrintableText(std::string_view text);
inline constexpr size_t kTextCharactersMax = 400;

struct FitRequest {
  Unit width = 0, height = 0;
  Weight weight = Weight::kRegular;
  std::span<const Unit> sizes;  ///< font sizes to try, descending; not empty
  int lines_max = 1;            ///< 1 or 2
};

/// Text made to fit: its lines at `size`. `shortened` when the last line ends in an added '…'.
struct FittedText {
  std::vector<std::string> lines;
  Unit size = 0;
  bool shortened = false;
};

/// The largest size of the ladder at which `text` fits on one line or, allowed, on two balanced
/// ones: never broken inside a Latin word, before a closing or after an opening mark. At the
/// smallest size the end is cut and marked with '…'.
FittedText FitText(TextMeasure& measure, std::string_view text, const FitRequest& request);
/// Least width in which `text` stands on one line, and on two.
struct TextExtent {
  Unit one_line = 0, two_lines = 0;
};
TextExtent MeasureExtent(TextMeasure& measure, std::string_view text, Weight weight, Unit size);
/// Running text in lines no wider than `width`; the last of `lines_max` is cut with '…'.
FittedText WrapText(TextMeasure& measure, std::string_view text, const FitRequest& request);

/// What a shape is to a reader; checks and ids rest on it.
enum class Part {
  kPage,
  kBand,
  kBandLabel,
  kGroup,
  kBox,
  kTile,
  kOverflow,
  kAbsent,
  kSwatch,
  kRule
};

struct Shape {
  Part part = Part::kPage;
  Rect rect;
  Unit radius = 0;
  Colour fill;
  std::optional<Colour> stroke = {};
  int parent = -1;           ///< index of the op that encloses this one; -1 for none
  std::string key = {};      ///< what it stands for: a company's or segment's key
  std::string tooltip = {};  ///< whole name and details, for <title>
};

enum class Align { kLeft, kCentre, kRight };
enum class Turn { kNone, kUp };

/// One line: `x` is its left end, middle or right end as the label aligns.
struct TextLine {
  std::string text;
  Unit x = 0, baseline = 0;
};

struct Label {
  Rect room;  ///< the text must stay inside; with kUp, after the turn about the room's centre
  std::vector<TextLine> lines = {};
  Unit size = 0;
  Weight weight = Weight::kRegular;
  Align align = Align::kLeft;
  Turn turn = Turn::kNone;
  Colour colour, background;
  int parent = -1;  ///< index of the shape it labels
  bool shortened = false;
};

using Op = std::variant<Shape, Label>;

struct DisplayList {
  Unit width = 0, height = 0;
  Language language = Language::kChinese;
  std::string title, description;
  std::optional<graph::Date> as_of;
  std::vector<Op> ops;  ///< in drawing order
};

/// Appends and returns the op's index.
int AddShape(DisplayList& list, Shape shape);
/// Appends `label` with the lines of `text`, stacked in the middle of its room's height.
void AddLabel(DisplayList& list, Label label, const FittedText& text);

/// SVG with real text, the master. Cost: linear in ops.
std::string WriteSvg(const DisplayList& list);
/// PDF bytes; its dates are the as-of date, 1970-01-01 without one. Errors: kIo.
Result<std::string> WritePdf(const DisplayList& list, TextMeasure& measure);
/// PNG bytes at `dpi` dots per inch. Errors: kInvalidArgument over kPngPixelsMax; kIo.
Result<std::string> WritePng(const DisplayList& list, TextMeasure& measure, int dpi);
inline constexpr int kPngDpi = 150, kPngDpiLeast = 10, kPngDpiMost = 1200;
inline constexpr int64_t kPngPixelsMax = int64_t{150} * 1000 * 1000;
/// Draws every op at 1 user unit = 1 point.
void Paint(const DisplayList& list, TextMeasure& measure, cairo_t* target);

struct MapTile {
  std::string key;     ///< the company's
  std::string name;    ///< shown
  std::string detail;  ///< whole name, roles, district: shown on hover
};

/// A segment and the companies that offer it, in the order shown.
struct MapBox {
  std::string key, title;
  size_t group = 0;  ///< index into the band's groups, never falling along the boxes
  std::vector<MapTile> tiles;
};

struct MapGroup {
  std::string title;
  int64_t companies = 0;  ///< distinct
};

struct MapBand {
  std::string title;
  int64_t companies = 0;  ///< distinct
  std::vector<MapGroup> groups;
  std::vector<MapBox> boxes;        ///< none empty
  std::vector<std::string> absent;  ///< segments without a company here
};

struct MapModel {
  Language language = Language::kChinese;
  std::string title, scope, order_rule;
  std::string source;                     ///< sources in words; empty when there are none
  std::optional<graph::Date> as_of;       ///< the companies are those active on that day
  std::optional<graph::Date> data_as_of;  ///< of the oldest source; none if one has none
  std::vector<MapBand> bands;             ///< none without boxes and absent segments
  int64_t companies = 0;                  ///< distinct
  int64_t segments = 0;                   ///< of the chain
};
/// Companies counted once for each segment.
int64_t Placements(const MapModel& model);

struct MapQuery {
  std::string chain;                 ///< a Chain's id; empty: the only one there is
  std::string region;                ///< code of a district, city or province; empty: everywhere
  std::optional<graph::Date> as_of;  ///< companies active on that day; else not dissolved
  std::string source;                ///< source note; empty: what the ledger says
  Language language = Language::kChinese;
};

/// Errors: kNotFound for an unknown chain or region, with what there is; kRefused when no company
/// of the region offers any segment; those of Snapshot. Cost: reads the chain's companies once.
Result<MapModel> LoadMapModel(const graph::Snapshot& snapshot, const MapQuery& query);

/// The sources that `model`'s companies come from, by the imports on record, with their dates and
/// licences; `note` instead of them if it is not empty. Cost: reads the list of imported files.
Status AddSources(const graph::Snapshot& snapshot, std::string_view note, MapModel& model);

struct PageFormat {
  std::string name;
  Unit width = 0, height = 0;  ///< landscape
  Unit font_min = 0;           ///< smallest font for names
};
/// `a5`, `a4`, `a3`, `a2`, `a1`, `16x9`.
std::span<const PageFormat> PageFormats();
enum class Orientation { kLandscape, kPortrait };

struct MapFigure {
  DisplayList list;
  std::string page;               ///< name of the format
  int64_t shown = 0, hidden = 0;  ///< placements
  Rect room;                      ///< where the bands may stand
};

/// Lays `model` out on one page: one strip of boxes below another, each as wide as the page, in the
/// model's order, tiles as large as fit; companies beyond the page's room are summed in '+N' tiles.
/// Errors: kInvalidArgument when not even one tile per segment has room; names a larger page.
/// Cost: about 0.1 ms per tile, shaping the names.
Result<MapFigure> LayOutMap(const MapModel& model, const PageFormat& page, Orientation orientation,
                            TextMeasure& measure);
/// The same on the smallest ISO page, A5 to A1, that shows every company; A1 if none does.
Result<MapFigure> LayOutMapOnSmallestPage(const MapModel& model, Orientation orientation,
                                          TextMeasure& measure);

/// What a figure is worth, computed from its display list alone.
struct FigureReport {
  int overlaps = 0;         ///< pairs of sibling shapes that overlap
  int escapes = 0;          ///< shapes that leave their parent, or the page
  int text_overflows = 0;   ///< labels with a line that leaves their room, or rooms the parent's
  int text_collisions = 0;  ///< pairs of text lines that overlap
  int shortened = 0;        ///< names cut with '…'
  int unknown_glyphs = 0;
  int order_breaks = 0;  ///< tiles or boxes that stand before their predecessor
  int miscounts = 0;     ///< boxes whose shown and hidden tiles are not the model's
  int64_t shown = 0, hidden = 0;
  double font_min = 0;  ///< points, over all text
  int tile_sizes = 0;   ///< distinct font sizes in tiles
  double contrast_min = 0;
  double colour_distance_min = 0;  ///< over pairs of bands, three visions
  double fill_of_boxes = 0;        ///< tile area over box bodies
  double fill_of_page = 0;
  double bottom = 0;  ///< lowest band's end over the room's end
  /// What fails, in words; empty when the figure may be printed.
  std::vector<std::string> failures;
};

FigureReport CheckMap(const MapModel& model, const MapFigure& figure, TextMeasure& measure);
std::string ReportJson(const FigureReport& report, const MapFigure& figure);

/// A box to be packed: how many tiles, and how wide its title is.
struct StripBox {
  int tiles = 0;
  Unit title_one_line = 0, title_two_lines = 0;
  size_t group = 0;
  Unit group_title = 0, group_title_continued = 0;  ///< widths its group's bar needs
};

struct StripGeometry {
  Unit tile_width = 0, tile_height = 0, gap = 0;  ///< a tile, and between tiles
  Unit pad = 0, box_gap = 0;                      ///< inside a box, between boxes
  Unit title_line = 0;                            ///< height of one line of a box's title
  Unit group_bar = 0;                             ///< height of a group's bar; its gap included
  int waste_percent = 300;  ///< how dear room without tiles is; see PackStrips
};

/// Boxes [first, first + columns.size()) side by side, all `rows` tiles high.
struct Strip {
  size_t first = 0;
  int rows = 0;
  int title_lines = 1;
  std::vector<int> columns;
};

/// Breaks `boxes` into strips of `width`, keeping their order, with the least sum of heights, each
/// raised by waste_percent of the square of the strip's share without tiles, and of repeated group
/// bars; null when a box fits nowhere. Cost: O(boxes * kStripBoxesMax * rows).
std::optional<std::vector<Strip>> PackStrips(std::span<const StripBox> boxes,
                                             const StripGeometry& geometry, Unit width);
inline constexpr size_t kStripBoxesMax = 24;
Unit StripHeight(const Strip& strip, const StripGeometry& geometry);
/// Width the strip's boxes need at the geometry's tile width.
Unit StripWidth(const Strip& strip, const StripGeometry& geometry);

/// The words a map prints of its own; `{}` stands for a number or a text.
struct MapWords {
  std::string_view upstream, midstream, downstream, other_stage, other_group;
  std::string_view map_title;     ///< of the chain's name
  std::string_view everywhere;    ///< scope without a region
  std::string_view totals;        ///< of scope, companies, placements, segments with any, segments
  std::string_view legend_entry;  ///< of companies, segments
  std::string_view counted;       ///< title of a box or group: of its name, companies
  std::string_view more, continued;    ///< of a count of companies; of a group's title
  std::string_view absent, separator;  ///< of a count of segments and their names; between them
  std::string_view order_rule, counting_rule;
  std::string_view order_note, source_note;
  std::string_view source_details;  ///< of a source's title; its date and licence
  std::string_view as_of_note, data_as_of_note, no_as_of, shown_note, unnamed;
};
const MapWords& WordsOf(Language language);
/// `pattern` with each `{}` replaced by the next of `values`.
std::string Fill(std::string_view pattern, std::span<const std::string> values);

/// The page around the bands.
struct MapFrame {
  Unit em = 0;        ///< the page's basic font size; every other one of the frame is a multiple
  Unit font_min = 0;  ///< no text is smaller
  Unit margin = 0;
  Rect bands;  ///< room for the bands
  Rect head, foot;
  std::vector<std::string> foot_lines;
  Unit foot_size = 0;
};
MapFrame FrameMap(const MapModel& model, const PageFormat& page, Orientation orientation,
                  TextMeasure& measure);
/// Title, totals, legend and foot.
void DrawFrame(const MapModel& model, const MapFrame& frame, int64_t hidden, TextMeasure& measure,
               DisplayList& list);

/// Name and count.
std::string BoxTitle(const MapBox& box, Language language);
std::string GroupTitle(const MapGroup& group, Language language);
/// `title` one character a line, if it is Chinese and short; else nothing, and it is turned.
std::vector<std::string> StackedCharacters(std::string_view title);
/// Least height of a band, for its label to be read.
Unit BandLabelHeight(const MapModel& model, size_t band, const MapFrame& frame,
                     TextMeasure& measure);

struct MapBandPlan {
  std::vector<Strip> strips;
  std::vector<std::string> absent_lines;
  Unit height = 0;
};

struct MapPlan {
  StripGeometry geometry;
  Unit title_size = 0, group_size = 0, absent_size = 0;
  Unit band_gap = 0;
  Unit label_width = 0;  ///< of the bands' labels, gap included
  int cap = 0;           ///< tiles for which every box has room, if it has so many
  std::vector<MapBandPlan> bands;
};
/// Where everything inside the bands goes. Errors: kInvalidArgument when nothing fits.
Result<MapPlan> PlanMap(const MapModel& model, const MapFrame& frame, TextMeasure& measure);
/// Tiles drawn for a box of `count` companies: all, or `room`, the last of which is '+N'.
inline int DrawnTiles(size_t count, int room) {
  return count > static_cast<size_t>(room) ? room : static_cast<int>(count);
}
/// Font sizes for text, descending, from `most` to at least `least`.
std::vector<Unit> SizeLadder(Unit most, Unit least);

}  // namespace qipu::tools

#endif  // QIPU_TOOLS_FIGURES_FIGURES_H_
