#pragma once
#include "engine/core/description.h"
#include "engine/types/geometry.h"

namespace mito {

/// A grid as the attributes grid_scale, grid_mpp and grid_size of a payload that holds it.
void describe_grid(Description<Grid>& d);

/// The attribute `level` of a payload with points on level 0: readers such as CLAM look for it.
template <class T>
void describe_level(Description<T>& d) {
  d.derived("level", [](const T&) { return std::int64_t{0}; },
            {"The level whose pixels `coords` counts, always 0."});
}

}  // namespace mito
