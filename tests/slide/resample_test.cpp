#include "engine/slide/resample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::slide {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(Taps, GiveEverySourcePixelItsShareOfTheArea) {
  const Taps second = taps(1, 1.5);  // covers [1.5, 3)

  EXPECT_EQ(second.first, 1);
  EXPECT_THAT(second.weights, ElementsAre(DoubleNear(1.0 / 3, 1e-15), DoubleNear(2.0 / 3, 1e-15)));
}

TEST(Taps, CoverPixelsLeftOfTheOrigin) {
  const Taps before = taps(-1, 2);

  EXPECT_EQ(before.first, -2);
  EXPECT_THAT(before.weights, ElementsAre(0.5, 0.5));
}

TEST(Taps, InterpolateBetweenPixelCentresWhenTheGridIsFiner) {
  const Taps first = taps(0, 0.5);  // the centre lies at -0.25

  EXPECT_EQ(first.first, -1);
  EXPECT_THAT(first.weights, ElementsAre(0.25, 0.75));
}

TEST(Resample, AveragesBothAxesAndRoundsToNearest) {
  const std::vector<std::uint8_t> source{0, 0, 0, 1, 10, 100, 0, 0, 0, 1, 20, 200};
  std::vector<std::uint8_t> out(3);

  resample(source.data(), 2, 0, 0, taps(0, 1, 2), taps(0, 1, 2), out.data(), 3);

  EXPECT_THAT(out, ElementsAre(1, 8, 75));  // 0.5, 7.5, 75
}

}  // namespace
}  // namespace mito::slide
