#include <pango/pangocairo.h>

#include <unordered_map>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

constexpr char kFamilies[] = "Noto Sans,Noto Sans CJK SC";
constexpr char kChineseFamily[] = "Noto Sans CJK SC";
// Texts are shaped once at this size and scaled: unhinted advances are proportional to the size.
constexpr int kShapingPoints = 64;
constexpr int64_t kPangoPerUnitAtShaping = int64_t{PANGO_SCALE} * kShapingPoints;

struct GObjectUnref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using GPointer = std::unique_ptr<T, GObjectUnref>;

// Ideographs all stand alone: no kerning, no joining. So a line's width is the sum of its
// ideographs and of the runs between them, and few things need shaping.
bool IsIdeograph(gunichar code) { return code >= 0x4E00 && code <= 0x9FFF; }

// The end of the piece of `text` that starts at `start`: one ideograph, or a run of other
// characters.
size_t PieceEnd(std::string_view text, size_t start) {
  const char* p = text.data() + start;
  const char* end = text.data() + text.size();
  const bool is_ideograph = IsIdeograph(g_utf8_get_char(p));
  p = g_utf8_next_char(p);
  while (!is_ideograph && p < end && !IsIdeograph(g_utf8_get_char(p))) p = g_utf8_next_char(p);
  return static_cast<size_t>(p - text.data());
}

bool HasFamily(PangoFontMap* fonts, std::string_view wanted) {
  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(fonts, &families, &count);
  bool found = false;
  for (int i = 0; i < count; ++i) found |= wanted == pango_font_family_get_name(families[i]);
  g_free(families);
  return found;
}

}  // namespace

struct TextMeasure::State {
  GPointer<PangoFontMap> fonts;
  GPointer<PangoContext> context;
  std::array<PangoFontDescription*, 2> descriptions{};
  // By weight; both are only looked up, never walked. Widths are Pango units at kShapingPoints.
  std::array<std::unordered_map<std::string, int64_t>, 2> pieces;
  std::array<std::unordered_map<std::string, GPointer<PangoLayout>>, 2> lines;

  ~State() {
    for (PangoFontDescription* description : descriptions) pango_font_description_free(description);
  }

  GPointer<PangoLayout> Shape(std::string_view text, Weight weight) {
    GPointer<PangoLayout> layout(pango_layout_new(context.get()));
    pango_layout_set_font_description(layout.get(), descriptions[static_cast<size_t>(weight)]);
    pango_layout_set_auto_dir(layout.get(), FALSE);
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
  }

  static int64_t WidthOf(PangoLayout* layout) {
    PangoRectangle logical;
    pango_layout_get_extents(layout, nullptr, &logical);
    return logical.width;
  }

  PangoLayout* Line(std::string_view text, Weight weight) {
    auto& line = lines[static_cast<size_t>(weight)][std::string(text)];
    if (line == nullptr) line = Shape(text, weight);
    return line.get();
  }

  int64_t PieceWidth(std::string_view piece, Weight weight) {
    const auto [entry, is_new] =
        pieces[static_cast<size_t>(weight)].try_emplace(std::string(piece), 0);
    if (is_new) entry->second = WidthOf(Shape(piece, weight).get());
    return entry->second;
  }
};

TextMeasure::TextMeasure(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextMeasure::~TextMeasure() = default;

Result<std::unique_ptr<TextMeasure>> TextMeasure::Create() {
  auto state = std::make_unique<State>();
  state->fonts.reset(pango_cairo_font_map_new());
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(state->fonts.get()), 72.0);
  for (size_t weight = 0; weight < 2; ++weight) {
    PangoFontDescription* description = pango_font_description_new();
    pango_font_description_set_family_static(description, kFamilies);
    pango_font_description_set_weight(description,
                                      weight == 0 ? PANGO_WEIGHT_NORMAL : PANGO_WEIGHT_BOLD);
    pango_font_description_set_absolute_size(description, kShapingPoints * PANGO_SCALE);
    state->descriptions[weight] = description;
  }
  if (!HasFamily(state->fonts.get(), kChineseFamily)) {
    return NotFound(std::string("font '") + kChineseFamily +
                    "' is not installed; names in Chinese cannot be drawn. Install it with "
                    "'apt-get install fonts-noto-cjk fonts-noto-core'");
  }
  state->context.reset(pango_font_map_create_context(state->fonts.get()));
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(state->context.get(), options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(state->context.get(), FALSE);
  pango_context_set_language(state->context.get(), pango_language_from_string("zh-CN"));
  pango_context_set_base_dir(state->context.get(), PANGO_DIRECTION_LTR);
  return std::unique_ptr<TextMeasure>(new TextMeasure(std::move(state)));
}

namespace {
Unit AtSize(int64_t shaping_width, Unit size) {
  return static_cast<Unit>((shaping_width * size + kPangoPerUnitAtShaping - 1) /
                           kPangoPerUnitAtShaping);
}
}  // namespace

Unit TextMeasure::Width(std::string_view text, Weight weight, Unit size) {
  int64_t width = 0;
  for (size_t start = 0; start < text.size();) {
    const size_t end = PieceEnd(text, start);
    width += state_->PieceWidth(text.substr(start, end - start), weight);
    start = end;
  }
  return AtSize(width, size);
}

Unit TextMeasure::DrawnWidth(std::string_view text, Weight weight, Unit size) {
  return AtSize(State::WidthOf(state_->Line(text, weight)), size);
}

int TextMeasure::UnknownGlyphs(std::string_view text, Weight weight) {
  return pango_layout_get_unknown_glyphs_count(state_->Line(text, weight));
}

void TextMeasure::Show(cairo_t* target, std::string_view text, Weight weight, Unit size) {
  const double scale = static_cast<double>(size) / (kShapingPoints * kPoint);
  cairo_save(target);
  cairo_scale(target, scale, scale);
  pango_cairo_show_layout_line(target,
                               pango_layout_get_line_readonly(state_->Line(text, weight), 0));
  cairo_restore(target);
}

}  // namespace qipu::tools
