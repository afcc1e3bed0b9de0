#include "engine/nn/dense.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/nn/fake_network.h"

namespace mito::nn {
namespace {

bool everywhere(const Rect&) { return true; }

TEST(Cut, IsWhiteOutsideThePixels) {
  const std::vector<std::uint8_t> rgb{1, 2, 3, 4, 5, 6};

  const auto out = cut({{10, 20, 2, 1}, rgb}, {11, 19, 2, 2});

  EXPECT_EQ(out, (std::vector<std::uint8_t>{255, 255, 255, 255, 255, 255, 4, 5, 6, 255, 255, 255}));
}

TEST(Cut, RefusesABufferOfAnotherSize) {
  const std::vector<std::uint8_t> rgb(5);
  EXPECT_THROW(cut({{0, 0, 2, 1}, rgb}, {0, 0, 1, 1}), DataError);
}

TEST(CutPatch, PutsTheObjectAtPixelFifty) {
  std::vector<std::uint8_t> rgb(120 * 120 * 3, 255);
  rgb[(60 * 120 + 70) * 3 + 1] = 51;
  std::vector<float> patch(3 * 100 * 100);

  cut_patch({{0, 0, 120, 120}, rgb}, 70, 60, patch);

  EXPECT_FLOAT_EQ(patch[100 * 100 + 50 * 100 + 50], 0.2F);
  EXPECT_FLOAT_EQ(patch[50 * 100 + 50], 1.0F);
}

TEST(DenseProbabilities, BelongToEveryFourthPixelOfTheCore) {
  const Rect area{-50, -50, 612, 612};
  std::vector<std::uint8_t> rgb(612 * 612 * 3, 255);
  const std::int64_t x = 300;
  const std::int64_t y = 8;
  rgb[static_cast<std::size_t>(((y + 50) * 612 + x + 50) * 3)] = 0;

  const auto map =
      dense_probabilities(DarkPixelNetwork(), {area, rgb}, {0, 0, 512, 512}, everywhere);

  ASSERT_EQ(map.size(), 128U * 128U);
  for (std::size_t i = 0; i < map.size(); ++i)
    EXPECT_EQ(map[i] > 0.5F, i == (y / 4) * 128 + x / 4) << i;
}

TEST(DenseProbabilities, SkipRefusedBlocks) {
  std::vector<std::uint8_t> rgb(612 * 612 * 3, 0);

  const auto map =
      dense_probabilities(DarkPixelNetwork(), {{-50, -50, 612, 612}, rgb}, {0, 0, 512, 512},
                          [](const Rect& block) { return block.x == 256 && block.y == 0; });

  EXPECT_EQ(map[0], 0.0F);
  EXPECT_EQ(map[63], 0.0F);
  EXPECT_GT(map[64], 0.5F);
  EXPECT_EQ(map[64 * 128 + 64], 0.0F);
}

/// Takes three blocks at once, as a network on an accelerator does, one after the other.
class ThreeAtOnce final : public Network {
 public:
  std::vector<float> logits(std::span<const float>, std::int64_t) const override { return {}; }
  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override {
    EXPECT_EQ(blocks(rgb, height, width), 3U);
    std::vector<float> out;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto one =
          DarkPixelNetwork().dense(rgb.subspan(i * rgb.size() / 3, rgb.size() / 3), height, width);
      out.insert(out.end(), one.begin(), one.end());
    }
    return out;
  }
  DenseParts dense_parts() const override { return {.batch = 3}; }
};

TEST(DenseProbabilities, AreTheSameInBatches) {
  std::vector<std::uint8_t> rgb(612 * 612 * 3);
  for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<std::uint8_t>(i * i / 7 % 256);
  const PixelView pixels{{-50, -50, 612, 612}, rgb};
  const Rect core{0, 0, 512, 512};
  // Four blocks are a whole batch and one more; three are a batch.
  for (const std::int64_t refused : {-1, 0, 256}) {
    const auto wanted = [&](const Rect& block) { return block.y != 256 || block.x != refused; };
    EXPECT_EQ(dense_probabilities(ThreeAtOnce(), pixels, core, wanted),
              dense_probabilities(DarkPixelNetwork(), pixels, core, wanted));
  }
}

/// Pixels of a square image, none like its mirror images.
std::vector<std::uint8_t> noise(std::size_t side) {
  std::vector<std::uint8_t> rgb(side * side * 3);
  for (std::size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = static_cast<std::uint8_t>((i * 2654435761U) >> 13);
  return rgb;
}

/// Sees red pixels only, and weighs them by where they lie around the object: no mirror image is
/// like it.
class LopsidedNetwork final : public Network {
 public:
  std::vector<float> logits(std::span<const float>, std::int64_t) const override { return {}; }
  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override {
    const auto rows = dense_outputs(height);
    const auto columns = dense_outputs(width);
    std::vector<float> out(static_cast<std::size_t>(2 * rows * columns));
    for (std::int64_t i = 0; i < rows * columns; ++i) {
      const auto at = [&](std::int64_t dy, std::int64_t dx) {
        const auto y = i / columns * kStride + kObjectOffset + dy;
        const auto x = i % columns * kStride + kObjectOffset + dx;
        return static_cast<float>(rgb[static_cast<std::size_t>((y * width + x) * 3)]) / 255.0F;
      };
      out[static_cast<std::size_t>(rows * columns + i)] =
          at(0, 0) + 2 * at(0, 7) - 3 * at(11, 0) + at(-5, -2);
    }
    return out;
  }
};

/// The mean of a map over views, made by turning the whole image: the core is a square about its
/// middle.
std::vector<float> mean_of_turned_images(const std::vector<std::uint8_t>& rgb,
                                         std::size_t side,
                                         const Rect& core,
                                         int views) {
  const auto outputs = static_cast<std::size_t>(core.width / kStride);
  std::vector<float> sum(outputs * outputs, 0.0F);
  for (int view = 0; view < views; ++view) {
    // Where the pixel (y, x) of the image lies in its view, of `n` places along an axis.
    const auto there = [&](std::size_t y, std::size_t x, std::size_t n) {
      const auto column = (view & 1) != 0 ? n - 1 - x : x;
      const auto row = (view & 2) != 0 ? n - 1 - y : y;
      return (view & 4) != 0 ? column * n + row : row * n + column;
    };
    std::vector<std::uint8_t> turned(rgb.size());
    for (std::size_t y = 0; y < side; ++y) {
      for (std::size_t x = 0; x < side; ++x)
        std::copy_n(&rgb[3 * (y * side + x)], 3, &turned[3 * there(y, x, side)]);
    }
    const auto map =
        dense_probabilities(LopsidedNetwork(), {{-60, -60, 629, 629}, turned}, core, everywhere);
    for (std::size_t y = 0; y < outputs; ++y) {
      for (std::size_t x = 0; x < outputs; ++x)
        sum[y * outputs + x] += map[there(y, x, outputs)] / static_cast<float>(views);
    }
  }
  return sum;
}

TEST(DenseProbabilities, AreTheMeanOverMirroredAndTransposedImages) {
  // Outputs from 0 to 508: the middle of the image is 254, so that a view has outputs at the same
  // places.
  constexpr std::size_t kSide = 629;
  const auto rgb = noise(kSide);
  const PixelView pixels{{-60, -60, kSide, kSide}, rgb};
  const Rect core{0, 0, 512, 512};
  for (const int views : {1, 2, 4, 8}) {
    const auto map = dense_probabilities(LopsidedNetwork(), pixels, core, everywhere, views);
    const auto expected = mean_of_turned_images(rgb, kSide, core, views);
    ASSERT_EQ(map.size(), expected.size());
    for (std::size_t i = 0; i < map.size(); ++i) EXPECT_NEAR(map[i], expected[i], 1e-6) << views;
  }
}

TEST(DenseProbabilities, OfSeveralViewsDoNotDependOnTheCore) {
  const auto rgb = noise(700);
  const PixelView pixels{{-90, -90, 700, 700}, rgb};
  const auto whole = dense_probabilities(ThreeAtOnce(), pixels, {0, 0, 512, 512}, everywhere, 8);
  const auto part =
      dense_probabilities(DarkPixelNetwork(), pixels, {256, 0, 256, 512}, everywhere, 8);
  for (std::size_t y = 0; y < 128; ++y) {
    for (std::size_t x = 0; x < 64; ++x) EXPECT_EQ(part[y * 64 + x], whole[y * 128 + 64 + x]);
  }
}

TEST(DenseProbabilities, RefuseACoreOffTheLattice) {
  std::vector<std::uint8_t> rgb(3);
  EXPECT_THROW(
      dense_probabilities(DarkPixelNetwork(), {{0, 0, 1, 1}, rgb}, {2, 0, 4, 4}, everywhere),
      DataError);
}

}  // namespace
}  // namespace mito::nn
