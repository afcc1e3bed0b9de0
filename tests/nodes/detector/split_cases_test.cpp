#include "nodes/detector/split_cases/split_cases.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito::split_cases {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Two slides of each of `cases` cases.
CandidatePool pool_of(int cases) {
  CandidatePool pool;
  for (int i = 0; i < cases; ++i) {
    const std::string name = "case" + std::to_string(i);
    pool.slides.push_back({name + "_a", name + "_a", name});
    pool.slides.push_back({name + "_b", name + "_b", name});
  }
  return pool;
}

std::map<CaseSet, std::set<std::string>> cases_of(const CandidatePool& pool) {
  std::map<CaseSet, std::set<std::string>> out;
  for (const auto& slide : pool.slides) out[slide.set].insert(slide.case_id);
  return out;
}

std::string problem(const Params& params, const CandidatePool& pool) {
  return test::problem([&] { static_cast<void>(split(params, pool)); });
}

TEST(SplitCases, DrawsAsManyCasesAsThePaperHas) {
  const auto sets = cases_of(split({}, pool_of(20)));

  EXPECT_EQ(sets.at(CaseSet::Training).size(), 11U);
  EXPECT_EQ(sets.at(CaseSet::Validation).size(), 3U);
  EXPECT_EQ(sets.at(CaseSet::Test).size(), 4U);
  EXPECT_EQ(sets.at(CaseSet::Unused).size(), 2U);
}

TEST(SplitCases, NeverDividesACase) {
  const auto pool = split({}, pool_of(18));

  for (std::size_t i = 0; i < pool.slides.size(); i += 2)
    EXPECT_EQ(pool.slides[i].set, pool.slides[i + 1].set) << pool.slides[i].case_id;
}

TEST(SplitCases, ADrawDependsOnTheSeedAndNotOnTheOrderOfSlides) {
  auto turned = pool_of(18);
  std::ranges::reverse(turned.slides);
  Params other;
  other.seed = 2;

  const auto sets = cases_of(split({}, pool_of(18)));

  EXPECT_EQ(cases_of(split({}, turned)), sets);
  EXPECT_NE(cases_of(split(other, pool_of(18))), sets);
}

TEST(SplitCases, TakesNamedCasesAndSaysWhereOthersGo) {
  Params params;
  params.mode = "lists";
  params.validation_cases = {"case1"};
  params.test_cases = {"case3"};
  EXPECT_EQ(cases_of(split(params, pool_of(4))).at(CaseSet::Unused).size(), 2U);

  params.others = "training";
  const auto sets = cases_of(split(params, pool_of(4)));

  EXPECT_EQ(sets.at(CaseSet::Training), (std::set<std::string>{"case0", "case2"}));
  EXPECT_EQ(sets.at(CaseSet::Validation), std::set<std::string>{"case1"});
  EXPECT_EQ(sets.at(CaseSet::Test), std::set<std::string>{"case3"});
}

TEST(SplitCases, ACaseInTwoSetsIsNamed) {
  Params params;
  params.mode = "lists";
  params.training_cases = {"c1", "c2"};
  params.test_cases = {"c3", "c2"};

  EXPECT_EQ(check(params), "case 'c2' is named in training_cases and again in test_cases");
}

TEST(SplitCases, ParametersThatContradictTheModeAreRefused) {
  Params params;
  EXPECT_EQ(check(params), "");
  params.training_cases = {"c1"};
  EXPECT_THAT(check(params), HasSubstr("set mode: lists"));
  params = {};
  params.mode = "lists";
  EXPECT_THAT(check(params), HasSubstr("needs training_cases"));
  params.others = "test";
  EXPECT_EQ(check(params), "");
  params = {};
  params.training_count = params.validation_count = params.test_count = 0;
  EXPECT_THAT(check(params), HasSubstr("no case would be drawn"));
}

TEST(SplitCases, AnUnknownCaseIsAnsweredWithTheNearestOne) {
  Params params;
  params.mode = "lists";
  params.test_cases = {"cass2"};

  EXPECT_THAT(problem(params, pool_of(4)),
              AllOf(HasSubstr("test_cases names case 'cass2'"), HasSubstr("did you mean 'case2'")));
}

TEST(SplitCases, MoreCasesThanThereAreCannotBeDrawn) {
  EXPECT_THAT(problem({}, pool_of(17)),
              HasSubstr("11 training, 3 validation and 4 test cases are asked for, but the slides "
                        "are of 17 cases"));
}

TEST(SplitCases, ASlideWithoutACaseIsNamed) {
  auto pool = pool_of(18);
  pool.slides[3].case_id.clear();
  EXPECT_THAT(problem({}, pool), HasSubstr("'case1_b' has no case"));
}

TEST(SetSlides, AreThoseOfOneSetInTheOrderOfThePool) {
  Params params;
  params.mode = "lists";
  params.validation_cases = {"case1", "case3"};
  params.others = "training";
  const auto pool = split(params, pool_of(4));

  std::vector<std::string> cases;
  for (const auto& slide : slides_of(CaseSet::Validation, pool)) cases.push_back(slide.case_id);

  EXPECT_THAT(cases, AllOf(Not(IsEmpty()), Each(AnyOf("case1", "case3"))));
  EXPECT_EQ(slides_of(CaseSet::Training, pool).size() + cases.size(), pool.slides.size());
  EXPECT_THROW(slides_of(CaseSet::Test, pool), DataError);
}

}  // namespace
}  // namespace mito::split_cases
