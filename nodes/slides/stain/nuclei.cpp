#include "nodes/slides/stain/nuclei.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <tuple>

#include <opencv2/imgproc.hpp>

#include "engine/core/error.h"

namespace mito::stain {
namespace {

constexpr double kWorkingMpp = 0.5;
constexpr int kScales = 3;
constexpr double kGrowthReach = 1.5;  // of the largest semi-axis: where growing must have stopped

struct Peak {
  float response = 0;
  int x = 0;
  int y = 0;
  double radius = 0;  // px
};

cv::Mat blurred(const cv::Mat& image, double sigma) {
  const int size = 2 * static_cast<int>(4 * sigma + 0.5) + 1;
  cv::Mat out;
  cv::GaussianBlur(image, out, cv::Size(size, size), sigma, sigma, cv::BORDER_REFLECT);
  return out;
}

/// Scale-normalised -Laplacian of Gaussian: positive on dark round spots (dense = high values).
cv::Mat blob_response(const cv::Mat& smooth, double sigma) {
  cv::Mat out;
  cv::Laplacian(smooth, out, CV_32F, 1, -sigma * sigma, 0, cv::BORDER_REFLECT);
  return out;
}

bool is_peak(const std::array<cv::Mat, kScales>& responses, int scale, int x, int y) {
  const auto at = [&](int s, int px, int py) {
    return responses[static_cast<std::size_t>(s)].at<float>(py, px);
  };
  const float value = at(scale, x, y);
  for (int dy = -1; dy <= 1; ++dy) {
    for (int dx = -1; dx <= 1; ++dx) {
      if (dx == 0 && dy == 0) continue;
      const float other = at(scale, x + dx, y + dy);
      // of a plateau, the first pixel in raster order
      const bool earlier = dy < 0 || (dy == 0 && dx < 0);
      if (other > value || (earlier && other == value)) return false;
    }
  }
  for (int s = 0; s < kScales; ++s)
    if (at(s, x, y) > value || (s < scale && at(s, x, y) == value)) return false;
  return true;
}

std::vector<Peak> find_peaks(const cv::Mat& density, double mpp, const NucleiOptions& options) {
  std::array<cv::Mat, kScales> responses;
  std::array<double, kScales> radii{};
  for (int s = 0; s < kScales; ++s) {
    const double t = (s + 0.5) / kScales;  // radii between the smallest and the largest semi-axis
    const double radius = options.min_semi_axis_um *
                          std::pow(options.max_semi_axis_um / options.min_semi_axis_um, t) / mpp;
    const auto i = static_cast<std::size_t>(s);
    radii[i] = radius;
    const double sigma = radius / std::numbers::sqrt2;
    responses[i] = blob_response(blurred(density, sigma), sigma);
  }
  std::vector<Peak> peaks;
  for (int s = 0; s < kScales; ++s) {
    const cv::Mat& response = responses[static_cast<std::size_t>(s)];
    for (int y = 1; y + 1 < response.rows; ++y) {
      for (int x = 1; x + 1 < response.cols; ++x) {
        const float value = response.at<float>(y, x);
        if (value > options.min_contrast / 2 && is_peak(responses, s, x, y))
          peaks.push_back({value, x, y, radii[static_cast<std::size_t>(s)]});
      }
    }
  }
  std::sort(peaks.begin(), peaks.end(), [](const Peak& a, const Peak& b) {
    return std::tuple(-a.response, a.y, a.x) < std::tuple(-b.response, b.y, b.x);
  });
  return peaks;
}

double ring_mean(const cv::Mat& image, const Peak& peak, double radius) {
  constexpr int kPoints = 24;
  double sum = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double a = 2 * std::numbers::pi * i / kPoints;
    const int x = std::clamp(cvRound(peak.x + radius * std::cos(a)), 0, image.cols - 1);
    const int y = std::clamp(cvRound(peak.y + radius * std::sin(a)), 0, image.rows - 1);
    sum += image.at<float>(y, x);
  }
  return sum / kPoints;
}

/// The nucleus grown from a peak, in pixels of `density`, or nothing of semi-axis 0.
class Grower {
 public:
  Grower(const cv::Mat& density, double reach)
      : density_(density), reach_(reach), visited_(cv::Mat::zeros(density.size(), CV_32S)) {}

  Nucleus grow(const Peak& peak, double threshold) {
    ++round_;
    stack_.clear();
    push(peak, peak.x, peak.y, threshold);
    double n = 0;
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    double syy = 0;
    while (!stack_.empty()) {
      const cv::Point p = stack_.back();
      stack_.pop_back();
      const double dx = p.x - peak.x;
      const double dy = p.y - peak.y;
      n += 1;
      sx += dx;
      sy += dy;
      sxx += dx * dx;
      sxy += dx * dy;
      syy += dy * dy;
      push(peak, p.x + 1, p.y, threshold);
      push(peak, p.x - 1, p.y, threshold);
      push(peak, p.x, p.y + 1, threshold);
      push(peak, p.x, p.y - 1, threshold);
    }
    if (n == 0) return {};
    const double mx = sx / n;
    const double my = sy / n;
    const double a = sxx / n - mx * mx + 1.0 / 12;  // a pixel is a square, not a point
    const double b = sxy / n - mx * my;
    const double c = syy / n - my * my + 1.0 / 12;
    const double middle = (a + c) / 2;
    const double spread = std::hypot((a - c) / 2, b);
    return {peak.x + mx, peak.y + my, 2 * std::sqrt(middle + spread),
            2 * std::sqrt(std::max(middle - spread, 0.0)), 0.5 * std::atan2(2 * b, a - c)};
  }

 private:
  void push(const Peak& peak, int x, int y, double threshold) {
    if (x < 0 || y < 0 || x >= density_.cols || y >= density_.rows) return;
    if (std::hypot(x - peak.x, y - peak.y) > reach_) return;
    auto& visited = visited_.at<std::int32_t>(y, x);
    if (visited == round_ || density_.at<float>(y, x) <= threshold) return;
    visited = round_;
    stack_.emplace_back(x, y);
  }

  const cv::Mat& density_;
  double reach_;
  cv::Mat visited_;
  std::int32_t round_ = 0;
  std::vector<cv::Point> stack_;
};

/// Calls `paint` with every pixel of the image that the ellipse covers.
void for_each_pixel(const Nucleus& nucleus, int width, int height, auto&& paint) {
  const double c = std::cos(nucleus.angle);
  const double s = std::sin(nucleus.angle);
  const int reach = static_cast<int>(std::ceil(nucleus.semi_major));
  const int cx = cvRound(nucleus.x);
  const int cy = cvRound(nucleus.y);
  for (int y = std::max(0, cy - reach); y <= std::min(height - 1, cy + reach); ++y) {
    for (int x = std::max(0, cx - reach); x <= std::min(width - 1, cx + reach); ++x) {
      const double dx = x - nucleus.x;
      const double dy = y - nucleus.y;
      const double u = (c * dx + s * dy) / nucleus.semi_major;
      const double v = (c * dy - s * dx) / nucleus.semi_minor;
      if (u * u + v * v <= 1) paint(x, y);
    }
  }
}

}  // namespace

std::vector<Nucleus> find_nuclei(std::span<const float> density,
                                 std::int64_t width,
                                 std::int64_t height,
                                 double mpp,
                                 const NucleiOptions& options) {
  if (density.size() != static_cast<std::size_t>(width * height))
    throw DataError("the densities do not fill the image");
  const int step = std::max(1, static_cast<int>(std::lround(kWorkingMpp / mpp)));
  const int columns = static_cast<int>(width) / step;
  const int rows = static_cast<int>(height) / step;
  if (columns < 3 || rows < 3) return {};
  const cv::Mat whole(
      static_cast<int>(height), static_cast<int>(width), CV_32F,
      const_cast<float*>(
          density.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
  cv::Mat work;
  cv::resize(whole(cv::Rect(0, 0, columns * step, rows * step)), work, cv::Size(columns, rows), 0,
             0, cv::INTER_AREA);
  const double work_mpp = mpp * step;
  const cv::Mat smooth = blurred(work, std::max(0.5, 0.5 / work_mpp));
  const double largest = options.max_semi_axis_um / work_mpp;
  const double smallest = options.min_semi_axis_um / work_mpp;
  Grower grower(smooth, kGrowthReach * largest);
  cv::Mat taken = cv::Mat::zeros(rows, columns, CV_8U);
  std::vector<Nucleus> out;
  for (const Peak& peak : find_peaks(work, work_mpp, options)) {
    if (taken.at<std::uint8_t>(peak.y, peak.x) != 0) continue;
    const double inside = smooth.at<float>(peak.y, peak.x);
    const double around = ring_mean(smooth, peak, 2 * peak.radius);
    if (inside - around < options.min_contrast) continue;
    const Nucleus found = grower.grow(peak, (inside + around) / 2);
    if (found.semi_minor < smallest || found.semi_major > largest) continue;
    const int x = std::clamp(cvRound(found.x), 0, columns - 1);
    const int y = std::clamp(cvRound(found.y), 0, rows - 1);
    if (taken.at<std::uint8_t>(y, x) != 0) continue;
    for_each_pixel(found, columns, rows,
                   [&](int px, int py) { taken.at<std::uint8_t>(py, px) = 1; });
    const double shift = (step - 1) / 2.0;
    out.push_back({found.x * step + shift, found.y * step + shift, found.semi_major * step,
                   found.semi_minor * step, found.angle});
  }
  return out;
}

std::vector<std::int32_t> cover(const std::vector<Nucleus>& nuclei,
                                std::int64_t width,
                                std::int64_t height) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(width * height));
  for (std::size_t i = 0; i < nuclei.size(); ++i) {
    for_each_pixel(nuclei[i], static_cast<int>(width), static_cast<int>(height), [&](int x, int y) {
      auto& label = out[static_cast<std::size_t>(y * width + x)];
      if (label == 0) label = static_cast<std::int32_t>(i + 1);
    });
  }
  return out;
}

}  // namespace mito::stain
