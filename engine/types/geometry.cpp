#include "engine/types/geometry.h"

#include <cmath>

namespace mito {

double distance_um(const Grid& grid, const PointL0& a, const PointL0& b) {
  return std::hypot((a.x - b.x) / grid.scale_x, (a.y - b.y) / grid.scale_y) * grid.mpp;
}

}  // namespace mito
