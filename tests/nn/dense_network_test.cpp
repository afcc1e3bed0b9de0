// Built twice: with the vector instructions of this processor, and without any.
#include "engine/nn/dense/dense_network.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/dense/transform.h"
#include "tests/nn/reference_network.h"

namespace mito::nn::dense {
namespace {

constexpr std::size_t kField = 97;

double spread(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

/// Largest difference to the double precision network over rows x columns outputs of one image.
void expect_exact(const Architecture& architecture,
                  const Tensors& tensors,
                  const std::vector<std::uint8_t>& rgb,
                  std::size_t height,
                  std::size_t width,
                  double relative) {
  const std::size_t rows = (height - kField) / 4 + 1;
  const std::size_t columns = (width - kField) / 4 + 1;
  const auto expected = reference::logits(architecture, tensors, rgb, height, width);
  double largest = 1e-30;
  for (const double v : expected) largest = std::max(largest, std::abs(v));
  for (const auto side : kSides) {
    const auto got =
        DenseNetwork(architecture, tensors, side).logits(rgb, height, width, rows, columns);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(static_cast<double>(got[i]), expected[i], relative * largest)
          << "side " << side << ", output " << i;
  }
}

// Sizes that fill no square, no strip and no register tile; filter counts that fill no panel.
TEST(DenseNetwork, EqualsDoublePrecisionForOddSizes) {
  for (const double width_factor : {0.0625, 0.1, 0.15}) {
    const auto architecture = table2(width_factor);
    const auto tensors = reference::lively_tensors(architecture, 1, 1);
    using Size = std::array<std::size_t, 2>;
    for (const auto& [height, width] : {Size{97, 97}, Size{101, 163}, Size{214, 98}})
      expect_exact(architecture, tensors, reference::pixels(height, width), height, width, 1e-5);
  }
}

TEST(DenseNetwork, EqualsDoublePrecisionForOddFilterCounts) {
  auto architecture = table2(0.1);
  architecture.filters = {1, 3, 5, 7, 9, 11, 17, 33, 19};
  const auto rgb = reference::pixels(120, 140);
  expect_exact(architecture, reference::lively_tensors(architecture, 2, 1), rgb, 120, 140, 1e-5);
}

TEST(DenseNetwork, TakesTheSlopeOfTheModel) {
  const auto architecture = table2(0.0625, FilterRule::EvenFloor, 1.0 / 3);
  const auto rgb = reference::pixels(109, 117);
  expect_exact(architecture, reference::lively_tensors(architecture, 3, 1), rgb, 109, 117, 1e-5);
}

TEST(DenseNetwork, EqualsDoublePrecisionOnWhiteAndBlack) {
  const auto architecture = table2(0.1);
  const auto tensors = reference::lively_tensors(architecture, 4, 1);
  for (const auto level : {std::uint8_t{0}, std::uint8_t{255}}) {
    const std::vector<std::uint8_t> rgb(std::size_t{120} * 120 * 3, level);
    expect_exact(architecture, tensors, rgb, 120, 120, 1e-5);
  }
}

TEST(DenseNetwork, KeepsSaturatedLogits) {
  const auto architecture = table2(0.1);
  const auto rgb = reference::pixels(120, 120);
  expect_exact(architecture, reference::lively_tensors(architecture, 5, 1e4), rgb, 120, 120, 1e-5);
}

// Hidden units below the smallest normal number: they come out as denormals or as 0, never as NaN.
TEST(DenseNetwork, LivesWithDenormals) {
  const auto architecture = table2(0.0625);
  auto tensors = reference::lively_tensors(architecture, 6, 1);
  for (const std::string name : {"conv9.weight", "conv9.bias", "conv1.bias"}) {
    auto& array = tensors[name];
    const auto from = array.as<float>();
    std::vector<float> values(from.begin(), from.end());
    for (auto& v : values) v *= 1e-39F;
    array = Array::of(values, array.shape);
  }
  const auto rgb = reference::pixels(120, 120);
  expect_exact(architecture, tensors, rgb, 120, 120, 1e-5);
}

TEST(DenseNetwork, GivesTheSameBitsForAnyPartOfTheGrid) {
  const auto architecture = table2(0.0625);
  const auto tensors = reference::lively_tensors(architecture, 7, 1);
  constexpr std::size_t kOutputs = 2 * DenseNetwork::kBlockOutputs;
  const std::size_t all = DenseNetwork::pixels(kOutputs);
  const std::size_t part = DenseNetwork::pixels(DenseNetwork::kBlockOutputs);
  const auto rgb = reference::pixels(all, all);
  for (const auto side : kSides) {
    const DenseNetwork network(architecture, tensors, side);
    const auto whole = network.logits(rgb, all, all, kOutputs, kOutputs);
    for (const std::size_t block : {0, 1}) {
      const std::size_t first = block * DenseNetwork::kBlockOutputs;
      const auto shifted = std::span(rgb).subspan((4 * first * all + 4 * first) * 3);
      const auto cut = reference::corner(shifted, all, part, part);
      const auto alone =
          network.logits(cut, part, part, DenseNetwork::kBlockOutputs, DenseNetwork::kBlockOutputs);
      for (std::size_t y = 0; y < DenseNetwork::kBlockOutputs; ++y) {
        for (std::size_t x = 0; x < DenseNetwork::kBlockOutputs; ++x)
          ASSERT_EQ(alone[y * DenseNetwork::kBlockOutputs + x],
                    whole[(first + y) * kOutputs + first + x])
              << side << " " << y << " " << x;
      }
    }
  }
}

TEST(DenseNetwork, IsWhiteOutsideTheImage) {
  const auto architecture = table2(0.0625);
  const DenseNetwork network(architecture, reference::lively_tensors(architecture, 8, 1), 48);
  const std::size_t side = DenseNetwork::pixels(64);
  auto rgb = reference::pixels(side, side);
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    if (i / 3 / side >= 150 || i / 3 % side >= 130) rgb[i] = 255;
  }
  const auto small = reference::corner(rgb, side, 150, 130);
  EXPECT_EQ(network.logits(small, 150, 130, 64, 64), network.logits(rgb, side, side, 64, 64));
}

TEST(DenseNetwork, TakesTheLargestTransformThatFitsTheMemory) {
  const auto architecture = table2(0.6);
  EXPECT_EQ(transform_side(architecture, 0), 32U);
  EXPECT_EQ(transform_side(architecture, Head::filter_bytes(architecture, 48)), 48U);
  EXPECT_EQ(transform_side(architecture, Head::filter_bytes(architecture, 80) - 1), 48U);
  EXPECT_EQ(transform_side(architecture, Head::filter_bytes(architecture, 80)), 80U);
}

TEST(DenseNetwork, RefusesOtherNetworksAndBuffers) {
  EXPECT_THROW(transform_side(cnn12(0.0625), 0), DataError);
  const auto architecture = table2(0.0625);
  const DenseNetwork network(architecture, reference::lively_tensors(architecture, 9, 1), 32);
  EXPECT_THROW(network.logits(std::vector<std::uint8_t>(5), 97, 97, 1, 1), DataError);
}

TEST(ReferenceNetwork, GivesAMapThatIsNotFlat) {
  const auto architecture = table2(0.1);
  const auto rgb = reference::pixels(214, 214);
  EXPECT_GT(spread(reference::logits(architecture, reference::lively_tensors(architecture, 1, 1),
                                     rgb, 214, 214)),
            0.1);
}

}  // namespace
}  // namespace mito::nn::dense
