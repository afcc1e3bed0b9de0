#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/stats/agreement.h"
#include "engine/stats/threshold_curves.h"

namespace mito::stats {
namespace {

using Values = std::vector<std::optional<double>>;

TEST(FirstMaximum, IsTheFirstOfEqualOnesAndTellsThePlateau) {
  const auto found = first_maximum(Values{0.1, std::nullopt, 0.5, 0.5, 0.5 - 1e-15, 0.2});

  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, 2U);
  EXPECT_EQ(found->plateau, 3U);
  EXPECT_FALSE(found->at_edge);
}

TEST(FirstMaximum, SaysWhenItTouchesAnEndOfTheGrid) {
  EXPECT_TRUE(first_maximum(Values{0.9, 0.1})->at_edge);
  EXPECT_TRUE(first_maximum(Values{0.1, 0.9, 0.9})->at_edge);
  EXPECT_FALSE(first_maximum(Values{std::nullopt}).has_value());
}

TEST(ThresholdGrid, HoldsTheDoublesThatPeopleWrite) {
  const auto grid = threshold_grid(0.8, 0.999, 0.001);

  ASSERT_EQ(grid.size(), 200U);
  EXPECT_EQ(grid.front(), 0.8);
  EXPECT_EQ(grid[119], 0.919);
  EXPECT_EQ(grid.back(), 0.999);
  EXPECT_EQ(threshold_grid(0.25, 0.25, 0.1).size(), 1U);
  EXPECT_THROW(threshold_grid(1, 0, 0.1), DataError);
}

TEST(GradeCurve, FindsTheThresholdsThatSplitTheGrades) {
  const std::vector<double> counts{0, 3, 7.5, 9, 20, 31};
  const std::vector<int> grades{1, 1, 2, 2, 3, 3};

  const auto found = best(grade_curve(counts, grades));

  ASSERT_TRUE(found);
  EXPECT_EQ(found->theta1, 3);
  EXPECT_EQ(found->theta2, 9);
  EXPECT_EQ(found->kappa, 1);
}

TEST(GradeCurve, IsKappaOfTheGradesOfEveryPair) {
  RandomStream random(3, "counts", 0);
  std::vector<double> counts;
  std::vector<int> grades;
  for (int i = 0; i < 40; ++i) {
    counts.push_back(static_cast<double>(random.below(60)) / 4);  // on thresholds and between them
    grades.push_back(1 + static_cast<int>(random.below(3)));
  }

  const auto curve = grade_curve(counts, grades);

  ASSERT_FALSE(curve.empty());
  for (const auto& point : curve) {
    std::vector<int> graded;
    for (const double count : counts)
      graded.push_back(grade_of_count(count, point.theta1, point.theta2));
    EXPECT_EQ(point.kappa, quadratic_kappa(grades, graded)) << point.theta1 << " " << point.theta2;
  }
}

TEST(GradeCurve, RefusesCountsThatAreNone) {
  const std::vector<int> grades{1};
  EXPECT_THROW(grade_curve(std::vector<double>{-1}, grades), DataError);
  EXPECT_THROW(grade_curve(std::vector<double>{1e6}, grades), DataError);
}

}  // namespace
}  // namespace mito::stats
