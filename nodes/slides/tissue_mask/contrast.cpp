#include "nodes/slides/tissue_mask/contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "engine/core/error.h"
#include "engine/image/components.h"

namespace mito::tissue_mask {
namespace {

constexpr double kThick = 0.6;    // of the thickest region: kept wherever it lies
constexpr double kNearUm = 5000;  // thinner regions are kept this near to a kept one

/// Smoothed absolute Laplacian of the grey picture: high where the tissue has structure.
cv::Mat local_contrast(const cv::Mat& rgb) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  cv::Mat contrast;
  cv::Laplacian(grey, contrast, CV_64F);
  contrast = cv::abs(contrast);
  cv::GaussianBlur(contrast, contrast, {11, 11}, 1);
  return contrast;
}

/// 1 everywhere but in the background: what is connected to the place farthest from structure.
image::Gray without_background(const cv::Mat& structure) {
  cv::Mat empty = structure == 0;
  cv::Mat distance;
  cv::distanceTransform(empty, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  cv::Point widest;
  cv::minMaxLoc(distance, nullptr, nullptr, nullptr, &widest);
  if (empty.at<std::uint8_t>(widest) != 0) cv::floodFill(empty, widest, cv::Scalar(128));
  image::Gray out{empty.cols, empty.rows, {}};
  out.pixels.reserve(empty.total());
  for (int y = 0; y < empty.rows; ++y)
    for (int x = 0; x < empty.cols; ++x)
      out.pixels.push_back(empty.at<std::uint8_t>(y, x) == 128 ? 0 : 1);
  return out;
}

/// A connected region by its thickest place.
struct Region {
  std::int32_t label = 0;
  float thickness = 0;  ///< Largest distance to the region's outside, px.
  cv::Point centre;
};

std::vector<Region> regions_of(image::Gray& mask, const image::Components& found) {
  const cv::Mat view(static_cast<int>(mask.height), static_cast<int>(mask.width), CV_8UC1,
                     mask.pixels.data());
  cv::Mat distance;
  cv::distanceTransform(view, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  std::vector<Region> regions(found.items.size());
  for (int y = 0; y < view.rows; ++y)
    for (int x = 0; x < view.cols; ++x) {
      const auto label = found.labels[static_cast<std::size_t>(y * mask.width + x)];
      if (label == 0) continue;
      auto& region = regions[static_cast<std::size_t>(label - 1)];
      region.label = label;
      if (distance.at<float>(y, x) > region.thickness) {
        region.thickness = distance.at<float>(y, x);
        region.centre = {x, y};
      }
    }
  std::ranges::stable_sort(regions, std::ranges::greater{}, &Region::thickness);
  return regions;
}

/// Drops regions that are thin and far from every thick one.
void drop_far(image::Gray& mask, double near_px) {
  const auto found = image::label_components(mask.pixels, mask.width, mask.height, 8);
  const auto regions = regions_of(mask, found);
  std::vector<char> is_kept(found.items.size() + 1, 0);
  std::vector<cv::Point> kept;
  for (const auto& region : regions) {
    const bool near = std::ranges::any_of(kept, [&](const cv::Point& other) {
      return std::hypot(other.x - region.centre.x, other.y - region.centre.y) <= near_px;
    });
    if (!near && static_cast<double>(region.thickness) <=
                     kThick * static_cast<double>(regions.front().thickness))
      continue;
    is_kept[static_cast<std::size_t>(region.label)] = 1;
    kept.push_back(region.centre);
  }
  for (std::size_t i = 0; i < mask.pixels.size(); ++i)
    if (is_kept[static_cast<std::size_t>(found.labels[i])] == 0) mask.pixels[i] = 0;
}

}  // namespace

TissueMask by_contrast(std::span<const std::uint8_t> rgb, const Grid& grid, const Params& params) {
  if (rgb.size() != static_cast<std::size_t>(3 * grid.width * grid.height))
    throw DataError("the thumbnail does not match its grid");
  std::vector<std::uint8_t> pixels(rgb.begin(), rgb.end());  // OpenCV has no const matrix
  const cv::Mat picture(static_cast<int>(grid.height), static_cast<int>(grid.width), CV_8UC3,
                        pixels.data());
  const cv::Mat contrast = local_contrast(picture);
  const double threshold = cv::mean(contrast)[0];
  cv::Mat structure = contrast >= threshold;
  if (threshold == 0) structure.setTo(0);  // one flat colour
  cv::medianBlur(structure, structure, 7);
  cv::morphologyEx(structure, structure, cv::MORPH_OPEN, cv::Mat::ones(5, 5, CV_8UC1));

  image::Gray mask = without_background(structure);
  drop_far(mask, kNearUm / grid.mpp);
  mask = clean_regions(mask, params.min_region_um / grid.mpp, params.max_hole_um / grid.mpp);
  return measured(mask, grid, threshold);
}

}  // namespace mito::tissue_mask
