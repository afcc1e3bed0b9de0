// What libFuzzer calls, for the target MITO_FUZZ_TARGET.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

const mito::fuzz::Target& chosen() {
  const auto all = mito::fuzz::targets();
  const auto found = std::ranges::find(all, MITO_FUZZ_TARGET, &mito::fuzz::Target::name);
  if (found == all.end()) std::abort();  // its folder of seeds has another name
  return *found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto& kTarget = chosen();
  mito::fuzz::run(kTarget, {reinterpret_cast<const char*>(data), size});
  return 0;
}
