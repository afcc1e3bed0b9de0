#include "nodes/outcome/grade/grade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::grade {
namespace {

TEST(Grade, IncludesTheThresholdsInTheLowerGrade) {
  const Params paper;

  EXPECT_EQ(of_count(0, paper).grade, 1);
  EXPECT_EQ(of_count(6, paper).grade, 1);
  EXPECT_EQ(of_count(6.05, paper).grade, 2);
  EXPECT_EQ(of_count(20, paper).grade, 2);
  EXPECT_EQ(of_count(20.05, paper).grade, 3);
  EXPECT_EQ(of_count(20.05, paper).count, 20.05);
}

TEST(Grade, RefusesThresholdsThatDoNotRise) {
  EXPECT_EQ(check({}), "");
  EXPECT_THAT(
      check({.grade1_max_count = 9, .grade2_max_count = 9}),
      testing::HasSubstr("grade1_max_count must be less than grade2_max_count, got 9 and 9"));
}

}  // namespace
}  // namespace mito::grade
