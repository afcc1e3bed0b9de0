#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mito::image {

/// Correlations at all displacements |dx|, |dy| <= radius.
struct Heatmap {
  int radius = 0;
  std::vector<double> values;  ///< [2 radius + 1][2 radius + 1]: [dy + radius][dx + radius].

  int side() const { return 2 * radius + 1; }
  double at(int dx, int dy) const {
    const std::int64_t row = std::int64_t{dy} + radius;
    return values[static_cast<std::size_t>(row * side() + dx + radius)];
  }
};

/// Zero-normalised cross-correlation of the template `fixed` [n][n] with every n x n part of
/// `moving` [n + 2 radius][n + 2 radius], by FFT in double precision. Element (dx, dy) belongs to
/// the part displaced by (dx, dy) from the middle one. Where template or part are constant it is 0.
/// Method 11.2. Throws DataError when the sizes do not fit.
Heatmap cross_correlate(std::span<const double> fixed,
                        std::span<const double> moving,
                        int n,
                        int radius);

/// The mean of heatmaps of one radius. Throws DataError when there is none or the radii differ.
Heatmap average(std::span<const Heatmap> heatmaps);

/// The highest place of a heatmap.
struct Peak {
  int x = 0;  ///< Displacement; the first one in raster order among equals.
  int y = 0;
  double sub_x = 0;  ///< Top of the parabola through the peak and its two neighbours, per axis.
  double sub_y = 0;
  double value = 0;        ///< At (x, y).
  double psr = 0;          ///< (value - mean) / sd outside 5 x 5 around (x, y); 0 where sd is 0.
  bool on_border = false;  ///< Of the search range: the true peak may lie beyond.
};

/// Method 11.3, 11.5. Not refined along an axis on whose border the peak lies.
/// Throws DataError for an empty heatmap.
Peak find_peak(const Heatmap& heatmap);

/// Population standard deviation; 0 for no values.
double standard_deviation(std::span<const double> values);

}  // namespace mito::image
