#include "nodes/reference/colour_deconvolution/colour_deconvolution.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::colour_deconvolution {
namespace {

Tile random_tile() {
  Tile tile{{1, 1, 0.25, 100, 100}, {16, 32, 24, 16}, 4, {}};
  RandomStream random(3, "colour_deconvolution_test", 0);
  for (int i = 0; i < 32 * 24 * 3; ++i)
    tile.rgb.push_back(static_cast<std::uint8_t>(256 * random.uniform()));
  return tile;
}

// Method 15.2.
TEST(ColourDeconvolution, ThereAndBackGivesTheTile) {
  for (const char* matrix : {"HED", "HDX", "raw2001"}) {
    for (const char* convention : {"paper", "physical"}) {
      const Tile tile = random_tile();

      const Tile back = compose(deconvolve(tile, {.matrix = matrix, .convention = convention}));

      EXPECT_EQ(back.rgb, tile.rgb) << matrix << ' ' << convention;
      EXPECT_EQ(back.core, tile.core);
      EXPECT_EQ(back.halo, tile.halo);
      EXPECT_EQ(back.grid, tile.grid);
    }
  }
}

TEST(ColourDeconvolution, OneStainAloneIsMeasuredAsThatStain) {
  const double amount = 0.7;  // of DAB, in the HDX matrix; light exp(-S M)
  const double length = std::hypot(0.268, 0.570, 0.776);
  Tile tile{{1, 1, 0.5, 1, 1}, {0, 0, 1, 1}, 0, {}};
  for (const double od : {0.268, 0.570, 0.776})
    tile.rgb.push_back(
        static_cast<std::uint8_t>(std::lround(255 * std::exp(-amount * od / length))));

  const StainTile stains = deconvolve(tile, {.matrix = "HDX"});

  // Half a grey level of 110 is 0.005 OD.
  EXPECT_NEAR(stains.amounts[0], 0, 0.01);
  EXPECT_NEAR(stains.amounts[1], amount, 0.01);
  EXPECT_NEAR(stains.amounts[2], 0, 0.01);
}

TEST(ColourDeconvolution, RecordsHowItWasDone) {
  const auto stains = deconvolve(random_tile(), {.convention = "paper"});

  EXPECT_EQ(stains.recipe.matrix, "HED");
  EXPECT_EQ(stains.recipe.convention, "paper");
  EXPECT_EQ(stains.recipe.eps, 2);
  EXPECT_EQ(stains.recipe.stains[2], "dab");
  EXPECT_NEAR(stains.recipe.rows[0][0], 0.651107825757, 1e-12);
}

TEST(ColourDeconvolution, AConventionOfOnesOwnIsUsed) {
  const Params own{.convention = "custom", .eps = 0.5, .scale = 2, .clip_negative = true};

  const auto stains = deconvolve(random_tile(), own);

  EXPECT_EQ(check(own), "");
  EXPECT_EQ(stains.recipe.eps, 0.5);
  for (const float amount : stains.amounts) ASSERT_GE(amount, 0);
}

TEST(ColourDeconvolution, ParametersThatContradictEachOtherAreRefused) {
  EXPECT_EQ(check({}), "");
  EXPECT_NE(check({.eps = 1}), "");
  EXPECT_NE(check({.matrix = "custom"}), "");
  EXPECT_NE(check({.rows = {1, 0, 0, 0, 1, 0, 0, 0, 1}}), "");
  EXPECT_NE(check({.matrix = "custom", .rows = {1, 0, 0, 2, 0, 0, 0, 0, 1}}), "");
}

TEST(ColourDeconvolution, PixelsThatDoNotMatchTheTileAreRefused) {
  Tile tile = random_tile();
  tile.rgb.pop_back();
  StainTile stains = deconvolve(random_tile(), {});
  stains.amounts.pop_back();

  EXPECT_THROW(deconvolve(tile, {}), DataError);
  EXPECT_THROW(compose(stains), DataError);
}

TEST(ColourDeconvolution, AmountsAreStoredWithTheirRecipe) {
  const auto stains = deconvolve(random_tile(), {.matrix = "HDX", .convention = "skimage"});

  const auto back = Codec<StainTile>::decode(Codec<StainTile>::encode(stains));

  EXPECT_EQ(back.recipe, stains.recipe);
  EXPECT_EQ(back.amounts, stains.amounts);
  EXPECT_EQ(back.core, stains.core);
  EXPECT_EQ(back.halo, 4);
}

}  // namespace
}  // namespace mito::colour_deconvolution
