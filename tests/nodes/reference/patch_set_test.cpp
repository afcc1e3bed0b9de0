#include "nodes/reference/patch_set/patch_set.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::patch_set {
namespace {

/// `n` patches of `size` px in cases a, b, c, ... of two patches each (label 0, label 1); patch i
/// has the value 10 i at its object and 1 elsewhere.
LabelledPatches patches(std::size_t n, std::int64_t size = 130) {
  LabelledPatches out;
  out.size = size;
  const auto bytes = static_cast<std::size_t>(3 * size * size);
  out.rgb.assign(n * bytes, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto middle = static_cast<std::size_t>(size / 2);
    out.rgb[i * bytes + (middle * static_cast<std::size_t>(size) + middle) * 3] =
        static_cast<std::uint8_t>(10 * i);
    out.labels.push_back(static_cast<std::uint8_t>(i % 2));
    out.samples.push_back("s" + std::to_string(i));
    out.cases.emplace_back(1, static_cast<char>('a' + i / 2));
  }
  return out;
}

std::set<std::string> cases_of(const PatchSet& set) {
  std::set<std::string> out;
  for (const auto i : set.slide) out.insert(set.slides[i].case_id);
  return out;
}

TEST(PatchSet, KeepsTheMiddleOfEachPatchWithTheObjectAt64) {
  for (const std::int64_t size : {128, 129, 130, 200}) {
    const auto set = of({}, patches(4, size), nullptr);

    ASSERT_EQ(set.size_px, 128);
    ASSERT_EQ(set.rgb.size(), 4U * 3 * 128 * 128);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(set.rgb[i * 3 * 128 * 128 + (64 * 128 + 64) * 3], 10 * i) << size;
    EXPECT_THAT(set.label, testing::ElementsAre(0, 1, 0, 1));
    EXPECT_THAT(set.in_pool, testing::Each(-1));
  }
}

TEST(PatchSet, TrainingAndValidationShareNoCaseAndLoseNone) {
  Params params{.validation_fraction = 0.3, .exclude_cases = {"c"}, .seed = 5};
  const auto training = of(params, patches(20, 128), nullptr);
  params.part = "validation";
  const auto validation = of(params, patches(20, 128), nullptr);

  const auto first = cases_of(training);
  const auto second = cases_of(validation);

  EXPECT_EQ(first.size() + second.size(), 9U);
  EXPECT_EQ(second.size(), 3U);
  for (const auto& name : second) EXPECT_FALSE(first.contains(name)) << name;
  EXPECT_FALSE(first.contains("c") || second.contains("c"));
  EXPECT_EQ(training.slides.front().set, CaseSet::Training);
  EXPECT_EQ(validation.slides.front().set, CaseSet::Validation);
}

TEST(PatchSet, TheSeedChoosesTheCases) {
  const std::vector<std::string> cases{"a", "b", "c", "d", "e", "f", "g", "h"};
  std::set<std::vector<std::string>> seen;
  for (std::int64_t seed = 0; seed < 20; ++seed)
    seen.insert(split({.validation_fraction = 0.25, .seed = seed}, cases).validation);
  EXPECT_GT(seen.size(), 5U);
  const Params params{.validation_fraction = 0.25, .seed = 1};
  auto backward = cases;
  std::ranges::reverse(backward);
  EXPECT_EQ(split(params, cases).validation, split(params, backward).validation);
}

TEST(PatchSet, DrawsAsManyCasesAsAreCounted) {
  std::vector<std::string> cases;
  for (int k = 0; k < 20; ++k) cases.push_back("case " + std::to_string(k));
  Params params{.exclude_cases = {"case 3"}, .training_count = 10, .validation_count = 8};
  const auto both = split(params, cases);

  EXPECT_THAT(both.training, testing::SizeIs(10));
  EXPECT_THAT(both.validation, testing::SizeIs(8));
  std::set<std::string> all(both.training.begin(), both.training.end());
  all.insert(both.validation.begin(), both.validation.end());
  EXPECT_THAT(all, testing::SizeIs(18));
  EXPECT_THAT(all, testing::Not(testing::Contains("case 3")));

  params.training_count = 0;  // all the others
  EXPECT_EQ(split(params, cases).validation, both.validation);
  EXPECT_THAT(split(params, cases).training, testing::SizeIs(11));
}

TEST(PatchSet, JoinsTwoListsAndTakesTheSeedOfTheNetwork) {
  const auto more = patches(2, 128);
  const auto set = of({.seed = 7}, patches(4), &more);

  EXPECT_EQ(set.count(), 6U);
  EXPECT_EQ(set.seed, 7U);
  EXPECT_EQ(set.slides.size(), 2U);  // both lists know case a
}

TEST(PatchSet, SaysWhatIsWrong) {
  const auto fails = [](const Params& params, const LabelledPatches& list, const char* with) {
    try {
      of(params, list, nullptr);
      ADD_FAILURE() << "no error: " << with;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(with));
    }
  };
  fails({.validation_cases = {"z"}}, patches(4), "validation_cases names case 'z'");
  fails({.validation_fraction = 0.5}, patches(2), "there is only 'a'");
  fails({.training_count = 2, .validation_count = 1}, patches(4),
        "ask for 1 and 2 cases, but patches are of 2: a, b");
  fails({.validation_count = 2}, patches(4), "ask for 2 and 1 cases");
  fails({}, patches(4, 100), "at least 128 px");
  fails({}, patches(1), "label 1");
  auto bad = patches(4);
  bad.labels[2] = 7;
  fails({}, bad, "s2 has label 7");
  bad = patches(4);
  bad.cases.pop_back();
  fails({}, bad, "contradict");
  EXPECT_THAT(check({.part = "validation"}), testing::HasSubstr("needs"));
  EXPECT_THAT(check({.validation_fraction = 0.1, .validation_cases = {"a"}}),
              testing::HasSubstr("give one of"));
  EXPECT_THAT(check({.validation_fraction = 0.1, .validation_count = 1}),
              testing::HasSubstr("give one of"));
  EXPECT_THAT(check({.training_count = 1}), testing::HasSubstr("needs 'validation_count'"));
  EXPECT_EQ(check({.part = "validation", .validation_cases = {"a"}}), "");
}

}  // namespace
}  // namespace mito::patch_set
