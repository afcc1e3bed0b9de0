#include "nodes/outcome/second_opinion/second_opinion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "tests/support/problem.h"
#include "tests/support/small_networks.h"
#include "tests/support/temp_folder.h"

namespace mito::second_opinion {
namespace {

using test::Format;
using test::problem;
using test::Weights;
using ::testing::HasSubstr;

constexpr std::int64_t kSide = 1024;

/// A white slide with a black square of 40 px at (250, 250), two detections: there and elsewhere.
class SecondOpinion : public ::testing::Test {
 protected:
  SecondOpinion() : rgb_(static_cast<std::size_t>(kSide * kSide * 3), 255) {
    for (std::int64_t y = 230; y < 270; ++y)
      for (std::int64_t x = 230; x < 270; ++x)
        for (std::int64_t c = 0; c < 3; ++c)
          rgb_[static_cast<std::size_t>((y * kSide + x) * 3 + c)] = 0;
    detections_.grid = {1, 1, 0.25, kSide, kSide};
    detections_.items = {{{800, 800}, 0.9, 5}, {{250, 250}, 0.4, 7}};
  }

  DetectionSet judged(const std::filesystem::path& card, const Params& params = {}) const {
    return judge(params, detections_, nn::load_model(card), nn::Device::Cpu,
                 [&](const Rect& area) {
                   return nn::cut({{0, 0, kSide, kSide}, rgb_}, area);
                 },
                 {});
  }
  std::filesystem::path patch() const {
    return test::write_patch_network(folder_.path(), "patch", Format::Onnx, Weights::dark(24));
  }

  test::TempFolder folder_;
  std::vector<std::uint8_t> rgb_;
  DetectionSet detections_;
};

TEST_F(SecondOpinion, LeavesWhatTheSecondNetworkConfirms) {
  const auto left = judged(patch());

  ASSERT_EQ(left.items.size(), 1U);
  EXPECT_EQ(left.items[0].center, (PointL0{250, 250}));
  EXPECT_EQ(left.items[0].pixels, 7);
  EXPECT_NEAR(left.items[0].score, 1 / (1 + std::exp(-10)), 1e-6);
  EXPECT_EQ(left.min_probability, 0.5);
}

TEST_F(SecondOpinion, JoinsBothScoresAsAskedBestFirst) {
  const auto mean = judged(patch(), {.score = "mean", .min_probability = 0.1});
  const auto least = judged(patch(), {.score = "least", .min_probability = 0.1});

  ASSERT_EQ(mean.items.size(), 2U);
  EXPECT_NEAR(mean.items[0].score, 0.7, 1e-3);
  EXPECT_NEAR(mean.items[1].score, 0.45, 1e-3);
  ASSERT_EQ(least.items.size(), 1U);
  EXPECT_EQ(least.items[0].score, 0.4);
}

TEST_F(SecondOpinion, AsksHeatMapsAndBoxesNearby) {
  const auto map =
      test::write_heat_map(folder_.path(), "map", Format::Onnx, Weights::dark(16), 4, 288);
  const auto boxes =
      test::write_box_network(folder_.path(), "boxes", Format::Onnx, Weights::dark(16), 288);

  for (const auto& card : {map, boxes}) {
    const auto left = judged(card);
    ASSERT_EQ(left.items.size(), 1U) << card;
    EXPECT_EQ(left.items[0].center, (PointL0{250, 250}));
  }
}

TEST_F(SecondOpinion, WithoutDetectionsNoNetworkIsAsked) {
  detections_.items.clear();

  EXPECT_TRUE(judged(patch()).items.empty());
}

TEST_F(SecondOpinion, OfAnotherResolutionIsRefused) {
  detections_.grid.mpp = 0.5;

  EXPECT_THAT(problem([&] { judged(patch()); }), HasSubstr("trained at 0.25 um/px"));
}

}  // namespace
}  // namespace mito::second_opinion
