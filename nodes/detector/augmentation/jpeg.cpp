#include "nodes/detector/augmentation/jpeg.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/core/error.h"
#include "engine/image/codecs.h"

namespace mito::image {

void compress_jpeg(std::span<float> planes, int size, int quality) {
  const auto n = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  if (size <= 0 || planes.size() != 3 * n)
    throw DataError("JPEG: " + std::to_string(planes.size()) + " values are no RGB patch of " +
                    std::to_string(size) + " px");
  if (quality < 1 || quality > 100)
    throw DataError("JPEG: quality must be in 1 to 100, got " + std::to_string(quality));
  cv::Mat picture(size, size, CV_8UC3);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c)  // OpenCV's order is B, G, R
      picture.data[3 * i + c] = static_cast<std::uint8_t>(
          std::lround(255.0F * std::clamp(planes[(2 - c) * n + i], 0.0F, 1.0F)));
  const std::string bytes = jpeg_of(picture, "a patch", quality);
  const cv::Mat back = read_bgr(bytes);
  if (back.size() != picture.size()) throw DataError("JPEG: a patch cannot be decompressed");
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      planes[(2 - c) * n + i] = static_cast<float>(back.data[3 * i + c]) / 255.0F;
}

}  // namespace mito::image
