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

  // (0.641, 0.712, 0.285) in method 4.1, three decimals.
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

// Method 15.2: eq. 5 inverts eq. 7.
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

/// Pixels that between them hold every value in every channel, and many mixtures.
std::vector<std::uint8_t> eight_bit_pixels() {
  std::vector<std::uint8_t> out;
  for (int v = 0; v < 256; ++v)
    for (const int w : {0, 1, 77, 130, 254, 255})
      for (const int p : {v, w, 255 - v}) out.push_back(static_cast<std::uint8_t>(p));
  for (int v = 0; v < 256; ++v)
    for (const int p : {255 - v, v, (7 * v) % 256}) out.push_back(static_cast<std::uint8_t>(p));
  return out;
}

// "Exact via tables": not one amount differs from the formula's, rounded to float.
TEST(StainTransform, EightBitTablesGiveTheFormulaExactly) {
  for (const auto& convention : {StainConvention::paper(), StainConvention::physical(),
                                 StainConvention::skimage(), StainConvention::grey_level()}) {
    for (const Mat3& m : {hed_rows(), hdx_rows(), raw2001_rows()}) {
      const StainTransform transform(m, convention);
      const auto rgb = eight_bit_pixels();
      std::vector<float> stain(rgb.size());
      std::vector<float> dab(rgb.size() / 3);

      transform.to_stain(rgb, stain);
      transform.to_amount(rgb, 1, dab);

      for (std::size_t i = 0; i < rgb.size(); i += 3) {
        const Vec3 expected =
            transform.to_stain(Vec3{rgb[i] / 255.0, rgb[i + 1] / 255.0, rgb[i + 2] / 255.0});
        for (std::size_t c = 0; c < 3; ++c)
          ASSERT_EQ(stain[i + c], static_cast<float>(expected[c]));
        ASSERT_EQ(dab[i / 3], stain[i + 1]);
      }
    }
  }
}

TEST(StainTransform, EightBitPixelsComeBackExactly) {
  for (const auto& convention : {StainConvention::paper(), StainConvention::physical()}) {
    for (const Mat3& m : {hed_rows(), hdx_rows(), raw2001_rows()}) {
      const StainTransform transform(m, convention);
      const auto rgb = eight_bit_pixels();
      std::vector<float> stain(rgb.size());
      std::vector<std::uint8_t> back(rgb.size());

      transform.to_stain(rgb, stain);
      transform.to_rgb(stain, back);

      ASSERT_EQ(back, rgb);
    }
  }
}

TEST(StainTransform, GreyLevelsStartAtOne) {
  const StainTransform transform(hdx_rows(), StainConvention::grey_level());

  const Vec3 black = transform.to_stain({0, 0, 0});
  EXPECT_EQ(black, transform.to_stain({1.0 / 255, 1.0 / 255, 1.0 / 255}));
  EXPECT_NE(black, transform.to_stain({2.0 / 255, 2.0 / 255, 2.0 / 255}));
}

TEST(StainMatrices, AreFoundByName) {
  EXPECT_EQ(stain_matrix("HED", {}).rows, hed_rows());
  EXPECT_EQ(stain_matrix("HDX", {}).rows, hdx_rows());
  EXPECT_EQ(stain_matrix("HDX", {}).stains[1], "dab");
  EXPECT_EQ(stain_matrix("raw2001", {}).rows, raw2001_rows());
  EXPECT_EQ(stain_matrix("HED", {}, false).rows[0], (Vec3{0.65, 0.70, 0.29}));
}

TEST(StainMatrices, TakeTheRowsOfAUser) {
  const std::vector<double> rows{2, 0, 0, 0, 3, 0, 1, 1, 1};

  EXPECT_EQ(stain_matrix("custom", rows).rows, unit_rows({{{2, 0, 0}, {0, 3, 0}, {1, 1, 1}}}));
  EXPECT_EQ(stain_matrix("custom", rows, false).rows[1], (Vec3{0, 3, 0}));
}

TEST(StainMatrices, WrongRowsAreRefused) {
  const std::vector<double> dependent{1, 0, 0, 2, 0, 0, 0, 0, 1};
  const std::vector<double> few{1, 2, 3};

  EXPECT_THROW(stain_matrix("custom", {}), DataError);
  EXPECT_THROW(stain_matrix("custom", few), DataError);
  EXPECT_THROW(stain_matrix("custom", dependent), DataError);
  EXPECT_THROW(stain_matrix("HED", few), DataError);
  EXPECT_THROW(stain_matrix("HDAB", {}), DataError);
}

TEST(StainConventions, AreFoundByName) {
  EXPECT_EQ(stain_convention("paper").eps, 2);
  EXPECT_EQ(stain_convention("physical"), StainConvention::physical());
  EXPECT_EQ(stain_convention("skimage"), StainConvention::skimage());
  EXPECT_THROW(stain_convention("log10"), DataError);
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
