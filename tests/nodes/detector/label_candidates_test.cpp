#include "nodes/detector/label_candidates/label_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito::label_candidates {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Level 0 has 0.125 um/px: 25 um are 100 px of the analysis grid and 200 of level 0.
const Grid kGrid{2, 2, 0.25, 2000, 1000};
constexpr std::uint8_t kNo = 0;
constexpr std::uint8_t kYes = 1;
constexpr std::uint8_t kNeither = 2;

Candidate at(std::int64_t x, std::int64_t y) {
  return {kGrid.to_level0(static_cast<double>(x), static_cast<double>(y)), x, y, 0.3F};
}

Annotation mark(std::int64_t x, std::int64_t y, const std::string& label = "mitosis") {
  return {at(x, y).center, label};
}

class LabelCandidates : public ::testing::Test {
 protected:
  LabelledCandidates labelled() const {
    return label(params_, {kGrid, "C7_1", "identity", tissue_mm2_}, candidates_, annotations_);
  }
  std::string problem() const {
    return test::problem([&] { static_cast<void>(labelled()); });
  }

  Params params_;
  double tissue_mm2_ = 0.5;
  // Two near the figure at (500, 500), one at exactly 100 px, one just beyond.
  CandidateSet candidates_{{at(500, 560), at(520, 500), at(600, 500), at(601, 500)}, 0.125};
  ImageAnnotations annotations_{"C7_1", "", {mark(500, 500)}};
};

TEST_F(LabelCandidates, AllWithinTheDiameterArePositiveTheLimitIncluded) {
  const auto out = labelled();

  EXPECT_THAT(out.label, ElementsAre(kYes, kYes, kYes, kNo));
  EXPECT_THAT(out.at, ElementsAre(GridPoint{500, 560}, GridPoint{520, 500}, GridPoint{600, 500},
                                  GridPoint{601, 500}));
  EXPECT_EQ(out.slide, "C7_1");
  EXPECT_EQ(out.identity, "identity");
  EXPECT_EQ(out.grid, kGrid);
}

TEST_F(LabelCandidates, OnlyTheNearestCandidateOfAnObjectIsPositive) {
  params_.positives = "nearest";
  EXPECT_THAT(labelled().label, ElementsAre(kNeither, kYes, kNeither, kNo));

  // Of two at the same distance the earlier one.
  candidates_.items = {at(500, 520), at(520, 500)};
  EXPECT_THAT(labelled().label, ElementsAre(kYes, kNeither));
}

TEST_F(LabelCandidates, TheReferenceObjectsThemselvesCanBeThePositives) {
  params_.positives = "reference";
  const auto out = labelled();

  EXPECT_THAT(out.label, ElementsAre(kNeither, kNeither, kNeither, kNo, kYes));
  EXPECT_EQ(out.at.back(), (GridPoint{500, 500}));
  EXPECT_EQ(out.recall.positives, 1);
}

TEST_F(LabelCandidates, FindsTheSameWithManyObjectsAsByTryingAllPairs) {
  candidates_.items.clear();
  annotations_.items.clear();
  for (std::int64_t i = 0; i < 400; ++i)
    candidates_.items.push_back(at(i * 37 % 2000, i * 91 % 1000));
  for (std::int64_t i = 0; i < 25; ++i)
    annotations_.items.push_back(mark(i * 331 % 2000, i * 173 % 1000));

  const auto out = labelled();

  for (std::size_t i = 0; i < candidates_.items.size(); ++i) {
    bool near = false;
    for (const auto& item : annotations_.items)
      near = near || distance_um(kGrid, item.center, candidates_.items[i].center) <= 25;
    EXPECT_EQ(out.label[i], near ? kYes : kNo) << i;
  }
}

TEST_F(LabelCandidates, ReportsHowManyObjectsHaveACandidate) {
  // One with a candidate at 20 um, one without any.
  annotations_.items = {mark(500, 500), mark(1500, 500), mark(600, 580)};
  const auto recall = labelled().recall;

  EXPECT_EQ(recall.references, 3);
  EXPECT_EQ(recall.found_wide, 2);
  EXPECT_EQ(recall.found_close, 1);  // (520, 500) is 5 um from the first
  EXPECT_EQ(recall.candidates, 4);
  EXPECT_EQ(recall.positives, 4);
  EXPECT_EQ(recall.negatives, 0);
  EXPECT_EQ(recall.tissue_mm2, 0.5);
  EXPECT_EQ(recall.wide_um, 25);
  EXPECT_EQ(recall.close_um, 7.5);
}

TEST_F(LabelCandidates, OtherLabelsAreNotLookedAt) {
  annotations_.items = {mark(500, 500, "hard_negative"), mark(5000, 500, "vessel")};
  EXPECT_THAT(labelled().label, ElementsAre(kNo, kNo, kNo, kNo));

  params_.label = "hard_negative";
  EXPECT_THAT(labelled().label, ElementsAre(kYes, kYes, kYes, kNo));
}

TEST_F(LabelCandidates, HardNegativesBecomeNegativesUnlessTheyAreMitoses) {
  params_.hard_negatives = "negatives";
  // 20 um, 5 um and far from the mitosis.
  annotations_.items = {mark(500, 500), mark(580, 500, "hard_negative"),
                        mark(500, 520, "hard_negative"), mark(1500, 900, "hard_negative")};

  const auto all = labelled();
  params_.positives = "nearest";
  const auto nearest = labelled();

  EXPECT_THAT(all.label, ElementsAre(kYes, kYes, kYes, kNo, kNo));
  EXPECT_EQ(all.at.back(), (GridPoint{1500, 900}));
  EXPECT_THAT(nearest.label, ElementsAre(kNeither, kYes, kNeither, kNo, kNo, kNo));
  EXPECT_EQ(nearest.at[4], (GridPoint{580, 500}));
}

TEST_F(LabelCandidates, TheCaseIsStatedOrFoundInTheName) {
  EXPECT_EQ(labelled().case_id, "C7_1");
  params_.case_pattern = "^(C[0-9]+)_";
  EXPECT_EQ(labelled().case_id, "C7");
  annotations_.case_id = "patient";
  EXPECT_EQ(labelled().case_id, "patient");
}

TEST_F(LabelCandidates, ASlideWithoutAnythingIsFine) {
  candidates_.items.clear();
  annotations_.items.clear();

  EXPECT_TRUE(labelled().at.empty());
  EXPECT_EQ(labelled().recall.references, 0);
}

TEST_F(LabelCandidates, WhatLiesOffTheSlideIsNamed) {
  annotations_.items = {mark(500, 500), mark(2000, 500)};
  EXPECT_THAT(problem(), HasSubstr("slide 'C7_1': annotation 2 (mitosis) at (4000.5, 1000.5) lies "
                                   "off the slide, which is 4000 x 2000 px"));
  annotations_.items = {};
  candidates_.items = {at(10, 1000)};
  EXPECT_THAT(problem(), HasSubstr("slide 'C7_1': the candidate at pixel (10, 1000) lies off"));
}

TEST_F(LabelCandidates, ParametersThatDoNotFitAreRefused) {
  EXPECT_EQ(check(params_), "");
  params_.case_pattern = "C7";
  EXPECT_THAT(check(params_), HasSubstr("exactly one"));
  params_ = {};
  params_.close_um = 30;
  EXPECT_THAT(check(params_), HasSubstr("close_um"));
  params_ = {};
  params_.label = "hard_negative";
  params_.hard_negatives = "negatives";
  EXPECT_THAT(check(params_), HasSubstr("hard_negative"));
}

TEST_F(LabelCandidates, NearDoubtfulMarksNothingIsNegative) {
  params_.positives = "reference";
  params_.ignored_labels = {"doubtful"};
  candidates_.items = {at(500, 560), at(900, 500), at(1000, 500), at(1001, 500)};
  annotations_.items.push_back(mark(900, 500, "doubtful"));

  const auto out = labelled();

  EXPECT_THAT(out.label, ElementsAre(kNeither, kNeither, kNeither, kNo, kYes));
  EXPECT_EQ(out.recall.references, 1);
}

TEST_F(LabelCandidates, ADoubtfulMarkTakesNothingFromAPositive) {
  params_.ignored_labels = {"doubtful"};
  annotations_.items.push_back(mark(520, 500, "doubtful"));

  EXPECT_THAT(labelled().label, ElementsAre(kYes, kYes, kYes, kNeither));
}

TEST(LabelCandidatesParams, TheReferenceObjectsCannotBeIgnored) {
  Params params;
  params.ignored_labels = {"doubtful", "mitosis"};

  EXPECT_THAT(check(params), HasSubstr("must not hold 'mitosis'"));
}

}  // namespace
}  // namespace mito::label_candidates
