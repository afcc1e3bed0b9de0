#include "nodes/detector/he_candidates/he_candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "nodes/detector/candidates/candidate_key.h"

namespace mito::he_candidates {
namespace {

/// A slide of 0.25 um/px held in memory, with a mask of 8 x 8 px pixels.
struct Scene {
  Grid grid;
  std::vector<std::uint8_t> rgb;
  TissueMask mask;

  Scene(std::int64_t width, std::int64_t height, std::uint8_t level)
      : grid{1, 1, 0.25, width, height}, rgb(static_cast<std::size_t>(3 * width * height), level) {
    mask.grid = {8, 8, 2, (width + 7) / 8, (height + 7) / 8};
    mask.tissue.assign(static_cast<std::size_t>(mask.grid.width * mask.grid.height), 1);
  }
  std::uint8_t* at(std::int64_t x, std::int64_t y) {
    return &rgb[static_cast<std::size_t>(3 * (y * grid.width + x))];
  }
  void set(std::int64_t x, std::int64_t y, std::uint8_t level) { std::fill_n(at(x, y), 3, level); }

  std::vector<std::uint8_t> read(const Rect& area) const {
    std::vector<std::uint8_t> out(static_cast<std::size_t>(3 * area.width * area.height), 255);
    for (std::int64_t y = 0; y < area.height; ++y) {
      for (std::int64_t x = 0; x < area.width; ++x) {
        if (!grid.bounds().contains(area.x + x, area.y + y)) continue;
        const auto from = 3 * ((area.y + y) * grid.width + area.x + x);
        std::copy_n(&rgb[static_cast<std::size_t>(from)], 3,
                    &out[static_cast<std::size_t>(3 * (y * area.width + x))]);
      }
    }
    return out;
  }
  Tile tile(const Rect& core, std::int64_t halo) const {
    return {grid, core, halo, read(core.grown(halo))};
  }
};

/// Smooth noise with `levels` grey values: few levels make large plateaus of equal intensity.
Scene random_scene(std::uint64_t seed, std::int64_t width, std::int64_t height, int levels) {
  Scene scene(width, height, 255);
  RandomStream random(seed, "scene", 0);
  std::vector<std::array<double, 4>> waves(8);
  for (auto& wave : waves)
    wave = {random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4), random.uniform(0, 6.3),
            random.uniform(0.3, 1)};
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      double sum = 0;
      for (const auto& w : waves)
        sum +=
            w[3] * std::sin(w[0] * static_cast<double>(x) + w[1] * static_cast<double>(y) + w[2]);
      const double unit = std::clamp(0.5 + sum / 8, 0.0, 0.999);
      scene.set(x, y, static_cast<std::uint8_t>(std::floor(unit * levels) * 250 / levels));
    }
  }
  for (auto& pixel : scene.mask.tissue) pixel = random.uniform() < 0.85 ? 1 : 0;
  return scene;
}

std::vector<Spot> eligible_pixels(const Scene& scene, double max_intensity) {
  std::vector<Spot> out;
  for (std::int64_t y = 0; y < scene.grid.height; ++y) {
    for (std::int64_t x = 0; x < scene.grid.width; ++x) {
      const auto* p = &scene.rgb[static_cast<std::size_t>(3 * (y * scene.grid.width + x))];
      const int v = p[0] + p[1] + p[2];
      if (v <= max_intensity * 765 && scene.mask.covers(scene.grid, x, y)) out.push_back({x, y, v});
    }
  }
  return out;
}

/// Method 5.1 word by word.
std::vector<Spot> one_after_the_other(const Scene& scene,
                                      double diameter_px,
                                      double max_intensity) {
  auto eligible = eligible_pixels(scene, max_intensity);
  std::sort(eligible.begin(), eligible.end(), [](const Spot& a, const Spot& b) {
    return image::CandidateKey::of(a.intensity, a.x, a.y) <
           image::CandidateKey::of(b.intensity, b.x, b.y);
  });
  std::vector<Spot> out;
  for (const auto& spot : eligible) {
    const bool near = std::any_of(out.begin(), out.end(), [&](const Spot& other) {
      return std::hypot(static_cast<double>(spot.x - other.x),
                        static_cast<double>(spot.y - other.y)) <= diameter_px / 2;
    });
    if (!near) out.push_back(spot);
  }
  return out;
}

/// Candidates of all tiles of `size`, in key order.
std::vector<Spot> tile_by_tile(const Scene& scene,
                               std::int64_t size,
                               std::int64_t halo,
                               const Params& params) {
  std::vector<Spot> out;
  for (std::int64_t y = 0; y < scene.grid.height; y += size) {
    for (std::int64_t x = 0; x < scene.grid.width; x += size) {
      const auto found = detect(
          scene.tile({x, y, size, size}, halo), scene.mask,
          [&](const Rect& area) { return scene.read(area); }, params);
      for (const auto& c : found)
        out.push_back({c.grid_x, c.grid_y, static_cast<int>(std::lround(c.intensity * 765.0F))});
    }
  }
  std::sort(out.begin(), out.end(), [](const Spot& a, const Spot& b) {
    return image::CandidateKey::of(a.intensity, a.x, a.y) <
           image::CandidateKey::of(b.intensity, b.x, b.y);
  });
  return out;
}

TEST(HeCandidates, FindsOneCandidatePerDarkSpotDarkestFirst) {
  Scene scene(64, 64, 230);
  scene.set(15, 15, 60);
  scene.set(16, 15, 70);
  scene.set(45, 40, 30);

  const auto found =
      detect(scene.tile({0, 0, 64, 64}, 0), scene.mask,
             [](const Rect&) { return std::vector<std::uint8_t>(); }, {.diameter_um = 5});

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].center, (PointL0{45, 40}));
  EXPECT_FLOAT_EQ(found[0].intensity, 90.0F / 765.0F);
  EXPECT_EQ(found[1].center, (PointL0{15, 15}));
}

TEST(HeCandidates, SuppressesUpToHalfTheDiameterInclusive) {
  Scene scene(64, 8, 255);
  scene.set(10, 4, 10);
  scene.set(20, 4, 20);  // 10 px away: suppressed
  scene.set(31, 4, 30);  // 21 px from the first
  scene.set(42, 4, 40);  // 11 px from the one before

  const auto spots = find_all(scene.rgb, scene.grid.bounds(), {}, 20, 0.6);

  EXPECT_THAT(spots, testing::ElementsAre(Spot{10, 4, 30}, Spot{31, 4, 90}, Spot{42, 4, 120}));
}

TEST(HeCandidates, TakesPixelsExactlyAsDarkAsTheThreshold) {
  Scene scene(3, 1, 255);
  scene.set(0, 0, 153);  // 459 = 0.6 * 765
  scene.set(2, 0, 154);

  const auto spots = find_all(scene.rgb, scene.grid.bounds(), {}, 1, 0.6);

  EXPECT_THAT(spots, testing::ElementsAre(Spot{0, 0, 459}));
}

TEST(HeCandidates, LooksOnTissueOnly) {
  Scene scene(32, 8, 100);
  scene.mask.tissue = {0, 1, 0, 0};

  const auto spots = tile_by_tile(scene, 32, 0, {.diameter_um = 1});

  ASSERT_FALSE(spots.empty());
  for (const auto& spot : spots) EXPECT_TRUE(spot.x >= 8 && spot.x < 16) << spot.x;
}

TEST(HeCandidates, MatchesTheSequentialDefinitionForEveryTilingAndHalo) {
  for (const int levels : {250, 5}) {
    const Scene scene = random_scene(7, 230, 190, levels);
    const auto expected = one_after_the_other(scene, 20, 0.6);
    ASSERT_GT(expected.size(), 50U);

    for (const std::int64_t size : {48, 101, 256}) {
      for (const std::int64_t halo : {0, 13, 80}) {
        EXPECT_EQ(tile_by_tile(scene, size, halo, {.diameter_um = 5}), expected)
            << levels << " levels, tiles of " << size << ", halo " << halo;
      }
    }
  }
}

TEST(HeCandidates, TilesPlateausOfOneIntensityTheSameWay) {
  const Scene scene(160, 120, 100);
  const auto expected = one_after_the_other(scene, 20, 0.6);

  EXPECT_EQ(tile_by_tile(scene, 32, 8, {.diameter_um = 5}), expected);
  EXPECT_EQ(tile_by_tile(scene, 53, 0, {.diameter_um = 5}), expected);
}

TEST(HeCandidates, ReadsMoreOnlyWhereTheHaloCannotDecide) {
  Scene scene(200, 50, 255);
  scene.set(100, 25, 10);
  int reads = 0;
  const auto count = [&](const Rect& area) {
    ++reads;
    return scene.read(area);
  };

  const auto inner = detect(scene.tile({90, 0, 20, 50}, 20), scene.mask, count, {.diameter_um = 5});
  EXPECT_EQ(reads, 0);
  const auto edge = detect(scene.tile({90, 0, 12, 50}, 0), scene.mask, count, {.diameter_um = 5});
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(inner, edge);
}

TEST(HeCandidates, FollowsAChainOfDarkerNeighboursBeyondManyHalos) {
  // Each pixel is a candidate unless the next one to the right, which is darker, is one.
  Scene scene(1800, 3, 255);
  for (int k = 0; k < 150; ++k) scene.set(1795 - 11 * k, 1, static_cast<std::uint8_t>(k));
  const auto expected = one_after_the_other(scene, 22, 0.6);

  ASSERT_EQ(expected.size(), 75U);
  EXPECT_EQ(tile_by_tile(scene, 40, 0, {.diameter_um = 5.5}), expected);
}

TEST(HeCandidates, LeavesNoEligiblePixelUncoveredAndNoTwoTooClose) {
  const Scene scene = random_scene(3, 150, 150, 40);
  const auto spots = tile_by_tile(scene, 64, 0, {.diameter_um = 4});
  const auto distance = [](const Spot& a, const Spot& b) {
    return std::hypot(static_cast<double>(a.x - b.x), static_cast<double>(a.y - b.y));
  };

  for (std::size_t i = 0; i < spots.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) EXPECT_GT(distance(spots[i], spots[k]), 8);
  }
  for (const auto& pixel : eligible_pixels(scene, 0.6)) {
    EXPECT_TRUE(std::any_of(spots.begin(), spots.end(),
                            [&](const Spot& spot) { return distance(spot, pixel) <= 8; }))
        << pixel.x << "," << pixel.y;
  }
}

TEST(HeCandidates, FindsNothingOnWhiteOrOffTissue) {
  Scene white(64, 64, 255);
  Scene off_tissue(64, 64, 80);
  std::fill(off_tissue.mask.tissue.begin(), off_tissue.mask.tissue.end(), std::uint8_t{0});

  EXPECT_TRUE(tile_by_tile(white, 32, 0, {}).empty());
  EXPECT_TRUE(tile_by_tile(off_tissue, 32, 0, {}).empty());
}

TEST(HeCandidates, DoesNotTakeTheOutsideOfTheSlideForTissue) {
  const Scene scene(20, 20, 255);  // the core reaches 12 px beyond the slide

  const auto spots = tile_by_tile(scene, 32, 16, {.diameter_um = 2, .max_intensity = 1.0});

  ASSERT_FALSE(spots.empty());
  for (const auto& spot : spots) EXPECT_TRUE(scene.grid.bounds().contains(spot.x, spot.y));
}

TEST(HeCandidates, RefusesABufferOfTheWrongSize) {
  Scene scene(16, 16, 255);
  Tile tile = scene.tile({0, 0, 16, 16}, 4);
  tile.rgb.pop_back();

  EXPECT_THROW(detect(tile, scene.mask, {}, {}), DataError);
  EXPECT_THROW(find_all(tile.rgb, {0, 0, 16, 16}, {}, 10, 0.6), DataError);
}

}  // namespace
}  // namespace mito::he_candidates
