#include "nodes/reference/export_checkerboard/export_checkerboard.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/image/codecs.h"
#include "engine/types/grid_maps.h"
#include "nodes/reference/registration/stain_signal.h"

namespace mito::export_checkerboard {
namespace {

constexpr double kDetailMpp = 0.5;
constexpr int kMargin = 16;
constexpr int kCaption = 40;
const cv::Scalar kPaper(255, 255, 255);
const cv::Scalar kText(20, 20, 20);

/// Both slides over one rectangle of a grid of the H&E slide.
struct Pictures {
  cv::Mat he;
  cv::Mat phh3;
};

cv::Mat picture(std::vector<std::uint8_t> rgb, const Rect& area) {
  const cv::Mat view(static_cast<int>(area.height), static_cast<int>(area.width), CV_8UC3,
                     rgb.data());
  cv::Mat out;
  cv::cvtColor(view, out, cv::COLOR_RGB2BGR);
  return out;
}

Pictures both(const Slide& he,
              const Slide& phh3,
              const GlobalRegistration& global,
              const Grid& grid,
              const Rect& area) {
  const Grid other = phh3.grid(grid.mpp);
  const Affine phh3_from_he =
      compose(inverse(level0_from_pixels(other)),
              compose(inverse(global.he_from_phh3), level0_from_pixels(grid)));
  const auto read = [&](const Rect& part) { return phh3.read(other, part); };
  return {picture(he.read(grid, area), area),
          picture(image::pixels_through(read, phh3_from_he, area), area)};
}

cv::Mat checkered(const Pictures& pictures, int squares) {
  cv::Mat out = pictures.he.clone();
  const int side = std::max(1, (std::max(out.cols, out.rows) + squares - 1) / squares);
  for (int y = 0; y < out.rows; y += side)
    for (int x = 0; x < out.cols; x += side) {
      if ((x / side + y / side) % 2 == 0) continue;
      const cv::Rect square = cv::Rect(x, y, side, side) & cv::Rect(0, 0, out.cols, out.rows);
      pictures.phh3(square).copyTo(out(square));
    }
  return out;
}

/// Middle of the square of `side` px where the paler of both slides is darkest.
cv::Point tissue_centre(const Pictures& pictures, int side) {
  cv::Mat he;
  cv::Mat phh3;
  cv::Mat paler;
  cv::cvtColor(pictures.he, he, cv::COLOR_BGR2GRAY);
  cv::cvtColor(pictures.phh3, phh3, cv::COLOR_BGR2GRAY);
  cv::max(he, phh3, paler);
  cv::Mat mean;
  cv::blur(paler, mean, cv::Size(side, side), cv::Point(-1, -1), cv::BORDER_REPLICATE);
  cv::Point darkest;
  const int inset_x = std::min(side / 2, (mean.cols - 1) / 2);
  const int inset_y = std::min(side / 2, (mean.rows - 1) / 2);
  const cv::Rect inside(inset_x, inset_y, mean.cols - 2 * inset_x, mean.rows - 2 * inset_y);
  cv::minMaxLoc(mean(inside), nullptr, nullptr, &darkest);
  return darkest + inside.tl();
}

}  // namespace

std::string draw_png(const Slide& he,
                     const Slide& phh3,
                     const GlobalRegistration& global,
                     const Params& params) {
  const auto& info = he.info();
  const double longest = std::max(static_cast<double>(info.width) * info.mpp_x,
                                  static_cast<double>(info.height) * info.mpp_y);
  const Grid whole = he.grid(std::max(longest / params.max_px, std::min(info.mpp_x, info.mpp_y)));
  const auto pictures = both(he, phh3, global, whole, whole.bounds());

  const Grid fine = he.grid(std::max(kDetailMpp, std::min(info.mpp_x, info.mpp_y)));
  const auto detail_px = static_cast<std::int64_t>(std::lround(params.detail_um / fine.mpp));
  const cv::Point at = tissue_centre(
      pictures, std::max(1, static_cast<int>(std::lround(params.detail_um / whole.mpp))));
  const PointL0 centre = fine.from_level0(whole.to_level0(at.x, at.y));
  const Rect area{std::llround(centre.x) - detail_px / 2, std::llround(centre.y) - detail_px / 2,
                  detail_px, detail_px};
  const cv::Mat left = checkered(pictures, params.squares);
  const cv::Mat right =
      checkered(both(he, phh3, global, fine, area), std::max(2, params.squares / 2));

  cv::Mat canvas(std::max(left.rows, right.rows) + kCaption, left.cols + kMargin + right.cols,
                 CV_8UC3, kPaper);
  left.copyTo(canvas(cv::Rect(0, kCaption, left.cols, left.rows)));
  right.copyTo(canvas(cv::Rect(left.cols + kMargin, kCaption, right.cols, right.rows)));
  const auto write = [&](const std::string& text, int x) {
    cv::putText(canvas, text, {x + 4, kCaption - 14}, cv::FONT_HERSHEY_SIMPLEX, 0.55, kText, 1,
                cv::LINE_AA);
  };
  write(fmt::format("H&E and PHH3, {}: {:.1f} um/px", global.model, whole.mpp), 0);
  write(fmt::format("{:g} um wide, {:.2f} um/px", params.detail_um, fine.mpp), left.cols + kMargin);
  return image::png_of(canvas, "the checkerboard of slide " + info.name);
}

}  // namespace mito::export_checkerboard
