#include "nodes/reference/phh3_candidates/phh3_candidates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/image/components.h"
#include "engine/image/hed.h"

namespace mito::phh3_candidates {
namespace {

using ::testing::HasSubstr;

/// A PHH3 slide at 0.5 um/px held in memory: pale tissue, noise, brown drawn onto it.
class Drawing {
 public:
  Drawing(std::int64_t width, std::int64_t height) : grid_{2, 2, 0.5, width, height} {
    RandomStream random(11, "phh3_candidates_test", 0);
    for (std::int64_t i = 0; i < width * height; ++i) {
      const auto noise = static_cast<int>(12 * random.uniform());
      for (const int v : {226, 222, 232}) rgb_.push_back(static_cast<std::uint8_t>(v + noise));
    }
    // 16 px of the grid per mask pixel.
    const auto columns = (width + 15) / 16;
    const auto rows = (height + 15) / 16;
    mask_ = {{32, 32, 8, columns, rows},
             std::vector<std::uint8_t>(static_cast<std::size_t>(columns * rows), 1)};
  }

  void brown(std::int64_t x, std::int64_t y, double dab = 0.8) {
    static const image::StainTransform hdx(image::hdx_rows(), image::StainConvention::grey_level());
    if (!grid_.bounds().contains(x, y)) return;
    const auto light = hdx.to_rgb({0, dab, 0});
    for (std::size_t c = 0; c < 3; ++c)
      rgb_[static_cast<std::size_t>(3 * (y * grid_.width + x)) + c] =
          static_cast<std::uint8_t>(std::lround(255 * light[c]));
  }
  /// Brown where the distance from (x, y) is from `inner` to `outer`.
  void ring(double x, double y, double inner, double outer, double dab = 0.8) {
    const auto reach = static_cast<std::int64_t>(outer) + 1;
    const auto cx = static_cast<std::int64_t>(x);
    const auto cy = static_cast<std::int64_t>(y);
    for (auto py = cy - reach; py <= cy + reach; ++py) {
      for (auto px = cx - reach; px <= cx + reach; ++px) {
        const double d = std::hypot(static_cast<double>(px) - x, static_cast<double>(py) - y);
        if (d >= inner && d <= outer) brown(px, py, dab);
      }
    }
  }
  void disc(double x, double y, double radius, double dab = 0.8) { ring(x, y, 0, radius, dab); }
  void clear_tissue(const Rect& mask_pixels) {
    for (auto y = mask_pixels.y; y < mask_pixels.y + mask_pixels.height; ++y)
      for (auto x = mask_pixels.x; x < mask_pixels.x + mask_pixels.width; ++x)
        mask_.tissue.at(static_cast<std::size_t>(y * mask_.grid.width + x)) = 0;
  }

  Tile tile(const Rect& core, std::int64_t halo) const {
    Tile out{grid_, core, halo, {}};
    const Rect area = out.area();
    for (auto y = area.y; y < area.y + area.height; ++y) {
      for (auto x = area.x; x < area.x + area.width; ++x) {
        for (std::size_t c = 0; c < 3; ++c)
          out.rgb.push_back(grid_.bounds().contains(x, y)
                                ? rgb_[static_cast<std::size_t>(3 * (y * grid_.width + x)) + c]
                                : std::uint8_t{255});
      }
    }
    return out;
  }

  SpotSet spots(const Params& params, std::int64_t size, bool backwards = false) const {
    std::vector<SpotTile> tiles;
    for (std::int64_t y = 0; y < grid_.height; y += size)
      for (std::int64_t x = 0; x < grid_.width; x += size)
        tiles.push_back(find(tile({x, y, size, size}, 5), mask_, {}));
    if (backwards) std::reverse(tiles.begin(), tiles.end());
    Collector collector(params, "drawn");
    for (const auto& one : tiles) collector.add(one);
    return collector.finish(grid_);
  }

  const Grid& grid() const { return grid_; }
  const TissueMask& mask() const { return mask_; }

 private:
  Grid grid_;
  std::vector<std::uint8_t> rgb_;
  TissueMask mask_;
};

/// Everything that a seam could spoil: spots and rings across seams and corners of tiles of 256,
/// 512 and 1024 px, diagonal neighbours at a corner, a spiral over many tiles, spots off tissue and
/// at the slide's edge.
Drawing everything() {
  Drawing drawing(1300, 1150);
  drawing.disc(256, 100, 8);
  drawing.disc(511.5, 511.5, 9);
  drawing.disc(1024, 1024, 7.3, 0.4);
  drawing.ring(1024, 512, 11, 14);
  drawing.ring(512, 256, 20, 22, 0.5);
  drawing.ring(768, 1024, 14, 16);
  drawing.disc(768, 1024, 5);
  for (std::int64_t i = 0; i < 8; ++i) {  // two squares that meet at a tile's corner only
    for (std::int64_t j = 0; j < 8; ++j) {
      drawing.brown(248 + i, 760 + j);
      drawing.brown(256 + i, 768 + j);
    }
  }
  for (double t = 0; t < 25; t += 0.005)
    drawing.brown(static_cast<std::int64_t>(900 + 9 * t * std::cos(t)),
                  static_cast<std::int64_t>(300 + 9 * t * std::sin(t)), 0.6);
  drawing.clear_tissue({20, 50, 10, 10});  // 320 to 479, 800 to 959
  drawing.disc(400, 880, 10);
  drawing.disc(480, 850, 10);  // half of it
  drawing.ring(0, 600, 10, 13);
  drawing.ring(1299, 1149, 9, 12);
  RandomStream random(5, "spots", 0);
  for (int i = 0; i < 150; ++i) {
    const double x = 1300 * random.uniform();
    const double y = 1150 * random.uniform();
    drawing.disc(x, y, 1 + 7 * random.uniform(), 0.25 + random.uniform());
  }
  return drawing;
}

TEST(Phh3Candidates, DoNotDependOnTheTiling) {
  const Drawing drawing = everything();
  for (const Params& params :
       {Params{}, Params{.dab_threshold = "auto"}, Params{.close_um = 2, .max_area_um2 = 1e6},
        Params{.dab_threshold = "0.45", .min_area_um2 = 0, .merge_um = 12}}) {
    const SpotSet whole = drawing.spots(params, 2048);
    ASSERT_GT(whole.items.size(), 40U);

    for (const std::int64_t size : {256, 512, 1024, 77}) {
      for (const bool backwards : {false, true}) {
        const SpotSet tiled = drawing.spots(params, size, backwards);

        EXPECT_EQ(tiled.items, whole.items) << "tiles of " << size;
        EXPECT_EQ(tiled.dab_threshold, whole.dab_threshold);
        EXPECT_EQ(tiled.grid, whole.grid);
      }
    }
  }
}

/// The same by images of the whole slide: method 4.3 word for word.
std::vector<Spot> by_images(const Drawing& drawing, double threshold, const Params& params) {
  const Grid& grid = drawing.grid();
  const Tile tile = drawing.tile(grid.bounds(), 0);
  const image::StainTransform hdx(image::hdx_rows(), image::StainConvention::grey_level());
  std::vector<float> amounts(tile.rgb.size());
  hdx.to_stain(tile.rgb, amounts);
  std::vector<std::uint8_t> positive;
  for (std::int64_t i = 0; i < grid.width * grid.height; ++i) {
    const bool brown = amounts[static_cast<std::size_t>(3 * i + 1)] > threshold;
    const bool tissue = drawing.mask().covers(grid, i % grid.width, i / grid.width);
    positive.push_back(brown && tissue ? 1 : 0);
  }
  std::vector<std::uint8_t> background;
  for (const auto v : positive) background.push_back(v == 0 ? 1 : 0);
  const auto parts = image::label_components(background, grid.width, grid.height, 4);
  auto filled = positive;
  for (std::size_t i = 0; i < filled.size(); ++i) {
    if (parts.labels[i] == 0) continue;
    const Rect box = parts.items[static_cast<std::size_t>(parts.labels[i]) - 1].bounds;
    if (box.x > 0 && box.y > 0 && box.x + box.width < grid.width &&
        box.y + box.height < grid.height)
      filled[i] = 1;
  }
  const auto found = image::label_components(filled, grid.width, grid.height, 8);
  std::vector<Spot> out;
  for (std::size_t k = 0; k < found.items.size(); ++k) {
    const Rect box = found.items[k].bounds;
    double x_sum = 0;
    double y_sum = 0;
    double dab = 0;
    std::int64_t brown = 0;
    for (auto y = box.y; y < box.y + box.height; ++y) {
      for (auto x = box.x; x < box.x + box.width; ++x) {
        const auto i = static_cast<std::size_t>(y * grid.width + x);
        if (found.labels[i] != static_cast<std::int32_t>(k + 1)) continue;
        x_sum += static_cast<double>(x);
        y_sum += static_cast<double>(y);
        if (positive[i] == 0) continue;
        ++brown;
        dab += static_cast<double>(amounts[3 * i + 1]);
      }
    }
    const auto n = static_cast<double>(found.items[k].area);
    if (n / 4 < params.min_area_um2 || n / 4 > params.max_area_um2) continue;
    out.push_back({grid.to_level0(x_sum / n, y_sum / n), found.items[k].area, n / 4, box,
                   dab / static_cast<double>(brown)});
  }
  return out;
}

TEST(Phh3Candidates, AreThoseOfTheWholeImage) {
  const Drawing drawing = everything();

  const auto found = drawing.spots({}, 256).items;

  const auto expected = by_images(drawing, 0.3, {});
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].pixels, expected[i].pixels);
    EXPECT_EQ(found[i].bounds, expected[i].bounds);
    EXPECT_DOUBLE_EQ(found[i].area_um2, expected[i].area_um2);
    EXPECT_NEAR(found[i].center.x, expected[i].center.x, 1e-9);
    EXPECT_NEAR(found[i].center.y, expected[i].center.y, 1e-9);
    EXPECT_NEAR(found[i].mean_dab, expected[i].mean_dab, 1e-6);  // amounts are added as 2^-20
  }
}

TEST(Phh3Candidates, ASpotIsFoundWithItsPlaceAreaAndAmount) {
  Drawing drawing(200, 160);
  drawing.disc(100, 60, 6, 0.8);

  const SpotSet set = drawing.spots({}, 256);

  ASSERT_EQ(set.items.size(), 1U);
  const Spot& spot = set.items[0];
  EXPECT_EQ(spot.pixels, 113);  // lattice points within 6 of a point of the lattice
  EXPECT_DOUBLE_EQ(spot.area_um2, 113 * 0.25);
  EXPECT_EQ(spot.bounds, (Rect{94, 54, 13, 13}));
  EXPECT_NEAR(spot.center.x, 200.5, 1e-9);  // two level-0 pixels per pixel
  EXPECT_NEAR(spot.center.y, 120.5, 1e-9);
  EXPECT_NEAR(spot.mean_dab, 0.8, 0.01);  // 8-bit grey levels
  EXPECT_EQ(set.dab_threshold, 0.3);
}

TEST(Phh3Candidates, HolesCountForTheAreaButNotForTheAmount) {
  Drawing drawing(200, 160);
  drawing.ring(100, 60, 4, 6, 0.8);

  const auto spots = drawing.spots({}, 256).items;

  ASSERT_EQ(spots.size(), 1U);
  EXPECT_EQ(spots[0].pixels, 113);
  EXPECT_NEAR(spots[0].mean_dab, 0.8, 0.01);
}

TEST(Phh3Candidates, OffTissueThereAreNone) {
  Drawing drawing(200, 160);
  drawing.disc(40, 40, 6);
  drawing.disc(120, 40, 6);
  drawing.clear_tissue({0, 0, 5, 10});

  const auto spots = drawing.spots({}, 256).items;

  ASSERT_EQ(spots.size(), 1U);
  EXPECT_EQ(spots[0].bounds.x, 114);
}

TEST(Phh3Candidates, TooSmallAndTooLargeOnesAreLeftOut) {
  Drawing drawing(400, 160);
  for (std::int64_t i = 0; i < 28; ++i) drawing.brown(20 + i % 7, 20 + i / 7);  // 7 um2: kept
  for (std::int64_t i = 0; i < 27; ++i) drawing.brown(60 + i % 9, 20 + i / 9);
  drawing.disc(150, 80, 35);  // 962 um2: kept
  drawing.disc(300, 80, 37);  // 1075 um2

  const auto spots = drawing.spots({}, 256).items;

  ASSERT_EQ(spots.size(), 2U);
  EXPECT_EQ(spots[0].pixels, 28);
  EXPECT_EQ(spots[1].bounds.x, 115);
}

TEST(Phh3Candidates, ClosingJoinsTheHalvesOfABrokenSpot) {
  Drawing drawing(200, 160);
  drawing.disc(90, 60, 6);
  drawing.disc(104, 60, 6);  // one unset column between them

  EXPECT_EQ(drawing.spots({}, 256).items.size(), 2U);
  EXPECT_EQ(drawing.spots({.close_um = 1}, 256).items.size(), 1U);
}

TEST(Phh3Candidates, NeighboursAreMergedInChains) {
  Drawing drawing(300, 160);
  drawing.disc(50, 50, 4);
  drawing.disc(66, 50, 4);  // 8 um on
  drawing.disc(82, 50, 6);
  drawing.disc(150, 50, 4);

  const auto apart = drawing.spots({.merge_um = 8}, 256).items;
  const auto merged = drawing.spots({.merge_um = 8.1}, 256).items;

  EXPECT_EQ(apart.size(), 4U);  // closer than 8 um, not as close
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].pixels, 49 + 49 + 113);
  EXPECT_EQ(merged[0].bounds, (Rect{46, 44, 43, 13}));
  const double x = (49 * 50 + 49 * 66 + 113 * 82) / 211.0;
  EXPECT_NEAR(merged[0].center.x, 2 * (x + 0.5) - 0.5, 1e-9);
}

TEST(Phh3Candidates, AutomaticThresholdLiesBetweenPaleAndBrown) {
  Drawing drawing(300, 300);
  for (std::int64_t y = 0; y < 300; ++y)
    for (std::int64_t x = 0; x < 300; ++x)
      drawing.brown(x, y, 0.1 + 0.001 * static_cast<double>((x * 7 + y) % 30));
  for (int i = 0; i < 9; ++i) drawing.disc(40 + 90 * (i % 3), 40 + 90 * (i / 3), 20, 0.75);

  const SpotSet set = drawing.spots({.dab_threshold = "auto"}, 256);

  EXPECT_GE(set.dab_threshold, 0.2);
  EXPECT_LE(set.dab_threshold, 0.6);
  EXPECT_EQ(set.items.size(), 9U);
}

TEST(Phh3Candidates, AutomaticThresholdStaysInItsLimits) {
  Drawing pale(100, 100);
  Drawing dark(100, 100);
  for (std::int64_t y = 0; y < 100; ++y) {
    for (std::int64_t x = 0; x < 100; ++x) {
      pale.brown(x, y, x < 50 ? 0.07 : 0.12);
      dark.brown(x, y, x < 50 ? 0.9 : 1.6);
    }
  }

  EXPECT_EQ(pale.spots({.dab_threshold = "auto"}, 256).dab_threshold, 0.2);
  EXPECT_EQ(dark.spots({.dab_threshold = "auto"}, 256).dab_threshold, 0.6);
}

TEST(Phh3Candidates, TooManyAreAnErrorThatSaysWhatToDo) {
  Drawing drawing(300, 160);
  for (int i = 0; i < 5; ++i) drawing.disc(40 + 50 * i, 60, 6);

  EXPECT_EQ(drawing.spots({.max_candidates = 5}, 256).items.size(), 5U);
  try {
    drawing.spots({.max_candidates = 4}, 256);
    FAIL() << "five candidates were accepted";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("drawn: 5 PHH3 candidates, more than 4"));
    EXPECT_THAT(error.what(), HasSubstr("raise dab_threshold, now 0.3"));
  }
}

TEST(Phh3Candidates, AThresholdBelowWhatWasKeptIsAnError) {
  Drawing drawing(100, 100);
  try {
    drawing.spots({.dab_threshold = "0.15"}, 256);
    FAIL() << "pixels from 0.15 to 0.2 were never kept";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("lower its keep_above"));
  }
}

TEST(Phh3Candidates, ASlideWithoutTilesHasNone) {
  const Grid grid{1, 1, 0.25, 10, 10};

  const SpotSet set = Collector({}, "empty").finish(grid);

  EXPECT_TRUE(set.items.empty());
  EXPECT_EQ(set.grid, grid);
}

TEST(Phh3Candidates, WrongParametersAreNamed) {
  EXPECT_EQ(check(Params{}), "");
  EXPECT_EQ(check(Params{.dab_threshold = "auto"}), "");
  EXPECT_THAT(check(Params{.dab_threshold = "otsu"}), HasSubstr("auto or a number"));
  EXPECT_THAT(check(Params{.dab_threshold = "0.3 "}), HasSubstr("auto or a number"));
  EXPECT_THAT(check(Params{.dab_threshold = "-1"}), HasSubstr("auto or a number"));
  EXPECT_THAT(check(Params{.min_area_um2 = 9, .max_area_um2 = 8}), HasSubstr("min_area_um2 (9)"));
  EXPECT_EQ(check(TileParams{}), "");
  EXPECT_THAT(check(TileParams{.matrix = "custom"}), HasSubstr("nine numbers"));
}

TEST(Phh3Candidates, PixelsThatDoNotMatchTheTileAreRefused) {
  const Drawing drawing(100, 100);
  Tile tile = drawing.tile({0, 0, 64, 64}, 0);
  tile.rgb.pop_back();

  EXPECT_THROW(find(tile, drawing.mask(), {}), DataError);
}

TEST(SpotTile, ComesBackAsItWas) {
  Drawing drawing(300, 160);
  drawing.disc(40, 60, 6);
  const auto tile = find(drawing.tile({0, 0, 256, 256}, 5), drawing.mask(), {});
  ASSERT_FALSE(tile.runs.empty());

  const auto back = Codec<SpotTile>::decode(Codec<SpotTile>::encode(tile));

  EXPECT_EQ(back.grid, tile.grid);
  EXPECT_EQ(back.keep_above, tile.keep_above);
  EXPECT_EQ(back.runs, tile.runs);
  EXPECT_EQ(back.amounts, tile.amounts);
  EXPECT_EQ(back.histogram, tile.histogram);
}

}  // namespace
}  // namespace mito::phh3_candidates
