#include "nodes/outcome/tune_detection/tune_detection.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::tune_detection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A true mitosis found at `hit` and a false claim at `wrong`.
stats::CohortSlide slide(const std::string& name, double hit, double wrong) {
  stats::CohortSlide out;
  out.name = out.identity = name;
  out.case_id = "case-" + name;
  out.lowest_score = 0.8;
  out.image.truths = {{0, 0}};
  out.image.claims = {{0, 7, hit}, {0, 500, wrong}};
  return out;
}

TEST(TuneDetection, TakesTheFirstThresholdWithTheHighestF1) {
  const auto out = tune({}, {slide("b", 0.95, 0.87), slide("a", 0.93, 0.9)});

  EXPECT_EQ(out.min_probability, 0.901);
  EXPECT_EQ(out.value, 1);
  EXPECT_EQ(out.measure, "f1");
  EXPECT_EQ(out.rule, "any_hit within 7.5 um");
  EXPECT_THAT(out.cases, ElementsAre("case-a", "case-b"));
  EXPECT_EQ(out.delta_curve.values.size(), 200 * out.delta_curve.columns.size());
  ASSERT_EQ(out.warnings.size(), 1U);
  EXPECT_THAT(out.warnings[0], HasSubstr("the same from 0.901 to 0.93"));
  EXPECT_FALSE(out.has_grades);
}

TEST(TuneDetection, SaysWhenTheBestIsAtTheEdge) {
  const auto out = tune({}, {slide("a", 0.8, 0.805)});

  EXPECT_EQ(out.min_probability, 0.8);
  EXPECT_THAT(out.warnings.at(0), HasSubstr("at an end of the grid (0.8)"));
}

TEST(TuneDetection, RefusesWhatCannotBeTuned) {
  stats::CohortSlide empty = slide("a", 0.9, 0.9);
  empty.image = {};
  EXPECT_THROW(tune({}, {empty}), DataError);
  EXPECT_THROW(tune({}, {}), DataError);
  try {
    tune({.lowest = 0.5}, {slide("a", 0.9, 0.9)});
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'a' has only detections from 0.8 on"));
  }
  EXPECT_EQ(check({.lowest = 0.9, .highest = 0.8}),
            "lowest must not be above highest, got 0.9 and 0.8");
}

}  // namespace
}  // namespace mito::tune_detection
