#include "engine/slide/coloured_share.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "tests/support/temp_folder.h"

namespace mito {
namespace {

/// A white picture of which the left `share` is pink, at 0.25 um/px: 2048 x 512 um.
Slide pink_on_the_left(const test::TempFolder& folder, double share) {
  cv::Mat picture(2048, 8192, CV_8UC3, cv::Scalar(245, 245, 245));
  picture.colRange(0, static_cast<int>(share * picture.cols)).setTo(cv::Scalar(180, 120, 210));
  cv::imwrite((folder / "a.png").string(), picture);
  return Slide::open(folder / "a.png", {.assume_mpp = 0.25});
}

TEST(ColouredShare, IsThatOfSquaresWithColour) {
  const test::TempFolder folder;

  EXPECT_DOUBLE_EQ(slide::coloured_share(pink_on_the_left(folder, 0)), 0);
  EXPECT_DOUBLE_EQ(slide::coloured_share(pink_on_the_left(folder, 1)), 1);
  // 8 columns of 256 um, of which 2 are pink and a third for a quarter
  EXPECT_NEAR(slide::coloured_share(pink_on_the_left(folder, 2.25 / 8)), 3.0 / 8, 1e-12);
}

}  // namespace
}  // namespace mito
