#include "nodes/detector/augmentation/augmentation.h"

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
#include "nodes/detector/augmentation/enhance.h"
#include "nodes/detector/augmentation/smooth.h"

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

// method 15.3
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

// method 15.3
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
  // In single precision: sums near 0 of numbers below 1, times alpha.
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(field.dx[i], expected.dx[i], 1e-7 * 20);
    EXPECT_NEAR(field.dy[i], expected.dy[i], 1e-7 * 20);
  }
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

std::vector<float> planes_of(const Patch& patch) {
  const std::size_t n = patch.values.size() / 3;
  std::vector<float> planes(3 * n);
  for (std::size_t i = 0; i < 3 * n; ++i) planes[(i % 3) * n + i / 3] = patch.values[i];
  return planes;
}

/// run() of one patch, in planes.
std::vector<float> run(const Augmentation& what, std::uint64_t sample, const Patch& patch) {
  Augmenter augmenter(what, patch.size);
  std::vector<float> out(std::size_t{3} * kCropSize * kCropSize);
  RandomStream random(9, "train", sample);
  augmenter.run(patch.values, random, out);
  return out;
}

TEST(Augment, WholeChainDrawsInTheOrderOfItsDescription) {
  const Patch patch = random_patch(kPatchSize);
  RandomStream used(4, "train", 7);
  RandomStream draws(4, "train", 7);
  const auto turns = static_cast<int>(draws.below(4));
  const auto axis = static_cast<Mirror>(draws.below(4));
  Patch expected = mirror(rotate90(patch, turns), axis);
  expected = zoom(expected, draws.uniform(0.75, 1.25));
  const auto field = random_elastic_field(kPatchSize, kPatchSize, 100, 10, draws);
  expected.values = warp({kPatchSize, kPatchSize, 3, expected.values}, field).values;
  Vec3 alpha{};
  Vec3 beta{};
  for (auto& a : alpha) a = draws.uniform(0.95, 1.05);
  for (auto& b : beta) b = draws.uniform(-0.05, 0.05);
  hed_augment(expected.values, alpha, beta);
  auto planes = planes_of(expected);
  enhance_colour(planes, draws.uniform(0.75, 1.5));
  enhance_contrast(planes, draws.uniform(0.75, 1.5));
  enhance_brightness(planes, draws.uniform(0.75, 1.25));
  const double sigma = draws.uniform(0, 2);
  const int x = static_cast<int>(draws.below(29)) - 14;
  const int y = static_cast<int>(draws.below(29)) - 14;
  const std::size_t n = planes.size() / 3;
  for (std::size_t i = 0; i < 3 * n; ++i) expected.values[i] = planes[(i % 3) * n + i / 3];
  expected.values = blur({kPatchSize, kPatchSize, 3, expected.values}, sigma).values;
  expected = crop(expected, {14 - x, 14 - y}, kCropSize);
  const double sd = draws.uniform(0, 0.1);

  const Patch out = augment(patch, augmentation("RCSEHBG"), used);

  // The noise is what is left; it is clipped, and no further from 0 than Box-Muller goes.
  double sum = 0;
  double squares = 0;
  double inside = 0;
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    ASSERT_NEAR(out.values[i], expected.values[i], 6 * sd);
    if (expected.values[i] < 4 * sd || expected.values[i] > 1 - 4 * sd) continue;
    const double noise = static_cast<double>(out.values[i]) - expected.values[i];
    sum += noise;
    squares += noise * noise;
    inside += 1;
  }
  ASSERT_GT(inside, 5000);
  EXPECT_NEAR(std::sqrt(squares / inside), sd, 0.05 * sd);
  EXPECT_NEAR(sum / inside, 0, 0.05 * sd);
}

TEST(Augment, BytesAndFloatsAreThePatchTheyStandFor) {
  std::vector<std::uint8_t> rgb(std::size_t{3} * kPatchSize * kPatchSize);
  RandomStream random(3, "augment_test", 0);
  for (auto& v : rgb) v = static_cast<std::uint8_t>(random.below(256));
  const Patch patch = to_patch(rgb, kPatchSize);
  Augmenter augmenter(augmentation("RCSEHBG"));
  std::vector<float> out(std::size_t{3} * kCropSize * kCropSize);
  for (std::uint64_t sample = 0; sample < 5; ++sample) {  // the same memory, used again
    RandomStream numbers(9, "train", sample);
    augmenter.run(rgb, numbers, out);
    EXPECT_EQ(out, run(augmentation("RCSEHBG"), sample, patch)) << sample;
  }
}

// Method 15.3
TEST(Augment, IsTheCentralCropWhereNothingIsToBeDone) {
  const Patch patch = random_patch(kPatchSize);
  Augmentation idle;
  idle.zoom = {.factor = {1, 1}};
  idle.elastic = {.alpha = {0, 0}};
  idle.stain = {.sigma = 0};
  idle.enhance = {.colour = {1, 1}, .contrast = {1, 1}, .brightness = {1, 1}};
  idle.blur = {.sigma_px = {0, 0}};
  idle.shift = {.most_px = 0};
  idle.noise = {.sd = {0, 0}};

  EXPECT_EQ(run(idle, 0, patch), planes_of(central_crop(patch)));
}

TEST(Augment, AnOperatorIsAppliedAsOftenAsItsProbabilitySays) {
  const Patch patch = random_patch(kPatchSize);
  const auto plain = planes_of(central_crop(patch));
  Augmentation what;
  what.stain = {.sigma = 0.5, .p = 0.25};
  int changed = 0;
  for (std::uint64_t sample = 0; sample < 400; ++sample)
    changed += run(what, sample, patch) != plain ? 1 : 0;
  EXPECT_NEAR(changed, 100, 35);  // 4 sigma
  what.stain->p = 0;
  EXPECT_EQ(run(what, 0, patch), plain);
}

TEST(Augment, CutoffLeavesPalePatchesAlone) {
  Patch pale(kPatchSize);
  std::fill(pale.values.begin(), pale.values.end(), 0.9F);
  Patch stained(kPatchSize);
  std::fill(stained.values.begin(), stained.values.end(), 0.6F);
  Augmentation what;
  what.stain = {.sigma = 0.2, .cutoff = Augmentation::Range{0.15, 0.85}};

  EXPECT_EQ(run(what, 1, pale), planes_of(central_crop(pale)));
  EXPECT_NE(run(what, 1, stained), planes_of(central_crop(stained)));
  what.stain->cutoff.reset();
  EXPECT_NE(run(what, 1, pale), planes_of(central_crop(pale)));
}

TEST(Augment, TurnsByAnyAngleLikeQuarterTurnsAt90Degrees) {
  const Patch patch = random_patch(31);
  const auto turned = warp({31, 31, 3, patch.values}, rotation_field(31, 90)).values;
  const Patch expected = rotate90(patch, 1);
  for (std::size_t i = 0; i < turned.size(); ++i)
    ASSERT_NEAR(turned[i], expected.values[i], 1e-5) << i;

  Augmentation what;
  what.rotate = {.continuous = true};
  std::set<std::vector<float>> seen;
  for (std::uint64_t sample = 0; sample < 8; ++sample)
    seen.insert(run(what, sample, random_patch(kPatchSize)));
  EXPECT_EQ(seen.size(), 8U);
}

TEST(Augment, JpegKeepsThePictureAndLosesDetailWithQuality) {
  Patch smooth(kPatchSize);
  for (int y = 0; y < kPatchSize; ++y)
    for (int x = 0; x < kPatchSize; ++x)
      for (int c = 0; c < 3; ++c)
        smooth.at(x, y)[c] = 0.5F + 0.4F * std::sin(static_cast<float>(x + 2 * y + 9 * c) / 15.0F);
  const auto plain = planes_of(central_crop(smooth));
  const auto error = [&](double quality) {
    Augmentation what;
    what.jpeg = {.quality = {quality, quality}};
    const auto out = run(what, 0, smooth);
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i)
      sum += std::abs(static_cast<double>(out[i]) - static_cast<double>(plain[i]));
    return sum / static_cast<double>(out.size());
  };

  const double fine = error(95);
  const double coarse = error(20);

  EXPECT_GT(fine, 1e-4);
  EXPECT_LT(fine, 0.02);
  EXPECT_GT(coarse, 2 * fine);
  EXPECT_LT(coarse, 0.1);
}

TEST(RandStainNa, ColourSpacesGoThereAndBack) {
  const auto start = planes_of(random_patch(40));
  const std::size_t n = start.size() / 3;
  for (std::size_t space = 0; space < kStainSpaces.size(); ++space) {
    // A target equal to what the patch has: the map is the identity.
    StainStatisticsFit fit;
    fit.add(start);
    const auto own = fit.finish();
    StainTarget target{.space = space};
    for (std::size_t c = 0; c < 3; ++c) {
      target.mean[c] = own.of[space][c].mean_of_means;
      target.sd[c] = own.of[space][c].mean_of_sds;
    }
    auto planes = start;
    restain(planes, target);
    for (std::size_t i = 0; i < 3 * n; ++i) {
      // HED sees no difference below 1/255.
      const float expected = space == 2 ? std::max(start[i], 1.0F / 255.0F) : start[i];
      ASSERT_NEAR(planes[i], expected, 2e-4) << kStainSpaces[space] << " " << i;
    }
  }
}

TEST(RandStainNa, MeasuresLabAsTheTablesSay) {
  // sRGB red, green, blue in CIE L a b under D65.
  const std::array<std::array<double, 3>, 3> expected{
      {{53.24, 80.09, 67.20}, {87.74, -86.18, 83.18}, {32.30, 79.19, -107.86}}};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::vector<float> planes(30, 0.0F);
    for (std::size_t i = 0; i < 10; ++i) planes[channel * 10 + i] = 1;
    StainStatisticsFit fit;
    fit.add(planes);
    const auto lab = fit.finish().of[0];
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(lab[c].mean_of_means, expected[channel][c], 0.02);
  }
}

TEST(RandStainNa, GivesAPatchTheMeanAndSpreadThatWereDrawn) {
  auto planes = planes_of(random_patch(64));
  for (auto& v : planes) v = 0.4F + 0.2F * v;  // far from clipping
  const StainTarget target{.space = 0, .mean = {60, 15, -10}, .sd = {3, 2, 1}};

  restain(planes, target);

  StainStatisticsFit fit;
  fit.add(planes);
  const auto lab = fit.finish().of[0];
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(lab[c].mean_of_means, target.mean[c], 0.02);
    EXPECT_NEAR(lab[c].mean_of_sds, target.sd[c], 0.02);
  }
}

TEST(RandStainNa, DrawsEverySpaceAndKeepsSpreadsPositive) {
  StainStatistics statistics;
  for (auto& space : statistics.of)
    for (auto& channel : space) channel = {5, 2, 0.01, 1};
  std::array<int, 3> spaces{};
  double sum = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    RandomStream random(1, "train", i);
    const auto target = draw_stain_target(statistics, random);
    ++spaces[target.space];
    for (const double sd : target.sd) EXPECT_GE(sd, 1e-3);
    sum += target.mean[0];
  }
  for (const int n : spaces) EXPECT_NEAR(n, 1000, 120);
  EXPECT_NEAR(sum / 3000, 5, 0.15);
  EXPECT_EQ(StainStatistics::from(statistics.numbers()), statistics);
  EXPECT_THROW(StainStatistics::from(std::vector<double>(35)), DataError);
}

TEST(RandomStream, GivesTheSameWordsOneByOneAndManyAtOnce) {
  for (const std::size_t n : {0U, 1U, 31U, 32U, 33U, 100U, 4096U}) {
    for (const int before : {0, 1, 5}) {
      RandomStream one(5, "words", 3, 2);
      RandomStream many(5, "words", 3, 2);
      for (int i = 0; i < before; ++i) EXPECT_EQ(one.word(), many.word());
      std::vector<std::uint32_t> words(n);
      many.words(words);
      for (const auto w : words) ASSERT_EQ(w, one.word());
      EXPECT_EQ(many.word(), one.word());
    }
  }
}

TEST(Augment, RefusesASmallPatchANegativeSigmaAndAnUnknownPreset) {
  RandomStream random(7, "train", 0);
  EXPECT_THROW(augment(Patch(64), augmentation("RTC"), random), DataError);
  EXPECT_THROW(augment(Patch(kPatchSize), augmentation("RTC", -1), random), DataError);
  EXPECT_THROW(augmentation("phh3"), DataError);
  EXPECT_THROW(Augmenter(augmentation("RandStainNA")), DataError);
  Augmentation far;
  far.shift = {.most_px = 15};
  EXPECT_THROW(Augmenter{far}, DataError);
}

TEST(Augment, ASeamMirrorsWhatLiesBeyondItsLine) {
  const Patch patch = random_patch(kPatchSize);
  Augmentation what;
  what.seam.emplace();
  what.seam->distance_px = {30, 30};
  what.seam->p = 1;
  RandomStream used(4, "train", 7);
  RandomStream draws(4, "train", 7);
  const auto map_of = [&draws] {
    const bool after = draws.below(2) == 1;
    return [after](int i) {
      if (after) return i < 94 ? i : 2 * 94 - 1 - i;
      return i > 34 ? i : 2 * 34 + 1 - i;
    };
  };
  const auto column = map_of();
  const auto row = map_of();

  const Patch out = augment(patch, what, used, kPatchSize);

  for (int y = 0; y < kPatchSize; ++y)
    for (int x = 0; x < kPatchSize; ++x)
      for (int c = 0; c < 3; ++c)
        ASSERT_EQ(out.values[static_cast<std::size_t>((y * kPatchSize + x) * 3 + c)],
                  patch.values[static_cast<std::size_t>((row(y) * kPatchSize + column(x)) * 3 + c)])
            << x << " " << y;
}

TEST(Augment, SharpeningAddsWhatABlurTakesAway) {
  const Patch patch = random_patch(kPatchSize);
  Augmentation what;
  what.sharpen.emplace();
  what.sharpen->amount = {0.5, 0.5};
  what.sharpen->sigma_px = {1, 1};
  what.sharpen->p = 1;
  RandomStream random(4, "train", 7);

  const Patch out = augment(patch, what, random);

  const Patch plain = central_crop(patch);
  const auto blurred = blur({kCropSize, kCropSize, 3, plain.values}, 1).values;
  for (std::size_t i = 0; i < out.values.size(); ++i)
    ASSERT_NEAR(out.values[i],
                std::clamp(plain.values[i] + 0.5F * (plain.values[i] - blurred[i]), 0.0F, 1.0F),
                1e-6);
}

}  // namespace
}  // namespace mito::image
