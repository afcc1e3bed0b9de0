#pragma once
#include <algorithm>

#include "engine/types/geometry.h"

namespace mito {

/// What two rectangles share; width and height are 0 where they do not meet.
inline Rect intersection(const Rect& a, const Rect& b) {
  const auto x0 = std::max(a.x, b.x);
  const auto y0 = std::max(a.y, b.y);
  const auto x1 = std::min(a.x + a.width, b.x + b.width);
  const auto y1 = std::min(a.y + a.height, b.y + b.height);
  return {x0, y0, std::max<std::int64_t>(0, x1 - x0), std::max<std::int64_t>(0, y1 - y0)};
}

}  // namespace mito
