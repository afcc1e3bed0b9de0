#pragma once
#include <algorithm>
#include <cstdint>

#include "engine/types/geometry.h"

namespace mito::slide {

/// Copies what `from` and `to` have in common: RGB pixels [height][width][3] of either rectangle.
inline void copy_overlap(const std::uint8_t* pixels,
                         const Rect& from,
                         std::uint8_t* rgb,
                         const Rect& to) {
  const std::int64_t left = std::max(from.x, to.x);
  const std::int64_t right = std::min(from.x + from.width, to.x + to.width);
  const std::int64_t bottom = std::min(from.y + from.height, to.y + to.height);
  for (std::int64_t y = std::max(from.y, to.y); left < right && y < bottom; ++y)
    std::copy_n(pixels + ((y - from.y) * from.width + left - from.x) * 3, (right - left) * 3,
                rgb + ((y - to.y) * to.width + left - to.x) * 3);
}

}  // namespace mito::slide
