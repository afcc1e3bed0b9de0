#include "engine/stats/matching.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::stats {
namespace {

/// Truths and claims thick enough on the ground that most are in reach of several.
Image crowded(std::uint64_t sample, int truths, int claims, double side) {
  RandomStream random(8, "matching_test", sample);
  Image image;
  for (int i = 0; i < truths; ++i)
    image.truths.push_back({random.uniform(0, side), random.uniform(0, side)});
  for (int i = 0; i < claims; ++i)
    image.claims.push_back({random.uniform(0, side), random.uniform(0, side), random.uniform()});
  return image;
}

template <class T>
std::vector<T> shuffled(const std::vector<T>& in) {
  RandomStream random(9, "shuffle", in.size());
  std::vector<T> out;
  for (const auto i : permutation(static_cast<std::uint32_t>(in.size()), random))
    out.push_back(in[i]);
  return out;
}

/// The largest number of pairs, by trying everything.
std::int64_t most_pairs(const Image& image, double radius, std::size_t truth, unsigned used) {
  if (truth == image.truths.size()) return 0;
  std::int64_t most = most_pairs(image, radius, truth + 1, used);
  for (std::size_t c = 0; c < image.claims.size(); ++c) {
    const double dx = image.claims[c].x - image.truths[truth].x;
    const double dy = image.claims[c].y - image.truths[truth].y;
    if ((used >> c & 1U) != 0 || dx * dx + dy * dy > radius * radius) continue;
    most = std::max(most, 1 + most_pairs(image, radius, truth + 1, used | 1U << c));
  }
  return most;
}

TEST(Matching, OptimalFindsTheLargestNumberOfPairs) {
  for (std::uint64_t sample = 0; sample < 100; ++sample) {
    const Image image = crowded(sample, 7, 6, 20);
    const auto counts = match(image.truths, image.claims, 5, MatchRule::Optimal);
    ASSERT_EQ(counts.tp, most_pairs(image, 5, 0, 0)) << sample;
  }
}

TEST(Matching, OptimalPairsAreOneToOneInReachAndCounted) {
  for (std::uint64_t sample = 0; sample < 20; ++sample) {
    const auto image = crowded(sample, 12, 9, 30);
    const auto pairs = optimal_pairs(image.truths, image.claims, 5);
    EXPECT_EQ(static_cast<std::int64_t>(pairs.size()),
              match(image.truths, image.claims, 5, MatchRule::Optimal).tp);
    std::vector<bool> used(image.claims.size(), false);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto& [truth, claim, distance] = pairs[i];
      if (i > 0) {
        EXPECT_LT(pairs[i - 1].truth, truth);
      }
      EXPECT_FALSE(used[claim]);
      used[claim] = true;
      EXPECT_DOUBLE_EQ(distance, std::hypot(image.claims[claim].x - image.truths[truth].x,
                                            image.claims[claim].y - image.truths[truth].y));
      EXPECT_LE(distance, 5);
    }
  }
}

TEST(Matching, OptimalPairsHaveTheLeastTotalDistance) {
  const std::vector<Truth> truths{{0, 0}, {4, 0}};
  const std::vector<Claim> claims{{3, 0, 0.9}, {6, 0, 0.8}};

  const auto pairs = optimal_pairs(truths, claims, 5);

  ASSERT_EQ(pairs.size(), 2U);  // 3 + 2; the nearest for each, 1 um, would leave one alone
  EXPECT_EQ(pairs[0].claim, 0U);
  EXPECT_EQ(pairs[1].claim, 1U);
  EXPECT_EQ(pairs[1].distance, 2);
}

TEST(Matching, NoRuleThatPairsBeatsOptimal) {
  for (std::uint64_t sample = 0; sample < 20; ++sample) {
    const Image image = crowded(sample, 200, 250, 100);
    const auto best = match(image.truths, image.claims, 5, MatchRule::Optimal).tp;
    for (const auto rule : {MatchRule::NearestPerTruth, MatchRule::ConfidenceGreedy})
      EXPECT_LE(match(image.truths, image.claims, 5, rule).tp, best);
  }
}

// Method 15.8
TEST(Matching, ShufflingClaimsChangesNothing) {
  const Image image = crowded(1, 60, 80, 60);
  for (const auto rule : kMatchRules)
    EXPECT_EQ(match(image.truths, shuffled(image.claims), 5, rule),
              match(image.truths, image.claims, 5, rule))
        << name(rule);
}

TEST(Matching, ShufflingTruthsChangesNothingWhereOrderIsNotTheRule) {
  const Image image = crowded(2, 60, 80, 60);
  for (const auto rule : {MatchRule::AnyHit, MatchRule::ConfidenceGreedy, MatchRule::Optimal})
    EXPECT_EQ(match(shuffled(image.truths), image.claims, 5, rule),
              match(image.truths, image.claims, 5, rule))
        << name(rule);
}

TEST(Matching, ClaimsOfEqualScoreDoNotDependOnTheirOrder) {
  Image image = crowded(3, 60, 80, 60);
  for (auto& claim : image.claims) claim.score = 1;
  for (const auto rule : kMatchRules)
    EXPECT_EQ(match(image.truths, shuffled(image.claims), 5, rule),
              match(image.truths, image.claims, 5, rule))
        << name(rule);
}

TEST(Matching, ACrowdOfThousandsTakesNoTime) {
  const Image image = crowded(4, 3000, 3000, 1500);
  const auto counts = match(image.truths, image.claims, 10, MatchRule::Optimal);
  EXPECT_EQ(counts.tp + counts.fn, 3000);
  EXPECT_EQ(counts.tp + counts.fp, 3000);
}

TEST(Matching, NothingAgainstNothingIsUndefined) {
  for (const auto rule : kMatchRules) {
    const auto counts = match({}, {}, 5, rule);
    EXPECT_EQ(counts, Counts());
    EXPECT_FALSE(counts.f1().has_value());
    EXPECT_FALSE(counts.precision().has_value());
    EXPECT_FALSE(counts.recall().has_value());
  }
}

TEST(Matching, RefusesABadRadiusOrPosition) {
  const std::vector<Truth> nowhere{{std::numeric_limits<double>::quiet_NaN(), 0}};
  EXPECT_THROW(match({}, {}, 0, MatchRule::AnyHit), DataError);
  EXPECT_THROW(match(nowhere, {}, 5, MatchRule::AnyHit), DataError);
}

TEST(Counts, AddUpToTheMicroAverage) {
  Counts sum{1, 2, 3};
  sum += {10, 20, 30};

  EXPECT_EQ(sum, (Counts{11, 22, 33}));
  EXPECT_DOUBLE_EQ(*sum.precision(), 11.0 / 33);
  EXPECT_DOUBLE_EQ(*sum.recall(), 11.0 / 44);
  EXPECT_DOUBLE_EQ(*sum.f1(), 22.0 / 77);
}

TEST(AnyHitCurve, AgreesWithMatchingAtEveryThreshold) {
  const std::vector<Image> images{crowded(5, 40, 60, 80), crowded(6, 30, 50, 80)};
  const auto thresholds = distinct_scores(images);

  const auto curve = any_hit_curve(images, 5, thresholds);

  ASSERT_EQ(curve.size(), 110U);
  for (const auto& point : curve) {
    Counts expected;
    for (const auto& image : images) {
      std::vector<Claim> kept;
      for (const auto& claim : image.claims)
        if (claim.score >= point.threshold) kept.push_back(claim);
      expected += match(image.truths, kept, 5, MatchRule::AnyHit);
    }
    ASSERT_EQ(point.counts, expected) << point.threshold;
  }
}

// Method 15.7
TEST(AnyHitCurve, RaisingTheThresholdNeverRaisesCounts) {
  const std::vector<Image> images{crowded(7, 40, 60, 80)};
  const auto curve = any_hit_curve(images, 5, distinct_scores(images));
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_LE(curve[i].counts.tp, curve[i - 1].counts.tp);
    EXPECT_LE(curve[i].counts.fp, curve[i - 1].counts.fp);
  }
}

TEST(Best, IsTheFirstOfEqualMaxima) {
  const std::vector<CurvePoint> curve{{0.1, {1, 1, 1}}, {0.2, {2, 1, 0}}, {0.3, {2, 1, 0}}};
  EXPECT_EQ(best(curve)->threshold, 0.2);
}

TEST(Best, IsEmptyWhereF1IsNowhereDefined) {
  EXPECT_FALSE(best(std::vector<CurvePoint>{{0.5, {}}}).has_value());
}

TEST(PlateauWidth, SpansThresholdsCloseToTheMaximum) {
  const std::vector<CurvePoint> curve{
      {0.1, {5, 5, 5}}, {0.2, {99, 2, 2}}, {0.4, {99, 0, 0}}, {0.7, {98, 1, 1}}, {0.9, {1, 0, 98}}};
  EXPECT_DOUBLE_EQ(*plateau_width(curve), 0.5);
}

TEST(PlateauWidth, IsEmptyWhereNothingIsFoundAtAnyThreshold) {
  const std::vector<CurvePoint> curve{{0.1, {0, 3, 5}}, {0.2, {0, 0, 5}}};
  EXPECT_FALSE(plateau_width(curve).has_value());
}

}  // namespace
}  // namespace mito::stats
