#include "engine/stats/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Bootstrap, MoreReplicatesKeepTheFirstOnes) {
  const auto few = resamples(7, 3, 11);
  const auto many = resamples(7, 50, 11);

  for (std::size_t r = 0; r < few.size(); ++r) EXPECT_EQ(few[r], many[r]);
  EXPECT_NE(many, resamples(7, 50, 12));
}

TEST(Bootstrap, DrawsEveryCaseAboutEquallyOften) {
  std::vector<int> drawn(5);
  for (const auto& draw : resamples(5, 2000, 1)) {
    EXPECT_EQ(draw.size(), 5U);
    for (const auto i : draw) ++drawn.at(i);
  }

  // Binomial(10000, 1/5): sd 40, so four of them.
  for (const int count : drawn) EXPECT_NEAR(count, 2000, 160);
}

TEST(Bootstrap, AnIntervalPassesOverWhatIsUndefined) {
  const std::vector<std::optional<double>> values{std::nullopt, 1.0, 3.0, std::nullopt};

  const auto interval = percentile_interval95(values);

  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->low, 1.05);
  EXPECT_DOUBLE_EQ(interval->high, 2.95);
  EXPECT_FALSE(percentile_interval95(std::vector<std::optional<double>>{std::nullopt}));
}

TEST(Bootstrap, RefusesANegativeNumberOfReplicates) {
  EXPECT_THROW(resamples(3, -1, 1), DataError);
}

}  // namespace
}  // namespace mito::stats
