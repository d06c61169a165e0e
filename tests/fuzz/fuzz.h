#ifndef QIPU_TESTS_FUZZ_FUZZ_H_
#define QIPU_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A fuzz target reads any bytes; what goes wrong ends the process. By the convention of libFuzzer,
/// so that this and AFL++ can drive it as well as our own driver.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace qipu::fuzz {

/// Good inputs of the target, to start from.
std::vector<std::string> Seeds();

/// Ends the process when a property does not hold.
void Require(bool holds, const char* property);

}  // namespace qipu::fuzz

#endif  // QIPU_TESTS_FUZZ_FUZZ_H_
