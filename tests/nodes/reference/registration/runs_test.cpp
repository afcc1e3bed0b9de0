#include "nodes/reference/registration/runs.h"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "engine/core/random.h"
#include "engine/image/components.h"
#include "engine/image/morphology.h"

namespace mito::image {
namespace {

/// A random image: pixels set with probability `share`, in blocks so that shapes form.
Gray random_mask(std::uint64_t index, double share) {
  RandomStream random(7, "runs_test", index);
  Gray mask{23, 19, std::vector<std::uint8_t>(23 * 19)};
  for (auto& v : mask.pixels) v = random.uniform() < share ? 1 : 0;
  return mask;
}

Runs runs_of(const Gray& mask) {
  Runs out;
  for (std::int64_t y = 0; y < mask.height; ++y)
    for (std::int64_t x = 0; x < mask.width; ++x)
      if (mask.pixels[static_cast<std::size_t>(y * mask.width + x)] != 0)
        out.push_back({y, x, x + 1});
  return normalised(out);
}

Gray drawn(const Runs& runs, std::int64_t width, std::int64_t height, std::int64_t margin = 0) {
  const auto w = width + 2 * margin;
  const auto h = height + 2 * margin;
  Gray out{w, h, std::vector<std::uint8_t>(static_cast<std::size_t>(w * h))};
  for (const Run& run : runs) {
    for (auto x = run.x0; x < run.x1; ++x)
      out.pixels.at(static_cast<std::size_t>((run.y + margin) * w + x + margin)) = 1;
  }
  return out;
}

constexpr double kShares[] = {0.05, 0.3, 0.5, 0.6, 0.8};

TEST(Runs, JoinWhatOverlapsOrTouchesAndSortTheRest) {
  const Runs runs = normalised({{2, 4, 6}, {1, 5, 9}, {2, 0, 2}, {1, 3, 5}, {2, 1, 3}, {0, 7, 7}});

  EXPECT_EQ(runs, (Runs{{1, 3, 9}, {2, 0, 3}, {2, 4, 6}}));
}

TEST(Runs, LabelsAreThoseOfTheImage) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Gray mask = random_mask(i, kShares[i % 5]);
    const Runs runs = runs_of(mask);

    const auto found = label_runs(runs);

    const auto expected = label_components(mask.pixels, mask.width, mask.height, 8);
    ASSERT_EQ(found.count, static_cast<std::int32_t>(expected.items.size()));
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const auto pixel = static_cast<std::size_t>(runs[r].y * mask.width + runs[r].x0);
      ASSERT_EQ(found.labels[r] + 1, expected.labels[pixel]) << "mask " << i;
    }
  }
}

TEST(Runs, HolesAreTheBackgroundThatDoesNotReachTheBorder) {
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Gray mask = random_mask(i, kShares[i % 5]);
    const Runs runs = runs_of(mask);

    const Gray filled = drawn(fill_holes(runs), mask.width, mask.height, 1);

    const Gray padded = drawn(runs, mask.width, mask.height, 1);
    std::vector<std::uint8_t> background;
    for (const auto v : padded.pixels) background.push_back(v == 0 ? 1 : 0);
    const auto parts = label_components(background, padded.width, padded.height, 4);
    for (std::size_t p = 0; p < background.size(); ++p)
      ASSERT_EQ(filled.pixels[p] == 0, parts.labels[p] == 1) << "mask " << i << " pixel " << p;
  }
}

TEST(Runs, AHoleInsideARingInsideAHoleIsFilledToo) {
  const Runs rings = normalised({{0, 0, 7},
                                 {1, 0, 1},
                                 {1, 6, 7},
                                 {2, 0, 1},
                                 {2, 2, 5},
                                 {2, 6, 7},
                                 {3, 0, 1},
                                 {3, 2, 3},
                                 {3, 4, 5},
                                 {3, 6, 7},
                                 {4, 0, 1},
                                 {4, 2, 5},
                                 {4, 6, 7},
                                 {5, 0, 1},
                                 {5, 6, 7},
                                 {6, 0, 7}});

  EXPECT_EQ(fill_holes(rings),
            (Runs{{0, 0, 7}, {1, 0, 7}, {2, 0, 7}, {3, 0, 7}, {4, 0, 7}, {5, 0, 7}, {6, 0, 7}}));
}

TEST(Runs, ARingClosedByCornersHoldsAHole) {
  EXPECT_EQ(fill_holes({{0, 1, 2}, {1, 0, 1}, {1, 2, 3}, {2, 1, 2}}),
            (Runs{{0, 1, 2}, {1, 0, 3}, {2, 1, 2}}));
}

TEST(Runs, ClosingIsThatOfTheImageFarFromItsBorder) {
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Gray mask = random_mask(i, kShares[i % 5] / 4);
    const Runs runs = runs_of(mask);
    for (const double radius : {0.5, 1.0, 1.5, 2.0, 3.7}) {
      const Gray closed = drawn(close_disc(runs, radius), mask.width, mask.height, 12);

      const Gray expected = close_disc(drawn(runs, mask.width, mask.height, 12), radius);
      ASSERT_EQ(closed.pixels, expected.pixels) << "mask " << i << " radius " << radius;
    }
  }
}

TEST(Runs, ClosingJoinsWhatLiesApartInOtherRows) {
  const Runs closed = close_disc(Runs{{0, 0, 1}, {2, 0, 1}, {90, 0, 1}}, 1.5);

  EXPECT_EQ(closed, (Runs{{0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {90, 0, 1}}));
}

TEST(Runs, NothingStaysNothing) {
  EXPECT_TRUE(normalised({}).empty());
  EXPECT_TRUE(close_disc(Runs{}, 3).empty());
  EXPECT_TRUE(fill_holes({}).empty());
  EXPECT_EQ(label_runs({}).count, 0);
}

TEST(Runs, NegativeRadiusIsRefused) {
  EXPECT_THROW(close_disc(Runs{{0, 0, 1}}, -1), std::invalid_argument);
}

TEST(DisjointSets, KeepTheSmallestMemberAsRoot) {
  DisjointSets sets(6);
  sets.join(5, 3);
  sets.join(3, 4);
  sets.join(2, 4);

  EXPECT_EQ(sets.root(5), 2U);
  EXPECT_EQ(sets.root(0), 0U);
}

}  // namespace
}  // namespace mito::image
