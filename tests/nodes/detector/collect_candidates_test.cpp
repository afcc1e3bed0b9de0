#include "nodes/detector/collect_candidates/collect_candidates.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "nodes/detector/candidates/candidate_key.h"

namespace mito::collect_candidates {
namespace {

Candidate candidate(std::int64_t x, std::int64_t y, int intensity) {
  return {{static_cast<double>(x), static_cast<double>(y)},
          x,
          y,
          static_cast<float>(intensity) / 765.0F};
}

TEST(CollectCandidates, OrdersByIntensityThenHash) {
  const auto a = candidate(5, 9, 100);
  const auto b = candidate(900, 2, 100);
  const auto dark = candidate(70, 70, 99);
  const bool a_first = image::position_hash(5, 9) < image::position_hash(900, 2);

  const auto sorted = darkest_first({b, a, dark});

  EXPECT_EQ(sorted, (a_first ? std::vector{dark, a, b} : std::vector{dark, b, a}));
}

TEST(CollectCandidates, DoesNotDependOnTheOrderOfTheTiles) {
  std::vector<Candidate> all;
  for (int k = 0; k < 766; ++k) all.push_back(candidate(37 * k % 101, k, k / 3));
  const auto expected = darkest_first(all);

  std::reverse(all.begin(), all.end());

  EXPECT_EQ(darkest_first(all), expected);
}

TEST(CollectCandidates, TakesNothing) { EXPECT_TRUE(darkest_first({}).empty()); }

}  // namespace
}  // namespace mito::collect_candidates
