#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace mito::stain {

/// A roughly elliptic dark nucleus, in pixels.
struct Nucleus {
  double x = 0;
  double y = 0;
  double semi_major = 0;
  double semi_minor = 0;
  double angle = 0;  ///< Of the major axis.
};

/// Which nuclei count (method 3.2 step 3).
struct NucleiOptions {
  double min_semi_axis_um = 1.94;
  double max_semi_axis_um = 4.86;
  double min_contrast = 0.08;  ///< Density of a nucleus above its surroundings.
};

/// Finds roughly elliptic nuclei in an image of densities [height][width] of `mpp` um per pixel, at
/// 0.5 um/px or the image's own resolution if that is coarser: maxima of the Laplacian of Gaussian
/// over three sizes are grown to where the density falls half way to its surroundings, and the
/// second moments of what was grown are the ellipse. Strongest first; a nucleus whose middle lies
/// in an earlier one is dropped. Deterministic.
std::vector<Nucleus> find_nuclei(std::span<const float> density,
                                 std::int64_t width,
                                 std::int64_t height,
                                 double mpp,
                                 const NucleiOptions& options = {});

/// 1 + index of the nucleus that covers each pixel, 0 for none; earlier nuclei lie on top.
std::vector<std::int32_t> cover(const std::vector<Nucleus>& nuclei,
                                std::int64_t width,
                                std::int64_t height);

}  // namespace mito::stain
