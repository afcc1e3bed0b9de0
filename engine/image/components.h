#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/types/geometry.h"

namespace mito::image {

/// One connected set of pixels.
struct Component {
  std::int64_t area = 0;  ///< Pixels.
  Rect bounds;            ///< Smallest rectangle that holds it.
};

/// Connected components of a binary image.
struct Components {
  std::vector<std::int32_t> labels;  ///< [height][width]; 0 is background, k is items[k - 1].
  std::vector<Component> items;      ///< In raster order of their first pixel.
};

/// Labels the non-zero pixels of `mask` [height][width]; `connectivity` is 4 or 8.
/// Throws std::invalid_argument for other connectivities or a buffer of the wrong size.
Components label_components(std::span<const std::uint8_t> mask,
                            std::int64_t width,
                            std::int64_t height,
                            int connectivity);

/// hypot(width, height) of the bounding box, in pixels (method 2.3).
double bounding_diagonal(const Component& component);

}  // namespace mito::image
