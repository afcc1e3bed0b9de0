#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mito::image {

/// RGB pixels [height][width][3] that lie in a larger picture: rows begin `stride` bytes apart.
struct RgbView {
  const std::uint8_t* first = nullptr;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t stride = 0;
};

/// All of a picture.
RgbView view_of(const std::vector<std::uint8_t>& rgb, std::int64_t width, std::int64_t height);

/// Throws DataError when there is no library for PNG and JPEG (codecs.h), with where it was looked
/// for.
void require_codecs();

/// As JPEG, colour at half resolution, `quality` 1 to 100. Throws DataError.
std::string jpeg_of(const RgbView& picture, int quality);

/// Probabilities [rows][columns] as a PNG that lies over a slide: colour (viridis) and opacity grow
/// with them; nothing is drawn below 0.05. Throws DataError.
std::string probability_png(std::span<const float> probability,
                            std::int64_t columns,
                            std::int64_t rows);

}  // namespace mito::image
