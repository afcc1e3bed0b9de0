#include "engine/image/hed.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::image {
namespace {

std::vector<float> random_pixels(int pixels) {
  RandomStream random(1, "hed_test", 0);
  std::vector<float> out;
  for (int i = 0; i < 3 * pixels; ++i) out.push_back(static_cast<float>(random.uniform()));
  return out;
}

TEST(StainMatrices, HaveRowsOfUnitLength) {
  for (const Mat3& m : {hed_rows(), hdx_rows(), raw2001_rows()})
    for (const Vec3& row : m) EXPECT_NEAR(std::hypot(row[0], row[1], row[2]), 1, 1e-12);
}

TEST(StainMatrices, ThirdOfHdxIsPerpendicularToTheOthers) {
  const Mat3 m = hdx_rows();
  for (const std::size_t i : {0U, 1U})
    EXPECT_NEAR(m[i][0] * m[2][0] + m[i][1] * m[2][1] + m[i][2] * m[2][2], 0, 1e-12);
}

TEST(StainMatrices, Raw2001ChangesHaematoxylinAsThePaperQuotesIt) {
  const Mat3 m = raw2001_rows();

  // (0.641, 0.712, 0.285) in METHODS 4.1, three decimals.
  EXPECT_NEAR(m[0][0], 0.641, 5e-4);
  EXPECT_NEAR(m[0][1], 0.712, 5e-4);
  EXPECT_NEAR(m[0][2], 0.285, 5e-4);
  EXPECT_EQ(m[1], hed_rows()[1]);
}

TEST(StainMatrices, DependentRowsAreRefused) {
  EXPECT_THROW(StainTransform({{{1, 0, 0}, {2, 0, 0}, {0, 0, 1}}}), DataError);
}

TEST(StainMatrices, RowOfZerosIsRefused) {
  EXPECT_THROW(unit_rows({{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}}}), DataError);
}

// METHODS 15.2: eq. 5 inverts eq. 7.
TEST(StainTransform, ThereAndBackIsTheIdentity) {
  for (const auto& convention : {StainConvention::paper(), StainConvention::physical()}) {
    for (const Mat3& m : {hed_rows(), hdx_rows(), raw2001_rows()}) {
      const StainTransform transform(m, convention);
      const auto pixels = random_pixels(100);
      for (std::size_t i = 0; i < pixels.size(); i += 3) {
        const Vec3 rgb{pixels[i], pixels[i + 1], pixels[i + 2]};
        const Vec3 back = transform.to_rgb(transform.to_stain(rgb));
        for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(back[c], rgb[c], 1e-12);
      }
    }
  }
}

TEST(StainTransform, PatchesThereAndBackStayWithin1e5) {
  const StainTransform transform(hed_rows());
  const auto pixels = random_pixels(1000);
  std::vector<float> stain(pixels.size());
  std::vector<float> back(pixels.size());

  transform.to_stain(pixels, stain);
  transform.to_rgb(stain, back);

  for (std::size_t i = 0; i < pixels.size(); ++i) ASSERT_NEAR(back[i], pixels[i], 1e-5);
}

TEST(StainTransform, EightBitTableAgreesWithTheFormula) {
  const StainTransform transform(hdx_rows(), StainConvention::physical());
  const std::vector<std::uint8_t> rgb{0, 128, 255, 90, 50, 30};
  std::vector<float> stain(rgb.size());

  transform.to_stain(rgb, stain);

  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    const Vec3 expected =
        transform.to_stain(Vec3{rgb[i] / 255.0, rgb[i + 1] / 255.0, rgb[i + 2] / 255.0});
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(stain[i + c], expected[c], 1e-5);
  }
}

TEST(StainTransform, BuffersOfDifferentSizeAreRefused) {
  const std::vector<float> pixels(6);
  std::vector<float> stain(3);
  EXPECT_THROW(StainTransform(hed_rows()).to_stain(pixels, stain), DataError);
}

TEST(StainTransform, NoPixelsGiveNoStain) {
  const std::vector<float> pixels;
  std::vector<float> stain;
  EXPECT_NO_THROW(StainTransform(hed_rows()).to_stain(pixels, stain));
}

TEST(HedAugment, NeutralFactorsChangeNothing) {
  const auto before = random_pixels(100);
  auto after = before;

  hed_augment(after, {1, 1, 1}, {0, 0, 0});

  EXPECT_EQ(after, before);
}

TEST(HedAugment, AgreesWithTheTransformPixelByPixel) {
  const auto before = random_pixels(100);
  auto after = before;
  const Vec3 alpha{1.05, 0.95, 1.02};
  const Vec3 beta{-0.01, 0.02, 0.01};

  hed_augment(after, alpha, beta);

  const StainTransform transform(hed_rows());
  for (std::size_t i = 0; i < before.size(); i += 3) {
    const Vec3 rgb = transform.augment({before[i], before[i + 1], before[i + 2]}, alpha, beta);
    for (std::size_t c = 0; c < 3; ++c)
      ASSERT_NEAR(after[i + c], std::clamp(rgb[c], 0.0, 1.0), 3e-6);
  }
}

TEST(HedAugment, StaysInTheUnitRange) {
  auto pixels = random_pixels(200);

  hed_augment(pixels, {1.5, 0.5, 1.5}, {-0.5, 0.5, -0.5});

  for (const float v : pixels) {
    ASSERT_GE(v, 0.0F);
    ASSERT_LE(v, 1.0F);
  }
}

TEST(HedAugment, HalfAPixelIsRefused) {
  std::vector<float> pixels(4);
  EXPECT_THROW(hed_augment(pixels, {1, 1, 1}, {0, 0, 0}), DataError);
}

}  // namespace
}  // namespace mito::image
