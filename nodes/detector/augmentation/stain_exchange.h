#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace mito::image {

/// Mean and standard deviation of the optical density -ln(v / 255) of the red, green and blue of a
/// patch, over its pixels that are not glass.
struct DensityMoments {
  std::array<double, 3> mean{};
  std::array<double, 3> sd{};
  std::int64_t pixels = 0;  ///< Looked at.
};

/// Moments of RGB [n][3]. A pixel is glass when the mean density of its channels is below 0.1.
DensityMoments density_moments(std::span<const std::uint8_t> rgb);

/// The patch RGB [n][3] in the stain of another: each channel's density is stretched and shifted
/// from the moments `own` to `share` of the way to the moments `other`, and written as
/// [n][3] in [0, 1]. The stretch is at most twofold either way; densities below 0.1 move the less
/// the thinner they are, so that glass stays white. Patches with hardly any tissue keep their
/// stain, and are not taken for an example. Throws DataError when `out` has another size.
void exchange_stain(std::span<const std::uint8_t> rgb,
                    const DensityMoments& own,
                    const DensityMoments& other,
                    double share,
                    std::span<float> out);

}  // namespace mito::image
