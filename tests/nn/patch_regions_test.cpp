#include "engine/nn/patch_regions.h"

#include <set>

#include <gtest/gtest.h>

#include "engine/core/random.h"

namespace mito::nn {
namespace {

TEST(PatchRegions, HoldEveryPointOnceWithItsWholePatch) {
  RandomStream random(5, "spots", 0);
  std::vector<GridPoint> points;
  for (int i = 0; i < 300; ++i)
    points.push_back({static_cast<std::int32_t>(random.below(3000)),
                      static_cast<std::int32_t>(random.below(3000))});

  std::set<std::size_t> seen;
  for (const auto& region : patch_regions(points)) {
    EXPECT_LE(region.area.width, 611);
    EXPECT_LE(region.area.height, 611);
    for (const auto i : region.points) {
      EXPECT_TRUE(seen.insert(i).second) << i;
      EXPECT_TRUE(region.area.contains(points[i].x - 50, points[i].y - 50) &&
                  region.area.contains(points[i].x + 49, points[i].y + 49))
          << i;
    }
  }
  EXPECT_EQ(seen.size(), 300U);
}

TEST(PatchRegions, ReadNeighboursTogetherAndDistantPointsApart) {
  const std::vector<GridPoint> near{{100, 100}, {140, 130}, {210, 120}};
  const std::vector<GridPoint> far{{5, 5}, {505, 505}};

  const auto together = patch_regions(near);
  const auto apart = patch_regions(far);

  ASSERT_EQ(together.size(), 1U);
  EXPECT_EQ(together[0].area, (Rect{50, 50, 210, 130}));
  ASSERT_EQ(apart.size(), 2U);
  EXPECT_EQ(apart[1].area, (Rect{455, 455, 100, 100}));
}

}  // namespace
}  // namespace mito::nn
