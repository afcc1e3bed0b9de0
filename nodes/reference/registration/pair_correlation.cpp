#include "nodes/reference/registration/pair_correlation.h"

#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/types/grid_maps.h"

namespace mito::image {
namespace {

// But for rounding: less than a thousandth of a pixel over a whole slide.
bool only_shifts(const Affine& map) {
  constexpr double kNothing = 1e-9;
  return std::abs(map.a - 1) < kNothing && std::abs(map.b) < kNothing &&
         std::abs(map.d) < kNothing && std::abs(map.e - 1) < kNothing;
}

}  // namespace

PairCorrelation::PairCorrelation(SlideView he,
                                 SlideView phh3,
                                 const Affine& phh3_from_he,
                                 const SignalParams& params)
    : he_(std::move(he)),
      phh3_(std::move(phh3)),
      he_signal_(Signal::of_he(params)),
      phh3_signal_(Signal::of_phh3(params)) {
  if (he_.grid.mpp != phh3_.grid.mpp)
    throw DataError("correlation of two slides: their grids have different resolutions");
  Affine& map = phh3_from_he_px_;
  map =
      compose(inverse(um_from_pixels(phh3_.grid)), compose(phh3_from_he, um_from_pixels(he_.grid)));
  if (only_shifts(phh3_from_he)) {
    const PointL0 whole{std::round(map.c), std::round(map.f)};
    rounding_px_ = {whole.x - map.c, whole.y - map.f};
    map = {1, 0, whole.x, 0, 1, whole.y};
  }
}

TileMatch PairCorrelation::at(std::int64_t x, std::int64_t y, int n, int radius) const {
  const Rect area{x - n / 2, y - n / 2, n, n};
  const Plane fixed = signal_in(he_.read, area, he_signal_);
  const Plane moving =
      signal_through(phh3_.read, phh3_from_he_px_, area.grown(radius), phh3_signal_);
  TileMatch match;
  match.heatmap = cross_correlate(fixed.values, moving.values, n, radius);
  match.peak = find_peak(match.heatmap);
  match.template_sd = standard_deviation(fixed.values);
  match.window_sd = standard_deviation(moving.values);
  return match;
}

PointL0 PairCorrelation::displacement_um(const Peak& peak) const {
  return {(peak.sub_x + rounding_px_.x) * he_.grid.mpp,
          (peak.sub_y + rounding_px_.y) * he_.grid.mpp};
}

}  // namespace mito::image
