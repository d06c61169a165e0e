#include <cairo-pdf.h>

#include "tools/figures/figures.h"

namespace qipu::tools {
namespace {

cairo_status_t Append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

Result<std::string> WritePdf(const DisplayList& list, TextMeasure& measure) {
  std::string bytes;
  cairo_surface_t* surface =
      cairo_pdf_surface_create_for_stream(Append, &bytes, static_cast<double>(list.width) / kPoint,
                                          static_cast<double>(list.height) / kPoint);
  // Without dates of its own cairo takes the clock's, and no two files are the same.
  const std::string date = list.as_of.value_or(graph::Date{}).ToString() + "T00:00:00Z";
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, date.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, list.title.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, list.description.c_str());
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "qipu");
  cairo_t* target = cairo_create(surface);
  Paint(list, measure, target);
  cairo_show_page(target);
  const cairo_status_t drawn = cairo_status(target);
  cairo_destroy(target);
  cairo_surface_finish(surface);
  const cairo_status_t written = cairo_surface_status(surface);
  cairo_surface_destroy(surface);
  const cairo_status_t status = drawn != CAIRO_STATUS_SUCCESS ? drawn : written;
  if (status != CAIRO_STATUS_SUCCESS) {
    return IoError(std::string("PDF: ") + cairo_status_to_string(status));
  }
  return bytes;
}

}  // namespace qipu::tools
