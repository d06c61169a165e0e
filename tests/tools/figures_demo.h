#ifndef QIPU_TESTS_TOOLS_FIGURES_DEMO_H_
#define QIPU_TESTS_TOOLS_FIGURES_DEMO_H_

#include <optional>
#include <string>

#include "tools/figures/figures.h"

namespace qipu::tools {

/// The demonstration chain and companies as a map model, of one city or district; null when the
/// files are not there. `place` is a city's name, a district's code, or empty for all.
std::optional<MapModel> DemoModel(const std::string& place, Language language);

/// A made-up model: `bands` bands of `boxes` boxes of `tiles` companies each.
struct MadeShape {
  int bands = 1, boxes = 1, tiles = 1;
};
MapModel MadeModel(const MadeShape& shape, Language language);

}  // namespace qipu::tools

#endif  // QIPU_TESTS_TOOLS_FIGURES_DEMO_H_
