#include "engine/image/geometric.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

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

// Method 15.4
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

// Method 15.3
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

}  // namespace
}  // namespace mito::image
