#include "nodes/outcome/study/froc.h"

#include <gtest/gtest.h>

namespace mito::stats {
namespace {

TEST(Froc, SetsRecallAgainstFalsePositives) {
  const std::vector<CurvePoint> curve{{0.5, {3, 8, 1}}, {0.9, {1, 0, 3}}};

  const auto out = froc(curve, 4, 2.5);

  ASSERT_EQ(out.size(), 2U);
  EXPECT_DOUBLE_EQ(*out[0].recall, 0.75);
  EXPECT_DOUBLE_EQ(*out[0].fp_per_image, 2);
  EXPECT_DOUBLE_EQ(*out[0].fp_per_mm2, 3.2);
  EXPECT_DOUBLE_EQ(*out[1].fp_per_image, 0);
}

TEST(Froc, LeavesUndefinedWhatHasNoDenominator) {
  const std::vector<CurvePoint> curve{{0.5, {0, 8, 0}}};

  const auto out = froc(curve, 0, std::nullopt);

  EXPECT_FALSE(out[0].recall);
  EXPECT_FALSE(out[0].fp_per_image);
  EXPECT_FALSE(out[0].fp_per_mm2);
  EXPECT_FALSE(per_mm2(3, 0.0));
}

TEST(InReach, SaysOfEachClaimWhetherATruthIsNear) {
  const std::vector<Truth> truths{{0, 0}};
  const std::vector<Claim> claims{{5, 0, 0.9}, {5.01, 0, 0.8}, {0, 1, 0.7}};

  EXPECT_EQ(in_reach(truths, claims, 5), (std::vector<std::uint8_t>{1, 0, 1}));
}

}  // namespace
}  // namespace mito::stats
