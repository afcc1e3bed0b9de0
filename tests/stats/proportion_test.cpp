#include "engine/stats/proportion.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(WilsonInterval, OfTheObserverStudyOfThePaper) {
  const auto interval = wilson_interval95(128, 181);

  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, 0.6371340662454414, 1e-12);
  EXPECT_NEAR(interval->high, 0.7686190612104173, 1e-12);
}

/// Its ends are the shares p whose score test just does not reject: (k/n - p)^2 = z^2 p (1 - p) /
/// n.
TEST(WilsonInterval, EndsWhereTheScoreTestRejects) {
  const double z = 1.959963984540054;
  for (const auto& [count, n] : {std::pair{3, 10}, std::pair{128, 181}, std::pair{1, 1000}}) {
    const auto interval = wilson_interval95(count, n);
    for (const double p : {interval->low, interval->high}) {
      const double off = static_cast<double>(count) / n - p;
      EXPECT_NEAR(off * off, z * z * p * (1 - p) / n, 1e-12);
    }
  }
}

TEST(WilsonInterval, OfNoneAndAllStaysWithinZeroAndOne) {
  const double z2 = 1.959963984540054 * 1.959963984540054;

  EXPECT_NEAR(wilson_interval95(0, 10)->low, 0, 1e-15);
  EXPECT_NEAR(wilson_interval95(0, 10)->high, z2 / (10 + z2), 1e-12);
  EXPECT_DOUBLE_EQ(wilson_interval95(10, 10)->high, 1);
  EXPECT_NEAR(wilson_interval95(10, 10)->low, 10 / (10 + z2), 1e-12);
}

TEST(WilsonInterval, OfNothingIsUndefined) {
  EXPECT_FALSE(wilson_interval95(0, 0).has_value());
  EXPECT_THROW(wilson_interval95(2, 1), DataError);
  EXPECT_THROW(wilson_interval95(-1, 1), DataError);
}

}  // namespace
}  // namespace mito::stats
