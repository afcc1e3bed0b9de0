// bench hotspot: circles on a grid against all pairs; objects of a sparse map against OpenCV.
#include "engine/stats/hotspot.h"

#include <algorithm>
#include <vector>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/image/output_objects.h"
#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

constexpr double kWidth = 100'000;  // px
constexpr double kHeight = 80'000;
constexpr int kDetections = 100'000;
constexpr double kStep = 100;  // px: 25 um
constexpr int kSampled = 100;
constexpr int kMapSide = 2048;  // outputs: a part of a slide of 67 Mpx

/// What circles are counted on.
struct Field {
  std::vector<stats::GridPosition> detections;
  double radius = stats::hotspot_radius_px(2.0, 0.25);

  Field() {
    RandomStream random(1, "bench", 0);
    for (int i = 0; i < kDetections; ++i)
      detections.push_back({random.uniform() * kWidth, random.uniform() * kHeight});
  }

  stats::GridCounts own() const {
    return stats::count_within(detections, kWidth, kHeight, kStep, radius);
  }

  /// Of every kSampled-th row: all of them would take half a minute.
  std::vector<std::int32_t> all_pairs() const {
    std::vector<std::int32_t> out;
    for (int row = 0; row * kStep < kHeight; row += kSampled)
      for (int column = 0; column * kStep < kWidth; ++column)
        out.push_back(static_cast<std::int32_t>(
            std::ranges::count_if(detections, [&, x = column * kStep, y = row * kStep](auto& at) {
              return (at.x - x) * (at.x - x) + (at.y - y) * (at.y - y) <= radius * radius;
            })));
    return out;
  }
};

void circles(double seconds) {
  const Field field;
  const auto counts = field.own();
  std::vector<std::int32_t> sampled;
  for (std::int64_t row = 0; row < counts.rows; row += kSampled)
    for (std::int64_t column = 0; column < counts.columns; ++column)
      sampled.push_back(counts.at(column, row));
  expect_same(sampled == field.all_pairs(), "counts");
  fmt::print("\nHotspot: {} detections on {} x {} px, circles of 2 mm2 every 25 um, same counts\n",
             kDetections, kWidth, kHeight);
  measure({timed("rows", [&] { return field.own(); }),
           timed(
               "all pairs", [&] { return field.all_pairs(); }, 1.0 / kSampled)},
          seconds, "slides/s per core", "all pairs");
}

/// Round objects of a few outputs, as a thresholded probability map holds them.
cv::Mat objects_mask() {
  cv::Mat mask = cv::Mat::zeros(kMapSide, kMapSide, CV_8U);
  RandomStream random(2, "bench", 0);
  for (int i = 0; i < 400; ++i) {
    const cv::Point at(static_cast<int>(random.below(kMapSide)),
                       static_cast<int>(random.below(kMapSide)));
    cv::circle(mask, at, 2 + static_cast<int>(random.below(4)), 255, cv::FILLED);
  }
  return mask;
}

void components(double seconds) {
  const cv::Mat mask = objects_mask();
  std::vector<image::Output> outputs;
  for (int y = 0; y < mask.rows; ++y)
    for (int x = 0; x < mask.cols; ++x)
      if (mask.at<std::uint8_t>(y, x) != 0) outputs.push_back({x, y, 0.99});
  const auto opencv = [&] {
    cv::Mat labels;
    cv::Mat stats;
    cv::Mat centroids;
    return cv::connectedComponentsWithStats(mask, labels, stats, centroids, 8) - 1;
  };
  const auto own = [&] {
    return static_cast<int>(image::connect(outputs, 1, image::Position::Centroid).size());
  };
  expect_same(own() == opencv(), "number of objects");
  fmt::print("\nObjects: {} outputs over the threshold of {} x {}, {} objects either way\n",
             outputs.size(), kMapSide, kMapSide, own());
  measure({timed("connect", own), timed("OpenCV", opencv)}, seconds, "times per second", "OpenCV");
}

}  // namespace

void measure_hotspot(double seconds) {
  cv::setNumThreads(1);
  fmt::print("{}\n", limits());
  circles(seconds);
  components(seconds);
}

}  // namespace mito::bench
