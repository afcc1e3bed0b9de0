#pragma once
#include <filesystem>
#include <optional>
#include <string_view>

namespace mito::tiff {

/// um per pixel, along x and y.
struct Resolution {
  double mpp_x = 0;
  double mpp_y = 0;
};

/// um per pixel from TIFF's numbers: `unit` is "inch", "centimeter" or another text, which has no
/// meaning. Nothing as well outside 0.01 to 20 um/px: then the tag speaks of a screen or a printer
/// (72 dpi are 353 um/px), not of a microscope.
std::optional<Resolution> resolution_of(double per_unit_x,
                                        double per_unit_y,
                                        std::string_view unit);

/// Resolution of the first image in a TIFF file; nothing when the file is no TIFF or does not say.
std::optional<Resolution> read_resolution(const std::filesystem::path& file);

}  // namespace mito::tiff
