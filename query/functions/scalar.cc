#include <algorithm>
#include <vector>

#include "query/functions/functions.h"
#include "query/parse/parse.h"

namespace qipu::query {

std::span<const ScalarFunction> ScalarFunctions() {
  static const std::vector<ScalarFunction> kAll = [] {
    std::vector<ScalarFunction> all;
    for (const auto group : {GraphFunctions(), ListFunctions(), StringFunctions(),
                             NumberFunctions(), DateFunctions()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return kAll;
}

const ScalarFunction* FindScalarFunction(std::string_view name) {
  const auto all = ScalarFunctions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ScalarFunction& function) {
    return SameName(function.name, name);
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace qipu::query
