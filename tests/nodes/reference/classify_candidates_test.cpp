#include "nodes/reference/classify_candidates/classify_candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/nn/dense.h"
#include "tests/nn/fake_network.h"

namespace mito::classify_candidates {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kSide = 3000;
// The slide has 0.125 um/px, so level-0 positions are twice those of the analysis grid.
const Grid kAnalysis{2, 2, 0.25, kSide, kSide};

/// Grey level of an analysis pixel: all the network of these tests looks at.
std::uint8_t grey(std::int64_t x, std::int64_t y) {
  return static_cast<std::uint8_t>((37 * x + 11 * y) % 251);
}

std::vector<std::uint8_t> pixels(const Rect& area) {
  std::vector<std::uint8_t> out;
  for (auto y = area.y; y < area.y + area.height; ++y) {
    for (auto x = area.x; x < area.x + area.width; ++x)
      out.insert(out.end(), 3, kAnalysis.bounds().contains(x, y) ? grey(x, y) : 255);
  }
  return out;
}

Spot spot(std::int64_t x, std::int64_t y) {
  Spot out;
  out.center = kAnalysis.to_level0(static_cast<double>(x), static_cast<double>(y));
  return out;
}

SpotSet scattered(std::size_t count) {
  RandomStream random(5, "spots", 0);
  SpotSet out;
  for (std::size_t i = 0; i < count; ++i)
    out.items.push_back(spot(random.below(kSide), random.below(kSide)));
  return out;
}

float expected(const Spot& at) {
  const PointL0 g = kAnalysis.from_level0(at.center);
  const float red = static_cast<float>(grey(std::llround(g.x), std::llround(g.y))) / 255.0F;
  return 1.0F / (1.0F + std::exp(-20.0F * (0.5F - red)));
}

TEST(Probabilities, AreThoseOfTheSpotsInTheirOrder) {
  const auto spots = scattered(100);

  const auto found = probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, spots, {});

  ASSERT_EQ(found.size(), 100U);
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected(spots.items[i]), 1e-6) << i;
}

TEST(Probabilities, DoNotDependOnTheOtherSpots) {
  const auto spots = scattered(40);
  const auto found = probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, spots, {});

  for (std::size_t i = 0; i < found.size(); i += 7) {
    SpotSet one;
    one.items = {spots.items[i]};
    EXPECT_EQ(probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, one, {})[0], found[i]);
  }
}

TEST(Probabilities, RefuseASpotOffTheSlide) {
  SpotSet spots;
  spots.items = {spot(10, 10), spot(kSide, 10)};
  try {
    probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, spots, {});
    FAIL() << "a spot off the slide was scored";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("candidate 1 at (6000.5, 20.5) lies off the slide"));
  }
}

TEST(Probabilities, StopWhenAskedAndReportProgress) {
  Hooks hooks;
  double done = 0;
  hooks.progress = [&](const std::string&, double fraction) {
    EXPECT_GT(fraction, done);
    done = fraction;
  };
  probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, scattered(50), hooks);
  EXPECT_EQ(done, 1.0);

  int asked = 0;
  hooks.progress = [](const std::string&, double) {};
  hooks.stop = [&] { return ++asked == 3; };
  EXPECT_THROW(probabilities(nn::DarkPixelNetwork(), kAnalysis, pixels, scattered(50), hooks),
               Interrupted);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace mito::classify_candidates
