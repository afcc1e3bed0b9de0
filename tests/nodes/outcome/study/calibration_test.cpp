#include "nodes/outcome/study/calibration.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Calibration, ComparesScoresWithHowOftenTheyAreRight) {
  const std::vector<double> scores{0.75, 1, 0.1, 0.3};
  const std::vector<std::uint8_t> is_true{1, 0, 0, 0};

  const auto out = calibrate(scores, is_true, 2);

  ASSERT_EQ(out.bins.size(), 2U);
  EXPECT_EQ(out.bins[0].count, 2);
  EXPECT_DOUBLE_EQ(*out.bins[0].mean_score, 0.2);
  EXPECT_DOUBLE_EQ(*out.bins[0].share_true, 0);
  EXPECT_DOUBLE_EQ(*out.bins[1].mean_score, 0.875);
  EXPECT_DOUBLE_EQ(*out.bins[1].share_true, 0.5);
  EXPECT_DOUBLE_EQ(*out.expected_error, (2 * 0.2 + 2 * 0.375) / 4);
}

TEST(Calibration, IsUndefinedForNothing) {
  const auto out = calibrate({}, {}, 3);

  EXPECT_FALSE(out.expected_error);
  EXPECT_FALSE(out.bins[0].mean_score);
  EXPECT_FALSE(out.bins[0].share_true);
}

TEST(Calibration, RefusesWhatIsNoProbability) {
  EXPECT_THROW(calibrate(std::vector<double>{1.5}, std::vector<std::uint8_t>{1}, 2), DataError);
  EXPECT_THROW(calibrate(std::vector<double>{0.5}, {}, 2), DataError);
  EXPECT_THROW(calibrate({}, {}, 0), DataError);
}

}  // namespace
}  // namespace mito::stats
