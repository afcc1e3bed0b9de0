
#include "nodes/outcome/export_overlay/export_overlay.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/drawn_slide.h"

namespace mito::export_overlay {
namespace {

cv::Mat picture(const Slide& slide,
                const DetectionSet& detections,
                const Hotspot& hotspot,
                const TissueMask* mask = nullptr,
                const Params& params = {.max_px = 300}) {
  const std::string png = draw_png(slide, &detections, &hotspot, mask, params);
  return cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
}

int different(const cv::Mat& a, const cv::Mat& b, const cv::Rect& where) {
  const cv::Mat one = a(where).clone();
  const cv::Mat two = b(where).clone();
  int count = 0;
  for (int y = 0; y < one.rows; ++y)
    for (int x = 0; x < one.cols; ++x) count += one.at<cv::Vec3b>(y, x) != two.at<cv::Vec3b>(y, x);
  return count;
}

class ExportOverlay : public ::testing::Test {
 protected:
  testing::TempFolder folder_;
  Slide slide_ = Slide::open(testing::draw_slide(folder_.path()), {});
};

TEST_F(ExportOverlay, LongerSideIsAsAskedFor) {
  EXPECT_EQ(picture(slide_, {}, {}).size(), cv::Size(300, 250));
}

TEST_F(ExportOverlay, RingsEveryDetectionAndLeavesItsMiddleFree) {
  const auto bare = picture(slide_, {}, {});
  DetectionSet one;
  one.items = {{{299.5, 249.5}, 0.99, 5}};

  const auto ringed = picture(slide_, one, {});

  EXPECT_GT(different(bare, ringed, {115, 90, 70, 70}), 100);
  EXPECT_EQ(different(bare, ringed, {145, 120, 10, 10}), 0);
  EXPECT_EQ(different(bare, ringed, {10, 180, 60, 40}), 0);
}

TEST_F(ExportOverlay, OutlinesTheTissue) {
  TissueMask mask{slide_.grid(8), std::vector<std::uint8_t>(19 * 16)};
  for (std::size_t y = 4; y < 12; ++y)
    for (std::size_t x = 5; x < 14; ++x) mask.tissue[y * 19 + x] = 1;

  EXPECT_GT(different(picture(slide_, {}, {}), picture(slide_, {}, {}, &mask), {0, 50, 300, 200}),
            150);
}

TEST_F(ExportOverlay, NeverEnlargesTheSlide) {
  EXPECT_EQ(picture(slide_, {}, {}, nullptr, {.max_px = 5000}).size(), cv::Size(600, 500));
}

}  // namespace
}  // namespace mito::export_overlay
