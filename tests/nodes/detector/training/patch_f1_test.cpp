#include "nodes/detector/training/patch_f1.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

using Scores = std::vector<float>;
using Labels = std::vector<std::uint8_t>;

TEST(PatchF1, IsTheHighestThresholdOfTheHighestF1) {
  const auto best = best_f1(Scores{0.9F, 0.8F, 0.3F, 0.85F, 0.2F, 0.1F}, Labels{1, 1, 1, 0, 0, 0});

  // 0.9: 1/2; 0.8: 2 of 3 claims, 2 of 3 mitoses = 2/3; 0.3: 3 of 4 claims, all = 6/7.
  EXPECT_DOUBLE_EQ(best.f1, 6.0 / 7.0);
  EXPECT_FLOAT_EQ(static_cast<float>(best.threshold), 0.3F);
  EXPECT_DOUBLE_EQ(best.precision, 0.75);
  EXPECT_DOUBLE_EQ(best.recall, 1.0);
}

TEST(PatchF1, TakesTiedScoresTogether) {
  EXPECT_DOUBLE_EQ(best_f1(Scores{1.0F, 1.0F}, Labels{1, 0}).f1, 2.0 / 3.0);
}

TEST(PatchF1, OfEquallyGoodThresholdsTakesTheHighest) {
  // 0.9: precision 1, recall 1/2; 0.2: precision 1/2 ... 2 of 4, recall 1: both 2/3.
  const auto best = best_f1(Scores{0.9F, 0.2F, 0.5F, 0.4F}, Labels{1, 1, 0, 0});
  EXPECT_DOUBLE_EQ(best.f1, 2.0 / 3.0);
  EXPECT_FLOAT_EQ(static_cast<float>(best.threshold), 0.9F);
}

TEST(PatchF1, IsTheMaximumOverEveryThreshold) {
  Scores scores;
  Labels labels;
  for (int i = 0; i < 60; ++i) {
    scores.push_back(static_cast<float>((i * 37) % 23) / 23.0F);
    labels.push_back(i % 5 == 0 ? 1 : 0);
  }
  double highest = 0;
  for (const float s : scores)
    highest = std::max(highest, f1_at(static_cast<double>(s), scores, labels).f1);

  EXPECT_DOUBLE_EQ(best_f1(scores, labels).f1, highest);
}

TEST(PatchF1, AtAThresholdEqualsThePointOfTheCurve) {
  const Scores scores{0.9F, 0.8F, 0.3F, 0.85F, 0.2F, 0.1F};
  const Labels labels{1, 1, 1, 0, 0, 0};
  for (const auto& point : f1_curve(scores, labels))
    EXPECT_EQ(f1_at(point.threshold, scores, labels), point);
  EXPECT_EQ(f1_at(0.95, scores, labels), (PatchF1{0, 0.95, 0, 0}));
}

TEST(PatchF1, RefusesAnAbsentClassOtherLengthsAndNan) {
  EXPECT_THROW(best_f1(Scores{1.0F}, Labels{0}), DataError);
  EXPECT_THROW(best_f1(Scores{1.0F}, Labels{1}), DataError);
  EXPECT_THROW(best_f1(Scores{1.0F}, Labels{1, 0}), DataError);
  EXPECT_THROW(best_f1(Scores{1.0F, NAN}, Labels{1, 0}), DataError);
}

TEST(PatchF1, CurveIsWrittenWithAscendingThresholds) {
  EXPECT_EQ(f1_curve_csv(f1_curve(Scores{0.75F, 0.5F, 0.25F}, Labels{1, 0, 1})),
            "threshold,f1,precision,recall\n0.25,0.800000,0.666667,1.000000\n"
            "0.75,0.666667,1.000000,0.500000\n");
}

}  // namespace
}  // namespace mito::stats
