#include "nodes/outcome/run_page/pictures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/image/encode.h"

namespace mito::run_page {
namespace {

constexpr int kTileQuality = 68;
using close_ups::jpeg_uri;

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
    : slide_(slide), budget_(budget), stop_(std::move(stop)), zoom_(slide.analysis_grid()) {
  pyramid_.width = slide.analysis_grid().width;
  pyramid_.height = slide.analysis_grid().height;
  pyramid_.max_level = zoom_.max_level();
  pyramid_.min_level = pyramid_.max_level;
  overview_level_ = pyramid_.max_level;
}

void Pictures::check_stop() const {
  if (stop_()) throw Interrupted("stopped while drawing the page of the run");
}

std::optional<CloseUp> Pictures::close_up(const PointL0& at, double um) {
  if (budget_.is_spent()) return std::nullopt;
  check_stop();
  auto out = close_ups::close_up(slide_, at, um);
  budget_.spend(out.uri.size());
  return out;
}

void Pictures::add_overview(std::int64_t longest_px) {
  while (std::max(zoom_.grid_of(overview_level_).width, zoom_.grid_of(overview_level_).height) >
         longest_px)
    --overview_level_;
  const Grid grid = zoom_.grid_of(overview_level_);
  auto rgb = slide_.read(grid, grid.bounds());
  cv::Mat image(static_cast<int>(grid.height), static_cast<int>(grid.width), CV_8UC3, rgb.data());
  for (int level = overview_level_;; --level) {
    check_stop();
    for (std::int64_t y = 0; const auto row = zoom_.tile(level, 0, y); ++y) {
      for (std::int64_t x = 0; const auto tile = zoom_.tile(level, x, y); ++x) {
        const image::RgbView part{image.ptr(static_cast<int>(tile->y), static_cast<int>(tile->x)),
                                  tile->width, tile->height, static_cast<std::int64_t>(image.step)};
        auto uri = jpeg_uri(part, kTileQuality);
        budget_.spend(uri.size());
        pyramid_.tiles[tile_key(level, x, y)] = std::move(uri);
      }
    }
    pyramid_.min_level = level;
    if (level <= zoom_.one_tile_level()) return;
    image = half_of(image);
  }
}

double Pictures::add_circle(const PointL0& centre, double radius_um, double mpp) {
  double reached = zoom_.grid_of(overview_level_).mpp;
  for (int level = overview_level_ + 1; level <= pyramid_.max_level; ++level) {
    const Grid grid = zoom_.grid_of(level);
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
        const auto area = zoom_.tile(level, x, y).value();
        tiles.emplace_back(tile_key(level, x, y), jpeg_uri(image::view_of(slide_.read(grid, area),
                                                                          area.width, area.height),
                                                           kTileQuality));
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

}  // namespace mito::run_page
