#include "engine/stats/cohort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Cohort, RefusesTheSameImageTwice) {
  std::vector<CohortSlide> cohort;
  CohortSlide slide;
  slide.name = "a";
  slide.identity = "pixels";
  add_slide(cohort, slide);
  slide.name = "copy of a";

  try {
    add_slide(cohort, slide);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(), "slides 'a' and 'copy of a' are the same image; list it once");
  }
}

TEST(Cohort, RatesOfEqualCasesHaveNoWidth) {
  const std::vector<Counts> cases(5, Counts{3, 1, 2});

  const auto out = rates(cases, 200, 1);

  EXPECT_DOUBLE_EQ(*out.f1.value, 6.0 / 9);
  ASSERT_TRUE(out.f1.interval);
  EXPECT_DOUBLE_EQ(out.f1.interval->low, out.f1.interval->high);
  EXPECT_FALSE(rates(std::vector<Counts>{{1, 1, 1}}, 200, 1).f1.interval);
}

}  // namespace
}  // namespace mito::stats
