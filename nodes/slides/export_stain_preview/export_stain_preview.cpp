#include "nodes/slides/export_stain_preview/export_stain_preview.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/image/codecs.h"

namespace mito::export_stain_preview {
namespace {

constexpr int kMargin = 8;
constexpr int kCaption = 28;
constexpr std::string_view kPlaces = "export_stain_preview/places";

/// Share of tissue at 5 x 5 points of a place.
double tissue(const Grid& grid, const Rect& place, const TissueMask& mask) {
  int found = 0;
  for (int j = 0; j < 5; ++j) {
    for (int i = 0; i < 5; ++i)
      if (mask.covers(grid, place.x + place.width * (2 * i + 1) / 10,
                      place.y + place.height * (2 * j + 1) / 10))
        ++found;
  }
  return found / 25.0;
}

void paste(const Slide& slide, const Grid& grid, const Rect& area, cv::Mat& canvas, int x, int y) {
  auto rgb = slide.read(grid, area);
  const cv::Mat view(static_cast<int>(area.height), static_cast<int>(area.width), CV_8UC3,
                     rgb.data());
  cv::cvtColor(view, canvas(cv::Rect(x, y, view.cols, view.rows)), cv::COLOR_RGB2BGR);
}

}  // namespace

std::vector<Rect> choose_places(
    const Grid& grid, const TissueMask& mask, std::int64_t side, int count, std::uint64_t seed) {
  const std::int64_t width = std::min(side, grid.width);
  const std::int64_t height = std::min(side, grid.height);
  const std::int64_t columns = grid.width / width;
  const std::int64_t rows = grid.height / height;
  RandomStream random(seed, kPlaces, 0);
  std::vector<std::pair<double, Rect>> cells;
  for (const std::uint32_t cell : permutation(static_cast<std::uint32_t>(columns * rows), random)) {
    const Rect place{(grid.width - columns * width) / 2 + cell % columns * width,
                     (grid.height - rows * height) / 2 + cell / columns * height, width, height};
    cells.emplace_back(tissue(grid, place, mask), place);
  }
  std::stable_sort(cells.begin(), cells.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Rect> out;
  for (std::size_t i = 0; i < std::min(cells.size(), static_cast<std::size_t>(count)); ++i)
    out.push_back(cells[i].second);
  return out;
}

std::string draw_png(const Slide& before,
                     const Slide& after,
                     const TissueMask& mask,
                     const Standardisation& standardisation,
                     const Params& params) {
  const Grid grid =
      before.grid(std::max(params.mpp, std::min(before.info().mpp_x, before.info().mpp_y)));
  const auto side = std::max<std::int64_t>(1, std::llround(params.region_um / grid.mpp));
  const auto places =
      choose_places(grid, mask, side, params.regions, static_cast<std::uint64_t>(params.seed));
  const int width = static_cast<int>(places.front().width);
  const int height = static_cast<int>(places.front().height);
  const int count = static_cast<int>(places.size());
  cv::Mat canvas(2 * (height + kMargin) + kCaption, std::max(count * (width + kMargin), 480),
                 CV_8UC3, cv::Scalar(255, 255, 255));
  for (int i = 0; i < count; ++i) {
    const Rect& place = places[static_cast<std::size_t>(i)];
    const int x = i * (width + kMargin);
    paste(before, grid, place, canvas, x, kCaption);
    paste(after, grid, place, canvas, x, kCaption + height + kMargin);
  }
  cv::putText(
      canvas,
      fmt::format("{}: before, and below after {}{}", before.info().name, standardisation.method,
                  standardisation.warnings.empty() ? "" : " (with warnings)"),
      {4, kCaption - 9}, cv::FONT_HERSHEY_SIMPLEX, 0.5, cv::Scalar(20, 20, 20), 1, cv::LINE_AA);
  return image::png_of(canvas, "the preview of slide " + before.info().name);
}

}  // namespace mito::export_stain_preview
