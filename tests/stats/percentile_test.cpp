#include "engine/stats/percentile.h"

#include <limits>

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::stats {
namespace {

TEST(Percentile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(*percentile({4, 1, 3, 2}, 50), 2.5);
  EXPECT_DOUBLE_EQ(*percentile({4, 1, 3, 2}, 95), 3.85);
}

TEST(Percentile, EndsAreTheExtremes) {
  EXPECT_EQ(*percentile({5, -1, 3}, 0), -1);
  EXPECT_EQ(*percentile({5, -1, 3}, 100), 5);
}

TEST(Percentile, OfOneValueIsThatValue) { EXPECT_EQ(*percentile({7}, 95), 7); }

TEST(Percentile, OfNothingIsUndefined) { EXPECT_FALSE(percentile({}, 95).has_value()); }

TEST(Percentile, RefusesMoreThan100PercentAndNaN) {
  EXPECT_THROW(percentile({1}, 101), DataError);
  EXPECT_THROW(percentile({std::numeric_limits<double>::quiet_NaN()}, 50), DataError);
}

}  // namespace
}  // namespace mito::stats
