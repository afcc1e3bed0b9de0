#pragma once
#include <algorithm>
#include <cstdint>

#include "engine/types/geometry.h"

namespace mito::slide {

/// What two rectangles have in common; width or height 0 when nothing.
inline Rect common(const Rect& a, const Rect& b) {
  const std::int64_t left = std::max(a.x, b.x);
  const std::int64_t top = std::max(a.y, b.y);
  return {left, top, std::max<std::int64_t>(0, std::min(a.x + a.width, b.x + b.width) - left),
          std::max<std::int64_t>(0, std::min(a.y + a.height, b.y + b.height) - top)};
}

/// Copies what `from` and `to` have in common: pixels [height][width][channels] of either.
inline void copy_overlap(const std::uint8_t* pixels,
                         const Rect& from,
                         std::uint8_t* out,
                         const Rect& to,
                         std::int64_t channels = 3) {
  const Rect both = common(from, to);
  if (both.width == 0) return;
  for (std::int64_t y = both.y; y < both.y + both.height; ++y)
    std::copy_n(pixels + ((y - from.y) * from.width + both.x - from.x) * channels,
                both.width * channels, out + ((y - to.y) * to.width + both.x - to.x) * channels);
}

/// Sets what `area` and `to` have in common to `value`: pixels [height][width][channels] of `to`.
inline void fill_overlap(const Rect& area,
                         std::uint8_t value,
                         std::uint8_t* out,
                         const Rect& to,
                         std::int64_t channels) {
  const Rect both = common(area, to);
  if (both.width == 0) return;
  for (std::int64_t y = both.y; y < both.y + both.height; ++y)
    std::fill_n(out + ((y - to.y) * to.width + both.x - to.x) * channels, both.width * channels,
                value);
}

/// Sets what of `area` lies outside of `inside` to 0: pixels [height][width] of `area`.
inline void clear_outside(const Rect& inside, std::uint8_t* out, const Rect& area) {
  for (std::int64_t y = area.y; y < area.y + area.height; ++y)
    for (std::int64_t x = area.x; x < area.x + area.width; ++x)
      if (!inside.contains(x, y)) out[(y - area.y) * area.width + x - area.x] = 0;
}

}  // namespace mito::slide
