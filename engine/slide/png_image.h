#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "engine/tiff/picture.h"

namespace mito::slide {

/// A decoded PNG.
struct PngImage {
  tiff::Picture picture;
  std::optional<int> brightest;  ///< Colour sample, of one with 16 bits a sample.
};

/// Decodes a PNG of any kind; transparency may be stored as a channel, a colour or with a palette.
/// Throws DataError naming the file when it is cut short, damaged or has more than `max_pixels`.
PngImage read_png(const std::filesystem::path& file, std::int64_t max_pixels);

}  // namespace mito::slide
