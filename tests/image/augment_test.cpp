#include "engine/image/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "engine/image/smooth.h"

namespace mito::image {
namespace {

Patch random_patch(int size) {
  RandomStream random(2, "augment_test", 0);
  Patch patch(size);
  for (auto& v : patch.values) v = static_cast<float>(random.uniform());
  return patch;
}

Pixels noise(int width, int height, int channels) {
  RandomStream random(3, "augment_test", 0);
  Pixels out{width, height, channels, {}};
  out.values.resize(static_cast<std::size_t>(width * height * channels));
  for (auto& v : out.values) v = static_cast<float>(random.uniform());
  return out;
}

// --- B -------------------------------------------------------------------------------------------

// METHODS 15.3
TEST(Blur, SigmaZeroIsTheIdentity) {
  const Pixels in = noise(9, 5, 3);
  EXPECT_EQ(blur(in, 0).values, in.values);
  EXPECT_EQ(blur(in, 0.1).values, in.values);  // radius int(0.4 + 0.5) = 0
}

TEST(Blur, KeepsAFlatImageFlatWhateverTheSizeOfTheKernel) {
  Pixels in{5, 3, 2, std::vector<float>(30, 0.25F)};
  for (const double sigma : {0.3, 1.0, 7.0}) {
    for (const float v : blur(in, sigma).values) EXPECT_NEAR(v, 0.25F, 1e-6) << sigma;
  }
}

TEST(Blur, MixesNoChannels) {
  Pixels in = noise(40, 30, 3);
  for (std::size_t i = 1; i < in.values.size(); i += 3) in.values[i] = 0;
  const auto out = blur(in, 1.5);
  for (std::size_t i = 1; i < out.values.size(); i += 3) EXPECT_EQ(out.values[i], 0);
}

TEST(Blur, RefusesWhatMakesNoSense) {
  EXPECT_THROW(blur(noise(4, 4, 1), -1), DataError);
  EXPECT_THROW(blur({4, 4, 3, std::vector<float>(5)}, 1), DataError);
}

// --- E -------------------------------------------------------------------------------------------

// METHODS 15.3
TEST(Warp, WithoutDisplacementIsTheIdentity) {
  const Pixels in = noise(7, 9, 3);
  const std::vector<double> zero(63, 0.0);
  EXPECT_EQ(warp(in, {7, 9, zero, zero}).values, in.values);
}

TEST(Warp, TakesFractionsOfAPixelExactlyAndReflectsAtTheBorder) {
  const Pixels in{4, 1, 1, {0.0F, 1.0F, 2.0F, 3.0F}};
  const std::vector<double> dx{-1.75, 0.01, 0.5, 1.5};  // cv::remap would round 0.01 to 0

  const auto out = warp(in, {4, 1, dx, std::vector<double>(4, 0.0)});

  EXPECT_FLOAT_EQ(out.values[0], 0.75F);  // between (-2 -> pixel 1) and (-1 -> pixel 0)
  EXPECT_FLOAT_EQ(out.values[1], 1.01F);
  EXPECT_FLOAT_EQ(out.values[2], 2.5F);
  EXPECT_FLOAT_EQ(out.values[3], 2.5F);  // between (4 -> pixel 3) and (5 -> pixel 2)
}

TEST(Warp, RefusesAFieldOfAnotherSize) {
  EXPECT_THROW(warp(noise(4, 4, 1), {3, 4, {}, {}}), DataError);
}

TEST(ElasticField, IsZeroWithoutAlphaAndRefusesShortNoise) {
  const std::vector<double> ones(20, 1.0);
  const auto field = elastic_field(5, 4, ones, ones, 0, 3);
  EXPECT_THAT(field.dx, testing::Each(0.0));
  EXPECT_THROW(elastic_field(5, 5, ones, ones, 1, 3), DataError);
  EXPECT_THROW(elastic_field(5, 4, ones, ones, 1, -3), DataError);
}

TEST(RandomElasticField, TakesTheNoiseOfXThenThatOfY) {
  RandomStream used(4, "train", 1);
  RandomStream counted(4, "train", 1);
  std::vector<double> x(30);
  std::vector<double> y(30);
  for (auto& v : x) v = counted.uniform(-1, 1);
  for (auto& v : y) v = counted.uniform(-1, 1);

  const auto field = random_elastic_field(6, 5, 20, 1.5, used);

  const auto expected = elastic_field(6, 5, x, y, 20, 1.5);
  EXPECT_EQ(field.dx, expected.dx);
  EXPECT_EQ(field.dy, expected.dy);
  EXPECT_EQ(used.word(), counted.word());
}

// --- augment -------------------------------------------------------------------------------------

TEST(Augment, NoneIsTheCentralCropAndDrawsNothing) {
  const Patch patch = random_patch(kPatchSize);
  RandomStream used(4, "train", 1);
  RandomStream untouched(4, "train", 1);

  EXPECT_EQ(augment(patch, augmentation("none"), used), central_crop(patch));
  EXPECT_EQ(used.word(), untouched.word());
}

TEST(Augment, RtcDrawsAndDoesWhatItsDescriptionSays) {
  const Patch patch = random_patch(kPatchSize);
  for (std::uint64_t sample = 0; sample < 20; ++sample) {
    RandomStream used(4, "train", sample);
    RandomStream draws(4, "train", sample);
    const auto turns = static_cast<int>(draws.below(4));
    const auto axis = static_cast<Mirror>(draws.below(4));
    Vec3 alpha{};
    Vec3 beta{};
    for (auto& a : alpha) a = draws.uniform(0.9, 1.1);
    for (auto& b : beta) b = draws.uniform(-0.1, 0.1);
    const int x = static_cast<int>(draws.below(29)) - 14;
    const int y = static_cast<int>(draws.below(29)) - 14;
    Patch expected = crop(mirror(rotate90(patch, turns), axis), {14 - x, 14 - y}, kCropSize);
    hed_augment(expected.values, alpha, beta);

    EXPECT_EQ(augment(patch, augmentation("RTC", 0.1), used), expected) << sample;
    EXPECT_EQ(used.word(), draws.word());
  }
}

TEST(Augment, Phh3TurnsWarpsBlursAndShifts) {
  const Patch patch = random_patch(kPatchSize);
  RandomStream used(4, "train", 7);
  RandomStream draws(4, "train", 7);
  const auto turns = static_cast<int>(draws.below(4));
  const auto axis = static_cast<Mirror>(draws.below(4));
  const auto field = random_elastic_field(kPatchSize, kPatchSize, 100, 10, draws);
  const double sigma = draws.uniform(0, 2);
  const int x = static_cast<int>(draws.below(29)) - 14;
  const int y = static_cast<int>(draws.below(29)) - 14;
  const auto turned = mirror(rotate90(patch, turns), axis);
  Patch blurred(kPatchSize);
  blurred.values = blur(warp({kPatchSize, kPatchSize, 3, turned.values}, field), sigma).values;

  EXPECT_EQ(augment(patch, augmentation("PHH3"), used), crop(blurred, {14 - x, 14 - y}, kCropSize));
}

TEST(Augment, StainsTheSamePixelsBeforeTheBlurAsAfterTheCrop) {
  const Patch patch = random_patch(kPatchSize);
  auto with_blur = augmentation("RTC", 0.1);
  with_blur.blur = Augmentation::Blur{.sigma_px = {0, 0}};
  RandomStream first(3, "train", 5);
  RandomStream second(3, "train", 5);
  auto fixed = augmentation("RTC", 0.1);
  with_blur.shift.reset();
  fixed.shift.reset();

  EXPECT_EQ(augment(patch, with_blur, first), augment(patch, fixed, second));
}

TEST(Augment, AnotherSampleGivesAnotherPatch) {
  const Patch patch = random_patch(kPatchSize);
  for (const auto* preset : {"RTC", "PHH3", "RSEB", "RCSEB"}) {
    RandomStream first(3, "train", 5, 1);
    RandomStream again(3, "train", 5, 1);
    RandomStream second(3, "train", 6, 1);
    const auto what = augmentation(preset);
    const Patch one = augment(patch, what, first);
    EXPECT_EQ(one, augment(patch, what, again)) << preset;
    EXPECT_NE(one, augment(patch, what, second)) << preset;
  }
}

TEST(Augment, WithoutStainRtcOnlyMovesPixels) {
  Patch patch(kPatchSize);
  std::fill(patch.values.begin(), patch.values.end(), 0.5F);
  patch.at(64, 64)[2] = 0.75F;
  for (std::uint64_t sample = 0; sample < 50; ++sample) {
    RandomStream random(5, "train", sample);
    const Patch out = augment(patch, augmentation("RTC", 0), random);
    ASSERT_EQ(out.size, kCropSize);
    ASSERT_EQ(std::count(out.values.begin(), out.values.end(), 0.75F), 1) << sample;
  }
}

TEST(Augment, ReachesEveryShift) {
  Patch patch(12);  // margin 1: 3 x 3 shifts, seen through a spot that R leaves alone when even
  patch.at(6, 6)[0] = 1;
  std::set<std::pair<int, int>> places;
  for (std::uint64_t sample = 0; sample < 500; ++sample) {
    RandomStream random(6, "train", sample);
    const Patch out = augment(patch, augmentation("RTC", 0), random, 10);
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 10; ++x)
        if (out.at(x, y)[0] == 1) places.insert({x, y});
  }

  // The spot is at 6 or, turned, at 5 on each axis; shifts of -1..1 put it on 3..6 (origin 1).
  EXPECT_EQ(places.size(), 16U);
}

TEST(Augment, RefusesASmallPatchANegativeSigmaAndAnUnknownPreset) {
  RandomStream random(7, "train", 0);
  EXPECT_THROW(augment(Patch(64), augmentation("RTC"), random), DataError);
  EXPECT_THROW(augment(Patch(kPatchSize), augmentation("RTC", -1), random), DataError);
  EXPECT_THROW(augmentation("phh3"), DataError);
}

}  // namespace
}  // namespace mito::image
