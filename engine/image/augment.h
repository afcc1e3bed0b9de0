#pragma once
#include <optional>
#include <string_view>

#include "engine/core/random.h"
#include "engine/image/geometric.h"

namespace mito::image {

/// What is done to a training patch (METHODS 6.2, 6.3). An operator is used when its flag is set or
/// its numbers are there; each draws anew for every patch and is always applied.
struct Augmentation {
  struct Range {
    double low = 0;
    double high = 0;
  };
  struct Elastic {
    double alpha = 100;
    double sigma_px = 10;
  };
  bool rotate = false;                     ///< R: quarter turns, then mirroring.
  std::optional<Range> zoom = {};          ///< S: factor, uniform.
  std::optional<Elastic> elastic = {};     ///< E.
  std::optional<double> stain_sigma = {};  ///< C: alpha in 1 +- sigma, beta in +- sigma.
  std::optional<Range> blur_px = {};       ///< B: sigma, uniform.
  bool shift = false;                      ///< T: as far as the margin of the crop allows.
};

/// A preset by name: none (central crop), RTC, and of METHODS 6.4 RSEB, RCSEB, PHH3 (all with T).
/// `stain_sigma` is that of C where the preset has it. Throws DataError for another name.
Augmentation augmentation(std::string_view preset, double stain_sigma = 0.05);

/// Applies R, S, E, C, B in this order (METHODS 6.2), then crops to `out` px.
///
/// The operators in use draw in the same order: R quarter turns below(4), then mirror below(4) in
/// the order of `Mirror`; S its factor; E the noise of random_elastic_field(); C alpha of H, E, DAB
/// uniform in (1 - sigma, 1 + sigma), then beta of H, E, DAB uniform in (-sigma, sigma); B its
/// sigma; T shift x, then y, integer uniform in -m..m with m = (size - out) / 2. Throws DataError
/// when the patch is smaller than `out` or a number makes no sense.
Patch augment(const Patch& in, const Augmentation& what, RandomStream& random, int out = kCropSize);

}  // namespace mito::image
