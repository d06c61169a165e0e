#include <cairo.h>
#include <png.h>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

// Level 1 with run-length matching: a figure is flat areas and glyphs. Higher levels cost
// several times as long for a tenth less.
constexpr int kCompressionLevel = 1;
constexpr double kMetresPerInch = 0.0254;

struct SurfaceDestroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using SurfacePointer = std::unique_ptr<cairo_surface_t, SurfaceDestroy>;

void Append(png_structp png, png_bytep data, size_t length) {
  static_cast<std::string*>(png_get_io_ptr(png))
      ->append(reinterpret_cast<const char*>(data), length);
}

void Flush(png_structp) {}

// cairo's RGB24 (native-endian 0x00RRGGBB) as the bytes R G B.
void PackRow(const unsigned char* from, int width, std::vector<png_byte>& to) {
  const auto* pixels = reinterpret_cast<const uint32_t*>(from);
  for (int x = 0; x < width; ++x) {
    png_byte* out = to.data() + static_cast<size_t>(x) * 3;
    out[0] = static_cast<png_byte>(pixels[x] >> 16);
    out[1] = static_cast<png_byte>(pixels[x] >> 8);
    out[2] = static_cast<png_byte>(pixels[x]);
  }
}

// libpng reports errors by longjmp to the setjmp here; no object with a destructor is made below.
bool Encode(cairo_surface_t* surface, int dpi, std::vector<png_byte>& row, std::string& bytes) {
  const int width = cairo_image_surface_get_width(surface);
  const int height = cairo_image_surface_get_height(surface);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &bytes, Append, Flush);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, kCompressionLevel);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
  const auto per_metre = static_cast<png_uint_32>(dpi / kMetresPerInch + 0.5);
  png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
  png_write_info(png, info);
  const unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < height; ++y) {
    PackRow(data + static_cast<ptrdiff_t>(y) * stride, width, row);
    png_write_row(png, row.data());
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return true;
}

}  // namespace

Result<std::string> WritePng(const DisplayList& list, TextMeasure& measure, int dpi) {
  const auto pixels = [dpi](Unit length) {
    return (int64_t{length} * dpi + 72 * kPoint - 1) / (72 * kPoint);
  };
  const int64_t width = pixels(list.width), height = pixels(list.height);
  if (dpi < 1 || width * height > kPngPixelsMax) {
    return InvalidArgument("PNG of " + std::to_string(width) + " x " + std::to_string(height) +
                           " pixels: at most " + std::to_string(kPngPixelsMax) +
                           " in all; choose fewer dots per inch");
  }
  const SurfacePointer surface(cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  cairo_t* target = cairo_create(surface.get());
  // The page may end inside the last row and column of pixels; what is outside is paper, too.
  cairo_set_source_rgb(target, 1, 1, 1);
  cairo_paint(target);
  cairo_scale(target, dpi / 72.0, dpi / 72.0);
  Paint(list, measure, target);
  const cairo_status_t status = cairo_status(target);
  cairo_destroy(target);
  if (status != CAIRO_STATUS_SUCCESS) {
    return IoError(std::string("PNG: ") + cairo_status_to_string(status));
  }
  cairo_surface_flush(surface.get());
  std::string bytes;
  std::vector<png_byte> row(static_cast<size_t>(width) * 3);
  if (!Encode(surface.get(), dpi, row, bytes)) return IoError("PNG: the encoder failed");
  return bytes;
}

}  // namespace qipu::tools
