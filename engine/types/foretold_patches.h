#pragma once
#include <cstdint>

namespace mito {

/// What is known of sets of patches before they are drawn (Foresight).
struct ForetoldPatches {
  std::int64_t sets = 1;
  std::int64_t patches = 0;  ///< Of each set, about.
};

}  // namespace mito
