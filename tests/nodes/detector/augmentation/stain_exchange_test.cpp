#include "nodes/detector/augmentation/stain_exchange.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::image {
namespace {

constexpr std::size_t kPixels = 4096;

/// Pixels whose densities are uniform about `mean` of each channel, `spread` to each side.
std::vector<std::uint8_t> stained(std::array<double, 3> mean, double spread, std::uint64_t seed) {
  RandomStream random(seed, "stain_exchange_test", 0);
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < kPixels; ++i)
    for (const double m : mean)
      out.push_back(static_cast<std::uint8_t>(
          std::lround(255 * std::exp(-random.uniform(m - spread, m + spread)))));
  return out;
}

std::vector<std::uint8_t> bytes_of(const std::vector<float>& values) {
  std::vector<std::uint8_t> out;
  for (const float v : values) out.push_back(static_cast<std::uint8_t>(std::lround(255 * v)));
  return out;
}

TEST(StainExchange, GivesAPatchTheMomentsOfTheOther) {
  const auto patch = stained({0.5, 0.7, 0.4}, 0.2, 1);
  const auto other = stained({0.8, 0.6, 0.9}, 0.3, 2);
  const auto own = density_moments(patch);
  const auto wanted = density_moments(other);
  std::vector<float> out(patch.size());

  exchange_stain(patch, own, wanted, 1, out);

  const auto got = density_moments(bytes_of(out));
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(got.mean[c], wanted.mean[c], 0.01);  // 8-bit rounding
    EXPECT_NEAR(got.sd[c], wanted.sd[c], 0.01);
  }
}

TEST(StainExchange, GoesOnlyItsShareOfTheWay) {
  const auto patch = stained({0.5, 0.7, 0.4}, 0.2, 1);
  const auto own = density_moments(patch);
  auto wanted = own;
  wanted.mean[0] += 0.4;
  std::vector<float> out(patch.size());

  exchange_stain(patch, own, wanted, 0, out);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(out[i], static_cast<float>(patch[i]) / 255, 1e-6);

  exchange_stain(patch, own, wanted, 0.25, out);
  EXPECT_NEAR(density_moments(bytes_of(out)).mean[0], own.mean[0] + 0.1, 0.01);
}

TEST(StainExchange, GlassStaysWhite) {
  auto patch = stained({0.5, 0.7, 0.4}, 0.2, 1);
  patch.insert(patch.end(), {255, 255, 255});
  const auto own = density_moments(patch);
  EXPECT_EQ(own.pixels, static_cast<std::int64_t>(kPixels));
  std::vector<float> out(patch.size());

  exchange_stain(patch, own, density_moments(stained({1.2, 1.1, 0.9}, 0.1, 2)), 1, out);

  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(out[3 * kPixels + c], 1.0F);
}

TEST(StainExchange, APatchWithoutTissueKeepsItsStainAndGivesNone) {
  const auto patch = stained({0.5, 0.7, 0.4}, 0.2, 1);
  const std::vector<std::uint8_t> glass(patch.size(), 250);
  std::vector<float> out(patch.size());

  exchange_stain(patch, density_moments(patch), density_moments(glass), 1, out);

  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(out[i], static_cast<float>(patch[i]) / 255, 1e-6);
}

TEST(StainExchange, RefusesABufferOfAnotherSize) {
  const auto patch = stained({0.5, 0.7, 0.4}, 0.2, 1);
  std::vector<float> out(patch.size() - 3);

  EXPECT_THROW(exchange_stain(patch, {}, {}, 1, out), DataError);
}

}  // namespace
}  // namespace mito::image
