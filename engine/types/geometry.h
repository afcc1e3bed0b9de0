#pragma once
#include <cstdint>

namespace mito {

/// Resolution of the analysis grid, um per pixel (method 0.2).
inline constexpr double kAnalysisMpp = 0.25;

/// A position in level-0 pixels: x to the right, y down, pixel centres at integers.
struct PointL0 {
  double x = 0;
  double y = 0;
  bool operator==(const PointL0&) const = default;
};

/// A plane map: x' = a x + b y + c, y' = d x + e y + f.
struct Affine {
  double a = 1;
  double b = 0;
  double c = 0;
  double d = 0;
  double e = 1;
  double f = 0;

  PointL0 apply(const PointL0& p) const { return {a * p.x + b * p.y + c, d * p.x + e * p.y + f}; }
  double determinant() const { return a * e - b * d; }
  bool operator==(const Affine&) const = default;
};

/// The map back. Throws DataError when there is none.
Affine inverse(const Affine& map);

/// First `inner`, then `outer`.
Affine compose(const Affine& outer, const Affine& inner);

/// A rectangle of whole pixels of some grid; may lie partly outside the slide.
struct Rect {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;

  bool contains(std::int64_t px, std::int64_t py) const {
    return px >= x && py >= y && px < x + width && py < y + height;
  }
  /// Grown by `margin` pixels on every side.
  Rect grown(std::int64_t margin) const {
    return {x - margin, y - margin, width + 2 * margin, height + 2 * margin};
  }
  bool operator==(const Rect&) const = default;
};

/// A pixel grid laid over a slide, e.g. the analysis grid at 0.25 um/px or the 8 um/px mask grid.
/// The centre of grid pixel g lies at level-0 position (g + 0.5) * scale - 0.5 (method 0.1).
struct Grid {
  double scale_x = 1;  ///< Level-0 pixels per grid pixel.
  double scale_y = 1;
  double mpp = kAnalysisMpp;  ///< um per grid pixel.
  std::int64_t width = 0;     ///< Grid pixels that cover the slide.
  std::int64_t height = 0;

  PointL0 to_level0(double gx, double gy) const {
    return {(gx + 0.5) * scale_x - 0.5, (gy + 0.5) * scale_y - 0.5};
  }
  /// Grid position (not rounded) of a level-0 point.
  PointL0 from_level0(const PointL0& p) const {
    return {(p.x + 0.5) / scale_x - 0.5, (p.y + 0.5) / scale_y - 0.5};
  }
  Rect bounds() const { return {0, 0, width, height}; }
  bool operator==(const Grid&) const = default;
};

/// Distance in um of two level-0 points on the slide of `grid`.
double distance_um(const Grid& grid, const PointL0& a, const PointL0& b);

}  // namespace mito
