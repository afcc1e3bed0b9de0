#include "nodes/outcome/export_overlay/export_overlay.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/image/encode.h"
#include "engine/image/letters.h"
#include "engine/stats/hotspot.h"

namespace mito::export_overlay {
namespace {

const cv::Scalar kTissueColor(40, 150, 70);  // red, green, blue
const cv::Scalar kDetectionColor(255, 190, 0);
const cv::Scalar kHotspotColor(0, 60, 200);
const cv::Scalar kPenColor(170, 30, 170);
const cv::Scalar kUnscannedColor(120, 120, 120);
const cv::Scalar kDebrisColor(230, 110, 0);
const cv::Scalar kText(20, 20, 20);
const cv::Scalar kWarning(200, 0, 0);
const cv::Scalar kPaper(255, 255, 255);
constexpr int kSubPixelBits = 4;  // OpenCV draws at sixteenths of a pixel
constexpr double kSubPixels = 1 << kSubPixelBits;
constexpr double kLetterSize = 18;  // to the em, in units of the canvas
constexpr double kHalo = 2;         // around letters, likewise
/// At 85 thin coloured lines look as they do in a PNG, which takes six times the bytes.
constexpr int kJpegQuality = 85;

/// A picture of the whole slide, and where level-0 positions are in it.
struct Canvas {
  Grid grid;
  cv::Mat image;  ///< RGB.

  cv::Point at(const PointL0& p) const {
    const PointL0 g = grid.from_level0(p);
    return {cvRound(g.x * kSubPixels), cvRound(g.y * kSubPixels)};
  }
  int length(double um) const { return cvRound(um / grid.mpp * kSubPixels); }
  /// Widths of lines and sizes of letters follow the size of the picture.
  double unit() const { return std::max(1.0, std::max(image.cols, image.rows) / 1000.0); }
  int line(double width) const { return std::max(1, cvRound(width * unit())); }

  void ring(const PointL0& centre, int radius, const cv::Scalar& color, double width) {
    // White below: visible on dark nuclei as well as on glass.
    cv::circle(image, at(centre), radius, kPaper, line(width + 1.5), cv::LINE_AA, kSubPixelBits);
    cv::circle(image, at(centre), radius, color, line(width), cv::LINE_AA, kSubPixelBits);
  }
  /// Mixes in as much of the colour as `ink` says, 0 to 255.
  void print(const cv::Mat& ink, const cv::Point& corner, const cv::Scalar& color) {
    const cv::Rect seen = cv::Rect(corner, ink.size()) & cv::Rect({0, 0}, image.size());
    for (int y = seen.y; y < seen.br().y; ++y)
      for (int x = seen.x; x < seen.br().x; ++x) {
        const double share = ink.at<std::uint8_t>(y - corner.y, x - corner.x) / 255.0;
        auto& pixel = image.at<cv::Vec3b>(y, x);
        for (int c = 0; c < 3; ++c)
          pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] * (1 - share) + color[c] * share);
      }
  }
  /// `where`: the left end of the line that the letters stand on.
  void label(const std::string& text, cv::Point where, const cv::Scalar& color) {
    const int halo = line(kHalo);
    auto letters = image::letters(text, line(kLetterSize), halo);
    const cv::Mat ink(static_cast<int>(letters.height), static_cast<int>(letters.width), CV_8U,
                      letters.coverage.data());
    cv::Mat paper;
    cv::dilate(ink, paper,
               cv::getStructuringElement(cv::MORPH_ELLIPSE, cv::Size(2 * halo + 1, 2 * halo + 1)));
    const cv::Point corner = where - cv::Point(halo, static_cast<int>(letters.baseline));
    print(paper, corner, kPaper);
    print(ink, corner, color);
  }
};

Canvas thumbnail(const Slide& slide, int max_px) {
  const auto& info = slide.info();
  const double longest = std::max(static_cast<double>(info.width) * info.mpp_x,
                                  static_cast<double>(info.height) * info.mpp_y);
  const double mpp = std::max(longest / max_px, std::min(info.mpp_x, info.mpp_y));
  Canvas canvas{slide.grid(mpp), {}};
  auto rgb = slide.read(canvas.grid, canvas.grid.bounds());
  canvas.image = cv::Mat(static_cast<int>(canvas.grid.height), static_cast<int>(canvas.grid.width),
                         CV_8UC3, rgb.data())
                     .clone();
  return canvas;
}

void draw_tissue(Canvas& canvas, const TissueMask& mask) {
  cv::Mat image(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8U);
  std::copy(mask.tissue.begin(), mask.tissue.end(), image.begin<std::uint8_t>());
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(image, outlines, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
  for (auto& outline : outlines)
    for (auto& point : outline) point = canvas.at(mask.grid.to_level0(point.x, point.y));
  cv::polylines(canvas.image, outlines, true, kTissueColor, canvas.line(1), cv::LINE_AA,
                kSubPixelBits);
}

/// Tints what the mask leaves out although it is not glass.
void tint_excluded(Canvas& canvas, const TissueMask& mask) {
  if (mask.excluded().empty()) return;
  cv::Mat ground(static_cast<int>(mask.grid.height), static_cast<int>(mask.grid.width), CV_8U);
  std::copy(mask.ground.begin(), mask.ground.end(), ground.begin<std::uint8_t>());
  const cv::Size whole(
      cvRound(static_cast<double>(mask.grid.width) * mask.grid.mpp / canvas.grid.mpp),
      cvRound(static_cast<double>(mask.grid.height) * mask.grid.mpp / canvas.grid.mpp));
  cv::resize(ground, ground, whole, 0, 0, cv::INTER_NEAREST);
  ground = ground(cv::Rect({0, 0}, canvas.image.size()) & cv::Rect({0, 0}, ground.size()));
  cv::Mat image = canvas.image(cv::Rect({0, 0}, ground.size()));
  const auto tint = [&](Ground kind, const cv::Scalar& color) {
    const cv::Mat where = ground == static_cast<int>(kind);
    if (cv::countNonZero(where) == 0) return;
    cv::Mat mixed = 0.5 * image + 0.5 * color;
    mixed.copyTo(image, where);
  };
  tint(Ground::Pen, kPenColor);
  tint(Ground::Unscanned, kUnscannedColor);
  tint(Ground::Debris, kDebrisColor);
}

// The largest of 1, 2, 5 x 10^n um that takes at most a fifth of the width.
void draw_scale_bar(Canvas& canvas) {
  const double room = canvas.image.cols * canvas.grid.mpp / 5;
  const double power = std::pow(10.0, std::floor(std::log10(room)));
  const double um = power * (room >= 5 * power ? 5 : room >= 2 * power ? 2 : 1);
  const int margin = canvas.line(20);
  const int right = canvas.image.cols - margin;
  const int bottom = canvas.image.rows - margin;
  const cv::Rect bar(right - cvRound(um / canvas.grid.mpp), bottom - canvas.line(5),
                     cvRound(um / canvas.grid.mpp), canvas.line(5));
  cv::rectangle(canvas.image, bar, kText, cv::FILLED);
  canvas.label(um >= 1000 ? fmt::format("{:g} mm", um / 1000) : fmt::format("{:g} \u00b5m", um),
               {bar.x, bar.y - canvas.line(6)}, kText);
}

}  // namespace

std::string draw_jpeg(const Slide& slide,
                      const DetectionSet* detections,
                      const Hotspot* hotspot,
                      const TissueMask* mask,
                      const Params& params) {
  Canvas canvas = thumbnail(slide, params.max_px);
  if (mask != nullptr) {
    tint_excluded(canvas, *mask);
    draw_tissue(canvas, *mask);
  }
  if (detections != nullptr) {
    const int radius = std::max(canvas.length(12.5), cvRound(5 * canvas.unit() * kSubPixels));
    for (const auto& found : detections->items)
      canvas.ring(found.center, radius, kDetectionColor, 1.5);
  }
  if (hotspot != nullptr && hotspot->count_max > 0)
    canvas.ring(
        detections == nullptr ? hotspot->center : stats::drawn_center(*hotspot, *detections),
        canvas.length(hotspot->radius_um), kHotspotColor, 2);
  int row = canvas.line(28);
  const auto caption = [&](const std::string& text, const cv::Scalar& color) {
    canvas.label(text, {canvas.line(15), row}, color);
    row += canvas.line(24);
  };
  if (detections != nullptr && hotspot != nullptr)
    caption(fmt::format("{} detections, hotspot {:.1f} (95th percentile), {} at most",
                        detections->items.size(), hotspot->count_p95, hotspot->count_max),
            kText);
  if (mask != nullptr && !mask->excluded().empty()) caption("excluded: " + mask->excluded(), kText);
  if (mask != nullptr && !mask->doubt.empty())
    caption("doubtful tissue mask: " + mask->doubt, kWarning);
  draw_scale_bar(canvas);
  const cv::Mat& image = canvas.image;
  return image::jpeg_of(
      {image.data, image.cols, image.rows, static_cast<std::int64_t>(image.step[0])}, kJpegQuality);
}

}  // namespace mito::export_overlay
