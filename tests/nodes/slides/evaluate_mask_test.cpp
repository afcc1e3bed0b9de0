#include "nodes/slides/evaluate_mask/evaluate_mask.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::evaluate_mask {
namespace {

TissueMask mask_of(std::vector<std::uint8_t> tissue) {
  TissueMask mask{{32, 32, 8, 5, 1}, tissue};
  mask.ground = std::move(tissue);
  return mask;
}

TEST(EvaluateMask, CountsWhatTwoMasksShare) {
  const auto overlap = compare(mask_of({1, 1, 1, 0, 0}), mask_of({0, 1, 1, 1, 0}));

  EXPECT_DOUBLE_EQ(*overlap.jaccard, 2.0 / 4);
  EXPECT_DOUBLE_EQ(*overlap.dice, 4.0 / 6);
  EXPECT_DOUBLE_EQ(*overlap.precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(*overlap.recall, 2.0 / 3);
}

TEST(EvaluateMask, LeavesOutWhatHasNoDenominator) {
  const auto nothing = compare(mask_of({0, 0, 0, 0, 0}), mask_of({0, 0, 0, 0, 0}));

  EXPECT_FALSE(nothing.jaccard || nothing.dice || nothing.precision || nothing.recall);
}

TEST(EvaluateMask, RefusesMasksOfDifferentGrids) {
  TissueMask other = mask_of({0, 0, 0, 0, 0});
  other.grid.mpp = 4;

  EXPECT_THROW(compare(mask_of({1, 0, 0, 0, 0}), other), DataError);
}

TEST(EvaluateMask, WritesTheAreaOfEachKindOfGround) {
  TissueMask mask = mask_of({1, 1, 0, 2, 3});
  mask.tissue = {1, 1, 0, 0, 0};
  mask.threshold = std::numeric_limits<double>::quiet_NaN();
  mask.doubt = "for a reason";
  SlideInfo info;
  info.name = "case";

  const auto json = nlohmann::json::parse(to_json(info, mask, compare(mask, mask)));

  EXPECT_NEAR(json["mm2"]["tissue"].get<double>(), 2 * 64e-6, 1e-12);
  EXPECT_NEAR(json["mm2"]["pen"].get<double>(), 64e-6, 1e-12);
  EXPECT_NEAR(json["mm2"]["unscanned"].get<double>(), 64e-6, 1e-12);
  EXPECT_TRUE(json["threshold"].is_null());
  EXPECT_EQ(json["doubt"], "for a reason");
  EXPECT_EQ(json["against_reference"]["dice"], 1.0);
  EXPECT_FALSE(
      nlohmann::json::parse(to_json(info, mask, std::nullopt)).contains("against_reference"));
}

}  // namespace
}  // namespace mito::evaluate_mask
