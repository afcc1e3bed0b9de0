#include "nodes/train_cnn/samples.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/image/augment.h"
#include "tests/nn/fake_network.h"
#include "tests/nn/frames.h"

namespace mito::train_cnn {
namespace {

TEST(DarkSpots, AreTheDiscsDarkestFirst) {
  const Image image = frame("a");

  const auto spots = dark_spots(image, 0.5, 24);

  ASSERT_EQ(spots.size(), 5U);
  EXPECT_NEAR(spots[0].x, 200, 4);
  EXPECT_NEAR(spots[0].y, 200, 4);
}

TEST(DarkSpots, KeepTheirDistance) {
  Image image = frame("a");
  draw_disc(image, {200, 200}, 60, 10);

  const auto spots = dark_spots(image, 0.5, 24);

  ASSERT_GT(spots.size(), 10U);
  for (std::size_t i = 0; i < spots.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_GE(std::hypot(spots[i].x - spots[j].x, spots[i].y - spots[j].y), 24.0);
  }
}

TEST(SpotNegatives, KeepAwayFromMitoses) {
  const auto found = spot_negatives(frames(2), 0.5, 24, 100);

  EXPECT_EQ(found.size(), 8U);
}

TEST(UniformNegatives, LieOnTissueAwayFromMitoses) {
  auto images = frames(1);
  draw_disc(images[0], {0, 0}, 150, 255);  // glass
  RandomStream random(1, "test", 0);

  const auto found = uniform_negatives(images, 200, 100, random);

  ASSERT_EQ(found.size(), 200U);
  for (const auto& sample : found) {
    EXPECT_GT(std::hypot(sample.at.x - 200, sample.at.y - 200), 100.0);
    EXPECT_GT(std::hypot(sample.at.x, sample.at.y), 140.0);
  }
}

TEST(UniformNegatives, SayWhenThereIsNoTissue) {
  auto images = frames(1);
  std::ranges::fill(images[0].rgb, std::uint8_t{255});
  RandomStream random(1, "test", 0);
  EXPECT_THROW(uniform_negatives(images, 1, 100, random), DataError);
}

TEST(DrawWeighted, NeverTakesWeightZeroAndFollowsTheWeights) {
  std::vector<Sample> pool;
  for (std::int32_t i = 0; i < 3; ++i) pool.push_back({i, {}});
  RandomStream random(1, "test", 0);

  const auto drawn = draw_weighted(pool, std::vector<double>{0.0, 0.25, 0.75}, 10000, random);

  std::vector<int> counts(3);
  for (const auto& sample : drawn) ++counts[static_cast<std::size_t>(sample.image)];
  EXPECT_EQ(counts[0], 0);
  EXPECT_NEAR(counts[1], 2500, 4 * 44);  // 4 sigma
}

TEST(DrawWeighted, RefusesAllZero) {
  RandomStream random(1, "test", 0);
  EXPECT_THROW(draw_weighted({{0, {}}}, std::vector<double>{0.0}, 1, random), DataError);
}

TEST(AugmentedPatch, ShowsTheObjectWithinFourteenPixelsOfTheCentre) {
  const auto images = frames(1);
  std::vector<float> patch(3 * 100 * 100);
  double farthest = 0;
  for (std::uint64_t i = 0; i < 30; ++i) {
    RandomStream random(1, "augment", i);
    augmented_patch(images[0].view(), images[0].mitoses[0], image::augmentation("RTC", 0), random,
                    patch);
    double x = 0;
    double y = 0;
    double n = 0;
    for (int row = 0; row < 100; ++row) {
      for (int column = 0; column < 100; ++column) {
        if (patch[static_cast<std::size_t>(row * 100 + column)] > 0.3F) continue;
        x += column;
        y += row;
        n += 1;
      }
    }
    ASSERT_GT(n, 100);
    EXPECT_LE(std::abs(x / n - 50), 15.0);
    EXPECT_LE(std::abs(y / n - 50), 15.0);
    farthest = std::max(farthest, std::abs(x / n - 50));
  }
  EXPECT_GT(farthest, 7.0) << "the patches are not shifted";
}

TEST(BestF1, IsTheHighestThresholdOfTheHighestF1) {
  const std::vector<float> good{0.9F, 0.8F, 0.3F};
  const std::vector<float> bad{0.7F, 0.2F, 0.1F};

  const auto best = best_f1(good, bad);

  EXPECT_DOUBLE_EQ(best.f1, 6.0 / 7.0);  // at 0.3: 3 hits, 1 false alarm
  EXPECT_FLOAT_EQ(static_cast<float>(best.threshold), 0.3F);
  EXPECT_DOUBLE_EQ(best.recall, 1.0);
  EXPECT_DOUBLE_EQ(best.precision, 0.75);
}

TEST(BestF1, TakesTiedScoresTogether) {
  EXPECT_DOUBLE_EQ(best_f1(std::vector<float>{1.0F}, std::vector<float>{1.0F}).f1, 2.0 / 3.0);
}

TEST(BestF1, RefusesAnAbsentClass) {
  EXPECT_THROW(best_f1({}, std::vector<float>{1.0F}), DataError);
  EXPECT_THROW(best_f1(std::vector<float>{1.0F}, {}), DataError);
}

TEST(F1At, CountsScoresFromTheThresholdOn) {
  const std::vector<float> good{0.9F, 0.5F, 0.3F};
  const std::vector<float> bad{0.7F, 0.2F, 0.1F};

  const auto half = f1_at(0.5, good, bad);

  EXPECT_DOUBLE_EQ(half.precision, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(half.recall, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(half.f1, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(f1_at(0.95, good, bad).f1, 0.0);
}

TEST(OperatingPoint, SeparatesTheMitosisFromPalerNuclei) {
  const auto images = frames(2);
  Params params;
  params.object_probability = 0.5;
  params.nms_um = 10;

  const auto best = operating_point(params, images, nn::DarkPixelNetwork(), {});

  // The network gives 90-grey nuclei p = 0.95 and the 10-grey mitosis 0.9999.
  EXPECT_DOUBLE_EQ(best.f1, 1.0);
  EXPECT_GT(best.threshold, 0.96);
}

TEST(Check, NamesAnOddBatchAndCasesThatContradictEachOther) {
  Params params;
  EXPECT_NE(check(params).find("validation_cases"), std::string::npos);
  params.validation_cases = {"a"};
  EXPECT_EQ(check(params), "");
  params.batch = 7;
  EXPECT_NE(check(params).find("even"), std::string::npos);
  params.batch = 8;
  params.exclude_cases = {"a"};
  EXPECT_NE(check(params).find("'a'"), std::string::npos);
  params.exclude_cases = {};
  params.validation_fraction = 0.1;
  EXPECT_NE(check(params).find("not both"), std::string::npos);
  params.validation_cases = {};
  EXPECT_EQ(check(params), "");
}

}  // namespace
}  // namespace mito::train_cnn
