#ifndef QIPU_TESTS_INGEST_PLACE_REFERENCE_H_
#define QIPU_TESTS_INGEST_PLACE_REFERENCE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/place/place.h"

namespace qipu::ingest {

/// Fields of a line without quotes.
std::vector<std::string> SplitFields(std::string_view line, char separator);

/// The tables in schemas/reference.
std::vector<Region> ReferenceRegions();
std::vector<PlaceAlias> ReferenceAliases();
PlaceRules ReferenceRules();

/// A gazetteer over them, made once.
const Gazetteer& ReferenceGazetteer();

}  // namespace qipu::ingest

#endif  // QIPU_TESTS_INGEST_PLACE_REFERENCE_H_
