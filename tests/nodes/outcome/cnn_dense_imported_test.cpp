// Networks made elsewhere, on a slide: cnn_dense, detect_boxes and what they find is the same for
// all tiles and threads.
#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/nn/dense.h"
#include "nodes/outcome/cnn_dense/cnn_dense.h"
#include "nodes/outcome/detect_boxes/detect_boxes.h"
#include "tests/support/problem.h"
#include "tests/support/small_networks.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using test::Format;
using test::problem;
using test::Weights;
using ::testing::HasSubstr;

constexpr std::int64_t kSide = 1024;

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// A noisy slide of 1024 x 1024 px at 0.25 um/px, all of it tissue.
class ImportedOnSlides : public ::testing::TestWithParam<Format> {
 protected:
  ImportedOnSlides() : rgb_(index(kSide * kSide * 3)) {
    RandomStream random(4, "slide", 0);
    for (auto& v : rgb_) v = static_cast<std::uint8_t>(random.below(256));
    mask_.grid = {32, 32, 8, kSide / 32, kSide / 32};
    mask_.tissue.assign(index(mask_.grid.width * mask_.grid.height), 1);
  }

  Tile tile(const Rect& core, std::int64_t halo = 60) const {
    Tile out{{1, 1, 0.25, kSide, kSide}, core, halo, {}};
    out.rgb = nn::cut({{0, 0, kSide, kSide}, rgb_}, out.area());
    return out;
  }

  /// Calls `f` for all tiles of `side` px, in their order.
  template <class F>
  static void for_tiles(std::int64_t side, F&& f) {
    for (std::int64_t y = 0; y < kSide; y += side)
      for (std::int64_t x = 0; x < kSide; x += side) f(Rect{x, y, side, side});
  }

  std::vector<float> map(const nn::Model& model, std::int64_t side) const {
    std::vector<float> out(index(kSide / 4 * kSide / 4));
    for_tiles(side, [&](const Rect& core) {
      const auto part = cnn_dense::evaluate({}, tile(core), mask_, model, nullptr, nn::Device::Cpu);
      for (std::int64_t i = 0; i < part.rows(); ++i)
        std::copy_n(part.probability.begin() + i * part.columns(), part.columns(),
                    out.begin() + (core.y / 4 + i) * (kSide / 4) + core.x / 4);
    });
    return out;
  }

  using Point = std::tuple<std::int64_t, std::int64_t, float>;
  std::vector<Point> points(const nn::Model& model, std::int64_t side) const {
    std::vector<Point> out;
    for_tiles(side, [&](const Rect& core) {
      for (const auto& p : detect_boxes::find(tile(core), mask_, model, nn::Device::Cpu).points)
        out.emplace_back(p.grid_y, p.grid_x, p.probability);
    });
    std::ranges::sort(out);
    return out;
  }

  nn::Model heat_map() const {
    return nn::load_model(
        test::write_heat_map(folder_.path(), "map", GetParam(), Weights::random(16, 1), 4, 288));
  }

  test::TempFolder folder_;
  std::vector<std::uint8_t> rgb_;
  TissueMask mask_;
};

TEST_P(ImportedOnSlides, AHeatMapIsTheSameForAllTiles) {
  const auto model = heat_map();

  const auto whole = map(model, 1024);

  EXPECT_EQ(map(model, 256), whole);
  EXPECT_EQ(map(model, 512), whole);
  EXPECT_LT(*std::ranges::min_element(whole), *std::ranges::max_element(whole));
}

TEST_P(ImportedOnSlides, AHeatMapIsTheSameOnAllThreads) {
  const auto model = heat_map();
  const auto alone = map(model, 512);
  std::vector<std::vector<float>> together(4);

  std::vector<std::jthread> threads;
  for (auto& one : together) threads.emplace_back([&] { one = map(model, 512); });
  threads.clear();

  for (const auto& one : together) EXPECT_EQ(one, alone);
}

TEST_P(ImportedOnSlides, AClassifierOfPatchesGoesOverTheSlideInStepsTheSameForAllTiles) {
  const auto model = nn::load_model(test::write_patch_network(
      folder_.path(), "patch", GetParam(), Weights::random(24, 2), {{"stride_px", "32"}}));

  const auto whole = map(model, 1024);

  EXPECT_EQ(map(model, 256), whole);
  // Each cell of 32 px has the value of the patch in its middle, as around a candidate there.
  CandidateSet candidates{{{{}, 48, 16, 0}, {{}, 1008, 912, 0}}, 0.25};
  const auto asked = cnn_dense::evaluate({.mode = "candidates"}, tile({0, 0, kSide, kSide}), mask_,
                                         model, &candidates, nn::Device::Cpu);
  for (const auto& p : asked.points) {
    EXPECT_EQ(p.probability, whole[index(p.grid_y / 4 * (kSide / 4) + p.grid_x / 4)]);
    EXPECT_EQ(p.probability,
              whole[index((p.grid_y / 32 * 8 + 7) * (kSide / 4) + p.grid_x / 32 * 8 + 7)]);
  }
}

TEST_P(ImportedOnSlides, AHeatMapSaysOfAPixelWhatAClassifierSaysOfThePatchAroundIt) {
  const auto weights = Weights::random(16, 1);
  const auto patches =
      nn::load_model(test::write_patch_network(folder_.path(), "patch", GetParam(), weights));
  const auto whole = map(heat_map(), 1024);
  CandidateSet candidates{{{{}, 0, 0, 0}, {{}, 252, 260, 0}, {{}, 1020, 1020, 0}}, 0.25};

  const auto asked = cnn_dense::evaluate({.mode = "candidates"}, tile({0, 0, kSide, kSide}), mask_,
                                         patches, &candidates, nn::Device::Cpu);

  ASSERT_EQ(asked.points.size(), 3U);
  for (const auto& p : asked.points)
    EXPECT_NEAR(p.probability, whole[index(p.grid_y / 4 * (kSide / 4) + p.grid_x / 4)], 1e-5);
}

TEST_P(ImportedOnSlides, BoxesAreTheSameForAllTilesAndLieOnTissue) {
  const auto model = nn::load_model(
      test::write_box_network(folder_.path(), "boxes", GetParam(), Weights::random(16, 3), 288));
  mask_.tissue.assign(mask_.tissue.size(), 0);
  for (std::int64_t i = 0; i < mask_.grid.height; ++i)
    std::fill_n(mask_.tissue.begin() + i * mask_.grid.width, mask_.grid.width / 2, 1);

  const auto whole = points(model, 1024);

  EXPECT_EQ(points(model, 256), whole);
  EXPECT_EQ(points(model, 512), whole);
  // Boxes of 16 px side by side, over half the slide.
  EXPECT_EQ(whole.size(), 64U * 32U);
  for (const auto& [y, x, p] : whole) EXPECT_LT(x, 512);
}

TEST_P(ImportedOnSlides, WhatDoesNotFitIsRefused) {
  const auto model = heat_map();
  const auto at = [&](const cnn_dense::Params& params, const Tile& given) {
    return problem(
        [&] { cnn_dense::evaluate(params, given, mask_, model, nullptr, nn::Device::Cpu); });
  };

  EXPECT_THAT(at({.backend = "fft"}, tile({0, 0, 256, 256})), HasSubstr("takes 'auto'"));
  EXPECT_THAT(at({}, tile({0, 0, 256, 256}, 4)), HasSubstr("the halo is 4 px"));
  EXPECT_THAT(problem([&] {
                detect_boxes::find(tile({0, 0, 256, 256}), mask_, model, nn::Device::Cpu);
              }),
              HasSubstr("finds no boxes"));
}

INSTANTIATE_TEST_SUITE_P(Formats,
                         ImportedOnSlides,
                         ::testing::ValuesIn(test::formats()),
                         [](const auto& suite) {
                           return suite.param == Format::Onnx ? "Onnx" : "TorchScript";
                         });

}  // namespace
}  // namespace mito
