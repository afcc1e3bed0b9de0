#pragma once
#include <optional>
#include <string_view>

namespace mito::tiff {

/// um per pixel, along x and y.
struct Resolution {
  double mpp_x = 0;
  double mpp_y = 0;
};

/// um per pixel from TIFF's numbers: `unit` is "inch", "centimeter" or another text, which has no
/// meaning. Nothing as well when a number is not above 0. Whether a microscope has such pixels is
/// for the caller to say: 72 dpi, which programs write that know none, are 353 um/px.
std::optional<Resolution> resolution_of(double per_unit_x,
                                        double per_unit_y,
                                        std::string_view unit);

}  // namespace mito::tiff
