
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
  const std::string jpeg = draw_jpeg(slide, &detections, &hotspot, mask, params);
  return cv::imdecode(std::vector<std::uint8_t>(jpeg.begin(), jpeg.end()), cv::IMREAD_COLOR);
}

/// Pixels that are not alike; what JPEG makes of the surroundings of a line is.
int different(const cv::Mat& a, const cv::Mat& b, const cv::Rect& where) {
  constexpr double kAlike = 24;
  int count = 0;
  for (int y = where.y; y < where.br().y; ++y)
    for (int x = where.x; x < where.br().x; ++x)
      count += cv::norm(a.at<cv::Vec3b>(y, x), b.at<cv::Vec3b>(y, x), cv::NORM_INF) > kAlike;
  return count;
}

class ExportOverlay : public ::testing::Test {
 protected:
  test::TempFolder folder_;
  Slide slide_ = Slide::open(test::draw_slide(folder_.path()), {});
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

TEST_F(ExportOverlay, DrawsTheHotspotAroundTheMiddleOfThePlacesThatHoldTheSame) {
  DetectionSet one;
  one.grid = slide_.analysis_grid();
  one.items = {{{299.5, 249.5}, 0.99, 5}};
  const Hotspot hotspot{1, 1, {239.5, 249.5}, 25, 0.002, 9, 0.9};  // radius of 50 px of the picture

  const auto without = picture(slide_, one, {});
  const auto with = picture(slide_, one, hotspot);

  EXPECT_GT(different(without, with, {196, 115, 8, 20}), 20);  // right of (150, 125)
  EXPECT_GT(different(without, with, {96, 115, 8, 20}), 20);   // left of it
  EXPECT_EQ(different(without, with, {176, 115, 12, 20}), 0);
}

TEST_F(ExportOverlay, WritesMicrometresWithTheirSign) {
  const auto words = picture(slide_, {}, {});
  const auto dark = [&](const cv::Rect& where) {
    int count = 0;
    for (int y = where.y; y < where.br().y; ++y)
      for (int x = where.x; x < where.br().x; ++x) count += words.at<cv::Vec3b>(y, x)[1] < 128;
    return count;
  };

  // "20 um" begins at x = 240 and stands on y = 219, on glass from 250 on: below only the sign has
  // ink.
  EXPECT_EQ(dark({250, 220, 12, 2}), 0);
  EXPECT_GT(dark({266, 220, 8, 2}), 1);
}

TEST_F(ExportOverlay, OutlinesTheTissue) {
  TissueMask mask{slide_.grid(8), std::vector<std::uint8_t>(19 * 16)};
  for (std::size_t y = 4; y < 12; ++y)
    for (std::size_t x = 5; x < 14; ++x) mask.tissue[y * 19 + x] = 1;

  EXPECT_GT(different(picture(slide_, {}, {}), picture(slide_, {}, {}, &mask), {0, 50, 300, 200}),
            150);
}

TEST_F(ExportOverlay, IsAJpeg) {
  EXPECT_EQ(draw_jpeg(slide_, nullptr, nullptr, nullptr, {}).substr(0, 3), "\xff\xd8\xff");
}

TEST_F(ExportOverlay, NeverEnlargesTheSlide) {
  EXPECT_EQ(picture(slide_, {}, {}, nullptr, {.max_px = 5000}).size(), cv::Size(600, 500));
}

}  // namespace
}  // namespace mito::export_overlay
