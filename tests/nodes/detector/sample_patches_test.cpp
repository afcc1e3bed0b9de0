#include "nodes/detector/sample_patches/sample_patches.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito::sample_patches {
namespace {

using test::problem;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Slides "train1" and "train2" with 100 candidates each and "valid" with 50; every tenth positive.
CandidatePool drawn_pool() {
  CandidatePool pool;
  pool.slides = {{"train1", "1", "a", CaseSet::Training},
                 {"valid", "2", "b", CaseSet::Validation},
                 {"train2", "3", "c", CaseSet::Training},
                 {"spare", "4", "d", CaseSet::Unused}};
  const std::vector<int> counts{100, 50, 100, 30};
  for (std::uint32_t s = 0; s < 4; ++s) {
    for (int i = 0; i < counts[s]; ++i) {
      pool.slide.push_back(s);
      pool.at.push_back({i, static_cast<std::int32_t>(s)});
      pool.label.push_back(i % 10 == 0 ? 1 : 0);
    }
  }
  return pool;
}

PoolScores scores_of(const CandidatePool& pool, float p) {
  return {std::vector<float>(pool.size(), p), "model"};
}

std::string member_problem(const MemberParams& params,
                           const CandidatePool& pool,
                           const PoolScores* scores = nullptr) {
  return problem([&] { static_cast<void>(sample_members(params, pool, scores)); });
}

MemberParams hard(std::int64_t negatives) {
  MemberParams params;
  params.mode = "hard";
  params.negatives = negatives;
  return params;
}

TEST(SamplePatches, DrawsWithoutReplacementFromItsSetOnly) {
  const auto pool = drawn_pool();
  const auto set = sample({"training", "uniform", 7, 60, 5}, pool, nullptr);

  ASSERT_EQ(set.count(), 67U);
  EXPECT_EQ(std::ranges::count(set.label, 1), 7);
  EXPECT_EQ(std::set<std::int64_t>(set.in_pool.begin(), set.in_pool.end()).size(), 67U);
  ASSERT_EQ(set.slides.size(), 2U);
  EXPECT_EQ(set.slides[1].name, "train2");
  EXPECT_EQ(set.seed, 5U);
  for (std::size_t i = 0; i < set.count(); ++i) {
    const auto from = static_cast<std::size_t>(set.in_pool[i]);
    EXPECT_EQ(set.slides[set.slide[i]], pool.slides[pool.slide[from]]);
    EXPECT_EQ(set.at[i], pool.at[from]);
    EXPECT_EQ(set.label[i], pool.label[from]);
  }
}

TEST(SamplePatches, ZeroTakesAll) {
  const auto set = sample({"validation", "uniform", 0, 0, 1}, drawn_pool(), nullptr);

  EXPECT_EQ(std::ranges::count(set.label, 1), 5);
  EXPECT_EQ(std::ranges::count(set.label, 0), 45);
}

TEST(SamplePatches, DependsOnTheSeed) {
  const auto pool = drawn_pool();
  EXPECT_EQ(sample({"training", "uniform", 0, 60, 5}, pool, nullptr).in_pool,
            sample({"training", "uniform", 0, 60, 5}, pool, nullptr).in_pool);
  EXPECT_NE(sample({"training", "uniform", 0, 60, 6}, pool, nullptr).in_pool,
            sample({"training", "uniform", 0, 60, 5}, pool, nullptr).in_pool);
}

TEST(SamplePatches, EveryCandidateIsDrawnAlike) {
  const auto pool = drawn_pool();
  std::vector<int> drawn(pool.size(), 0);
  for (std::int64_t seed = 0; seed < 2000; ++seed) {
    for (const auto i : sample({"validation", "uniform", 0, 9, seed}, pool, nullptr).in_pool)
      ++drawn[static_cast<std::size_t>(i)];
  }
  // 9 of 45 in 2000 draws: 400 each, standard deviation 17.9.
  for (std::size_t i = 100; i < 150; ++i) {
    if (pool.label[i] != 0) continue;
    EXPECT_NEAR(drawn[i], 400, 4 * 17.9) << i;
  }
}

TEST(SamplePatches, MoreThanThereIsIsRefused) {
  EXPECT_THAT(problem([] {
                sample({"validation", "uniform", 6, 0, 1}, drawn_pool(), nullptr);
              }),
              HasSubstr("6 positives are asked for, but the validation set has 5"));
  EXPECT_THAT(problem([] {
                sample({"validation", "uniform", 0, 46, 1}, drawn_pool(), nullptr);
              }),
              HasSubstr("46 negatives are asked for, but the validation set has 45"));
}

TEST(SamplePatches, HardDrawsByProbability) {
  const auto pool = drawn_pool();
  PoolScores scores;
  scores.probability.assign(pool.size(), 0.0F);
  std::vector<std::int64_t> likely;
  for (std::size_t i = 0; i < pool.size() && likely.size() < 2; ++i) {
    if (pool.label[i] != 0 || pool.slides[pool.slide[i]].set != CaseSet::Training) continue;
    scores.probability[i] = 0.5F;
    likely.push_back(static_cast<std::int64_t>(i));
  }

  const auto set = sample({"training", "hard", 7, 60, 5}, pool, &scores);

  ASSERT_EQ(set.count(), 67U);
  for (std::size_t i = 7; i < set.count(); ++i)
    EXPECT_TRUE(set.in_pool[i] == likely[0] || set.in_pool[i] == likely[1]);
  EXPECT_THAT(problem([&] {
                sample({"training", "hard", 7, 60, 5}, pool, nullptr);
              }),
              HasSubstr("connect the input 'scores'"));
}

TEST(SamplePatches, AnAbsentSetOrClassIsNamed) {
  EXPECT_THAT(problem([] {
                sample({"test", "uniform", 0, 0, 1}, drawn_pool(), nullptr);
              }),
              HasSubstr("no slide is in the test set"));
  auto pool = drawn_pool();
  std::ranges::fill(pool.label, 0);
  EXPECT_THAT(problem([&] {
                sample({"training", "uniform", 0, 0, 1}, pool, nullptr);
              }),
              HasSubstr("the training set of 2 slides has no positive candidate"));
}

TEST(SamplePatches, PositivesAloneAreEnoughWhereTheyAreAskedFor) {
  auto pool = drawn_pool();
  std::ranges::fill(pool.label, 1);
  Params params{"training", "uniform", 0, 0, 1};
  EXPECT_THAT(problem([&] { sample(params, pool, nullptr); }), HasSubstr("no negative candidate"));
  params.positives_alone = true;
  const auto set = sample(params, pool, nullptr);
  EXPECT_EQ(std::ranges::count(set.label, 1), std::ssize(set.label));
  std::ranges::fill(pool.label, 0);
  EXPECT_THAT(problem([&] { sample(params, pool, nullptr); }), HasSubstr("no positive candidate"));
}

TEST(SampleMembers, EachHasAllPositivesNegativesAndASeedOfItsOwn) {
  MemberParams params;
  params.members = 3;
  params.negatives = 50;
  params.seed = 40;

  const auto members = sample_members(params, drawn_pool(), nullptr);

  ASSERT_EQ(members.size(), 3U);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(std::ranges::count(members[k].label, 1), 20);
    EXPECT_EQ(std::ranges::count(members[k].label, 0), 50);
    EXPECT_EQ(std::set<std::int64_t>(members[k].in_pool.begin(), members[k].in_pool.end()).size(),
              70U);
    EXPECT_EQ(members[k].seed, 41U + k);
    EXPECT_EQ(members[k].member, static_cast<std::int64_t>(k));
  }
  EXPECT_NE(members[0].in_pool, members[1].in_pool);
}

TEST(SampleMembers, AMemberDoesNotDependOnHowManyThereAre) {
  const auto pool = drawn_pool();
  const auto scores = scores_of(pool, 0.5F);
  auto params = hard(50);
  const auto alone = sample_members(params, pool, &scores);
  params.members = 4;

  EXPECT_EQ(sample_members(params, pool, &scores)[0].in_pool, alone[0].in_pool);
}

TEST(SampleMembers, HardNegativesAreDrawnAsOftenAsTheirProbabilitySays) {
  const auto pool = drawn_pool();
  auto scores = scores_of(pool, 0);
  double total = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (i % 3 != 0) scores.probability[i] = static_cast<float>(i % 17) / 17.0F;
    // What is not a negative of the training set must not count, whatever it scores.
    const bool counts = pool.slide[i] % 2 == 0 && pool.label[i] == 0;
    if (!counts) scores.probability[i] = std::numeric_limits<float>::quiet_NaN();
    if (counts) total += static_cast<double>(scores.probability[i]);
  }
  constexpr double kDraws = 1e6;

  const auto members = sample_members(hard(1000000), pool, &scores);

  std::vector<double> drawn(pool.size(), 0);
  for (std::size_t i = 0; i < members[0].count(); ++i) {
    if (members[0].label[i] == 0) ++drawn[static_cast<std::size_t>(members[0].in_pool[i])];
  }
  for (std::size_t i = 0; i < pool.size(); ++i) {
    const bool counts = pool.slide[i] % 2 == 0 && pool.label[i] == 0;
    const double p = counts ? static_cast<double>(scores.probability[i]) / total : 0;
    EXPECT_NEAR(drawn[i], kDraws * p, 4 * std::sqrt(kDraws * p * (1 - p))) << i;
  }
}

TEST(SampleMembers, HardNegativesKeepAllPositivesAndBootstrapEachMember) {
  const auto pool = drawn_pool();
  const auto scores = scores_of(pool, 0.25F);
  auto params = hard(0);
  params.members = 2;

  const auto members = sample_members(params, pool, &scores);

  EXPECT_EQ(std::ranges::count(members[0].label, 1), 20);
  EXPECT_EQ(std::ranges::count(members[0].label, 0), 180);
  // With replacement: 180 of 180 leave out about a third.
  EXPECT_LT(std::set<std::int64_t>(members[0].in_pool.begin(), members[0].in_pool.end()).size(),
            160U);
  EXPECT_NE(members[0].in_pool, members[1].in_pool);
}

TEST(SampleMembers, AShareOfTheHardNegativesIsDrawnWithoutRegardToTheirProbability) {
  const auto pool = drawn_pool();
  auto scores = scores_of(pool, 0);
  scores.probability[171] = 1e-6F;
  auto params = hard(40);
  params.uniform_share = 0.25;

  const auto members = sample_members(params, pool, &scores);

  std::vector<std::int64_t> negatives(members[0].in_pool.begin() + 20, members[0].in_pool.end());
  ASSERT_EQ(negatives.size(), 40U);
  EXPECT_GE(std::ranges::count(negatives, 171), 30);
  EXPECT_GE(std::set<std::int64_t>(negatives.begin(), negatives.end()).size(), 10U);
}

TEST(SampleMembers, AUniformShareOfOneIsADrawWithoutReplacement) {
  const auto pool = drawn_pool();
  const auto scores = scores_of(pool, 0.5F);
  auto params = hard(0);
  params.uniform_share = 1;

  const auto members = sample_members(params, pool, &scores);

  EXPECT_EQ(std::set<std::int64_t>(members[0].in_pool.begin(), members[0].in_pool.end()).size(),
            200U);
}

TEST(SampleMembers, OneCandidateThatAloneIsLikelyIsAlwaysDrawn) {
  const auto pool = drawn_pool();
  auto scores = scores_of(pool, 0);
  scores.probability[171] = 1e-6F;

  const auto members = sample_members(hard(40), pool, &scores);

  EXPECT_THAT((std::vector(members[0].in_pool.begin() + 20, members[0].in_pool.end())), Each(171));
}

TEST(SampleMembers, WhatCannotBeDrawnIsExplained) {
  const auto pool = drawn_pool();
  EXPECT_THAT(member_problem(hard(10), pool), HasSubstr("connect the input 'scores'"));

  const auto none = scores_of(pool, 0);
  EXPECT_THAT(member_problem(hard(10), pool, &none),
              HasSubstr("all 180 negatives of the training set have probability 0"));

  auto partly = scores_of(pool, 0.5F);
  partly.probability[171] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(member_problem(hard(10), pool, &partly), HasSubstr("of slide 'train2'"));

  partly.probability.pop_back();
  EXPECT_THAT(member_problem(hard(10), pool, &partly), HasSubstr("279 scores for 280 candidates"));

  EXPECT_THAT(member_problem(MemberParams{}, pool),
              HasSubstr("100000 negatives are asked for, but the training set has 180"));
}

/// How many patches of each label come from slides of each case.
std::map<std::string, int> by_case(const PatchSet& set, std::uint8_t label) {
  std::map<std::string, int> out;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (set.label[i] == label) ++out[set.slides[set.slide[i]].case_id];
  return out;
}

/// Of case "a" 2 positives, of "c" 20; negatives 98 and 80.
CandidatePool uneven_pool() {
  auto pool = drawn_pool();
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (pool.slide[i] == 0) pool.label[i] = pool.at[i].x < 2 ? 1 : 0;
    if (pool.slide[i] == 2) pool.label[i] = pool.at[i].x < 20 ? 1 : 0;
  }
  return pool;
}

TEST(SampleShares, AGroupOfCasesComesAsOftenAsItsShareNeeds) {
  MemberParams params;
  params.negatives = 100;
  params.sources = {"a"};
  params.positive_shares = {0.5};
  params.negative_shares = {0.2};

  const auto set = sample_members(params, uneven_pool(), nullptr).front();

  // No positive is left out: 20 of "c" are half, so the 2 of "a" come 10 times each.
  EXPECT_EQ(by_case(set, 1), (std::map<std::string, int>{{"a", 20}, {"c", 20}}));
  EXPECT_EQ(by_case(set, 0), (std::map<std::string, int>{{"a", 20}, {"c", 80}}));
  EXPECT_EQ(std::set(set.in_pool.begin(), set.in_pool.end()).size(), 22U + 100U);
}

TEST(SampleShares, NegativesComeAgainWhereAGroupHasTooFew) {
  MemberParams params;
  params.negatives = 250;
  params.sources = {"a", "c"};
  params.negative_shares = {0.8, 0.2};

  const auto set = sample_members(params, uneven_pool(), nullptr).front();

  EXPECT_EQ(by_case(set, 0), (std::map<std::string, int>{{"a", 200}, {"c", 50}}));
  std::map<std::int64_t, int> times;
  for (std::size_t i = 0; i < set.count(); ++i)
    if (set.label[i] == 0 && set.slides[set.slide[i]].case_id == "a") ++times[set.in_pool[i]];
  EXPECT_EQ(times.size(), 98U);
  for (const auto& [candidate, n] : times) EXPECT_TRUE(n == 2 || n == 3) << candidate;
}

TEST(SampleShares, HardNegativesAreDrawnWithinTheirGroup) {
  const auto pool = uneven_pool();
  auto scores = scores_of(pool, 0.001F);
  for (std::size_t i = 0; i < pool.size(); ++i)
    if (pool.slide[i] == 2) scores.probability[i] = 0.9F;
  auto params = hard(200);
  params.sources = {"a"};
  params.negative_shares = {0.5};

  const auto set = sample_members(params, pool, &scores).front();

  EXPECT_EQ(by_case(set, 0), (std::map<std::string, int>{{"a", 100}, {"c", 100}}));
}

TEST(SampleShares, WhatDoesNotFitTogetherIsExplained) {
  MemberParams params;
  params.sources = {"a", "b("};
  EXPECT_THAT(check(params), HasSubstr("'b(' is no regular expression"));
  params.sources = {"a", "b"};
  EXPECT_THAT(check(params), HasSubstr("no effect"));
  params.positive_shares = {0.5};
  EXPECT_THAT(check(params), HasSubstr("positive_shares must be 2 numbers"));
  params.positive_shares = {0.5, 0.6};
  EXPECT_THAT(check(params), HasSubstr("more than 1"));
  params.positive_shares = {0.5, 0.5};
  EXPECT_EQ(check(params), "");
  params.negatives = 10;
  EXPECT_THAT(member_problem(params, uneven_pool()),
              HasSubstr("the cases 'b' have a share of 0.5 of the positives, but there are none"));
}

}  // namespace
}  // namespace mito::sample_patches
