#include "nodes/outcome/run_page/pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/report/template.h"
#include "engine/slide/patch_reader.h"

namespace mito::run_page {
namespace {

constexpr int kTileQuality = 68;
constexpr int kCloseUpQuality = 80;
/// Smaller than a screen's smallest view of a slide; there is no level below.
constexpr std::int64_t kSmallestLevelPx = 256;

std::string encode(const cv::Mat& image, const char* format, const std::vector<int>& options) {
  std::vector<std::uint8_t> bytes;
  if (!cv::imencode(format, image, bytes, options))
    throw DataError(fmt::format("a picture cannot be encoded as {}", format));
  return {bytes.begin(), bytes.end()};
}

std::string jpeg_uri(const cv::Mat& bgr, int quality) {
  return report::data_uri("jpeg", encode(bgr, ".jpg", {cv::IMWRITE_JPEG_QUALITY, quality}));
}

/// RGB pixels as OpenCV takes them.
cv::Mat bgr_of(std::vector<std::uint8_t> rgb, std::int64_t width, std::int64_t height) {
  const cv::Mat view(static_cast<int>(height), static_cast<int>(width), CV_8UC3, rgb.data());
  cv::Mat bgr;
  cv::cvtColor(view, bgr, cv::COLOR_RGB2BGR);
  return bgr;
}

std::string tile_key(int level, std::int64_t x, std::int64_t y) {
  return fmt::format("{}/{}_{}", level, x, y);
}

/// Half as wide and high, as the next level has it.
cv::Mat half_of(const cv::Mat& image) {
  cv::Mat half;
  cv::resize(image, half, {(image.cols + 1) / 2, (image.rows + 1) / 2}, 0, 0, cv::INTER_AREA);
  return half;
}

double distance_to(double at, double low, double high) {
  return at < low ? low - at : at > high ? at - high : 0;
}

}  // namespace

Pictures::Pictures(const Slide& slide, Budget& budget, std::function<bool()> stop)
    : slide_(slide), budget_(budget), stop_(std::move(stop)) {
  const Grid& grid = slide.analysis_grid();
  pyramid_.width = grid.width;
  pyramid_.height = grid.height;
  for (auto longest = std::max(grid.width, grid.height); longest > 1; longest = (longest + 1) / 2)
    ++pyramid_.max_level;
  pyramid_.min_level = pyramid_.max_level;
  overview_level_ = pyramid_.max_level;
}

void Pictures::check_stop() const {
  if (stop_()) throw Interrupted("stopped while drawing the page of the run");
}

Grid Pictures::grid_of(int level) const {
  Grid grid = slide_.analysis_grid();
  const auto shrink = std::int64_t{1} << (pyramid_.max_level - level);
  const auto by = static_cast<double>(shrink);
  return {grid.scale_x * by, grid.scale_y * by, grid.mpp * by, (grid.width + shrink - 1) / shrink,
          (grid.height + shrink - 1) / shrink};
}

std::optional<CloseUp> Pictures::close_up(const PointL0& at, double um) {
  if (budget_.is_spent()) return std::nullopt;
  check_stop();
  const Grid& grid = slide_.analysis_grid();
  const auto px = std::llround(um / grid.mpp);
  const PointL0 centre = grid.from_level0(at);
  const GridPoint pixel{static_cast<std::int32_t>(std::lround(centre.x)),
                        static_cast<std::int32_t>(std::lround(centre.y))};
  CloseUp out{static_cast<double>(px) * grid.mpp,
              jpeg_uri(bgr_of(cut_patch(slide_, pixel, px), px, px), kCloseUpQuality)};
  budget_.spend(out.uri.size());
  return out;
}

void Pictures::add_overview(std::int64_t longest_px) {
  while (std::max(grid_of(overview_level_).width, grid_of(overview_level_).height) > longest_px)
    --overview_level_;
  const Grid grid = grid_of(overview_level_);
  cv::Mat image = bgr_of(slide_.read(grid, grid.bounds()), grid.width, grid.height);
  for (int level = overview_level_;; --level) {
    check_stop();
    for (std::int64_t y = 0; y * pyramid_.tile_px < image.rows; ++y) {
      for (std::int64_t x = 0; x * pyramid_.tile_px < image.cols; ++x) {
        const auto px = static_cast<int>(pyramid_.tile_px);
        const cv::Rect tile(static_cast<int>(x) * px, static_cast<int>(y) * px, px, px);
        auto uri = jpeg_uri(image(tile & cv::Rect({0, 0}, image.size())), kTileQuality);
        budget_.spend(uri.size());
        pyramid_.tiles[tile_key(level, x, y)] = std::move(uri);
      }
    }
    pyramid_.min_level = level;
    if (level == 0 || std::max(image.cols, image.rows) <= kSmallestLevelPx) return;
    image = half_of(image);
  }
}

double Pictures::add_circle(const PointL0& centre, double radius_um, double mpp) {
  double reached = grid_of(overview_level_).mpp;
  for (int level = overview_level_ + 1; level <= pyramid_.max_level; ++level) {
    const Grid grid = grid_of(level);
    constexpr double kNearEnough = 1.001;  // of resolutions that are the same but for rounding
    if (reached <= mpp * kNearEnough) break;
    const PointL0 at = grid.from_level0(centre);
    const double radius = radius_um / grid.mpp;
    const auto px = static_cast<double>(pyramid_.tile_px);
    std::vector<std::pair<std::string, std::string>> tiles;
    double bytes = 0;
    const auto first = [&](double position) {
      return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(position / px)));
    };
    for (auto y = first(at.y - radius); y * pyramid_.tile_px < grid.height; ++y) {
      const double top = static_cast<double>(y) * px;
      if (top > at.y + radius || bytes > budget_.left()) break;
      for (auto x = first(at.x - radius); x * pyramid_.tile_px < grid.width; ++x) {
        const double left = static_cast<double>(x) * px;
        if (left > at.x + radius) break;
        if (std::hypot(distance_to(at.x, left, left + px), distance_to(at.y, top, top + px)) >
            radius)
          continue;
        check_stop();
        Rect area{x * pyramid_.tile_px, y * pyramid_.tile_px, 0, 0};
        area.width = std::min(pyramid_.tile_px, grid.width - area.x);
        area.height = std::min(pyramid_.tile_px, grid.height - area.y);
        tiles.emplace_back(
            tile_key(level, x, y),
            jpeg_uri(bgr_of(slide_.read(grid, area), area.width, area.height), kTileQuality));
        bytes += static_cast<double>(tiles.back().second.size());
      }
    }
    if (bytes > budget_.left()) break;
    for (auto& [key, uri] : tiles) {
      budget_.spend(uri.size());
      pyramid_.tiles[key] = std::move(uri);
    }
    reached = grid.mpp;
  }
  return reached;
}

std::string probability_uri(const ProbabilityTile& overview) {
  // From blue by green to yellow, as viridis has it: lightness rises throughout.
  constexpr std::array<std::array<double, 3>, 4> kColors{
      {{68, 1, 84}, {49, 104, 142}, {53, 183, 121}, {253, 231, 37}}};
  constexpr double kOpaque = 0.8;
  constexpr double kSteps = 16;    // the eye tells no more apart, and PNG takes half
  constexpr double kFaint = 0.05;  // below, nothing is drawn
  cv::Mat image(static_cast<int>(overview.rows()), static_cast<int>(overview.columns()), CV_8UC4,
                cv::Scalar::all(0));
  auto* pixel = image.ptr<cv::Vec4b>();
  for (std::size_t i = 0; i < overview.probability.size(); ++i) {
    const double p =
        std::round(std::clamp(static_cast<double>(overview.probability[i]), 0.0, 1.0) * kSteps) /
        kSteps;
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
  return report::data_uri("png", encode(image, ".png", {cv::IMWRITE_PNG_COMPRESSION, 9}));
}

}  // namespace mito::run_page
