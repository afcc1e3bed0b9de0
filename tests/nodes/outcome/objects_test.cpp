#include "nodes/outcome/objects/objects.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::objects {
namespace {

using testing::ElementsAre;

constexpr Grid kGrid{2, 2, 0.25, 1024, 768};

/// A map of the whole slide with patches of high probability.
std::vector<float> random_map(std::int64_t columns, std::int64_t rows) {
  RandomStream random(5, "map", 0);
  std::vector<float> map(static_cast<std::size_t>(columns * rows));
  for (auto& p : map)
    p = static_cast<float>(random.uniform() * (random.uniform() < 0.5 ? 1.0 : 0.7));
  return map;
}

/// The part of `map` (4 px per output) that a tile of `core` holds.
ProbabilityTile cut(const std::vector<float>& map, std::int64_t columns, const Rect& core) {
  ProbabilityTile tile{kGrid, core, {}, {}};
  for (std::int64_t i = 0; i < tile.rows(); ++i) {
    for (std::int64_t j = 0; j < tile.columns(); ++j) {
      const auto x = core.x / 4 + j;
      const auto y = core.y / 4 + i;
      const bool inside = x < columns && y * columns < static_cast<std::int64_t>(map.size());
      tile.probability.push_back(inside ? map[static_cast<std::size_t>(y * columns + x)] : 0.0F);
    }
  }
  return tile;
}

DetectionSet by_tiles(const std::vector<float>& map,
                      std::int64_t columns,
                      std::int64_t size,
                      bool reversed,
                      const Params& params) {
  std::vector<ProbabilityTile> tiles;
  for (std::int64_t y = 0; y < kGrid.height; y += size) {
    for (std::int64_t x = 0; x < kGrid.width; x += size)
      tiles.push_back(cut(map, columns, {x, y, size, size}));
  }
  if (reversed) std::reverse(tiles.begin(), tiles.end());
  Collected collected;
  for (const auto& tile : tiles) collected.add(tile, params.binarise.value_or(kPaperBinarise));
  return detections(std::move(collected), kGrid, params);
}

TEST(Objects, ConnectsDiagonalNeighboursAndWeightsTheCentre) {
  const auto found = connect({{4, 4, 0.9}, {8, 8, 0.8}, {24, 0, 0.85}}, 4, Position::Centroid);

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (Object{24, 0, 0.85, 1}));  // raster order of the first output
  EXPECT_EQ(found[1].pixels, 2);
  EXPECT_EQ(found[1].score, 0.9);
  EXPECT_NEAR(found[1].x, (0.9 * 4 + 0.8 * 8) / 1.7, 1e-12);
}

TEST(Objects, JoinsBranchesThatMeetBelow) {
  // # . #
  // # . #
  // . # .
  const auto found = connect({{0, 0, 0.9}, {8, 0, 0.9}, {0, 4, 0.9}, {8, 4, 0.9}, {4, 8, 0.9}}, 4,
                             Position::Argmax);

  EXPECT_THAT(found, ElementsAre(Object{0, 0, 0.9, 5}));
}

TEST(Objects, TakesTheFirstOfEqualHighestOutputs) {
  const auto found =
      connect({{4, 4, 0.9}, {8, 0, 0.95}, {0, 8, 0.95}, {12, 4, 0.9}}, 4, Position::Argmax);

  EXPECT_THAT(found, ElementsAre(Object{8, 0, 0.95, 4}));
}

TEST(Objects, ArePeaksWhereEverythingRunsTogether) {
  // Two hills 160 px apart that meet at 0.1, and a plateau of 0.6.
  const std::int64_t columns = 256;
  std::vector<float> map(static_cast<std::size_t>(columns * 192), 0.1F);
  map[50 * 256 + 50] = 0.9F;
  map[50 * 256 + 51] = 0.5F;
  map[50 * 256 + 90] = 0.7F;
  map[120 * 256 + 90] = map[120 * 256 + 91] = 0.6F;
  Collected connected;
  Collected peaks;
  connected.add(cut(map, columns, {0, 0, 1024, 768}), 0.05);
  peaks.add_peaks(cut(map, columns, {0, 0, 1024, 768}), 0.2);

  EXPECT_EQ(detections(connected, kGrid, {.binarise = 0.05, .min_probability = 0.05}).items.size(),
            1U);
  const auto found = detections(peaks, kGrid, {.binarise = 0.2, .min_probability = 0.2});
  ASSERT_EQ(found.items.size(), 3U);
  EXPECT_FLOAT_EQ(static_cast<float>(found.items[0].score), 0.9F);
  EXPECT_EQ(found.items[0].center, kGrid.to_level0(200, 200));
  EXPECT_EQ(found.items[1].center, kGrid.to_level0(360, 200));
  EXPECT_EQ(found.items[2].center, kGrid.to_level0(360, 480)) << "the first of equal ones";
}

TEST(Objects, KeepsNeighboursExactlyAtTheDistance) {
  const auto kept = suppress({{0, 0, 0.9, 1}, {100, 0, 0.8, 1}, {199.9, 0, 0.7, 1}}, 100);

  EXPECT_THAT(kept, ElementsAre(Object{0, 0, 0.9, 1}, Object{100, 0, 0.8, 1}));
}

TEST(Objects, SuppressesByKeptObjectsOnly) {
  const auto kept = suppress({{0, 0, 0.9, 1}, {80, 0, 0.8, 1}, {160, 0, 0.7, 1}}, 100);

  EXPECT_THAT(kept, ElementsAre(Object{0, 0, 0.9, 1}, Object{160, 0, 0.7, 1}));
}

TEST(Objects, BreaksTiesOfTheScoreByRowThenColumn) {
  const auto kept = suppress({{9, 5, 0.9, 1}, {0, 8, 0.9, 1}, {3, 5, 0.9, 1}}, 1);

  EXPECT_THAT(kept, ElementsAre(Object{3, 5, 0.9, 1}, Object{9, 5, 0.9, 1}, Object{0, 8, 0.9, 1}));
}

TEST(Objects, DoNotDependOnTheTilesOrTheirOrder) {
  const auto map = random_map(256, 192);
  for (const auto* position : {"centroid", "argmax"}) {
    const Params params{.min_distance_um = 6, .position = position};
    const auto whole = by_tiles(map, 256, 1024, false, params);
    ASSERT_GT(whole.items.size(), 100U);

    for (const std::int64_t size : {64, 100, 256}) {
      for (const bool reversed : {false, true}) {
        const auto tiled = by_tiles(map, 256, size, reversed, params);
        EXPECT_EQ(tiled.items, whole.items) << "tiles of " << size;
        EXPECT_EQ(tiled.objects, whole.objects);
      }
    }
  }
}

TEST(Objects, KeepTheirDistanceAndExplainWhatWasDropped) {
  std::vector<Object> all;
  RandomStream random(2, "objects", 0);
  for (int k = 0; k < 300; ++k)
    all.push_back({random.uniform(0, 900), random.uniform(0, 900), random.uniform(0.8, 1), 1});
  const auto distance = [](const Object& a, const Object& b) {
    return std::hypot(a.x - b.x, a.y - b.y);
  };

  const auto kept = suppress(all, 60);

  for (const auto& object : all) {
    const auto close = std::count_if(kept.begin(), kept.end(), [&](const Object& other) {
      return distance(object, other) < 60 && other.score > object.score;
    });
    const bool is_kept = std::find(kept.begin(), kept.end(), object) != kept.end();
    EXPECT_EQ(close == 0, is_kept);
  }
}

TEST(Objects, ThresholdBeforeOrAfterSuppressionIsTheSame) {
  const auto map = random_map(256, 192);
  const Params params{.min_probability = 0.95};
  const Params no_threshold{.min_probability = 0};
  const auto after = by_tiles(map, 256, 256, false, params);

  auto before = by_tiles(map, 256, 256, false, no_threshold);
  std::erase_if(before.items, [](const Detection& d) { return d.score < 0.95; });

  EXPECT_EQ(after.items, before.items);
}

TEST(Objects, RaisingTheThresholdNeverAddsADetection) {
  const auto map = random_map(256, 192);
  auto lower = by_tiles(map, 256, 256, false, {.min_probability = 0.8});
  for (const double delta : {0.9, 0.95, 0.97, 0.999}) {
    const auto higher = by_tiles(map, 256, 256, false, {.min_probability = delta});

    EXPECT_LE(higher.items.size(), lower.items.size());
    for (const auto& item : higher.items) EXPECT_THAT(lower.items, testing::Contains(item));
    lower = higher;
  }
}

TEST(Objects, AreReportedInLevel0Pixels) {
  Collected collected;
  collected.add({kGrid, {100, 200, 4, 4}, {0.99F}, {}}, 0.8);

  const auto found = detections(std::move(collected), kGrid, {});

  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].center, (PointL0{200.5, 400.5}));  // (p + 0.5) * 2 - 0.5
  EXPECT_EQ(found.grid, kGrid);
  EXPECT_EQ(found.min_probability, 0.919);
}

TEST(Objects, AModelSaysWhatNobodyElseSaid) {
  const auto high = for_model({}, 0.9);
  EXPECT_EQ(high.min_probability, 0.9);
  EXPECT_EQ(high.binarise, 0.8);

  const auto low = for_model({}, 0.6);
  EXPECT_EQ(low.min_probability, 0.6);
  EXPECT_EQ(low.binarise, 0.6);

  const auto told = for_model({.binarise = 0.7, .min_probability = 0.75}, 0.6);
  EXPECT_EQ(told.min_probability, 0.75);
  EXPECT_EQ(told.binarise, 0.7);
}

TEST(Objects, SayFromWhichScoreOnTheyAreComplete) {
  Collected collected;
  collected.add({kGrid, {0, 0, 4, 4}, {0.7F}, {}}, 0.8);

  const auto found = detections(std::move(collected), kGrid, {.min_probability = 0});

  EXPECT_EQ(found.min_probability, 0.8);  // below `binarise` there are none
}

TEST(Objects, LeaveEvaluatedPointsAlone) {
  ProbabilityTile tile{kGrid, {0, 0, 256, 256}, {}, {}};
  tile.points = {{10, 10, 0.95F}, {11, 10, 0.99F}, {200, 200, 0.7F}, {250, 250, 0.93F}};
  Collected collected;
  collected.add(tile, 0.8);

  const auto found = detections(std::move(collected), kGrid, {});

  EXPECT_EQ(found.objects, 3);  // 0.7 is not one, and the neighbours are not joined
  ASSERT_EQ(found.items.size(), 2U);
  EXPECT_EQ(found.items[0].pixels, 1);
  EXPECT_EQ(found.items[0].center, kGrid.to_level0(11, 10));
}

TEST(Objects, FindNothingInNothing) {
  Collected collected;
  collected.add({kGrid, {0, 0, 8, 8}, std::vector<float>(4, 0.0F), {}}, 0);

  const auto found = detections(std::move(collected), kGrid, {.binarise = 0, .min_probability = 0});

  EXPECT_TRUE(found.items.empty());
  EXPECT_EQ(found.objects, 0);
}

TEST(Objects, RefuseAMapOfTheWrongSize) {
  Collected collected;

  EXPECT_THROW(collected.add({kGrid, {0, 0, 8, 8}, {0.9F, 0.9F}, {}}, 0.8), DataError);
}

}  // namespace
}  // namespace mito::objects
