#include "engine/image/encode.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "engine/image/codecs.h"

namespace mito::image {
RgbView view_of(const std::vector<std::uint8_t>& rgb, std::int64_t width, std::int64_t height) {
  return {rgb.data(), width, height, width * 3};
}

std::string jpeg_of(const RgbView& picture, int quality) {
  // OpenCV has no view of constant pixels; these are only read.
  const cv::Mat rgb(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC3,
                    const_cast<std::uint8_t*>(picture.first),
                    static_cast<std::size_t>(picture.stride));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  return jpeg_of(bgr, "a picture", quality);
}

std::string probability_png(std::span<const float> probability,
                            std::int64_t columns,
                            std::int64_t rows) {
  // From blue by green to yellow, as viridis has it: lightness rises throughout.
  constexpr std::array<std::array<double, 3>, 4> kColors{
      {{68, 1, 84}, {49, 104, 142}, {53, 183, 121}, {253, 231, 37}}};
  constexpr double kOpaque = 0.8;
  constexpr double kSteps = 16;  // the eye tells no more apart, and PNG takes half
  constexpr double kFaint = 0.05;
  cv::Mat image(static_cast<int>(rows), static_cast<int>(columns), CV_8UC4, cv::Scalar::all(0));
  auto* pixel = image.ptr<cv::Vec4b>();
  for (std::size_t i = 0; i < probability.size(); ++i) {
    const double p =
        std::round(std::clamp(static_cast<double>(probability[i]), 0.0, 1.0) * kSteps) / kSteps;
    if (p < kFaint) continue;
    const double along = p * (kColors.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(along), kColors.size() - 2);
    const auto mixed = [&](std::size_t channel) {
      const double share = along - static_cast<double>(low);
      return cv::saturate_cast<std::uint8_t>(kColors[low][channel] * (1 - share) +
                                             kColors[low + 1][channel] * share);
    };
    const auto alpha = cv::saturate_cast<std::uint8_t>(255 * kOpaque * p);
    pixel[i] = {mixed(2), mixed(1), mixed(0), alpha};
  }
  return png_of(image, "a picture", 9);
}

}  // namespace mito::image
