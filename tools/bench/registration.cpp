// bench registration: correlation of two patches by FFT, by OpenCV and by the definition.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "nodes/reference/registration/correlation.h"
#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

constexpr int kTemplatePx = 128;  // px of the template
constexpr int kRadius = 32;       // px searched each way
constexpr int kSearch = kTemplatePx + 2 * kRadius;

/// Method 11.2 as it is written.
std::vector<double> by_definition(const std::vector<double>& fixed,
                                  const std::vector<double>& moving) {
  constexpr int kPixels = kTemplatePx * kTemplatePx;
  const auto moments = [](auto at) {
    double sum = 0;
    double squares = 0;
    for (int y = 0; y < kTemplatePx; ++y)
      for (int x = 0; x < kTemplatePx; ++x) {
        sum += at(x, y);
        squares += at(x, y) * at(x, y);
      }
    const double mean = sum / kPixels;
    return std::pair{mean, std::sqrt(squares / kPixels - mean * mean)};
  };
  const auto of_fixed = [&](int x, int y) {
    return fixed[static_cast<std::size_t>(std::int64_t{y} * kTemplatePx + x)];
  };
  const auto [mean, sd] = moments(of_fixed);
  std::vector<double> out;
  for (int dy = 0; dy <= 2 * kRadius; ++dy)
    for (int dx = 0; dx <= 2 * kRadius; ++dx) {
      const auto of_moving = [&](int x, int y) {
        return moving[static_cast<std::size_t>(std::int64_t{y + dy} * kSearch + x + dx)];
      };
      const auto [other_mean, other_sd] = moments(of_moving);
      double sum = 0;
      for (int y = 0; y < kTemplatePx; ++y)
        for (int x = 0; x < kTemplatePx; ++x)
          sum += (of_fixed(x, y) - mean) * (of_moving(x, y) - other_mean);
      out.push_back(sum / kPixels / (sd * other_sd));
    }
  return out;
}

}  // namespace

void measure_registration(double seconds) {
  cv::setNumThreads(1);
  RandomStream random(1, "bench", 0);
  std::vector<double> fixed(std::size_t{kTemplatePx} * kTemplatePx);
  std::vector<double> moving(std::size_t{kSearch} * kSearch);
  for (auto& v : fixed) v = random.uniform();
  for (auto& v : moving) v = random.uniform();
  cv::Mat fixed32;
  cv::Mat moving32;
  cv::Mat(kTemplatePx, kTemplatePx, CV_64F, fixed.data()).convertTo(fixed32, CV_32F);
  cv::Mat(kSearch, kSearch, CV_64F, moving.data()).convertTo(moving32, CV_32F);

  const auto expected = by_definition(fixed, moving);
  const auto found = image::cross_correlate(fixed, moving, kTemplatePx, kRadius).values;
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(found[i] - expected[i]));
  expect_same(worst < 1e-9, "correlations");
  fmt::print("{}\ntemplate of {} px, {} px searched each way; largest difference {:.1e}\n",
             limits(), kTemplatePx, kRadius, worst);
  measure({timed("FFT, double",
                 [&] { return image::cross_correlate(fixed, moving, kTemplatePx, kRadius); }),
           timed("OpenCV, float",
                 [&] {
                   cv::Mat out;
                   cv::matchTemplate(moving32, fixed32, out, cv::TM_CCOEFF_NORMED);
                   return out;
                 }),
           timed("definition", [&] { return by_definition(fixed, moving); })},
          seconds, "heatmaps/s per core", "definition");
}

}  // namespace mito::bench
