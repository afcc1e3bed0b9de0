#include "engine/image/outlines.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include <opencv2/imgproc.hpp>

namespace mito::image {
namespace {

/// Is the pixel of this kind? A mask without kinds of ground has tissue only.
bool is_of(const TissueMask& mask, std::size_t pixel, Ground kind) {
  if (kind == Ground::Tissue) return mask.tissue[pixel] != 0;
  return !mask.ground.empty() && mask.ground[pixel] == static_cast<std::uint8_t>(kind);
}

/// Empty for fewer than three corners.
std::vector<PointL0> corners(const std::vector<cv::Point>& border, const Grid& grid) {
  constexpr std::size_t kFewest = 3;
  std::vector<cv::Point> simple;
  cv::approxPolyDP(border, simple, 1, true);
  std::vector<PointL0> out;
  if (simple.size() < kFewest) return out;
  for (const auto& corner : simple) out.push_back(grid.to_level0(corner.x, corner.y));
  return out;
}

}  // namespace

std::vector<Outline> outlines(const TissueMask& mask, Ground kind) {
  cv::Mat image(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8U);
  for (std::size_t i = 0; i < mask.tissue.size(); ++i) image.data[i] = is_of(mask, i, kind) ? 1 : 0;
  std::vector<std::vector<cv::Point>> borders;
  std::vector<cv::Vec4i> family;  // next, previous, first hole, parent
  cv::findContours(image, borders, family, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  std::vector<Outline> out;
  for (std::size_t i = 0; i < borders.size(); ++i) {
    if (family[i][3] >= 0) continue;
    Outline outline{corners(borders[i], mask.grid), {}};
    if (outline.outer.empty()) continue;
    for (int hole = family[i][2]; hole >= 0; hole = family[static_cast<std::size_t>(hole)][0]) {
      auto ring = corners(borders[static_cast<std::size_t>(hole)], mask.grid);
      if (!ring.empty()) outline.holes.push_back(std::move(ring));
    }
    out.push_back(std::move(outline));
  }
  // OpenCV goes from bottom to top.
  std::ranges::reverse(out);
  return out;
}

std::vector<PointL0> circle(const Grid& grid, const PointL0& at, double radius_um, int corners) {
  const double radius = radius_um / grid.mpp;  // pixels of the grid
  std::vector<PointL0> out;
  for (int k = 0; k < corners; ++k) {
    const double angle = 2 * std::numbers::pi * k / corners;
    out.push_back({at.x + radius * grid.scale_x * std::cos(angle),
                   at.y + radius * grid.scale_y * std::sin(angle)});
  }
  return out;
}

}  // namespace mito::image
