#include "engine/stats/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::stats {
namespace {

using ::testing::ElementsAre;

constexpr Vote kYes = Vote::For;
constexpr Vote kNo = Vote::Against;
constexpr Vote kNone = Vote::Missing;

TEST(QuadraticKappa, IsSymmetricAndOneForEqualGrades) {
  const std::vector<int> a{1, 2, 3, 3, 1, 2};
  const std::vector<int> b{1, 3, 3, 2, 1, 1};

  EXPECT_DOUBLE_EQ(*quadratic_kappa(a, b), *quadratic_kappa(b, a));
  EXPECT_EQ(*quadratic_kappa(a, a), 1);
}

TEST(QuadraticKappa, IsMinusOneForOppositeGrades) {
  EXPECT_DOUBLE_EQ(*quadratic_kappa(std::vector<int>{1, 3, 1, 3}, std::vector<int>{3, 1, 3, 1}),
                   -1);
}

TEST(QuadraticKappa, IsUndefinedWithoutAnyDifferenceByChance) {
  EXPECT_FALSE(quadratic_kappa({}, {}).has_value());
  EXPECT_FALSE(quadratic_kappa(std::vector<int>{2, 2}, std::vector<int>{2, 2}).has_value());
  EXPECT_EQ(*quadratic_kappa(std::vector<int>{2, 2}, std::vector<int>{3, 3}), 0);
}

TEST(QuadraticKappa, RefusesOtherClassesAndUnequalLengths) {
  EXPECT_THROW(quadratic_kappa(std::vector<int>{0}, std::vector<int>{1}), DataError);
  EXPECT_THROW(quadratic_kappa(std::vector<int>{1}, std::vector<int>{4}), DataError);
  EXPECT_THROW(quadratic_kappa(std::vector<int>{1}, std::vector<int>{1, 2}), DataError);
}

TEST(Spearman, RanksShareTheirAverage) {
  EXPECT_THAT(average_ranks(std::vector<double>{5, 1, 5, 7}), ElementsAre(2.5, 1, 2.5, 4));
}

TEST(Spearman, IsTheSameUnderMonotoneMapsAndOrders) {
  RandomStream random(1, "spearman", 0);
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> mapped;
  for (int i = 0; i < 50; ++i) {
    x.push_back(random.normal());
    y.push_back(x.back() + random.normal());
    mapped.push_back(std::exp(3 * y.back()));
  }

  const double rho = *spearman(x, y);

  EXPECT_EQ(rho, *spearman(x, mapped));
  std::reverse(x.begin(), x.end());
  std::reverse(y.begin(), y.end());
  EXPECT_NEAR(rho, *spearman(x, y), 1e-12);
  EXPECT_GT(rho, 0.3);
  EXPECT_LT(rho, 1);
}

TEST(Spearman, IsUndefinedForConstantsAndTooFewValues) {
  EXPECT_FALSE(spearman({}, {}).has_value());
  EXPECT_FALSE(spearman(std::vector<double>{1}, std::vector<double>{2}).has_value());
  EXPECT_FALSE(spearman(std::vector<double>{1, 2}, std::vector<double>{3, 3}).has_value());
}

TEST(Spearman, RefusesNaNAndUnequalLengths) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(spearman(std::vector<double>{nan, 1}, std::vector<double>{1, 2}), DataError);
  EXPECT_THROW(spearman(std::vector<double>{1}, std::vector<double>{1, 2}), DataError);
}

TEST(FisherInterval, NeedsFourPairsAndEndsAtOne) {
  EXPECT_FALSE(fisher_interval95(0.5, 3).has_value());
  EXPECT_EQ(fisher_interval95(1, 10)->low, 1);
  EXPECT_EQ(fisher_interval95(-1, 10)->high, -1);
}

// Method 10.4: 0.519 at n = 321 is [0.434, 0.595] at 95 %.
TEST(FisherInterval, IsThatOfTheChallengesCorrelation) {
  const auto interval = fisher_interval95(0.519, 321);

  EXPECT_NEAR(interval->low, 0.434, 5e-4);
  EXPECT_NEAR(interval->high, 0.595, 5e-4);
}

TEST(Majority, NeedsThreeOfFourAndDropsDraws) {
  EXPECT_EQ(majority(std::vector<Vote>{kYes, kYes, kNo, kYes}, 3), Verdict::For);
  EXPECT_EQ(majority(std::vector<Vote>{kNo, kYes, kNo, kNo}, 3), Verdict::Against);
  EXPECT_EQ(majority(std::vector<Vote>{kYes, kYes, kNo, kNo}, 3), Verdict::Undecided);
}

TEST(Majority, AMissingVoteCountsForNeither) {
  EXPECT_EQ(majority(std::vector<Vote>{kYes, kNone, kYes, kYes}, 3), Verdict::For);
  EXPECT_EQ(majority(std::vector<Vote>{kYes, kNone, kYes, kNone}, 3), Verdict::Undecided);
}

TEST(Majority, RefusesLessThanHalfAndMoreThanAll) {
  const std::vector<Vote> four{kYes, kYes, kNo, kNo};
  EXPECT_THROW(majority(four, 2), DataError);
  EXPECT_THROW(majority(four, 5), DataError);
  EXPECT_EQ(simple_majority(1), 1);
  EXPECT_EQ(simple_majority(3), 2);
  EXPECT_EQ(simple_majority(4), 3);
}

TEST(Pairwise, LooksOnlyAtSamplesBothLabelled) {
  const Votes votes{
      {kYes, kYes, kNone}, {kNo, kYes, kNone}, {kNo, kNo, kNone}, {kYes, kNone, kNone}};

  const auto pairs = pairwise(votes);

  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].samples, 3);
  EXPECT_DOUBLE_EQ(*pairs[0].agreement, 2.0 / 3);
  // Po = 2/3; Pe = (2*1 + 1*2) / 9 = 4/9; kappa = (6/9 - 4/9) / (5/9).
  EXPECT_DOUBLE_EQ(*pairs[0].cohen_kappa, 0.4);
  EXPECT_EQ(pairs[1].samples, 0);
  EXPECT_FALSE(pairs[1].agreement.has_value());
  EXPECT_FALSE(pairs[1].cohen_kappa.has_value());
  EXPECT_DOUBLE_EQ(*mean_agreement(pairs), 2.0 / 3);
}

TEST(Pairwise, KappaIsUndefinedWhenBothAlwaysSayTheSame) {
  const auto pairs = pairwise({{kYes, kYes}, {kYes, kYes}});

  EXPECT_EQ(*pairs[0].agreement, 1);
  EXPECT_FALSE(pairs[0].cohen_kappa.has_value());
}

TEST(Pairwise, RefusesRowsOfUnequalLength) {
  EXPECT_THROW(pairwise({{kYes, kNo}, {kYes}}), DataError);
  EXPECT_FALSE(mean_agreement({}).has_value());
}

TEST(Fleiss, EqualsCohenForBalancedPairsAndLeavesIncompleteSamplesOut) {
  const Votes votes{{kYes, kYes}, {kNo, kNo}, {kYes, kNo}, {kNo, kYes}, {kYes, kNone}};

  const auto result = fleiss(votes);

  EXPECT_EQ(result.complete, 4);
  EXPECT_DOUBLE_EQ(*result.kappa, 0);
}

TEST(Fleiss, IsUndefinedWithoutChance) {
  EXPECT_FALSE(fleiss({{kYes, kYes}, {kYes, kYes}}).kappa.has_value());
  EXPECT_FALSE(fleiss({{kYes}, {kNo}}).kappa.has_value());
  EXPECT_FALSE(fleiss({{kYes, kNone}}).kappa.has_value());
  EXPECT_FALSE(fleiss({}).kappa.has_value());
}

TEST(AgainstOthers, CountsWhereMostOfTheOthersAgree) {
  const Votes votes{
      {kYes, kYes, kYes, kNo},   // for: hit
      {kNo, kYes, kYes, kNo},    // for: missed
      {kNo, kNo, kNo, kYes},     // against: right
      {kYes, kNo, kNo, kNo},     // against: false alarm
      {kYes, kYes, kNone, kNo},  // the others are split
      {kNone, kYes, kYes, kYes}  // no vote of this observer
  };

  const auto counts = against_others(votes, 0);

  EXPECT_EQ(counts.true_for, 1);
  EXPECT_EQ(counts.false_against, 1);
  EXPECT_EQ(counts.true_against, 1);
  EXPECT_EQ(counts.false_for, 1);
  EXPECT_DOUBLE_EQ(*counts.sensitivity(), 0.5);
  EXPECT_DOUBLE_EQ(*counts.specificity(), 0.5);
}

TEST(AgainstOthers, IsUndefinedForASingleObserver) {
  EXPECT_FALSE(against_others({{kYes}}, 0).sensitivity().has_value());
  EXPECT_FALSE(against_others({}, 0).specificity().has_value());
  EXPECT_THROW(against_others({{kYes, kNo}}, 2), DataError);
}

}  // namespace
}  // namespace mito::stats
