#include "engine/stats/paired.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

using ::testing::ElementsAre;

Repeats values(std::vector<double> values) { return {std::move(values), {}}; }

/// `seeds` trainings that find `found[c]` of 10 in case c, all alike.
Repeats recall(const std::vector<double>& found, std::size_t seeds = 1) {
  std::vector<Part> cases;
  for (const double f : found) cases.push_back({f, 10});
  return {{}, std::vector<std::vector<Part>>(seeds, cases)};
}

TEST(Paired, TheDifferenceIsThatOfRatiosOfSumsAveragedOverSeeds) {
  const Repeats variant{{}, {{{8, 10}, {1, 30}}, {{6, 10}, {0, 10}}}};  // 9/40, 6/20
  const Repeats baseline{{}, {{{4, 10}, {0, 10}}, {{4, 10}, {0, 10}}}};

  const auto d = compare(variant, baseline, 100, 1);

  EXPECT_DOUBLE_EQ(*d.value, (9.0 / 40 + 6.0 / 20) / 2 - 0.2);
  EXPECT_EQ(d.units, 2U);
}

TEST(Paired, AnIntervalOfEqualDifferencesHasNoWidthAndTheOrderAlwaysHolds) {
  const auto d = compare(values({0.7, 0.5, 0.9}), values({0.6, 0.4, 0.8}), 2000, 1);

  EXPECT_NEAR(d.interval->low, 0.1, 1e-12);
  EXPECT_NEAR(d.interval->high, 0.1, 1e-12);
  EXPECT_DOUBLE_EQ(*d.same_order, 1);
}

TEST(Paired, TheIntervalIsThatOfTheDrawsOfTheSeeds) {
  // Differences 0 and 1: a resample of two has mean 0, 0.5 or 1 with 1/4, 1/2, 1/4.
  const auto d = compare(values({1, 2}), values({1, 1}), 2000, 1);

  EXPECT_DOUBLE_EQ(*d.value, 0.5);
  EXPECT_DOUBLE_EQ(d.interval->low, 0);
  EXPECT_DOUBLE_EQ(d.interval->high, 1);
  EXPECT_NEAR(*d.same_order, 0.75, 4 * 0.0097);  // four standard deviations of 2000 draws
}

TEST(Paired, SeedsAndCasesAreDrawnApartFromEachOther) {
  int differ = 0;
  for (const auto& draw : crossed_resamples(5, 5, 100, 3)) differ += draw.seeds != draw.cases;
  EXPECT_GT(differ, 95);
  EXPECT_EQ(crossed_resamples(4, 6, 3, 3)[2].cases, crossed_resamples(4, 6, 50, 3)[2].cases);
}

TEST(Paired, TheExactTestCountsSwapsThatGiveAsMuch) {
  // All of three seeds are better by 0.1: of the eight swaps only none and all give as much.
  const auto d = compare(values({0.7, 0.5, 0.9}), values({0.6, 0.4, 0.8}), 10, 1);
  EXPECT_TRUE(d.exact);
  EXPECT_DOUBLE_EQ(*d.p, 0.25);
  EXPECT_DOUBLE_EQ(*d.least_p, 0.25);

  // Differences 3, 2, -1, sum 4: as much or more are +++ and ++- and their opposites.
  EXPECT_DOUBLE_EQ(*compare(values({3, 2, 0}), values({0, 0, 1}), 10, 1).p, 0.5);
}

TEST(Paired, CasesAreSwappedInAllSeedsAtOnce) {
  const auto d = compare(recall({9, 9, 9, 9, 9, 9}, 2), recall({5, 5, 5, 5, 5, 5}, 2), 100, 1);

  EXPECT_EQ(d.units, 6U);
  EXPECT_DOUBLE_EQ(*d.p, 2.0 / 64);
}

TEST(Holm, CorrectsTheLeastForAllAndNeverChangesTheOrder) {
  // 0.01 x 3, then 0.03 x 2; 0.04 x 1 would be less than the one before it.
  EXPECT_THAT(holm(std::vector{0.04, 0.01, 0.03}),
              ::testing::ElementsAre(::testing::DoubleEq(0.06), ::testing::DoubleEq(0.03),
                                     ::testing::DoubleEq(0.06)));
  EXPECT_THAT(holm(std::vector{0.5, 0.9}), ::testing::ElementsAre(1, 1)) << "never above 1";
  EXPECT_THAT(holm({}), ::testing::IsEmpty());
}

TEST(Paired, ManyUnitsAreSwappedAtRandomAndNoPIsZero) {
  const auto d =
      compare(recall(std::vector<double>(20, 9)), recall(std::vector<double>(20, 3)), 500, 1);

  EXPECT_FALSE(d.exact);
  EXPECT_DOUBLE_EQ(*d.p, 1.0 / 501);
}

TEST(Paired, OneRunWithoutCasesHasADifferenceAndNothingElse) {
  const auto d = compare(values({0.7}), values({0.5}), 100, 1);

  EXPECT_NEAR(*d.value, 0.2, 1e-12);
  EXPECT_FALSE(d.interval || d.same_order || d.p);
}

TEST(Paired, WhatIsNotPairedIsRefused) {
  EXPECT_THROW(compare(values({1, 2}), values({1}), 10, 1), DataError);
  EXPECT_THROW(compare(recall({1, 2}), recall({1}), 10, 1), DataError);
  EXPECT_THROW(compare(recall({1, 2}), values({1}), 10, 1), DataError);
}

TEST(Paired, RanksHoldWhereEverySeedHasTheSameOrder) {
  const std::vector<Repeats> variants{values({0.5, 0.6}), values({0.7, 0.8}), values({0.5, 0.6})};

  const auto high = rank(variants, true, 200, 1);

  EXPECT_THAT(high.rank, ElementsAre(2, 1, 2));  // equals share the better rank
  EXPECT_NEAR(high.share[1][0], 1, 1e-9);
  EXPECT_NEAR(high.share[0][1], 1, 1e-9);
  EXPECT_THAT(rank(variants, false, 200, 1).rank, ElementsAre(1, 3, 1));
  EXPECT_TRUE(rank(std::vector{values({1}), values({2})}, true, 200, 1).share.empty());
}

TEST(Paired, RanksOfSeedsThatDisagreeAreShared) {
  // a is better by 1 with one seed, worse by 1 with the other: first, second, or equal and first.
  const auto ranks = rank(std::vector{values({1, 0}), values({0, 1})}, true, 2000, 1);

  EXPECT_THAT(ranks.rank, ElementsAre(1, 1));
  EXPECT_NEAR(ranks.share[0][0], 0.75, 4 * 0.0097);
  EXPECT_NEAR(ranks.share[0][0] + ranks.share[0][1], 1, 1e-9);
}

}  // namespace
}  // namespace mito::stats
