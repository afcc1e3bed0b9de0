#include "nodes/slides/tiles/tiles.h"

#include <gtest/gtest.h>

#include "tests/support/drawn_slide.h"

namespace mito::tiles {
namespace {

/// 8 um mask over a slide of 3000 x 2000 px at 0.25 um/px with tissue at one mask pixel.
TissueMask mask_with(std::int64_t x, std::int64_t y) {
  TissueMask mask{{32, 32, 8, 94, 63}, std::vector<std::uint8_t>(94 * 63)};
  mask.tissue[static_cast<std::size_t>(y * 94 + x)] = 1;
  return mask;
}

const Grid kAnalysis{1, 1, 0.25, 3000, 2000};

TEST(Tiles, KeepsOnlyTilesThatTouchTissue) {
  EXPECT_EQ(plan(kAnalysis, mask_with(40, 40), {}), (std::vector<Rect>{{1024, 1024, 1024, 1024}}));
}

TEST(Tiles, ComeInRasterOrderAndCoverTheEdges) {
  TissueMask all = mask_with(0, 0);
  all.tissue.assign(all.tissue.size(), 1);

  const auto cores = plan(kAnalysis, all, {});

  ASSERT_EQ(cores.size(), 6U);
  EXPECT_EQ(cores[1], (Rect{1024, 0, 1024, 1024}));
  EXPECT_EQ(cores[5], (Rect{2048, 1024, 1024, 1024}));
}

TEST(Tiles, ASlideWithoutTissueHasNone) {
  TissueMask none = mask_with(0, 0);
  none.tissue[0] = 0;

  EXPECT_TRUE(plan(kAnalysis, none, {}).empty());
}

TEST(Tiles, SizeMustBeAMultipleOf256) {
  EXPECT_EQ(check({.size_px = 1000}), "size_px must be a multiple of 256, got 1000");
  EXPECT_EQ(check({.size_px = 512}), "");
}

TEST(Tiles, ReadCoreAndHaloFromTheSlide) {
  const test::TempFolder folder;
  const auto slide = Slide::open(test::draw_slide(folder.path()), {});

  const Tile tile = read(slide, {256, 256, 256, 256}, {.size_px = 256, .halo_um = 25});

  EXPECT_EQ(tile.halo, 100);
  EXPECT_EQ(tile.rgb, slide.read(slide.analysis_grid(), {156, 156, 456, 456}));
}

}  // namespace
}  // namespace mito::tiles
