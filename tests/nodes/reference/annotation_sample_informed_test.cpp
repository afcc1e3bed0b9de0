#include <fstream>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/annotation.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/annotation_sample/informed_draw.h"
#include "nodes/reference/annotation_sample/observer_study.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"

namespace mito::annotation_sample {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;

/// 900 doubtless negatives, 90 of 0.5 and 10 near 1.
std::vector<double> skewed_scores() {
  std::vector<double> out(900, 0.06);
  out.insert(out.end(), 90, 0.5);
  out.insert(out.end(), 10, 0.99);
  return out;
}

double sum(const std::vector<double>& values, std::size_t first, std::size_t count) {
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0);
}

TEST(InformedDraw, GivesRangesOfTheScoreAlikeHoweverManyPlacesTheyHold) {
  const auto chances = inclusion_chances(skewed_scores(), {}, 90, 0.5);

  EXPECT_NEAR(sum(chances, 0, 1000), 90, 1e-9);
  EXPECT_NEAR(sum(chances, 990, 10), 10, 1e-9) << "all there are: none is drawn twice";
  EXPECT_NEAR(sum(chances, 0, 900), 40, 1e-9);
  EXPECT_NEAR(sum(chances, 900, 90), 40, 1e-9);
  EXPECT_THAT(chances, Each(Le(1)));
}

TEST(InformedDraw, TakesPlacesTheNetworkIsNotAtOneWithItselfMoreOften) {
  std::vector<float> disagreement(1000, 0.0F);
  disagreement[0] = 0.2F;
  disagreement[1] = 0.1F;

  const auto chances = inclusion_chances(skewed_scores(), disagreement, 2, 0.5);

  // Half of 2 places by disagreement: 2 / 3 and 1 / 3 of a place beside the share of the range.
  const double of_range = 1.0 / 3 / 900;
  EXPECT_NEAR(chances[0], 2.0 / 3 + of_range, 1e-12);
  EXPECT_NEAR(chances[1], 1.0 / 3 + of_range, 1e-12);
  EXPECT_NEAR(chances[2], of_range, 1e-12);
}

TEST(InformedDraw, TakesAllWhereThereAreFewer) {
  EXPECT_THAT(inclusion_chances(skewed_scores(), {}, 1000, 0.5), Each(1.0));
}

TEST(InformedDraw, IsExactlyAsLargeAsAskedAndFollowsTheChances) {
  const auto chances = inclusion_chances(skewed_scores(), {}, 90, 0);
  std::size_t low = 0;
  constexpr int kDraws = 200;
  for (int seed = 0; seed < kDraws; ++seed) {
    RandomStream random(static_cast<std::uint64_t>(seed), "test", 0);
    const auto drawn = draw_systematic(chances, random);
    ASSERT_EQ(drawn.size(), 90U);
    for (const auto i : drawn) low += i < 900 ? 1 : 0;
  }
  // 40 of the 900 in the mean; the standard error over the draws is below 0.1.
  EXPECT_NEAR(static_cast<double>(low) / kDraws, 40, 1);
}

class InformedStudy : public ::testing::Test {
 protected:
  SlideDetections found() const {
    const Slide slide = Slide::open(test::draw_slide(slides_.path()), {});
    SlideDetections out{slide, {slide.analysis_grid(), {}, 0.05, 0}};
    for (int i = 0; i < 40; ++i)
      out.detections.items.push_back({{10.0 * i, 10.0 * i}, i < 30 ? 0.1 : 0.9, 9});
    out.disagreement.assign(40, 0.1F);
    return out;
  }
  test::TempFolder slides_;
  test::TempFolder out_;
};

TEST_F(InformedStudy, WritesWhatEveryPlaceStandsForAndWhichImageItIsOf) {
  StudyParams params;
  params.draw = "informed";
  params.count = 20;
  params.by_disagreement = 0;
  Study study(params, "study");
  study.add(0, found());

  write_study(study, out_.path(), {});

  const auto key = LabelSheet::read(out_.path() / "key.csv");
  ASSERT_EQ(key.samples().size(), 20U);
  double low = 0;
  for (const auto& sample : key.samples()) {
    ASSERT_TRUE(sample.weight);
    EXPECT_NEAR(*sample.weight, *sample.score < 0.5 ? 3 : 1, 1e-9);
    EXPECT_EQ(sample.image.size(), 64U);
    if (*sample.score < 0.5) low += *sample.weight;
  }
  EXPECT_NEAR(low, 30, 1e-6) << "the weights add up to the places there are";
}

TEST_F(InformedStudy, RefusesDisagreementsOfOtherDetections) {
  StudyParams params;
  params.draw = "informed";
  Study study(params, "study");
  auto wrong = found();
  wrong.disagreement.pop_back();

  EXPECT_THAT(test::problem([&] { study.add(0, wrong); }),
              HasSubstr("39 disagreements for 40 detections"));
}

TEST(LabelSheet, RefusesAWeightBelowOne) {
  const test::TempFolder folder;
  const auto file = folder.path() / "key.csv";
  std::ofstream(file) << "sample,slide,x,y,score,patch,sha256,weight\ns1,a,1,2,0.5,p.png,00,0.5\n";

  EXPECT_THAT(test::problem([&] { LabelSheet::read(file); }),
              HasSubstr("key.csv:2:23: expected a weight of 1 or more"));
}

}  // namespace
}  // namespace mito::annotation_sample
