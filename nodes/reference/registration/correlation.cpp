#include "nodes/reference/registration/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <opencv2/core.hpp>

#include "engine/core/error.h"

namespace mito::image {
namespace {

constexpr int kExcluded = 2;  // px on every side of the peak do not count as sidelobe
// Parts whose share of the window's energy is below rounding noise count as constant.
constexpr double kConstant = 1e-9;

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The image in the corner of a larger one of zeros, minus `offset`.
cv::Mat padded(std::span<const double> image, int side, double offset, int size) {
  cv::Mat out = cv::Mat::zeros(size, size, CV_64F);
  for (int y = 0; y < side; ++y) {
    const double* in = image.data() + static_cast<std::ptrdiff_t>(y) * side;
    double* row = out.ptr<double>(y);
    for (int x = 0; x < side; ++x) row[x] = in[x] - offset;
  }
  return out;
}

// Sums over every n x n part of the pixels or of their squares: [side - n + 1]^2 values.
std::vector<double> part_sums(const cv::Mat& image, int side, int n, bool squared) {
  const auto stride = static_cast<std::size_t>(side) + 1;
  std::vector<double> table(stride * stride, 0.0);
  for (int y = 0; y < side; ++y) {
    const double* in = image.ptr<double>(y);
    double row = 0;
    const std::size_t at = (static_cast<std::size_t>(y) + 1) * stride;
    for (int x = 0; x < side; ++x) {
      row += squared ? in[x] * in[x] : in[x];
      const std::size_t i = at + static_cast<std::size_t>(x) + 1;
      table[i] = table[i - stride] + row;
    }
  }
  const auto size = static_cast<std::size_t>(n);
  const auto places = static_cast<std::size_t>(side - n) + 1;
  std::vector<double> sums(places * places);
  for (std::size_t y = 0; y < places; ++y)
    for (std::size_t x = 0; x < places; ++x) {
      const std::size_t top = y * stride + x;
      const std::size_t bottom = top + size * stride;
      sums[y * places + x] = table[bottom + size] - table[bottom] - table[top + size] + table[top];
    }
  return sums;
}

// Where the parabola through three equidistant values has its top, from the middle one.
double parabola_top(double left, double middle, double right) {
  const double bend = left - 2 * middle + right;
  return bend < 0 ? 0.5 * (left - right) / bend : 0.0;
}

}  // namespace

Heatmap cross_correlate(std::span<const double> fixed,
                        std::span<const double> moving,
                        int n,
                        int radius) {
  const int side = n + 2 * radius;
  const auto pixels = [](int length) {
    return static_cast<std::size_t>(length) * static_cast<std::size_t>(length);
  };
  if (n < 1 || radius < 0 || fixed.size() != pixels(n) || moving.size() != pixels(side))
    throw DataError("cross-correlation: a template of " + std::to_string(fixed.size()) +
                    " and a window of " + std::to_string(moving.size()) +
                    " pixels do not fit n = " + std::to_string(n) +
                    ", radius = " + std::to_string(radius));
  Heatmap heatmap{radius, std::vector<double>(pixels(2 * radius + 1), 0.0)};
  const int size = cv::getOptimalDFTSize(side);
  const cv::Mat f = padded(fixed, n, mean(fixed), size);
  const cv::Mat g = padded(moving, side, mean(moving), size);
  const double fixed_energy = f.dot(f);
  const double moving_energy = g.dot(g);
  if (!(fixed_energy > 0) || !(moving_energy > 0)) return heatmap;

  // Displacements are 0..2 radius and side <= size, so nothing wraps around.
  cv::Mat f_spectrum;
  cv::Mat g_spectrum;
  cv::Mat product;
  cv::Mat correlation;
  cv::dft(f, f_spectrum, 0, n);
  cv::dft(g, g_spectrum, 0, side);
  cv::mulSpectrums(g_spectrum, f_spectrum, product, 0, true);
  cv::dft(product, correlation, cv::DFT_INVERSE | cv::DFT_SCALE | cv::DFT_REAL_OUTPUT);

  const auto sums = part_sums(g, side, n, false);
  const auto squares = part_sums(g, side, n, true);
  const int places = heatmap.side();
  for (int y = 0; y < places; ++y)
    for (int x = 0; x < places; ++x) {
      const auto i = static_cast<std::size_t>(y * places + x);
      const double energy = squares[i] - sums[i] * sums[i] / static_cast<double>(fixed.size());
      if (energy > kConstant * moving_energy)
        heatmap.values[i] = correlation.at<double>(y, x) / std::sqrt(energy * fixed_energy);
    }
  return heatmap;
}

Heatmap average(std::span<const Heatmap> heatmaps) {
  if (heatmaps.empty()) throw DataError("cross-correlation: no heatmap to average");
  Heatmap out = heatmaps.front();
  for (const auto& heatmap : heatmaps.subspan(1)) {
    if (heatmap.radius != out.radius)
      throw DataError("cross-correlation: heatmaps of different sizes cannot be averaged");
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += heatmap.values[i];
  }
  for (auto& value : out.values) value /= static_cast<double>(heatmaps.size());
  return out;
}

Peak find_peak(const Heatmap& heatmap) {
  if (heatmap.values.empty()) throw DataError("cross-correlation: the heatmap is empty");
  const auto first = std::ranges::max_element(heatmap.values) - heatmap.values.begin();
  const int side = heatmap.side();
  const int radius = heatmap.radius;
  Peak peak;
  peak.x = static_cast<int>(first) % side - radius;
  peak.y = static_cast<int>(first) / side - radius;
  peak.value = heatmap.at(peak.x, peak.y);
  peak.sub_x = peak.x;
  peak.sub_y = peak.y;
  const bool x_inside = std::abs(peak.x) < radius;
  const bool y_inside = std::abs(peak.y) < radius;
  peak.on_border = !x_inside || !y_inside;
  if (x_inside)
    peak.sub_x +=
        parabola_top(heatmap.at(peak.x - 1, peak.y), peak.value, heatmap.at(peak.x + 1, peak.y));
  if (y_inside)
    peak.sub_y +=
        parabola_top(heatmap.at(peak.x, peak.y - 1), peak.value, heatmap.at(peak.x, peak.y + 1));

  std::vector<double> rest;
  rest.reserve(heatmap.values.size());
  for (int y = -radius; y <= radius; ++y)
    for (int x = -radius; x <= radius; ++x)
      if (std::abs(x - peak.x) > kExcluded || std::abs(y - peak.y) > kExcluded)
        rest.push_back(heatmap.at(x, y));
  const double sd = standard_deviation(rest);
  if (sd > 0) peak.psr = (peak.value - mean(rest)) / sd;
  return peak;
}

double standard_deviation(std::span<const double> values) {
  if (values.empty()) return 0;
  const double centre = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - centre) * (v - centre);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace mito::image
