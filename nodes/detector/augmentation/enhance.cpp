#include "nodes/detector/augmentation/enhance.h"

#include <string>

#include "engine/core/error.h"
#include "engine/image/kernels.h"

namespace mito::image {
namespace {

/// Pixels of a plane; 0 = nothing to do.
std::size_t pixels_to_change(std::span<const float> planes, double factor) {
  if (planes.size() % 3 != 0)
    throw DataError("enhancement: expected three planes of one size, got " +
                    std::to_string(planes.size()) + " values");
  if (!(factor >= 0)) throw DataError("enhancement: the factor must not be negative");
  return factor == 1 ? 0 : planes.size() / 3;
}

}  // namespace

void enhance_colour(std::span<float> planes, double factor) {
  const auto n = pixels_to_change(planes, factor);
  kernels::enhance_colour(static_cast<float>(factor), n, planes.data(), planes.data() + n,
                          planes.data() + 2 * n);
}

void enhance_contrast(std::span<float> planes, double factor) {
  const auto n = pixels_to_change(planes, factor);
  if (n == 0) return;
  const double sum = kernels::grey_sum(planes.data(), planes.data() + n, planes.data() + 2 * n, n);
  kernels::enhance(static_cast<float>(sum / static_cast<double>(n)), static_cast<float>(factor),
                   planes.size(), planes.data());
}

void enhance_brightness(std::span<float> planes, double factor) {
  if (pixels_to_change(planes, factor) == 0) return;
  kernels::enhance(0, static_cast<float>(factor), planes.size(), planes.data());
}

}  // namespace mito::image
