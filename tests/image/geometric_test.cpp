#include "engine/image/geometric.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::image {
namespace {

Patch random_patch(int size) {
  RandomStream random(2, "geometric_test", 0);
  Patch patch(size);
  for (auto& v : patch.values) v = static_cast<float>(random.uniform());
  return patch;
}

TEST(ToPatch, MapsBytesToTheUnitRange) {
  const Patch patch = to_patch(std::vector<std::uint8_t>{0, 51, 255}, 1);

  EXPECT_EQ(patch.values, (std::vector<float>{0.0F, 0.2F, 1.0F}));
}

TEST(ToPatch, RefusesABufferOfAnotherSize) {
  EXPECT_THROW(to_patch(std::vector<std::uint8_t>(5), 1), DataError);
}

// METHODS 15.4
TEST(Rotate90, ThereAndBackIsTheIdentityBitForBit) {
  const Patch patch = random_patch(7);
  for (int k = -4; k <= 4; ++k) EXPECT_EQ(rotate90(rotate90(patch, k), -k), patch) << k;
}

TEST(Rotate90, FourQuarterTurnsAreTheIdentity) {
  const Patch patch = random_patch(6);
  EXPECT_EQ(rotate90(rotate90(rotate90(rotate90(patch, 1), 1), 1), 1), patch);
}

TEST(Rotate90, TurnsCounterClockwise) {
  Patch patch(3);
  patch.at(2, 0)[1] = 1;  // top right

  EXPECT_EQ(rotate90(patch, 1).at(0, 0)[1], 1);  // top left
}

TEST(MirrorPatch, TwiceIsTheIdentityBitForBit) {
  const Patch patch = random_patch(7);
  for (const auto axis : {Mirror::None, Mirror::Horizontal, Mirror::Vertical, Mirror::Both})
    EXPECT_EQ(mirror(mirror(patch, axis), axis), patch);
}

TEST(MirrorPatch, BothIsHalfATurn) {
  const Patch patch = random_patch(6);
  EXPECT_EQ(mirror(patch, Mirror::Both), rotate90(patch, 2));
}

// METHODS 15.3
TEST(Zoom, FactorOneIsTheIdentity) {
  const Patch patch = random_patch(9);
  EXPECT_EQ(zoom(patch, 1.0), patch);
}

TEST(Zoom, KeepsAFlatPatchFlat) {
  Patch patch(8);
  std::fill(patch.values.begin(), patch.values.end(), 0.25F);
  for (const double factor : {0.2, 0.75, 1.25, 3.0}) EXPECT_EQ(zoom(patch, factor), patch);
}

TEST(Zoom, RefusesAFactorThatIsNotPositive) {
  EXPECT_THROW(zoom(Patch(4), 0), DataError);
  EXPECT_THROW(zoom(Patch(4), -1), DataError);
}

TEST(Crop, CentralCropPutsTheObjectInTheMiddle) {
  Patch patch(kPatchSize);
  patch.at(64, 64)[0] = 1;

  EXPECT_EQ(central_crop(patch).at(50, 50)[0], 1);
}

TEST(Crop, RefusesToLeaveThePatch) {
  EXPECT_THROW(crop(Patch(10), {1, 0}, 10), DataError);
  EXPECT_THROW(crop(Patch(10), {0, -1}, 5), DataError);
  EXPECT_THROW(central_crop(Patch(10), 12), DataError);
}

TEST(AugmentRtc, SameStreamGivesTheSamePatch) {
  const Patch patch = random_patch(kPatchSize);
  RandomStream first(3, "train", 5, 1);
  RandomStream second(3, "train", 5, 1);

  EXPECT_EQ(augment_rtc(patch, first, 0.05), augment_rtc(patch, second, 0.05));
}

TEST(AugmentRtc, AnotherSampleGivesAnotherPatch) {
  const Patch patch = random_patch(kPatchSize);
  RandomStream first(3, "train", 5, 1);
  RandomStream second(3, "train", 6, 1);

  EXPECT_NE(augment_rtc(patch, first, 0.05), augment_rtc(patch, second, 0.05));
}

TEST(AugmentRtc, AlwaysTakesTheSameNumberOfDraws) {
  RandomStream used(4, "train", 1);
  RandomStream counted(4, "train", 1);

  augment_rtc(Patch(kPatchSize), used, 0);
  for (int i = 0; i < 10; ++i) counted.word();  // turns, mirror, 3 alpha, 3 beta, 2 shifts

  EXPECT_EQ(used.word(), counted.word());
}

TEST(AugmentRtc, WithoutStainOnlyMovesPixels) {
  Patch patch(kPatchSize);
  std::fill(patch.values.begin(), patch.values.end(), 0.5F);
  patch.at(64, 64)[2] = 0.75F;
  for (std::uint64_t sample = 0; sample < 50; ++sample) {
    RandomStream random(5, "train", sample);
    const Patch out = augment_rtc(patch, random, 0);
    ASSERT_EQ(out.size, kCropSize);
    ASSERT_EQ(std::count(out.values.begin(), out.values.end(), 0.75F), 1) << sample;
  }
}

TEST(AugmentRtc, ReachesEveryShift) {
  Patch patch(12);  // margin 1: 3 x 3 shifts, seen through a spot that R leaves alone when even
  patch.at(6, 6)[0] = 1;
  std::set<std::pair<int, int>> places;
  for (std::uint64_t sample = 0; sample < 500; ++sample) {
    RandomStream random(6, "train", sample);
    const Patch out = augment_rtc(patch, random, 0, 10);
    for (int y = 0; y < 10; ++y)
      for (int x = 0; x < 10; ++x)
        if (out.at(x, y)[0] == 1) places.insert({x, y});
  }

  // The spot is at 6 or, turned, at 5 on each axis; shifts of -1..1 put it on 3..6 (origin 1).
  EXPECT_EQ(places.size(), 16U);
}

TEST(AugmentRtc, RefusesAPatchSmallerThanTheCrop) {
  RandomStream random(7, "train", 0);
  EXPECT_THROW(augment_rtc(Patch(64), random, 0.05), DataError);
}

}  // namespace
}  // namespace mito::image
