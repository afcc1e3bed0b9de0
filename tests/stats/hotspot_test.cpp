#include "engine/stats/hotspot.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::stats {
namespace {

constexpr Grid kGrid{2, 2, 0.25, 4000, 3000};  // a slide of 0.125 um per level-0 pixel

DetectionSet at_grid(const Grid& grid, const std::vector<GridPosition>& points) {
  DetectionSet set{grid, {}, 0.97, 0};
  for (const auto& p : points) set.items.push_back({grid.to_level0(p.x, p.y), 0.99, 4});
  return set;
}

std::vector<GridPosition> random_points(std::size_t n, double width, double height) {
  RandomStream random(11, "points", 0);
  std::vector<GridPosition> points(n);
  for (auto& p : points) p = {random.uniform(0, width), random.uniform(0, height)};
  return points;
}

TEST(Hotspot, CountsAsTheDefinitionDoes) {
  const auto points = random_points(60, 500, 400);
  const double radius = 83.3;

  const auto counts = count_within(points, 500, 400, 25.7, radius);

  ASSERT_EQ(counts.columns, 20);
  ASSERT_EQ(counts.rows, 16);
  for (std::int64_t row = 0; row < counts.rows; ++row) {
    for (std::int64_t column = 0; column < counts.columns; ++column) {
      std::int32_t expected = 0;
      for (const auto& p : points) {
        const double dx = static_cast<double>(column) * 25.7 - p.x;
        const double dy = static_cast<double>(row) * 25.7 - p.y;
        if (dx * dx + dy * dy <= radius * radius) ++expected;
      }
      EXPECT_EQ(counts.at(column, row), expected) << column << "," << row;
    }
  }
}

TEST(Hotspot, TakesDetectionsOnTheCircle) {
  const auto counts = count_within(std::vector<GridPosition>{{50, 50}}, 101, 101, 10, 30);

  EXPECT_EQ(counts.at(2, 5), 1);
  EXPECT_EQ(counts.at(8, 5), 1);
  EXPECT_EQ(counts.at(5, 2), 1);
  EXPECT_EQ(counts.at(5, 8), 1);
  EXPECT_EQ(counts.at(3, 2), 0);
}

TEST(Hotspot, ReportsRadiusHighestCountAndItsFirstPosition) {
  const auto set = at_grid(kGrid, {{1000, 1000}, {1010, 1000}, {3000, 2500}});

  const auto found = find_hotspot(set, nullptr, {.area_mm2 = 0.01});

  EXPECT_NEAR(found.radius_um, 56.4189583547756, 1e-9);
  EXPECT_EQ(found.count_max, 2);
  // radius 225.7 px: the first of the 100-px positions in reach of both points
  EXPECT_EQ(found.center, kGrid.to_level0(1000, 800));
}

TEST(Hotspot, KnowsWhichDetectionsItCounts) {
  auto set = at_grid(kGrid, random_points(300, 4000, 3000));
  for (std::size_t i = 0; i < set.items.size(); i += 3) set.items[i].score = 0.5;
  DetectionSet likely = set;
  std::erase_if(likely.items, [](const Detection& d) { return d.score < 0.97; });

  const auto found = find_hotspot(likely, nullptr, {.area_mm2 = 0.05});

  EXPECT_EQ(std::ranges::count_if(
                set.items, [&](const auto& one) { return is_counted(found, set.grid, one); }),
            found.count_max);
}

TEST(Hotspot, IsDrawnAroundTheMiddleOfThePlacesThatHoldTheSame) {
  const HotspotParams params{.area_mm2 = 0.05};  // radius 504.6 px
  const auto one = at_grid(kGrid, {{2000, 1500}});
  const auto two = at_grid(kGrid, {{1700, 1500}, {2300, 1500}, {100, 100}});
  const auto corner = at_grid(kGrid, {{0, 0}});

  const auto at = [&](const DetectionSet& set) {
    return set.grid.from_level0(drawn_center(find_hotspot(set, nullptr, params), set));
  };

  EXPECT_NEAR(at(one).x, 2000, 1);
  EXPECT_NEAR(at(one).y, 1500, 1);
  EXPECT_NEAR(at(two).x, 2000, 1);
  EXPECT_NEAR(at(two).y, 1500, 1);
  // A quarter of a disc: 4 r / (3 pi) from its straight sides.
  EXPECT_NEAR(at(corner).x, 214.2, 3);
  EXPECT_NEAR(at(corner).y, 214.2, 3);
}

TEST(Hotspot, HoldsWhatItCountsAndNoMoreWhereItIsDrawn) {
  for (const std::size_t number : {1U, 2U, 5U, 20U, 100U, 400U}) {
    const auto set = at_grid(kGrid, random_points(number, 4000, 3000));
    const auto found = find_hotspot(set, nullptr, {.area_mm2 = 0.05});
    auto drawn = found;
    drawn.center = drawn_center(found, set);

    for (const auto& detection : set.items)
      EXPECT_EQ(is_counted(drawn, set.grid, detection), is_counted(found, set.grid, detection))
          << "of " << number;
  }
}

TEST(Hotspot, LeavesOutEmptyPositionsBackgroundOrNothing) {
  const auto set = at_grid(kGrid, {{1000, 1000}, {1010, 1000}, {3000, 2500}});
  TissueMask mask;
  mask.grid = {64, 64, 8, 125, 94};
  mask.tissue.assign(125 * 94, 0);
  for (std::size_t i = 0; i < 125 * 47; ++i) mask.tissue[i] = 1;  // upper half

  HotspotParams params{.area_mm2 = 0.01, .percentile = 50};
  const auto nonzero = find_hotspot(set, &mask, params);
  params.exclude = "none";
  const auto all = find_hotspot(set, &mask, params);
  params.exclude = "background";
  const auto tissue = find_hotspot(set, &mask, params);

  EXPECT_EQ(all.positions, 40 * 30);
  EXPECT_EQ(all.count_p95, 0);
  EXPECT_EQ(tissue.positions, 40 * 16);  // rows 0, 100, ..., 1500 lie above row 1504
  EXPECT_LT(nonzero.positions, 100);
  EXPECT_GE(nonzero.count_p95, 1);
  EXPECT_EQ(all.count_max, nonzero.count_max);
}

TEST(Hotspot, IsZeroWithoutDetections) {
  const auto found = find_hotspot(at_grid(kGrid, {}), nullptr, {});

  EXPECT_EQ(found.count_p95, 0);
  EXPECT_EQ(found.count_max, 0);
  EXPECT_EQ(found.positions, 0);
  EXPECT_NEAR(found.radius_um, 797.884560803, 1e-8);
}

TEST(Hotspot, NeedsTheMaskToLeaveOutBackground) {
  try {
    find_hotspot(at_grid(kGrid, {}), nullptr, {.exclude = "background"});
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("connect the input 'mask'"));
  }
}

TEST(Hotspot, NeverRisesWhenDetectionsAreTakenAway) {
  auto points = random_points(200, 4000, 3000);
  HotspotParams params{.area_mm2 = 0.05, .exclude = "none"};
  auto before = find_hotspot(at_grid(kGrid, points), nullptr, params);
  while (points.size() > 20) {
    points.resize(points.size() - 20);

    const auto after = find_hotspot(at_grid(kGrid, points), nullptr, params);

    EXPECT_LE(after.count_p95, before.count_p95);
    EXPECT_LE(after.count_max, before.count_max);
    before = after;
  }
}

TEST(Hotspot, DoesNotDependOnTheOrderOfDetections) {
  auto points = random_points(100, 4000, 3000);
  const auto forward = find_hotspot(at_grid(kGrid, points), nullptr, {.area_mm2 = 0.05});
  std::reverse(points.begin(), points.end());
  const auto backward = find_hotspot(at_grid(kGrid, points), nullptr, {.area_mm2 = 0.05});

  EXPECT_EQ(forward.count_p95, backward.count_p95);
  EXPECT_EQ(forward.center, backward.center);
}

TEST(Hotspot, InterpolatesThePercentile) {
  const GridCounts counts{10, 4, 1, {1, 2, 3, 10}};
  const auto all = [](std::int64_t, std::int64_t) { return true; };

  EXPECT_DOUBLE_EQ(hotspot_score(counts, 50, all).percentile, 2.5);
  EXPECT_DOUBLE_EQ(hotspot_score(counts, 95, all).percentile, 8.95);
  EXPECT_DOUBLE_EQ(hotspot_score(counts, 100, all).percentile, 10);
  EXPECT_DOUBLE_EQ(hotspot_score(counts, 0, all).percentile, 1);
}

TEST(Hotspot, CountsALargeSlideQuickly) {
  const Grid slide{1, 1, 0.25, 100000, 80000};
  const auto set = at_grid(slide, random_points(100000, 100000, 80000));
  const auto start = std::chrono::steady_clock::now();

  const auto found = find_hotspot(set, nullptr, {});

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(found.positions, 1000 * 800);
  EXPECT_LT(took.count(),
            10.0);  // some 0.2 s; adding to each position alone takes 320 million steps
}

}  // namespace
}  // namespace mito::stats
