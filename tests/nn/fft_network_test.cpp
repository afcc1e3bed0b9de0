// Backend fft against LibTorch, and both against double precision.
#include "engine/nn/fft_network.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "tests/nn/reference_network.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kManyMib = 4096;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

bool everywhere(const Rect&) { return true; }

std::vector<double> probabilities(const std::vector<double>& logits) {
  std::vector<double> out(logits.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = mitosis_probability(logits[i], logits[out.size() + i]);
  return out;
}

/// Probabilities of an image by FftNetwork, [dense_outputs(height)][dense_outputs(width)].
std::vector<float> own_map(const FftNetwork& network,
                           const std::vector<std::uint8_t>& rgb,
                           std::int64_t height,
                           std::int64_t width) {
  const auto more = network.dense_parts().context_px;
  return network.probability_map(
      cut({{0, 0, width, height}, rgb}, {0, 0, width + more, height + more}), height + more,
      width + more);
}

void expect_equal(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

TEST(FftNetwork, EqualsLibTorchForEveryWidthAndOddSizes) {
  for (const double width_factor : {0.1, 0.25, 0.6, 1.0}) {
    const auto architecture = table2(width_factor);
    const auto tensors = reference::lively_tensors(architecture, 1, 1);
    const auto torch = backend().network(architecture, tensors, Device::Cpu);
    // The wider ones with the small transforms only: their filters take seconds and gigabytes.
    const FftNetwork own(architecture, tensors, width_factor > 0.5 ? 1 : kManyMib);
    for (const auto side : {97, 131, 203}) {
      const auto rgb = reference::pixels(size(side), size(side + 22));
      expect_equal(own_map(own, rgb, side, side + 22), torch->probability_map(rgb, side, side + 22),
                   5e-5);
    }
  }
}

/// Compares the map of 300 x 300 px with patches cut one by one. Returns the spread of the latter.
double compare_with_patches(const Architecture& architecture,
                            const Tensors& tensors,
                            const std::vector<std::uint8_t>& rgb) {
  const FftNetwork own(architecture, tensors, kManyMib);
  const PixelView view{{0, 0, 300, 300}, rgb};

  const auto map = dense_probabilities(own, view, {0, 0, 300, 300}, everywhere);

  std::vector<std::int64_t> points;
  for (std::int64_t y = 0; y < 300; y += 44) {
    for (std::int64_t x = 0; x < 300; x += 44) points.insert(points.end(), {x, y});
  }
  const auto torch = backend().network(architecture, tensors, Device::Cpu);
  const auto patches = patch_probabilities(*torch, view, points);
  for (std::size_t i = 0; i < patches.size(); ++i)
    EXPECT_NEAR(patches[i], map[size(points[2 * i + 1] / 4 * 75 + points[2 * i] / 4)], 5e-5) << i;
  const auto [low, high] = std::ranges::minmax(patches);
  return high - low;
}

TEST(FftNetwork, EqualsPatchWiseEvaluation) {
  const auto architecture = table2(0.25);
  EXPECT_GT(compare_with_patches(architecture, reference::lively_tensors(architecture, 2, 4),
                                 reference::pixels(300, 300)),
            0.05)
      << "the map is flat: the test would pass for any offset";
}

TEST(FftNetwork, EqualsPatchWiseEvaluationOfTheShippedNetworkOnARealFrame) {
  const std::filesystem::path file =
      MITO_SOURCE_DIR "/../shared/data/mitos14-hamamatsu-wsi/H04_04.tif";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no slide " << file;
  const auto slide = Slide::open(file, {});
  const auto model = load_model(MITO_SOURCE_DIR "/data/models/he_detector.h5");

  const double spread =
      compare_with_patches(model.info().architecture, model.tensors(),
                           slide.read(slide.analysis_grid(), {3000, 3000, 300, 300}));

  EXPECT_GT(spread, 1e-3) << "nothing but glass: the test would pass for any offset";
}

// 400 px, logits with a standard deviation of 5: the worst case for float32.
TEST(FftNetwork, IsAsNearToDoublePrecisionAsLibTorch) {
  constexpr std::int64_t kSide = 400;
  constexpr double kSd = 5;
  const auto architecture = table2(0.25);
  const auto rgb = reference::pixels(kSide, kSide);
  auto tensors = reference::lively_tensors(architecture, 3, 1);
  const auto plain = reference::logits(architecture, tensors, rgb, kSide, kSide);
  const std::size_t n = plain.size() / 2;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double margin = plain[n + i] - plain[i];
    sum += margin;
    squares += margin * margin;
  }
  const double mean = sum / static_cast<double>(n);
  const double gain = kSd / std::sqrt(squares / static_cast<double>(n) - mean * mean);
  // Scaled to the wanted spread and moved to a mean of 0, where probabilities are steepest.
  const auto old = tensors["output.weight"].as<float>();
  std::vector<float> weights(old.begin(), old.end());
  for (auto& w : weights) w = static_cast<float>(gain * static_cast<double>(w));
  tensors["output.weight"] = Array::of(weights, tensors["output.weight"].shape);
  const auto old_bias = tensors["output.bias"].as<float>();
  std::vector<float> bias(old_bias.begin(), old_bias.end());
  for (auto& b : bias) b = static_cast<float>(gain * static_cast<double>(b));
  bias[1] -= static_cast<float>(gain * mean);
  tensors["output.bias"] = Array::of(bias, tensors["output.bias"].shape);
  const auto exact = probabilities(reference::logits(architecture, tensors, rgb, kSide, kSide));

  const auto worst = [&](const std::vector<float>& map) {
    double out = 0;
    for (std::size_t i = 0; i < exact.size(); ++i)
      out = std::max(out, std::abs(static_cast<double>(map[i]) - exact[i]));
    return out;
  };
  const double torch = worst(
      backend().network(architecture, tensors, Device::Cpu)->probability_map(rgb, kSide, kSide));
  for (const auto mib : {1, 128, 4096}) {
    const double own = worst(own_map(FftNetwork(architecture, tensors, mib), rgb, kSide, kSide));
    RecordProperty("own" + std::to_string(mib), std::to_string(own));
    RecordProperty("torch", std::to_string(torch));
    EXPECT_LT(own, 1e-4) << mib;
    EXPECT_LE(own, torch) << mib;
  }
}

TEST(FftNetwork, EvaluatesNoPatches) {
  const auto architecture = table2(0.0625);
  const FftNetwork own(architecture, initial_tensors(architecture, 1, "test"), 1);
  EXPECT_THROW(own.logits({}, 1), DataError);
  try {
    own.dense(std::vector<std::uint8_t>(138 * 138 * 3), 138, 138);
    FAIL() << "a block without outputs was accepted";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("at least 139 x 139 px"));
  }
}

TEST(FftNetwork, RefusesTensorsOfAnotherArchitecture) {
  EXPECT_THROW(FftNetwork(table2(0.125), initial_tensors(table2(0.0625), 1, "t"), 1), DataError);
}

}  // namespace
}  // namespace mito::nn
