#include "tools/diff/detections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito::diff {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr PixelSize kPixel{0.5, 0.25};

std::vector<Change> changes(const std::vector<DetectionChange>& all) {
  std::vector<Change> out;
  for (const auto& one : all) out.push_back(one.change);
  return out;
}

TEST(CompareDetections, ClassifiesEachByPlaceAndScore) {
  const std::vector<Found> a{
      {{0, 0}, 0.9}, {{100, 100}, 0.9}, {{200, 200}, 0.9}, {{300, 300}, 0.9}};
  const std::vector<Found> b{
      {{0, 0}, 0.905}, {{100, 105}, 0.9}, {{200, 200}, 0.95}, {{400, 400}, 0.9}};

  const auto found = compare_detections(a, b, kPixel, {});

  EXPECT_THAT(changes(found), ElementsAre(Change::Kept, Change::Moved, Change::ChangedScore,
                                          Change::Vanished, Change::Appeared));
  EXPECT_DOUBLE_EQ(found[1].distance_um, 1.25);
  EXPECT_EQ(found[1].shown().at, (PointL0{100, 105}));
  EXPECT_EQ(found[3].shown().at, (PointL0{300, 300}));
  EXPECT_FALSE(found[3].b.has_value());
}

TEST(CompareDetections, MeasuresInMicronsOnBothAxes) {
  // 12 px are 6 um to the side, 3 um down.
  EXPECT_EQ(changes(compare_detections({{{0, 0}, 1}}, {{{12, 0}, 1}}, kPixel, {.radius_um = 5})),
            (std::vector{Change::Vanished, Change::Appeared}));
  EXPECT_EQ(changes(compare_detections({{{0, 0}, 1}}, {{{0, 12}, 1}}, kPixel, {.radius_um = 5})),
            std::vector{Change::Moved});
}

TEST(CompareDetections, LimitsAreThoseThatAreGiven) {
  const std::vector<Found> a{{{0, 0}, 0.5}};
  const std::vector<Found> b{{{4, 0}, 0.75}};  // 2 um away

  EXPECT_EQ(changes(compare_detections(a, b, kPixel, {.moved_um = 2, .score = 0.5})),
            std::vector{Change::Kept});
  EXPECT_EQ(changes(compare_detections(a, b, kPixel, {.moved_um = 2, .score = 0.25})),
            std::vector{Change::ChangedScore});
  EXPECT_EQ(changes(compare_detections(a, b, kPixel, {.moved_um = 1.9})),
            std::vector{Change::Moved});
  EXPECT_EQ(changes(compare_detections(a, b, kPixel, {.radius_um = 1.9})),
            (std::vector{Change::Vanished, Change::Appeared}));
}

TEST(CompareDetections, NoScoreDifferenceIsNeverAChange) {
  EXPECT_EQ(changes(compare_detections({{{0, 0}, 0.5}}, {{{0, 0}, 0.5}}, kPixel, {.score = 0})),
            std::vector{Change::Kept});
}

TEST(CompareDetections, PairsOneToOneAndDoesNotDependOnTheOrder) {
  const std::vector<Found> a{{{0, 0}, 0.9}, {{8, 0}, 0.8}};
  const std::vector<Found> b{{{6, 0}, 0.9}, {{12, 0}, 0.8}, {{9, 0}, 0.7}};
  const auto once = compare_detections(a, b, kPixel, {.radius_um = 5});

  const auto again = compare_detections({a[1], a[0]}, {b[2], b[0], b[1]}, kPixel, {.radius_um = 5});

  ASSERT_EQ(once.size(), 3U);
  EXPECT_EQ(changes(once), changes(again));
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].shown().at, again[i].shown().at);
}

TEST(CompareDetections, ABadRadiusIsRefused) {
  EXPECT_THAT(test::problem([] { compare_detections({}, {}, kPixel, {.radius_um = 0}); }),
              HasSubstr("radius must be positive"));
}

}  // namespace
}  // namespace mito::diff
