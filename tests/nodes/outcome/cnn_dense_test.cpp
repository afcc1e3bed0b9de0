#include "nodes/outcome/cnn_dense/cnn_dense.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/nn/dense.h"

namespace mito::cnn_dense {
namespace {

constexpr std::int64_t kSide = 1024;

// A noisy slide of 1024 x 1024 px at 0.25 um/px whose right half is glass for the mask.
class CnnDense : public testing::Test {
 protected:
  static nn::Model make_model() {
    nn::ModelInfo info;
    info.architecture = nn::table2(0.0625);
    return {info, nn::initial_tensors(info.architecture, 3, "test")};
  }

  CnnDense() : rgb_(static_cast<std::size_t>(kSide * kSide * 3)), model_(make_model()) {
    RandomStream random(4, "slide", 0);
    for (auto& v : rgb_) v = static_cast<std::uint8_t>(random.below(256));
    mask_.grid = {32, 32, 8, kSide / 32, kSide / 32};
    mask_.tissue.assign(static_cast<std::size_t>(mask_.grid.width * mask_.grid.height), 0);
    for (std::int64_t y = 0; y < mask_.grid.height; ++y) {
      for (std::int64_t x = 0; x < mask_.grid.width / 2; ++x)
        mask_.tissue[static_cast<std::size_t>(y * mask_.grid.width + x)] = 1;
    }
  }

  Tile tile(const Rect& core, std::int64_t halo = 85) const {
    Tile out{{1, 1, 0.25, kSide, kSide}, core, halo, {}};
    out.rgb = nn::cut({{0, 0, kSide, kSide}, rgb_}, out.area());
    return out;
  }

  // The map of the whole slide from tiles of `side` px.
  std::vector<float> map_from_tiles(std::int64_t side,
                                    const Params& params = {},
                                    std::int64_t halo = 85) const {
    std::vector<float> map(static_cast<std::size_t>(kSide / 4 * kSide / 4));
    for (std::int64_t ty = 0; ty < kSide; ty += side) {
      for (std::int64_t tx = 0; tx < kSide; tx += side) {
        const auto part = evaluate(
            params, tile({tx, ty, std::min(side, kSide - tx), std::min(side, kSide - ty)}, halo),
            mask_, model_, nullptr, nn::Device::Cpu);
        for (std::int64_t i = 0; i < part.rows(); ++i) {
          for (std::int64_t j = 0; j < part.columns(); ++j)
            map[static_cast<std::size_t>((ty / 4 + i) * (kSide / 4) + tx / 4 + j)] =
                part.probability[static_cast<std::size_t>(i * part.columns() + j)];
        }
      }
    }
    return map;
  }

  std::string message(const Params& params, const Tile& given) const {
    try {
      evaluate(params, given, mask_, model_, nullptr, nn::Device::Cpu);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  std::vector<std::uint8_t> rgb_;
  nn::Model model_;
  TissueMask mask_;
};

TEST_F(CnnDense, AScoreThatIsNoNumberIsAnError) {
  auto tensors = model_.tensors();
  for (auto& [name, array] : tensors) {
    const std::vector<float> huge(array.bytes.size() / sizeof(float), 1e30F);
    array = Array::of(huge, array.shape);
  }
  const nn::Model damaged(model_.info(), tensors);

  try {
    evaluate({}, tile({0, 0, 256, 256}), mask_, damaged, nullptr, nn::Device::Cpu);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("which is no probability"));
  }
}

TEST_F(CnnDense, GivesTheSameBitsForTilesOf256And512And1024Px) {
  const auto expected = map_from_tiles(256);
  EXPECT_EQ(map_from_tiles(512), expected);
  EXPECT_EQ(map_from_tiles(1024), expected);
}

// The smallest halo that is allowed holds every pixel that a bit depends on.
TEST_F(CnnDense, GivesTheSameBitsForAnyTileSizeAndTransform) {
  for (const auto mib : {1, 8, 1536}) {
    Params params;
    params.filter_memory_mib = mib;
    const auto expected = map_from_tiles(256, params);
    EXPECT_EQ(map_from_tiles(768, params), expected) << mib;
    EXPECT_EQ(map_from_tiles(1024, params), expected) << mib;
  }
}

TEST_F(CnnDense, OfEightViewsHasTheSameBitsForAnyTileSize) {
  Params params;
  params.views = 8;
  const auto expected = map_from_tiles(256, params, 88);
  EXPECT_NE(expected, map_from_tiles(256));
  EXPECT_EQ(map_from_tiles(768, params, 88), expected);
  EXPECT_EQ(map_from_tiles(1024, params, 88), expected);
  params.backend = "torch";
  const auto torch = map_from_tiles(512, params);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(torch[i], expected[i], 1e-4) << i;
}

TEST_F(CnnDense, BothBackendsGiveTheSameMap) {
  Params params;
  params.backend = "torch";
  const auto torch = map_from_tiles(512, params);
  params.backend = "fft";
  const auto fft = map_from_tiles(512, params);
  EXPECT_NE(torch, fft) << "both were computed by the same code";
  for (std::size_t i = 0; i < fft.size(); ++i) ASSERT_NEAR(torch[i], fft[i], 1e-5) << i;
}

TEST_F(CnnDense, MixedPrecisionIsClose) {
  Params params;
  params.backend = "torch";
  const auto exact = map_from_tiles(512, params);
  params.precision = "mixed";
  const auto mixed = map_from_tiles(512, params);
  double largest = 0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(exact[i]) - mixed[i]));
  EXPECT_LT(largest, 0.01);  // bfloat16 has 8 binary digits
  EXPECT_GT(largest, 0);
}

TEST_F(CnnDense, FftComputesInSinglePrecision) {
  Params params;
  params.precision = "mixed";
  EXPECT_THROW(map_from_tiles(1024, params), DataError);
}

TEST_F(CnnDense, FftRunsOnProcessorsAndOnDenseMapsOnly) {
  Params params;
  params.backend = "fft";
  EXPECT_EQ(device_of(params, "auto"), nn::Device::Cpu);
  EXPECT_THROW(device_of(params, "cuda"), DataError);
  params.mode = "candidates";
  EXPECT_THROW(device_of(params, "auto"), DataError);
}

TEST_F(CnnDense, IsZeroOffTissueAndNotOnIt) {
  const auto part = evaluate({}, tile({256, 0, 512, 256}), mask_, model_, nullptr, nn::Device::Cpu);
  for (std::int64_t j = 0; j < part.columns(); ++j)
    EXPECT_EQ(part.probability[static_cast<std::size_t>(j)] > 0, 256 + 4 * j < kSide / 2) << j;
}

TEST_F(CnnDense, SkipsBlocksThatACheapNetworkRulesOut) {
  const auto given = tile({0, 0, 512, 512});
  ProbabilityTile cheap{given.grid, given.core, {}, {}};
  cheap.probability.assign(128 * 128, 0.1F);
  cheap.probability[128 * 127] = 0.2F;  // in the lower left block
  const Screen bound{cheap, 0.2};
  const Screen open_wide{cheap};

  const auto all = evaluate({}, given, mask_, model_, nullptr, nn::Device::Cpu);
  const auto some = evaluate({}, given, mask_, model_, nullptr, nn::Device::Cpu, &bound);
  const auto none_skipped =
      evaluate({}, given, mask_, model_, nullptr, nn::Device::Cpu, &open_wide);

  EXPECT_EQ(none_skipped.probability, all.probability);
  for (std::size_t i = 0; i < all.probability.size(); ++i) {
    const bool open = i / 128 >= 64 && i % 128 < 64;
    ASSERT_EQ(some.probability[i], open ? all.probability[i] : 0.0F) << i;
  }
}

TEST_F(CnnDense, RefusesTheMapOfAnotherTile) {
  const auto given = tile({0, 0, 256, 256});
  const ProbabilityTile other{given.grid, {256, 0, 256, 256}, std::vector<float>(4096, 0.5F), {}};

  const Screen screen{other, 0.2};
  EXPECT_THROW(evaluate({}, given, mask_, model_, nullptr, nn::Device::Cpu, &screen), DataError);
}

TEST_F(CnnDense, ScoresCandidatesAsTheDenseMapDoes) {
  const auto given = tile({0, 0, 256, 256});
  CandidateSet candidates;
  for (const std::int64_t at : {0, 100, 252}) candidates.items.push_back({{}, at, at, 0});
  Params params;
  params.mode = "candidates";

  const auto points = evaluate(params, given, mask_, model_, &candidates, nn::Device::Cpu).points;

  const auto dense = evaluate({}, given, mask_, model_, nullptr, nn::Device::Cpu);
  ASSERT_EQ(points.size(), 3U);
  for (const auto& point : points)
    EXPECT_NEAR(
        point.probability,
        dense.probability[static_cast<std::size_t>(point.grid_y / 4 * 64 + point.grid_x / 4)],
        1e-4);
}

TEST_F(CnnDense, SaysToRaiseTheHalo) {
  Params params;
  params.backend = "torch";
  EXPECT_THAT(message(params, tile({0, 0, 256, 256}, 40)),
              testing::HasSubstr("the halo is 40 px; raise halo_um of the tiles to at least 12.5"));
  params.backend = "fft";
  EXPECT_THAT(
      message(params, tile({0, 0, 256, 256}, 84)),
      testing::HasSubstr("the halo is 84 px; raise halo_um of the tiles to at least 21.25"));
  params.views = 2;
  EXPECT_THAT(message(params, tile({0, 0, 256, 256}, 87)),
              testing::HasSubstr("the halo is 87 px; raise halo_um of the tiles to at least 22"));
}

TEST_F(CnnDense, SaysWhenCandidatesAreNotConnected) {
  Params params;
  params.mode = "candidates";
  EXPECT_THAT(message(params, tile({0, 0, 256, 256})), testing::HasSubstr("to be connected"));
  params.views = 8;
  EXPECT_THAT(message(params, tile({0, 0, 256, 256})), testing::HasSubstr("candidates have one"));
}

TEST_F(CnnDense, RefusesANetworkThatCannotBeEvaluatedDensely) {
  nn::ModelInfo info;
  info.architecture = nn::cnn12(0.0625);
  model_ = nn::Model(info, nn::initial_tensors(info.architecture, 3, "test"));
  EXPECT_THAT(message({}, tile({0, 0, 256, 256})),
              testing::AllOf(testing::HasSubstr("a cnn12 network (CNN1, CNN2)"),
                             testing::HasSubstr("classify_candidates")));
}

TEST_F(CnnDense, RefusesTilesOfAnotherResolution) {
  auto given = tile({0, 0, 256, 256});
  given.grid.mpp = 0.5;
  EXPECT_THAT(message({}, given), testing::HasSubstr("trained at 0.25 um/px"));
}

}  // namespace
}  // namespace mito::cnn_dense
