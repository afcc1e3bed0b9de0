#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/tiff/resolution.h"

namespace mito::slide {

/// What the OME-XML of a file says of the size of its pixels.
struct OmeResolution {
  std::optional<tiff::Resolution> resolution;
  std::string unknown_unit;  ///< Of a size that could not be turned into um; else empty.
};

/// Reads `description`, the text of TIFF tag 270: PhysicalSizeX and PhysicalSizeY of the image of
/// `width` x `height` px, else of the first, in whatever unit (um where none is stated). Nothing
/// when it is no OME-XML or states no size.
std::optional<OmeResolution> ome_resolution(std::string_view description,
                                            std::int64_t width,
                                            std::int64_t height);

/// Is it OME-XML?
bool is_ome(std::string_view description);

/// How many images the OME-XML says that a picture is made of.
struct OmePlanes {
  std::int64_t channels = 1;  ///< Samples of a pixel included: 3 of RGB.
  std::int64_t depths = 1;    ///< Focal planes.
  std::int64_t times = 1;
};

/// Of the image of `width` x `height` px. Nothing when `description` is no OME-XML, or does not
/// speak of such an image.
std::optional<OmePlanes> ome_planes(std::string_view description,
                                    std::int64_t width,
                                    std::int64_t height);

}  // namespace mito::slide
