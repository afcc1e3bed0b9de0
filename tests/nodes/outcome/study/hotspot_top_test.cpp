#include "nodes/outcome/study/hotspot_top.h"

#include <gtest/gtest.h>

namespace mito::stats {
namespace {

/// Three clusters of 5, 4 and 3 detections on a line, at x = 100, 130 and 300.
GridCounts clusters() {
  std::vector<GridPosition> detections;
  for (const auto& [x, n] : {std::pair{100, 5}, std::pair{130, 4}, std::pair{300, 3}})
    for (int i = 0; i < n; ++i) detections.push_back({static_cast<double>(x), 100});
  return count_within(detections, 400, 200, 10, 20);
}

TEST(TopPlaces, AreTheDensestWhoseCirclesDoNotOverlap) {
  const auto places = top_places(clusters(), 20, 5);

  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].count, 9) << "a circle that holds the two nearer clusters";
  EXPECT_EQ(places[1].count, 3);
  EXPECT_GE(places[1].column * 10 - places[0].column * 10, 40);
}

TEST(TopPlaces, TiesGoToTheFirstRowThenColumn) {
  const auto places = top_places(clusters(), 20, 2);

  EXPECT_EQ(places[1].row, 8);
  EXPECT_EQ(places[1].column, 30);
}

TEST(TopPlaces, AreAsManyAsAreAskedFor) {
  EXPECT_EQ(top_places(clusters(), 20, 1).size(), 1U);
  EXPECT_TRUE(top_places(count_within({}, 400, 200, 10, 20), 20, 3).empty());
}

}  // namespace
}  // namespace mito::stats
