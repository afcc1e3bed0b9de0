#include "nodes/outcome/run_page/outlines.h"

#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

namespace mito::run_page {
namespace {

/// Is the pixel of this kind? A mask without kinds of ground has tissue only.
bool is_of(const TissueMask& mask, std::size_t pixel, Ground kind) {
  if (kind == Ground::Tissue) return mask.tissue[pixel] != 0;
  return !mask.ground.empty() && mask.ground[pixel] == static_cast<std::uint8_t>(kind);
}

}  // namespace

nlohmann::ordered_json outlines(const TissueMask& mask, Ground kind, const Grid& grid) {
  auto out = nlohmann::ordered_json::array();
  cv::Mat image(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8U);
  for (std::size_t i = 0; i < mask.tissue.size(); ++i) image.data[i] = is_of(mask, i, kind) ? 1 : 0;
  std::vector<std::vector<cv::Point>> borders;
  cv::findContours(image, borders, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  for (const auto& border : borders) {
    std::vector<cv::Point> simple;
    cv::approxPolyDP(border, simple, 1, true);
    constexpr std::size_t kFewest = 3;  // corners
    if (simple.size() < kFewest) continue;
    auto polygon = nlohmann::ordered_json::array();
    for (const auto& corner : simple) {
      const PointL0 at = grid.from_level0(mask.grid.to_level0(corner.x, corner.y));
      polygon.push_back(std::llround(at.x));
      polygon.push_back(std::llround(at.y));
    }
    out.push_back(std::move(polygon));
  }
  return out;
}

}  // namespace mito::run_page
