#include "nodes/reference/export_checkerboard/export_checkerboard.h"

#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/drawn_slide.h"
#include "tests/support/restained_pair.h"

namespace mito::export_checkerboard {
namespace {

/// Two slides of 0.3 x 0.2 mm; the second shows all (20, -15) um further and is much browner.
class ExportCheckerboard : public ::testing::Test {
 protected:
  Slide scan(const std::string& name, const test::DrawnScan& drawn) {
    return Slide::open(test::draw_scan(folder_ / (name + ".tif"), {}, drawn),
                       {.allow_upsampling = true});
  }
  cv::Mat picture(const GlobalRegistration& global) {
    const std::string png =
        draw_png(he_, phh3_, global, {.max_px = 300, .squares = 6, .detail_um = 100});
    return cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
  }
  test::TempFolder folder_;
  Slide he_ = scan("he", {.width = 600, .height = 400});
  Slide phh3_ = scan("phh3",
                     {.width = 640,
                      .height = 420,
                      .phh3 = true,
                      .haematoxylin = 0.8,
                      .other = 0.9,
                      .background = 1,
                      .section_from_um = [](const PointL0& p) {
                        return PointL0{p.x - 20, p.y + 15};
                      }});
};

TEST_F(ExportCheckerboard, AlternatesTheSlidesAndLaysThemOnEachOther) {
  GlobalRegistration good;
  good.model = "shift";
  good.he_from_phh3 = {1, 0, -40, 0, 1, 30};
  GlobalRegistration off = good;
  off.he_from_phh3.c += 12;

  const cv::Mat image = picture(good);
  const cv::Mat shifted = picture(off);

  ASSERT_EQ(image.cols, 300 + 16 + 200);  // the slide, a margin, the enlarged part
  ASSERT_EQ(image.rows, 200 + 40);
  const auto square = [](int column, int row) {
    return cv::Rect(50 * column, 40 + 50 * row, 50, 50);
  };
  const auto blue = [&](const cv::Mat& of, int column, int row) {
    return cv::mean(of(square(column, row)))[0];
  };
  // More stain takes blue away: every second square is of the PHH3 slide. The first row lies partly
  // off it.
  for (int row = 1; row < 4; ++row)
    for (int column = 1; column < 6; ++column) {
      const double here = blue(image, column, row);
      const double left = blue(image, column - 1, row);
      if ((row + column) % 2 == 1)
        EXPECT_LT(here, left - 20);
      else
        EXPECT_GT(here, left + 20);
    }
  // Squares of the H&E slide are the same under both maps, the others are not.
  EXPECT_EQ(cv::norm(image(square(2, 2)), shifted(square(2, 2)), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(image(square(3, 2)), shifted(square(3, 2)), cv::NORM_INF), 20);
}

}  // namespace
}  // namespace mito::export_checkerboard
