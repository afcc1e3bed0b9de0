#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace mito::image {

/// A single-channel 8-bit image [height][width].
struct Gray {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> pixels;
};

/// 3x3 median; border pixels are repeated outwards.
Gray median3(const Gray& image);

/// Closing (dilate, erode) and opening (erode, dilate) of a binary image with a disc: all offsets
/// with dx^2 + dy^2 <= radius_px^2. Pixels off the image do not take part.
Gray close_disc(const Gray& image, double radius_px);
Gray open_disc(const Gray& image, double radius_px);

/// A binary image grown by one pixel to all eight sides.
Gray dilate_square(const Gray& image);

/// A mask image from a PNG or TIFF: 1 where its single channel is not 0 (8 or 16 bit).
/// Throws DataError naming the file: missing, not an image, more than one channel.
Gray read_mask(const std::filesystem::path& file);

}  // namespace mito::image
