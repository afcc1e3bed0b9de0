#include "engine/types/geometry.h"

#include <cmath>

#include "engine/core/error.h"

namespace mito {

Affine inverse(const Affine& map) {
  const double det = map.determinant();
  if (!std::isfinite(det) || det == 0) throw DataError("a plane map has no inverse");
  const double a = map.e / det;
  const double b = -map.b / det;
  const double d = -map.d / det;
  const double e = map.a / det;
  return {a, b, -(a * map.c + b * map.f), d, e, -(d * map.c + e * map.f)};
}

Affine compose(const Affine& outer, const Affine& inner) {
  const PointL0 shift = outer.apply({inner.c, inner.f});
  return {outer.a * inner.a + outer.b * inner.d, outer.a * inner.b + outer.b * inner.e, shift.x,
          outer.d * inner.a + outer.e * inner.d, outer.d * inner.b + outer.e * inner.e, shift.y};
}

double distance_um(const Grid& grid, const PointL0& a, const PointL0& b) {
  return std::hypot((a.x - b.x) / grid.scale_x, (a.y - b.y) / grid.scale_y) * grid.mpp;
}

}  // namespace mito
