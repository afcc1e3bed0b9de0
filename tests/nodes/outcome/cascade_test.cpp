#include "nodes/outcome/cascade/cascade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "tests/support/problem.h"

namespace mito::cascade {
namespace {

using test::problem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

const Grid kGrid{1, 1, 0.25, 1024, 512};

TissueMask tissue() {
  TissueMask mask;
  mask.grid = {32, 32, 8, 32, 16};
  mask.tissue.assign(32 * 16, 1);
  return mask;
}

/// A map of 512 x 512 px that is 0 but for one output.
ProbabilityTile tile(std::int64_t x, std::int64_t at_x, std::int64_t at_y, float value) {
  ProbabilityTile out{kGrid, {x, 0, 512, 512}, {}, {}};
  out.probability.assign(128 * 128, 0.0F);
  out.probability[static_cast<std::size_t>(at_y / 4 * 128 + (at_x - x) / 4)] = value;
  return out;
}

DetectionSet detections(const std::vector<Detection>& items) {
  DetectionSet out;
  out.grid = kGrid;
  out.items = items;
  return out;
}

Evidence of(const std::vector<double>& found, const std::vector<double>& blocks) {
  return {"slide", blocks, found};
}

TEST(Cascade, ADetectionIsKnownByTheHighestCheapValueOfItsBlock) {
  Blocks blocks(tissue());
  blocks.add(tile(512, 700, 300, 0.5F));
  blocks.add(tile(0, 255, 0, 0.25F));

  const auto evidence = blocks.evidence(
      "slide", detections({{{10, 200}, 0.9, 1}, {{600, 500}, 0.8, 1}, {{300, 20}, 0.7, 1}}),
      nullptr);

  EXPECT_THAT(evidence.detections, ElementsAre(0.25, 0.5, 0.0));
  EXPECT_EQ(evidence.blocks.size(), 8U);
  EXPECT_EQ(std::ranges::count(evidence.blocks, 0.0), 6);
  EXPECT_FALSE(evidence.measured.has_value());
}

TEST(Cascade, BlocksWithoutTissueDoNotCount) {
  auto mask = tissue();
  for (std::size_t i = 0; i < mask.tissue.size(); ++i) mask.tissue[i] = i % 32 < 8 ? 1 : 0;
  Blocks blocks(mask);

  blocks.add(tile(0, 0, 0, 0.5F));

  EXPECT_EQ(blocks.evidence("slide", detections({}), nullptr).blocks.size(), 2U);
}

TEST(Cascade, TheBoundIsTheHighestThatLosesNoMoreThanItsShare) {
  std::vector<double> found;
  for (int i = 1; i <= 100; ++i) found.push_back(i / 100.0);
  const std::vector<double> blocks{0.001, 0.01, 0.029, 0.03, 0.5};

  const auto choice = choose({.max_lost = 0.02}, {of(found, blocks)});

  EXPECT_EQ(choice.bound, 0.03);
  EXPECT_EQ(choice.lost, 2);
  EXPECT_EQ(choice.skipped, 3);
  EXPECT_EQ(choose({.max_lost = 0}, {of(found, blocks)}).lost, 0);
}

TEST(Cascade, ABoundLosesNoMoreWhereManyDetectionsHaveItsValue) {
  const auto choice = choose({.max_lost = 0.5}, {of({0.1, 0.2, 0.2, 0.2}, {0.1})});

  EXPECT_EQ(choice.bound, 0.2);
  EXPECT_EQ(choice.lost, 1);
}

TEST(Cascade, ABoundThatWasChosenElsewhereIsReportedOn) {
  const auto json = Json::parse(report({.bound = 0.3}, {of({0.1, 0.5}, {0.2, 0.4, 0.6, 0.8})}));

  EXPECT_EQ(json["chosen_here"], false);
  EXPECT_EQ(json["in_skipped_blocks_share"], 0.5);
  EXPECT_EQ(json["skipped_share"], 0.25);
  EXPECT_TRUE(json["measured"].is_null());
}

TEST(Cascade, WhatIsLostIsCountedByPlace) {
  Blocks blocks(tissue());
  const auto full = detections({{{10, 10}, 0.9, 3}, {{100, 10}, 0.9, 3}, {{300, 10}, 0.9, 3}});
  // The second is 20 px off, the third is gone, another is new.
  const auto kept = detections({{{10, 10}, 0.9, 3}, {{120, 10}, 0.9, 3}, {{500, 10}, 0.9, 3}});

  const auto measured = blocks.evidence("slide", full, &kept).measured.value();

  EXPECT_EQ(measured.same, 1);
  EXPECT_EQ(measured.moved, 1);
  EXPECT_EQ(measured.lost, 1);
  EXPECT_EQ(measured.added, 1);
}

TEST(Cascade, WithoutDetectionsThereIsNoBound) {
  EXPECT_THAT(problem([] { choose({}, {of({}, {0.5})}); }), HasSubstr("detects nothing"));
  EXPECT_THAT(problem([] {
                Blocks(tissue()).add({kGrid, {0, 0, 256, 256}, {}, {}});
              }),
              HasSubstr("must be dense"));
}

}  // namespace
}  // namespace mito::cascade
