#pragma once
#include <cstdint>

#include "nodes/reference/registration/correlation.h"
#include "nodes/reference/registration/stain_signal.h"

namespace mito::image {

/// One of two slides of a section at the resolution of the correlation.
struct SlideView {
  Grid grid;
  ReadPixels read;  ///< RGB of a rectangle of `grid`.
};

/// A template of the H&E slide sought on the PHH3 slide.
struct TileMatch {
  Heatmap heatmap;
  Peak peak;
  double template_sd = 0;  ///< Of the signals.
  double window_sd = 0;
};

/// Correlates places of an H&E slide with the PHH3 slide as seen through a map, so that the two
/// look alike but for a shift (method 11.2 to 11.6). Displacements are PHH3 minus H&E, in um, in
/// the frame of the H&E slide: place u of the H&E slide shows what the PHH3 slide shows at
/// phh3_from_he(u + displacement).
class PairCorrelation {
 public:
  /// `phh3_from_he` maps um from the top left corners of the slides; the grids have one `mpp`.
  PairCorrelation(SlideView he,
                  SlideView phh3,
                  const Affine& phh3_from_he,
                  const SignalParams& params);

  /// Template of n x n pixels around pixel (x, y) of the H&E grid, displaced by up to `radius` px.
  TileMatch at(std::int64_t x, std::int64_t y, int n, int radius) const;

  /// Displacement in um of a heatmap's peak, sub-pixel.
  PointL0 displacement_um(const Peak& peak) const;

 private:
  SlideView he_;
  SlideView phh3_;
  Signal he_signal_;
  Signal phh3_signal_;
  Affine phh3_from_he_px_;
  // A map that only shifts is rounded to whole pixels, so that the slide's own pixels are used.
  PointL0 rounding_px_;
};

}  // namespace mito::image
