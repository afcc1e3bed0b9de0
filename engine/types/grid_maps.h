#pragma once
#include "engine/types/geometry.h"

namespace mito {

/// Pixels of a grid -> level-0 pixels of its slide.
inline Affine level0_from_pixels(const Grid& grid) {
  return {grid.scale_x, 0, 0.5 * grid.scale_x - 0.5, 0, grid.scale_y, 0.5 * grid.scale_y - 0.5};
}

/// Level-0 pixels -> um from the top left corner of the slide, of which `grid` may be any grid.
inline Affine um_from_level0(const Grid& grid) {
  const double mpp_x = grid.mpp / grid.scale_x;
  const double mpp_y = grid.mpp / grid.scale_y;
  return {mpp_x, 0, 0.5 * mpp_x, 0, mpp_y, 0.5 * mpp_y};
}

/// Pixels of a grid -> um from the top left corner of the slide.
inline Affine um_from_pixels(const Grid& grid) {
  return {grid.mpp, 0, 0.5 * grid.mpp, 0, grid.mpp, 0.5 * grid.mpp};
}

}  // namespace mito
